//! Users, groups and rules of a scenario, given through the admin API.

use cucumber::gherkin::Step;
use cucumber::given;
use serde_json::{Value, json};

use crate::admin::{self, Fields as _};
use crate::failure::{Failure, StepResult};
use crate::world::World;

#[given(expr = "the user {string}")]
async fn a_user(world: &mut World, name: String) -> StepResult {
    world.user(&name).await.map(drop)
}

#[given(expr = "{string} may {string} on {string}")]
async fn may(world: &mut World, name: String, actions: String, resources: String) -> StepResult {
    let rule = rule(world, "Allow", &actions, &resources);
    world.grant(&name, vec![rule]).await
}

#[given(expr = "{string} is denied {string} on {string}")]
async fn is_denied(
    world: &mut World,
    name: String,
    actions: String,
    resources: String,
) -> StepResult {
    let rule = rule(world, "Deny", &actions, &resources);
    world.grant(&name, vec![rule]).await
}

#[given(expr = "{string} has the rules")]
async fn has_rules(world: &mut World, name: String, step: &Step) -> StepResult {
    let rules = rules(world, step)?;
    world.grant(&name, rules).await
}

#[given(expr = "the group {string} may {string} on {string}")]
async fn group_may(
    world: &mut World,
    name: String,
    actions: String,
    resources: String,
) -> StepResult {
    let rule = rule(world, "Allow", &actions, &resources);
    world.grant_group(&name, vec![rule]).await
}

#[given(expr = "the group {string} is denied {string} on {string}")]
async fn group_is_denied(
    world: &mut World,
    name: String,
    actions: String,
    resources: String,
) -> StepResult {
    let rule = rule(world, "Deny", &actions, &resources);
    world.grant_group(&name, vec![rule]).await
}

#[given(expr = "{string} belongs to {string}")]
async fn belongs(world: &mut World, user: String, group: String) -> StepResult {
    let (user, group) = (world.user(&user).await?, world.group(&group).await?);
    let path = format!("/groups/{group}/members");
    admin::ask(world.lane(), "POST", &path, Some(json!({ "user_id": user }))).await.map(drop)
}

#[given(expr = "{string} belongs to the built-in group {string}")]
async fn belongs_to_builtin(world: &mut World, user: String, group: String) -> StepResult {
    let user = world.user(&user).await?;
    let body = json!({ "groups": [group] });
    admin::ask(world.lane(), "PUT", &format!("/users/{user}"), Some(body)).await.map(drop)
}

#[given(expr = "{string} has the template {string}")]
async fn has_template(world: &mut World, name: String, template: String) -> StepResult {
    let path = format!("/policies?bucket={}", world.bucket_name());
    let policies = admin::ask(world.lane(), "GET", &path, None).await?;
    let found =
        policies.as_array().into_iter().flatten().find(|it| *it.field("name") == json!(template));
    let policy = found.ok_or_else(|| Failure::new(format!("there is no `{template}`")))?;
    let rules = policy.field("permissions").as_array().cloned().unwrap_or_default();
    world.grant(&name, rules).await
}

#[given(expr = "{string} is disabled")]
async fn is_disabled(world: &mut World, name: String) -> StepResult {
    let id = world.user(&name).await?;
    let body = json!({ "enabled": false });
    admin::ask(world.lane(), "PUT", &format!("/users/{id}"), Some(body)).await.map(drop)
}

/// Resources are separated by blanks, actions too.
fn rule(world: &World, effect: &str, actions: &str, resources: &str) -> Value {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    json!({
        "effect": effect,
        "actions": words(actions),
        "resources": words(&world.fill(resources)),
    })
}

/// The rules of a doc string: one, or a list.
fn rules(world: &World, step: &Step) -> Result<Vec<Value>, Failure> {
    let text = step.docstring.as_deref().ok_or_else(|| Failure::new("the rules are missing"))?;
    Ok(match serde_json::from_str(&world.fill(text))? {
        Value::Array(rules) => rules,
        rule => vec![rule],
    })
}
