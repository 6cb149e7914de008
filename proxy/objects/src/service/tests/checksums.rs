//! Bodies are what their senders say, or they are not kept.

use std::sync::{Arc, OnceLock};

use http::{HeaderMap, Method, Request};

use super::{Lab, Reply};
use crate::{Body, Trailers};

/// Checksums of `hello` in base64.
const SUMS: [(&str, &str); 5] = [
    ("x-amz-checksum-crc32", "NhCmhg=="),
    ("x-amz-checksum-crc32c", "mnG7TA=="),
    ("x-amz-checksum-crc64nvme", "M3eFcAZSQlc="),
    ("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="),
    ("x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
];

#[tokio::test]
async fn a_declared_checksum_is_verified_kept_and_given_back_on_request() {
    let lab = Lab::new().await;
    for header in SUMS {
        let put = lab.send(Method::PUT, "/bkt/key", &[header], "hello").await.expect(200);
        assert_eq!(put.header(header.0), header.1);
        let mode = [("x-amz-checksum-mode", "ENABLED")];
        for method in [Method::GET, Method::HEAD] {
            let reply = lab.send(method.clone(), "/bkt/key", &mode, "").await;
            assert_eq!(reply.header(header.0), header.1);
            assert_eq!(reply.header("x-amz-checksum-type"), "FULL_OBJECT");
            let silent = lab.send(method, "/bkt/key", &[], "").await;
            assert_eq!(silent.header(header.0), "");
        }
        let ranged = [mode[0], ("range", "bytes=0-1")];
        let part = lab.send(Method::GET, "/bkt/key", &ranged, "").await.expect(206);
        assert_eq!(part.header(header.0), "", "a range has no checksum of its own");
    }
}

#[tokio::test]
async fn a_body_with_another_checksum_is_refused_and_not_kept() {
    let lab = Lab::new().await;
    for header in SUMS {
        let reply = lab.send(Method::PUT, "/bkt/key", &[header], "hellO").await;
        reply.expect_error(400, "BadDigest");
    }
    let md5 = [("content-md5", "XUFAKrxLKna5cZ2REBfFkg==")];
    lab.send(Method::PUT, "/bkt/key", &md5, "hellO").await.expect_error(400, "BadDigest");
    lab.get("/bkt/key").await.expect(404);
    assert_eq!(lab.files(), 0);
    lab.send(Method::PUT, "/bkt/key", &md5, "hello").await.expect(200);
}

#[tokio::test]
async fn a_checksum_that_is_none_is_refused() {
    let lab = Lab::new().await;
    let put =
        async |headers: &[(&str, &str)]| lab.send(Method::PUT, "/bkt/key", headers, "hello").await;
    put(&[("content-md5", "nonsense")]).await.expect_error(400, "InvalidDigest");
    put(&[("x-amz-checksum-crc32", "AAAA")]).await.expect_error(400, "InvalidRequest");
    put(&[SUMS[0], SUMS[1]]).await.expect_error(400, "InvalidRequest");
    put(&[("x-amz-trailer", "x-something")]).await.expect_error(400, "InvalidRequest");
}

async fn put_with_trailer(lab: &Lab, announced: &str, sent: Option<(&str, &str)>) -> Reply {
    let trailers = Trailers(Arc::new(OnceLock::new()));
    let filled = trailers.clone();
    let sent = sent.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let body = futures::stream::once(async move {
        // The fields are known only when the last byte has passed.
        let mut fields = HeaderMap::new();
        if let Some((name, value)) = sent {
            let name: http::HeaderName = name.parse().unwrap();
            fields.insert(name, value.parse().unwrap());
        }
        filled.0.set(fields).unwrap();
        Ok::<_, std::io::Error>(http_body::Frame::data(bytes::Bytes::from_static(b"hello")))
    });
    let request = Request::put("/bkt/key")
        .header("content-length", 5)
        .header("x-amz-trailer", announced)
        .extension(trailers)
        .body(Body::http_body_unsync(http_body_util::StreamBody::new(body)))
        .unwrap();
    lab.call(request).await
}

#[tokio::test]
async fn a_trailing_checksum_is_verified_like_one_in_a_header() {
    let lab = Lab::new().await;
    for (name, value) in SUMS {
        let put = put_with_trailer(&lab, name, Some((name, value))).await.expect(200);
        assert_eq!(put.header(name), value);
    }
    lab.delete("/bkt/key").await.expect(204);
    let (name, _) = SUMS[0];
    let wrong = put_with_trailer(&lab, name, Some((name, "AAAAAA=="))).await;
    wrong.expect_error(400, "BadDigest");
    put_with_trailer(&lab, name, None).await.expect_error(400, "InvalidRequest");
    put_with_trailer(&lab, name, Some(SUMS[1])).await.expect_error(400, "InvalidRequest");
    lab.get("/bkt/key").await.expect(404);
    assert_eq!(lab.files(), 0);
}
