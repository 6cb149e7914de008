//! Steps of features/data-plane/connections.feature: URLs anybody may use, and how the
//! connection behaves. Presigned URLs let literal bytes be sent without a signer here.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use cucumber::{then, when};

use super::objects::pattern;
use crate::exchange::Exchange;
use crate::failure::{Failure, StepResult};
use crate::probe::{self, Connection};
use crate::world::World;

/// How long the URLs of these scenarios are good for.
const VALID: Duration = Duration::from_secs(600);

#[when(expr = "somebody opens a presigned URL of {string}")]
async fn opens_url(world: &mut World, key: String) -> StepResult {
    let url = presigned_get(world, &key).await?;
    let lane = Arc::clone(world.lane());
    let answer = probe::send(&lane, &head("GET", &url, &lane.host, &["Connection: close"])).await?;
    world.found.body = answer.exchange.body.to_vec();
    world.last_exchange = Some(answer.exchange);
    Failure::unless(answer.complete, || "the answer is cut short".to_owned())
}

#[when(expr = "somebody uploads {string} to a presigned URL of {string}")]
async fn uploads_to_url(world: &mut World, content: String, key: String) -> StepResult {
    let url = presigned_put(world, &key).await?;
    let lane = Arc::clone(world.lane());
    let length = format!("Content-Length: {}", content.len());
    let mut request = head("PUT", &url, &lane.host, &[&length, "Connection: close"]);
    request.extend_from_slice(content.as_bytes());
    world.last_exchange = Some(probe::send(&lane, &request).await?.exchange);
    Ok(())
}

#[when(expr = "a client uploads {string} to {string} and waits for leave to send it")]
async fn uploads_with_leave(world: &mut World, content: String, key: String) -> StepResult {
    let url = presigned_put(world, &key).await?;
    let lane = Arc::clone(world.lane());
    let length = format!("Content-Length: {}", content.len());
    let mut connection = Connection::to(&lane).await?;
    connection.send(&head("PUT", &url, &lane.host, &[&length, EXPECT])).await?;
    let leave = connection.head().await?;
    Failure::unless(leave.status == 100, || format!("instead of leave came {}", leave.status))?;
    connection.send(content.as_bytes()).await?;
    world.last_exchange = Some(connection.answer().await?.exchange);
    Ok(())
}

#[when(expr = "a client with a spoilt URL of {string} waits for leave to send")]
async fn waits_in_vain(world: &mut World, key: String) -> StepResult {
    let url = presigned_put(world, &key).await?.spoilt()?;
    world.mark().await?;
    let lane = Arc::clone(world.lane());
    let mut connection = Connection::to(&lane).await?;
    connection.send(&head("PUT", &url, &lane.host, &["Content-Length: 1048576", EXPECT])).await?;
    let answer = connection.answer().await?;
    let interim = answer.interim.clone();
    world.last_exchange = Some(answer.exchange);
    Failure::unless(interim.is_empty(), || format!("the subject first said {interim:?}"))
}

#[when(expr = "a client with a spoilt URL of {string} sends {int} bytes at once")]
async fn sends_in_vain(world: &mut World, key: String, size: usize) -> StepResult {
    let url = presigned_put(world, &key).await?.spoilt()?;
    world.mark().await?;
    let lane = Arc::clone(world.lane());
    let length = format!("Content-Length: {size}");
    let mut request = head("PUT", &url, &lane.host, &[&length, "Connection: close"]);
    request.extend(pattern(size));
    world.last_exchange = Some(probe::send(&lane, &request).await?.exchange);
    Ok(())
}

#[when(expr = "a client hangs up after {int} of the {int} bytes of {string}")]
async fn hangs_up(world: &mut World, sent: usize, size: usize, key: String) -> StepResult {
    let request = upload(world, size, &key).await?;
    world.mark().await?;
    let mut connection = Connection::to(&Arc::clone(world.lane())).await?;
    connection.send(request.get(..request.len() - size + sent).unwrap_or_default()).await?;
    // The subject has passed on what it got before it learns that there will be no more.
    tokio::time::sleep(NOTICE).await;
    drop(connection);
    tokio::time::sleep(NOTICE).await;
    Ok(())
}

#[when(expr = "a client stays for all {int} bytes of {string}")]
async fn stays(world: &mut World, size: usize, key: String) -> StepResult {
    let request = upload(world, size, &key).await?;
    let lane = Arc::clone(world.lane());
    world.last_exchange = Some(probe::send(&lane, &request).await?.exchange);
    Ok(())
}

#[then("no whole upload reached the store")]
async fn no_whole_upload(world: &mut World) -> StepResult {
    let seen = world.seen().await?.unwrap_or_default();
    let whole: Vec<_> = seen.iter().filter(|r| r.is_change() && r.complete).collect();
    Failure::unless(whole.is_empty(), || format!("the witness saw {}", whole.len()))
}

#[when(expr = "a client reads {string} {int} times over one connection")]
async fn reads_over_one_connection(world: &mut World, key: String, times: usize) -> StepResult {
    let url = presigned_get(world, &key).await?;
    let lane = Arc::clone(world.lane());
    let mut connection = Connection::to(&lane).await?;
    for _ in 0..times {
        connection.send(&head("GET", &url, &lane.host, &[])).await?;
        let answer = connection.answer().await?;
        world.found.body = answer.exchange.body.to_vec();
        world.found.pages += 1;
        let (status, complete) = (answer.exchange.status, answer.complete);
        world.last_exchange = Some(answer.exchange);
        Failure::unless(status == 200 && complete, || format!("status {status}"))?;
    }
    Ok(())
}

#[when("somebody asks whether the subject lives")]
async fn asks_health(world: &mut World) -> StepResult {
    let lane = Arc::clone(world.lane());
    let path = lane.launch.as_ref().map(|launch| launch.target.health.clone());
    let path = path.ok_or_else(|| Failure::new("the target names no path for this"))?;
    world.last_exchange = Some(plain_get(&lane, &path).await?);
    Ok(())
}

#[when("somebody asks whether the subject is ready")]
async fn asks_readiness(world: &mut World) -> StepResult {
    let lane = Arc::clone(world.lane());
    let path = lane.launch.as_ref().and_then(|launch| launch.target.ready.clone());
    let path = path.ok_or_else(|| Failure::new("the target names no path for this"))?;
    world.last_exchange = Some(plain_get(&lane, &path).await?);
    Ok(())
}

#[then(expr = "{int} answers came")]
async fn answers_came(world: &mut World, times: usize) -> StepResult {
    let came = world.found.pages;
    Failure::unless(came == times, || format!("{came} came"))
}

/// How long both ends have to notice what the other did.
const NOTICE: Duration = Duration::from_millis(150);

/// What a client sends that waits for leave before it sends a body.
pub const EXPECT: &str = "Expect: 100-continue";

/// A presigned URL, ready to be sent as literal bytes.
pub struct SignedUrl {
    /// Path and query.
    target: String,
    /// Header lines: who asks, and what the signature covers besides `Host`.
    lines: String,
}

/// A presigned GET of a key in the scenario's bucket.
pub async fn presigned_get(world: &mut World, key: &str) -> Result<SignedUrl, Failure> {
    let bucket = world.bucket_name();
    let get = world.sdk().client.get_object().bucket(bucket).key(key);
    let request = get.presigned(PresigningConfig::expires_in(VALID)?).await?;
    Ok(SignedUrl::of(&request, world.scenario()))
}

/// A presigned PUT of a key in the scenario's bucket, which this creates.
pub async fn presigned_put(world: &mut World, key: &str) -> Result<SignedUrl, Failure> {
    let bucket = world.bucket().await?;
    let put = world.sdk().client.put_object().bucket(bucket).key(key);
    let request = put.presigned(PresigningConfig::expires_in(VALID)?).await?;
    Ok(SignedUrl::of(&request, world.scenario()))
}

/// A whole upload to a presigned URL: head and body.
async fn upload(world: &mut World, size: usize, key: &str) -> Result<Vec<u8>, Failure> {
    let url = presigned_put(world, key).await?;
    let length = format!("Content-Length: {size}");
    let mut request = head("PUT", &url, &world.lane().host, &[&length]);
    request.extend(pattern(size));
    Ok(request)
}

impl SignedUrl {
    fn of(request: &PresignedRequest, scenario: &str) -> Self {
        let path = request.uri().splitn(4, '/').nth(3).unwrap_or_default();
        let mut lines = format!("User-Agent: conformance-{scenario}\r\n");
        for (name, value) in
            request.headers().filter(|(name, _)| !name.eq_ignore_ascii_case("host"))
        {
            lines.push_str(&format!("{name}: {value}\r\n"));
        }
        Self { target: format!("/{path}"), lines }
    }

    /// The same URL with one digit of its signature changed.
    fn spoilt(mut self) -> Result<Self, Failure> {
        const NAME: &str = "X-Amz-Signature=";
        let at = self.target.find(NAME).ok_or_else(|| Failure::new("the URL has no signature"))?;
        let digit = at + NAME.len()..at + NAME.len() + 1;
        let other = if self.target.get(digit.clone()) == Some("0") { "1" } else { "0" };
        self.target.replace_range(digit, other);
        Ok(self)
    }
}

/// The bytes of a request head for a presigned URL.
pub fn head(method: &str, url: &SignedUrl, host: &str, lines: &[&str]) -> Vec<u8> {
    let mut text = format!("{method} {} HTTP/1.1\r\nHost: {host}\r\n{}", url.target, url.lines);
    for line in lines {
        text.push_str(&format!("{line}\r\n"));
    }
    text.push_str("\r\n");
    text.into_bytes()
}

async fn plain_get(lane: &crate::lane::Lane, path: &str) -> Result<Exchange, Failure> {
    probe::get(lane.addr, lane.ca_pem.as_deref(), &lane.host, path).await
}
