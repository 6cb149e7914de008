//! From the parts of a request to the one operation it asks for.

use http::{HeaderMap, Method};

use super::copy_source::CopySource;
use super::error::{S3Error, S3ErrorCode};
use super::kind::OperationKind;
use super::names::{BucketName, ObjectKey};
use super::operation::{Action, Operation, Support, Target};
use super::path;
use super::query::Query;
use super::table::{Level, Row, Selector, TABLE};
use super::values;

const COPY_SOURCE: &str = "x-amz-copy-source";

/// What identification looks at.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path as received, still encoded.
    pub path: &'a str,
    /// The bucket that the host names, in virtual-host style; the whole path is then the key.
    pub host_bucket: Option<&'a str>,
    /// The query.
    pub query: &'a Query,
    /// The headers, `x-amz-*` query parameters already among them (INT-4).
    pub headers: &'a HeaderMap,
}

/// Names the operation. It never fails: what is no operation of S3 is `Unknown`, and what a
/// request got wrong stands in `problem`, to be answered only to callers who may ask.
pub fn identify(head: &RequestHead<'_>) -> Operation {
    let target = match path::target(head.path, head.host_bucket) {
        Ok(target) => target,
        Err(problem) => return unknown(Target::Service, Some(problem)),
    };
    let level = level(&target);
    let candidates: Vec<&Row> = TABLE
        .iter()
        .filter(|row| row.level == level && row.method == head.method.as_str())
        .filter(|row| row.selectors().all(|selector| selector.selects(head)))
        .collect();
    let Some(row) = candidates.iter().copied().max_by_key(|row| row.selectors.len()) else {
        return unknown(target, None);
    };
    if !candidates.iter().all(|other| row.accounts_for(other)) {
        return unknown(target, Some(contradiction()));
    }
    if row.is_turned_away(head.query) {
        return unknown(target, None);
    }
    let (copy_source, source_problem) = copy_source(row, head.headers);
    let problem = repetition(row, head.query).or_else(|| values::check(row, head.query));
    Operation {
        kind: row.kind,
        target,
        parameters: row.parameters_of(head.query),
        copy_source,
        action: row.action,
        raised: is_raised(row.action, head.headers),
        support: row.support,
        problem: problem.or(source_problem),
    }
}

/// The upload that an admitted form asks for; `headers` are what its fields stand for.
pub fn form_upload(bucket: BucketName, key: ObjectKey, headers: &HeaderMap) -> Operation {
    Operation {
        kind: OperationKind::PostObject,
        target: Target::Object { bucket, key },
        parameters: Vec::new(),
        copy_source: None,
        action: Action::Write,
        raised: is_raised(Action::Write, headers),
        support: Support::Forwarded,
        problem: None,
    }
}

fn unknown(target: Target, problem: Option<S3Error>) -> Operation {
    Operation {
        kind: OperationKind::Unknown,
        target,
        parameters: Vec::new(),
        copy_source: None,
        action: Action::Admin,
        raised: false,
        support: Support::NotImplemented,
        problem,
    }
}

fn level(target: &Target) -> Level {
    match target {
        Target::Service => Level::Service,
        Target::Bucket(_) => Level::Bucket,
        Target::Object { .. } => Level::Object,
    }
}

impl Selector {
    fn selects(self, head: &RequestHead<'_>) -> bool {
        match self {
            Self::Parameter(name) => head.query.has(name),
            Self::Value(name, value) => head.query.get(name) == Some(value),
            Self::Header(name, start) => {
                let values = || head.headers.get_all(name).iter();
                let starts = |value: &[u8]| {
                    let value = value.get(..start.len()).unwrap_or_default();
                    value.eq_ignore_ascii_case(start.as_bytes())
                };
                values().any(|value| starts(value.as_bytes()))
            }
        }
    }

    /// The query parameter that it speaks of, where it does.
    fn parameter(self) -> Option<&'static str> {
        match self {
            Self::Parameter(name) | Self::Value(name, _) => Some(name),
            Self::Header(..) => None,
        }
    }
}

impl Row {
    /// Whether a query parameter selects this operation or belongs to it.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.selects_by(name) || self.parameters.contains(&name)
    }

    fn selects_by(&self, name: &str) -> bool {
        self.selectors().any(|selector| selector.parameter() == Some(name))
    }

    /// Whether all that made another row fit as well belongs to this one.
    fn accounts_for(&self, other: &Row) -> bool {
        other.selectors().all(|selector| {
            self.selectors().any(|own| own == selector)
                || selector.parameter().is_some_and(|name| self.knows(name))
        })
    }

    /// Whether a parameter turns the request into something the table has no row for (INT-8).
    ///
    /// A subresource that this level knows under another method is never ignored: the caller
    /// asked for it, and an object or a listing would be the wrong answer.
    fn is_turned_away(&self, query: &Query) -> bool {
        let subresource = |name: &str| {
            let level = TABLE.iter().filter(|row| row.level == self.level);
            level.filter_map(|row| row.selectors().next()).any(|it| it.parameter() == Some(name))
        };
        query
            .iter()
            .filter(|(name, _)| !is_transport(name) && !self.knows(name))
            .any(|(name, _)| !self.kind.ignores_unknown_parameters() || subresource(name))
    }

    /// The parameters to forward. A value beside a subresource is dropped: a store might take
    /// `?cors=x` for no subresource at all, and delete the bucket.
    fn parameters_of(&self, query: &Query) -> Vec<(String, String)> {
        let bare = |name: &str| {
            let selects =
                self.selectors().any(|it| matches!(it, Selector::Parameter(own) if own == name));
            selects && !values::counts(name)
        };
        let pair = |(name, value): (&str, &str)| {
            (name.to_owned(), if bare(name) { String::new() } else { value.to_owned() })
        };
        query.iter().filter(|(name, _)| self.knows(name)).map(pair).collect()
    }
}

/// Parameters that say nothing about the operation: signatures, hoisted headers, SDK hints.
fn is_transport(name: &str) -> bool {
    let start = name.as_bytes().get(..6);
    name == "x-id" || start.is_some_and(|it| it.eq_ignore_ascii_case(b"x-amz-"))
}

fn contradiction() -> S3Error {
    S3Error::new(S3ErrorCode::InvalidRequest, "the request names more than one operation")
}

fn repetition(row: &Row, query: &Query) -> Option<S3Error> {
    let (name, _) = query.iter().find(|(name, _)| row.knows(name) && query.repeated(name))?;
    let text = format!("the parameter {name} is given more than once");
    Some(S3Error::new(S3ErrorCode::InvalidArgument, text))
}

fn copy_source(row: &Row, headers: &HeaderMap) -> (Option<CopySource>, Option<S3Error>) {
    let mut given = headers.get_all(COPY_SOURCE).iter();
    let (Some(value), more) = (given.next(), given.next()) else { return (None, None) };
    let invalid = |code, text| Err(S3Error::new(code, text));
    let parsed = if !row.selectors().any(|it| it == Selector::Header(COPY_SOURCE, "")) {
        invalid(S3ErrorCode::InvalidRequest, "the operation copies nothing")
    } else if more.is_some() {
        invalid(S3ErrorCode::InvalidArgument, "the copy source is given more than once")
    } else {
        match std::str::from_utf8(value.as_bytes()) {
            Ok(text) => CopySource::parse(text),
            Err(_) => invalid(S3ErrorCode::InvalidArgument, "the copy source is not UTF-8"),
        }
    };
    match parsed {
        Ok(source) => (Some(source), None),
        Err(problem) => (None, Some(problem)),
    }
}

/// Whether a header grants access or sets a lock; what asks for `admin` anyway is not raised.
fn is_raised(action: Action, headers: &HeaderMap) -> bool {
    let raises = |name: &str, value: &[u8]| match name {
        // Some clients always send it, and it is what an object gets anyway.
        "x-amz-acl" => value != b"private",
        "x-amz-bypass-governance-retention" => true,
        name => name.starts_with("x-amz-grant-") || name.starts_with("x-amz-object-lock-"),
    };
    matches!(action, Action::Write | Action::Delete)
        && headers.iter().any(|(name, value)| raises(name.as_str(), value.as_bytes()))
}
