//! Steps of features/replay: signed requests that come again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cucumber::{given, then, when};
use futures::future::try_join_all;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::hand;
use crate::exchange::Exchange;
use crate::failure::{Failure, StepResult};
use crate::probe::Connection;
use crate::wire::{Announced, Chunks, Mode, Request, Signing};
use crate::world::World;

#[given(regex = r#"^an eavesdropper recorded the (.+) of "([^"]*)"$"#)]
async fn was_recorded(world: &mut World, change: String, key: String) -> StepResult {
    let mut request = changing(world, &change, &key).await?;
    hand::signing(world).header(&mut request)?;
    let at = Instant::now();
    hand::send(world, &request).await?;
    super::expect_success(world)?;
    hand::record(world, request, at);
    Ok(())
}

#[given(regex = r#"^a forgery of the client's write of "([^"]*)" with (.+) was refused$"#)]
async fn forgery_was_refused(world: &mut World, key: String, flaw: String) -> StepResult {
    let mut genuine = hand::request(world, "PUT", &key).await?.holding("draft");
    hand::signing(world).header(&mut genuine)?;
    let mut forgery = genuine.clone();
    match flaw.as_str() {
        "another body" => forgery.body = b"fraud".to_vec(),
        "an unsigned header" => {
            forgery = forgery.header("x-amz-meta-note", "forged");
        }
        "a changed signature" => {
            if let Some(value) = forgery.header_mut("authorization") {
                *value = hand::change_last(value);
            }
        }
        "another key" => forgery.path = hand::change_last(&forgery.path),
        _ => return Err(Failure::new(format!("no forgery has `{flaw}`"))),
    }
    hand::send(world, &forgery).await?;
    let status = world.answer()?.status;
    Failure::unless((400..500).contains(&status), || format!("it was answered {status}"))?;
    hand::record(world, genuine, Instant::now());
    Ok(())
}

#[when(expr = "the eavesdropper sends it again {int} seconds after")]
async fn sends_again(world: &mut World, seconds: u64) -> StepResult {
    let (request, at) = hand::recorded(world)?;
    tokio::time::sleep_until((at + Duration::from_secs(seconds)).into()).await;
    hand::mark_and_send(world, &request).await
}

#[when(regex = r"^the eavesdropper sends it again with (.+)$")]
async fn sends_respelt(world: &mut World, spelling: String) -> StepResult {
    let (mut request, _) = hand::recorded(world)?;
    respell(&mut request, &spelling)?;
    hand::mark_and_send(world, &request).await
}

#[when(regex = r#"^a client sends a write of "([^"]*)" for the first time with (.+)$"#)]
async fn sends_first_respelt(world: &mut World, key: String, spelling: String) -> StepResult {
    let mut request = changing(world, "write", &key).await?;
    hand::signing(world).header(&mut request)?;
    respell(&mut request, &spelling)?;
    hand::mark_and_send(world, &request).await
}

#[when("the client sends its genuine write")]
async fn sends_genuine(world: &mut World) -> StepResult {
    let (request, _) = hand::recorded(world)?;
    hand::mark_and_send(world, &request).await
}

#[when(regex = r#"^the owner makes the (.+) of "([^"]*)" again, signed afresh$"#)]
async fn signs_afresh(world: &mut World, change: String, key: String) -> StepResult {
    let mut request = changing(world, &change, &key).await?;
    // Within one second two signatures of one request are the same.
    hand::signing_at(world, 2).header(&mut request)?;
    hand::mark_and_send(world, &request).await
}

#[when(regex = r#"^a client sends one signed (.+) of "([^"]*)" (\d+) times at once$"#)]
async fn sends_at_once(world: &mut World, kind: String, key: String, times: usize) -> StepResult {
    let mut request = changing(world, &kind, &key).await?;
    hand::signing(world).header(&mut request)?;
    let (lane, bytes) = (Arc::clone(world.lane()), request.bytes(world.scenario()));
    let connections = try_join_all((0..times).map(|_| Connection::to(&lane))).await?;
    world.mark().await?;
    let answers = try_join_all(connections.into_iter().map(|mut connection| {
        let bytes = &bytes;
        async move {
            connection.send(bytes).await?;
            Ok::<_, Failure>(connection.answer().await?.exchange)
        }
    }))
    .await?;
    hand::keep_volley(world, answers);
    Ok(())
}

#[when(expr = "a client writes {string} three times within a second, as boto3 does over TLS")]
async fn writes_like_boto3(world: &mut World, key: String) -> StepResult {
    let begun = OffsetDateTime::now_utc();
    world.mark().await?;
    let mut answers = Vec::new();
    for content in ["draft 1", "draft 2", "draft 3"] {
        answers.push(persist(world, &key, content, begun).await?);
    }
    hand::keep_volley(world, answers);
    Ok(())
}

#[when(expr = "a stock client writes {string} three times in a row")]
async fn writes_with_stock_client(world: &mut World, key: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    world.mark().await?;
    let mut answers = Vec::new();
    for content in ["draft 1", "draft 2", "draft 3"] {
        let body = aws_sdk_s3::primitives::ByteStream::from(content.as_bytes().to_vec());
        let outcome = sdk.client.put_object().bucket(&bucket).key(&key).body(body).send().await;
        super::settle(world, &sdk, outcome)?;
        answers.push(world.answer()?.clone());
    }
    hand::keep_volley(world, answers);
    Ok(())
}

#[then("the replay is refused")]
async fn replay_is_refused(world: &mut World) -> StepResult {
    let answer = world.answer()?;
    Failure::unless(is_refusal(answer.status), || {
        format!("it was answered {} {:?}", answer.status, answer.code())
    })
}

#[then(expr = "the refusal is {int} {word}, to be repeated after {int} second")]
async fn refusal_asks_to_repeat(
    world: &mut World,
    status: u16,
    code: String,
    seconds: u64,
) -> StepResult {
    let answer = world.answer()?;
    let after = answer.header("retry-after");
    let fits = answer.status == status
        && answer.code() == Some(code.as_str())
        && after == Some(seconds.to_string().as_str());
    Failure::unless(fits, || {
        format!("it is {} {:?}, Retry-After {after:?}", answer.status, answer.code())
    })
}

#[then("exactly one of them is served and the others are refused")]
async fn one_is_served(world: &mut World) -> StepResult {
    let statuses = hand::volley(world)?;
    let served = statuses.iter().filter(|it| (200..300).contains(*it)).count();
    let refused = statuses.iter().filter(|it| is_refusal(**it)).count();
    Failure::unless(served == 1 && refused + 1 == statuses.len(), || {
        format!("the answers are {statuses:?}")
    })
}

#[then("the backend receives exactly one copy")]
async fn one_copy(world: &mut World) -> StepResult {
    // Without a witness the copies cannot be counted: the one success has to speak for it.
    let Some(seen) = world.seen().await? else { return Ok(()) };
    let changes: Vec<_> = seen.iter().filter(|it| it.is_change()).map(|it| it.summary()).collect();
    Failure::unless(changes.len() == 1, || format!("the witness saw {changes:?}"))
}

#[then(expr = "one upload of {string} is open")]
async fn one_upload_is_open(world: &mut World, key: String) -> StepResult {
    let bucket = world.bucket().await?;
    // The prefix is asked for: MinIO lists uploads of one key alone.
    let list = world.sdk().client.list_multipart_uploads().bucket(bucket).prefix(key);
    let open = list.send().await?.uploads().len();
    Failure::unless(open == 1, || format!("{open} are open"))
}

/// Spells a signed request otherwise, so that its signature still holds.
fn respell(request: &mut Request, spelling: &str) -> StepResult {
    match spelling {
        "other blanks in its Authorization" => {
            if let Some(value) = request.header_mut("authorization") {
                *value = value.replace(", ", ",");
            }
        }
        "its path spelt otherwise" => request.path = request.path.replace('.', "%2E"),
        "its headers in another order" => request.headers.reverse(),
        "its header names in capitals" => {
            for (name, _) in &mut request.headers {
                name.make_ascii_uppercase();
            }
        }
        "an unsigned header more" => {
            let trace = "Root=1-67891233-abcdef012345678912345678";
            request.headers.push(("x-amzn-trace-id".to_owned(), trace.to_owned()));
        }
        _ => return Err(Failure::new(format!("no request is spelt with `{spelling}`"))),
    }
    Ok(())
}

/// A 4xx, or the 503 that makes an SDK sign afresh.
fn is_refusal(status: u16) -> bool {
    (400..500).contains(&status) || status == 503
}

/// Writes as an SDK does: after 503 again, freshly signed, when the subject says so.
async fn persist(
    world: &mut World,
    key: &str,
    content: &str,
    begun: OffsetDateTime,
) -> Result<Exchange, Failure> {
    let mut signing = Signing { date: begun, ..hand::signing(world) };
    for _ in 0..ATTEMPTS {
        let mut request = hand::request(world, "PUT", key).await?;
        let truly = Announced::Truly;
        let mode = Mode::UnsignedTrailer;
        request.body =
            Chunks::sign(&signing, &mut request, mode, content.as_bytes(), 8192, truly)?.bytes();
        hand::send(world, &request).await?;
        let answer = world.answer()?.clone();
        if answer.status != 503 {
            return Ok(answer);
        }
        let after = answer.header("retry-after").and_then(|it| it.parse().ok()).unwrap_or(1);
        tokio::time::sleep(Duration::from_secs(after)).await;
        signing.date = OffsetDateTime::now_utc();
    }
    Ok(world.answer()?.clone())
}

/// How often an SDK tries, as shipped.
const ATTEMPTS: usize = 3;

/// A request of that kind about a key, not yet signed.
async fn changing(world: &mut World, kind: &str, key: &str) -> Result<Request, Failure> {
    let bucket = world.bucket().await?;
    Ok(match kind {
        "write" => hand::request(world, "PUT", key).await?.holding("draft"),
        "removal" => hand::request(world, "DELETE", key).await?,
        "copy" => {
            // Once: within a second, an SDK's second upload of the same may be signed as the first.
            if world.read("template").await?.is_none() {
                world.put("template", "draft").await?;
            }
            let source = format!("/{bucket}/template");
            hand::request(world, "PUT", key).await?.header("x-amz-copy-source", &source)
        }
        "batch removal" => {
            let list = format!("<Delete><Object><Key>{key}</Key></Object></Delete>");
            use base64::Engine as _;
            let sum = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(&list));
            hand::request(world, "POST", "")
                .await?
                .parameter("delete", "")
                .header("x-amz-checksum-sha256", &sum)
                .header("x-amz-sdk-checksum-algorithm", "SHA256")
                .holding(list)
        }
        "start of an upload" => hand::request(world, "POST", key).await?.parameter("uploads", ""),
        "read" => hand::request(world, "GET", key).await?,
        "inspection" => hand::request(world, "HEAD", key).await?,
        "listing" => hand::request(world, "GET", "").await?.parameter("prefix", key),
        _ => return Err(Failure::new(format!("no request is a `{kind}`"))),
    })
}
