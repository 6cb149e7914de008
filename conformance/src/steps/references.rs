//! Steps of features/gitops/references.feature: where values come from and where they go.

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use serde_json::json;

use super::gitops::{post, read, session};
use super::shutdown;
use crate::admin::{self, Fields as _};
use crate::failure::{Failure, StepResult};
use crate::world::World;

const KEY: &str = "AKIADECLARED";
/// What the scenarios' variable `ODD` holds.
const ODD: &str = r#"say "x": ${env:PATH} # no comment"#;

#[given("a proxy of the scenario's own with variables")]
async fn with_variables(world: &mut World, step: &Step) -> StepResult {
    let lines = step.docstring.as_deref().unwrap_or_default().lines();
    let pairs = lines.filter_map(|line| line.trim().split_once('='));
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    shutdown::start_own(world, pairs.collect()).await
}

#[when(expr = "the administrator applies the document whose secret is {string}")]
async fn applies_secret(world: &mut World, secret: String) -> StepResult {
    let text = document(world, &[("secret_access_key", &secret)], "");
    post(world, "/config/apply", &text).await
}

#[when(expr = "the administrator applies the document whose description is {string}")]
async fn applies_description(world: &mut World, text: String) -> StepResult {
    let text = document(world, &[("secret_access_key", "${env:CI_SECRET}")], &text);
    post(world, "/config/apply", &text).await
}

#[when(expr = "the administrator applies the document whose user is enabled {string}")]
async fn applies_enabled(world: &mut World, value: String) -> StepResult {
    let fields = [("secret_access_key", "${env:CI_SECRET}"), ("enabled", value.as_str())];
    let text = document(world, &fields, "");
    post(world, "/config/apply", &text).await
}

/// As the command line sends it: the value in the text, and beside it where a reference stood.
#[when(expr = "the administrator applies the document whose secret is {string} from {string}")]
async fn applies_filled(world: &mut World, secret: String, reference: String) -> StepResult {
    let place = "access.iam_users[0].secret_access_key";
    send(world, &secret, place, &reference).await
}

#[when(expr = "the administrator applies it with the reference {string} at {string}")]
async fn applies_misplaced(world: &mut World, reference: String, place: String) -> StepResult {
    send(world, "a-literal-secret-0123456789-0123456789-0", &place, &reference).await
}

#[when("the administrator applies what the export says")]
async fn applies_export(world: &mut World) -> StepResult {
    let text = export(world).await?;
    post(world, "/config/apply", &text).await
}

#[then(expr = "the declared user may read {string} with {string}")]
async fn may_read(world: &mut World, key: String, secret: String) -> StepResult {
    let refused = read(world, (KEY, &secret), &key).await?;
    Failure::unless(refused.is_none(), || format!("it was refused with {refused:?}"))
}

#[then(expr = "the declared user is refused {string} with {string}")]
async fn may_not_read(world: &mut World, key: String, secret: String) -> StepResult {
    let refused = read(world, (KEY, &secret), &key).await?;
    Failure::unless(refused.is_some(), || "it was served".to_owned())
}

#[then("the group \"builders\" has the odd description")]
async fn odd(world: &mut World) -> StepResult {
    let groups = admin::ask(world.lane(), "GET", "/groups", None).await?;
    let groups = groups.as_array().cloned().unwrap_or_default();
    let found = groups.iter().any(|group| *group.field("description") == json!(ODD));
    Failure::unless(found, || format!("the groups are {groups:?}"))
}

#[then(expr = "the export has {string} and not {string}")]
async fn export_has(world: &mut World, has: String, lacks: String) -> StepResult {
    let text = export(world).await?;
    Failure::unless(text.contains(&has) && !text.contains(&lacks), || text)
}

async fn export(world: &World) -> Result<String, Failure> {
    let answer = session(world.lane(), "GET", "/config/export", None).await?;
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}

async fn send(world: &mut World, secret: &str, place: &str, reference: &str) -> StepResult {
    let yaml = document(world, &[("secret_access_key", secret)], "");
    let body = json!({ "yaml": yaml, "env_refs": { place: reference } }).to_string();
    let sent = session(world.lane(), "POST", "/config/apply", Some(body)).await?;
    world.last_exchange = Some(sent);
    Ok(())
}

/// The subject's own file with `access` replaced, so that it starts from what was applied.
fn document(world: &World, fields: &[(&str, &str)], description: &str) -> String {
    let held = world.subject.as_ref().map(|subject| subject.config());
    let held = held.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    let rest = held.find("storage:").and_then(|at| held.get(at..)).unwrap_or_default();
    let fields: String =
        fields.iter().map(|(name, value)| format!("      {name}: {}\n", json!(value))).collect();
    let (bucket, description) = (world.bucket_name(), json!(description));
    format!(
        "access:\n  iam_mode: declarative\n  iam_groups:\n    - name: builders\n      description: \
         {description}\n      permissions:\n        - {{actions: [read], resources: \
         ['{bucket}/*']}}\n  iam_users:\n    - name: ci\n      access_key_id: {KEY}\n{fields}      \
         groups: [builders]\n{rest}"
    )
}
