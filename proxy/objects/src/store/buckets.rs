//! Making, finding and removing buckets.

use redb::{ReadableTable, WriteTransaction};

use super::commit::Applied;
use super::error::Error;
use super::tables::{self, BLOBS, BUCKETS, OBJECTS, PARTS, UPLOADS};
use super::{Store, uploads};
use crate::model::{BlobId, BucketRecord, Moment};

impl Store {
    /// # Errors
    /// [`Error::BucketExists`].
    pub(crate) async fn create_bucket(
        &self,
        name: String,
        region: Option<String>,
    ) -> Result<(), Error> {
        self.index
            .change(move |tx| {
                let mut buckets = tx.open_table(BUCKETS)?;
                if buckets.get(name.as_str())?.is_some() {
                    return Err(Error::BucketExists);
                }
                let record = BucketRecord { created: Moment::now(), region };
                buckets.insert(name.as_str(), tables::encode(&record)?.as_slice())?;
                Ok(Applied::plain(()))
            })
            .await
    }

    /// Removes an empty bucket and whatever uploads are unfinished in it.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::BucketNotEmpty`].
    pub(crate) async fn delete_bucket(&self, name: String) -> Result<(), Error> {
        self.index
            .change(move |tx| {
                tables::bucket(&tx.open_table(BUCKETS)?, &name)?;
                if has_objects(tx, &name)? {
                    return Err(Error::BucketNotEmpty);
                }
                let free = drop_uploads(tx, &name)?;
                tx.open_table(BUCKETS)?.remove(name.as_str())?;
                Ok(Applied { value: (), keep: Vec::new(), free })
            })
            .await
    }

    /// # Errors
    /// [`Error::NoSuchBucket`].
    pub(crate) async fn bucket(&self, name: String) -> Result<BucketRecord, Error> {
        self.index.read(move |tx| tables::bucket(&tx.open_table(BUCKETS)?, &name)).await
    }

    /// Up to `limit` buckets whose names begin with `prefix` and come after `after`, and whether
    /// there are more.
    pub(crate) async fn buckets(
        &self,
        prefix: String,
        after: String,
        limit: usize,
    ) -> Result<(Vec<(String, BucketRecord)>, bool), Error> {
        self.index
            .read(move |tx| {
                let table = tx.open_table(BUCKETS)?;
                let start = prefix.as_str().max(after.as_str());
                let mut found = Vec::new();
                for row in table.range(start..)? {
                    let (name, record) = row?;
                    let name = name.value();
                    if !name.starts_with(prefix.as_str()) {
                        break;
                    }
                    if name == after {
                        continue;
                    }
                    if found.len() == limit {
                        return Ok((found, true));
                    }
                    found.push((name.to_owned(), tables::decode(record.value())?));
                }
                Ok((found, false))
            })
            .await
    }
}

fn has_objects(tx: &WriteTransaction, bucket: &str) -> Result<bool, Error> {
    let objects = tx.open_table(OBJECTS)?;
    let first = objects.range((bucket, [].as_slice())..)?.next().transpose()?;
    Ok(first.is_some_and(|(key, _)| key.value().0 == bucket))
}

fn drop_uploads(tx: &WriteTransaction, bucket: &str) -> Result<Vec<BlobId>, Error> {
    let mut uploads = tx.open_table(UPLOADS)?;
    let mut found = Vec::new();
    for row in uploads.range((bucket, [].as_slice(), "")..)? {
        let (name, _) = row?;
        let (in_bucket, key, upload) = name.value();
        if in_bucket != bucket {
            break;
        }
        found.push((key.to_vec(), upload.to_owned()));
    }
    let mut parts = tx.open_table(PARTS)?;
    let mut free = Vec::new();
    for (key, upload) in found {
        uploads.remove((bucket, key.as_slice(), upload.as_str()))?;
        free.extend(uploads::remove_parts(&mut parts, &upload)?);
    }
    tables::forget(&mut tx.open_table(BLOBS)?, &free)?;
    Ok(free)
}
