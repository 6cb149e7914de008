//! AWS's published S3 examples, and every refusal beside the request that is served.

use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use time::OffsetDateTime;
use time::macros::datetime;

use super::*;
use crate::s3::Query;
use crate::snapshot::{AccessKey, Principal, Snapshot};

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const SKEW: Duration = Duration::from_secs(300);
const THEN: OffsetDateTime = datetime!(2013-05-24 00:00:00 UTC);

fn snapshot() -> Snapshot {
    let key = AccessKey { secret: SigningSecret::new(SECRET), principal: Principal::Bootstrap };
    Snapshot::new([(KEY.to_owned(), key)], SigningSecret::new("decoy"))
}

/// A request as the examples print them: `name: value` lines and a signature.
#[derive(Clone)]
struct Example {
    method: Method,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
}

impl Example {
    fn new(method: Method, path: &str, query: &str, headers: &[(&str, &str)]) -> Self {
        let headers =
            headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Self { method, path: path.into(), query: query.into(), headers }
    }

    /// Signs every header given, as the examples do.
    fn signed(mut self, signature: &str) -> Self {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        let value = format!(
            "AWS4-HMAC-SHA256 Credential={KEY}/20130524/us-east-1/s3/aws4_request,SignedHeaders={},Signature={signature}",
            names.join(";")
        );
        self.headers.push(("authorization".into(), value));
        self
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(held, _)| held != name);
        self.headers.push((name.into(), value.into()));
        self
    }

    fn header_map(&self) -> HeaderMap {
        let pair = |(name, value): &(String, String)| {
            (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
        };
        self.headers.iter().map(pair).collect()
    }

    fn authenticate(&self, now: OffsetDateTime) -> Result<Authenticated, AuthError> {
        let query = Query::parse(Some(&self.query)).unwrap();
        let view = RequestView {
            method: &self.method,
            path: &self.path,
            query: &query,
            headers: &self.header_map(),
        };
        authenticate(&view, &snapshot(), SKEW, now)
    }
}

fn get_object() -> Example {
    let headers = [
        ("host", "examplebucket.s3.amazonaws.com"),
        ("range", "bytes=0-9"),
        ("x-amz-content-sha256", EMPTY),
        ("x-amz-date", "20130524T000000Z"),
    ];
    Example::new(Method::GET, "/test.txt", "", &headers)
        .signed("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
}

fn presigned() -> Example {
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={KEY}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
         &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
         &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    );
    Example::new(Method::GET, "/test.txt", &query, &[("host", "examplebucket.s3.amazonaws.com")])
}

fn chunked(mode: &str, extra: &[(&str, &str)], signature: &str) -> Example {
    let mut headers = vec![
        ("content-encoding", "aws-chunked"),
        ("host", "s3.amazonaws.com"),
        ("x-amz-content-sha256", mode),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-decoded-content-length", "66560"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
    ];
    headers.extend_from_slice(extra);
    headers.sort_unstable();
    Example::new(Method::PUT, "/examplebucket/chunkObject.txt", "", &headers).signed(signature)
}

fn signed_chunks() -> (Example, Vec<u8>) {
    let example = chunked(
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        &[("content-length", "66824")],
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    );
    let body = [
        b"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n".to_vec(),
        vec![b'a'; 65536],
        b"\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n".to_vec(),
        vec![b'a'; 1024],
        b"\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n".to_vec(),
    ];
    (example, body.concat())
}

fn signed_trailer() -> (Example, Vec<u8>) {
    let example = chunked(
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        &[("x-amz-trailer", "x-amz-checksum-crc32c")],
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    );
    let body = [
        b"10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n".to_vec(),
        vec![b'a'; 65536],
        b"\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n".to_vec(),
        vec![b'a'; 1024],
        b"\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n".to_vec(),
        b"x-amz-checksum-crc32c:sOO8/Q==\r\n".to_vec(),
        b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n".to_vec(),
    ];
    (example, body.concat())
}

/// Feeds a body in pieces of one size and gives the object's length and trailing fields.
fn receive(
    example: &Example,
    body: &[u8],
    piece: usize,
) -> Result<(usize, HeaderMap), PayloadError> {
    let caller = example.authenticate(THEN).unwrap();
    let mut verifier = PayloadVerifier::new(&caller, &example.header_map()).unwrap();
    let mut out = Vec::new();
    for part in body.chunks(piece) {
        verifier.push(Bytes::copy_from_slice(part), &mut out)?;
    }
    let fields = verifier.finish()?;
    Ok((out.iter().map(Bytes::len).sum(), fields))
}

#[test]
fn the_published_examples_verify() {
    let host = ("host", "examplebucket.s3.amazonaws.com");
    let date = ("x-amz-date", "20130524T000000Z");
    let empty = ("x-amz-content-sha256", EMPTY);
    let put = [
        ("date", "Fri, 24 May 2013 00:00:00 GMT"),
        host,
        (
            "x-amz-content-sha256",
            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        ),
        date,
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
    ];
    let examples = [
        get_object(),
        Example::new(Method::PUT, "/test%24file.text", "", &put)
            .signed("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        // The same key, its dollar sign left unescaped on the wire.
        Example::new(Method::PUT, "/test$file.text", "", &put)
            .signed("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        Example::new(Method::GET, "/", "lifecycle", &[host, empty, date])
            .signed("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        Example::new(Method::GET, "/", "max-keys=2&prefix=J", &[host, empty, date])
            .signed("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
        presigned(),
    ];
    for example in examples {
        let caller = example.authenticate(THEN).unwrap();
        assert_eq!(caller.access_key_id(), KEY, "{}?{}", example.path, example.query);
    }
}

#[test]
fn the_published_chunks_verify_however_they_are_cut() {
    let (example, body) = signed_chunks();
    let (trailing, trailed) = signed_trailer();
    for piece in [1, 7, 8192, 70_000] {
        assert_eq!(receive(&example, &body, piece).unwrap().0, 66560);
        let (length, fields) = receive(&trailing, &trailed, piece).unwrap();
        assert_eq!(
            (length, fields.get("x-amz-checksum-crc32c").unwrap()),
            (66560, &HeaderValue::from_static("sOO8/Q=="))
        );
    }
}

#[test]
fn a_chunked_body_fails_wherever_it_is_touched() {
    for (example, body) in [signed_chunks(), signed_trailer()] {
        // Framing and every signature byte, and a sample of the data between.
        let touched = (0..body.len()).filter(|at| body[*at] != b'a' || at % 4099 == 0);
        for at in touched {
            let mut changed = body.clone();
            changed[at] ^= 1;
            assert!(receive(&example, &changed, 4096).is_err(), "byte {at}");
        }
        for cut in [1, 2, 90, 1200, body.len()] {
            assert!(receive(&example, &body[..body.len() - cut], 4096).is_err(), "cut {cut}");
        }
        let longer = [body.as_slice(), b"x"].concat();
        assert!(receive(&example, &longer, 4096).is_err());
    }
}

#[test]
fn only_the_last_chunk_may_be_small() {
    let small = |sizes: &[usize]| {
        let mut body = Vec::new();
        for size in sizes {
            body.extend_from_slice(format!("{size:x}\r\n").as_bytes());
            body.extend(std::iter::repeat_n(b'a', *size));
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"0\r\n\r\n");
        let trailer = trailers::TrailerReader::new(Vec::new());
        let length = sizes.iter().sum::<usize>() as u64;
        let mut decoder = chunked::ChunkedDecoder::new(None, Some(trailer), length);
        decoder.push(Bytes::from(body), &mut Vec::new()).and_then(|()| decoder.finish())
    };
    assert!(small(&[8192, 8192, 1]).is_ok());
    assert!(small(&[1]).is_ok());
    assert_eq!(small(&[8191, 1]), Err(PayloadError::SmallChunk));
}

#[test]
fn a_declared_hash_binds_the_body() {
    let put = get_object();
    let caller = put.authenticate(THEN).unwrap();
    let finish = |body: &'static [u8]| {
        let mut verifier = PayloadVerifier::new(&caller, &HeaderMap::new()).unwrap();
        verifier.push(Bytes::from_static(body), &mut Vec::new()).unwrap();
        verifier.finish()
    };
    assert!(finish(b"").is_ok());
    assert_eq!(finish(b"x"), Err(PayloadError::Hash));
}

#[test]
fn the_clock_is_held_against_both_sides_of_the_skew() {
    let at = |seconds: i64| get_object().authenticate(THEN + time::Duration::seconds(seconds));
    for seconds in [-300, 0, 300] {
        assert!(at(seconds).is_ok(), "{seconds}");
    }
    for seconds in [-301, 301, -100_000, 100_000] {
        assert!(matches!(at(seconds), Err(AuthError::Skewed { .. })), "{seconds}");
    }
}

#[test]
fn a_presigned_url_lives_from_its_date_to_its_expiry() {
    let at = |seconds: i64| presigned().authenticate(THEN + time::Duration::seconds(seconds));
    for seconds in [-300, 0, 86400] {
        assert!(at(seconds).is_ok(), "{seconds}");
    }
    assert!(matches!(at(86401), Err(AuthError::Expired)));
    assert!(matches!(at(-301), Err(AuthError::NotYetValid)));
}

#[test]
fn expiry_is_a_whole_number_of_seconds_up_to_a_week() {
    let with = |text: &str| {
        let mut example = presigned();
        example.query = example.query.replace("Expires=86400", &format!("Expires={text}"));
        example.authenticate(THEN).unwrap_err()
    };
    for text in [
        "604801",
        "0",
        "-1",
        "+60",
        "%2B60",
        "",
        "1.5",
        "x",
        "99999999999999999999",
        "60&X-Amz-Expires=60",
    ] {
        assert!(matches!(with(text), AuthError::Query(_)), "{text}");
    }
    for text in ["1", "604800"] {
        assert!(
            matches!(with(text), AuthError::Mismatch { .. }),
            "{text} is read, though not signed"
        );
    }
}

#[test]
fn a_rewritten_host_is_named_in_the_refusal() {
    let honest = get_object();
    assert!(honest.authenticate(THEN).is_ok());
    let error = honest.with("host", "10.0.0.7:9000").authenticate(THEN).unwrap_err();
    assert!(error.to_string().contains("arrived with the host `10.0.0.7:9000`"), "{error}");
    let long = "a".repeat(4096);
    let error = get_object().with("host", &long).authenticate(THEN).unwrap_err();
    assert!(error.to_string().len() < 600, "{error}");
}

#[test]
fn every_amz_header_must_be_signed_and_others_need_not() {
    for name in
        ["x-amz-acl", "x-amz-copy-source", "x-amz-meta-a", "x-amz-anything", "x-amz-trailer"]
    {
        for example in [get_object(), presigned()] {
            let refused = example.with(name, "v").authenticate(THEN).unwrap_err();
            assert_eq!(refused, AuthError::Unsigned(vec![name.to_owned()]));
        }
    }
    for name in ["x-amzn-trace-id", "amz-sdk-request", "user-agent", "if-match", "x-amz-cf-id"] {
        for example in [get_object(), presigned()] {
            assert!(example.with(name, "v").authenticate(THEN).is_ok(), "{name}");
        }
    }
}

#[test]
fn a_presigned_url_never_picks_a_streaming_verifier() {
    for mode in [
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "anything",
    ] {
        let refused = presigned().with("x-amz-content-sha256", mode).authenticate(THEN);
        assert_eq!(refused.unwrap_err(), AuthError::PayloadHash, "{mode}");
    }
    let plain = presigned().with("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    assert!(plain.authenticate(THEN).is_ok());
}

#[test]
fn one_signature_and_no_more() {
    let mut both = get_object();
    both.query = presigned().query;
    assert_eq!(both.authenticate(THEN).unwrap_err(), AuthError::TwoSignatures);
    let mut none = get_object();
    none.headers.retain(|(name, _)| name != "authorization");
    assert_eq!(none.authenticate(THEN).unwrap_err(), AuthError::Anonymous);
}

#[test]
fn older_signatures_are_told_what_to_do() {
    let header =
        get_object().with("authorization", "AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=");
    let mut query = get_object();
    query.headers.retain(|(name, _)| name != "authorization");
    query.query = "AWSAccessKeyId=a&Expires=1&Signature=b".into();
    for example in [header, query] {
        let refused = example.authenticate(THEN).unwrap_err();
        assert_eq!(refused, AuthError::SignatureV2);
        assert!(refused.to_string().contains("signature_version = s3v4"));
    }
}

#[test]
fn the_scope_must_fit_the_request() {
    let of = |from: &str, to: &str| {
        let mut example = get_object();
        for (_, value) in &mut example.headers {
            *value = value.replace(from, to);
        }
        example.authenticate(THEN).unwrap_err()
    };
    assert!(matches!(of("/20130524/", "/20130523/"), AuthError::Header(_)));
    assert!(matches!(of("/s3/", "/ec2/"), AuthError::Header(_)));
    assert!(matches!(of("aws4_request", "aws4"), AuthError::Header(_)));
    assert!(matches!(of("/us-east-1/", "/eu-west-1/"), AuthError::Mismatch { .. }));
    assert!(matches!(of("Credential=AKIA", "Credential=BKIA"), AuthError::UnknownKey(_)));
    assert!(matches!(of("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), AuthError::Algorithm));
    assert_eq!(
        of("SignedHeaders=host;", "SignedHeaders="),
        AuthError::Unsigned(vec!["host".into()])
    );
    assert!(matches!(of("range;", "range;x-missing;"), AuthError::Missing(_)));
}

#[test]
fn a_header_given_twice_by_hoisting_is_refused() {
    let query = Query::parse(Some("X-Amz-Acl=private&X-Amz-Checksum-Crc32=AAAA")).unwrap();
    let merged = hoisted_headers(&HeaderMap::new(), &query).unwrap();
    assert_eq!(merged.len(), 1, "checksums stay out");
    assert_eq!(merged.get("x-amz-acl").unwrap(), "private");
    assert_eq!(hoisted_headers(&merged, &query), Err("x-amz-acl".to_owned()));
}
