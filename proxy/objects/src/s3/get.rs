//! GetObject and HeadObject.

use std::ops::Range;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result};

use super::errors::refuse;
use super::put::Sums;
use super::{Answer, asides, conditions, headers};
use crate::model::{ObjectRecord, Segment};
use crate::store::Store;

pub(super) async fn object(
    store: &Store,
    req: S3Request<GetObjectInput>,
) -> Answer<GetObjectOutput> {
    headers::refuse_unsupported(&req.headers)?;
    let asides = asides(&req);
    let input = req.input;
    check_version(input.version_id.as_deref())?;
    let pinned = store.pin(input.bucket, input.key).await?;
    let record = pinned.record.clone();
    conditions::check_read(&asides, &record)?;
    let slice = Slice::asked(&asides, input.part_number, &record, &pinned.segments)?;

    let mut answer_headers = headers::of_object(&record);
    override_headers(
        &mut answer_headers,
        [
            (header::CACHE_CONTROL, input.response_cache_control),
            (header::CONTENT_DISPOSITION, input.response_content_disposition),
            (header::CONTENT_ENCODING, input.response_content_encoding),
            (header::CONTENT_LANGUAGE, input.response_content_language),
            (header::CONTENT_TYPE, input.response_content_type),
            (header::EXPIRES, input.response_expires.map(http_date)),
        ],
    )?;
    // A checksum is of the whole object, so a part of it comes without.
    let sums = slice.checksum(&record, input.checksum_mode.as_ref());
    let body = pinned.read(slice.bytes.clone()).await?;
    let output = GetObjectOutput {
        body: Some(StreamingBlob::new(body)),
        content_length: slice.length(),
        content_range: slice.content_range(&record),
        e_tag: Some(ETag::Strong(record.etag.clone())),
        last_modified: Some(record.modified.to_system_time().into()),
        parts_count: slice.parts_count(&record),
        checksum_crc32: sums.crc32,
        checksum_crc32c: sums.crc32c,
        checksum_crc64nvme: sums.crc64nvme,
        checksum_sha1: sums.sha1,
        checksum_sha256: sums.sha256,
        checksum_type: sums.kind,
        ..Default::default()
    };
    Ok(S3Response::with_headers(output, answer_headers))
}

pub(super) async fn head(
    store: &Store,
    req: S3Request<HeadObjectInput>,
) -> Answer<HeadObjectOutput> {
    headers::refuse_unsupported(&req.headers)?;
    let asides = asides(&req);
    let input = req.input;
    check_version(input.version_id.as_deref())?;
    let (record, segments) = match input.part_number {
        Some(_) => store.object_with_segments(input.bucket, input.key).await?,
        None => (store.object(input.bucket, input.key).await?, Vec::new()),
    };
    conditions::check_read(&asides, &record)?;
    let slice = Slice::asked(&asides, input.part_number, &record, &segments)?;

    let mut answer_headers = headers::of_object(&record);
    override_headers(
        &mut answer_headers,
        [
            (header::CACHE_CONTROL, input.response_cache_control),
            (header::CONTENT_DISPOSITION, input.response_content_disposition),
            (header::CONTENT_ENCODING, input.response_content_encoding),
            (header::CONTENT_LANGUAGE, input.response_content_language),
            (header::CONTENT_TYPE, input.response_content_type),
            (header::EXPIRES, input.response_expires.map(http_date)),
        ],
    )?;
    let sums = slice.checksum(&record, input.checksum_mode.as_ref());
    let output = HeadObjectOutput {
        content_length: slice.length(),
        content_range: slice.content_range(&record),
        e_tag: Some(ETag::Strong(record.etag.clone())),
        last_modified: Some(record.modified.to_system_time().into()),
        parts_count: slice.parts_count(&record),
        checksum_crc32: sums.crc32,
        checksum_crc32c: sums.crc32c,
        checksum_crc64nvme: sums.crc64nvme,
        checksum_sha1: sums.sha1,
        checksum_sha256: sums.sha256,
        checksum_type: sums.kind,
        ..Default::default()
    };
    Ok(S3Response::with_headers(output, answer_headers))
}

/// An object here has one version, which S3 calls `null`.
pub(super) fn check_version(version: Option<&str>) -> S3Result<()> {
    match version {
        None | Some("null") => Ok(()),
        Some(_) => {
            let message = "The version id is not one of this object.";
            Err(refuse(S3ErrorCode::InvalidArgument, message))
        }
    }
}

/// The bytes of an object that a request asks for.
struct Slice {
    bytes: Range<u64>,
    partial: bool,
    /// Asked for by part number.
    by_part: bool,
}

impl Slice {
    fn asked(
        asides: &HeaderMap,
        part: Option<i32>,
        record: &ObjectRecord,
        segments: &[Segment],
    ) -> S3Result<Slice> {
        let range = asides.get(header::RANGE).and_then(|value| value.to_str().ok());
        if let Some(part) = part {
            if range.is_some() {
                let message = "A part number and a range exclude each other.";
                return Err(refuse(S3ErrorCode::InvalidRequest, message));
            }
            let bytes = part_range(part, record, segments)?;
            return Ok(Slice { bytes, partial: record.size > 0, by_part: true });
        }
        let whole = Slice { bytes: 0..record.size, partial: false, by_part: false };
        // S3 serves the whole object where it does not understand the range.
        let Some(Ok(range)) = range.map(s3s::dto::Range::parse) else { return Ok(whole) };
        if !conditions::range_holds(asides, record) {
            return Ok(whole);
        }
        match range.check(record.size) {
            Ok(bytes) if !bytes.is_empty() => Ok(Slice { bytes, partial: true, by_part: false }),
            _ => Err(unsatisfiable(record.size)),
        }
    }

    fn length(&self) -> Option<i64> {
        i64::try_from(self.bytes.end - self.bytes.start).ok()
    }

    fn content_range(&self, record: &ObjectRecord) -> Option<String> {
        let last = self.bytes.end.checked_sub(1)?;
        self.partial.then(|| format!("bytes {}-{last}/{}", self.bytes.start, record.size))
    }

    fn parts_count(&self, record: &ObjectRecord) -> Option<i32> {
        headers::parts_count(record).filter(|_| self.by_part)
    }

    fn checksum(&self, record: &ObjectRecord, mode: Option<&ChecksumMode>) -> Sums {
        let whole = self.bytes == (0..record.size);
        let asked = mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
        Sums::of(record.checksum.as_ref().filter(|_| whole && asked))
    }
}

fn part_range(part: i32, record: &ObjectRecord, segments: &[Segment]) -> S3Result<Range<u64>> {
    let no_such_part = || {
        let code = S3ErrorCode::Custom("InvalidPartNumber".into());
        let mut error = refuse(code, "The object has no part of that number.");
        error.set_status_code(StatusCode::RANGE_NOT_SATISFIABLE);
        error
    };
    let index = usize::try_from(part).ok().and_then(|part| part.checked_sub(1));
    let index = index.ok_or_else(no_such_part)?;
    if headers::parts_count(record).is_none() {
        return if index == 0 { Ok(0..record.size) } else { Err(no_such_part()) };
    }
    let segment = segments.get(index).ok_or_else(no_such_part)?;
    let start: u64 = segments.iter().take(index).map(|segment| segment.size).sum();
    Ok(start..start + segment.size)
}

fn unsatisfiable(size: u64) -> S3Error {
    let message = "The range lies outside of the object.";
    let mut error = refuse(S3ErrorCode::InvalidRange, message);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    if let Ok(value) = format!("bytes */{size}").parse() {
        headers.insert(header::CONTENT_RANGE, value);
    }
    error.set_headers(headers);
    error
}

/// Puts the values of `response-*` parameters in place of the stored ones.
fn override_headers(
    headers: &mut HeaderMap,
    overrides: [(HeaderName, Option<String>); 6],
) -> S3Result<()> {
    for (name, value) in overrides {
        let Some(value) = value else { continue };
        let value = HeaderValue::from_str(&value).map_err(|_| {
            refuse(S3ErrorCode::InvalidArgument, format!("The value for `{name}` is no header."))
        })?;
        headers.insert(name, value);
    }
    Ok(())
}

fn http_date(moment: Timestamp) -> String {
    let mut text = Vec::new();
    match moment.format(TimestampFormat::HttpDate, &mut text) {
        Ok(()) => String::from_utf8(text).unwrap_or_default(),
        Err(_) => String::new(),
    }
}
