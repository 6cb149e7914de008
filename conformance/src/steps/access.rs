//! Steps of features/access: who is let in.

use std::sync::Arc;

use cucumber::{then, when};

use super::callers::Caller;
use super::settle;
use crate::failure::{Failure, StepResult};
use crate::probe;
use crate::world::World;

#[when(expr = "{caller} reads {string}")]
async fn reads(world: &mut World, caller: Caller, key: String) -> StepResult {
    let sdk = caller.sdk(world)?;
    let bucket = world.bucket().await?;
    world.mark().await?;
    let outcome = sdk.client.get_object().bucket(bucket).key(key).send().await;
    if let Some(found) = settle(world, &sdk, outcome)? {
        world.found.body = found.body.collect().await?.to_vec();
    }
    Ok(())
}

#[when(expr = "{caller} stores {string} holding {string}")]
async fn stores(world: &mut World, caller: Caller, key: String, content: String) -> StepResult {
    let sdk = caller.sdk(world)?;
    let bucket = world.bucket().await?;
    world.mark().await?;
    let body = content.into_bytes().into();
    let outcome = sdk.client.put_object().bucket(bucket).key(key).body(body).send().await;
    settle(world, &sdk, outcome)?;
    Ok(())
}

#[when(expr = "{caller} removes {string}")]
async fn removes(world: &mut World, caller: Caller, key: String) -> StepResult {
    let sdk = caller.sdk(world)?;
    let bucket = world.bucket().await?;
    world.mark().await?;
    let outcome = sdk.client.delete_object().bucket(bucket).key(key).send().await;
    settle(world, &sdk, outcome)?;
    Ok(())
}

#[when(expr = "{caller} lists the bucket")]
async fn lists(world: &mut World, caller: Caller) -> StepResult {
    let sdk = caller.sdk(world)?;
    let bucket = world.bucket().await?;
    world.mark().await?;
    let outcome = sdk.client.list_objects_v2().bucket(bucket).send().await;
    if let Some(page) = settle(world, &sdk, outcome)? {
        world.found.keys =
            page.contents().iter().filter_map(|object| object.key()).map(str::to_owned).collect();
    }
    Ok(())
}

#[when(expr = "{caller} lists all buckets")]
async fn lists_buckets(world: &mut World, caller: Caller) -> StepResult {
    let sdk = caller.sdk(world)?;
    world.bucket().await?;
    world.mark().await?;
    let outcome = sdk.client.list_buckets().send().await;
    if let Some(page) = settle(world, &sdk, outcome)? {
        world.found.buckets =
            page.buckets().iter().filter_map(|found| found.name()).map(str::to_owned).collect();
    }
    Ok(())
}

#[when(expr = "a client reads {string} with a SigV2 {word}")]
async fn reads_with_sigv2(world: &mut World, key: String, form: String) -> StepResult {
    let bucket = world.bucket().await?;
    let lane = Arc::clone(world.lane());
    let id = &lane.credentials.access_key_id;
    // Whether the signature is right does not matter: the form alone has to be recognised.
    let (query, header) = match form.as_str() {
        "header" => {
            (String::new(), format!("Authorization: AWS {id}:c2lnbmF0dXJlLTIwLWNoYXI=\r\n"))
        }
        "query" => (
            format!("?AWSAccessKeyId={id}&Expires=4102444800&Signature=c2lnbmF0dXJlLTIwLWNoYXI%3D"),
            String::new(),
        ),
        _ => return Err(Failure::new(format!("SigV2 has no form `{form}`"))),
    };
    let head = format!(
        "GET /{bucket}/{key}{query} HTTP/1.1\r\nHost: {}\r\n\
         User-Agent: conformance-{}\r\n{header}Connection: close\r\n\r\n",
        lane.host,
        world.scenario()
    );
    world.mark().await?;
    world.last_exchange = Some(probe::send(&lane, head.as_bytes()).await?.exchange);
    Ok(())
}

#[then(expr = "the refusal names {string}")]
async fn refusal_names(world: &mut World, word: String) -> StepResult {
    let message = world.answer()?.message().unwrap_or_default().to_owned();
    Failure::unless(message.contains(&word), || format!("the message is `{message}`"))
}

#[then("the bucket is among them")]
async fn bucket_is_listed(world: &mut World) -> StepResult {
    let bucket = world.bucket_name();
    Failure::unless(world.found.buckets.contains(&bucket), || format!("`{bucket}` is missing"))
}

#[then("the answer names no bucket")]
async fn no_bucket_is_named(world: &mut World) -> StepResult {
    let bucket = world.bucket_name();
    let body = String::from_utf8_lossy(&world.answer()?.body).into_owned();
    Failure::unless(!body.contains(&bucket), || format!("the answer is {body}"))
}
