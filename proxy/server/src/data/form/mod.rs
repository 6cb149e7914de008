//! Uploads by a browser's form: the signed policy in it takes the place of a signed request.

mod answer;
mod read;
mod tagging;

use std::path::Path;

use deltaglider_core::policy::{Permit, authorise};
use deltaglider_core::s3::{
    BucketName, FormRequest, ObjectKey, Operation, OperationKind, Query, S3Error, S3ErrorCode,
    form_upload,
};
use deltaglider_core::sigv4::{AuthError, authenticate_form};
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, Method, Response};
use time::OffsetDateTime;

use self::answer::Place;
use self::read::Form;
use super::pipeline::{DataPlane, Origin, Received, Seen};
use super::refusal::Refusal;
use super::spool::Spool;
use super::{Body, ClientBody, forward, headers, location, respond};
use crate::backend::{Outgoing, OutgoingBody};

/// Whether a request is signed by the form in its body, and in no other way.
pub(super) fn is_form(operation: &Operation, parts: &Parts, query: &Query) -> bool {
    let signs = |name: &str| {
        name.eq_ignore_ascii_case("x-amz-signature")
            || matches!(name, "Signature" | "AWSAccessKeyId")
    };
    operation.kind == OperationKind::PostObject
        && operation.problem.is_none()
        && !parts.headers.contains_key(AUTHORIZATION)
        && !query.iter().any(|(name, _)| signs(name))
}

impl DataPlane {
    /// The road of a form: its fields, the signed policy, the rules, and only then its file.
    pub(super) async fn answer_form(
        &self,
        received: Received<'_>,
        (query, bucket): (&Query, &BucketName),
        body: ClientBody,
        origin: Origin,
        seen: &mut Seen,
    ) -> Result<Response<Body>, Refusal> {
        let parts = received.parts;
        refuse_unsigned(&parts.headers, query)?;
        let form = Form::read(&parts.headers, body).await.map_err(Refusal::Unreadable)?;
        let key = form.fields.key(&form.file_name).map_err(Refusal::Unreadable)?;
        seen.entry.key.clone_from(&key);
        let credential = form.fields.get("x-amz-credential").unwrap_or_default();
        seen.claimed = credential.split('/').next().map(|id| id.chars().take(128).collect());

        let now = OffsetDateTime::now_utc();
        let current = self.iam.current();
        let request = FormRequest { bucket: bucket.as_str(), key: &key, fields: &form.fields };
        let admitted = authenticate_form(&request, &current.snapshot, self.settings.skew, now)?;
        let caller = admitted.caller;
        caller.principal().name().clone_into(&mut seen.entry.user);

        let mut asked = form.fields.headers()?;
        if let Some(document) = form.fields.get("tagging") {
            asked.insert("x-amz-tagging", tagging::header(document)?);
        }
        let key = ObjectKey::parse(&key)?;
        let operation = form_upload(bucket.clone(), key, &asked);
        self.note_caller(&caller, &operation, origin.source, now, seen);
        let permit = authorise(&caller, operation, origin.source, self.backend.names())?;
        self.backend.accepts(permit.operation())?;
        let headers = headers::forwarded(&asked)?;

        let most = (*admitted.lengths.end()).min(forward::LARGEST_OBJECT);
        form.allow(most);
        let (fields, body) =
            spool(form, *admitted.lengths.start()..=most, &self.settings.spool).await?;
        let operation = permit.operation();
        let outgoing = Outgoing {
            method: Method::PUT,
            bucket: Some(bucket.as_str().to_owned()),
            path: forward::path(operation),
            query: String::new(),
            headers,
            body,
        };
        let stored = self.backend.send(outgoing).await?;
        if !stored.status().is_success() {
            return Ok(respond::from_store(stored));
        }
        Ok(answer::stored(&fields, &self.place(&received, &permit), stored))
    }

    fn place<'a>(&self, received: &Received<'_>, permit: &'a Permit) -> Place<'a> {
        let operation = permit.operation();
        Place {
            url: location::url_of(received, operation),
            bucket: operation.bucket().map(BucketName::as_str).unwrap_or_default(),
            key: operation.key().map(ObjectKey::as_str).unwrap_or_default(),
        }
    }
}

/// Reads the file to its end; nothing goes on before its length is what the policy admits.
async fn spool(
    mut form: Form,
    lengths: std::ops::RangeInclusive<u64>,
    folder: &Path,
) -> Result<(deltaglider_core::s3::FormFields, OutgoingBody), S3Error> {
    let (least, most) = (lengths.start(), lengths.end());
    let mut spool = Spool::new(folder);
    while let Some(piece) = form.piece().await? {
        if spool.length() + piece.len() as u64 > *most {
            let text = format!("the file is longer than {most} bytes");
            return Err(S3Error::new(S3ErrorCode::EntityTooLarge, text));
        }
        spool.push(&piece).await?;
    }
    if spool.length() < *least {
        let text = format!("the file is shorter than {least} bytes");
        return Err(S3Error::new(S3ErrorCode::EntityTooSmall, text));
    }
    Ok((form.fields, spool.finish().await?))
}

/// The policy covers the form's fields and nothing else: what S3 means by a header or by a
/// parameter would be unsigned (INT-5).
fn refuse_unsigned(headers: &HeaderMap, query: &Query) -> Result<(), AuthError> {
    let of_s3 = |name: &str| name.len() > 6 && name.to_ascii_lowercase().starts_with("x-amz-");
    let in_headers = headers.keys().map(|name| name.as_str()).filter(|name| *name != "x-amz-cf-id");
    let names = in_headers.chain(query.iter().map(|(name, _)| name));
    let unsigned: Vec<String> = names.filter(|name| of_s3(name)).map(str::to_owned).collect();
    if unsigned.is_empty() { Ok(()) } else { Err(AuthError::Unsigned(unsigned)) }
}
