//! What users of a scenario send, and how the rules answer.

use aws_sdk_s3::types::{Delete, ObjectIdentifier, Tag, Tagging};
use cucumber::{then, when};

use super::settle;
use crate::failure::{Failure, StepResult};
use crate::sdk::Sdk;
use crate::world::World;

#[when(expr = "{string} sends {word} for {string}")]
pub(super) async fn sends(
    world: &mut World,
    name: String,
    operation: String,
    key: String,
) -> StepResult {
    world.bucket().await?;
    let sdk = world.sdk_of(&name).await?;
    world.mark().await?;
    perform(world, &sdk, &operation, &world.fill(&key)).await
}

#[when(expr = "{string} copies {string} to {string}")]
async fn copies(world: &mut World, name: String, source: String, target: String) -> StepResult {
    let bucket = world.bucket().await?;
    let sdk = world.sdk_of(&name).await?;
    let source = match source.strip_prefix("raw:") {
        Some(raw) => world.fill(raw),
        None => format!("{bucket}/{source}"),
    };
    world.mark().await?;
    let copy = sdk.client.copy_object().copy_source(source).bucket(&bucket).key(target);
    let outcome = copy.send().await;
    settle(world, &sdk, outcome).map(drop)
}

#[when(expr = "{string} removes in one batch {string}")]
async fn removes_batch(world: &mut World, name: String, keys: String) -> StepResult {
    let bucket = world.bucket().await?;
    let sdk = world.sdk_of(&name).await?;
    let objects: Result<Vec<_>, _> =
        keys.split_whitespace().map(|key| ObjectIdentifier::builder().key(key).build()).collect();
    let batch = Delete::builder().set_objects(Some(objects?)).build()?;
    world.mark().await?;
    let outcome = sdk.client.delete_objects().bucket(bucket).delete(batch).send().await;
    settle(world, &sdk, outcome).map(drop)
}

#[then("the rules allow it")]
async fn allowed(world: &mut World) -> StepResult {
    let answer = world.answer()?;
    Failure::unless(!matches!(answer.status, 401 | 403), || {
        format!("it was refused: {} {:?}", answer.status, answer.code())
    })
}

#[then("the rules refuse it")]
async fn refused(world: &mut World) -> StepResult {
    let answer = world.answer()?;
    // A HEAD has no body to name the code in.
    let denied = answer.body.is_empty() || answer.code() == Some("AccessDenied");
    Failure::unless(answer.status == 403 && denied, || {
        format!("expected AccessDenied, got {} {:?}", answer.status, answer.code())
    })
}

#[then(expr = "the batch removed {string} and refused {string}")]
async fn batch_outcome(world: &mut World, removed: String, refused: String) -> StepResult {
    let body = String::from_utf8_lossy(&world.answer()?.body).into_owned();
    let keys = |element: &str| {
        let (opening, closing) = (format!("<{element}>"), format!("</{element}>"));
        let parts = body.split(opening.as_str()).skip(1);
        let key = |part: &str| {
            let part = part.split(closing.as_str()).next().unwrap_or_default();
            let (_, rest) = part.split_once("<Key>")?;
            rest.split_once("</Key>").map(|(key, _)| key.to_owned())
        };
        let mut keys: Vec<String> = parts.filter_map(key).collect();
        keys.sort();
        keys.join(" ")
    };
    Failure::unless(keys("Deleted") == removed && keys("Error") == refused, || {
        format!("removed `{}`, refused `{}`", keys("Deleted"), keys("Error"))
    })?;
    Failure::unless(body.matches("<Code>AccessDenied</Code>").count() > 0, || body.clone())
}

/// One operation of the S3 API by its name; a new bucket's name is made from the key.
async fn perform(world: &mut World, sdk: &Sdk, operation: &str, key: &str) -> StepResult {
    let (client, bucket) = (&sdk.client, world.bucket_name());
    let tagging = || {
        let tag = Tag::builder().key("a").value("b").build()?;
        Tagging::builder().tag_set(tag).build()
    };
    macro_rules! send {
        ($request:expr) => {{
            let outcome = $request.send().await;
            settle(world, sdk, outcome).map(drop)
        }};
    }
    match operation {
        "GetObject" => send!(client.get_object().bucket(bucket).key(key)),
        "HeadObject" => send!(client.head_object().bucket(bucket).key(key)),
        "GetObjectAcl" => send!(client.get_object_acl().bucket(bucket).key(key)),
        "GetObjectTagging" => send!(client.get_object_tagging().bucket(bucket).key(key)),
        "GetObjectAttributes" => {
            let part = aws_sdk_s3::types::ObjectAttributes::Etag;
            send!(client.get_object_attributes().object_attributes(part).bucket(bucket).key(key))
        }
        "GetObjectVersion" => {
            send!(client.get_object().bucket(bucket).key(key).version_id("none"))
        }
        "PutObject" => {
            let body = b"written".to_vec().into();
            send!(client.put_object().bucket(bucket).key(key).body(body))
        }
        "PutObjectPrivate" => {
            let acl = aws_sdk_s3::types::ObjectCannedAcl::Private;
            send!(client.put_object().bucket(bucket).key(key).acl(acl))
        }
        "PutObjectPublic" => {
            let acl = aws_sdk_s3::types::ObjectCannedAcl::PublicRead;
            send!(client.put_object().bucket(bucket).key(key).acl(acl))
        }
        "PutObjectTagged" => send!(client.put_object().bucket(bucket).key(key).tagging("a=b")),
        "PutObjectLocked" => {
            let hold = aws_sdk_s3::types::ObjectLockLegalHoldStatus::On;
            send!(client.put_object().bucket(bucket).key(key).object_lock_legal_hold_status(hold))
        }
        "CreateMultipartUpload" => {
            send!(client.create_multipart_upload().bucket(bucket).key(key))
        }
        "AbortMultipartUpload" => {
            send!(client.abort_multipart_upload().bucket(bucket).key(key).upload_id("none"))
        }
        "UploadPartCopy" => {
            let copy = client.upload_part_copy().bucket(&bucket).key(key).upload_id("none");
            send!(copy.part_number(1).copy_source(format!("{bucket}/secret/x")))
        }
        "ListParts" => send!(client.list_parts().bucket(bucket).key(key).upload_id("none")),
        "PutObjectTagging" => {
            send!(client.put_object_tagging().bucket(bucket).key(key).tagging(tagging()?))
        }
        "DeleteObjectTagging" => send!(client.delete_object_tagging().bucket(bucket).key(key)),
        "DeleteObject" => send!(client.delete_object().bucket(bucket).key(key)),
        "DeleteObjectVersion" => {
            send!(client.delete_object().bucket(bucket).key(key).version_id("none"))
        }
        "ListObjects" => send!(client.list_objects().bucket(bucket).prefix(key)),
        "ListObjectsV2" => send!(client.list_objects_v2().bucket(bucket).prefix(key)),
        "ListObjectVersions" => send!(client.list_object_versions().bucket(bucket).prefix(key)),
        "ListMultipartUploads" => {
            send!(client.list_multipart_uploads().bucket(bucket).prefix(key))
        }
        "ListBuckets" => send!(client.list_buckets()),
        "CreateBucket" => send!(client.create_bucket().bucket(format!("{bucket}-{key}"))),
        "DeleteBucket" => send!(client.delete_bucket().bucket(bucket)),
        "HeadBucket" => send!(client.head_bucket().bucket(bucket)),
        "GetBucketLocation" => send!(client.get_bucket_location().bucket(bucket)),
        "GetBucketAcl" => send!(client.get_bucket_acl().bucket(bucket)),
        "GetBucketVersioning" => send!(client.get_bucket_versioning().bucket(bucket)),
        "GetBucketTagging" => send!(client.get_bucket_tagging().bucket(bucket)),
        "PutBucketTagging" => {
            send!(client.put_bucket_tagging().bucket(bucket).tagging(tagging()?))
        }
        "GetBucketPolicy" => send!(client.get_bucket_policy().bucket(bucket)),
        "PutBucketPolicy" => send!(client.put_bucket_policy().bucket(bucket).policy("{}")),
        "GetObjectLegalHold" => send!(client.get_object_legal_hold().bucket(bucket).key(key)),
        other => Err(Failure::new(format!("no step knows how to send {other}"))),
    }
}
