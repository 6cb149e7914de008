//! Multipart uploads: parts are files of their own, and completing one copies no byte.

use std::ops::Bound;

use redb::{ReadableTable, Table, WriteTransaction};
use uuid::Uuid;

use super::assembly::{assemble, choose};
use super::blobs::Staged;
use super::commit::Applied;
use super::error::Error;
use super::objects::write_object;
use super::tables::{self, BLOBS, BUCKETS, PARTS, PartKey, Record, UPLOADS, UploadKey};
use super::{Received, Store};
use crate::model::{
    BlobId, Description, Moment, ObjectRecord, PartRecord, StoredChecksum, UploadChecksum,
    UploadRecord, WriteCondition,
};

/// A part as the completing client names it.
#[derive(Clone, Debug)]
pub(crate) struct NamedPart {
    pub(crate) number: u32,
    /// Without quotes.
    pub(crate) etag: Option<String>,
    /// Checksums in base64; at most one is usual.
    pub(crate) checksums: Vec<StoredChecksum>,
}

/// What a client says when it completes an upload.
#[derive(Clone, Debug, Default)]
pub(crate) struct Completion {
    /// In ascending order.
    pub(crate) parts: Vec<NamedPart>,
    pub(crate) size: Option<u64>,
    /// The value that the finished object must have, in base64.
    pub(crate) checksum: Option<StoredChecksum>,
    pub(crate) condition: WriteCondition,
}

/// A page of an upload's parts.
pub(crate) struct PartPage {
    pub(crate) upload: UploadRecord,
    pub(crate) parts: Vec<(u32, PartRecord)>,
    pub(crate) truncated: bool,
}

impl Store {
    /// Begins an upload and returns its id.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`].
    pub(crate) async fn create_upload(
        &self,
        bucket: String,
        key: String,
        description: Description,
        checksum: Option<UploadChecksum>,
    ) -> Result<String, Error> {
        self.index
            .change(move |tx| {
                tables::bucket(&tx.open_table(BUCKETS)?, &bucket)?;
                let initiated = Moment::now();
                let upload = format!("{:012x}{}", initiated.0, Uuid::new_v4().simple());
                let record = UploadRecord { initiated, checksum, description };
                tx.open_table(UPLOADS)?.insert(
                    (bucket.as_str(), key.as_bytes(), upload.as_str()),
                    tables::encode(&record)?.as_slice(),
                )?;
                Ok(Applied::plain(upload))
            })
            .await
    }

    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchUpload`].
    pub(crate) async fn upload(
        &self,
        bucket: String,
        key: String,
        upload: String,
    ) -> Result<UploadRecord, Error> {
        self.index
            .read(move |tx| {
                tables::bucket(&tx.open_table(BUCKETS)?, &bucket)?;
                find(&tx.open_table(UPLOADS)?, &bucket, &key, &upload)
            })
            .await
    }

    /// Stores a part, in place of an earlier one of that number.
    ///
    /// # Errors
    /// As [`Store::upload`].
    pub(crate) async fn put_part(
        &self,
        (bucket, key, upload): (String, String, String),
        number: u32,
        received: Received,
        checksum: Option<StoredChecksum>,
    ) -> Result<PartRecord, Error> {
        self.index
            .change(move |tx| {
                tables::bucket(&tx.open_table(BUCKETS)?, &bucket)?;
                find(&tx.open_table(UPLOADS)?, &bucket, &key, &upload)?;
                let record = PartRecord {
                    blob: received.staged.as_ref().map(Staged::id),
                    size: received.size,
                    etag: hex::encode(received.digested.md5),
                    modified: Moment::now(),
                    checksum,
                };
                let mut parts = tx.open_table(PARTS)?;
                let bytes = tables::encode(&record)?;
                let previous = match parts.insert((upload.as_str(), number), bytes.as_slice())? {
                    Some(previous) => tables::decode::<PartRecord>(previous.value())?.blob,
                    None => None,
                };
                let free: Vec<BlobId> = previous.into_iter().collect();
                let mut blobs = tx.open_table(BLOBS)?;
                tables::forget(&mut blobs, &free)?;
                if let Some(blob) = record.blob {
                    blobs.insert(blob.as_u128(), record.size)?;
                }
                Ok(Applied { value: record, keep: received.staged.into_iter().collect(), free })
            })
            .await
    }

    /// Makes the named parts an object; parts that are not named go.
    ///
    /// # Errors
    /// As [`Store::upload`] and [`Store::put_object`]; [`Error::InvalidPart`],
    /// [`Error::PartTooSmall`], [`Error::SizeMismatch`], [`Error::ChecksumMismatch`].
    pub(crate) async fn complete_upload(
        &self,
        (bucket, key, upload): (String, String, String),
        completion: Completion,
    ) -> Result<ObjectRecord, Error> {
        self.index
            .change(move |tx| {
                tables::bucket(&tx.open_table(BUCKETS)?, &bucket)?;
                let record = find(&tx.open_table(UPLOADS)?, &bucket, &key, &upload)?;
                let chosen = choose(&tx.open_table(PARTS)?, &upload, &completion.parts)?;
                let object = assemble(&chosen, &record, &completion)?;
                let used: Vec<BlobId> = chosen.iter().filter_map(|(_, part)| part.blob).collect();

                let mut applied = write_object(tx, &bucket, &key, object, &completion.condition)?;
                let unused = end(tx, (&bucket, &key, &upload), &used)?;
                applied.free.extend(unused);
                Ok(applied)
            })
            .await
    }

    /// Removes an upload and its parts.
    ///
    /// # Errors
    /// As [`Store::upload`].
    pub(crate) async fn abort_upload(
        &self,
        bucket: String,
        key: String,
        upload: String,
    ) -> Result<(), Error> {
        self.index
            .change(move |tx| {
                tables::bucket(&tx.open_table(BUCKETS)?, &bucket)?;
                find(&tx.open_table(UPLOADS)?, &bucket, &key, &upload)?;
                let free = end(tx, (&bucket, &key, &upload), &[])?;
                Ok(Applied { value: (), keep: Vec::new(), free })
            })
            .await
    }

    /// Up to `limit` parts with numbers above `after`.
    ///
    /// # Errors
    /// As [`Store::upload`].
    pub(crate) async fn parts(
        &self,
        (bucket, key, upload): (String, String, String),
        after: u32,
        limit: usize,
    ) -> Result<PartPage, Error> {
        self.index
            .read(move |tx| {
                tables::bucket(&tx.open_table(BUCKETS)?, &bucket)?;
                let record = find(&tx.open_table(UPLOADS)?, &bucket, &key, &upload)?;
                let mut page = PartPage { upload: record, parts: Vec::new(), truncated: false };
                let id = upload.as_str();
                let range = (Bound::Excluded((id, after)), Bound::Included((id, u32::MAX)));
                for row in tx.open_table(PARTS)?.range::<(&str, u32)>(range)? {
                    if page.parts.len() == limit {
                        page.truncated = true;
                        break;
                    }
                    let (name, part) = row?;
                    page.parts.push((name.value().1, tables::decode(part.value())?));
                }
                Ok(page)
            })
            .await
    }
}

fn find(
    uploads: &impl ReadableTable<UploadKey, Record>,
    bucket: &str,
    key: &str,
    upload: &str,
) -> Result<UploadRecord, Error> {
    match uploads.get((bucket, key.as_bytes(), upload))? {
        Some(found) => tables::decode(found.value()),
        None => Err(Error::NoSuchUpload),
    }
}

/// Removes an upload and its parts; returns the files that are not in `used`.
pub(super) fn end(
    tx: &WriteTransaction,
    (bucket, key, upload): (&str, &str, &str),
    used: &[BlobId],
) -> Result<Vec<BlobId>, Error> {
    tx.open_table(UPLOADS)?.remove((bucket, key.as_bytes(), upload))?;
    let used: std::collections::HashSet<BlobId> = used.iter().copied().collect();
    let mut free = remove_parts(&mut tx.open_table(PARTS)?, upload)?;
    free.retain(|blob| !used.contains(blob));
    tables::forget(&mut tx.open_table(BLOBS)?, &free)?;
    Ok(free)
}

/// Removes the records of an upload's parts and returns their files.
pub(super) fn remove_parts(
    parts: &mut Table<'_, PartKey, Record>,
    upload: &str,
) -> Result<Vec<BlobId>, Error> {
    let mut numbers = Vec::new();
    let mut blobs = Vec::new();
    for row in parts.range((upload, 0)..=(upload, u32::MAX))? {
        let (name, part) = row?;
        numbers.push(name.value().1);
        blobs.extend(tables::decode::<PartRecord>(part.value())?.blob);
    }
    for number in numbers {
        parts.remove((upload, number))?;
    }
    Ok(blobs)
}
