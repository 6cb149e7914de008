//! Every condition beside the form that it does not admit.

use super::*;

fn policy(conditions: &str) -> Result<PostPolicy, String> {
    let text =
        format!(r#"{{"expiration": "2026-11-23T12:00:00.000Z", "conditions": [{conditions}]}}"#);
    PostPolicy::parse(text.as_bytes())
}

fn admits(conditions: &str, key: &str, pairs: &[(&str, &str)]) -> Result<(), String> {
    let mut fields = FormFields::default();
    for (name, value) in pairs {
        fields.add(name, (*value).to_owned()).unwrap();
    }
    let form = FormRequest { bucket: "b", key, fields: &fields };
    policy(&format!(r#"{{"bucket": "b"}}, {conditions}"#)).unwrap().admits(&form)
}

#[test]
fn every_field_is_named_by_a_condition_or_exempt() {
    let key = r#"["starts-with", "$key", "user/"]"#;
    let fields = [("key", "user/${filename}"), ("policy", "x"), ("x-amz-signature", "y")];
    assert_eq!(admits(key, "user/a", &fields), Ok(()));
    assert_eq!(admits(key, "user/a", &[("key", "user/a"), ("X-Ignore-Me", "z")]), Ok(()));
    for extra in ["acl", "x-amz-meta-a", "content-type", "success_action_redirect", "submit"] {
        assert!(admits(key, "user/a", &[("key", "user/a"), (extra, "z")]).is_err(), "{extra}");
    }
    assert!(admits(r#"{"acl": "private"}"#, "a", &[("key", "a"), ("acl", "private")]).is_err());
}

#[test]
fn a_condition_holds_for_the_value_as_it_will_be() {
    let starts = r#"["StArTs-WiTh", "$KeY", "user/"]"#;
    assert!(admits(starts, "user/cat", &[("key", "user/${filename}")]).is_ok());
    assert!(admits(starts, "other/cat", &[("key", "user/${filename}")]).is_err());
    let exact = r#"["eq", "$key", "user/cat"]"#;
    assert!(admits(exact, "user/cat", &[("key", "user/cat")]).is_ok());
    assert!(admits(exact, "user/cats", &[("key", "user/cats")]).is_err());
    assert!(admits(r#"{"kEy": "a"}"#, "a", &[("key", "a")]).is_ok());
}

#[test]
fn a_field_that_is_not_there_holds_nothing() {
    let both = r#"{"key": "a"}, ["starts-with", "$content-type", ""]"#;
    assert!(admits(both, "a", &[("key", "a")]).is_err());
    assert!(admits(both, "a", &[("key", "a"), ("content-type", "")]).is_ok());
}

#[test]
fn the_bucket_is_the_address_and_always_named() {
    let fields = |name: &str| {
        let mut fields = FormFields::default();
        fields.add("key", "a".into()).unwrap();
        fields.add("bucket", name.into()).unwrap();
        fields
    };
    let named = policy(r#"{"bucket": "b"}, {"key": "a"}"#).unwrap();
    for (bucket, field, admitted) in [("b", "b", true), ("c", "b", false), ("b", "c", false)] {
        let fields = fields(field);
        let form = FormRequest { bucket, key: "a", fields: &fields };
        assert_eq!(named.admits(&form).is_ok(), admitted, "{bucket} {field}");
    }
    let none = FormFields::default();
    let form = FormRequest { bucket: "b", key: "a", fields: &none };
    let unnamed = policy(r#"{"key": "a"}"#).unwrap();
    assert!(unnamed.admits(&form).is_err());
}

#[test]
fn several_lengths_narrow_one_another() {
    let both = r#"["content-length-range", 1, "100"], ["content-length-range", 5, 1000]"#;
    assert_eq!(policy(both).unwrap().lengths(), 5..=100);
    assert_eq!(policy("").unwrap().lengths(), 0..=u64::MAX);
}

#[test]
fn each_type_of_a_list_has_to_fit() {
    let images = r#"{"key": "a"}, ["starts-with", "$Content-Type", "image/"]"#;
    let of = |value| admits(images, "a", &[("key", "a"), ("content-type", value)]);
    assert!(of("image/png, image/gif").is_ok() && of("image/png, text/html").is_err());
}

#[test]
fn only_whole_documents_are_read() {
    for conditions in [
        "{}",
        "[]",
        r#"{"key": "a", "bucket": "b"}"#,
        r#"{"key": 5}"#,
        r#"["eq", "$key"]"#,
        r#"["eq", "key", "a"]"#,
        r#"["eq", "$key", "a", "b"]"#,
        r#"["matches", "$key", "a"]"#,
        r#"["content-length-range", 0]"#,
        r#"["content-length-range", -1, 5]"#,
        r#"["content-length-range", "", 5]"#,
        r#"["content-length-range", "+1", 5]"#,
        r#""key""#,
    ] {
        assert!(policy(conditions).is_err(), "{conditions}");
    }
    for text in [
        r#"{"conditions": []}"#,
        r#"{"expiration": "2026-11-23T12:00:00Z"}"#,
        r#"{"EXPIRATION": "2026-11-23T12:00:00Z", "conditions": []}"#,
        r#"{"expiration": "2026-11-23", "conditions": []}"#,
        r#"{"expiration": "2026-11-23T12:00:00+01:00", "conditions": []}"#,
        r#"{"expiration": "2026-11-23T12:00:00Z", "expiration": "2027-11-23T12:00:00Z", "conditions": []}"#,
        "",
    ] {
        assert!(PostPolicy::parse(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn a_policy_ends_on_the_second() {
    let now = |text| OffsetDateTime::parse(text, &Rfc3339).unwrap();
    let policy = policy("").unwrap();
    assert!(!policy.has_expired(now("2026-11-23T11:59:59Z")));
    assert!(policy.has_expired(now("2026-11-23T12:00:00Z")));
}
