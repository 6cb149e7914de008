//! The tables of the index and how records are read from and written to them.

use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::Error;
use crate::model::{BlobId, BucketRecord, Content, ObjectRecord, Segment};

/// Bucket and key. Tuples sort by bucket first and then by the bytes of the key, which is the
/// order of S3 listings.
pub(crate) type ObjectKey = (&'static str, &'static [u8]);
/// Bucket, key and upload id. Upload ids begin with their time, so that those of one key sort by age.
pub(crate) type UploadKey = (&'static str, &'static [u8], &'static str);
/// Upload id and part number.
pub(crate) type PartKey = (&'static str, u32);
/// A record in JSON: readable by later versions that know more fields.
pub(crate) type Record = &'static [u8];

pub(crate) const BUCKETS: TableDefinition<'_, &str, Record> = TableDefinition::new("buckets");
pub(crate) const OBJECTS: TableDefinition<'_, ObjectKey, Record> = TableDefinition::new("objects");
pub(crate) const UPLOADS: TableDefinition<'_, UploadKey, Record> = TableDefinition::new("uploads");
pub(crate) const PARTS: TableDefinition<'_, PartKey, Record> = TableDefinition::new("parts");
/// The segments of objects made of parts.
pub(crate) const MANIFESTS: TableDefinition<'_, u128, Record> = TableDefinition::new("manifests");
/// Every file that something above refers to, with its size: what is not here is an orphan.
pub(crate) const BLOBS: TableDefinition<'_, u128, u64> = TableDefinition::new("blobs");

/// Makes all tables, so that reading a new index finds them empty rather than missing.
pub(crate) fn create_all(tx: &WriteTransaction) -> Result<(), Error> {
    tx.open_table(BUCKETS)?;
    tx.open_table(OBJECTS)?;
    tx.open_table(UPLOADS)?;
    tx.open_table(PARTS)?;
    tx.open_table(MANIFESTS)?;
    tx.open_table(BLOBS)?;
    Ok(())
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    Ok(serde_json::from_slice(bytes)?)
}

pub(crate) fn encode<T: Serialize>(record: &T) -> Result<Vec<u8>, Error> {
    Ok(serde_json::to_vec(record)?)
}

/// The record of a bucket, or [`Error::NoSuchBucket`].
pub(crate) fn bucket(
    table: &impl ReadableTable<&'static str, Record>,
    name: &str,
) -> Result<BucketRecord, Error> {
    match table.get(name)? {
        Some(found) => decode(found.value()),
        None => Err(Error::NoSuchBucket),
    }
}

/// The record of an object, if there is one.
pub(crate) fn object(
    table: &impl ReadableTable<ObjectKey, Record>,
    bucket: &str,
    key: &str,
) -> Result<Option<ObjectRecord>, Error> {
    match table.get((bucket, key.as_bytes()))? {
        Some(found) => Ok(Some(decode(found.value())?)),
        None => Ok(None),
    }
}

/// The files of an object, in order.
pub(crate) fn segments(
    manifests: &impl ReadableTable<u128, Record>,
    record: &ObjectRecord,
) -> Result<Vec<Segment>, Error> {
    match &record.content {
        Content::Empty => Ok(Vec::new()),
        Content::Single(blob) => Ok(vec![Segment { blob: *blob, size: record.size, part: None }]),
        Content::Parts { manifest, .. } => match manifests.get(manifest.as_u128())? {
            Some(found) => decode(found.value()),
            None => Err(Error::Index(format!("manifest {manifest} is missing"))),
        },
    }
}

/// Forgets what an object's record refers to and returns the files that nothing needs any more.
pub(crate) fn release(tx: &WriteTransaction, record: &ObjectRecord) -> Result<Vec<BlobId>, Error> {
    let mut manifests = tx.open_table(MANIFESTS)?;
    let freed: Vec<BlobId> =
        segments(&manifests, record)?.into_iter().map(|segment| segment.blob).collect();
    if let Content::Parts { manifest, .. } = &record.content {
        manifests.remove(manifest.as_u128())?;
    }
    drop(manifests);
    forget(&mut tx.open_table(BLOBS)?, &freed)?;
    Ok(freed)
}

/// Takes files out of the table of referenced files.
pub(crate) fn forget(blobs: &mut Table<'_, u128, u64>, freed: &[BlobId]) -> Result<(), Error> {
    for blob in freed {
        blobs.remove(blob.as_u128())?;
    }
    Ok(())
}
