//! The parts of a form off the wire, in bounded memory.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use deltaglider_core::s3::{FormFields, S3Error, S3ErrorCode};
use futures::Stream;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body::Body as _;
use multer::{Field, Multipart};

use crate::data::{BodyError, ClientBody};

/// All fields before the file together, as S3 has it, in bytes.
const FIELDS: usize = 20 * 1024;
/// What may be read until the file begins, in bytes: fields, their heads, and what is read ahead.
const BEFORE_FILE: u64 = 1024 * 1024;
/// What may surround the file, in bytes.
const AROUND_FILE: u64 = 1024 * 1024;

/// A form whose fields have been read, and whose file has not.
pub(super) struct Form {
    pub(super) fields: FormFields,
    /// The name that the file has on the client's machine; empty where it has none.
    pub(super) file_name: String,
    file: Field<'static>,
    allowance: Arc<AtomicU64>,
}

impl Form {
    /// Reads as far as the file.
    pub(super) async fn read(headers: &HeaderMap, body: ClientBody) -> Result<Self, S3Error> {
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let boundary = multer::parse_boundary(kind.unwrap_or_default()).map_err(malformed)?;
        let allowance = Arc::new(AtomicU64::new(BEFORE_FILE));
        let pieces = Pieces { body, allowance: Arc::clone(&allowance), paused: false };
        let mut parts = Multipart::new(pieces, boundary);
        let mut fields = FormFields::default();
        let mut left = FIELDS;
        while let Some(mut part) = parts.next_field().await.map_err(broken)? {
            let name = part.name().unwrap_or_default().to_owned();
            if name.is_empty() {
                return Err(malformed("a part has no name"));
            }
            if name.eq_ignore_ascii_case("file") {
                let file_name = part.file_name().unwrap_or_default().to_owned();
                return Ok(Self { fields, file_name, file: part, allowance });
            }
            let value = text(&mut part, name.len(), &mut left).await?;
            fields.add(&name, value)?;
        }
        Err(S3Error::new(S3ErrorCode::InvalidArgument, "the form has no field file"))
    }

    /// Lets the file be read, up to a length in bytes.
    pub(super) fn allow(&self, most: u64) {
        self.allowance.store(most.saturating_add(AROUND_FILE), Relaxed);
    }

    /// The next bytes of the file; `None` once its closing boundary has come.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, S3Error> {
        self.file.chunk().await.map_err(broken)
    }
}

/// The text of a field, as long as there is room for it.
async fn text(part: &mut Field<'_>, name: usize, left: &mut usize) -> Result<String, S3Error> {
    let too_long = || {
        let text = format!("the fields before the file are longer than {FIELDS} bytes");
        S3Error::new(S3ErrorCode::MaxPostPreDataLengthExceeded, text)
    };
    *left = left.checked_sub(name).ok_or_else(too_long)?;
    let mut value = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(broken)? {
        *left = left.checked_sub(piece.len()).ok_or_else(too_long)?;
        value.extend_from_slice(&piece);
    }
    String::from_utf8(value)
        .map_err(|_| S3Error::new(S3ErrorCode::InvalidArgument, "a field of the form is not UTF-8"))
}

fn broken(error: multer::Error) -> S3Error {
    match &error {
        multer::Error::StreamReadFailed(cause) => match cause.downcast_ref() {
            Some(BodyError::Idle) => BodyError::Idle.into(),
            _ => malformed(cause),
        },
        _ => malformed(error),
    }
}

fn malformed(cause: impl std::fmt::Display) -> S3Error {
    let text = format!("the form cannot be read: {cause}");
    S3Error::new(S3ErrorCode::MalformedPOSTRequest, text)
}

/// The body in pieces, as many as are allowed.
struct Pieces {
    body: ClientBody,
    allowance: Arc<AtomicU64>,
    paused: bool,
}

impl Stream for Pieces {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BodyError>>> {
        // The parser takes all that is ready before it looks at any: one piece at a time.
        if std::mem::take(&mut self.paused) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        loop {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(frame)) => frame,
            };
            let Ok(data) = frame.into_data() else { continue };
            let allowed = self.allowance.load(Relaxed);
            let Some(left) = allowed.checked_sub(data.len() as u64) else {
                return Poll::Ready(Some(Err(BodyError::new("it is too long"))));
            };
            self.allowance.store(left, Relaxed);
            self.paused = true;
            return Poll::Ready(Some(Ok(data)));
        }
    }
}
