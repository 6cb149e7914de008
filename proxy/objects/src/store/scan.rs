//! One page of a bucket's keys, with what lies under a delimiter folded into one entry.

use std::ops::Bound;

use redb::ReadableTable;

use super::Store;
use super::error::Error;
use super::tables::{self, BUCKETS, OBJECTS, ObjectKey, Record};
use crate::model::ObjectRecord;

/// What a listing asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageRequest {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
    /// Empty for none.
    pub(crate) delimiter: String,
    /// Only names after this one; a common prefix that it lies under is not named again.
    pub(crate) after: String,
    /// Keys and common prefixes together.
    pub(crate) limit: usize,
}

/// What a listing names.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Object(String, ObjectRecord),
    CommonPrefix(String),
}

impl Entry {
    pub(crate) fn name(&self) -> &str {
        match self {
            Entry::Object(name, _) | Entry::CommonPrefix(name) => name,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    /// In the order of their names' bytes.
    pub(crate) entries: Vec<Entry>,
    /// Whether more names follow the last one.
    pub(crate) truncated: bool,
}

impl Store {
    /// # Errors
    /// [`Error::NoSuchBucket`].
    pub(crate) async fn list(&self, request: PageRequest) -> Result<Page, Error> {
        self.index
            .read(move |tx| {
                tables::bucket(&tx.open_table(BUCKETS)?, &request.bucket)?;
                page(&tx.open_table(OBJECTS)?, &request)
            })
            .await
    }
}

/// Walks from name to name. The cost is that of the page: a common prefix is left behind with one
/// seek, however much it holds.
fn page(
    objects: &impl ReadableTable<ObjectKey, Record>,
    request: &PageRequest,
) -> Result<Page, Error> {
    let mut page = Page::default();
    if request.limit == 0 {
        return Ok(page);
    }
    let bucket = request.bucket.as_str();
    let mut position = first_position(request);
    'seek: loop {
        let start = match &position {
            Bound::Excluded(key) => Bound::Excluded((bucket, key.as_slice())),
            Bound::Included(key) => Bound::Included((bucket, key.as_slice())),
            Bound::Unbounded => return Ok(page),
        };
        for row in objects.range::<(&str, &[u8])>((start, Bound::Unbounded))? {
            let (name, record) = row?;
            let (in_bucket, key) = name.value();
            if in_bucket != bucket || !key.starts_with(request.prefix.as_bytes()) {
                return Ok(page);
            }
            if page.entries.len() == request.limit {
                page.truncated = true;
                return Ok(page);
            }
            let key = text(key)?;
            match common_prefix(key, &request.prefix, &request.delimiter) {
                None => {
                    let record = tables::decode(record.value())?;
                    page.entries.push(Entry::Object(key.to_owned(), record));
                }
                Some(folded) => {
                    page.entries.push(Entry::CommonPrefix(folded.to_owned()));
                    position = behind(folded);
                    continue 'seek;
                }
            }
        }
        return Ok(page);
    }
}

/// The first place where a name of the page can be.
fn first_position(request: &PageRequest) -> Bound<Vec<u8>> {
    let (after, prefix) = (request.after.as_str(), request.prefix.as_str());
    if after < prefix {
        return Bound::Included(prefix.as_bytes().to_vec());
    }
    if after.is_empty() {
        return Bound::Included(Vec::new());
    }
    match common_prefix(after, prefix, &request.delimiter) {
        Some(folded) => behind(folded),
        None => Bound::Excluded(after.as_bytes().to_vec()),
    }
}

/// The part of a key up to and including the first delimiter after the prefix.
pub(super) fn common_prefix<'k>(key: &'k str, prefix: &str, delimiter: &str) -> Option<&'k str> {
    if delimiter.is_empty() {
        return None;
    }
    let rest = key.strip_prefix(prefix)?;
    let end = prefix.len() + rest.find(delimiter)? + delimiter.len();
    key.get(..end)
}

/// The first place behind all keys that begin with `prefix`.
pub(super) fn behind(prefix: &str) -> Bound<Vec<u8>> {
    let mut bytes = prefix.as_bytes().to_vec();
    while let Some(last) = bytes.pop() {
        // UTF-8 has no byte 255, so the first round returns; the loop covers the empty prefix.
        if let Some(next) = last.checked_add(1) {
            bytes.push(next);
            return Bound::Included(bytes);
        }
    }
    Bound::Unbounded
}

/// Keys come in as text and are stored as such.
pub(super) fn text(key: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(key).map_err(|_| Error::Index("a key is not UTF-8".to_owned()))
}
