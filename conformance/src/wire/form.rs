//! Browser forms by hand: fields, a signed policy, and a file at the end.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use time::Duration;
use time::format_description::well_known::Rfc3339;

use super::request::Request;
use super::signer::Signing;
use crate::failure::Failure;

/// What stands between the parts.
const BOUNDARY: &str = "----conformance-7d1f0c";

/// A form before it is signed; every part may be changed.
#[derive(Debug, Clone)]
pub struct Form {
    /// Bucket that the policy names; `None` for a policy that names none.
    pub policy_bucket: Option<String>,
    /// Seconds from its date until the policy expires.
    pub lasts: i64,
    /// Conditions besides the bucket's and those of the signing fields.
    pub conditions: Vec<Value>,
    /// Fields besides the signing ones, in order.
    pub fields: Vec<(String, String)>,
    /// The file's name on the client's machine.
    pub file_name: String,
    /// The file.
    pub file: Vec<u8>,
}

/// A form with its signature, still open to changes.
#[derive(Debug, Clone)]
pub struct SignedForm {
    /// All fields in order, before the file.
    pub fields: Vec<(String, String)>,
    /// The file's name.
    pub file_name: String,
    /// The file; `None` for a form without one.
    pub file: Option<Vec<u8>>,
}

impl Form {
    /// A form whose policy admits any key of the bucket.
    pub fn new(bucket: &str, key: &str, file: impl Into<Vec<u8>>) -> Self {
        Self {
            policy_bucket: Some(bucket.to_owned()),
            lasts: 600,
            conditions: vec![json!(["starts-with", "$key", ""])],
            fields: vec![("key".to_owned(), key.to_owned())],
            file_name: "photo.png".to_owned(),
            file: file.into(),
        }
    }

    /// Adds a field, and a condition that it has this value.
    #[must_use]
    pub fn covered(mut self, name: &str, value: &str) -> Self {
        self.conditions.push(json!(["eq", format!("${name}"), value]));
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Signs the policy and puts it among the fields.
    pub fn sign(&self, signing: &Signing) -> Result<SignedForm, Failure> {
        let credential = format!("{}/{}", signing.access_key_id, signing.credential_scope()?);
        let signers = [
            ("x-amz-algorithm", signing.algorithm.clone()),
            ("x-amz-credential", credential),
            ("x-amz-date", signing.stamp()?),
        ];
        let mut conditions = self.conditions.clone();
        conditions.extend(self.policy_bucket.as_ref().map(|bucket| json!({ "bucket": bucket })));
        conditions.extend(signers.iter().map(|(name, value)| json!({ *name: value })));
        let expires = (signing.date + Duration::seconds(self.lasts)).format(&Rfc3339)?;
        let policy = json!({ "expiration": expires, "conditions": conditions }).to_string();
        let policy = STANDARD.encode(policy);
        let signature = signing.sign_text(&policy)?;
        let mut fields = self.fields.clone();
        fields.extend(signers.map(|(name, value)| (name.to_owned(), value)));
        fields.push(("policy".to_owned(), policy));
        fields.push(("x-amz-signature".to_owned(), signature));
        Ok(SignedForm { fields, file_name: self.file_name.clone(), file: Some(self.file.clone()) })
    }
}

impl SignedForm {
    /// The value of a field, to be changed.
    pub fn field_mut(&mut self, name: &str) -> Result<&mut String, Failure> {
        let found = self.fields.iter_mut().find(|(held, _)| held == name);
        found.map(|(_, value)| value).ok_or_else(|| Failure::new(format!("no field `{name}`")))
    }

    /// The request that a browser makes of it.
    pub fn request(&self, bucket: &str, host: &str) -> Request {
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = Request::new("POST", bucket, "", host).header("content-type", &kind);
        request.holding(self.body())
    }

    fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"");
            body.extend_from_slice(format!("{head}\r\n\r\n{value}\r\n").as_bytes());
        }
        if let Some(file) = &self.file {
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\
                 \r\nContent-Type: application/octet-stream\r\n\r\n",
                self.file_name
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(file);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        body
    }
}
