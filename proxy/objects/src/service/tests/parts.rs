//! Multipart uploads.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;

use super::{Lab, Reply};
use crate::model::Algorithm;

pub(super) const FIVE_MIB: usize = 5 << 20;

pub(super) async fn begin(lab: &Lab, key: &str, headers: &[(&str, &str)]) -> String {
    let target = format!("/bkt/{key}?uploads");
    lab.send(Method::POST, &target, headers, "").await.expect(200).one("UploadId")
}

pub(super) async fn part(
    lab: &Lab,
    key: &str,
    upload: &str,
    number: u32,
    body: impl Into<Bytes>,
) -> Reply {
    let target = format!("/bkt/{key}?partNumber={number}&uploadId={upload}");
    lab.send(Method::PUT, &target, &[], body).await
}

pub(super) async fn complete(lab: &Lab, key: &str, upload: &str, parts: &[(u32, &str)]) -> Reply {
    let parts: String = parts
        .iter()
        .map(|(number, etag)| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
        })
        .collect();
    let document = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    let target = format!("/bkt/{key}?uploadId={upload}");
    lab.send(Method::POST, &target, &[], document).await
}

pub(super) fn pattern(seed: usize, length: usize) -> Bytes {
    (0..length).map(|n| ((n + seed) % 253) as u8).collect::<Vec<u8>>().into()
}

#[tokio::test]
async fn parts_become_one_object_in_the_order_of_their_numbers() {
    let lab = Lab::new().await;
    let said = [("content-type", "multipart/form-data; boundary=x"), ("x-amz-meta-a", "1")];
    let upload = begin(&lab, "big", &said).await;
    let (first, last) = (pattern(1, FIVE_MIB), pattern(2, 1000));
    let second_tag = part(&lab, "big", &upload, 7, last.clone()).await.expect(200);
    let first_tag = part(&lab, "big", &upload, 2, first.clone()).await.expect(200);
    lab.get("/bkt/big").await.expect(404);

    let listed = lab.get(&format!("/bkt/big?uploadId={upload}")).await.expect(200);
    assert_eq!(listed.all("PartNumber"), ["2", "7"]);
    let named = [(2, first_tag.header("etag")), (7, second_tag.header("etag"))];
    let done = complete(&lab, "big", &upload, &named).await.expect(200);
    assert!(done.one("ETag").ends_with("-2\""), "{}", done.text());

    let whole = [first.clone(), last.clone()].concat();
    let got = lab.get("/bkt/big").await.expect(200);
    assert_eq!(got.body, whole);
    assert_eq!(got.header("content-type"), said[0].1);
    let seam = [("range", "bytes=5242870-5242889")];
    let seam = lab.send(Method::GET, "/bkt/big", &seam, "").await.expect(206);
    assert_eq!(seam.body, whole[5_242_870..=5_242_889]);
    let second = lab.get("/bkt/big?partNumber=2").await.expect(206);
    assert_eq!(second.body, last);
    assert_eq!(second.header("x-amz-mp-parts-count"), "2");
    lab.get("/bkt/big?partNumber=3").await.expect_error(416, "InvalidPartNumber");

    let again = complete(&lab, "big", &upload, &named).await;
    again.expect_error(404, "NoSuchUpload");
    lab.delete("/bkt/big").await.expect(204);
    assert_eq!(lab.files(), 0);
}

#[tokio::test]
async fn a_reader_finishes_though_the_parts_were_deleted_before_it_came_to_them() {
    let lab = Lab::new().await;
    let upload = begin(&lab, "big", &[]).await;
    let bodies = [pattern(1, FIVE_MIB), pattern(2, FIVE_MIB), pattern(3, 10)];
    let mut tags = Vec::new();
    for (number, body) in (1..).zip(&bodies) {
        let reply = part(&lab, "big", &upload, number, body.clone()).await.expect(200);
        tags.push((number, reply.header("etag").to_owned()));
    }
    let named: Vec<(u32, &str)> =
        tags.iter().map(|(number, tag)| (*number, tag.as_str())).collect();
    complete(&lab, "big", &upload, &named).await.expect(200);

    let request = http::Request::get("/bkt/big").body(crate::Body::empty()).unwrap();
    let body = lab.service.call(request).await.into_body();
    lab.delete("/bkt/big").await.expect(204);
    let read = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes();
    assert_eq!(read, bodies.concat());
    assert_eq!(lab.files(), 0, "the files go with their last reader");
}

#[tokio::test]
async fn completing_checks_order_tags_presence_and_size_of_parts() {
    let lab = Lab::new().await;
    let upload = begin(&lab, "key", &[]).await;
    let small = part(&lab, "key", &upload, 1, "small").await.expect(200);
    let tail = part(&lab, "key", &upload, 2, "tail").await.expect(200);
    let (small, tail) = (small.header("etag"), tail.header("etag"));
    let attempts: [(&[(u32, &str)], &str); 6] = [
        (&[(2, tail), (1, small)], "InvalidPartOrder"),
        (&[(1, small), (1, small)], "InvalidPartOrder"),
        (&[(1, small), (3, tail)], "InvalidPart"),
        (&[(1, tail), (2, tail)], "InvalidPart"),
        (&[(1, small), (2, tail)], "EntityTooSmall"),
        (&[], "MalformedXML"),
    ];
    for (named, code) in attempts {
        complete(&lab, "key", &upload, named).await.expect_error(400, code);
    }
    let other = complete(&lab, "other", &upload, &[(2, tail)]).await;
    other.expect_error(404, "NoSuchUpload");
    complete(&lab, "key", &upload, &[(2, tail)]).await.expect(200);
    assert_eq!(lab.get("/bkt/key").await.text(), "tail");
    assert_eq!(lab.files(), 1, "the part that was left out is gone");
}

#[tokio::test]
async fn an_aborted_upload_leaves_nothing() {
    let lab = Lab::new().await;
    let upload = begin(&lab, "key", &[]).await;
    part(&lab, "key", &upload, 1, "one").await.expect(200);
    part(&lab, "key", &upload, 1, "two").await.expect(200);
    assert_eq!(lab.files(), 1, "a part replaces the one of its number");
    lab.delete(&format!("/bkt/key?uploadId={upload}")).await.expect(204);
    assert_eq!(lab.files(), 0);
    part(&lab, "key", &upload, 1, "late").await.expect_error(404, "NoSuchUpload");
    let gone = lab.delete(&format!("/bkt/key?uploadId={upload}")).await;
    gone.expect_error(404, "NoSuchUpload");
}

#[tokio::test]
async fn a_bucket_takes_its_unfinished_uploads_with_it() {
    let lab = Lab::new().await;
    let upload = begin(&lab, "key", &[]).await;
    part(&lab, "key", &upload, 1, "one").await.expect(200);
    lab.delete("/bkt").await.expect(204);
    assert_eq!(lab.files(), 0);
}

#[tokio::test]
async fn a_part_number_outside_1_to_10000_is_refused() {
    let lab = Lab::new().await;
    let upload = begin(&lab, "key", &[]).await;
    part(&lab, "key", &upload, 10_000, "x").await.expect(200);
    part(&lab, "key", &upload, 0, "x").await.expect_error(400, "InvalidArgument");
    part(&lab, "key", &upload, 10_001, "x").await.expect_error(400, "InvalidArgument");
}

#[tokio::test]
async fn a_part_may_be_copied_from_a_range_of_an_object() {
    let lab = Lab::new().await;
    lab.put("/bkt/src", "0123456789").await;
    let upload = begin(&lab, "key", &[]).await;
    let target = format!("/bkt/key?partNumber=1&uploadId={upload}");
    let copy = async |range: &str| {
        let headers = [("x-amz-copy-source", "bkt/src"), ("x-amz-copy-source-range", range)];
        lab.send(Method::PUT, &target, &headers, "").await
    };
    copy("bytes=3-").await.expect_error(400, "InvalidArgument");
    copy("bytes=3-10").await.expect_error(416, "InvalidRange");
    let etag = copy("bytes=3-5").await.expect(200).one("ETag");
    complete(&lab, "key", &upload, &[(1, &etag)]).await.expect(200);
    assert_eq!(lab.get("/bkt/key").await.text(), "345");
}

#[tokio::test]
async fn an_upload_with_a_checksum_gives_it_to_parts_and_object() {
    let lab = Lab::new().await;
    let (first, last) = (pattern(1, FIVE_MIB), pattern(2, 9));
    let whole = [first.clone(), last.clone()].concat();
    let crc = |data: &[u8]| Algorithm::Crc32.of(data);
    let composite = [crc(&first), crc(&last)].concat();
    let cases = [
        ("CRC32", "COMPOSITE", format!("{}-2", STANDARD.encode(crc(&composite)))),
        ("CRC32", "FULL_OBJECT", STANDARD.encode(crc(&whole))),
        ("CRC64NVME", "FULL_OBJECT", STANDARD.encode(Algorithm::Crc64Nvme.of(&whole))),
    ];
    for (algorithm, kind, expected) in cases {
        let asked = [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", kind)];
        let upload = begin(&lab, "key", &asked).await;
        let one = part(&lab, "key", &upload, 1, first.clone()).await.expect(200);
        let two = part(&lab, "key", &upload, 2, last.clone()).await.expect(200);
        let header = format!("x-amz-checksum-{}", algorithm.to_lowercase());
        assert_ne!(one.header(&header), "");
        let named = [(1, one.header("etag")), (2, two.header("etag"))];
        let done = complete(&lab, "key", &upload, &named).await.expect(200);
        assert_eq!(done.one(&format!("Checksum{algorithm}")), expected);
        let mode = [("x-amz-checksum-mode", "ENABLED")];
        let got = lab.send(Method::HEAD, "/bkt/key", &mode, "").await.expect(200);
        assert_eq!(got.header(&header), expected);
        assert_eq!(got.header("x-amz-checksum-type"), kind);
    }
    let attributes = [("x-amz-object-attributes", "ETag,ObjectSize,ObjectParts,Checksum")];
    let seen = lab.send(Method::GET, "/bkt/key?attributes", &attributes, "").await.expect(200);
    assert_eq!(seen.one("PartsCount"), "2");
    assert_eq!(seen.one("ObjectSize"), (FIVE_MIB + 9).to_string());
}

#[tokio::test]
async fn a_part_with_another_checksum_than_its_upload_is_refused() {
    let lab = Lab::new().await;
    let upload = begin(&lab, "key", &[("x-amz-checksum-algorithm", "SHA256")]).await;
    let target = format!("/bkt/key?partNumber=1&uploadId={upload}");
    let crc = [("x-amz-checksum-crc32", "NhCmhg==")];
    lab.send(Method::PUT, &target, &crc, "hello").await.expect_error(400, "InvalidRequest");
}

#[tokio::test]
async fn unfinished_uploads_are_listed_in_pages_that_end() {
    let lab = Lab::new().await;
    let mut begun = Vec::new();
    for key in ["a", "b/1", "b/2", "c", "c", "d"] {
        begun.push((key.to_owned(), begin(&lab, key, &[]).await));
    }
    begun.sort();
    let (mut seen, mut key, mut upload) = (Vec::new(), String::new(), String::new());
    for _ in 0..10 {
        let target =
            format!("/bkt?uploads&max-uploads=2&key-marker={key}&upload-id-marker={upload}");
        let page = lab.get(&target).await.expect(200);
        seen.extend(page.all("Key").into_iter().zip(page.all("UploadId")));
        if page.one("IsTruncated") == "false" {
            break;
        }
        (key, upload) = (page.one("NextKeyMarker"), page.one("NextUploadIdMarker"));
    }
    assert_eq!(seen, begun);

    let folded = lab.get("/bkt?uploads&delimiter=/").await.expect(200);
    assert_eq!(folded.all("Key"), ["a", "c", "c", "d"]);
    assert!(folded.text().contains("<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>"));
}
