//! Steps of features/admin/passwords.feature: the admin password changes.

use std::sync::Arc;

use cucumber::{given, then, when};
use serde_json::json;

use super::shutdown;
use crate::admin::{self, Call};
use crate::failure::{Failure, StepResult};
use crate::lane::{Evidence, Lane};
use crate::world::World;

/// What it is changed to.
const NEW: &str = "the new admin password";

#[given("a proxy of the scenario's own that made its admin password itself")]
async fn own_password(world: &mut World) -> StepResult {
    let lane = Arc::clone(world.lane());
    let mut launch = shutdown::launch(&lane)?.clone();
    let missing = || Failure::new("not tested: the target does not say how it prints a password");
    let admin = launch.target.admin.as_mut().ok_or_else(missing)?;
    let before = admin.first_password.clone().ok_or_else(missing)?;
    admin.environment.clear();
    let subject = launch.start(lane.scheme, None).await?;
    let log = subject.log();
    let printed = log.split_once(&before).and_then(|(_, rest)| rest.split_whitespace().next());
    let password = printed.ok_or_else(|| Failure::new("it printed no password"))?.to_owned();
    let mut own = Lane::of(&launch, &subject, lane.name.clone(), lane.scheme, Evidence::Effects)?;
    if let Some(admin) = &mut own.admin {
        admin.password = password;
    }
    world.move_to(own, Box::new(()))?;
    world.subject = Some(subject);
    Ok(())
}

#[given("two sessions of the administrator")]
async fn two_sessions(world: &mut World) -> StepResult {
    for _ in 0..2 {
        let session = admin::log_in(world.lane()).await?;
        world.found.sessions.push(session);
    }
    Ok(())
}

#[when("one of them changes the password")]
async fn changes(world: &mut World) -> StepResult {
    let old = old_password(world)?;
    change(world, &old, NEW).await
}

#[when("one of them changes the password without knowing it")]
async fn guesses(world: &mut World) -> StepResult {
    change(world, "not the password", NEW).await
}

#[when(expr = "one of them changes the password to {string}")]
async fn changes_to(world: &mut World, new: String) -> StepResult {
    let old = old_password(world)?;
    change(world, &old, &new).await
}

#[then(regex = "^(both sessions work|neither session works)$")]
async fn sessions_work(world: &mut World, how: String) -> StepResult {
    let wanted = if how.starts_with("both") { 200 } else { 401 };
    Failure::unless(world.found.sessions.len() == 2, || "there are not two".to_owned())?;
    for session in &world.found.sessions {
        let call = Call { method: "GET", path: "/users", cookie: Some(session), ..Call::default() };
        let status = admin::send(world.lane(), call).await?.status;
        Failure::unless(status == wanted, || format!("a session got {status}"))?;
    }
    Ok(())
}

#[then(regex = "^the (old|new) password opens (a session|none)$")]
async fn opens(world: &mut World, which: String, what: String) -> StepResult {
    let password = if which == "old" { old_password(world)? } else { NEW.to_owned() };
    let body = json!({ "password": password }).to_string();
    let call = Call { method: "POST", path: "/login", body: Some(body), ..Call::default() };
    let status = admin::send(world.lane(), call).await?.status;
    let wanted = if what == "none" { 401 } else { 200 };
    Failure::unless(status == wanted, || format!("the login answered {status}"))
}

/// The one that the first start printed.
fn old_password(world: &World) -> Result<String, Failure> {
    let admin = world.lane().admin.as_ref().ok_or_else(|| Failure::new("no admin API"))?;
    Ok(admin.password.clone())
}

async fn change(world: &mut World, current: &str, new: &str) -> StepResult {
    let session = world.found.sessions.first().cloned();
    let body = json!({ "current": current, "new": new }).to_string();
    let call = Call {
        method: "PUT",
        path: "/password",
        cookie: session.as_deref(),
        body: Some(body),
        ..Call::default()
    };
    world.last_exchange = Some(admin::send(world.lane(), call).await?);
    Ok(())
}
