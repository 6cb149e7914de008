//! Listings, compared with a plain model of what S3 promises.

use std::collections::BTreeSet;

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use proptest::prelude::*;

use super::{Lab, Reply};

/// Every name of a listing: keys, and common prefixes in place of what they cover.
fn expected(keys: &BTreeSet<String>, prefix: &str, delimiter: &str, after: &str) -> Vec<String> {
    let names: BTreeSet<String> = keys
        .iter()
        .filter_map(|key| {
            let rest = key.strip_prefix(prefix)?;
            match rest.find(delimiter).filter(|_| !delimiter.is_empty()) {
                Some(at) => Some(format!("{prefix}{}{delimiter}", &rest[..at])),
                None => Some(key.clone()),
            }
        })
        .filter(|name| name.as_str() > after)
        .collect();
    names.into_iter().collect()
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

/// Keys and common prefixes of a page, in one order.
fn names(page: &Reply) -> Vec<String> {
    let prefixes = page.all("CommonPrefixes").into_iter().map(|folded| {
        folded.trim_start_matches("<Prefix>").trim_end_matches("</Prefix>").to_owned()
    });
    let mut names: Vec<String> =
        page.all("Key").into_iter().chain(prefixes).map(|name| decode(&name)).collect();
    names.sort();
    names
}

fn key() -> impl Strategy<Value = String> {
    let letters = prop_oneof![
        4 => Just("a"), 2 => Just("b"), 4 => Just("/"), 1 => Just("é"), 1 => Just("🦀"),
        1 => Just("%"), 1 => Just("+"), 1 => Just(" "), 1 => Just("."), 1 => Just("\u{10ffff}"),
    ];
    prop::collection::vec(letters, 1..7).prop_map(|letters| letters.concat())
}

fn maybe(some: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), some]
}

#[derive(Clone, Debug)]
struct Question {
    prefix: String,
    delimiter: String,
    after: String,
    limit: usize,
}

fn question() -> impl Strategy<Value = Question> {
    let delimiter = prop_oneof![Just(""), Just("/"), Just("//"), Just("a"), Just("/b"), Just("é"),];
    (maybe(key()), delimiter, maybe(key()), 1..6usize).prop_map(
        |(prefix, delimiter, after, limit)| {
            let delimiter = delimiter.to_owned();
            Question { prefix, delimiter, after, limit }
        },
    )
}

async fn all_pages_of_version_2(lab: &Lab, asked: &Question) -> Vec<String> {
    let fixed = format!(
        "/bkt?list-type=2&encoding-type=url&max-keys={}&prefix={}&delimiter={}&start-after={}",
        asked.limit,
        escape(&asked.prefix),
        escape(&asked.delimiter),
        escape(&asked.after),
    );
    let (mut seen, mut token) = (Vec::new(), String::new());
    for _ in 0..100 {
        let page = lab.get(&format!("{fixed}{token}")).await.expect(200);
        let on_page = names(&page);
        assert_eq!(page.one("KeyCount"), on_page.len().to_string());
        assert!(on_page.len() <= asked.limit);
        seen.extend(on_page);
        if page.one("IsTruncated") == "false" {
            return seen;
        }
        token = format!("&continuation-token={}", page.one("NextContinuationToken"));
    }
    panic!("paging does not end: {asked:?}");
}

async fn all_pages_of_version_1(lab: &Lab, asked: &Question) -> Vec<String> {
    let fixed = format!(
        "/bkt?encoding-type=url&max-keys={}&prefix={}&delimiter={}",
        asked.limit,
        escape(&asked.prefix),
        escape(&asked.delimiter),
    );
    let (mut seen, mut marker) = (Vec::new(), asked.after.clone());
    for _ in 0..100 {
        let page = lab.get(&format!("{fixed}&marker={}", escape(&marker))).await.expect(200);
        seen.extend(names(&page));
        if page.one("IsTruncated") == "false" {
            return seen;
        }
        // Without a delimiter the client takes the last key.
        let next = page.all("NextMarker").pop().map(|next| decode(&next));
        assert_eq!(next.is_some(), !asked.delimiter.is_empty());
        marker = next.or(seen.last().cloned()).unwrap();
    }
    panic!("paging does not end: {asked:?}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_pages_of_any_listing_hold_every_name_once_and_in_order(
        keys in prop::collection::btree_set(key(), 0..24),
        questions in prop::collection::vec(question(), 12),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let lab = Lab::new().await;
            for name in ["bks", "bkt-2"] {
                // Neighbours on both sides, whose keys must not show.
                lab.send(Method::PUT, &format!("/{name}"), &[], "").await.expect(200);
                lab.put(&format!("/{name}/a/foreign"), "").await;
            }
            for key in &keys {
                lab.put(&format!("/bkt/{}", escape(key)), "").await;
            }
            for asked in &questions {
                let expected = expected(&keys, &asked.prefix, &asked.delimiter, &asked.after);
                assert_eq!(all_pages_of_version_2(&lab, asked).await, expected, "{asked:?}");
                assert_eq!(all_pages_of_version_1(&lab, asked).await, expected, "{asked:?}");
            }
        });
    }
}

#[tokio::test]
async fn a_listing_says_what_was_asked_and_what_each_object_is() {
    let lab = Lab::new().await;
    lab.put("/bkt/dir/a%20b", "hello").await;
    let page = lab.get("/bkt?list-type=2&prefix=dir/&max-keys=7&start-after=d").await.expect(200);
    assert_eq!(page.one("Name"), "bkt");
    assert_eq!(page.one("Prefix"), "dir/");
    assert_eq!(page.one("MaxKeys"), "7");
    assert_eq!(page.one("StartAfter"), "d");
    assert_eq!(page.one("Key"), "dir/a b");
    assert_eq!(page.one("Size"), "5");
    assert_eq!(page.one("ETag"), "\"5d41402abc4b2a76b9719d911017c592\"");
    assert!(page.one("LastModified").ends_with('Z'));
    let encoded = lab.get("/bkt?encoding-type=url").await.expect(200);
    assert_eq!(encoded.one("Key"), "dir/a%20b");
}

#[tokio::test]
async fn a_page_has_between_none_and_a_thousand_names() {
    let lab = Lab::new().await;
    lab.put("/bkt/a", "").await;
    let none = lab.get("/bkt?list-type=2&max-keys=0").await.expect(200);
    assert_eq!((none.one("KeyCount"), none.one("IsTruncated")), ("0".into(), "false".into()));
    assert_eq!(lab.get("/bkt?max-keys=5000").await.expect(200).one("MaxKeys"), "1000");
    lab.get("/bkt?max-keys=-1").await.expect_error(400, "InvalidArgument");
    lab.get("/bkt?encoding-type=rot13").await.expect_error(400, "InvalidArgument");
    let token = "/bkt?list-type=2&continuation-token=nonsense";
    lab.get(token).await.expect_error(400, "InvalidArgument");
    lab.get("/nowhere").await.expect_error(404, "NoSuchBucket");
}

#[tokio::test]
async fn keys_that_stay_are_named_once_while_others_come_and_go() {
    let lab = Lab::new().await;
    for n in 0..60 {
        lab.put(&format!("/bkt/stays-{n:02}"), "").await;
    }
    let (mut seen, mut token) = (Vec::new(), String::new());
    for turn in 0..60_u32 {
        // Before, at and behind the place where the listing is.
        for n in [0, turn, 59] {
            lab.put(&format!("/bkt/stays-{n:02}-guest-{turn}"), "").await;
        }
        if let Some(gone) = turn.checked_sub(1) {
            lab.delete(&format!("/bkt/stays-{gone:02}-guest-{gone}")).await.expect(204);
        }
        let page = lab.get(&format!("/bkt?list-type=2&max-keys=7{token}")).await.expect(200);
        seen.extend(page.all("Key"));
        if page.one("IsTruncated") == "false" {
            break;
        }
        token = format!("&continuation-token={}", page.one("NextContinuationToken"));
    }
    let stayed: Vec<_> = seen.iter().filter(|key| !key.contains("guest")).cloned().collect();
    let expected: Vec<_> = (0..60).map(|n| format!("stays-{n:02}")).collect();
    assert_eq!(stayed, expected);
    assert!(seen.is_sorted() && seen.windows(2).all(|two| two[0] != two[1]));
}

#[tokio::test]
async fn a_page_is_cut_at_its_limit_with_every_kind_of_marker() {
    let lab = Lab::new().await;
    let writes = (0..1001).map(|n| {
        let (lab, target) = (&lab, format!("/bkt/k{n:04}"));
        async move { lab.put(&target, "").await }
    });
    futures::future::join_all(writes).await;
    let full = lab.get("/bkt?list-type=2").await.expect(200);
    assert_eq!((full.all("Key").len(), full.one("IsTruncated")), (1000, "true".into()));
    let exact = lab.get("/bkt?list-type=2&start-after=k0000").await.expect(200);
    assert_eq!((exact.all("Key").len(), exact.one("IsTruncated")), (1000, "false".into()));
    assert_eq!(lab.get("/bkt?marker=k0999").await.expect(200).all("Key"), ["k1000"]);
    assert_eq!(lab.get("/bkt?marker=k0999x").await.expect(200).all("Key"), ["k1000"]);
    assert!(lab.get("/bkt?marker=k1000").await.expect(200).all("Key").is_empty());
    // The token is further on than the key.
    let token = full.one("NextContinuationToken");
    let both = format!("/bkt?list-type=2&start-after=k0&continuation-token={token}");
    assert_eq!(lab.get(&both).await.expect(200).all("Key"), ["k1000"]);
    lab.get("/bkt?list-type=2&continuation-token=").await.expect_error(400, "InvalidArgument");
    lab.get("/bkt?max-keys=many").await.expect_error(400, "InvalidArgument");
}
