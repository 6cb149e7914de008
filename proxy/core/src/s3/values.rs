//! Values of query parameters that no store should be asked to make sense of.

use super::error::{S3Error, S3ErrorCode};
use super::query::Query;
use super::table::Row;

/// The first value of a known parameter that S3 would refuse: 400 `InvalidArgument`.
pub(super) fn check(row: &Row, query: &Query) -> Option<S3Error> {
    let (name, _) = query.iter().find(|(name, value)| row.knows(name) && !is_valid(name, value))?;
    let text = format!("the value of the parameter {name} is not valid");
    Some(S3Error::new(S3ErrorCode::InvalidArgument, text))
}

/// Whether a selecting parameter says something by its value, unlike `acl` and its kind.
pub(super) fn counts(selector: &str) -> bool {
    matches!(
        selector,
        "annotationName" | "id" | "max-directory-buckets" | "partNumber" | "uploadId"
    )
}

fn is_valid(name: &str, value: &str) -> bool {
    match name {
        // A store might take an empty one for none, and act on the current version.
        "versionId" | "uploadId" | "id" | "annotationName" => !value.is_empty(),
        "partNumber" => number(value).is_some_and(|it| (1..=10_000).contains(&it)),
        "max-keys" | "max-uploads" | "max-parts" | "max-buckets" | "part-number-marker" => {
            value.is_empty() || number(value).is_some()
        }
        // They become headers of the answer.
        _ if name.starts_with("response-") => !value.contains(char::is_control),
        _ => true,
    }
}

/// Decimal digits alone, within 32 bits as S3 has it.
fn number(value: &str) -> Option<i32> {
    value.bytes().all(|digit| digit.is_ascii_digit()).then(|| value.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_version_or_upload_is_not_taken_for_none() {
        assert!(!is_valid("versionId", "") && !is_valid("uploadId", ""));
        assert!(is_valid("versionId", "null") && is_valid("uploadId", "a/b+c"));
    }

    #[test]
    fn numbers_are_plain_digits_within_their_bounds() {
        for value in ["1", "10000", "007"] {
            assert!(is_valid("partNumber", value), "{value}");
        }
        for value in ["", "0", "10001", "+1", "-1", "1.0", " 1", "٣", "99999999999999999999"] {
            assert!(!is_valid("partNumber", value), "{value}");
        }
        assert!(
            is_valid("max-keys", "0") && is_valid("max-keys", "") && !is_valid("max-keys", "-1")
        );
    }

    #[test]
    fn a_header_of_the_answer_cannot_be_split() {
        assert!(is_valid("response-content-disposition", "attachment; filename=\"a b\""));
        for value in ["a\r\nset-cookie: b", "a\n", "\0", "\u{85}"] {
            assert!(!is_valid("response-content-type", value), "{value:?}");
        }
    }
}
