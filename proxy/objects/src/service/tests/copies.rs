//! Copies of objects.

use http::Method;

use super::{Lab, Reply};

async fn copy(lab: &Lab, from: &str, to: &str, headers: &[(&str, &str)]) -> Reply {
    let mut all = vec![("x-amz-copy-source", from)];
    all.extend(headers);
    lab.send(Method::PUT, to, &all, "").await
}

async fn with_source() -> Lab {
    let lab = Lab::new().await;
    let said = [
        ("content-type", "text/x"),
        ("x-amz-meta-a", "1"),
        ("x-amz-tagging", "t=1"),
        ("x-amz-checksum-crc32", "NhCmhg=="),
    ];
    lab.send(Method::PUT, "/bkt/dir/src", &said, "hello").await.expect(200);
    lab
}

#[tokio::test]
async fn a_copy_has_the_content_and_the_description_of_its_source() {
    let lab = with_source().await;
    let reply = copy(&lab, "bkt/dir%2Fsrc", "/bkt/dst", &[]).await.expect(200);
    assert_eq!(reply.one("ETag"), "\"5d41402abc4b2a76b9719d911017c592\"");
    lab.delete("/bkt/dir/src").await.expect(204);
    let got = lab.get("/bkt/dst").await.expect(200);
    assert_eq!(got.text(), "hello");
    assert_eq!((got.header("content-type"), got.header("x-amz-meta-a")), ("text/x", "1"));
    assert_eq!(got.header("x-amz-tagging-count"), "1");
}

#[tokio::test]
async fn a_copy_may_describe_itself_anew() {
    let lab = with_source().await;
    let replace = [
        ("x-amz-metadata-directive", "REPLACE"),
        ("x-amz-meta-b", "2"),
        ("x-amz-checksum-algorithm", "SHA256"),
    ];
    let reply = copy(&lab, "/bkt/dir/src", "/bkt/dst", &replace).await.expect(200);
    assert_eq!(reply.one("ChecksumSHA256"), "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
    let got = lab.get("/bkt/dst").await.expect(200);
    assert_eq!((got.header("x-amz-meta-a"), got.header("x-amz-meta-b")), ("", "2"));
    assert_eq!(got.header("content-type"), "binary/octet-stream");
    assert_eq!(got.header("x-amz-tagging-count"), "1", "tags have a directive of their own");
}

#[tokio::test]
async fn a_copy_onto_itself_must_change_something() {
    let lab = with_source().await;
    let same = copy(&lab, "bkt/dir/src", "/bkt/dir/src", &[]).await;
    same.expect_error(400, "InvalidRequest");
    let replace = [("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-b", "2")];
    copy(&lab, "bkt/dir/src", "/bkt/dir/src", &replace).await.expect(200);
    let got = lab.get("/bkt/dir/src").await.expect(200);
    assert_eq!((got.text().as_str(), got.header("x-amz-meta-b")), ("hello", "2"));
    assert_eq!(lab.files(), 1);
}

#[tokio::test]
async fn a_copy_whose_source_does_not_fulfil_the_conditions_is_refused() {
    let lab = with_source().await;
    let etag = "\"5d41402abc4b2a76b9719d911017c592\"";
    let cases = [
        (("x-amz-copy-source-if-match", etag), 200),
        (("x-amz-copy-source-if-match", "\"x\""), 412),
        (("x-amz-copy-source-if-none-match", etag), 412),
        (("x-amz-copy-source-if-modified-since", "Fri, 21 Oct 2095 07:28:00 GMT"), 412),
        (("x-amz-copy-source-if-unmodified-since", "Wed, 21 Oct 2015 07:28:00 GMT"), 412),
        (("if-none-match", "*"), 412),
    ];
    for (header, status) in cases {
        copy(&lab, "bkt/dir/src", "/bkt/dst", &[header]).await.expect(status);
    }
}

#[tokio::test]
async fn a_copy_source_that_is_not_there_is_named_as_such() {
    let lab = with_source().await;
    copy(&lab, "bkt/none", "/bkt/dst", &[]).await.expect_error(404, "NoSuchKey");
    copy(&lab, "nowhere/src", "/bkt/dst", &[]).await.expect_error(404, "NoSuchBucket");
    copy(&lab, "bkt/dir/src", "/nowhere/dst", &[]).await.expect_error(404, "NoSuchBucket");
    copy(&lab, "bkt/dir/src?versionId=x", "/bkt/dst", &[]).await.expect(400);
    lab.get("/bkt/dst").await.expect(404);
    assert_eq!(lab.files(), 1);
}

#[tokio::test]
async fn a_question_mark_in_the_name_of_a_copy_source_is_part_of_the_name() {
    let lab = Lab::new().await;
    lab.put("/bkt/a%3FversionId=null", "named").await;
    copy(&lab, "bkt/a%3FversionId=null", "/bkt/dst", &[]).await.expect(200);
    assert_eq!(lab.get("/bkt/dst").await.text(), "named");
}
