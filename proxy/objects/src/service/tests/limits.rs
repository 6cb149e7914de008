//! What S3 bounds, at the bound and past it.

use http::Method;

use super::{Lab, Reply};

async fn tagged(lab: &Lab, tagging: &str) -> Reply {
    lab.send(Method::PUT, "/bkt/key", &[("x-amz-tagging", tagging)], "").await
}

#[tokio::test]
async fn ten_tags_of_128_and_256_characters_are_kept_and_no_more() {
    let lab = Lab::new().await;
    let tags = |count: usize| {
        let pairs: Vec<_> = (0..count).map(|n| format!("k{n}={n}")).collect();
        pairs.join("&")
    };
    tagged(&lab, &tags(10)).await.expect(200);
    tagged(&lab, &tags(11)).await.expect_error(400, "InvalidTag");
    // Characters, not bytes: an umlaut has two.
    let (key, value) = ("%C3%A4".repeat(128), "%C3%B6".repeat(256));
    tagged(&lab, &format!("{key}={value}")).await.expect(200);
    tagged(&lab, &format!("{key}a={value}")).await.expect_error(400, "InvalidTag");
    tagged(&lab, &format!("{key}={value}a")).await.expect_error(400, "InvalidTag");
    tagged(&lab, "=value").await.expect_error(400, "InvalidTag");
    tagged(&lab, "a=1&a=2").await.expect_error(400, "InvalidTag");
}

#[tokio::test]
async fn user_metadata_of_2048_bytes_is_kept() {
    let lab = Lab::new().await;
    let put = async |length: usize| {
        let value = "v".repeat(length - "name".len());
        lab.send(Method::PUT, "/bkt/key", &[("x-amz-meta-name", &value)], "").await
    };
    put(2048).await.expect(200);
    put(2049).await.expect_error(400, "MetadataTooLarge");
}

#[tokio::test]
async fn a_bucket_name_that_s3_keeps_for_itself_is_refused() {
    let lab = Lab::new().await;
    let long = "a".repeat(64);
    let refused = [
        "ab",
        "Upper",
        "under_score",
        "-dash",
        "dash-",
        "two..dots",
        "10.0.0.1",
        "xn--name",
        "sthree-name",
        "amzn-s3-demo-name",
        "name-s3alias",
        "name--ol-s3",
        "name.mrap",
        "name--x-s3",
        "name--table-s3",
        &long,
    ];
    for name in refused {
        let reply = lab.send(Method::PUT, &format!("/{name}"), &[], "").await;
        reply.expect_error(400, "InvalidBucketName");
    }
    for name in ["abc", "10.0.0", "a.b-c", "1-2", &long[1..]] {
        lab.send(Method::PUT, &format!("/{name}"), &[], "").await.expect(200);
    }
}

#[tokio::test]
async fn a_bucket_can_be_made_again_and_is_empty() {
    let lab = Lab::new().await;
    lab.put("/bkt/key", "old").await;
    lab.delete("/bkt").await.expect_error(409, "BucketNotEmpty");
    lab.delete("/bkt/key").await.expect(204);
    lab.delete("/bkt").await.expect(204);
    lab.get("/bkt").await.expect_error(404, "NoSuchBucket");
    lab.send(Method::PUT, "/bkt", &[], "").await.expect(200);
    assert!(lab.get("/bkt").await.expect(200).all("Key").is_empty());
    lab.get("/bkt/key").await.expect_error(404, "NoSuchKey");
}

#[tokio::test]
async fn an_algorithm_that_nobody_knows_is_refused() {
    let lab = Lab::new().await;
    for name in ["x-amz-checksum-algorithm", "x-amz-sdk-checksum-algorithm"] {
        let put = lab.send(Method::PUT, "/bkt/key", &[(name, "CRC7")], "").await;
        put.expect_error(400, "InvalidRequest");
        lab.send(Method::PUT, "/bkt/key", &[(name, "SHA256")], "").await.expect(200);
    }
}

#[tokio::test]
async fn the_list_of_buckets_has_pages_of_one_to_ten_thousand() {
    let lab = Lab::new().await;
    lab.send(Method::PUT, "/other", &[], "").await.expect(200);
    let first = lab.get("/?max-buckets=1").await.expect(200);
    assert_eq!(first.all("Name"), ["bkt"]);
    let token = first.one("ContinuationToken");
    let last = lab.get(&format!("/?max-buckets=1&continuation-token={token}")).await.expect(200);
    assert_eq!(last.all("Name"), ["other"]);
    assert!(last.all("ContinuationToken").is_empty());
    for wrong in ["0", "10001", "-1"] {
        let reply = lab.get(&format!("/?max-buckets={wrong}")).await;
        reply.expect_error(400, "InvalidArgument");
    }
}

#[tokio::test]
async fn a_batch_with_conditions_that_the_store_does_not_know_removes_nothing() {
    let lab = Lab::new().await;
    lab.put("/bkt/key", "body").await;
    let body = |more: &str| format!("<Delete><Object><Key>key</Key>{more}</Object></Delete>");
    let kept = lab.send(Method::POST, "/bkt?delete", &[], body("<Size>9</Size>")).await;
    assert_eq!(kept.expect(200).one("Code"), "NotImplemented");
    lab.get("/bkt/key").await.expect(200);
    lab.send(Method::POST, "/bkt?delete", &[], body("")).await.expect(200);
    lab.get("/bkt/key").await.expect_error(404, "NoSuchKey");
}
