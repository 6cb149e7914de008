//! The list of buckets, thinned to those in which the caller may do something (INT-11).

use bytes::Bytes;
use deltaglider_core::s3::{Operation, S3Error, S3ErrorCode, encode_query};
use http::Response;
use serde::Deserialize;

use super::dispatch::{Reply, ask, question};
use super::seal::Sealer;
use super::xml::Writer;
use super::{Body, respond};
use crate::backend::{Backend, BackendError, Outgoing};

/// Most buckets of one answer, as in S3.
const MOST: usize = 10_000;

/// A store that pages although it was not asked to is followed this far.
const STORE_PAGES: usize = 16;

/// A document of another kind would pass for a list of none.
#[derive(Deserialize)]
enum Root {
    ListAllMyBucketsResult(Document),
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "Owner")]
    owner: Option<Owner>,
    #[serde(rename = "Buckets")]
    buckets: Option<Buckets>,
    #[serde(rename = "ContinuationToken")]
    token: Option<String>,
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

/// The page that a caller wants. It is cut here: the store's own token could name a bucket that
/// does not show.
pub(super) struct Wanted {
    prefix: Option<String>,
    region: Option<String>,
    most: usize,
    after: String,
    binding: String,
}

impl Wanted {
    /// 400 `InvalidArgument` for a page without room, or a token that is not the caller's.
    pub(super) fn read(
        operation: &Operation,
        caller: &str,
        sealer: &Sealer,
    ) -> Result<Self, S3Error> {
        let given = |name: &str| {
            let found = operation.parameters.iter().find(|(held, _)| held == name);
            found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
        };
        let invalid = |text: &str| S3Error::new(S3ErrorCode::InvalidArgument, text);
        let binding = format!("{caller}\0buckets");
        let most = given("max-buckets").map_or(Some(MOST), |text| text.parse().ok());
        let most = most.filter(|most| (1..=MOST).contains(most));
        let after = given("continuation-token").map(|token| sealer.open(&token, &binding));
        Ok(Self {
            prefix: given("prefix"),
            region: given("bucket-region"),
            most: most.ok_or_else(|| invalid("max-buckets is a number from 1 to 10000"))?,
            after: after
                .unwrap_or_else(|| Some(String::new()))
                .ok_or_else(|| invalid("the continuation token is not one of this listing"))?,
            binding,
        })
    }

    /// Asks the store for all buckets, and shows of them what may be shown.
    pub(super) async fn serve(
        &self,
        backend: &Backend,
        shows: impl Fn(&str) -> bool,
        first: Outgoing,
        sealer: &Sealer,
    ) -> Result<Response<Body>, BackendError> {
        let (mut owner, mut buckets, mut token) = (None, Vec::new(), None);
        for _ in 0..STORE_PAGES {
            let query = self.query(token);
            let document = match ask(backend, question(&first, query)).await? {
                Reply::Document(document) => document,
                Reply::Other(answer) => return Ok(respond::from_store(answer)),
            };
            let Root::ListAllMyBucketsResult(page) = quick_xml::de::from_reader(&*document)
                .map_err(|error| BackendError::Answer(format!("the list of buckets: {error}")))?;
            owner = owner.or(page.owner);
            buckets.extend(page.buckets.map(|it| it.list).unwrap_or_default());
            token = page.token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(respond::document(self.write(owner, buckets, shows, sealer)));
            }
        }
        Err(BackendError::Answer("the list of buckets does not end".into()))
    }

    /// `token` is the store's: one that pages although nobody asked it to is followed.
    fn query(&self, token: Option<String>) -> String {
        let pairs = [("bucket-region", self.region.clone()), ("continuation-token", token)];
        let given = pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        encode_query(&given.collect::<Vec<_>>())
    }

    fn write(
        &self,
        owner: Option<Owner>,
        mut buckets: Vec<Bucket>,
        shows: impl Fn(&str) -> bool,
        sealer: &Sealer,
    ) -> Bytes {
        let prefix = self.prefix.as_deref().unwrap_or_default();
        buckets.sort_by(|one, other| one.name.cmp(&other.name));
        buckets.retain(|bucket| {
            bucket.name.starts_with(prefix) && bucket.name > self.after && shows(&bucket.name)
        });
        let truncated = buckets.len() > self.most;
        buckets.truncate(self.most);

        let mut xml = Writer::new("ListAllMyBucketsResult");
        if let Some(owner) = owner {
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
            xml.element("ContinuationToken", &sealer.seal(&last.name, &self.binding));
        }
        xml.optional("Prefix", self.prefix.as_deref());
        xml.finish()
    }
}

#[cfg(test)]
mod tests {
    use deltaglider_core::s3::{OperationKind, Target};

    use super::*;

    fn wanted(caller: &str, parameters: &[(&str, &str)]) -> Result<Wanted, S3ErrorCode> {
        let kind = OperationKind::ListBuckets;
        let mut operation = Operation::supposed(kind, Target::Service, "").unwrap();
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        operation.parameters = parameters.iter().map(owned).collect();
        Wanted::read(&operation, caller, &Sealer::new(&[7; 32])).map_err(|error| error.code)
    }

    fn page(wanted: &Wanted) -> (Vec<String>, Option<String>) {
        let bucket =
            |name: &str| Bucket { name: name.into(), created: Some("2026".into()), region: None };
        let buckets = ["b-1", "hidden-1", "a-1", "b-3", "b-2"].map(bucket).into();
        let shows = |name: &str| !name.starts_with("hidden");
        let written = wanted.write(None, buckets, shows, &Sealer::new(&[7; 32]));
        let Root::ListAllMyBucketsResult(page) = quick_xml::de::from_reader(&*written).unwrap();
        (page.buckets.unwrap().list.into_iter().map(|it| it.name).collect(), page.token)
    }

    #[test]
    fn only_buckets_that_may_be_known_are_listed() {
        assert_eq!(page(&wanted("ana", &[]).unwrap()).0, ["a-1", "b-1", "b-2", "b-3"]);
        let under = wanted("ana", &[("prefix", "b"), ("max-buckets", "3")]).unwrap();
        assert_eq!(page(&under), (vec!["b-1".into(), "b-2".into(), "b-3".into()], None));
    }

    #[test]
    fn pages_follow_one_another_and_end() {
        let (mut seen, mut token) = (Vec::new(), None::<String>);
        for _ in 0..4 {
            let mut parameters = vec![("max-buckets", "1")];
            parameters.extend(token.as_deref().map(|it| ("continuation-token", it)));
            let (names, next) = page(&wanted("ana", &parameters).unwrap());
            seen.extend(names);
            token = next;
        }
        assert_eq!((seen.join(" "), token), ("a-1 b-1 b-2 b-3".into(), None));
    }

    #[test]
    fn what_is_no_page_or_no_token_is_refused() {
        let theirs = page(&wanted("bea", &[("max-buckets", "1")]).unwrap()).1.unwrap();
        for (name, value) in [
            ("max-buckets", "0"),
            ("max-buckets", "10001"),
            ("continuation-token", "a-1"),
            ("continuation-token", theirs.as_str()),
        ] {
            let refused = wanted("ana", &[(name, value)]).err();
            assert_eq!(refused, Some(S3ErrorCode::InvalidArgument), "{name} {value}");
        }
        assert!(wanted("bea", &[("continuation-token", &theirs)]).is_ok());
    }

    #[test]
    fn the_store_is_asked_for_all_but_other_regions() {
        let asked = wanted("ana", &[("prefix", "b"), ("bucket-region", "eu")]).unwrap();
        assert_eq!(asked.query(None), "bucket-region=eu");
        assert_eq!(asked.query(Some("a+b".into())), "bucket-region=eu&continuation-token=a%2Bb");
        let error = b"<Error><Code>SlowDown</Code></Error>".as_slice();
        assert!(quick_xml::de::from_reader::<_, Root>(error).is_err());
    }
}
