//! The list of buckets, thinned to those in which the caller may do something (INT-11).

use deltaglider_core::policy::Permit;
use http::Response;
use serde::Deserialize;

use super::dispatch::{Reply, ask, question};
use super::seal::Sealer;
use super::xml::Writer;
use super::{Body, respond};
use crate::backend::{Backend, BackendError, Outgoing};

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "Owner")]
    owner: Option<Owner>,
    #[serde(rename = "Buckets")]
    buckets: Option<Buckets>,
}

#[derive(Deserialize)]
struct Owner {
    #[serde(rename = "ID", default)]
    id: String,
    #[serde(rename = "DisplayName", default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Buckets {
    #[serde(rename = "Bucket", default)]
    list: Vec<Bucket>,
}

#[derive(Deserialize)]
struct Bucket {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "CreationDate")]
    created: Option<String>,
    #[serde(rename = "BucketRegion")]
    region: Option<String>,
}

/// Asks the store for all buckets and applies prefix, size and token of the page here: the
/// store's own token could name a bucket that does not show.
pub(super) async fn serve(
    backend: &Backend,
    permit: &Permit,
    first: Outgoing,
    sealer: &Sealer,
) -> Result<Response<Body>, BackendError> {
    let document = match ask(backend, question(&first, String::new())).await? {
        Reply::Document(document) => document,
        Reply::Other(answer) => return Ok(respond::from_store(answer)),
    };
    let document: Document = quick_xml::de::from_reader(&*document)
        .map_err(|error| BackendError::Answer(format!("the list of buckets: {error}")))?;
    let parameters = &permit.operation().parameters;
    let given = |name: &str| {
        let found = parameters.iter().find(|(held, _)| held == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    };
    let binding = format!("{}\0buckets", permit.caller());
    let after = given("continuation-token").and_then(|token| sealer.open(token, &binding));
    let prefix = given("prefix").unwrap_or_default();
    let most = given("max-buckets").and_then(|text| text.parse().ok()).unwrap_or(usize::MAX);

    let mut buckets = document.buckets.map(|it| it.list).unwrap_or_default();
    buckets.sort_by(|one, other| one.name.cmp(&other.name));
    buckets.retain(|bucket| {
        bucket.name.starts_with(prefix)
            && after.as_ref().is_none_or(|after| bucket.name > *after)
            && permit.shows_bucket(&bucket.name)
    });
    let truncated = buckets.len() > most;
    buckets.truncate(most);

    let mut xml = Writer::new("ListAllMyBucketsResult");
    if let Some(owner) = document.owner {
        xml.nested("Owner", |xml| {
            xml.element("ID", &owner.id);
            xml.optional("DisplayName", owner.name.as_deref());
        });
    }
    xml.nested("Buckets", |xml| {
        for bucket in &buckets {
            xml.nested("Bucket", |xml| {
                xml.element("Name", &bucket.name);
                xml.optional("CreationDate", bucket.created.as_deref());
                xml.optional("BucketRegion", bucket.region.as_deref());
            });
        }
    });
    if let (true, Some(last)) = (truncated, buckets.last()) {
        xml.element("ContinuationToken", &sealer.seal(&last.name, &binding));
    }
    xml.optional("Prefix", given("prefix"));
    Ok(respond::document(xml.finish()))
}
