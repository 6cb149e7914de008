//! Steps of features/admin/audit.feature about time.

use std::time::Duration;

use cucumber::{given, then};

use super::restart::was_refused;
use crate::admin::{self, Fields as _};
use crate::failure::{Failure, StepResult};
use crate::wire::request::encode;
use crate::world::World;

/// Longer than the second in which times may be told.
const APART: Duration = Duration::from_millis(1100);

#[given(expr = "{string} was refused {string}, {string} and {string}, a second apart")]
async fn refused_in_turn(
    world: &mut World,
    name: String,
    first: String,
    second: String,
    third: String,
) -> StepResult {
    was_refused(world, name.clone(), first).await?;
    for key in [second, third] {
        tokio::time::sleep(APART).await;
        was_refused(world, name.clone(), key).await?;
    }
    Ok(())
}

/// The bounds are the times that the audit itself tells: nobody's clock has to agree.
#[then(
    regex = r#"^the audit (?:from "(\w+)" on)?(?: ?up to "(\w+)")? tells of "(\w+)" "([^"]*)"$"#
)]
async fn tells(
    world: &mut World,
    from: String,
    to: String,
    name: String,
    paths: String,
) -> StepResult {
    let mut query = format!("/audit?action=GetObject&user={}", world.full_name(&name));
    let all = told(world, &query).await?;
    for (bound, key) in [("from", from), ("to", to)] {
        if key.is_empty() {
            continue;
        }
        let time = all.iter().find(|(path, _)| *path == key).map(|(_, time)| time);
        let time = time.ok_or_else(|| Failure::new(format!("the audit does not hold `{key}`")))?;
        query.push_str(&format!("&{bound}={}", encode(time)));
    }
    let found: Vec<String> = told(world, &query).await?.into_iter().map(|(path, _)| path).collect();
    Failure::unless(found.join(" ") == paths, || format!("it tells of {found:?}"))
}

/// Paths and times of the entries, the newest first.
async fn told(world: &World, query: &str) -> Result<Vec<(String, String)>, Failure> {
    let page = admin::ask(world.lane(), "GET", query, None).await?;
    let entries = page.field("entries").as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let pair = |it: &serde_json::Value| (text(it.field("path")), text(it.field("timestamp")));
    Ok(entries.iter().map(pair).collect())
}
