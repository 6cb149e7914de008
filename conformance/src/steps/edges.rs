//! Steps of features/data-plane/edges.feature: odd requests, and listings while others write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cucumber::{given, then, when};

use super::hand;
use super::listings::{Listing, list};
use crate::failure::{Failure, StepResult};
use crate::world::World;

/// `KEY?name=value&name`, values as they go into the query, and at most one header line.
#[when(expr = "the client sends {word} {string} with {string}")]
async fn sends(world: &mut World, method: String, target: String, header: String) -> StepResult {
    let (key, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut request = hand::request(world, &method, key).await?;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        request = request.parameter(name, &value.replace("%20", " "));
    }
    if let Some((name, value)) = header.split_once(": ") {
        request = request.header(&name.to_ascii_lowercase(), &world.fill(value));
    }
    hand::signing(world).header(&mut request)?;
    hand::mark_and_send(world, &request).await
}

#[then(expr = "its code is {string}")]
async fn code_is(world: &mut World, code: String) -> StepResult {
    let answer = world.answer()?;
    Failure::unless(answer.code() == Some(code.as_str()), || format!("it is {:?}", answer.code()))
}

#[given(expr = "{int} objects below {string}")]
async fn objects_below(world: &mut World, count: usize, prefix: String) -> StepResult {
    for index in 0..count {
        world.put(&name(&prefix, index), "x").await?;
    }
    Ok(())
}

#[when(
    expr = "the client lists {string} with {listing} in pages of {int} while others write and remove beside it"
)]
async fn lists_amid_writes(
    world: &mut World,
    prefix: String,
    listing: Listing,
    size: i32,
) -> StepResult {
    let (client, bucket) = (world.sdk().client.clone(), world.bucket().await?);
    let done = Arc::new(AtomicBool::new(false));
    let (task_done, below) = (Arc::clone(&done), prefix.clone());
    let others = tokio::spawn(async move {
        let mut round = 0;
        while !task_done.load(Ordering::Relaxed) {
            // Before, between and behind the keys that stay.
            let key = format!("{}~{round}", name(&below, (round * 37) % 60));
            client.put_object().bucket(&bucket).key(&key).send().await?;
            client.delete_object().bucket(&bucket).key(&key).send().await?;
            round += 1;
        }
        Ok::<_, Failure>(round)
    });
    let listed = list(world, listing, Some(prefix), None, Some(size)).await;
    done.store(true, Ordering::Relaxed);
    let rounds = others.await??;
    listed?;
    Failure::unless(rounds > 0, || "nobody wrote meanwhile".to_owned())
}

#[then(expr = "each of the {int} stands there once, in order")]
async fn each_once(world: &mut World, count: usize) -> StepResult {
    let stayed = |key: &&String| !key.contains('~');
    let found: Vec<&String> = world.found.keys.iter().filter(stayed).collect();
    let wanted: Vec<String> = (0..count).map(|index| name("page/", index)).collect();
    Failure::unless(wanted.iter().eq(found.iter().copied()), || format!("found {found:?}"))
}

fn name(prefix: &str, index: usize) -> String {
    format!("{prefix}{index:04}")
}
