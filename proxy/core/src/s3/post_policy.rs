//! The policy document of a form: until when, and which fields with which values.

use std::fmt;
use std::ops::RangeInclusive;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::form::FormFields;

/// Fields that no condition has to name.
const EXEMPT: &[&str] = &["file", "policy", "x-amz-signature"];
const IGNORED: &str = "x-ignore-";

/// A policy, well-formed and nothing more.
#[derive(Clone, Debug)]
pub struct PostPolicy {
    expires: OffsetDateTime,
    conditions: Vec<Condition>,
}

/// What a form asks for, as its conditions see it.
#[derive(Clone, Copy, Debug)]
pub struct FormRequest<'a> {
    /// The bucket that the request goes to.
    pub bucket: &'a str,
    /// The key, the file's name filled in.
    pub key: &'a str,
    /// The fields.
    pub fields: &'a FormFields,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    Equals(String, String),
    StartsWith(String, String),
    Length(u64, u64),
}

impl PostPolicy {
    /// Reads the JSON of a policy; an error says what is wrong with it.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Document {
            expiration: String,
            conditions: Vec<Condition>,
        }
        let document: Document = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let expires = Some(document.expiration.as_str())
            .filter(|text| text.ends_with('Z'))
            .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok())
            .ok_or("the expiration is not of the form 2026-01-31T12:00:00.000Z")?;
        Ok(Self { expires, conditions: document.conditions })
    }

    /// Whether its time is over.
    pub fn has_expired(&self, now: OffsetDateTime) -> bool {
        now >= self.expires
    }

    /// Agrees that every condition holds, and that every field is named by one; otherwise says
    /// which is at fault.
    pub fn admits(&self, form: &FormRequest<'_>) -> Result<(), String> {
        if let Some(broken) = self.conditions.iter().find(|condition| !condition.holds(form)) {
            return Err(format!("the condition {broken} does not hold"));
        }
        let names = form.fields.iter().map(|(name, _)| name);
        let asked = |name: &&str| !EXEMPT.contains(name) && !name.starts_with(IGNORED);
        // The bucket is asked for by the address, whether or not it is a field.
        let uncovered = std::iter::once("bucket")
            .chain(names.filter(asked))
            .find(|name| !self.conditions.iter().any(|it| it.field() == Some(name)));
        match uncovered {
            Some(name) => Err(format!("no condition names the field {name}")),
            None => Ok(()),
        }
    }

    /// How long the file may be, in bytes.
    pub fn lengths(&self) -> RangeInclusive<u64> {
        let ranges = self.conditions.iter().filter_map(|condition| match condition {
            Condition::Length(least, most) => Some((*least, *most)),
            _ => None,
        });
        let narrow = |held: (u64, u64), (least, most)| (held.0.max(least), held.1.min(most));
        let (least, most) = ranges.fold((0, u64::MAX), narrow);
        least..=most
    }
}

impl Condition {
    fn field(&self) -> Option<&str> {
        match self {
            Self::Equals(field, _) | Self::StartsWith(field, _) => Some(field),
            Self::Length(..) => None,
        }
    }

    /// A field that is not there holds no condition, not even one that any value would.
    fn holds(&self, form: &FormRequest<'_>) -> bool {
        let value = |field: &str| match field {
            // A field of this name cannot say otherwise than the address.
            "bucket" => {
                form.fields.get(field).is_none_or(|it| it == form.bucket).then_some(form.bucket)
            }
            "key" => Some(form.key),
            _ => form.fields.get(field),
        };
        match self {
            Self::Equals(field, wanted) => value(field) == Some(wanted.as_str()),
            Self::StartsWith(field, start) => value(field).is_some_and(|value| match &**field {
                // A list of types: each has to.
                "content-type" => value.split(',').all(|part| part.trim().starts_with(&**start)),
                _ => value.starts_with(&**start),
            }),
            // Of the file, once it is there.
            Self::Length(..) => true,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(field, value) => write!(f, "[\"eq\", \"${field}\", \"{value}\"]"),
            Self::StartsWith(field, start) => {
                write!(f, "[\"starts-with\", \"${field}\", \"{start}\"]")
            }
            Self::Length(least, most) => write!(f, "[\"content-length-range\", {least}, {most}]"),
        }
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(ConditionVisitor)
    }
}

/// Reads `{"field": "value"}` and `["operator", …]`.
struct ConditionVisitor;

impl<'de> Visitor<'de> for ConditionVisitor {
    type Value = Condition;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a condition: one field with its value, or a list that begins with an operator")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Condition, A::Error> {
        let (field, value): (String, String) =
            map.next_entry()?.ok_or_else(|| de::Error::custom("a condition is empty"))?;
        if map.next_key::<String>()?.is_some() {
            return Err(de::Error::custom("a condition names more than one field"));
        }
        Ok(Condition::Equals(field.to_ascii_lowercase(), value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Condition, A::Error> {
        let short = || de::Error::custom("a condition has too few parts");
        let operator: String = list.next_element()?.ok_or_else(short)?;
        let condition = match operator.to_ascii_lowercase().as_str() {
            "content-length-range" => {
                let least: Bytes = list.next_element()?.ok_or_else(short)?;
                let most: Bytes = list.next_element()?.ok_or_else(short)?;
                Condition::Length(least.0, most.0)
            }
            operator => {
                let field: String = list.next_element()?.ok_or_else(short)?;
                let value: String = list.next_element()?.ok_or_else(short)?;
                let field = field.strip_prefix('$').map(str::to_ascii_lowercase);
                let field = field.ok_or_else(|| de::Error::custom("a field begins with `$`"))?;
                match operator {
                    "eq" => Condition::Equals(field, value),
                    "starts-with" => Condition::StartsWith(field, value),
                    _ => return Err(de::Error::custom("a condition has an unknown operator")),
                }
            }
        };
        match list.next_element::<de::IgnoredAny>()? {
            None => Ok(condition),
            Some(_) => Err(de::Error::custom("a condition has too many parts")),
        }
    }
}

/// A number of bytes; some makers of forms write it as a text.
struct Bytes(u64);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(u64),
            Text(String),
        }
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        match Either::deserialize(input)? {
            Either::Number(number) => Some(number),
            Either::Text(text) if digits(&text) => text.parse().ok(),
            Either::Text(_) => None,
        }
        .map(Self)
        .ok_or_else(|| de::Error::custom("a length is not a number of bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(conditions: &str) -> Result<PostPolicy, String> {
        let text = format!(
            r#"{{"expiration": "2026-11-23T12:00:00.000Z", "conditions": [{conditions}]}}"#
        );
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
}
