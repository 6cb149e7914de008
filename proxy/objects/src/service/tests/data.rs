//! Buckets, and one object at a time.

use http::Method;

use super::Lab;

#[tokio::test]
async fn a_bucket_is_made_once_found_and_removed_when_empty() {
    let lab = Lab::new().await;
    lab.send(Method::PUT, "/bkt", &[], "").await.expect_error(409, "BucketAlreadyOwnedByYou");
    lab.send(Method::HEAD, "/bkt", &[], "").await.expect(200);
    assert_eq!(lab.get("/").await.expect(200).all("Name"), ["bkt"]);
    lab.get("/bkt?location").await.expect(200);

    lab.put("/bkt/key", "x").await;
    lab.delete("/bkt").await.expect_error(409, "BucketNotEmpty");
    lab.delete("/bkt/key").await.expect(204);
    lab.delete("/bkt").await.expect(204);
    lab.send(Method::HEAD, "/bkt", &[], "").await.expect(404);
    lab.delete("/bkt").await.expect_error(404, "NoSuchBucket");
}

#[tokio::test]
async fn a_bucket_name_outside_the_rules_of_s3_is_refused() {
    let lab = Lab::new().await;
    for name in ["ab", "Upper", "under_score", "192.168.0.1", "-dash", "a..b", "dash-"] {
        let target = format!("/{name}");
        lab.send(Method::PUT, &target, &[], "").await.expect_error(400, "InvalidBucketName");
    }
}

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    let lab = Lab::new().await;
    let put = lab.put("/bkt/key", "hello").await;
    assert_eq!(put.header("etag"), "\"5d41402abc4b2a76b9719d911017c592\"");

    let got = lab.get("/bkt/key").await.expect(200);
    assert_eq!(got.text(), "hello");
    assert_eq!(got.header("content-length"), "5");
    assert_eq!(got.header("content-type"), "binary/octet-stream");
    assert_eq!(got.header("etag"), put.header("etag"));
    assert_eq!(got.header("accept-ranges"), "bytes");
    assert!(got.header("last-modified").ends_with("GMT"));

    let head = lab.send(Method::HEAD, "/bkt/key", &[], "").await.expect(200);
    assert_eq!(head.header("content-length"), "5");
    assert!(head.body.is_empty());

    lab.delete("/bkt/key").await.expect(204);
    lab.get("/bkt/key").await.expect_error(404, "NoSuchKey");
    lab.delete("/bkt/key").await.expect(204);
    assert_eq!(lab.files(), 0, "the file goes with its object");
}

#[tokio::test]
async fn an_object_in_no_bucket_is_refused() {
    let lab = Lab::new().await;
    let put = lab.send(Method::PUT, "/nowhere/key", &[], "x").await;
    put.expect_error(404, "NoSuchBucket");
    lab.get("/nowhere/key").await.expect_error(404, "NoSuchBucket");
    lab.delete("/nowhere/key").await.expect_error(404, "NoSuchBucket");
    assert_eq!(lab.files(), 0);
}

#[tokio::test]
async fn an_object_without_bytes_is_an_object() {
    let lab = Lab::new().await;
    lab.put("/bkt/empty", "").await;
    let got = lab.get("/bkt/empty").await.expect(200);
    assert_eq!((got.body.len(), got.header("content-length")), (0, "0"));
    assert_eq!(got.header("etag"), "\"d41d8cd98f00b204e9800998ecf8427e\"");
}

#[tokio::test]
async fn a_large_object_comes_back_whole_and_in_ranges_across_pieces() {
    let lab = Lab::new().await;
    let body: Vec<u8> = (0..1_500_001u32).map(|n| (n % 251) as u8).collect();
    lab.put("/bkt/large", body.clone()).await;
    assert_eq!(lab.get("/bkt/large").await.body, body);
    let range = [("range", "bytes=262000-1048600")];
    let part = lab.send(Method::GET, "/bkt/large", &range, "").await.expect(206);
    assert_eq!(part.body, body[262_000..=1_048_600]);
    assert_eq!(part.header("content-range"), "bytes 262000-1048600/1500001");
}

#[tokio::test]
async fn a_new_put_replaces_the_object_and_its_file() {
    let lab = Lab::new().await;
    lab.put("/bkt/key", "one").await;
    lab.put("/bkt/key", "two").await;
    assert_eq!(lab.get("/bkt/key").await.text(), "two");
    assert_eq!(lab.files(), 1);
}
