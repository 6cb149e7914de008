//! The suite's signatures are those of the SDK, for requests that both can sign.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;

use super::request::Request;
use super::signer::Signing;
use super::signer::tests::example;

const KEYS: [&str; 6] = ["plain.txt", "a b+c=d", "a//b/../c", "ünï/😀", "100%25", "(a)'b'*~!"];

#[test]
fn header_signatures_are_the_sdks() {
    for key in KEYS {
        let mut request = Request::new("PUT", "bucket", key, "localhost:9000")
            .parameter("x-id", "Put Object")
            .parameter("X-Upper", "é=&")
            .header("content-type", "text/plain")
            .header("x-amz-meta-note", "two  words")
            .holding("content");
        let theirs = sdk_signature(&request, &example(), SignatureLocation::Headers);
        let ours = example().header(&mut request).unwrap().signature;
        assert_eq!(ours, theirs, "{key}");
    }
}

#[test]
fn presigned_signatures_are_the_sdks() {
    for key in KEYS {
        let mut request = Request::new("GET", "bucket", key, "localhost:9000")
            .parameter("response-content-type", "text/html; charset=utf-8");
        let theirs = sdk_signature(&request, &example(), SignatureLocation::QueryParams);
        let ours = example().presign(&mut request, Some("3600")).unwrap().signature;
        assert_eq!(ours, theirs, "{key}");
    }
}

fn sdk_signature(request: &Request, signing: &Signing, location: SignatureLocation) -> String {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.signature_location = location;
    let body = if location == SignatureLocation::Headers {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        SignableBody::Bytes(&request.body)
    } else {
        settings.expires_in = Some(Duration::from_secs(3600));
        SignableBody::UnsignedPayload
    };
    let (id, secret) = (signing.access_key_id.clone(), signing.secret.clone());
    let identity: Identity = Credentials::new(id, secret, None, None, "test").into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&signing.region)
        .name(&signing.service)
        .time(SystemTime::from(signing.date))
        .settings(settings)
        .build()
        .unwrap();
    let uri = format!("http://localhost:9000{}", request.target());
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let signable = SignableRequest::new(&request.method, uri, headers, body).unwrap();
    sign(signable, &parameters.into()).unwrap().signature().to_owned()
}
