//! Steps of features/data-plane/virtual-hosts.feature: buckets that stand in the host name.

use std::sync::Arc;

use cucumber::when;

use super::hand;
use super::settle;
use crate::failure::{Failure, StepResult};
use crate::sdk::Sdk;
use crate::wire::{Request, Signing};
use crate::world::World;

#[when(expr = "a client that names buckets as hosts makes the bucket")]
async fn makes_bucket(world: &mut World) -> StepResult {
    let sdk = Sdk::by_host(world.lane(), world.scenario())?;
    let outcome = sdk.client.create_bucket().bucket(world.bucket_name()).send().await;
    settle(world, &sdk, outcome).map(drop)
}

#[when(expr = "a client that names buckets as hosts stores {string} holding {string}")]
async fn stores(world: &mut World, key: String, content: String) -> StepResult {
    let (sdk, bucket) = client(world).await?;
    let put = sdk.client.put_object().bucket(bucket).key(key).body(content.into_bytes().into());
    settle(world, &sdk, put.send().await).map(drop)
}

#[when(expr = "a client that names buckets as hosts reads {string}")]
async fn reads(world: &mut World, key: String) -> StepResult {
    let (sdk, bucket) = client(world).await?;
    let outcome = sdk.client.get_object().bucket(bucket).key(key).send().await;
    if let Some(found) = settle(world, &sdk, outcome)? {
        world.found.body = found.body.collect().await?.to_vec();
    }
    Ok(())
}

#[when(expr = "a client that names buckets as hosts lists the bucket")]
async fn lists(world: &mut World) -> StepResult {
    let (sdk, bucket) = client(world).await?;
    let outcome = sdk.client.list_objects_v2().bucket(bucket).send().await;
    if let Some(page) = settle(world, &sdk, outcome)? {
        let keys = page.contents().iter().filter_map(|object| object.key());
        world.found.keys = keys.map(str::to_owned).collect();
    }
    Ok(())
}

#[when(expr = "a client asks the host {string} for {string}")]
async fn asks_host(world: &mut World, host: String, path: String) -> StepResult {
    let mut request = request_at(world, &host, &path).await?;
    hand::signing(world).header(&mut request)?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client asks the host {string} for {string} without a signature")]
async fn asks_unsigned(world: &mut World, host: String, path: String) -> StepResult {
    let request = request_at(world, &host, &path).await?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client opens a presigned URL of {string} at the host {string}")]
async fn opens_url(world: &mut World, path: String, host: String) -> StepResult {
    let mut request = request_at(world, &host, &path).await?;
    hand::signing(world).presign(&mut request, Some("60"))?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "{string} asks the host {string} for {string}")]
async fn user_asks_host(world: &mut World, name: String, host: String, path: String) -> StepResult {
    let mut request = request_at(world, &host, &path).await?;
    let key = world.key(&name, 0)?;
    let signing = Signing {
        access_key_id: key.access_key_id,
        secret: key.secret_access_key,
        ..hand::signing(world)
    };
    signing.header(&mut request)?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client signs for the host {string} and asks {string} for {string}")]
async fn signs_for_other(
    world: &mut World,
    signed: String,
    host: String,
    path: String,
) -> StepResult {
    let mut request = request_at(world, &signed, &path).await?;
    hand::signing(world).header(&mut request)?;
    let other = fill(world, &host)?;
    *request.header_mut("host").ok_or_else(|| Failure::new("there is no host"))? = other;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client asks the hosts {string} and {string} at once for {string}")]
async fn asks_two(world: &mut World, one: String, other: String, path: String) -> StepResult {
    let mut request = request_at(world, &one, &path).await?;
    hand::signing(world).header(&mut request)?;
    let other = fill(world, &other)?;
    hand::mark_and_send(world, &request.header("host", &other)).await
}

#[when(expr = "a client asks the host {string} for the whole URL of {string} at {string}")]
async fn asks_whole_url(
    world: &mut World,
    host: String,
    path: String,
    other: String,
) -> StepResult {
    let mut request = request_at(world, &host, &path).await?;
    hand::signing(world).header(&mut request)?;
    let other = fill(world, &other)?;
    request.path = format!("{}://{other}{}", world.lane().scheme.as_str(), request.path);
    hand::mark_and_send(world, &request).await
}

async fn client(world: &mut World) -> Result<(Sdk, String), Failure> {
    let bucket = world.bucket().await?;
    let sdk = Sdk::by_host(world.lane(), world.scenario())?;
    world.mark().await?;
    Ok((sdk, bucket))
}

/// A GET of a literal path at a literal host.
async fn request_at(world: &mut World, host: &str, path: &str) -> Result<Request, Failure> {
    let bucket = world.bucket().await?;
    let host = fill(world, host)?;
    let mut request = Request::new("GET", "", "", &host);
    request.path = path.replace("{bucket}", &bucket);
    Ok(request)
}

/// `{base}` is the base domain without its port, `{subject}` where the subject listens.
fn fill(world: &World, host: &str) -> Result<String, Failure> {
    let lane = Arc::clone(world.lane());
    let base = lane.base_host()?;
    let (domain, port) = base.rsplit_once(':').unwrap_or((&base, ""));
    let bucket = world.bucket_name();
    Ok(host
        .replace("{BUCKET}", &bucket.to_uppercase())
        .replace("{bucket}", &bucket)
        .replace("{base}", domain)
        .replace("{port}", port)
        .replace("{subject}", &lane.host))
}
