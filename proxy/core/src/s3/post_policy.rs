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
mod tests;
