//! S3 over HTTP messages: what the proxy calls.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode, header};
use s3s::Body;
use s3s::service::{S3Service, S3ServiceBuilder};

use crate::s3::Embedded;
use crate::store::Store;

/// Filled by the caller when the body has ended: checksums that arrived as trailing fields.
/// Put into the request's extensions.
#[derive(Clone, Debug, Default)]
pub struct Trailers(pub Arc<OnceLock<HeaderMap>>);

/// S3 requests over a [`Store`]. Clones share it.
#[derive(Clone)]
pub struct Service {
    store: Store,
    s3: S3Service,
}

impl Service {
    /// A service over `store`. It authorises nobody: its caller has done so.
    pub fn new(store: Store) -> Service {
        let s3 = S3ServiceBuilder::new(Embedded::new(store.clone())).build();
        Service { store, s3 }
    }

    /// Answers one request in path style. Uploads carry the length of their body in
    /// `content-length`; `aws-chunked` is unwrapped already.
    pub async fn call(&self, mut request: Request<Body>) -> Response<Body> {
        let is_head = request.method() == Method::HEAD;
        let describes = request.uri().query().is_some_and(asks_attributes);
        set_aside(&mut request);
        let mut response = match self.s3.call(request).await {
            Ok(response) => response,
            Err(error) => {
                tracing::error!(?error, "an S3 answer could not be written");
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        };
        if is_head
            && response.headers().contains_key(header::CONTENT_RANGE)
            && response.status().is_success()
        {
            // The framework knows partial answers to GET alone.
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        // Objects are streams: what is in memory is a document of ours.
        if let Some(document) = response.body().bytes()
            && let Some(mended) = mend(&document, describes)
        {
            *response.body_mut() = Body::from(mended);
            response.headers_mut().remove(header::CONTENT_LENGTH);
        }
        if is_head || response.status() == StatusCode::NOT_MODIFIED {
            *response.body_mut() = Body::empty();
        }
        response
    }

    /// Aborts multipart uploads that began more than `age` ago, and says so in the log.
    pub async fn abort_abandoned_uploads(&self, age: Duration) {
        match self.store.abort_abandoned(age).await {
            Ok(0) => {}
            Ok(uploads) => {
                let days = age.as_secs() / 86_400;
                tracing::info!(uploads, days, "aborted uploads that were abandoned");
            }
            Err(error) => tracing::warn!(%error, "abandoned uploads could not be aborted"),
        }
    }

    /// Whether the index of the store answers. Reads from the disk.
    pub fn ready(&self) -> bool {
        self.store.ready()
    }
}

/// Headers that S3 takes as they are and that the typed parser would refuse, decode or act upon: a
/// `multipart/form-data` object, an `Expires` that is no date, a range nobody understands.
#[derive(Clone, Default)]
pub(crate) struct Asides(pub(crate) HeaderMap);

const ASIDE: [HeaderName; 12] = [
    header::CONTENT_TYPE,
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::EXPIRES,
    header::RANGE,
    header::IF_RANGE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_UNMODIFIED_SINCE,
];

fn asks_attributes(query: &str) -> bool {
    query.split('&').any(|parameter| parameter.split('=').next() == Some("attributes"))
}

/// What the framework writes otherwise than S3; `None` where it is the same.
fn mend(document: &[u8], describes: bool) -> Option<String> {
    let text = String::from_utf8_lossy(document);
    if !describes && !text.contains(is_written_by_number) {
        return None;
    }
    let text = by_number(&text);
    if !describes {
        return Some(text);
    }
    // In the answer to GetObjectAttributes, and there alone, a tag stands without its quotes.
    Some(text.replace("<ETag>\"", "<ETag>").replace("\"</ETag>", "</ETag>"))
}

/// A reader of XML takes a carriage return as it stands for a line feed: another key. What
/// XML 1.0 cannot hold S3 writes by number as well, and `encoding-type=url` is for those who
/// have to read it.
fn is_written_by_number(letter: char) -> bool {
    match letter {
        '\t' | '\n' => false,
        letter => letter < ' ' || matches!(letter, '\u{fffe}' | '\u{ffff}'),
    }
}

fn by_number(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for letter in text.chars() {
        match is_written_by_number(letter) {
            true => written.push_str(&format!("&#{};", u32::from(letter))),
            false => written.push(letter),
        }
    }
    written
}

fn set_aside(request: &mut Request<Body>) {
    let headers = std::mem::take(request.headers_mut());
    let mut asides = HeaderMap::new();
    let mut name = None;
    for (next, value) in headers {
        // A repeated header comes with its name the first time only.
        name = next.or(name);
        let Some(name) = &name else { continue };
        let aside = ASIDE.contains(name) || name.as_str().starts_with("x-amz-meta-");
        let to = if aside { &mut asides } else { request.headers_mut() };
        to.append(name.clone(), value);
    }
    request.extensions_mut().insert(Asides(asides));
}

#[cfg(test)]
mod tests;
