//! DeleteObject and DeleteObjects.

use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result};

use super::errors::{refuse, unsupported};
use super::get::check_version;
use super::{Answer, asides, conditions};
use crate::model::{EtagSet, WriteCondition};
use crate::store::{Deletion, Store};

/// Keys in one batch.
const BATCH_LIMIT: usize = 1000;
/// Bytes in one key.
const KEY_LIMIT: usize = 1024;

pub(super) async fn one(
    store: &Store,
    req: S3Request<DeleteObjectInput>,
) -> Answer<DeleteObjectOutput> {
    let condition = conditions::of_write(&asides(&req))?;
    let input = req.input;
    check_version(input.version_id.as_deref())?;
    let deletion = Deletion { key: input.key, condition };
    for verdict in store.delete_objects(input.bucket, vec![deletion]).await? {
        verdict?;
    }
    Ok(S3Response::new(DeleteObjectOutput::default()))
}

/// Each key has its own verdict: one that cannot be removed does not keep the others.
pub(super) async fn several(
    store: &Store,
    req: S3Request<DeleteObjectsInput>,
) -> Answer<DeleteObjectsOutput> {
    let bucket = req.input.bucket;
    let asked = req.input.delete;
    if asked.objects.is_empty() || asked.objects.len() > BATCH_LIMIT {
        let message = "A batch names 1 to 1000 keys.";
        return Err(refuse(S3ErrorCode::MalformedXML, message));
    }
    let mut errors = Vec::new();
    let mut deletions = Vec::new();
    for object in asked.objects {
        match deletion(&object) {
            Ok(deletion) => deletions.push(deletion),
            Err(error) => errors.push(entry(object.key, object.version_id, error)),
        }
    }
    let keys: Vec<String> = deletions.iter().map(|deletion| deletion.key.clone()).collect();
    let verdicts = store.delete_objects(bucket, deletions).await?;
    let mut deleted = Vec::new();
    for (key, verdict) in keys.into_iter().zip(verdicts) {
        match verdict {
            Ok(()) => deleted.push(DeletedObject { key: Some(key), ..Default::default() }),
            Err(error) => errors.push(entry(key, None, error.into())),
        }
    }
    let quiet = asked.quiet == Some(true);
    Ok(S3Response::new(DeleteObjectsOutput {
        deleted: (!quiet).then_some(deleted),
        errors: (!errors.is_empty()).then_some(errors),
        ..Default::default()
    }))
}

fn deletion(object: &ObjectIdentifier) -> S3Result<Deletion> {
    check_version(object.version_id.as_deref())?;
    if object.key.is_empty() || object.key.len() > KEY_LIMIT {
        let message = "A key has 1 to 1024 bytes.";
        return Err(refuse(S3ErrorCode::KeyTooLongError, message));
    }
    if object.size.is_some() || object.last_modified_time.is_some() {
        return Err(unsupported("deletions that depend on size or time"));
    }
    let matches = object.e_tag.as_ref().map(|tag| EtagSet::Of(vec![tag.value().to_owned()]));
    let condition = WriteCondition { absent: false, matches };
    Ok(Deletion { key: object.key.clone(), condition })
}

fn entry(key: String, version_id: Option<String>, error: S3Error) -> Error {
    Error {
        code: Some(error.code().as_str().to_owned()),
        message: error.message().map(str::to_owned),
        key: Some(key),
        version_id,
    }
}
