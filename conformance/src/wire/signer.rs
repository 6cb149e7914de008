//! Signature Version 4 with every part open to deviation; the MAC is the SDK's own.

use aws_sigv4::sign::v4::calculate_signature;
use sha2::{Digest, Sha256};
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::request::{Request, encode};
use crate::failure::Failure;

/// SHA-256 of nothing, in hexadecimal.
pub const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What goes into a signature.
#[derive(Debug, Clone)]
pub struct Signing {
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret: String,
    /// Region of the scope.
    pub region: String,
    /// Service of the scope.
    pub service: String,
    /// Terminator of the scope.
    pub terminator: String,
    /// Date of the scope, where it is not the request's.
    pub scope_day: Option<Date>,
    /// When the request is dated.
    pub date: OffsetDateTime,
    /// Text of that date, where it is not the standard's.
    pub date_text: Option<String>,
    /// Whether the date is signed but never sent.
    pub undated: bool,
    /// Name of the algorithm.
    pub algorithm: String,
    /// Payload hash or sentinel; `None` is the SHA-256 of the body.
    pub payload: Option<String>,
    /// Headers that are not signed though they are sent.
    pub left_out: Vec<String>,
}

/// What a signature leaves for the chunks that follow it.
#[derive(Debug, Clone)]
pub struct Seed {
    /// Hexadecimal signature of the request.
    pub signature: String,
    /// `x-amz-date`.
    pub date: String,
    /// Credential scope.
    pub scope: String,
}

impl Signing {
    /// `x-amz-date` of this signature.
    pub fn stamp(&self) -> Result<String, Failure> {
        if let Some(text) = &self.date_text {
            return Ok(text.clone());
        }
        let form = format_description!("[year][month][day]T[hour][minute][second]Z");
        Ok(self.date.format(form)?)
    }

    /// Signs in the `Authorization` header, adding `x-amz-date` and the payload hash.
    pub fn header(&self, request: &mut Request) -> Result<Seed, Failure> {
        let stamp = self.stamp()?;
        let payload = self.payload_text(request);
        if !self.undated {
            request.headers.push(("x-amz-date".to_owned(), stamp.clone()));
        }
        request.headers.push(("x-amz-content-sha256".to_owned(), payload.clone()));
        let names = self.signed_names(request);
        let seed = self.seed(request, &names, &payload, stamp)?;
        let value = format!(
            "{} Credential={}/{}, SignedHeaders={}, Signature={}",
            self.algorithm,
            self.access_key_id,
            seed.scope,
            names.join(";"),
            seed.signature
        );
        request.headers.push(("authorization".to_owned(), value));
        Ok(seed)
    }

    /// Signs in the query; `expires` is the text of `X-Amz-Expires`, left out where `None`.
    pub fn presign(&self, request: &mut Request, expires: Option<&str>) -> Result<Seed, Failure> {
        let stamp = self.stamp()?;
        let names = self.signed_names(request);
        let credential = format!("{}/{}", self.access_key_id, self.scope()?);
        let mut parameters = vec![
            ("X-Amz-Algorithm", self.algorithm.clone()),
            ("X-Amz-Credential", credential),
            ("X-Amz-SignedHeaders", names.join(";")),
        ];
        parameters.extend((!self.undated).then(|| ("X-Amz-Date", stamp.clone())));
        parameters.extend(expires.map(|text| ("X-Amz-Expires", text.to_owned())));
        for (name, value) in parameters {
            request.query.push((name.to_owned(), encode(&value)));
        }
        let payload = self.payload.as_deref().unwrap_or("UNSIGNED-PAYLOAD");
        let seed = self.seed(request, &names, payload, stamp)?;
        request.query.push(("X-Amz-Signature".to_owned(), seed.signature.clone()));
        Ok(seed)
    }

    /// The signature that a presigned request needs as it now stands.
    pub fn presigned_signature(&self, request: &Request) -> Result<String, Failure> {
        let mut bare = request.clone();
        bare.query.retain(|(name, _)| name != "X-Amz-Signature");
        let payload = self.payload.as_deref().unwrap_or("UNSIGNED-PAYLOAD");
        let names = self.signed_names(&bare);
        Ok(self.seed(&bare, &names, payload, self.stamp()?)?.signature)
    }

    /// A further link of the chain that chunk signatures form.
    pub fn link(&self, seed: &Seed, kind: &str, tail: &str) -> Result<String, Failure> {
        let Seed { signature, date, scope } = seed;
        self.mac(&format!("{kind}\n{date}\n{scope}\n{signature}\n{tail}"))
    }

    fn seed(
        &self,
        request: &Request,
        names: &[String],
        payload: &str,
        stamp: String,
    ) -> Result<Seed, Failure> {
        let mut query = request.query.clone();
        query.sort();
        let query: Vec<String> =
            query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut headers = String::new();
        for name in names {
            let held = request.headers.iter().filter(|(held, _)| held == name);
            // Runs of blanks count as one.
            let values: Vec<String> = held
                .map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect();
            headers.push_str(&format!("{name}:{}\n", values.join(",")));
        }
        let canonical = [
            request.method.as_str(),
            &request.path,
            &query.join("&"),
            &headers,
            &names.join(";"),
            payload,
        ]
        .join("\n");
        let scope = self.scope()?;
        let text =
            format!("{}\n{stamp}\n{scope}\n{}", self.algorithm, sha256(canonical.as_bytes()));
        Ok(Seed { signature: self.mac(&text)?, date: stamp, scope })
    }

    fn day(&self) -> Result<String, Failure> {
        let day = self.scope_day.unwrap_or_else(|| self.date.date());
        Ok(day.format(format_description!("[year][month][day]"))?)
    }

    /// The scope of the credential, as it stands behind the access key id.
    pub fn credential_scope(&self) -> Result<String, Failure> {
        self.scope()
    }

    /// The signature of a text that is no request, such as a form's policy.
    pub fn sign_text(&self, text: &str) -> Result<String, Failure> {
        self.mac(text)
    }

    fn scope(&self) -> Result<String, Failure> {
        Ok(format!("{}/{}/{}/{}", self.day()?, self.region, self.service, self.terminator))
    }

    /// The key is derived from the scope as it stands, terminator included, so that a deviating
    /// scope is refused for what it is and not for a signature that never fitted.
    fn mac(&self, text: &str) -> Result<String, Failure> {
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for part in [&self.day()?, &self.region, &self.service, &self.terminator] {
            key = hex::decode(calculate_signature(key, part.as_bytes()))?;
        }
        Ok(calculate_signature(key, text.as_bytes()))
    }

    fn payload_text(&self, request: &Request) -> String {
        self.payload.clone().unwrap_or_else(|| sha256(&request.body))
    }

    fn signed_names(&self, request: &Request) -> Vec<String> {
        let mut names: Vec<String> =
            request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.retain(|name| !self.left_out.contains(name));
        names.sort();
        names.dedup();
        names
    }
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
pub(super) mod tests {
    use time::macros::datetime;

    use super::*;

    /// The key pair and the moment of the examples that AWS publishes.
    pub(in crate::wire) fn example() -> Signing {
        Signing {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            region: "us-east-1".to_owned(),
            service: "s3".to_owned(),
            terminator: "aws4_request".to_owned(),
            scope_day: None,
            date: datetime!(2013-05-24 00:00:00 UTC),
            date_text: None,
            undated: false,
            algorithm: "AWS4-HMAC-SHA256".to_owned(),
            payload: None,
            left_out: Vec::new(),
        }
    }

    fn request(method: &str, path: &str) -> Request {
        let mut request = Request::new(method, "", "", "examplebucket.s3.amazonaws.com");
        request.path = path.to_owned();
        request
    }

    #[test]
    fn the_published_header_examples_come_out() {
        let mut get = request("GET", "/test.txt").header("range", "bytes=0-9");
        let seed = example().header(&mut get).unwrap();
        assert_eq!(
            seed.signature,
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
        let mut put = request("PUT", "/test%24file.text")
            .header("date", "Fri, 24 May 2013 00:00:00 GMT")
            .header("x-amz-storage-class", "REDUCED_REDUNDANCY")
            .holding("Welcome to Amazon S3.");
        let seed = example().header(&mut put).unwrap();
        assert_eq!(
            seed.signature,
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        );
        let mut lifecycle = request("GET", "/").parameter("lifecycle", "");
        let seed = example().header(&mut lifecycle).unwrap();
        assert_eq!(
            seed.signature,
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        );
        let mut list = request("GET", "/").parameter("max-keys", "2").parameter("prefix", "J");
        let seed = example().header(&mut list).unwrap();
        assert_eq!(
            seed.signature,
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        );
    }

    #[test]
    fn the_key_is_the_one_that_the_sdk_derives() {
        use aws_sigv4::sign::v4::generate_signing_key;
        let mut signing = example();
        signing.region = "eu-west-3".to_owned();
        let day = std::time::SystemTime::from(signing.date);
        let key = generate_signing_key(&signing.secret, day, "eu-west-3", "s3");
        assert_eq!(signing.mac("text").unwrap(), calculate_signature(key, b"text"));
        signing.terminator = "aws5_request".to_owned();
        let key = generate_signing_key(&signing.secret, day, "eu-west-3", "s3");
        assert_ne!(signing.mac("text").unwrap(), calculate_signature(key, b"text"));
    }

    #[test]
    fn the_published_presigned_example_comes_out() {
        let mut get = request("GET", "/test.txt");
        let seed = example().presign(&mut get, Some("86400")).unwrap();
        assert_eq!(
            seed.signature,
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
    }
}
