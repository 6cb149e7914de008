//! `aws-sigv4` signs ten thousand random requests: each verifies, and none does
//! after a change of one byte in anything that was signed.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's helpers may fail loudly"
)]

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use deltaglider_core::s3::Query;
use deltaglider_core::sigv4::{
    AuthError, PayloadVerifier, RequestView, SigningSecret, authenticate,
};
use deltaglider_core::snapshot::{AccessKey, Principal, Snapshot};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

const SKEW: Duration = Duration::from_secs(300);
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &RESERVED.remove(b'/');

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Unsigned,
    Declared,
    Chunks,
    ChunksTrailer,
    UnsignedTrailer,
    Presigned,
}

/// What is signed, before it is.
#[derive(Clone, Debug)]
struct Plan {
    method: Method,
    key: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    mode: Mode,
    secret: String,
    region: String,
    second: u32,
    /// Picks what is changed and to what.
    change: (usize, usize, u8),
}

/// What travels.
#[derive(Clone, Debug)]
struct Wire {
    method: Method,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn plans() -> impl Strategy<Value = Plan> {
    let method = prop::sample::select(vec![
        Method::GET,
        Method::PUT,
        Method::POST,
        Method::DELETE,
        Method::HEAD,
    ]);
    let mode = prop::sample::select(vec![
        Mode::Unsigned,
        Mode::Declared,
        Mode::Chunks,
        Mode::ChunksTrailer,
        Mode::UnsignedTrailer,
        Mode::Presigned,
    ]);
    let query = prop::collection::vec(("[a-z][a-zA-Z0-9 /=é-]{0,8}", "\\PC{0,12}"), 0..4);
    let value = "[!-~]([ -~]{0,20}[!-~])?";
    let headers = prop::collection::btree_map("x-amz-meta-[a-z]{1,6}", value, 0..4);
    (
        (method, "\\PC{1,24}", query, headers, prop::collection::vec(any::<u8>(), 0..200), mode),
        (
            "[a-zA-Z0-9/+]{8,90}",
            "[a-z]{2}-[a-z]{4}-[1-9]",
            0..86_400u32,
            any::<(usize, usize, u8)>(),
        ),
    )
        .prop_map(
            |((method, key, query, headers, body, mode), (secret, region, second, change))| Plan {
                method,
                key,
                query,
                headers: headers.into_iter().collect(),
                body,
                mode,
                secret,
                region,
                second,
                change,
            },
        )
}

impl Plan {
    fn time(&self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000 + u64::from(self.second))
    }

    /// Signs with `aws-sigv4` alone.
    fn sign(&self) -> Wire {
        let encode = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        let path = format!("/bucket/{}", utf8_percent_encode(&self.key, PATH));
        let pairs: Vec<String> = self
            .query
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let mut wire = Wire {
            method: self.method.clone(),
            path,
            query: pairs.join("&"),
            headers: vec![("host".into(), "s3.test:9000".into())],
            body: self.body.clone(),
        };
        wire.headers.extend(self.headers.clone());
        let payload = match self.mode {
            Mode::Unsigned | Mode::Presigned => SignableBody::UnsignedPayload,
            Mode::Declared => SignableBody::Bytes(&self.body),
            Mode::Chunks => SignableBody::Precomputed("STREAMING-AWS4-HMAC-SHA256-PAYLOAD".into()),
            Mode::ChunksTrailer => SignableBody::StreamingSignedPayloadTrailer,
            Mode::UnsignedTrailer => SignableBody::StreamingUnsignedPayloadTrailer,
        };
        if matches!(self.mode, Mode::Chunks | Mode::ChunksTrailer | Mode::UnsignedTrailer) {
            wire.headers.push(("x-amz-decoded-content-length".into(), self.body.len().to_string()));
            if self.mode != Mode::Chunks {
                wire.headers.push(("x-amz-trailer".into(), "x-amz-checksum-crc32".into()));
            }
        }
        self.apply(&mut wire, payload);
        self.frame(&mut wire);
        wire
    }

    fn apply(&self, wire: &mut Wire, payload: SignableBody<'_>) {
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        if self.mode == Mode::Presigned {
            settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(Duration::from_secs(600));
        }
        let identity = Credentials::new("key", &self.secret, None, None, "test").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(SystemTime::from(self.time()))
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let question = if wire.query.is_empty() { "" } else { "?" };
        let uri = format!("http://s3.test:9000{}{question}{}", wire.path, wire.query);
        let pairs = wire.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let request = SignableRequest::new(wire.method.as_str(), uri, pairs, payload).unwrap();
        let (instructions, _) = sign(request, &params).unwrap().into_parts();
        let (headers, query) = instructions.into_parts();
        for header in headers {
            wire.headers.push((header.name().into(), header.value().into()));
        }
        for (name, value) in query {
            let separator = if wire.query.is_empty() { "" } else { "&" };
            let value = utf8_percent_encode(&value, RESERVED);
            wire.query = format!("{}{separator}{name}={value}", wire.query);
        }
    }

    /// Frames and signs the chunks, with the key and MAC of `aws-sigv4`.
    fn frame(&self, wire: &mut Wire) {
        let signed = matches!(self.mode, Mode::Chunks | Mode::ChunksTrailer);
        if !signed && self.mode != Mode::UnsignedTrailer {
            return;
        }
        let date = header(wire, "x-amz-date");
        let authorization = header(wire, "authorization");
        let mut previous = authorization.rsplit('=').next().unwrap().to_owned();
        let scope = format!("{}/{}/s3/aws4_request", &date[..8], self.region);
        let mut mac = |kind: &str, tail: &str| {
            let text = format!("{kind}\n{date}\n{scope}\n{previous}\n{tail}");
            let key =
                v4::generate_signing_key(&self.secret, self.time().into(), &self.region, "s3");
            previous = v4::calculate_signature(key, text.as_bytes());
            previous.clone()
        };
        let digest = |data: &[u8]| hex::encode(Sha256::digest(data));
        let mut framed = Vec::new();
        let chunks: &[&[u8]] = if self.body.is_empty() { &[&[]] } else { &[&self.body, &[]] };
        for chunk in chunks {
            framed.extend_from_slice(format!("{:x}", chunk.len()).as_bytes());
            if signed {
                let tail = format!("{}\n{}", digest(b""), digest(chunk));
                let signature = mac("AWS4-HMAC-SHA256-PAYLOAD", &tail);
                framed.extend_from_slice(format!(";chunk-signature={signature}").as_bytes());
            }
            framed.extend_from_slice(b"\r\n");
            framed.extend_from_slice(chunk);
            if !chunk.is_empty() {
                framed.extend_from_slice(b"\r\n");
            }
        }
        if self.mode != Mode::Chunks {
            framed.extend_from_slice(b"x-amz-checksum-crc32:AAAAAA==\r\n");
        }
        if self.mode == Mode::ChunksTrailer {
            let signature =
                mac("AWS4-HMAC-SHA256-TRAILER", &digest(b"x-amz-checksum-crc32:AAAAAA==\n"));
            framed.extend_from_slice(format!("x-amz-trailer-signature:{signature}\r\n").as_bytes());
        }
        framed.extend_from_slice(b"\r\n");
        wire.body = framed;
    }

    fn verify(&self, wire: &Wire) -> Result<(), String> {
        let key =
            AccessKey { secret: SigningSecret::new(&self.secret), principal: Principal::Bootstrap };
        let snapshot = Snapshot::new([("key".to_owned(), key)], SigningSecret::new("decoy"));
        let mut headers = HeaderMap::new();
        for (name, value) in &wire.headers {
            let name: HeaderName = name.parse().map_err(|_| "no header name")?;
            headers.append(
                name,
                HeaderValue::from_bytes(value.as_bytes()).map_err(|_| "no header value")?,
            );
        }
        let query = Query::parse(Some(&wire.query)).map_err(|error| error.message)?;
        let view = RequestView {
            method: &wire.method,
            path: &wire.path,
            query: &query,
            headers: &headers,
        };
        let caller = authenticate(&view, &snapshot, SKEW, self.time())
            .map_err(|error: AuthError| error.to_string())?;
        let mut verifier =
            PayloadVerifier::new(&caller, &headers).map_err(|error| error.message)?;
        let mut out = Vec::new();
        verifier
            .push(Bytes::from(wire.body.clone()), &mut out)
            .map_err(|error| error.to_string())?;
        verifier.finish().map_err(|error| error.to_string())?;
        if out.concat() == self.body { Ok(()) } else { Err("another body".into()) }
    }
}

fn header(wire: &Wire, name: &str) -> String {
    wire.headers.iter().find(|(held, _)| held == name).unwrap().1.clone()
}

/// Changes one byte of something signed and says where; the text it gives is for a failure.
fn change_one_byte(plan: &Plan, wire: &mut Wire) -> String {
    let (target, at, to) = plan.change;
    let mut places: Vec<&mut String> = vec![&mut wire.path];
    if !wire.query.is_empty() {
        places.push(&mut wire.query);
    }
    places.extend(wire.headers.iter_mut().map(|(_, value)| value));
    places.retain(|text| text.contains(|letter: char| letter.is_ascii_alphanumeric()));
    let signed_body = matches!(plan.mode, Mode::Chunks | Mode::ChunksTrailer | Mode::Declared);
    let choices = places.len() + usize::from(signed_body && !wire.body.is_empty());
    let target = target % choices;
    if target == places.len() {
        let at = at % wire.body.len();
        // Not the bit of a letter's case: field names and sizes read alike in both.
        wire.body[at] ^= 1 << (to % 5);
        return format!("body byte {at}");
    }
    let text = &mut places[target];
    let letters: Vec<usize> = text
        .char_indices()
        .filter(|(_, it)| it.is_ascii_alphanumeric())
        .map(|(at, _)| at)
        .collect();
    let at = letters[at % letters.len()];
    // Upper-case digits and letters: inside an escape a change of case alone would not be one.
    let old = text.as_bytes()[at];
    let new = (0..36u8)
        .map(|step| {
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[usize::from((to.wrapping_add(step)) % 36)]
        })
        .find(|new| !new.eq_ignore_ascii_case(&old))
        .unwrap();
    text.replace_range(at..=at, &char::from(new).to_string());
    format!("byte {at} of `{text}`")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_aws_signs_verifies_and_nothing_else_does(plan in plans()) {
        let wire = plan.sign();
        prop_assert_eq!(plan.verify(&wire), Ok(()), "{:?}", wire);
        let mut changed = wire;
        let place = change_one_byte(&plan, &mut changed);
        prop_assert!(plan.verify(&changed).is_err(), "served with {}", place);
    }
}
