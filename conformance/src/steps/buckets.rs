//! Steps of features/data-plane/buckets.feature.

use cucumber::{given, then, when};

use super::settle;
use crate::failure::{Failure, StepResult};
use crate::world::World;

#[when("the client creates a bucket")]
async fn creates(world: &mut World) -> StepResult {
    let sdk = world.sdk().clone();
    let bucket = world.bucket_name();
    settle(world, &sdk, sdk.client.create_bucket().bucket(bucket).send().await)?;
    Ok(())
}

#[when("the client looks for the bucket")]
async fn looks_for(world: &mut World) -> StepResult {
    let sdk = world.sdk().clone();
    let bucket = world.bucket_name();
    settle(world, &sdk, sdk.client.head_bucket().bucket(bucket).send().await)?;
    Ok(())
}

#[when("the client asks where the bucket is")]
async fn asks_location(world: &mut World) -> StepResult {
    let sdk = world.sdk().clone();
    let bucket = world.bucket_name();
    settle(world, &sdk, sdk.client.get_bucket_location().bucket(bucket).send().await)?;
    Ok(())
}

#[given("the client removed the bucket")]
#[when("the client removes the bucket")]
async fn removes(world: &mut World) -> StepResult {
    let sdk = world.sdk().clone();
    let bucket = world.bucket_name();
    settle(world, &sdk, sdk.client.delete_bucket().bucket(bucket).send().await)?;
    Ok(())
}

#[then("the bucket exists")]
async fn exists(world: &mut World) -> StepResult {
    let bucket = world.bucket_name();
    world.sdk().client.head_bucket().bucket(bucket).send().await?;
    Ok(())
}

#[then("the bucket does not exist")]
async fn is_gone(world: &mut World) -> StepResult {
    let bucket = world.bucket_name();
    let outcome = world.sdk().client.head_bucket().bucket(bucket).send().await;
    let status = match &outcome {
        Ok(_) => Some(200),
        Err(error) => error.raw_response().map(|answer| answer.status().as_u16()),
    };
    Failure::unless(status == Some(404), || format!("looking for it gives {status:?}"))
}

#[then(expr = "the status is {int}")]
async fn status_is(world: &mut World, status: u16) -> StepResult {
    let answer = world.answer()?;
    Failure::unless(answer.status == status, || {
        format!("the status is {} {:?}", answer.status, answer.code())
    })
}

#[then(expr = "the store's error {word} with status {int} reaches the client")]
async fn error_is_passed_on(world: &mut World, code: String, status: u16) -> StepResult {
    let answer = world.answer()?;
    Failure::unless(answer.status == status && answer.code() == Some(code.as_str()), || {
        format!("the answer is {} {:?}", answer.status, answer.code())
    })
}
