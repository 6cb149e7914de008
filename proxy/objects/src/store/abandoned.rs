//! Uploads that nobody completes or aborts.

use std::time::Duration;

use redb::ReadableTable;

use super::Store;
use super::commit::Applied;
use super::error::Error;
use super::tables::{self, UPLOADS};
use super::uploads::end;
use crate::model::{Moment, UploadRecord};

/// Uploads that end in one transaction: others wait behind it.
const AT_ONCE: usize = 64;

impl Store {
    /// Aborts uploads that began more than `age` ago and says how many.
    pub(crate) async fn abort_abandoned(&self, age: Duration) -> Result<usize, Error> {
        let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        let limit = Moment(Moment::now().0.saturating_sub(age));
        let mut aborted = 0;
        for names in self.abandoned(limit).await?.chunks(AT_ONCE) {
            let names = names.to_vec();
            aborted += self
                .index
                .change(move |tx| {
                    let (mut count, mut free) = (0, Vec::new());
                    for (bucket, key, upload) in &names {
                        let name = (bucket.as_str(), key.as_str(), upload.as_str());
                        let id = (name.0, name.1.as_bytes(), name.2);
                        // Completed or aborted since.
                        if tx.open_table(UPLOADS)?.get(id)?.is_none() {
                            continue;
                        }
                        free.extend(end(tx, name, &[])?);
                        count += 1;
                    }
                    Ok(Applied { value: count, keep: Vec::new(), free })
                })
                .await?;
        }
        Ok(aborted)
    }

    /// Bucket, key and id of every upload that began before `limit`.
    async fn abandoned(&self, limit: Moment) -> Result<Vec<(String, String, String)>, Error> {
        self.index
            .read(move |tx| {
                let mut found = Vec::new();
                for row in tx.open_table(UPLOADS)?.iter()? {
                    let (name, record) = row?;
                    if tables::decode::<UploadRecord>(record.value())?.initiated >= limit {
                        continue;
                    }
                    let (bucket, key, upload) = name.value();
                    let key = super::scan::text(key)?.to_owned();
                    found.push((bucket.to_owned(), key, upload.to_owned()));
                }
                Ok(found)
            })
            .await
    }
}
