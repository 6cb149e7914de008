//! Steps of features/data-plane/limits.feature: clients that send too much, too slowly, too often.

use std::sync::Arc;
use std::time::Duration;

use cucumber::{given, then, when};

use super::connections::{EXPECT, head, presigned_get, presigned_put};
use super::edge::start_with;
use super::hand;
use super::objects::pattern;
use crate::failure::{Failure, StepResult};
use crate::probe::{self, Connection};
use crate::wire::{Announced, Chunks, Mode};
use crate::world::World;

/// More than S3 takes in one request.
const TOO_LARGE: usize = 5 * 1024 * 1024 * 1024 + 1;

#[given(expr = "a proxy that waits {int} second(s) for its clients")]
async fn impatient(world: &mut World, seconds: u64) -> StepResult {
    start_with(world, &[("DGP_CLIENT_TIMEOUT_SECS", seconds.to_string())], None).await
}

#[given(expr = "a proxy that serves {int} requests at once")]
async fn small(world: &mut World, most: usize) -> StepResult {
    start_with(world, &[("DGP_MAX_REQUESTS", most.to_string())], None).await
}

#[when(expr = "a client reads {string} with {int} more headers")]
async fn reads_with_headers(world: &mut World, key: String, count: usize) -> StepResult {
    let mut request = hand::request(world, "GET", &key).await?;
    hand::signing(world).header(&mut request)?;
    for number in 0..count {
        request = request.header(&format!("x-more-{number}"), "1");
    }
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client reads {string} with a header of {int} bytes")]
async fn reads_with_long_header(world: &mut World, key: String, size: usize) -> StepResult {
    let mut request = hand::request(world, "GET", &key).await?;
    hand::signing(world).header(&mut request)?;
    let request = request.header("x-more", &"a".repeat(size));
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client announces {int} byte(s) more than 5 GiB for {string} in {word}")]
async fn announces(world: &mut World, more: usize, key: String, form: String) -> StepResult {
    let size = TOO_LARGE - 1 + more;
    let mut put = hand::request(world, "PUT", &key).await?.header("expect", "100-continue");
    match form.as_str() {
        "chunks" => {
            let (signing, as_told) = (hand::signing(world), Announced::As(size));
            let content = pattern(100_000);
            let chunks = Chunks::sign(&signing, &mut put, Mode::Signed, &content, 65_536, as_told)?;
            put.headers.push(("content-length".to_owned(), (size + 1_000_000).to_string()));
            put.body = chunks.bytes();
        }
        _ => {
            let mut signing = hand::signing(world);
            signing.payload = Some("UNSIGNED-PAYLOAD".to_owned());
            signing.header(&mut put)?;
            put.headers.push(("content-length".to_owned(), size.to_string()));
        }
    }
    world.mark().await?;
    let lane = Arc::clone(world.lane());
    let mut connection = Connection::to(&lane).await?;
    let bytes = put.bytes(world.scenario());
    let end = bytes.len() - put.body.len();
    connection.send(bytes.get(..end).unwrap_or_default()).await?;
    let mut answer = connection.head().await?;
    if answer.status >= 200 {
        answer.body = connection.rest(&answer).await?;
    }
    world.last_exchange = Some(answer);
    Ok(())
}

#[when("a client begins a request and sends no more")]
async fn begins(world: &mut World) -> StepResult {
    let lane = Arc::clone(world.lane());
    let mut connection = Connection::to(&lane).await?;
    connection.send(b"GET /a HTTP/1.1\r\nHost: a\r\n").await?;
    wait_for_end(world, connection).await
}

#[when("a client sends a header a second and never ends")]
async fn drips(world: &mut World) -> StepResult {
    let lane = Arc::clone(world.lane());
    let mut connection = Connection::to(&lane).await?;
    connection.send(b"GET /a HTTP/1.1\r\nHost: a\r\n").await?;
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_millis(800)).await;
        connection.send(b"x-more: 1\r\n").await?;
    }
    wait_for_end(world, connection).await
}

#[when(expr = "a client reads {string} and then keeps its connection to no end")]
async fn idles(world: &mut World, key: String) -> StepResult {
    let url = presigned_get(world, &key).await?;
    let lane = Arc::clone(world.lane());
    let mut connection = Connection::to(&lane).await?;
    connection.send(&head("GET", &url, &lane.host, &[])).await?;
    let answer = connection.answer().await?.exchange;
    Failure::unless(answer.status == 200, || format!("it was answered {}", answer.status))?;
    wait_for_end(world, connection).await
}

#[when(expr = "a client pauses for {int} ms between two reads of {string}")]
async fn pauses(world: &mut World, pause: u64, key: String) -> StepResult {
    let url = presigned_get(world, &key).await?;
    let lane = Arc::clone(world.lane());
    let mut connection = Connection::to(&lane).await?;
    for _ in 0..2 {
        connection.send(&head("GET", &url, &lane.host, &[])).await?;
        let answer = connection.answer().await?.exchange;
        world.found.body = answer.body.to_vec();
        world.last_exchange = Some(answer);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
    Ok(())
}

#[when(expr = "a client uploads {int} bytes to {string} and stops half way")]
async fn stalls(world: &mut World, size: usize, key: String) -> StepResult {
    let (mut connection, rest) = begin_upload(world, size, &key).await?;
    drop(rest);
    world.last_exchange = Some(connection.answer().await?.exchange);
    Ok(())
}

#[when(expr = "a client uploads {int} bytes to {string} and pauses for {int} ms half way")]
async fn upload_pauses(world: &mut World, size: usize, key: String, pause: u64) -> StepResult {
    let (mut connection, rest) = begin_upload(world, size, &key).await?;
    tokio::time::sleep(Duration::from_millis(pause)).await;
    connection.send(&rest).await?;
    world.last_exchange = Some(connection.answer().await?.exchange);
    Ok(())
}

#[when(expr = "a client asks for {string} and takes nothing for {int} seconds")]
async fn takes_nothing(world: &mut World, key: String, seconds: u64) -> StepResult {
    let url = presigned_get(world, &key).await?;
    let lane = Arc::clone(world.lane());
    let mut connection = Connection::to(&lane).await?;
    connection.send(&head("GET", &url, &lane.host, &["Connection: close"])).await?;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    world.found.complete = connection.drain().await?;
    Ok(())
}

#[when(expr = "{int} uploads are under way and another client reads {string}")]
async fn overloads(world: &mut World, uploads: usize, key: String) -> StepResult {
    let mut under_way = Vec::new();
    for number in 0..uploads {
        under_way.push(begin_with_leave(world, 200_000, &format!("upload-{number}")).await?);
    }
    let url = presigned_get(world, &key).await?;
    let lane = Arc::clone(world.lane());
    let get = head("GET", &url, &lane.host, &["Connection: close"]);
    let answer = probe::send(&lane, &get).await?.exchange;
    let health = probe::get(lane.addr, lane.ca_pem.as_deref(), &lane.host, "/_/health").await?;
    let mut answers = vec![health];
    for (mut connection, rest) in under_way {
        connection.send(&rest).await?;
        answers.push(connection.answer().await?.exchange);
    }
    // What was turned away comes back once there is room.
    answers.push(probe::send(&lane, &get).await?.exchange);
    world.found.body = answer.body.to_vec();
    hand::keep_volley(world, answers);
    world.last_exchange = Some(answer);
    Ok(())
}

#[then("the connection was closed on the client")]
async fn was_closed(world: &mut World) -> StepResult {
    Failure::unless(world.found.complete, || "the connection stays open".to_owned())
}

#[then("all of it came")]
async fn all_came(world: &mut World) -> StepResult {
    Failure::unless(world.found.complete, || "it was cut short".to_owned())
}

#[then("the answer was cut short")]
async fn was_cut(world: &mut World) -> StepResult {
    Failure::unless(!world.found.complete, || "all of it came".to_owned())
}

#[then("the client has leave to send it")]
async fn has_leave(world: &mut World) -> StepResult {
    let status = world.answer()?.status;
    Failure::unless(status == 100, || format!("it was told {status}"))
}

#[then(expr = "the client is told {word} and when to come back")]
async fn told_to_come_back(world: &mut World, code: String) -> StepResult {
    let answer = world.answer()?;
    let told = answer.status == 503 && answer.code() == Some(code.as_str());
    let when = answer.header("retry-after").and_then(|it| it.parse::<u64>().ok());
    Failure::unless(told && when.is_some(), || {
        format!("it was told {} {:?}, {when:?}", answer.status, answer.code())
    })
}

#[then("all others were served, and so is the client afterwards")]
async fn others_were_served(world: &mut World) -> StepResult {
    let statuses = hand::volley(world)?;
    Failure::unless(statuses.iter().all(|it| *it == 200), || format!("answers: {statuses:?}"))
}

/// Head and half of the body are sent; gives the other half.
async fn begin_upload(
    world: &mut World,
    size: usize,
    key: &str,
) -> Result<(Connection, Vec<u8>), Failure> {
    let mut connection = announce(world, size, key, &[]).await?;
    let (first, rest) = halves(size);
    connection.send(&first).await?;
    Ok((connection, rest))
}

/// The same by a client that waits for leave, so that the subject is known to be at it.
async fn begin_with_leave(
    world: &mut World,
    size: usize,
    key: &str,
) -> Result<(Connection, Vec<u8>), Failure> {
    let mut connection = announce(world, size, key, &[EXPECT]).await?;
    let leave = connection.head().await?.status;
    Failure::unless(leave == 100, || format!("instead of leave came {leave}"))?;
    let (first, rest) = halves(size);
    connection.send(&first).await?;
    Ok((connection, rest))
}

/// Sends the head of an upload.
async fn announce(
    world: &mut World,
    size: usize,
    key: &str,
    more: &[&str],
) -> Result<Connection, Failure> {
    let url = presigned_put(world, key).await?;
    world.mark().await?;
    let lane = Arc::clone(world.lane());
    let length = format!("Content-Length: {size}");
    let mut connection = Connection::to(&lane).await?;
    connection.send(&head("PUT", &url, &lane.host, &[&[length.as_str()], more].concat())).await?;
    Ok(connection)
}

fn halves(size: usize) -> (Vec<u8>, Vec<u8>) {
    let mut first = pattern(size);
    let rest = first.split_off(size / 2);
    (first, rest)
}

/// Whether the subject ends the connection within the suite's patience.
async fn wait_for_end(world: &mut World, mut connection: Connection) -> StepResult {
    let waited = tokio::time::timeout(Duration::from_secs(30), connection.drain()).await;
    world.found.complete = waited.is_ok();
    Ok(())
}
