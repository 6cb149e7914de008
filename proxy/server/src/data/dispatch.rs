//! To the store and back: straight, or through what has to look at the answer.

use bytes::Bytes;
use deltaglider_core::policy::Permit;
use deltaglider_core::s3::OperationKind;
use http::header::{HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};

use super::forward::Prepared;
use super::listing::Listing;
use super::refusal::Refusal;
use super::seal::Sealer;
use super::{Body, bucket_list, respond};
use crate::backend::{Backend, BackendError, Outgoing};

/// Largest answer of the store that is read whole, in bytes: a thousand keys, generously.
const LARGEST: usize = 16 * 1024 * 1024;

/// The store's answer to a question of the proxy's own.
pub(super) enum Reply {
    /// 200, read whole.
    Document(Bytes),
    /// Anything else, to be passed on.
    Other(Response<Body>),
}

/// What is sent, and how its answer is treated.
pub(super) enum Course<'a> {
    Straight(Prepared),
    Listing(Listing<'a>, Prepared),
    Buckets(bucket_list::Wanted, Prepared),
}

/// Chooses the course of a permitted request.
pub(super) fn course<'a>(
    permit: &'a Permit,
    prepared: Prepared,
    sealer: &Sealer,
) -> Result<Course<'a>, Refusal> {
    if let Some(listing) = Listing::partial(permit, sealer)? {
        return Ok(Course::Listing(listing, prepared));
    }
    let operation = permit.operation();
    if operation.kind == OperationKind::ListBuckets && !permit.sees_all_buckets() {
        let wanted = bucket_list::Wanted::read(operation, permit.caller(), sealer)?;
        return Ok(Course::Buckets(wanted, prepared));
    }
    Ok(Course::Straight(prepared))
}

impl Course<'_> {
    /// Sends what there is to send.
    pub(super) async fn take(
        self,
        backend: &Backend,
        permit: &Permit,
        sealer: &Sealer,
    ) -> Result<Response<Body>, BackendError> {
        match self {
            Self::Listing(listing, prepared) => {
                listing.serve(backend, prepared.outgoing, sealer).await
            }
            Self::Buckets(wanted, prepared) => {
                let shows = |name: &str| permit.shows_bucket(name);
                wanted.serve(backend, shows, prepared.outgoing, sealer).await
            }
            Self::Straight(prepared) => match prepared.batch {
                None => backend.send(prepared.outgoing).await.map(respond::from_store),
                Some(batch) => {
                    let unreadable = |error: quick_xml::DeError| {
                        BackendError::Answer(format!("the outcome of the batch: {error}"))
                    };
                    if batch.document().is_none() {
                        return batch.answer(None).map(respond::document).map_err(unreadable);
                    }
                    match ask(backend, prepared.outgoing).await? {
                        Reply::Document(told) => {
                            batch.answer(Some(&told)).map(respond::document).map_err(unreadable)
                        }
                        Reply::Other(answer) => Ok(respond::from_store(answer)),
                    }
                }
            },
        }
    }

    /// Whether anything goes to the store at all.
    pub(super) fn sends(&self) -> bool {
        match self {
            Self::Straight(Prepared { batch: Some(batch), .. }) => batch.document().is_some(),
            _ => true,
        }
    }
}

/// A question of the proxy's own in place of a client's request. Of its headers those of S3
/// stay: a range or a condition would be about a document that the client never sees.
pub(super) fn question(first: &Outgoing, query: String) -> Outgoing {
    let mut question = first.again(query);
    let of_s3 = |(name, value): (&HeaderName, &HeaderValue)| {
        name.as_str().starts_with("x-amz-").then(|| (name.clone(), value.clone()))
    };
    question.headers = question.headers.iter().filter_map(of_s3).collect();
    question
}

/// Asks the store, and reads what it says whole.
pub(super) async fn ask(backend: &Backend, outgoing: Outgoing) -> Result<Reply, BackendError> {
    let answer = backend.send(outgoing).await?;
    match answer.status() {
        StatusCode::OK => {}
        // Whatever it holds, nobody has looked at it.
        status if status.is_success() => {
            return Err(BackendError::Answer(format!("it answered {status}")));
        }
        _ => return Ok(Reply::Other(answer)),
    }
    let read = Limited::new(answer.into_body(), LARGEST).collect().await;
    let read = read.map_err(|error| BackendError::Answer(error.to_string()))?;
    Ok(Reply::Document(read.to_bytes()))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::*;
    use crate::backend::OutgoingBody;

    #[test]
    fn a_question_carries_no_condition_of_the_clients() {
        let mut headers = HeaderMap::new();
        headers.insert("range", HeaderValue::from_static("bytes=0-1"));
        headers.insert("if-none-match", HeaderValue::from_static("*"));
        headers.insert("x-amz-request-payer", HeaderValue::from_static("requester"));
        let first = Outgoing {
            method: Method::GET,
            bucket: None,
            path: "/".into(),
            query: "a=b".into(),
            headers,
            body: OutgoingBody::Whole(Bytes::new()),
        };
        let question = question(&first, "c=d".into());
        assert_eq!(question.headers.keys().collect::<Vec<_>>(), ["x-amz-request-payer"]);
        assert_eq!((question.query.as_str(), question.path.as_str()), ("c=d", "/"));
    }
}
