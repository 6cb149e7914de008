//! Steps of features/data-plane/shutdown.feature: a proxy that is told to stop.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cucumber::{given, then, when};

use super::connections::{head, presigned_get, presigned_put};
use super::objects::pattern;
use crate::failure::{Failure, StepResult};
use crate::lane::{Evidence, Lane};
use crate::probe::Connection;
use crate::subject::Launch;
use crate::world::World;

/// Bytes of the transfers: more than sockets and proxies hold in between.
const SIZE: usize = 32 * 1024 * 1024;

/// Longest time that a proxy may still take connections after it was told to stop.
const NOTICE: Duration = Duration::from_secs(5);

#[given("a proxy of the scenario's own")]
pub(super) async fn own_proxy(world: &mut World) -> StepResult {
    start_own(world, Vec::new()).await
}

/// Continues the scenario against a subject of its own, with further variables in its environment.
pub(super) async fn start_own(world: &mut World, more: Vec<(String, String)>) -> StepResult {
    let lane = Arc::clone(world.lane());
    let mut launch = launch(&lane)?.clone();
    launch.target.environment.extend(more);
    let subject = launch.start(lane.scheme, None).await?;
    let own = Lane::of(&launch, &subject, lane.name.clone(), lane.scheme, Evidence::Effects)?;
    world.move_to(own, Box::new(()))?;
    world.subject = Some(subject);
    Ok(())
}

/// What starts further subjects like the lane's.
pub(super) fn launch(lane: &Lane) -> Result<&Launch, Failure> {
    lane.launch
        .as_ref()
        .ok_or_else(|| Failure::new("not tested: the suite cannot start a subject of this target"))
}

#[when("it is told to stop in the middle of an upload")]
async fn stops_in_upload(world: &mut World) -> StepResult {
    let url = presigned_put(world, "upload.bin").await?;
    let lane = Arc::clone(world.lane());
    let content = pattern(SIZE);
    let (first, rest) = content.split_at(SIZE / 2);
    let length = format!("Content-Length: {SIZE}");
    let mut connection = Connection::to(&lane).await?;
    connection.send(&head("PUT", &url, &lane.host, &[&length])).await?;
    connection.send(first).await?;
    tell_to_stop(world, &lane).await?;
    connection.send(rest).await?;
    world.last_exchange = Some(connection.answer().await?.exchange);
    Ok(())
}

#[when("it is told to stop in the middle of a download")]
async fn stops_in_download(world: &mut World) -> StepResult {
    // Stored in one piece, as the suite's reader keeps what it reads.
    world.put("download.bin", pattern(DOWNLOAD)).await?;
    let url = presigned_get(world, "download.bin").await?;
    let lane = Arc::clone(world.lane());
    let mut connection = Connection::to(&lane).await?;
    connection.send(&head("GET", &url, &lane.host, &[])).await?;
    // It is at it once its answer has begun.
    let mut answer = connection.head().await?;
    tell_to_stop(world, &lane).await?;
    answer.body = connection.rest(&answer).await?;
    world.found.body = answer.body.to_vec();
    world.last_exchange = Some(answer);
    Ok(())
}

#[when("it is told to stop")]
async fn stops(world: &mut World) -> StepResult {
    own(world)?.terminate().await
}

#[then("the whole content arrives")]
async fn content_arrives(world: &mut World) -> StepResult {
    let whole = world.found.body == pattern(DOWNLOAD);
    Failure::unless(whole, || format!("{} bytes arrived", world.found.body.len()))
}

#[then("it has taken no new connection meanwhile")]
async fn took_none(world: &mut World) -> StepResult {
    Failure::unless(world.found.connections == 0, || "a new connection was taken".to_owned())
}

#[then("it ends by itself, without an error")]
async fn ends(world: &mut World) -> StepResult {
    let status = own(world)?.ended().await?;
    Failure::unless(status.success(), || format!("it ended with {status}"))
}

/// Bytes of the download: within what the suite's reader keeps.
const DOWNLOAD: usize = 7 * 1024 * 1024;

/// Tells the subject to stop and waits until it takes no more connections, within bounds.
async fn tell_to_stop(world: &mut World, lane: &Lane) -> StepResult {
    own(world)?.terminate().await?;
    let limit = Instant::now() + NOTICE;
    world.found.connections = 1;
    while world.found.connections > 0 && Instant::now() < limit {
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.found.connections = usize::from(Connection::to(lane).await.is_ok());
    }
    Ok(())
}

fn own(world: &mut World) -> Result<&mut crate::subject::Subject, Failure> {
    world.subject.as_mut().ok_or_else(|| Failure::new("the scenario has no subject of its own"))
}
