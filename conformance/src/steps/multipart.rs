//! Steps of features/data-plane/multipart.feature.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use cucumber::{given, then, when};

use super::copies::source_of;
use super::objects::pattern;
use super::{expect_success, settle};
use crate::failure::{Failure, StepResult};
use crate::world::World;

/// The smallest size that S3 takes for a part that is not the last, in bytes.
const PART: usize = 5 * 1024 * 1024;

#[given(expr = "an upload of {string} was started")]
async fn started(world: &mut World, key: String) -> StepResult {
    let bucket = world.bucket().await?;
    let create = world.sdk().client.create_multipart_upload().bucket(bucket).key(key);
    let upload = create.metadata("kind", "large").send().await?;
    world.found.upload = upload.upload_id.ok_or_else(|| Failure::new("the upload has no id"))?;
    Ok(())
}

#[given(expr = "part {int} of {string} was uploaded with {int} bytes")]
async fn part_uploaded(world: &mut World, number: i32, key: String, size: usize) -> StepResult {
    let bucket = world.bucket().await?;
    let upload = world.sdk().client.upload_part().bucket(bucket).key(key);
    let part = upload
        .upload_id(&world.found.upload)
        .part_number(number)
        .body(ByteStream::from(pattern(size)))
        .send()
        .await?;
    let part = CompletedPart::builder()
        .part_number(number)
        .set_e_tag(part.e_tag)
        .set_checksum_crc32(part.checksum_crc32)
        .set_checksum_crc64_nvme(part.checksum_crc64_nvme);
    world.found.parts.push(part.build());
    Ok(())
}

#[given(expr = "the first part of {string} was uploaded")]
async fn first_part_uploaded(world: &mut World, key: String) -> StepResult {
    part_uploaded(world, 1, key, PART).await
}

#[given(expr = "part {int} of {string} was copied from bytes {string} of {string}")]
async fn part_copied(
    world: &mut World,
    number: i32,
    key: String,
    range: String,
    source: String,
) -> StepResult {
    let bucket = world.bucket().await?;
    let copy = world.sdk().client.upload_part_copy().bucket(&bucket).key(key);
    let copy = copy.upload_id(&world.found.upload).part_number(number);
    let copy = copy.copy_source(source_of(&bucket, &source));
    let done = copy.copy_source_range(format!("bytes={range}")).send().await?;
    let tag = done.copy_part_result.and_then(|result| result.e_tag);
    world.found.parts.push(CompletedPart::builder().part_number(number).set_e_tag(tag).build());
    Ok(())
}

#[when(expr = "the client completes the upload of {string}")]
async fn completes(world: &mut World, key: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let parts = world.found.parts.clone();
    let list = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = sdk.client.complete_multipart_upload().bucket(bucket).key(key);
    let complete = complete.upload_id(&world.found.upload).multipart_upload(list);
    settle(world, &sdk, complete.send().await)?;
    Ok(())
}

#[given(expr = "the upload of {string} was completed")]
async fn completed(world: &mut World, key: String) -> StepResult {
    completes(world, key).await?;
    expect_success(world)
}

#[given(expr = "the upload of {string} was aborted")]
async fn aborted(world: &mut World, key: String) -> StepResult {
    aborts(world, key).await?;
    expect_success(world)
}

#[when(expr = "the client aborts the upload of {string}")]
async fn aborts(world: &mut World, key: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let abort = sdk.client.abort_multipart_upload().bucket(bucket).key(key);
    settle(world, &sdk, abort.upload_id(&world.found.upload).send().await)?;
    Ok(())
}

#[when(expr = "the client lists the parts of {string}")]
async fn lists_parts(world: &mut World, key: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let list = sdk.client.list_parts().bucket(bucket).key(key).upload_id(&world.found.upload);
    if let Some(page) = settle(world, &sdk, list.send().await)? {
        world.found.keys = page
            .parts()
            .iter()
            .map(|p| format!("{}:{}", p.part_number().unwrap_or(0), p.size().unwrap_or(0)))
            .collect();
    }
    Ok(())
}

#[when("the client lists the open uploads")]
async fn lists_uploads(world: &mut World) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    // MinIO lists the uploads of one key; S3 those of every key that begins with it.
    let list = sdk.client.list_multipart_uploads().bucket(bucket).prefix("large.bin");
    if let Some(page) = settle(world, &sdk, list.send().await)? {
        world.found.keys =
            page.uploads().iter().filter_map(|u| u.key()).map(str::to_owned).collect();
    }
    Ok(())
}

#[then(expr = "{string} holds the first part and {string}")]
async fn holds_parts(world: &mut World, key: String, tail: String) -> StepResult {
    let mut expected = pattern(PART);
    expected.extend_from_slice(tail.as_bytes());
    holds(world, &key, &expected).await
}

#[then(expr = "{string} holds the first part and then {int} bytes")]
async fn holds_sized_parts(world: &mut World, key: String, size: usize) -> StepResult {
    let mut expected = pattern(PART);
    expected.extend(pattern(size));
    holds(world, &key, &expected).await
}

async fn holds(world: &mut World, key: &str, expected: &[u8]) -> StepResult {
    let found = world.read(key).await?.ok_or_else(|| Failure::new(format!("no `{key}`")))?;
    Failure::unless(found == expected, || {
        format!("`{key}` has {} bytes, {} were uploaded", found.len(), expected.len())
    })
}
