//! Steps of features/gitops/federation.feature: providers, mapping rules, and what answers hold.

use cucumber::{given, then, when};
use serde_json::{Value, json};

use super::admin::document;
use super::gitops;
use crate::admin::{self, Fields as _};
use crate::failure::{Failure, StepResult};
use crate::world::World;

const CLIENT_SECRET: &str = "a-client-secret-of-corp";

#[given(expr = "the provider {string}")]
async fn provider(world: &mut World, name: String) -> StepResult {
    let body = json!({
        "name": name,
        "client_id": "dgp",
        "client_secret": CLIENT_SECRET,
        "issuer_url": "https://idp.example",
    });
    let made = admin::ask(world.lane(), "POST", "/ext-auth/providers", Some(body)).await?;
    world.found.seen = made.field("id").to_string();
    Ok(())
}

#[given(expr = "the mapping rule of {string} from {string} to {string}")]
async fn mapping(world: &mut World, provider: String, domain: String, group: String) -> StepResult {
    let body = json!({
        "provider": provider,
        "match_type": "email_domain",
        "match_value": domain,
        "group": group,
    });
    let made = admin::ask(world.lane(), "POST", "/ext-auth/mappings", Some(body)).await?;
    world.found.seen = made.field("id").to_string();
    Ok(())
}

#[when(expr = "the administrator removes the provider {string}")]
async fn removes(world: &mut World, name: String) -> StepResult {
    let found = admin::ask(world.lane(), "GET", "/ext-auth/providers", None).await?;
    let found = found.as_array().cloned().unwrap_or_default();
    let found = found.iter().find(|it| *it.field("name") == json!(name));
    let id = found.map(|it| it.field("id").to_string()).unwrap_or_default();
    let path = format!("/ext-auth/providers/{id}");
    world.last_exchange = Some(gitops::session(world.lane(), "DELETE", &path, None).await?);
    Ok(())
}

/// The first word is a JSON pointer; what is not there is `null`.
#[then(regex = r#"^its "([^"]*)" is (true|false|null|".*"|\[.*\])$"#)]
async fn field_is(world: &mut World, pointer: String, wanted: String) -> StepResult {
    let answer = document(world)?;
    let found = answer.pointer(&pointer).cloned().unwrap_or_default();
    let wanted: Value = serde_json::from_str(&wanted)?;
    Failure::unless(found == wanted, || format!("it is {found} in {answer}"))
}

#[then(expr = "the answer has {string} and no client secret")]
async fn no_secret(world: &mut World, trace: String) -> StepResult {
    let text = String::from_utf8_lossy(&world.answer()?.body).into_owned();
    Failure::unless(text.contains(&trace) && !text.contains(CLIENT_SECRET), || text)
}

#[then(expr = "the audit has {string} of {string}")]
pub(super) async fn audit_has(world: &mut World, action: String, target: String) -> StepResult {
    let path = format!("/audit?limit=1000&action={action}");
    let page = admin::ask(world.lane(), "GET", &path, None).await?;
    let entries = page.field("entries").as_array().cloned().unwrap_or_default();
    let found = entries.iter().any(|entry| *entry.field("target") == json!(target));
    Failure::unless(found, || format!("it has {page}"))
}

#[then(expr = "the audit has no {string} of {string}")]
async fn audit_has_no(world: &mut World, action: String, target: String) -> StepResult {
    let found = audit_has(world, action, target).await.is_ok();
    Failure::unless(!found, || "it has one".to_owned())
}

#[when(
    expr = "the administrator applies what the declarative export says without {string} and with a user"
)]
async fn applies_part(world: &mut World, key: String) -> StepResult {
    let path = "/config/declarative-iam-export";
    let answer = gitops::session(world.lane(), "GET", path, None).await?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    // Lists of the fragment stand two blanks in; the one that is left out is the last.
    let (kept, _) = text.split_once(&format!("  {key}:")).unwrap_or((&text, ""));
    let user = format!(
        "  iam_users:\n    - {{name: ci, access_key_id: AKIACI00001, secret_access_key: {}}}\n",
        gitops::SECRET
    );
    let kept: String = kept.lines().filter(|line| !line.contains("iam_users")).fold(
        String::new(),
        |mut text, line| {
            text.push_str(line);
            text.push('\n');
            text
        },
    );
    gitops::post(world, "/config/apply", &(kept + &user)).await
}
