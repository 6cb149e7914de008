//! What the steps about signatures share: a client that signs by hand and sends bytes.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::failure::{Failure, StepResult};
use crate::probe;
use crate::wire::{Request, Signing};
use crate::world::World;

/// The lane's own credentials, dated now.
pub fn signing(world: &World) -> Signing {
    let lane = world.lane();
    Signing {
        access_key_id: lane.credentials.access_key_id.clone(),
        secret: lane.credentials.secret_access_key.clone(),
        region: lane.region.clone(),
        service: "s3".to_owned(),
        terminator: "aws4_request".to_owned(),
        scope_day: None,
        date: OffsetDateTime::now_utc(),
        algorithm: "AWS4-HMAC-SHA256".to_owned(),
        payload: None,
        left_out: Vec::new(),
    }
}

/// The same, dated some seconds from now.
pub fn signing_at(world: &World, seconds: i64) -> Signing {
    let mut signing = signing(world);
    signing.date += Duration::seconds(seconds);
    signing
}

/// A request for a key of the scenario's own bucket, which this creates.
pub async fn request(world: &mut World, method: &str, key: &str) -> Result<Request, Failure> {
    let bucket = world.bucket().await?;
    Ok(Request::new(method, &bucket, key, &world.lane().host))
}

/// Sends one request on a connection of its own; its answer is what Then steps judge.
pub async fn send(world: &mut World, request: &Request) -> StepResult {
    let lane = Arc::clone(world.lane());
    let answer = probe::send(&lane, &request.bytes(world.scenario())).await?;
    world.found.body = answer.exchange.body.to_vec();
    world.last_exchange = Some(answer.exchange);
    Failure::unless(answer.complete, || "the answer is cut short".to_owned())
}
