//! What becomes of uploads: completed under conditions, described, abandoned.

use std::time::Duration;

use http::Method;

use super::Lab;
use super::parts::{FIVE_MIB, begin, complete, part, pattern};

#[tokio::test]
async fn abandoned_uploads_are_aborted_and_younger_ones_are_not() {
    let lab = Lab::new().await;
    let upload = begin(&lab, "key", &[]).await;
    part(&lab, "key", &upload, 1, "one").await.expect(200);
    lab.service.abort_abandoned_uploads(Duration::from_secs(60)).await;
    assert_eq!(lab.get("/bkt?uploads").await.all("UploadId"), [upload.as_str()]);
    assert_eq!(lab.files(), 1);
    tokio::time::sleep(Duration::from_millis(5)).await;
    lab.service.abort_abandoned_uploads(Duration::ZERO).await;
    assert!(lab.get("/bkt?uploads").await.all("UploadId").is_empty());
    assert_eq!(lab.files(), 0);
    part(&lab, "key", &upload, 1, "one").await.expect_error(404, "NoSuchUpload");
}

#[tokio::test]
async fn completing_depends_on_what_is_under_the_key() {
    let lab = Lab::new().await;
    let old = lab.put("/bkt/key", "old").await;
    let finish = async |condition: (&str, &str)| {
        let upload = begin(&lab, "key", &[]).await;
        let etag = part(&lab, "key", &upload, 1, "new").await.header("etag").to_owned();
        let body = format!(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>\
             </CompleteMultipartUpload>"
        );
        let target = format!("/bkt/key?uploadId={upload}");
        lab.send(Method::POST, &target, &[condition], body).await
    };
    finish(("if-none-match", "*")).await.expect_error(412, "PreconditionFailed");
    finish(("if-match", "\"other\"")).await.expect_error(412, "PreconditionFailed");
    assert_eq!(lab.get("/bkt/key").await.text(), "old");
    finish(("if-match", old.header("etag"))).await.expect(200);
    assert_eq!(lab.get("/bkt/key").await.text(), "new");
    lab.delete("/bkt/key").await.expect(204);
    finish(("if-match", "*")).await.expect_error(404, "NoSuchKey");
    finish(("if-none-match", "*")).await.expect(200);
}

#[tokio::test]
async fn completing_compares_every_checksum_that_is_named() {
    let lab = Lab::new().await;
    let upload = begin(&lab, "key", &[("x-amz-checksum-algorithm", "SHA256")]).await;
    let sent = part(&lab, "key", &upload, 1, "hello").await.expect(200);
    let (etag, sum) = (sent.header("etag"), sent.header("x-amz-checksum-sha256"));
    let finish = async |element: &str, headers: &[(&str, &str)]| {
        let body = format!(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag>{element}\
             </Part></CompleteMultipartUpload>"
        );
        lab.send(Method::POST, &format!("/bkt/key?uploadId={upload}"), headers, body).await
    };
    let other = "<ChecksumCRC32>NhCmhg==</ChecksumCRC32>";
    finish(other, &[]).await.expect_error(400, "InvalidPart");
    let crc = [("x-amz-checksum-crc32", "NhCmhg==")];
    finish("", &crc).await.expect_error(400, "InvalidRequest");
    let full = [("x-amz-checksum-type", "FULL_OBJECT")];
    finish("", &full).await.expect_error(400, "InvalidRequest");
    let wrong = [("x-amz-checksum-sha256", "ZZZZ8l6wnxKqPm9Z9oZT0Q0gGl8Qm0M4w9y7G5vJ0nM=")];
    finish("", &wrong).await.expect_error(400, "BadDigest");
    let right = format!("<ChecksumSHA256>{sum}</ChecksumSHA256>");
    let composite = [("x-amz-checksum-type", "COMPOSITE")];
    finish(&right, &composite).await.expect(200);
}

#[tokio::test]
async fn parts_are_listed_in_pages_and_described_when_the_object_is_whole() {
    let lab = Lab::new().await;
    let upload = begin(&lab, "key", &[("x-amz-checksum-algorithm", "CRC32")]).await;
    let mut tags = Vec::new();
    for number in 1..=3 {
        let sent = part(&lab, "key", &upload, number, pattern(3, FIVE_MIB)).await.expect(200);
        tags.push((number, sent.header("etag").to_owned()));
    }
    let first = lab.get(&format!("/bkt/key?uploadId={upload}&max-parts=2")).await.expect(200);
    assert_eq!(first.all("PartNumber"), ["1", "2"]);
    assert_eq!(first.one("NextPartNumberMarker"), "2");
    let rest = format!("/bkt/key?uploadId={upload}&max-parts=2&part-number-marker=2");
    let rest = lab.get(&rest).await.expect(200);
    assert_eq!(
        (rest.all("PartNumber"), rest.one("IsTruncated")),
        (vec!["3".into()], "false".into())
    );
    let none = lab.get(&format!("/bkt/key?uploadId={upload}&max-parts=0")).await.expect(200);
    assert!(none.all("PartNumber").is_empty());

    let named: Vec<(u32, &str)> =
        tags.iter().map(|(number, tag)| (*number, tag.as_str())).collect();
    let done = complete(&lab, "key", &upload, &named).await.expect(200);
    let ask = [
        ("x-amz-object-attributes", "ETag,ObjectParts,Checksum,StorageClass,ObjectSize"),
        ("x-amz-max-parts", "1"),
        ("x-amz-part-number-marker", "1"),
    ];
    let seen = lab.send(Method::GET, "/bkt/key?attributes", &ask, "").await.expect(200);
    assert_eq!(seen.one("PartsCount"), "3");
    assert_eq!(seen.all("PartNumber"), ["2"]);
    assert_eq!(seen.one("NextPartNumberMarker"), "2");
    assert_eq!(seen.one("ChecksumType"), "COMPOSITE");
    assert_eq!(seen.one("StorageClass"), "STANDARD");
    // Unlike everywhere else, the tag stands without its quotes here.
    assert_eq!(seen.one("ETag"), done.one("ETag").replace("&quot;", "").replace('"', ""));
    let wrong = [("x-amz-object-attributes", "Colour")];
    let wrong = lab.send(Method::GET, "/bkt/key?attributes", &wrong, "").await;
    wrong.expect_error(400, "InvalidArgument");
}
