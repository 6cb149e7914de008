//! Listings of which the caller may see a part: walked here, page by page (INT-10).

mod answer;
mod page;
mod walk;

#[cfg(test)]
mod tests;

use deltaglider_core::policy::{ListingScope, Permit};
use deltaglider_core::s3::{Operation, OperationKind, S3Error, S3ErrorCode};
use http::Response;

use super::dispatch::{Reply, ask, question};
use super::seal::Sealer;
use super::{Body, respond};
use crate::backend::{Backend, BackendError, Outgoing};
use walk::Walk;

/// Most entries of a page, as in S3.
const MOST_KEYS: usize = 1000;

/// Behind every key that begins with what stands before it.
const LAST: char = char::MAX;

/// Where the store is to begin.
#[derive(Debug, PartialEq, Eq)]
enum Begin {
    First,
    After(String),
    /// No name is wanted, or none can follow.
    Nowhere,
}

/// A listing that the proxy answers itself.
pub(super) struct Listing<'a> {
    operation: &'a Operation,
    scope: &'a ListingScope,
    /// What the seals of its tokens are bound to.
    binding: String,
    /// Name of the last entry that earlier pages have looked at.
    position: Option<String>,
}

impl<'a> Listing<'a> {
    /// The listing, where names have to be left out or an earlier page left some out.
    pub(super) fn partial(permit: &'a Permit, sealer: &Sealer) -> Result<Option<Self>, S3Error> {
        match permit.listing() {
            Some(scope) => Self::of(permit.operation(), scope, permit.caller(), sealer),
            None => Ok(None),
        }
    }

    fn of(
        operation: &'a Operation,
        scope: &'a ListingScope,
        caller: &str,
        sealer: &Sealer,
    ) -> Result<Option<Self>, S3Error> {
        let v2 = operation.kind == OperationKind::ListObjectsV2;
        if !v2 && operation.kind != OperationKind::ListObjects {
            return Ok(None);
        }
        let binding = binding(caller, operation);
        let given = parameter(operation, if v2 { "continuation-token" } else { "marker" });
        let opened = given.and_then(|token| sealer.open(token, &binding));
        if scope.is_whole() && opened.is_none() {
            return Ok(None);
        }
        let position = match (opened, given) {
            (Some(position), _) => Some(position),
            (None, Some(_)) if v2 => {
                let text = "the continuation token is not one of this listing";
                return Err(S3Error::new(S3ErrorCode::InvalidArgument, text));
            }
            (None, Some(marker)) => Some(marker.to_owned()),
            (None, None) => parameter(operation, "start-after").map(str::to_owned),
        };
        let position = position.filter(|it| !it.is_empty());
        Ok(Some(Self { operation, scope, binding, position }))
    }

    /// Asks the store until the page is full, and writes it.
    pub(super) async fn serve(
        self,
        backend: &Backend,
        first: Outgoing,
        sealer: &Sealer,
    ) -> Result<Response<Body>, BackendError> {
        let mut walk = Walk::new(self.most_keys(), self.position.clone());
        loop {
            let begin = self.begin(&walk);
            let document = match ask(backend, question(&first, self.query(&begin))).await? {
                Reply::Document(document) => document,
                Reply::Other(answer) => return Ok(respond::from_store(answer)),
            };
            if !self.take(&mut walk, &begin, &document)? {
                break;
            }
        }
        Ok(respond::document(self.write(&walk, sealer)))
    }

    /// Looks at an answer of the store; whether another one is wanted.
    fn take(&self, walk: &mut Walk, begin: &Begin, document: &[u8]) -> Result<bool, BackendError> {
        let unreadable = |error: &dyn std::fmt::Display| {
            BackendError::Answer(format!("the listing cannot be read: {error}"))
        };
        let mut page = page::parse(document).map_err(|error| unreadable(&error))?;
        // What was hidden was looked for below the prefix alone.
        page.entries.retain(|entry| entry.name().starts_with(self.operation.prefix()));
        if *begin == Begin::Nowhere {
            return Ok(false);
        }
        walk.take(self.scope, page).map_err(|stuck| unreadable(&stuck))
    }

    /// Where the store has to begin for the walk to go on.
    fn begin(&self, walk: &Walk) -> Begin {
        let prefix = self.operation.prefix();
        match walk.position.as_deref() {
            _ if walk.wanted == 0 => Begin::Nowhere,
            // Some stores refuse a marker outside the prefix.
            Some(position) if position >= prefix && !position.starts_with(prefix) => Begin::Nowhere,
            Some(position) if position < prefix => Begin::First,
            // And some do not pass what lies below a common prefix that is the marker.
            Some(position) if self.is_common_prefix(position) => {
                Begin::After(format!("{position}{LAST}"))
            }
            Some(position) => Begin::After(position.to_owned()),
            None => Begin::First,
        }
    }

    /// Whether the delimiter folds a name into itself.
    fn is_common_prefix(&self, name: &str) -> bool {
        let delimiter = parameter(self.operation, "delimiter").filter(|it| !it.is_empty());
        let rest = name.strip_prefix(self.operation.prefix());
        let (Some(delimiter), Some(rest)) = (delimiter, rest) else { return false };
        rest.find(delimiter).is_some_and(|place| place + delimiter.len() == rest.len())
    }

    /// Nowhere is a question too: whether there is such a bucket is the store's to say.
    fn query(&self, begin: &Begin) -> String {
        let most = if *begin == Begin::Nowhere { 0 } else { MOST_KEYS };
        let mut pairs = vec![
            ("encoding-type".to_owned(), "url".to_owned()),
            ("max-keys".to_owned(), most.to_string()),
        ];
        for name in ["prefix", "delimiter"] {
            let given = parameter(self.operation, name);
            pairs.extend(given.map(|value| (name.to_owned(), value.to_owned())));
        }
        if let Begin::After(marker) = begin {
            pairs.push(("marker".to_owned(), marker.clone()));
        }
        deltaglider_core::s3::encode_query(&pairs)
    }

    fn most_keys(&self) -> usize {
        let given = parameter(self.operation, "max-keys").filter(|it| !it.is_empty());
        given.and_then(|text| text.parse().ok()).unwrap_or(MOST_KEYS).min(MOST_KEYS)
    }
}

/// A token is good for the listing that it came from, of the caller who got it.
fn binding(caller: &str, operation: &Operation) -> String {
    let bucket = operation.bucket().map(|name| name.as_str()).unwrap_or_default();
    let delimiter = parameter(operation, "delimiter").unwrap_or_default();
    [caller, bucket, operation.prefix(), delimiter].join("\0")
}

fn parameter<'a>(operation: &'a Operation, name: &str) -> Option<&'a str> {
    let found = operation.parameters.iter().find(|(held, _)| held == name);
    found.map(|(_, value)| value.as_str())
}
