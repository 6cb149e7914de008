//! Storing, finding, changing and removing objects.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use redb::{ReadTransaction, WriteTransaction};

use super::blobs::{Blobs, Leased, Staged};
use super::commit::Applied;
use super::digest::Hasher;
use super::error::Error;
use super::outgoing::Outgoing;
use super::tables::{self, BLOBS, BUCKETS, MANIFESTS, OBJECTS};
use super::{Received, Store};
use crate::model::{
    Algorithm, BlobId, Content, Description, Moment, ObjectRecord, Segment, StoredChecksum,
    WriteCondition,
};

/// How often a reader looks again when the object is replaced under its eyes.
const ATTEMPTS: usize = 32;

/// An object that is about to be named.
pub(crate) struct NewObject {
    pub(crate) etag: String,
    pub(crate) checksum: Option<StoredChecksum>,
    pub(crate) description: Description,
    pub(crate) segments: Vec<Segment>,
    /// Whether the segments are the parts of a multipart upload.
    pub(crate) multipart: bool,
    /// Those files of `segments` that the index does not know yet.
    pub(crate) staged: Vec<Staged>,
}

impl NewObject {
    /// An object of one body.
    pub(crate) fn from_body(
        received: Received,
        checksum: Option<StoredChecksum>,
        description: Description,
    ) -> NewObject {
        let blob = received.staged.as_ref().map(Staged::id);
        NewObject {
            etag: hex::encode(received.digested.md5),
            checksum,
            description,
            segments: blob
                .map(|blob| Segment { blob, size: received.size, part: None })
                .into_iter()
                .collect(),
            multipart: false,
            staged: received.staged.into_iter().collect(),
        }
    }
}

/// One key to remove.
pub(crate) struct Deletion {
    pub(crate) key: String,
    pub(crate) condition: WriteCondition,
}

/// An object whose files stay readable, whatever happens to its key meanwhile.
pub(crate) struct Pinned {
    pub(crate) record: ObjectRecord,
    pub(crate) segments: Vec<Segment>,
    lease: Leased,
    blobs: Arc<Blobs>,
}

impl Pinned {
    /// The bytes of `range`, which lies within the object.
    pub(crate) async fn read(self, range: Range<u64>) -> Result<Outgoing, Error> {
        let opening = tokio::task::spawn_blocking(move || {
            Outgoing::open(&self.blobs, Some(self.lease), &self.segments, range)
        });
        Ok(opening.await.map_err(|_| Error::Closed)??)
    }

    /// The checksum of all bytes, in base64.
    pub(crate) async fn checksum(&self, algorithm: Algorithm) -> Result<String, Error> {
        let blobs = Arc::clone(&self.blobs);
        let segments = self.segments.clone();
        let summing = tokio::task::spawn_blocking(move || -> io::Result<String> {
            let mut hasher = Hasher::new(algorithm);
            let mut piece = vec![0; 64 << 10];
            for segment in segments {
                let mut file = blobs.open_file(segment.blob)?;
                loop {
                    let length = file.read(&mut piece)?;
                    match piece.get(..length) {
                        None | Some([]) => break,
                        Some(bytes) => hasher.update(bytes),
                    }
                }
            }
            Ok(STANDARD.encode(hasher.finish()))
        });
        Ok(summing.await.map_err(|_| Error::Closed)??)
    }

    /// The same content under new file names, without reading it.
    pub(crate) async fn duplicate(self) -> Result<(Vec<Segment>, Vec<Staged>), Error> {
        let copying = tokio::task::spawn_blocking(move || -> io::Result<_> {
            let originals: Vec<BlobId> = self.segments.iter().map(|segment| segment.blob).collect();
            let staged = self.blobs.duplicate(&originals)?;
            let segments = self
                .segments
                .iter()
                .zip(&staged)
                .map(|(segment, copy)| Segment { blob: copy.id(), ..segment.clone() })
                .collect();
            drop(self.lease);
            Ok((segments, staged))
        });
        Ok(copying.await.map_err(|_| Error::Closed)??)
    }
}

impl Store {
    /// Names an object. What was under the key before is gone with the same commit.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::PreconditionFailed`]; [`Error::NoSuchKey`] where the
    /// condition asks for an object and there is none.
    pub(crate) async fn put_object(
        &self,
        bucket: String,
        key: String,
        object: NewObject,
        condition: WriteCondition,
    ) -> Result<ObjectRecord, Error> {
        self.index.change(move |tx| write_object(tx, &bucket, &key, object, &condition)).await
    }

    /// The record of an object.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchKey`].
    pub(crate) async fn object(&self, bucket: String, key: String) -> Result<ObjectRecord, Error> {
        self.index.read(move |tx| find(tx, &bucket, &key)).await
    }

    /// An object's record with the list of its files.
    ///
    /// # Errors
    /// As [`Store::object`].
    pub(crate) async fn object_with_segments(
        &self,
        bucket: String,
        key: String,
    ) -> Result<(ObjectRecord, Vec<Segment>), Error> {
        self.index.read(move |tx| find_with_segments(tx, &bucket, &key)).await
    }

    /// An object that can be read.
    ///
    /// # Errors
    /// As [`Store::object`].
    pub(crate) async fn pin(&self, bucket: String, key: String) -> Result<Pinned, Error> {
        let blobs = Arc::clone(&self.blobs);
        let index = Arc::clone(&self.index);
        let pinning = tokio::task::spawn_blocking(move || {
            let look = || index.read_here(|tx| find_with_segments(tx, &bucket, &key));
            let (mut record, mut segments) = look()?;
            for _ in 0..ATTEMPTS {
                let lease = blobs.lease(segments.iter().map(|segment| segment.blob).collect());
                // Between the look and the lease the files may have been removed. If the object
                // has the same ones now, the lease came in time.
                let (now_record, now_segments) = look()?;
                if now_segments == segments {
                    return Ok(Pinned { record: now_record, segments, lease, blobs });
                }
                (record, segments) = (now_record, now_segments);
            }
            Err(Error::Index(format!("an object changed too often, last at {:?}", record.modified)))
        });
        pinning.await.unwrap_or(Err(Error::Closed))
    }

    /// Changes what is said about an object; its bytes stay.
    ///
    /// # Errors
    /// As [`Store::object`]; [`Error::PreconditionFailed`] when `condition` does not hold.
    pub(crate) async fn describe_object(
        &self,
        bucket: String,
        key: String,
        condition: WriteCondition,
        change: impl FnOnce(&mut ObjectRecord) + Send + 'static,
    ) -> Result<ObjectRecord, Error> {
        self.index
            .change(move |tx| {
                tables::bucket(&tx.open_table(BUCKETS)?, &bucket)?;
                let mut objects = tx.open_table(OBJECTS)?;
                let mut record =
                    tables::object(&objects, &bucket, &key)?.ok_or(Error::NoSuchKey)?;
                check(Some(&record), &condition)?;
                change(&mut record);
                let bytes = tables::encode(&record)?;
                objects.insert((bucket.as_str(), key.as_bytes()), bytes.as_slice())?;
                Ok(Applied::plain(record))
            })
            .await
    }

    /// Removes keys, in one commit, with a verdict for each. A key that is not there is removed.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`] for all of them.
    pub(crate) async fn delete_objects(
        &self,
        bucket: String,
        deletions: Vec<Deletion>,
    ) -> Result<Vec<Result<(), Error>>, Error> {
        self.index
            .change(move |tx| {
                tables::bucket(&tx.open_table(BUCKETS)?, &bucket)?;
                let mut free = Vec::new();
                let mut verdicts = Vec::with_capacity(deletions.len());
                for deletion in &deletions {
                    verdicts.push(remove(tx, &bucket, deletion, &mut free)?);
                }
                Ok(Applied { value: verdicts, keep: Vec::new(), free })
            })
            .await
    }
}

/// Writes an object's record. Refuses before it writes.
pub(super) fn write_object(
    tx: &WriteTransaction,
    bucket: &str,
    key: &str,
    object: NewObject,
    condition: &WriteCondition,
) -> Result<Applied<ObjectRecord>, Error> {
    tables::bucket(&tx.open_table(BUCKETS)?, bucket)?;
    let mut objects = tx.open_table(OBJECTS)?;
    let previous = tables::object(&objects, bucket, key)?;
    check(previous.as_ref(), condition)?;

    let free = match &previous {
        Some(previous) => tables::release(tx, previous)?,
        None => Vec::new(),
    };
    let record = ObjectRecord {
        size: object.segments.iter().map(|segment| segment.size).sum(),
        etag: object.etag,
        modified: Moment::now(),
        content: write_content(tx, &object.segments, object.multipart)?,
        checksum: object.checksum,
        description: object.description,
    };
    objects.insert((bucket, key.as_bytes()), tables::encode(&record)?.as_slice())?;
    Ok(Applied { value: record, keep: object.staged, free })
}

fn write_content(
    tx: &WriteTransaction,
    segments: &[Segment],
    multipart: bool,
) -> Result<Content, Error> {
    let mut blobs = tx.open_table(BLOBS)?;
    for segment in segments {
        blobs.insert(segment.blob.as_u128(), segment.size)?;
    }
    match segments {
        [] => Ok(Content::Empty),
        [only] if !multipart => Ok(Content::Single(only.blob)),
        _ => {
            let manifest = BlobId::random();
            let list = tables::encode(&segments)?;
            tx.open_table(MANIFESTS)?.insert(manifest.as_u128(), list.as_slice())?;
            let count = u32::try_from(segments.len()).unwrap_or(u32::MAX);
            Ok(Content::Parts { manifest, count })
        }
    }
}

fn remove(
    tx: &WriteTransaction,
    bucket: &str,
    deletion: &Deletion,
    free: &mut Vec<BlobId>,
) -> Result<Result<(), Error>, Error> {
    let mut objects = tx.open_table(OBJECTS)?;
    let previous = tables::object(&objects, bucket, &deletion.key)?;
    if let Err(refusal) = check(previous.as_ref(), &deletion.condition) {
        return Ok(Err(refusal));
    }
    if let Some(previous) = previous {
        objects.remove((bucket, deletion.key.as_bytes()))?;
        free.extend(tables::release(tx, &previous)?);
    }
    Ok(Ok(()))
}

fn check(previous: Option<&ObjectRecord>, condition: &WriteCondition) -> Result<(), Error> {
    if condition.absent && previous.is_some() {
        return Err(Error::PreconditionFailed);
    }
    match (&condition.matches, previous) {
        (Some(_), None) => Err(Error::NoSuchKey),
        (Some(tags), Some(previous)) if !tags.contains(&previous.etag) => {
            Err(Error::PreconditionFailed)
        }
        _ => Ok(()),
    }
}

fn find(tx: &ReadTransaction, bucket: &str, key: &str) -> Result<ObjectRecord, Error> {
    match tables::object(&tx.open_table(OBJECTS)?, bucket, key)? {
        Some(record) => Ok(record),
        // Only now: a bucket that has objects exists.
        None => tables::bucket(&tx.open_table(BUCKETS)?, bucket).and(Err(Error::NoSuchKey)),
    }
}

fn find_with_segments(
    tx: &ReadTransaction,
    bucket: &str,
    key: &str,
) -> Result<(ObjectRecord, Vec<Segment>), Error> {
    let record = find(tx, bucket, key)?;
    let segments = tables::segments(&tx.open_table(MANIFESTS)?, &record)?;
    Ok((record, segments))
}
