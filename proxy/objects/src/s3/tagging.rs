//! The tags of an object.

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::errors::refuse;
use super::get::check_version;
use super::{Answer, headers};
use crate::model::{ObjectRecord, WriteCondition};
use crate::store::Store;

pub(super) async fn get(
    store: &Store,
    req: S3Request<GetObjectTaggingInput>,
) -> Answer<GetObjectTaggingOutput> {
    let input = req.input;
    check_version(input.version_id.as_deref())?;
    let record = store.object(input.bucket, input.key).await?;
    let tags = record.description.tags.into_iter();
    let tag_set = tags.map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect();
    Ok(S3Response::new(GetObjectTaggingOutput { tag_set, version_id: None }))
}

pub(super) async fn put(
    store: &Store,
    req: S3Request<PutObjectTaggingInput>,
) -> Answer<PutObjectTaggingOutput> {
    let input = req.input;
    check_version(input.version_id.as_deref())?;
    let mut pairs = Vec::new();
    for tag in input.tagging.tag_set {
        let (Some(key), Some(value)) = (tag.key, tag.value) else {
            return Err(refuse(S3ErrorCode::MalformedXML, "A tag has a key and a value."));
        };
        pairs.push((key, value));
    }
    let tags = headers::tags(pairs)?;
    let change = move |record: &mut ObjectRecord| record.description.tags = tags;
    store.describe_object(input.bucket, input.key, WriteCondition::default(), change).await?;
    Ok(S3Response::new(PutObjectTaggingOutput::default()))
}

pub(super) async fn delete(
    store: &Store,
    req: S3Request<DeleteObjectTaggingInput>,
) -> Answer<DeleteObjectTaggingOutput> {
    let input = req.input;
    check_version(input.version_id.as_deref())?;
    let change = |record: &mut ObjectRecord| record.description.tags.clear();
    store.describe_object(input.bucket, input.key, WriteCondition::default(), change).await?;
    Ok(S3Response::new(DeleteObjectTaggingOutput::default()))
}
