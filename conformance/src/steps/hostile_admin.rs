//! Steps of features/admin/hostile.feature: calls that no well-meaning client makes.

use std::sync::Arc;

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use futures::future::join_all;
use serde_json::{Value, json};

use super::admin::{call, document};
use crate::admin::{self, Call, Fields as _};
use crate::exchange::Exchange;
use crate::failure::{Failure, StepResult};
use crate::world::World;

#[given("a session of the administrator")]
async fn a_session(world: &mut World) -> StepResult {
    let session = admin::log_in(world.lane()).await?;
    world.found.sessions.push(session);
    Ok(())
}

#[when(expr = "a page makes its browser send {word} {string} with {string}")]
async fn cross_site(
    world: &mut World,
    method: String,
    path: String,
    header: String,
    step: &Step,
) -> StepResult {
    let session = session(world)?;
    let header = header.replace("{itself}", &world.lane().endpoint());
    call(world, &method, &path, Some(&session), &[header], step).await
}

#[when(expr = "the administrator sends POST {string} with {int} bytes")]
async fn sends_much(world: &mut World, path: String, bytes: usize) -> StepResult {
    let session =
        world.lane().admin_session.get_or_try_init(|| admin::log_in(world.lane())).await?.clone();
    let frame = json!({ "name": "" }).to_string().len();
    let body = json!({ "name": "n".repeat(bytes.saturating_sub(frame)) }).to_string();
    let cookie = Some(session.as_str());
    let call = Call { method: "POST", path: &path, cookie, body: Some(body), ..Call::default() };
    world.last_exchange = Some(admin::send(world.lane(), call).await?);
    Ok(())
}

#[when(expr = "an administrator logs in with the cookie {string}")]
async fn logs_in_with(world: &mut World, cookie: String) -> StepResult {
    world.found.sessions.push(cookie);
    logs_in_again(world).await
}

#[when("an administrator logs in from within it")]
async fn logs_in_again(world: &mut World) -> StepResult {
    let lane = Arc::clone(world.lane());
    let admin = lane.admin.as_ref().ok_or_else(|| Failure::new("no admin API"))?;
    let body = json!({ "password": admin.password }).to_string();
    let brought = session(world)?;
    let cookie = Some(brought.as_str());
    let call = Call { method: "POST", path: "/login", cookie, body: Some(body), ..Call::default() };
    world.last_exchange = Some(admin::send(&lane, call).await?);
    Ok(())
}

#[when(expr = "the keys of {string} are rotated {int} times at once")]
async fn rotated_at_once(world: &mut World, name: String, times: usize) -> StepResult {
    let id = world.user(&name).await?;
    let path = format!("/users/{id}/rotate-keys");
    at_once(world, vec![("POST", path); times]).await
}

#[when(expr = "both keys of {string} are removed at once")]
async fn removed_at_once(world: &mut World, name: String) -> StepResult {
    let id = world.user(&name).await?;
    let mut calls = Vec::new();
    for index in 0..2 {
        let key = world.key(&name, index)?.access_key_id;
        calls.push(("DELETE", format!("/users/{id}/keys/{key}")));
    }
    at_once(world, calls).await
}

#[then(expr = "one of them is done and every other is {int}")]
async fn one_is_done(world: &mut World, status: u16) -> StepResult {
    let statuses = super::hand::volley(world)?;
    let done = statuses.iter().filter(|it| (200..300).contains(*it)).count();
    let refused = statuses.iter().filter(|it| **it == status).count();
    Failure::unless(done == 1 && refused + 1 == statuses.len(), || format!("{statuses:?}"))
}

#[then(expr = "{string} has {int} key(s)")]
async fn has_keys(world: &mut World, name: String, count: usize) -> StepResult {
    let id = world.user(&name).await?;
    let user = admin::ask(world.lane(), "GET", &format!("/users/{id}"), None).await?;
    let keys = user.field("access_keys").as_array().map(Vec::len);
    Failure::unless(keys == Some(count), || format!("it has {keys:?}"))
}

#[then("the refusal has the API's form")]
async fn has_the_form(world: &mut World) -> StepResult {
    let kind = world.answer()?.header("content-type").unwrap_or_default().to_owned();
    Failure::unless(kind.starts_with("application/json"), || format!("it is `{kind}`"))?;
    let body = document(world)?;
    let said = |field: &str| body.field(field).as_str().is_some_and(|text| !text.is_empty());
    Failure::unless(said("error") && said("message"), || format!("it says {body}"))
}

#[then(expr = "its cookie opens a session and the one brought along opens none")]
async fn only_the_new_one(world: &mut World) -> StepResult {
    let new = admin::cookie(world.answer()?).ok_or_else(|| Failure::new("it set no cookie"))?;
    let (new, old) = (opens(world, &new).await?, opens(world, &session(world)?).await?);
    Failure::unless(new && !old, || format!("the new one: {new}, the old one: {old}"))
}

#[then("the session still works")]
async fn still_works(world: &mut World) -> StepResult {
    let works = opens(world, &session(world)?).await?;
    Failure::unless(works, || "it does not".to_owned())
}

async fn opens(world: &World, session: &str) -> Result<bool, Failure> {
    let cookie = Some(session);
    let call = Call { method: "GET", path: "/session", cookie, ..Call::default() };
    let answer = admin::send(world.lane(), call).await?;
    let body: Value = serde_json::from_slice(&answer.body)?;
    Ok(*body.field("valid") == json!(true))
}

async fn at_once(world: &mut World, calls: Vec<(&str, String)>) -> StepResult {
    let lane = Arc::clone(world.lane());
    let session = lane.admin_session.get_or_try_init(|| admin::log_in(&lane)).await?;
    let sent = calls.iter().map(|(method, path)| {
        admin::send(&lane, Call { method, path, cookie: Some(session), ..Call::default() })
    });
    let answers: Result<Vec<Exchange>, Failure> = join_all(sent).await.into_iter().collect();
    super::hand::keep_volley(world, answers?);
    Ok(())
}

fn session(world: &World) -> Result<String, Failure> {
    let session = world.found.sessions.first();
    session.cloned().ok_or_else(|| Failure::new("the scenario has no session of its own"))
}
