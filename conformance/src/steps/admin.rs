//! Steps of features/admin: keys, sessions, the audit and explanations.

use std::sync::Arc;

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use serde_json::{Value, json};

use super::settle;
use crate::admin::{self, Call, Fields as _};
use crate::failure::{Failure, StepResult};
use crate::sdk::{Retries, Sdk};
use crate::world::World;

#[given(expr = "the keys of {string} are rotated")]
async fn rotated(world: &mut World, name: String) -> StepResult {
    let id = world.user(&name).await?;
    let path = format!("/users/{id}/rotate-keys");
    let answer = admin::ask(world.lane(), "POST", &path, None).await?;
    world.add_key(&name, &answer)
}

#[given(expr = "the first key of {string} is removed")]
async fn first_key_removed(world: &mut World, name: String) -> StepResult {
    let (id, key) = (world.user(&name).await?, world.key(&name, 0)?);
    let path = format!("/users/{id}/keys/{}", key.access_key_id);
    admin::ask(world.lane(), "DELETE", &path, None).await.map(drop)
}

#[given(expr = "the user {string} is deleted")]
async fn deleted(world: &mut World, name: String) -> StepResult {
    let id = world.user(&name).await?;
    admin::ask(world.lane(), "DELETE", &format!("/users/{id}"), None).await.map(drop)
}

#[when(expr = "{string} reads {string} with key {int}")]
async fn reads_with_key(world: &mut World, name: String, key: String, index: usize) -> StepResult {
    let bucket = world.bucket().await?;
    let pair = world.key(&name, index)?;
    let pair = Some((pair.access_key_id.as_str(), pair.secret_access_key.as_str()));
    let sdk = Sdk::with_credentials(world.lane(), world.scenario(), Retries::Stock, pair)?;
    world.mark().await?;
    let outcome = sdk.client.get_object().bucket(bucket).key(key).send().await;
    settle(world, &sdk, outcome).map(drop)
}

#[given(expr = "{string} has a presigned URL of {string}")]
async fn presigned(world: &mut World, name: String, key: String) -> StepResult {
    let bucket = world.bucket().await?;
    let sdk = world.sdk_of(&name).await?;
    let expires =
        aws_sdk_s3::presigning::PresigningConfig::expires_in(std::time::Duration::from_secs(600))?;
    let signed = sdk.client.get_object().bucket(bucket).key(key).presigned(expires).await?;
    world.found.upload = signed.uri().to_owned();
    Ok(())
}

#[when("somebody follows the presigned URL")]
async fn follows(world: &mut World) -> StepResult {
    let lane = Arc::clone(world.lane());
    let url = world.found.upload.clone();
    let path = url.strip_prefix(&lane.endpoint()).unwrap_or_default();
    let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", lane.host);
    world.mark().await?;
    world.last_exchange = Some(crate::probe::send(&lane, head.as_bytes()).await?.exchange);
    Ok(())
}

/// The call is the administrator's, in the session that the lane shares.
#[when(expr = "the administrator sends {word} {string}")]
async fn admin_sends(world: &mut World, method: String, path: String, step: &Step) -> StepResult {
    let session =
        world.lane().admin_session.get_or_try_init(|| admin::log_in(world.lane())).await?;
    let session = session.clone();
    call(world, &method, &path, Some(&session), &[], step).await
}

#[when(expr = "a stranger sends {word} {string} to the admin API")]
async fn stranger_sends(world: &mut World, method: String, path: String) -> StepResult {
    let path = path_of(world, &path).await?;
    let call = Call { method: &method, path: &path, ..Call::default() };
    world.last_exchange = Some(admin::send(world.lane(), call).await?);
    Ok(())
}

#[when(expr = "a page of {string} makes the administrator's browser send POST {string}")]
async fn cross_origin(world: &mut World, origin: String, path: String, step: &Step) -> StepResult {
    let session = admin::log_in(world.lane()).await?;
    let origin = origin.replace("{itself}", &world.lane().endpoint());
    let headers = [format!("Origin: {origin}")];
    call(world, "POST", &path, Some(&session), &headers, step).await
}

#[when("an administrator logs in")]
async fn logs_in(world: &mut World) -> StepResult {
    let admin = world.lane().admin.clone().ok_or_else(|| Failure::new("no admin API"))?;
    let body = json!({ "password": admin.password }).to_string();
    let call = Call { method: "POST", path: "/login", body: Some(body), ..Call::default() };
    world.last_exchange = Some(admin::send(world.lane(), call).await?);
    Ok(())
}

#[when("an administrator logs in, logs out and asks for the users")]
async fn logs_out(world: &mut World) -> StepResult {
    let lane = Arc::clone(world.lane());
    let session = admin::log_in(&lane).await?;
    let ask = |method, path| Call { method, path, cookie: Some(&session), ..Call::default() };
    let before = admin::send(&lane, ask("GET", "/users")).await?;
    Failure::unless(before.status == 200, || "the session did not work".to_owned())?;
    admin::send(&lane, ask("POST", "/logout")).await?;
    world.last_exchange = Some(admin::send(&lane, ask("GET", "/users")).await?);
    Ok(())
}

#[when(expr = "its login fails {int} times and then the right password comes")]
async fn fails_to_log_in(world: &mut World, failures: usize) -> StepResult {
    let lane = Arc::clone(world.lane());
    for _ in 0..failures {
        let body = json!({ "password": "not the password" }).to_string();
        let call = Call { method: "POST", path: "/login", body: Some(body), ..Call::default() };
        let answer = admin::send(&lane, call).await?;
        Failure::unless(answer.status == 401, || format!("a wrong one got {}", answer.status))?;
    }
    logs_in(world).await
}

#[then(expr = "it says to come back within {int} seconds")]
async fn comes_back(world: &mut World, most: u64) -> StepResult {
    let after = world.answer()?.header("retry-after").and_then(|it| it.parse::<u64>().ok());
    Failure::unless(after.is_some_and(|it| (1..=most).contains(&it)), || format!("{after:?}"))
}

#[when(expr = "{string} is denied {int} times at once")]
async fn denied_often(world: &mut World, name: String, times: usize) -> StepResult {
    use futures::StreamExt as _;
    let bucket = world.bucket().await?;
    let sdk = world.sdk_of(&name).await?;
    let one = |index: usize| {
        let get = sdk.client.get_object().bucket(&bucket).key(format!("k{index}")).send();
        async move { get.await.err().and_then(|it| it.raw_response().map(|it| it.status().as_u16())) }
    };
    let answers = futures::stream::iter((0..times).map(one)).buffer_unordered(64);
    let other: Vec<_> = answers.filter(|it| std::future::ready(*it != Some(403))).collect().await;
    Failure::unless(other.is_empty(), || format!("other answers: {other:?}"))
}

#[then(expr = "the audit holds {int} denials for {string}")]
async fn audit_counts(world: &mut World, count: usize, name: String) -> StepResult {
    let (mut found, mut before) = (0, None::<i64>);
    for _ in 0..100 {
        let mut path = format!("/audit?limit=500&action=GetObject&user={}", world.full_name(&name));
        if let Some(before) = before {
            path.push_str(&format!("&before={before}"));
        }
        let page = admin::ask(world.lane(), "GET", &path, None).await?;
        let entries = page.field("entries").as_array().cloned().unwrap_or_default();
        let Some(last) = entries.last() else { break };
        before = last.field("id").as_i64();
        found += entries.len();
    }
    Failure::unless(found == count, || format!("it holds {found}"))
}

#[then(expr = "the secret of {string} is in no file of the subject")]
async fn secret_is_in_no_file(world: &mut World, name: String) -> StepResult {
    let secret = world.key(&name, 0)?.secret_access_key;
    let subject = world.subject.as_ref().ok_or_else(|| Failure::new("no subject of its own"))?;
    let files = subject.files()?;
    Failure::unless(files.len() > 3, || format!("only {} files were found", files.len()))?;
    for file in files {
        let bytes = std::fs::read(&file)?;
        let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        Failure::unless(!found, || format!("{} holds it", file.display()))?;
    }
    Ok(())
}

#[when(expr = "somebody who claims to be at {string} follows the presigned URL")]
async fn follows_from(world: &mut World, address: String) -> StepResult {
    let lane = Arc::clone(world.lane());
    let url = world.found.upload.clone();
    let path = url.strip_prefix(&lane.endpoint()).unwrap_or_default();
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nX-Forwarded-For: {address}\r\nX-Real-IP: {address}\r\n\
         Forwarded: for={address}\r\nConnection: close\r\n\r\n",
        lane.host
    );
    world.mark().await?;
    world.last_exchange = Some(crate::probe::send(&lane, head.as_bytes()).await?.exchange);
    Ok(())
}

#[then(expr = "the admin API answers {int}")]
async fn answers(world: &mut World, status: u16) -> StepResult {
    let answer = world.answer()?;
    Failure::unless(answer.status == status, || {
        format!("it answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body))
    })
}

#[then(expr = "its message names {string}")]
async fn names(world: &mut World, place: String) -> StepResult {
    let message = document(world)?.field("message").as_str().unwrap_or_default().to_owned();
    Failure::unless(message.contains(&place), || format!("the message is `{message}`"))
}

#[then(expr = "its cookie is {string}")]
async fn cookie_is(world: &mut World, wanted: String) -> StepResult {
    let cookie = world.answer()?.header("set-cookie").unwrap_or_default().to_ascii_lowercase();
    let missing = wanted.split(' ').find(|flag| !cookie.contains(&flag.to_ascii_lowercase()));
    Failure::unless(missing.is_none(), || format!("`{cookie}` lacks {missing:?}"))
}

#[then(expr = "the audit holds {int} denial(s) of {word} for {string} with path {string}")]
async fn audit_holds(
    world: &mut World,
    count: usize,
    action: String,
    name: String,
    path: String,
) -> StepResult {
    let entries = denials(world, &name).await?;
    let bucket = world.bucket_name();
    let fits = |entry: &&Value| {
        *entry.field("action") == json!(action)
            && *entry.field("path") == json!(path)
            && *entry.field("bucket") == json!(bucket)
            && *entry.field("outcome") == json!("denied")
    };
    let found = entries.iter().filter(fits).count();
    Failure::unless(found == count, || format!("it holds {found}: {entries:?}"))
}

#[then(expr = "the audit holds the change {string} of {string}")]
async fn audit_holds_change(world: &mut World, action: String, name: String) -> StepResult {
    let path = format!("/audit?limit=1000&action={action}");
    let page = admin::ask(world.lane(), "GET", &path, None).await?;
    let target = json!(world.full_name(&name));
    let entries = page.field("entries").as_array().cloned().unwrap_or_default();
    let found = entries
        .iter()
        .any(|it| *it.field("target") == target && *it.field("user") == json!("admin"));
    Failure::unless(found, || format!("no such entry among {}", entries.len()))
}

#[then(expr = "the refusal is explained by {string} of the {word} {string}")]
async fn explained(world: &mut World, effect: String, kind: String, name: String) -> StepResult {
    let explained = explain(world).await?;
    let name = world.full_name(&name);
    let rule = &explained.field("rule");
    let fits = *explained.field("outcome") == json!("Denied")
        && *rule.field("effect") == json!(effect)
        && *rule.field("owner_kind") == json!(kind)
        && *rule.field("owner") == json!(name)
        && explained.field("considered").as_array().is_some_and(|it| !it.is_empty());
    Failure::unless(fits, || format!("the explanation is {explained}"))
}

#[then("the refusal is explained by the lack of a rule")]
async fn explained_by_lack(world: &mut World) -> StepResult {
    let explained = explain(world).await?;
    let fits = *explained.field("outcome") == json!("Denied") && explained.field("rule").is_null();
    Failure::unless(fits, || format!("the explanation is {explained}"))
}

#[then("the answer is explained as Allowed")]
async fn explained_as_allowed(world: &mut World) -> StepResult {
    let explained = explain(world).await?;
    Failure::unless(*explained.field("outcome") == json!("Allowed"), || format!("{explained}"))
}

#[then("the client is told nothing of the rules")]
async fn told_nothing(world: &mut World) -> StepResult {
    let body = String::from_utf8_lossy(&world.answer()?.body).into_owned();
    let telling = ["Deny", "rule", "group"].into_iter().find(|word| body.contains(word));
    Failure::unless(telling.is_none(), || format!("the answer says {telling:?}: {body}"))
}

#[then(expr = "a simulation of {word} for {string} by {string} says {string}")]
async fn simulated(
    world: &mut World,
    operation: String,
    key: String,
    name: String,
    outcome: String,
) -> StepResult {
    let body = json!({
        "user": world.full_name(&name), "operation": operation,
        "bucket": world.bucket_name(), "key": key, "address": "127.0.0.1",
    });
    let answer = admin::ask(world.lane(), "POST", "/simulate", Some(body)).await?;
    Failure::unless(*answer.field("outcome") == json!(outcome), || format!("it says {answer}"))
}

/// The answer may differ from store to store; what was simulated may not differ from it.
#[then(expr = "a simulation of {word} for {string} by {string} agrees with the answer")]
async fn simulation_agrees(
    world: &mut World,
    operation: String,
    name_or_prefix: String,
    name: String,
) -> StepResult {
    let field = if operation.starts_with("List") { "prefix" } else { "key" };
    let body = json!({
        "user": world.full_name(&name), "operation": operation,
        "bucket": world.bucket_name(), field: name_or_prefix, "address": "127.0.0.1",
    });
    let outcome = if world.answer()?.status == 403 { "Denied" } else { "Allowed" };
    let answer = admin::ask(world.lane(), "POST", "/simulate", Some(body)).await?;
    Failure::unless(*answer.field("outcome") == json!(outcome), || format!("it says {answer}"))
}

#[then(
    expr = "a simulation of {word} for {string} in the bucket {string} by {string} says {string}"
)]
async fn simulated_in(
    world: &mut World,
    operation: String,
    key: String,
    bucket: String,
    name: String,
    outcome: String,
) -> StepResult {
    let mut body = json!({
        "user": world.full_name(&name), "operation": operation, "bucket": bucket,
        "address": "203.0.113.7",
    });
    if !key.is_empty() {
        let field = if operation.starts_with("List") { "prefix" } else { "key" };
        body.as_object_mut().map(|body| body.insert(field.to_owned(), json!(key)));
    }
    let answer = admin::ask(world.lane(), "POST", "/simulate", Some(body)).await?;
    Failure::unless(*answer.field("outcome") == json!(outcome), || format!("it says {answer}"))
}

#[then(expr = "the secret of {string} is in no answer of the admin API")]
async fn secret_is_nowhere(world: &mut World, name: String) -> StepResult {
    let (id, secret) = (world.user(&name).await?, world.key(&name, 0)?.secret_access_key);
    let one = format!("/users/{id}");
    let lane = Arc::clone(world.lane());
    let session = lane.admin_session.get_or_try_init(|| admin::log_in(&lane)).await?;
    let answers = ["/users", &one, "/groups", "/policies", "/audit?limit=10000", "/openapi.json"];
    let exports = ["/config/declarative-iam-export", "/config/export", "/config/section/access"];
    for path in answers.into_iter().chain(exports) {
        let call = Call { method: "GET", path, cookie: Some(session), ..Call::default() };
        let answer = admin::send(&lane, call).await?;
        Failure::unless(answer.status == 200, || format!("{path} answered {}", answer.status))?;
        let leaks = String::from_utf8_lossy(&answer.body).contains(&secret);
        Failure::unless(!leaks, || format!("{path} holds it"))?;
    }
    Ok(())
}

pub(super) async fn call(
    world: &mut World,
    method: &str,
    path: &str,
    session: Option<&str>,
    headers: &[String],
    step: &Step,
) -> StepResult {
    let path = path_of(world, path).await?;
    let body = step.docstring.as_deref().map(|text| world.fill(text));
    let call = Call { method, path: &path, cookie: session, headers, body };
    world.last_exchange = Some(admin::send(world.lane(), call).await?);
    Ok(())
}

/// `{ana}` in a path stands for the id of that user, `{key:ana}` for its first key id, `{seen}`
/// for what an earlier answer said.
async fn path_of(world: &mut World, path: &str) -> Result<String, Failure> {
    let mut path = path.replace("{seen}", &world.found.seen);
    for name in ["ana", "bea"] {
        if path.contains(&format!("{{key:{name}}}")) {
            world.user(name).await?;
            let key = world.key(name, 0)?.access_key_id;
            path = path.replace(&format!("{{key:{name}}}"), &key);
        }
        if path.contains(&format!("{{{name}}}")) {
            path = path.replace(&format!("{{{name}}}"), &world.user(name).await?.to_string());
        }
    }
    Ok(path)
}

async fn denials(world: &World, name: &str) -> Result<Vec<Value>, Failure> {
    let path = format!("/audit?limit=1000&user={}", world.full_name(name));
    let page = admin::ask(world.lane(), "GET", &path, None).await?;
    Ok(page.field("entries").as_array().cloned().unwrap_or_default())
}

async fn explain(world: &World) -> Result<Value, Failure> {
    let id = world.answer()?.header("x-amz-request-id").unwrap_or_default().to_owned();
    admin::ask(world.lane(), "GET", &format!("/explain?request_id={id}"), None).await
}

pub(super) fn document(world: &World) -> Result<Value, Failure> {
    Ok(serde_json::from_slice(&world.answer()?.body)?)
}
