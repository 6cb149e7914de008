//! Where an object is, in the client's words: a store names itself in some answers.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use deltaglider_core::s3::{Operation, OperationKind};
use http::header::{CONTENT_LENGTH, HOST, HeaderValue, LOCATION};
use http::{Response, StatusCode};
use http_body::{Body as HttpBody, Frame};
use http_body_util::BodyExt as _;
use quick_xml::escape::escape;

use super::pipeline::Received;
use super::{Body, BodyError, forward};

const OPENING: &[u8] = b"<Location>";
const CLOSING: &[u8] = b"</Location>";
/// No store writes a longer place, in bytes.
const LONGEST: usize = 16 * 1024;

/// An answer that tells where something is, in place of the store's own words.
pub(super) fn placed(
    mut answer: Response<Body>,
    received: &Received<'_>,
    operation: &Operation,
) -> Response<Body> {
    match operation.kind {
        OperationKind::CreateBucket if answer.status().is_success() => {
            if let Ok(place) = HeaderValue::from_str(&forward::path(operation)) {
                answer.headers_mut().insert(LOCATION, place);
            }
            answer
        }
        OperationKind::CompleteMultipartUpload => relocated(answer, &url_of(received, operation)),
        _ => answer,
    }
}

/// The URL by which the client reaches an operation's target, in the style that it used.
pub(super) fn url_of(received: &Received<'_>, operation: &Operation) -> String {
    let path = forward::path(operation);
    let host = received.parts.headers.get(HOST).and_then(|value| value.to_str().ok());
    // The host is the client's own word: without one the place alone is told.
    let Some(host) = host.filter(|host| !host.is_empty()) else { return path };
    let scheme = received.scheme;
    let prefix = received.host_bucket.map(|bucket| format!("/{bucket}")).unwrap_or_default();
    format!("{scheme}://{host}{}", path.strip_prefix(&prefix).unwrap_or(&path))
}

/// The outcome of a completed upload with `url` for its place.
///
/// It is passed on piece by piece: a store that puts the parts together sends blanks meanwhile,
/// so that nobody gives up on it.
fn relocated(answer: Response<Body>, url: &str) -> Response<Body> {
    if answer.status() != StatusCode::OK {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    let url = escape(url).into_owned();
    let body = Relocated { body, url, held: BytesMut::new(), place: Place::Before };
    Response::from_parts(parts, body.boxed_unsync())
}

/// How far the document has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    Inside,
    After,
}

struct Relocated {
    body: Body,
    url: String,
    held: BytesMut,
    place: Place,
}

impl Relocated {
    /// What of the held bytes may go on.
    fn pass(&mut self) -> Result<Bytes, BodyError> {
        let mut passed = BytesMut::new();
        if self.place == Place::Before {
            match find(&self.held, OPENING) {
                Some(at) => {
                    passed.extend_from_slice(&self.held.split_to(at + OPENING.len()));
                    passed.extend_from_slice(self.url.as_bytes());
                    self.place = Place::Inside;
                }
                None => {
                    let kept = beginning_at_end(&self.held, OPENING);
                    return Ok(self.held.split_to(self.held.len() - kept).freeze());
                }
            }
        }
        if self.place == Place::Inside {
            let Some(at) = find(&self.held, CLOSING) else {
                return if self.held.len() > LONGEST {
                    Err(BodyError::new("the store's answer names an endless place"))
                } else {
                    Ok(passed.freeze())
                };
            };
            drop(self.held.split_to(at));
            self.place = Place::After;
        }
        passed.extend_from_slice(&self.held.split());
        Ok(passed.freeze())
    }
}

impl HttpBody for Relocated {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        loop {
            let data = match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None if this.held.is_empty() => return Poll::Ready(None),
                None if this.place == Place::Inside => {
                    this.held.clear();
                    let cause = BodyError::new("the store's answer ends inside a place");
                    return Poll::Ready(Some(Err(cause)));
                }
                None => return Poll::Ready(Some(Ok(Frame::data(this.held.split().freeze())))),
            };
            this.held.extend_from_slice(&data);
            match this.pass() {
                Ok(passed) if passed.is_empty() => {}
                Ok(passed) => return Poll::Ready(Some(Ok(Frame::data(passed)))),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// How many bytes at the end could be the beginning of `part`.
fn beginning_at_end(text: &[u8], part: &[u8]) -> usize {
    let could = |length: &usize| part.get(..*length).is_some_and(|start| text.ends_with(start));
    (1..part.len()).rev().find(could).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::whole;
    use super::*;

    /// The document as it comes out, cut into pieces of `size` bytes on its way in.
    async fn through(document: &'static str, size: usize) -> Result<String, BodyError> {
        let pieces = document.as_bytes().chunks(size).map(Bytes::from_static);
        let frames = pieces.map(|piece| Ok::<_, BodyError>(Frame::data(piece)));
        let body = http_body_util::StreamBody::new(futures::stream::iter(frames));
        let mut answer = Response::new(body.boxed_unsync());
        answer.headers_mut().insert(CONTENT_LENGTH, 1.into());
        let answer = relocated(answer, "http://here/b/a&b");
        assert!(!answer.headers().contains_key(CONTENT_LENGTH));
        let bytes = answer.into_body().collect().await?.to_bytes();
        Ok(String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_place_is_replaced_wherever_the_pieces_are_cut() {
        let told = "<?xml?>   <R><Loc/><Location>http://store:9/b/a</Location><Key>a</Key></R>";
        let wanted =
            "<?xml?>   <R><Loc/><Location>http://here/b/a&amp;b</Location><Key>a</Key></R>";
        for size in 1..told.len() {
            assert_eq!(through(told, size).await.unwrap(), wanted, "{size}");
        }
    }

    #[tokio::test]
    async fn what_has_no_place_passes_as_it_is() {
        for text in ["", "<Error><Code>InternalError</Code></Error>", "<Locat", "   "] {
            for size in [1, 3, 100] {
                assert_eq!(through(text, size).await.unwrap(), text);
            }
        }
    }

    #[tokio::test]
    async fn a_place_without_an_end_is_no_answer() {
        assert!(through("<R><Location>http://store", 4).await.is_err());
    }

    #[tokio::test]
    async fn another_status_is_left_alone() {
        let mut answer = Response::new(whole("<Location>x</Location>"));
        *answer.status_mut() = StatusCode::NOT_FOUND;
        let bytes = relocated(answer, "y").into_body().collect().await.unwrap().to_bytes();
        assert_eq!(bytes, "<Location>x</Location>");
    }
}
