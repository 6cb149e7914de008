//! Keys are letters, never paths.

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Lab;

const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_');

const KEYS: [&str; 24] = [
    "a",
    "a/",
    "a/b",
    "a//b",
    "a///b",
    "/a",
    "//a",
    "/",
    "a/./b",
    "a/../b",
    "..",
    ".",
    "../../etc/passwd",
    "a%2Fb",
    "a%252Fb",
    "a+b",
    "a b",
    " a ",
    "a?b=c&d",
    "a#b",
    "ключ/🦀",
    "a\u{1}b",
    "a\\b",
    "aux.*?:<>|\"'&;=@,$!()[]{}^~`",
];

fn target(key: &str) -> String {
    format!("/bkt/{}", utf8_percent_encode(key, PATH))
}

#[tokio::test]
async fn every_key_is_an_object_of_its_own() {
    let lab = Lab::new().await;
    for key in KEYS {
        lab.put(&target(key), format!("body of {key}")).await;
    }
    for key in KEYS {
        assert_eq!(lab.get(&target(key)).await.expect(200).text(), format!("body of {key}"));
    }
    let listed = lab.get("/bkt?encoding-type=url&list-type=2").await.expect(200);
    let mut listed: Vec<String> = listed
        .all("Key")
        .iter()
        .map(|key| percent_encoding::percent_decode_str(key).decode_utf8().unwrap().into_owned())
        .collect();
    let mut keys: Vec<String> = KEYS.map(str::to_owned).to_vec();
    keys.sort();
    assert_eq!(listed, keys, "listed in the order of their bytes");
    while let Some(key) = listed.pop() {
        lab.delete(&target(&key)).await.expect(204);
        lab.get(&target(&key)).await.expect(404);
    }
}

#[tokio::test]
async fn a_batch_deletes_keys_as_they_are_written_in_the_document() {
    let lab = Lab::new().await;
    let keys = ["a b", " lead", "trail ", "a&b", "a<b", "a//b", "🦀", "a%2Fb"];
    for key in keys {
        lab.put(&target(key), "x").await;
    }
    let escape = |key: &str| key.replace('&', "&amp;").replace('<', "&lt;");
    let objects: String =
        keys.iter().map(|key| format!("<Object><Key>{}</Key></Object>", escape(key))).collect();
    let document = format!("<Delete>{objects}</Delete>");
    let reply = lab.send(Method::POST, "/bkt?delete", &[], document).await.expect(200);
    let deleted: Vec<String> = keys.iter().map(|key| escape(key).replace('>', "&gt;")).collect();
    assert_eq!(reply.all("Key"), deleted);
    assert!(lab.get("/bkt").await.all("Key").is_empty());
}

#[tokio::test]
async fn a_quiet_batch_names_only_what_failed() {
    let lab = Lab::new().await;
    lab.put("/bkt/a", "x").await;
    let document = "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object>\
        <Object><Key>none</Key></Object>\
        <Object><Key>b</Key><VersionId>v1</VersionId></Object></Delete>";
    let reply = lab.send(Method::POST, "/bkt?delete", &[], document).await.expect(200);
    assert!(reply.all("Deleted").is_empty());
    assert_eq!(reply.all("Key"), ["b"]);
    assert_eq!(reply.one("Code"), "InvalidArgument");
    lab.get("/bkt/a").await.expect(404);
}

#[tokio::test]
async fn a_key_of_1025_bytes_is_refused_and_one_of_1024_is_not() {
    let lab = Lab::new().await;
    lab.put(&format!("/bkt/{}", "k".repeat(1024)), "x").await;
    let long = format!("/bkt/{}", "k".repeat(1025));
    lab.send(Method::PUT, &long, &[], "x").await.expect_error(400, "KeyTooLongError");
}

#[tokio::test]
async fn a_carriage_return_in_a_key_survives_the_document_that_lists_it() {
    let lab = Lab::new().await;
    lab.put(&target("a\rb"), "body").await;
    let listed = lab.get("/bkt?list-type=2&prefix=a").await.expect(200);
    assert_eq!(listed.all("Key"), ["a&#13;b"]);
    assert_eq!(lab.get(&target("a\rb")).await.expect(200).text(), "body");
}

#[tokio::test]
async fn what_xml_cannot_hold_is_written_by_number_or_as_in_a_url() {
    let lab = Lab::new().await;
    lab.put(&target("a\u{1}\u{1f}\u{ffff}\n\té\u{7f}"), "body").await;
    let listed = lab.get("/bkt?list-type=2").await.expect(200);
    assert_eq!(listed.all("Key"), ["a&#1;&#31;&#65535;\n\té\u{7f}"]);
    let listed = lab.get("/bkt?list-type=2&encoding-type=url").await.expect(200);
    assert_eq!(listed.all("Key"), ["a%01%1F%EF%BF%BF%0A%09%C3%A9%7F"]);
}
