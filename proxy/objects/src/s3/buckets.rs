//! Bucket operations.

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::Answer;
use super::errors::{refuse, unsupported};
use crate::store::Store;

const REGION: &str = "us-east-1";
/// The most buckets in one answer.
const PAGE: usize = 10_000;

/// How names that S3 keeps for itself begin and end. The framework checks letters and length.
const RESERVED_STARTS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_ENDS: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

pub(super) async fn create(
    store: &Store,
    req: S3Request<CreateBucketInput>,
) -> Answer<CreateBucketOutput> {
    let input = req.input;
    let reserved = RESERVED_STARTS.iter().any(|start| input.bucket.starts_with(start))
        || RESERVED_ENDS.iter().any(|end| input.bucket.ends_with(end));
    if reserved {
        let message = "S3 keeps bucket names of this form for itself.";
        return Err(refuse(S3ErrorCode::InvalidBucketName, message));
    }
    if input.object_lock_enabled_for_bucket == Some(true) {
        return Err(unsupported("object lock"));
    }
    let private = input.acl.as_ref().is_none_or(|acl| acl.as_str() == BucketCannedACL::PRIVATE);
    let granted = input.grant_full_control.is_some()
        || input.grant_read.is_some()
        || input.grant_read_acp.is_some()
        || input.grant_write.is_some()
        || input.grant_write_acp.is_some();
    if !private || granted {
        return Err(unsupported("access control lists"));
    }
    let region = input
        .create_bucket_configuration
        .and_then(|configuration| configuration.location_constraint)
        .map(|region| region.as_str().to_owned())
        .filter(|region| !region.is_empty() && region != REGION);
    let location = Some(format!("/{}", input.bucket));
    store.create_bucket(input.bucket, region).await?;
    Ok(S3Response::new(CreateBucketOutput { location }))
}

pub(super) async fn delete(
    store: &Store,
    req: S3Request<DeleteBucketInput>,
) -> Answer<DeleteBucketOutput> {
    store.delete_bucket(req.input.bucket).await?;
    Ok(S3Response::new(DeleteBucketOutput::default()))
}

pub(super) async fn head(
    store: &Store,
    req: S3Request<HeadBucketInput>,
) -> Answer<HeadBucketOutput> {
    let bucket = store.bucket(req.input.bucket).await?;
    let region = bucket.region.unwrap_or_else(|| REGION.to_owned());
    Ok(S3Response::new(HeadBucketOutput { bucket_region: Some(region), ..Default::default() }))
}

/// The default region is an empty element, as in S3.
pub(super) async fn location(
    store: &Store,
    req: S3Request<GetBucketLocationInput>,
) -> Answer<GetBucketLocationOutput> {
    let bucket = store.bucket(req.input.bucket).await?;
    let location_constraint = bucket.region.map(BucketLocationConstraint::from);
    Ok(S3Response::new(GetBucketLocationOutput { location_constraint }))
}

/// Versioning was never enabled here: an empty document says so.
pub(super) async fn versioning(
    store: &Store,
    req: S3Request<GetBucketVersioningInput>,
) -> Answer<GetBucketVersioningOutput> {
    store.bucket(req.input.bucket).await?;
    Ok(S3Response::new(GetBucketVersioningOutput::default()))
}

pub(super) async fn list(
    store: &Store,
    req: S3Request<ListBucketsInput>,
) -> Answer<ListBucketsOutput> {
    let input = req.input;
    let limit = match input.max_buckets.map(usize::try_from) {
        None => PAGE,
        Some(Ok(limit)) if (1..=PAGE).contains(&limit) => limit,
        Some(_) => {
            let message = "`max-buckets` is from 1 to 10000.";
            return Err(refuse(S3ErrorCode::InvalidArgument, message));
        }
    };
    let prefix = input.prefix.clone().unwrap_or_default();
    let after = input.continuation_token.unwrap_or_default();
    let (found, more) = store.buckets(prefix, after, limit).await?;
    let continuation_token = found.last().filter(|_| more).map(|(name, _)| name.clone());
    let buckets = found.into_iter().map(|(name, record)| Bucket {
        creation_date: Some(record.created.to_system_time().into()),
        name: Some(name),
        bucket_region: None,
    });
    Ok(S3Response::new(ListBucketsOutput {
        buckets: Some(buckets.collect()),
        owner: Some(owner()),
        continuation_token,
        prefix: input.prefix,
    }))
}

/// Everything belongs to the store: it knows no accounts.
pub(super) fn owner() -> Owner {
    Owner { id: Some("embedded".to_owned()), display_name: Some("embedded".to_owned()) }
}
