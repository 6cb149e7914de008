//! `If-*` headers.

use http::{HeaderMap, StatusCode, header};
use s3s::dto::{Timestamp, TimestampFormat};
use s3s::{S3Error, S3ErrorCode, S3Result};

use super::errors::{refuse, unsupported};
use crate::model::{EtagSet, ObjectRecord, WriteCondition};

/// The names of the four conditions.
pub(super) struct Names {
    matches: &'static str,
    none_match: &'static str,
    modified: &'static str,
    unmodified: &'static str,
}

pub(super) const PLAIN: Names = Names {
    matches: "if-match",
    none_match: "if-none-match",
    modified: "if-modified-since",
    unmodified: "if-unmodified-since",
};

pub(super) const COPY_SOURCE: Names = Names {
    matches: "x-amz-copy-source-if-match",
    none_match: "x-amz-copy-source-if-none-match",
    modified: "x-amz-copy-source-if-modified-since",
    unmodified: "x-amz-copy-source-if-unmodified-since",
};

/// What the conditions come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Go,
    /// The client has this object already.
    NotModified,
    Failed,
}

/// Weighs the conditions in the order of RFC 9110: a date counts only where its tag is absent.
pub(super) fn weigh(headers: &HeaderMap, names: &Names, record: &ObjectRecord) -> Verdict {
    let seconds = record.modified.seconds();
    match etags(headers, names.matches, Comparison::Strong) {
        Some(tags) if !tags.contains(&record.etag) => return Verdict::Failed,
        Some(_) => {}
        None if date(headers, names.unmodified).is_some_and(|limit| seconds > limit) => {
            return Verdict::Failed;
        }
        None => {}
    }
    match etags(headers, names.none_match, Comparison::Weak) {
        Some(tags) if tags.contains(&record.etag) => Verdict::NotModified,
        Some(_) => Verdict::Go,
        None if date(headers, names.modified).is_some_and(|limit| seconds <= limit) => {
            Verdict::NotModified
        }
        None => Verdict::Go,
    }
}

/// Refuses a read whose conditions do not hold.
pub(super) fn check_read(asides: &HeaderMap, record: &ObjectRecord) -> S3Result<()> {
    match weigh(asides, &PLAIN, record) {
        Verdict::Go => Ok(()),
        Verdict::Failed => Err(precondition_failed()),
        Verdict::NotModified => {
            let mut error = S3Error::new(S3ErrorCode::NotModified);
            error.set_status_code(StatusCode::NOT_MODIFIED);
            error.set_headers(validators(record));
            Err(error)
        }
    }
}

/// Refuses a copy whose source does not fulfil the conditions. A copy knows no 304.
pub(super) fn check_copy(headers: &HeaderMap, source: &ObjectRecord) -> S3Result<()> {
    match weigh(headers, &COPY_SOURCE, source) {
        Verdict::Go => Ok(()),
        Verdict::Failed | Verdict::NotModified => Err(precondition_failed()),
    }
}

/// The conditions of a request that writes. They are checked in the transaction that writes.
pub(super) fn of_write(asides: &HeaderMap) -> S3Result<WriteCondition> {
    let absent = match asides.get(header::IF_NONE_MATCH) {
        None => false,
        Some(value) if value.as_bytes().trim_ascii() == b"*" => true,
        Some(_) => return Err(unsupported("If-None-Match with a tag on a write")),
    };
    Ok(WriteCondition { absent, matches: etags(asides, "if-match", Comparison::Strong) })
}

/// Whether a range is wanted: `If-Range` asks for the whole object when it has changed.
pub(super) fn range_holds(asides: &HeaderMap, record: &ObjectRecord) -> bool {
    let Some(value) = asides.get(header::IF_RANGE) else { return true };
    let Ok(text) = value.to_str() else { return false };
    match http_date(text) {
        Some(date) => record.modified.seconds() == date,
        None => parse_etags(text, Comparison::Strong).contains(&record.etag),
    }
}

fn precondition_failed() -> S3Error {
    refuse(S3ErrorCode::PreconditionFailed, "At least one of the preconditions does not hold.")
}

fn validators(record: &ObjectRecord) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(etag) = format!("\"{}\"", record.etag).parse() {
        headers.insert(header::ETAG, etag);
    }
    let mut modified = Vec::new();
    let written = Timestamp::from(record.modified.to_system_time())
        .format(TimestampFormat::HttpDate, &mut modified);
    if let (Ok(()), Ok(value)) = (written, http::HeaderValue::from_bytes(&modified)) {
        headers.insert(header::LAST_MODIFIED, value);
    }
    headers
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// A weak tag matches nothing.
    Strong,
    Weak,
}

fn etags(headers: &HeaderMap, name: &str, comparison: Comparison) -> Option<EtagSet> {
    let mut lists = headers.get_all(name).iter().peekable();
    lists.peek()?;
    let text: Vec<_> = lists.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    Some(parse_etags(&text.join(","), comparison))
}

/// Quotes may be missing, as some clients leave them out.
fn parse_etags(text: &str, comparison: Comparison) -> EtagSet {
    if text.trim() == "*" {
        return EtagSet::Any;
    }
    let tags = text.split(',').filter_map(|tag| {
        let tag = tag.trim();
        let strong = match tag.strip_prefix("W/") {
            Some(_) if comparison == Comparison::Strong => return None,
            Some(weak) => weak,
            None => tag,
        };
        Some(strong.trim_matches('"').to_owned())
    });
    EtagSet::Of(tags.collect())
}

/// A date that cannot be read is no condition, as RFC 9110 has it.
fn date(headers: &HeaderMap, name: &str) -> Option<u64> {
    http_date(headers.get(name)?.to_str().ok()?)
}

fn http_date(text: &str) -> Option<u64> {
    let date = Timestamp::parse(TimestampFormat::HttpDate, text.trim()).ok()?;
    u64::try_from(time::OffsetDateTime::from(date).unix_timestamp()).ok()
}
