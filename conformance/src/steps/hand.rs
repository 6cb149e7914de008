//! What the steps about signatures share: a client that signs by hand and sends bytes.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

use time::{Duration, OffsetDateTime};

use crate::exchange::Exchange;
use crate::failure::{Failure, StepResult};
use crate::probe;
use crate::wire::{Request, Seed, Signing};
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
        date_text: None,
        undated: false,
        algorithm: "AWS4-HMAC-SHA256".to_owned(),
        payload: None,
        left_out: Vec::new(),
    }
}

/// The first key of a user of the scenario, dated now.
pub async fn signing_of(world: &mut World, name: &str) -> Result<Signing, Failure> {
    world.user(name).await?;
    let key = world.key(name, 0)?;
    let own = signing(world);
    Ok(Signing { access_key_id: key.access_key_id, secret: key.secret_access_key, ..own })
}

/// The lane's own credentials, dated some seconds from now.
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

/// Begins the When and sends its one request.
pub async fn mark_and_send(world: &mut World, request: &Request) -> StepResult {
    world.mark().await?;
    send(world, request).await
}

/// Signs a request for a moment some seconds from now and sends it, the one step of a When. Where
/// the machine was slow between the two, the moment was another one: it is signed and sent anew.
pub async fn sign_and_send(
    world: &mut World,
    unsigned: &Request,
    seconds: i64,
    sign: impl Fn(&Signing, &mut Request) -> Result<Seed, Failure>,
) -> StepResult {
    for _ in 0..DATED_ATTEMPTS {
        let mut request = unsigned.clone();
        world.mark().await?;
        let begun = Instant::now();
        sign(&signing_at(world, seconds), &mut request)?;
        send(world, &request).await?;
        if begun.elapsed() < PROMPT {
            break;
        }
    }
    Ok(())
}

/// Less than what the dates of scenarios leave to the bounds that they try, 5 seconds.
const PROMPT: std::time::Duration = std::time::Duration::from_secs(4);

/// How often a request is signed and sent before its answer counts, late or not.
const DATED_ATTEMPTS: usize = 3;

/// Keeps the answers to many requests; `last_exchange` has room for one.
pub fn keep_volley(world: &mut World, answers: Vec<Exchange>) {
    world.last_exchange = answers.last().cloned();
    world.found.answers = answers;
}

/// The statuses of the answers that were kept.
pub fn volley(world: &World) -> Result<Vec<u16>, Failure> {
    let statuses: Vec<u16> = world.found.answers.iter().map(|answer| answer.status).collect();
    Failure::unless(!statuses.is_empty(), || "the When kept no answers".to_owned())?;
    Ok(statuses)
}

/// Keeps a request that was sent, with the moment that it was.
pub fn record(world: &mut World, request: Request, at: Instant) {
    world.recorded = Some((request, at));
}

/// The request that was kept.
pub fn recorded(world: &World) -> Result<(Request, Instant), Failure> {
    world.recorded.clone().ok_or_else(|| Failure::new("no request was recorded"))
}

/// Where a signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, cucumber::Parameter)]
#[param(name = "form", regex = "header-signed|presigned")]
pub enum Form {
    /// In the `Authorization` header.
    Header,
    /// In the query.
    Query,
}

impl FromStr for Form {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        match text {
            "header-signed" => Ok(Self::Header),
            "presigned" => Ok(Self::Query),
            _ => Err(Failure::new(format!("no signature is `{text}`"))),
        }
    }
}

impl Form {
    /// Signs a request in this form, a URL for an hour.
    pub fn sign(self, signing: &Signing, request: &mut Request) -> StepResult {
        match self {
            Self::Header => signing.header(request)?,
            Self::Query => signing.presign(request, Some("3600"))?,
        };
        Ok(())
    }
}

/// Splits `name: value`; `{bucket}` stands for the scenario's bucket.
pub fn header_line(world: &World, line: &str) -> Result<(String, String), Failure> {
    let (name, value) =
        line.split_once(':').ok_or_else(|| Failure::new(format!("`{line}` is no header line")))?;
    Ok((name.trim().to_owned(), value.trim().replace("{bucket}", &world.bucket_name())))
}

/// Changes the last letter or digit of a text, and nothing else.
pub fn change_last(text: &str) -> String {
    let Some(at) = text.rfind(|it: char| it.is_ascii_alphanumeric()) else {
        return format!("{text}0");
    };
    let (head, tail) = text.split_at(at);
    let other = if tail.starts_with('0') { "1" } else { "0" };
    format!("{head}{other}{}", tail.get(1..).unwrap_or_default())
}
