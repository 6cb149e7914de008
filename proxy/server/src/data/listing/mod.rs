//! Listings of which the caller may see a part: walked here, page by page (INT-10).

mod answer;
mod page;
mod walk;

use deltaglider_core::policy::{ListingScope, Permit};
use deltaglider_core::s3::{Operation, OperationKind, S3Error, S3ErrorCode};
use http::Response;

use super::dispatch::{Reply, ask};
use super::seal::Sealer;
use super::{Body, respond};
use crate::backend::{Backend, BackendError, Outgoing};
use walk::Walk;

/// Most entries of a page, as in S3.
const MOST_KEYS: usize = 1000;

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
        let operation = permit.operation();
        let Some(scope) = permit.listing() else { return Ok(None) };
        let v2 = operation.kind == OperationKind::ListObjectsV2;
        if !v2 && operation.kind != OperationKind::ListObjects {
            return Ok(None);
        }
        let binding = binding(permit);
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
        let mut wants_more = walk.wanted > 0;
        while wants_more {
            let query = self.query(walk.position.as_deref());
            let document = match ask(backend, first.again(query)).await? {
                Reply::Document(document) => document,
                Reply::Other(answer) => return Ok(respond::from_store(answer)),
            };
            let page = page::parse(&document).map_err(|error| {
                BackendError::Answer(format!("the listing cannot be read: {error}"))
            })?;
            wants_more = walk.take(self.scope, page);
        }
        Ok(respond::document(self.write(&walk, sealer)))
    }

    fn query(&self, marker: Option<&str>) -> String {
        let mut pairs = vec![
            ("encoding-type".to_owned(), "url".to_owned()),
            ("max-keys".to_owned(), MOST_KEYS.to_string()),
        ];
        for name in ["prefix", "delimiter"] {
            let given = parameter(self.operation, name);
            pairs.extend(given.map(|value| (name.to_owned(), value.to_owned())));
        }
        pairs.extend(marker.map(|value| ("marker".to_owned(), value.to_owned())));
        deltaglider_core::s3::encode_query(&pairs)
    }

    fn most_keys(&self) -> usize {
        let given = parameter(self.operation, "max-keys").filter(|it| !it.is_empty());
        given.and_then(|text| text.parse().ok()).unwrap_or(MOST_KEYS).min(MOST_KEYS)
    }
}

/// A token is good for the listing that it came from, of the caller who got it.
fn binding(permit: &Permit) -> String {
    let operation = permit.operation();
    let bucket = operation.bucket().map(|name| name.as_str()).unwrap_or_default();
    let delimiter = parameter(operation, "delimiter").unwrap_or_default();
    [permit.caller(), bucket, operation.prefix(), delimiter].join("\0")
}

fn parameter<'a>(operation: &'a Operation, name: &str) -> Option<&'a str> {
    let found = operation.parameters.iter().find(|(held, _)| held == name);
    found.map(|(_, value)| value.as_str())
}
