//! Steps of features/data-plane/copies.feature and batch-delete.feature.

use aws_sdk_s3::types::{Delete, MetadataDirective, ObjectIdentifier};
use cucumber::{given, then, when};

use super::{expect_success, settle};
use crate::failure::{Failure, StepResult};
use crate::world::World;

#[when(expr = "the client copies {string} to {string}")]
async fn copies(world: &mut World, source: String, target: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let copy = sdk.client.copy_object().copy_source(source_of(&bucket, &source));
    settle(world, &sdk, copy.bucket(&bucket).key(target).send().await)?;
    Ok(())
}

#[given(expr = "the copy {string} of {string}")]
async fn copied(world: &mut World, target: String, source: String) -> StepResult {
    copies(world, source, target).await?;
    expect_success(world)
}

#[given(expr = "the copy {string} of {string} with new metadata {string} = {string}")]
async fn copied_with_metadata(
    world: &mut World,
    target: String,
    source: String,
    name: String,
    value: String,
) -> StepResult {
    copies_with_metadata(world, source, target, name, value).await?;
    expect_success(world)
}

#[when(expr = "the client copies {string} to {string} with new metadata {string} = {string}")]
async fn copies_with_metadata(
    world: &mut World,
    source: String,
    target: String,
    name: String,
    value: String,
) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let copy = sdk.client.copy_object().copy_source(source_of(&bucket, &source));
    let copy = copy.metadata_directive(MetadataDirective::Replace).metadata(name, value);
    settle(world, &sdk, copy.content_type("text/x-new").bucket(&bucket).key(target).send().await)?;
    Ok(())
}

#[when(expr = "the client removes in one request {string}")]
async fn removes_batch(world: &mut World, keys: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let mut batch = Delete::builder();
    for key in keys.split(", ") {
        batch = batch.objects(ObjectIdentifier::builder().key(key).build()?);
    }
    let outcome = sdk.client.delete_objects().bucket(bucket).delete(batch.build()?).send().await;
    if let Some(answer) = settle(world, &sdk, outcome)? {
        world.found.keys = answer.deleted().iter().filter_map(|d| d.key.clone()).collect();
        world.found.keys.sort();
    }
    Ok(())
}

#[then(expr = "the removed keys are {string}")]
async fn removed_are(world: &mut World, keys: String) -> StepResult {
    let wanted: Vec<&str> = keys.split(", ").collect();
    Failure::unless(wanted == world.found.keys, || format!("they are {:?}", world.found.keys))
}

/// A copy source as S3 wants it: percent-encoded but for its slashes.
pub fn source_of(bucket: &str, key: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~')
        .remove(b'/');
    format!("{bucket}/{}", percent_encoding::utf8_percent_encode(key, KEPT))
}
