//! Steps of features/gitops/hostile.feature: documents that nobody should send.

use std::fmt::Write as _;

use cucumber::gherkin::Step;
use cucumber::{then, when};
use serde_json::{Value, json};

use super::admin::document;
use super::gitops::{SECRET, post};
use crate::admin::{self, Fields as _};
use crate::failure::{Failure, StepResult};
use crate::probe;
use crate::world::World;

const VALIDATE: &str = "/config/validate";

#[when("the administrator previews the text")]
async fn previews(world: &mut World, step: &Step) -> StepResult {
    // The parser leaves the line break after the quotes, which would shift every line.
    let text = step.docstring.as_deref().unwrap_or_default();
    let text = world.fill(text.strip_prefix('\n').unwrap_or(text));
    post(world, VALIDATE, &text).await
}

#[when(regex = "^the administrator previews (a billion laughs|[0-9].*|a (?:map|list) of .*)$")]
async fn previews_much(world: &mut World, what: String) -> StepResult {
    let number = what.split(' ').find_map(|word| word.parse::<usize>().ok()).unwrap_or_default();
    let text = match what.as_str() {
        "a billion laughs" => laughs(),
        it if it.ends_with("nested lists") => format!("access: {}", "[".repeat(number)),
        it if it.ends_with("keys") => {
            (0..number).fold("access:\n".to_owned(), |mut text, index| {
                let _ = writeln!(text, "  key{index}: 1");
                text
            })
        }
        it if it.ends_with("items") => format!("access: [{}1]", "1,".repeat(number)),
        _ => "x".repeat(number),
    };
    post(world, VALIDATE, &text).await
}

#[when("the administrator previews bytes that are no UTF-8")]
async fn previews_bytes(world: &mut World) -> StepResult {
    let lane = std::sync::Arc::clone(world.lane());
    let base = lane.admin.as_ref().map(|it| it.base.clone()).unwrap_or_default();
    let cookie = lane.admin_session.get_or_try_init(|| admin::log_in(&lane)).await?;
    let body = b"{\"yaml\": \"\xff\"}";
    let mut request = format!(
        "POST {base}{VALIDATE} HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n",
        lane.host,
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    world.last_exchange = Some(probe::send(&lane, &request).await?.exchange);
    Ok(())
}

#[when(expr = "a document of {int} users is applied")]
async fn applies_large(world: &mut World, count: usize) -> StepResult {
    let mut text = "access:\n  iam_mode: declarative\n  iam_users:\n".to_owned();
    for index in 0..count {
        let _ = writeln!(
            text,
            "    - {{name: user-{index}, access_key_id: AKIA{index:08}, secret_access_key: \
             {SECRET}, permissions: [{{actions: [read], resources: [b/{index}/*]}}]}}"
        );
    }
    post(world, "/config/apply", &text).await
}

#[then(expr = "the preview is refused at line {int} with {string}")]
async fn refused_at(world: &mut World, line: u64, said: String) -> StepResult {
    let answer = document(world)?;
    let errors = answer.field("errors").as_array().cloned().unwrap_or_default();
    let fits = |error: &&Value| {
        let text =
            [error.field("path"), error.field("message")].map(|it| it.as_str().unwrap_or(""));
        *error.field("line") == json!(line) && text.join(": ").contains(&said)
    };
    let found = *answer.field("ok") == json!(false) && errors.iter().any(|error| fits(&error));
    Failure::unless(found, || format!("the answer is {answer}"))
}

#[then("the preview is not refused")]
async fn not_refused(world: &mut World) -> StepResult {
    let answer = document(world)?;
    Failure::unless(*answer.field("ok") == json!(true), || format!("the answer is {answer}"))
}

#[then("the preview is refused or the call is")]
async fn refused(world: &mut World) -> StepResult {
    let (status, answer) = (world.answer()?.status, document(world)?);
    let refused = status >= 400 || *answer.field("ok") == json!(false);
    Failure::unless(refused, || format!("the answer is {status} {answer}"))
}

/// The highest that its memory has been.
#[then(expr = "the proxy has kept below {int} MiB")]
async fn kept_below(world: &mut World, most: u64) -> StepResult {
    let subject = world.subject.as_ref().ok_or_else(|| Failure::new("no subject of its own"))?;
    let status = std::fs::read_to_string(format!("/proc/{}/status", subject.pid()?))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let held = line.and_then(|it| it.split_whitespace().next()?.parse::<u64>().ok());
    let held = held.ok_or_else(|| Failure::new("the system does not say"))? / 1024;
    Failure::unless(held < most, || format!("it was {held} MiB"))
}

fn laughs() -> String {
    let mut text = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n".to_owned();
    for level in 1..10 {
        let inner = format!("*a{}, ", level - 1).repeat(10);
        let _ = writeln!(text, "a{level}: &a{level} [{}]", inner.trim_end_matches(", "));
    }
    text
}
