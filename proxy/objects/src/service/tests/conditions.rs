//! Ranges, conditions, and what is said about an object.

use http::Method;

use super::{Lab, Reply};

const ETAG: &str = "\"781e5e245d69b566979b86e28d23f2c7\"";

async fn digits() -> Lab {
    let lab = Lab::new().await;
    let put = lab.put("/bkt/digits", "0123456789").await;
    assert_eq!(put.header("etag"), ETAG);
    lab
}

async fn get(lab: &Lab, headers: &[(&str, &str)]) -> Reply {
    lab.send(Method::GET, "/bkt/digits", headers, "").await
}

#[tokio::test]
async fn a_range_gives_the_bytes_that_it_names() {
    let lab = digits().await;
    let cases = [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=-99", "0123456789", "bytes 0-9/10"),
        ("bytes=8-99", "89", "bytes 8-9/10"),
        ("bytes=0-0", "0", "bytes 0-0/10"),
    ];
    for (range, body, content_range) in cases {
        let got = get(&lab, &[("range", range)]).await.expect(206);
        assert_eq!((got.text().as_str(), got.header("content-range")), (body, content_range));
        let head = lab.send(Method::HEAD, "/bkt/digits", &[("range", range)], "").await.expect(206);
        assert_eq!(head.header("content-length"), body.len().to_string());
    }
}

#[tokio::test]
async fn a_range_outside_of_the_object_is_416_and_names_its_size() {
    let lab = digits().await;
    for range in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
        let reply = get(&lab, &[("range", range)]).await.expect_error(416, "InvalidRange");
        assert_eq!(reply.header("content-range"), "bytes */10");
    }
    lab.put("/bkt/empty", "").await;
    let range = [("range", "bytes=0-0")];
    lab.send(Method::GET, "/bkt/empty", &range, "").await.expect(416);
}

#[tokio::test]
async fn a_range_that_makes_no_sense_is_ignored() {
    let lab = digits().await;
    for range in ["bytes=4-2", "bytes=a-b", "lines=1-2", "bytes=0-1,4-5"] {
        assert_eq!(
            get(&lab, &[("range", range)]).await.expect(200).text(),
            "0123456789",
            "{range}"
        );
    }
}

#[tokio::test]
async fn if_range_asks_for_the_whole_of_an_object_that_changed() {
    let lab = digits().await;
    get(&lab, &[("range", "bytes=0-1"), ("if-range", ETAG)]).await.expect(206);
    get(&lab, &[("range", "bytes=0-1"), ("if-range", "\"other\"")]).await.expect(200);
}

#[tokio::test]
async fn conditions_on_a_read_follow_the_order_of_http() {
    let lab = digits().await;
    let past = "Wed, 21 Oct 2015 07:28:00 GMT";
    let future = "Fri, 21 Oct 2095 07:28:00 GMT";
    let cases: [(&[(&str, &str)], u16); 14] = [
        (&[("if-match", ETAG)], 200),
        (&[("if-match", "*")], 200),
        (&[("if-match", "\"x\", \"781e5e245d69b566979b86e28d23f2c7\"")], 200),
        (&[("if-match", "\"x\"")], 412),
        (&[("if-none-match", ETAG)], 304),
        (&[("if-none-match", "W/\"781e5e245d69b566979b86e28d23f2c7\"")], 304),
        (&[("if-none-match", "\"x\"")], 200),
        (&[("if-modified-since", past)], 200),
        (&[("if-modified-since", future)], 304),
        (&[("if-modified-since", "no date")], 200),
        (&[("if-unmodified-since", past)], 412),
        (&[("if-unmodified-since", future)], 200),
        (&[("if-match", ETAG), ("if-unmodified-since", past)], 200),
        (&[("if-none-match", "\"x\""), ("if-modified-since", future)], 200),
    ];
    for (headers, status) in cases {
        assert_eq!(get(&lab, headers).await.status.as_u16(), status, "{headers:?}");
    }
}

#[tokio::test]
async fn not_modified_carries_the_tag_and_no_body() {
    let lab = digits().await;
    let reply = get(&lab, &[("if-none-match", ETAG)]).await.expect(304);
    assert_eq!(reply.header("etag"), ETAG);
    assert!(reply.body.is_empty());
}

#[tokio::test]
async fn a_conditional_write_happens_only_when_its_condition_holds() {
    let lab = digits().await;
    let put = async |headers: &[(&str, &str)], key: &str| {
        lab.send(Method::PUT, &format!("/bkt/{key}"), headers, "new").await
    };
    let none = [("if-none-match", "*")];
    put(&none, "digits").await.expect_error(412, "PreconditionFailed");
    put(&[("if-match", "\"x\"")], "digits").await.expect_error(412, "PreconditionFailed");
    put(&[("if-match", "\"x\"")], "absent").await.expect_error(404, "NoSuchKey");
    assert_eq!(lab.get("/bkt/digits").await.text(), "0123456789");
    assert_eq!(lab.files(), 1, "a refused body is not kept");

    put(&none, "fresh").await.expect(200);
    put(&[("if-match", ETAG)], "digits").await.expect(200);
    assert_eq!(lab.get("/bkt/digits").await.text(), "new");
}

#[tokio::test]
async fn one_of_many_simultaneous_writers_of_an_absent_key_wins() {
    let lab = Lab::new().await;
    let writes = (0..16).map(|n| {
        let lab = &lab;
        async move {
            let none = [("if-none-match", "*")];
            lab.send(Method::PUT, "/bkt/one", &none, format!("{n}")).await.status.as_u16()
        }
    });
    let statuses = futures::future::join_all(writes).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(lab.files(), 1);
}

#[tokio::test]
async fn what_is_said_about_an_object_comes_back_with_it() {
    let lab = Lab::new().await;
    let said = [
        ("content-type", "multipart/form-data; boundary=x"),
        ("cache-control", "max-age=60"),
        ("content-disposition", "attachment; filename=\"a b.txt\""),
        ("content-encoding", "gzip"),
        ("content-language", "de"),
        ("expires", "0"),
        ("x-amz-meta-plain", "value"),
        ("x-amz-meta-encoded", "=?UTF-8?B?w6k=?="),
    ];
    lab.send(Method::PUT, "/bkt/said", &said, "x").await.expect(200);
    for method in [Method::GET, Method::HEAD] {
        let reply = lab.send(method, "/bkt/said", &[], "").await.expect(200);
        for (name, value) in said {
            assert_eq!(reply.header(name), value);
        }
    }
    let asked = "/bkt/said?response-content-type=text%2Fplain&response-cache-control=no-store";
    let reply = lab.get(asked).await.expect(200);
    assert_eq!(reply.header("content-type"), "text/plain");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("content-language"), "de");
    let split = lab.get("/bkt/said?response-content-type=a%0d%0ab").await;
    assert!(split.status.is_client_error());
}

#[tokio::test]
async fn user_metadata_over_2_kib_is_refused() {
    let lab = Lab::new().await;
    let value = "v".repeat(2048);
    let headers = [("x-amz-meta-m", value.as_str())];
    let reply = lab.send(Method::PUT, "/bkt/meta", &headers, "x").await;
    reply.expect_error(400, "MetadataTooLarge");
}

#[tokio::test]
async fn what_the_store_cannot_do_is_refused_rather_than_ignored() {
    let lab = Lab::new().await;
    let asked = [
        ("x-amz-acl", "public-read"),
        ("x-amz-grant-read", "id=x"),
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        ("x-amz-object-lock-mode", "COMPLIANCE"),
        ("x-amz-website-redirect-location", "/x"),
    ];
    for header in asked {
        let reply = lab.send(Method::PUT, "/bkt/asked", &[header], "x").await;
        reply.expect_error(501, "NotImplemented");
    }
    lab.send(Method::PUT, "/bkt/asked", &[("x-amz-acl", "private")], "x").await.expect(200);
    lab.send(Method::PUT, "/bkt?versioning", &[], "<VersioningConfiguration/>").await.expect(501);
    lab.get("/bkt?policy").await.expect(501);
}

#[tokio::test]
async fn another_version_than_the_only_one_is_neither_read_nor_deleted() {
    let lab = digits().await;
    lab.get("/bkt/digits?versionId=v1").await.expect_error(400, "InvalidArgument");
    lab.delete("/bkt/digits?versionId=v1").await.expect_error(400, "InvalidArgument");
    lab.get("/bkt/digits?versionId=null").await.expect(200);
}

#[tokio::test]
async fn tags_are_put_counted_read_and_removed() {
    let lab = Lab::new().await;
    let tagging = [("x-amz-tagging", "colour=dark+red&size=%26")];
    lab.send(Method::PUT, "/bkt/key", &tagging, "x").await.expect(200);
    assert_eq!(lab.get("/bkt/key").await.header("x-amz-tagging-count"), "2");
    assert_eq!(lab.get("/bkt/key?tagging").await.all("Value"), ["dark red", "&amp;"]);

    let document = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    lab.send(Method::PUT, "/bkt/key?tagging", &[], document).await.expect(200);
    assert_eq!(lab.get("/bkt/key?tagging").await.all("Key"), ["a"]);
    lab.delete("/bkt/key?tagging").await.expect(204);
    assert!(lab.get("/bkt/key?tagging").await.all("Key").is_empty());
    assert_eq!(lab.get("/bkt/key").await.text(), "x");
}
