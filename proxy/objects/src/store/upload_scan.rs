//! One page of a bucket's unfinished uploads.

use std::ops::Bound;

use redb::ReadableTable;

use super::Store;
use super::error::Error;
use super::scan::{behind, common_prefix, text};
use super::tables::{self, BUCKETS, Record, UPLOADS, UploadKey};
use crate::model::UploadRecord;

/// What a listing of uploads asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct UploadPageRequest {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
    pub(crate) delimiter: String,
    pub(crate) key_marker: String,
    /// Only uploads of `key_marker` after this one; without it none of them.
    pub(crate) upload_marker: Option<String>,
    pub(crate) limit: usize,
}

/// A page of a bucket's unfinished uploads.
#[derive(Default)]
pub(crate) struct UploadPage {
    /// Key, upload id and record.
    pub(crate) uploads: Vec<(String, String, UploadRecord)>,
    pub(crate) common_prefixes: Vec<String>,
    /// Key and upload id (empty for a common prefix) after which the next page begins.
    pub(crate) next: Option<(String, String)>,
}

impl Store {
    /// # Errors
    /// [`Error::NoSuchBucket`].
    pub(crate) async fn uploads(&self, request: UploadPageRequest) -> Result<UploadPage, Error> {
        self.index
            .read(move |tx| {
                tables::bucket(&tx.open_table(BUCKETS)?, &request.bucket)?;
                upload_page(&tx.open_table(UPLOADS)?, &request)
            })
            .await
    }
}

fn upload_page(
    uploads: &impl ReadableTable<UploadKey, Record>,
    request: &UploadPageRequest,
) -> Result<UploadPage, Error> {
    let mut page = UploadPage::default();
    if request.limit == 0 {
        return Ok(page);
    }
    let bucket = request.bucket.as_str();
    let mut last: Option<(String, String)> = None;
    let mut count = 0;
    let mut position = first_upload(request);
    'seek: loop {
        let (key, upload) = &position;
        let start = Bound::Excluded((bucket, key.as_slice(), upload.as_str()));
        for row in uploads.range::<(&str, &[u8], &str)>((start, Bound::Unbounded))? {
            let (name, record) = row?;
            let (in_bucket, key, upload) = name.value();
            if in_bucket != bucket || !key.starts_with(request.prefix.as_bytes()) {
                return Ok(page);
            }
            if count == request.limit {
                page.next = last;
                return Ok(page);
            }
            count += 1;
            let key = text(key)?;
            match common_prefix(key, &request.prefix, &request.delimiter) {
                None => {
                    last = Some((key.to_owned(), upload.to_owned()));
                    let record = tables::decode(record.value())?;
                    page.uploads.push((key.to_owned(), upload.to_owned(), record));
                }
                Some(folded) => {
                    last = Some((folded.to_owned(), String::new()));
                    page.common_prefixes.push(folded.to_owned());
                    position = (behind_bytes(folded), String::new());
                    continue 'seek;
                }
            }
        }
        return Ok(page);
    }
}

/// The place just before the first upload of the page. No upload id is empty, so that an empty one
/// stands before all of its key.
fn first_upload(request: &UploadPageRequest) -> (Vec<u8>, String) {
    let (marker, prefix) = (request.key_marker.as_str(), request.prefix.as_str());
    if marker < prefix || marker.is_empty() {
        return (prefix.as_bytes().to_vec(), String::new());
    }
    if let Some(folded) = common_prefix(marker, prefix, &request.delimiter) {
        return (behind_bytes(folded), String::new());
    }
    // Upload ids are hexadecimal: `~` sorts behind all of them.
    let upload = request.upload_marker.clone().unwrap_or_else(|| "~".to_owned());
    (marker.as_bytes().to_vec(), upload)
}

fn behind_bytes(prefix: &str) -> Vec<u8> {
    match behind(prefix) {
        Bound::Included(bytes) | Bound::Excluded(bytes) => bytes,
        Bound::Unbounded => vec![u8::MAX],
    }
}
