//! Steps of features/data-plane/objects.feature: single objects and their metadata.

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use bytes::Bytes;
use cucumber::{given, then, when};
use http_body_util::StreamBody;
use sha2::{Digest, Sha256};

use super::settle;
use crate::failure::{Failure, StepResult};
use crate::world::World;

#[when(expr = "the client stores {string} holding {string}")]
async fn stores(world: &mut World, key: String, content: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let body = ByteStream::from(content.into_bytes());
    let outcome = sdk.client.put_object().bucket(bucket).key(key).body(body).send().await;
    settle(world, &sdk, outcome)?;
    Ok(())
}

#[when(expr = "the client reads {string}")]
async fn reads(world: &mut World, key: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let outcome = sdk.client.get_object().bucket(bucket).key(key).send().await;
    if let Some(found) = settle(world, &sdk, outcome)? {
        world.found.body = found.body.collect().await?.to_vec();
    }
    Ok(())
}

#[when(expr = "the client reads {string} from a bucket that does not exist")]
async fn reads_from_nowhere(world: &mut World, key: String) -> StepResult {
    let sdk = world.sdk().clone();
    let bucket = format!("{}-absent", world.bucket_name());
    settle(world, &sdk, sdk.client.get_object().bucket(bucket).key(key).send().await)?;
    Ok(())
}

#[when(expr = "the client inspects {string}")]
async fn inspects(world: &mut World, key: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    settle(world, &sdk, sdk.client.head_object().bucket(bucket).key(key).send().await)?;
    Ok(())
}

#[when(expr = "the client removes {string}")]
async fn removes(world: &mut World, key: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    settle(world, &sdk, sdk.client.delete_object().bucket(bucket).key(key).send().await)?;
    Ok(())
}

#[given(expr = "the object {string} with metadata {string} = {string}")]
async fn object_with_metadata(
    world: &mut World,
    key: String,
    name: String,
    value: String,
) -> StepResult {
    let bucket = world.bucket().await?;
    let put = world.sdk().client.put_object().bucket(bucket).key(key).metadata(name, value);
    put.content_type("text/x-original").body(ByteStream::from_static(b"content")).send().await?;
    Ok(())
}

#[given(expr = "the object {string} stored with every content header")]
async fn object_with_headers(world: &mut World, key: String) -> StepResult {
    let bucket = world.bucket().await?;
    let put = world.sdk().client.put_object().bucket(bucket).key(key);
    put.content_type("text/csv; charset=utf-8")
        .content_disposition("attachment; filename=\"a b.csv\"")
        .content_language("de-CH")
        .content_encoding("identity")
        .cache_control("max-age=60, private")
        .body(ByteStream::from_static(b"a;b"))
        .send()
        .await?;
    Ok(())
}

#[then("every content header comes back")]
async fn headers_come_back(world: &mut World) -> StepResult {
    let answer = world.answer()?;
    for (name, expected) in [
        ("content-type", "text/csv; charset=utf-8"),
        ("content-disposition", "attachment; filename=\"a b.csv\""),
        ("content-language", "de-CH"),
        ("content-encoding", "identity"),
        ("cache-control", "max-age=60, private"),
    ] {
        let found = answer.header(name);
        Failure::unless(found == Some(expected), || format!("{name} is {found:?}"))?;
    }
    Ok(())
}

#[then(expr = "the answer's header {string} is {string}")]
async fn header_is(world: &mut World, name: String, expected: String) -> StepResult {
    let found = world.answer()?.header(&name);
    Failure::unless(found == Some(expected.as_str()), || format!("{name} is {found:?}"))
}

#[then(expr = "the answer has no header {string}")]
async fn header_is_absent(world: &mut World, name: String) -> StepResult {
    let found = world.answer()?.header(&name);
    Failure::unless(found.is_none(), || format!("{name} is {found:?}"))
}

#[then("the answer carries a request id")]
async fn has_request_id(world: &mut World) -> StepResult {
    let found = world.answer()?.header("x-amz-request-id");
    Failure::unless(found.is_some_and(|id| !id.is_empty()), || "it carries none".to_owned())
}

#[then("the refusal's document carries the same request id")]
async fn same_request_id(world: &mut World) -> StepResult {
    let answer = world.answer()?;
    let (header, body) = (answer.header("x-amz-request-id"), answer.element("RequestId"));
    Failure::unless(header.is_some() && header == body, || format!("{header:?} and {body:?}"))
}

#[given(expr = "the object {string} of {int} bytes")]
async fn object_of_size(world: &mut World, key: String, size: usize) -> StepResult {
    world.put(&key, pattern(size)).await
}

#[when(expr = "the client streams {int} bytes into {string}")]
async fn streams(world: &mut World, size: usize, key: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let body = streamed(size);
    let put = sdk.client.put_object().bucket(bucket).key(key).body(body);
    settle(world, &sdk, put.content_length(i64::try_from(size)?).send().await)?;
    Ok(())
}

#[then(expr = "{string} holds the {int} bytes that were sent")]
async fn holds_the_bytes(world: &mut World, key: String, size: usize) -> StepResult {
    let found = world.read(&key).await?.ok_or_else(|| Failure::new(format!("no `{key}`")))?;
    let same = Sha256::digest(&found) == Sha256::digest(pattern(size));
    Failure::unless(same, || format!("`{key}` has {} other bytes", found.len()))
}

/// Bytes without a short period, so that lost, doubled or swapped pieces show.
pub fn pattern(size: usize) -> Vec<u8> {
    let mut state: u32 = 0x9e37_79b9;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_be_bytes()[0]
    })
    .take(size)
    .collect()
}

/// A body that cannot be rewound, in pieces of no round size, as a pipe gives them.
fn streamed(size: usize) -> ByteStream {
    let bytes = Bytes::from(pattern(size));
    let pieces = (0..size).step_by(PIECE).map(move |start| {
        let piece = bytes.slice(start..size.min(start + PIECE));
        Ok::<_, std::convert::Infallible>(http_body::Frame::data(piece))
    });
    ByteStream::new(SdkBody::from_body_1_x(StreamBody::new(futures::stream::iter(pieces))))
}

/// Bytes in a piece of a streamed body.
const PIECE: usize = 60_001;
