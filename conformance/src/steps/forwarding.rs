//! Steps of features/data-plane/forwarding.feature: what reaches the store, and what comes back.

use cucumber::{then, when};

use super::hand;
use crate::failure::{Failure, StepResult};
use crate::probe;
use crate::sdk::Sdk;
use crate::wire::request::encode;
use crate::world::World;

#[when(expr = "a client reads {string} with the parameter {string} = {string}")]
async fn reads_with(world: &mut World, key: String, name: String, value: String) -> StepResult {
    let request = hand::request(world, "GET", &key).await?;
    let mut request = request.parameter(&name, &value);
    hand::signing(world).header(&mut request)?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client opens a URL of {string} with the parameter {string} = {string}")]
async fn opens_with(world: &mut World, key: String, name: String, value: String) -> StepResult {
    let request = hand::request(world, "GET", &key).await?;
    let mut request = request.parameter(&name, &value);
    hand::signing(world).presign(&mut request, Some("60"))?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client stores {string} through a URL with the hoisted {string} = {string}")]
async fn stores_hoisted(world: &mut World, key: String, name: String, value: String) -> StepResult {
    let request = hand::request(world, "PUT", &key).await?.holding("draft");
    let mut request = request.parameter(&name, &value);
    hand::signing(world).presign(&mut request, Some("60"))?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client stores {string} and frames no body at all")]
async fn stores_unframed(world: &mut World, key: String) -> StepResult {
    let mut request = hand::request(world, "PUT", &key).await?;
    hand::signing(world).header(&mut request)?;
    let text = String::from_utf8(request.bytes(world.scenario()))?;
    world.mark().await?;
    let lane = std::sync::Arc::clone(world.lane());
    let bytes = text.replace("content-length: 0\r\n", "");
    world.last_exchange = Some(probe::send(&lane, bytes.as_bytes()).await?.exchange);
    Ok(())
}

#[when("a client that names buckets by their path makes the bucket")]
async fn makes_bucket(world: &mut World) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket_name());
    let outcome = sdk.client.create_bucket().bucket(bucket).send().await;
    super::settle(world, &sdk, outcome).map(drop)
}

#[when(expr = "a client that names buckets as hosts completes an upload of {string}")]
async fn completes_by_host(world: &mut World, key: String) -> StepResult {
    let bucket = world.bucket().await?;
    let sdk = Sdk::by_host(world.lane(), world.scenario())?;
    let begun = sdk.client.create_multipart_upload().bucket(&bucket).key(&key).send().await?;
    let id = begun.upload_id().unwrap_or_default();
    let part = sdk.client.upload_part().bucket(&bucket).key(&key).upload_id(id).part_number(1);
    let part = part.body(b"part".to_vec().into()).send().await?;
    let done = aws_sdk_s3::types::CompletedPart::builder()
        .set_e_tag(part.e_tag().map(str::to_owned))
        .set_checksum_crc32(part.checksum_crc32().map(str::to_owned))
        .part_number(1)
        .build();
    let parts = aws_sdk_s3::types::CompletedMultipartUpload::builder().parts(done).build();
    let complete = sdk.client.complete_multipart_upload().bucket(&bucket).key(&key);
    let outcome = complete.upload_id(id).multipart_upload(parts).send().await;
    super::settle(world, &sdk, outcome).map(drop)
}

#[then(expr = "the store was sent the header {string} with {string}")]
async fn was_sent(world: &mut World, name: String, value: String) -> StepResult {
    // Without a witness nothing but the answer, which another step judges, can be seen.
    let Some(seen) = world.seen().await? else { return Ok(()) };
    let held = |request: &crate::witness::Recorded| {
        let values = request.headers.get_all(&name).iter();
        values.filter_map(|it| it.to_str().ok().map(str::to_owned)).collect::<Vec<_>>()
    };
    let sent: Vec<_> = seen.iter().map(held).collect();
    Failure::unless(sent.iter().any(|values| *values == [value.as_str()]), || {
        format!("the store was sent {sent:?}")
    })
}

#[then(expr = "the store was sent the parameter {string} with {string}")]
async fn was_asked(world: &mut World, name: String, value: String) -> StepResult {
    let Some(seen) = world.seen().await? else { return Ok(()) };
    let pair = format!("{name}={}", encode(&value));
    let asked = seen.iter().any(|request| request.query().split('&').any(|it| it == pair));
    Failure::unless(asked, || {
        let targets: Vec<_> = seen.iter().map(|request| request.target.as_str()).collect();
        format!("it was asked for {targets:?}")
    })
}

#[then(expr = "the answer's document places {string} at this address")]
async fn is_placed(world: &mut World, key: String) -> StepResult {
    let place = format!("{}/{}/{key}", world.lane().endpoint(), world.bucket_name());
    let told = world.answer()?.element("Location").map(str::to_owned);
    Failure::unless(told.as_deref() == Some(&place), || format!("it is at {told:?}, not {place}"))
}

#[then(expr = "the answer's document places {string} at the bucket's host")]
async fn is_placed_by_host(world: &mut World, key: String) -> StepResult {
    let (lane, bucket) = (world.lane(), world.bucket_name());
    let place = format!("{}://{bucket}.{}/{key}", lane.scheme.as_str(), lane.base_host()?);
    let told = world.answer()?.element("Location").map(str::to_owned);
    Failure::unless(told.as_deref() == Some(&place), || format!("it is at {told:?}, not {place}"))
}

#[then("the answer places the bucket and names no store")]
async fn places_bucket(world: &mut World) -> StepResult {
    let place = format!("/{}", world.bucket_name());
    let told = world.answer()?.header("location").map(str::to_owned);
    Failure::unless(told.as_deref() == Some(&place), || format!("it is at {told:?}, not {place}"))
}
