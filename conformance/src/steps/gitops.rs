//! Steps of features/gitops: documents, previews and what they leave.

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use cucumber::{given, then, when};
use serde_json::{Value, json};

use crate::admin::{self, Call, Fields as _};
use crate::failure::{Failure, StepResult};
use crate::lane::Lane;
use crate::sdk::{Retries, Sdk};
use crate::world::World;

pub(super) const SECRET: &str = "conformance-declared-secret-0123456789abcdef";

#[given(expr = "the document of {string} with key {string} is applied")]
async fn applied(world: &mut World, name: String, key: String) -> StepResult {
    applies(world, name.clone(), key).await?;
    let answer = world.answer()?;
    Failure::unless(answer.status == 200, || {
        format!("it answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body))
    })?;
    let user = user(world.lane(), &name).await?;
    world.found.seen = user.field("id").to_string();
    Ok(())
}

#[when(expr = "the administrator applies the document of {string} with key {string}")]
async fn applies(world: &mut World, name: String, key: String) -> StepResult {
    let text = document(world, &name, &key);
    post(world, "/config/apply", &text).await
}

#[when(expr = "the administrator applies the document of {string} with key {string} and {string}")]
async fn applies_with(world: &mut World, name: String, key: String, more: String) -> StepResult {
    let text = document(world, &name, &key) + &format!("    {more}\n");
    post(world, "/config/apply", &text).await
}

#[when(expr = "the administrator previews the document of {string} with key {string}")]
async fn previews(world: &mut World, name: String, key: String) -> StepResult {
    let text = document(world, &name, &key);
    post(world, "/config/validate", &text).await
}

#[when("the administrator applies what the declarative export says")]
async fn applies_export(world: &mut World) -> StepResult {
    let path = "/config/declarative-iam-export";
    let answer = session(world.lane(), "GET", path, None).await?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    world.found.seen = text.clone();
    post(world, "/config/apply", &text).await
}

#[then(expr = "the export had an empty secret for {string} and declarative mode")]
async fn export_is_redacted(world: &mut World, name: String) -> StepResult {
    let text = &world.found.seen;
    let redacted = ["iam_mode: declarative", "secret_access_key: \"\"", &format!("name: {name}")];
    let missing = redacted.iter().find(|part| !text.contains(**part));
    let leaks = text.contains(SECRET);
    Failure::unless(missing.is_none() && !leaks, || format!("lacks {missing:?} in:\n{text}"))
}

#[then(expr = "a warning reads {string}")]
async fn warning_reads(world: &mut World, pattern: String) -> StepResult {
    let answer: Value = serde_json::from_slice(&world.answer()?.body)?;
    let warnings = answer.field("warnings").as_array().cloned().unwrap_or_default();
    // Gherkin strings keep the backslashes that a pattern needs.
    let pattern = regex::Regex::new(&pattern)?;
    let found = warnings.iter().filter_map(Value::as_str).any(|line| pattern.is_match(line));
    Failure::unless(found, || format!("the answer is {answer}"))
}

#[then(expr = "the plan creates the user {string}")]
async fn plan_creates(world: &mut World, name: String) -> StepResult {
    let answer: Value = serde_json::from_slice(&world.answer()?.body)?;
    let created = answer.field("diff").field("users").field("created").clone();
    Failure::unless(created == json!([name]), || format!("the answer is {answer}"))
}

#[then(expr = "there is no user {string}")]
async fn no_user(world: &mut World, name: String) -> StepResult {
    let found = user(world.lane(), &name).await?;
    Failure::unless(found.is_null(), || format!("there is {found}"))
}

#[then(expr = "there is a user {string}")]
async fn is_user(world: &mut World, name: String) -> StepResult {
    let found = user(world.lane(), &name).await?;
    Failure::unless(!found.is_null(), || "there is none".to_owned())
}

#[then(expr = "the user {string} is still there")]
async fn still_there(world: &mut World, name: String) -> StepResult {
    let name = world.full_name(&name);
    is_user(world, name).await
}

#[then(expr = "the user {string} can be made")]
async fn can_be_made(world: &mut World, name: String) -> StepResult {
    world.user(&name).await.map(drop)
}

#[then(expr = "the user {string} has kept its id")]
async fn kept_id(world: &mut World, name: String) -> StepResult {
    let id = user(world.lane(), &name).await?.field("id").to_string();
    Failure::unless(id == world.found.seen, || format!("it was {}", world.found.seen))
}

#[then(expr = "the group {string} has the description {string}")]
async fn described(world: &mut World, name: String, text: String) -> StepResult {
    let groups = admin::ask(world.lane(), "GET", "/groups", None).await?;
    let groups = groups.as_array().cloned().unwrap_or_default();
    let group = groups.iter().find(|it| *it.field("name") == json!(name));
    let found = group.map(|it| it.field("description").clone());
    Failure::unless(found == Some(json!(text)), || format!("it is {found:?}"))
}

#[then(expr = "its error is {string}")]
async fn error_is(world: &mut World, code: String) -> StepResult {
    let answer: Value = serde_json::from_slice(&world.answer()?.body)?;
    Failure::unless(*answer.field("error") == json!(code), || format!("it is {answer}"))
}

#[given(expr = "{string} may read {string}")]
#[then(expr = "{string} may read {string}")]
async fn may_read(world: &mut World, access_key: String, key: String) -> StepResult {
    let refused = read(world, (&access_key, SECRET), &key).await?;
    Failure::unless(refused.is_none(), || format!("it was refused with {refused:?}"))
}

#[then(expr = "{string} is refused {string} with {string}")]
async fn is_refused(world: &mut World, id: String, key: String, code: String) -> StepResult {
    let refused = read(world, (&id, SECRET), &key).await?;
    Failure::unless(refused.as_ref() == Some(&code), || format!("it was answered {refused:?}"))
}

/// Reads an object once with a key pair; gives the error code of a refusal.
pub(super) async fn read(
    world: &mut World,
    pair: (&str, &str),
    key: &str,
) -> Result<Option<String>, Failure> {
    let bucket = world.bucket().await?;
    read_at(world.lane(), world.scenario(), pair, (&bucket, key)).await
}

/// The same at any subject, of a bucket and a key.
pub(super) async fn read_at(
    lane: &Lane,
    scenario: &str,
    pair: (&str, &str),
    (bucket, key): (&str, &str),
) -> Result<Option<String>, Failure> {
    let sdk = Sdk::with_credentials(lane, scenario, Retries::Off, Some(pair))?;
    match sdk.client.get_object().bucket(bucket).key(key).send().await {
        Ok(_) => Ok(None),
        Err(error) if error.raw_response().is_some() => {
            Ok(Some(error.code().unwrap_or("without a code").to_owned()))
        }
        Err(error) => Err(error.into()),
    }
}

#[then("applying it again adds nothing to the audit")]
async fn adds_nothing(world: &mut World) -> StepResult {
    let before = reconciles(world.lane()).await?;
    let text = world.found.document.clone();
    post(world, "/config/apply", &text).await?;
    let answered = world.answer()?.status;
    let after = reconciles(world.lane()).await?;
    Failure::unless(answered == 200 && before == after, || {
        format!("it answered {answered}, and there were {before} entries, then {after}")
    })
}

/// A section of the user `ci` with one key and the group that lets it read the bucket.
pub(super) fn section(world: &World, key: &str) -> Value {
    let resources = [format!("{}/*", world.bucket_name())];
    let rules = json!([{ "actions": ["read"], "resources": resources }]);
    json!({
        "iam_mode": "declarative",
        "iam_groups": [{ "name": "builders", "permissions": rules }],
        "iam_users": [{
            "name": "ci",
            "access_key_id": key,
            "secret_access_key": SECRET,
            "groups": ["builders"],
        }],
    })
}

pub(super) fn document(world: &World, name: &str, key: &str) -> String {
    world.fill(&format!(
        "# by review\naccess:\n  iam_mode: declarative\n  iam_groups:\n    - name: builders\n      \
         permissions:\n        - {{actions: [read], resources: ['{{bucket}}/*']}}\n  iam_users:\n    \
         - name: {name}\n      access_key_id: {key}\n      secret_access_key: {SECRET}\n      \
         groups: [builders]\n"
    ))
}

pub(super) async fn post(world: &mut World, path: &str, yaml: &str) -> StepResult {
    world.found.document = yaml.to_owned();
    let body = json!({ "yaml": yaml }).to_string();
    world.last_exchange = Some(session(world.lane(), "POST", path, Some(body)).await?);
    Ok(())
}

pub(super) async fn session(
    lane: &Lane,
    method: &str,
    path: &str,
    body: Option<String>,
) -> Result<crate::exchange::Exchange, Failure> {
    let cookie = lane.admin_session.get_or_try_init(|| admin::log_in(lane)).await?;
    admin::send(lane, Call { method, path, cookie: Some(cookie), headers: &[], body }).await
}

/// The user of a name, or `null`.
pub(super) async fn user(lane: &Lane, name: &str) -> Result<Value, Failure> {
    let users = admin::ask(lane, "GET", "/users", None).await?;
    let users = users.as_array().cloned().unwrap_or_default();
    Ok(users.into_iter().find(|it| *it.field("name") == json!(name)).unwrap_or_default())
}

async fn reconciles(lane: &Lane) -> Result<usize, Failure> {
    let page = admin::ask(lane, "GET", "/audit?limit=1000", None).await?;
    let entries = page.field("entries").as_array().cloned().unwrap_or_default();
    let of_applies = |entry: &&Value| {
        entry.field("action").as_str().is_some_and(|it| it.starts_with("iam_reconcile_"))
    };
    Ok(entries.iter().filter(of_applies).count())
}
