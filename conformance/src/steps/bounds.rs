//! Steps of features/data-plane/bounds.feature.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, Tag, Tagging};
use cucumber::{given, then, when};

use super::copies::source_of;
use super::objects::pattern;
use super::settle;
use crate::failure::{Failure, StepResult};
use crate::world::World;

/// No listing of a scenario has more pages.
const MOST_PAGES: usize = 20;

#[when(expr = "the client stores a key of {int} bytes")]
async fn stores_long_key(world: &mut World, length: usize) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    // In segments that a file system could hold, which some stores ask for.
    let key: String = ("k".repeat(99) + "/").chars().cycle().take(length - 1).collect();
    let put = sdk.client.put_object().bucket(bucket).key(key + "k");
    settle(world, &sdk, put.body(ByteStream::from_static(b"content")).send().await)?;
    Ok(())
}

#[when(expr = "the client stores {string} with {int} bytes of user metadata")]
async fn stores_metadata(world: &mut World, key: String, length: usize) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let put = sdk.client.put_object().bucket(bucket).key(key);
    let put = put.metadata("name", "v".repeat(length - "name".len()));
    settle(world, &sdk, put.body(ByteStream::from_static(b"content")).send().await)?;
    Ok(())
}

#[when(
    expr = "the client gives {string} {int} tags with names of {int} and values of {int} letters"
)]
async fn gives_tags(
    world: &mut World,
    key: String,
    count: usize,
    name: usize,
    value: usize,
) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let mut tags = Tagging::builder();
    for number in 0..count {
        let tag = Tag::builder().key(format!("{number:0>name$}")).value("v".repeat(value));
        tags = tags.tag_set(tag.build()?);
    }
    let put = sdk.client.put_object_tagging().bucket(bucket).key(key);
    settle(world, &sdk, put.tagging(tags.build()?).send().await)?;
    Ok(())
}

#[then(expr = "{string} has {int} tags")]
async fn has_tags(world: &mut World, key: String, count: usize) -> StepResult {
    let bucket = world.bucket().await?;
    let tags = world.sdk().client.get_object_tagging().bucket(bucket).key(key).send().await?;
    let found = tags.tag_set().len();
    Failure::unless(found == count, || format!("it has {found}"))
}

#[when(expr = "the client lists the parts of {string} in pages of {int}")]
async fn lists_part_pages(world: &mut World, key: String, size: i32) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let mut marker = None;
    for _ in 0..MOST_PAGES {
        let list = sdk.client.list_parts().bucket(&bucket).key(&key).max_parts(size);
        let list = list.upload_id(&world.found.upload).set_part_number_marker(marker.take());
        let Some(page) = settle(world, &sdk, list.send().await)? else { return Ok(()) };
        world.found.pages += 1;
        let parts = page.parts().iter();
        let named = parts.map(|p| (p.part_number().unwrap_or(0), p.size().unwrap_or(0)));
        world.found.keys.extend(named.map(|(number, size)| format!("{number}:{size}")));
        if page.is_truncated() != Some(true) {
            return Ok(());
        }
        marker = page.next_part_number_marker().map(str::to_owned);
    }
    Err(Failure::new(format!("the listing has not ended after {MOST_PAGES} pages")))
}

#[given(expr = "part {int} of {string} was replaced by {int} bytes")]
async fn part_replaced(world: &mut World, number: i32, key: String, size: usize) -> StepResult {
    let bucket = world.bucket().await?;
    let part = world.sdk().client.upload_part().bucket(bucket).key(key).part_number(number);
    // Not noted: the client goes on with what it knew before.
    part.upload_id(&world.found.upload).body(ByteStream::from(pattern(size))).send().await?;
    Ok(())
}

#[when(expr = "the client copies bytes {string} of {string} into part {int} of {string}")]
async fn copies_into_part(
    world: &mut World,
    range: String,
    source: String,
    number: i32,
    key: String,
) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let copy = sdk.client.upload_part_copy().bucket(&bucket).key(key).part_number(number);
    let copy = copy.upload_id(&world.found.upload).copy_source(source_of(&bucket, &source));
    let copy = copy.copy_source_range(format!("bytes={range}"));
    settle(world, &sdk, copy.send().await)?;
    Ok(())
}

#[when(expr = "the client completes the upload of {string} if nothing is there")]
async fn completes_if_absent(world: &mut World, key: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let parts = world.found.parts.clone();
    let list = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = sdk.client.complete_multipart_upload().bucket(bucket).key(key);
    let complete = complete.upload_id(&world.found.upload).multipart_upload(list);
    settle(world, &sdk, complete.if_none_match("*").send().await)?;
    Ok(())
}
