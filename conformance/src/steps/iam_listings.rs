//! What users see listed, page by page (INT-10, INT-11).

use cucumber::gherkin::Step;
use cucumber::{given, then, when};

use super::settle;
use crate::failure::{Failure, StepResult};
use crate::world::World;

/// Pages that a walk may take; more is a walk without end.
const MOST_PAGES: usize = 60;

#[given("the objects")]
async fn objects(world: &mut World, step: &Step) -> StepResult {
    let text = step.docstring.clone().ok_or_else(|| Failure::new("which objects?"))?;
    for key in text.split_whitespace() {
        world.put(key, "content").await?;
    }
    Ok(())
}

#[when(expr = "{string} walks version {int} of the listing under {string} by pages of {int}")]
async fn walks(
    world: &mut World,
    name: String,
    version: usize,
    prefix: String,
    size: i32,
) -> StepResult {
    walk(world, &name, version, &prefix, None, size).await
}

#[when(
    expr = "{string} walks version {int} of the listing under {string} by folders and pages of {int}"
)]
async fn walks_folders(
    world: &mut World,
    name: String,
    version: usize,
    prefix: String,
    size: i32,
) -> StepResult {
    walk(world, &name, version, &prefix, Some("/"), size).await
}

#[then(expr = "exactly the keys {string} and the prefixes {string} were listed")]
async fn listed(world: &mut World, keys: String, prefixes: String) -> StepResult {
    let found = (world.found.keys.join(" "), world.found.prefixes.join(" "));
    Failure::unless(found == (keys, prefixes), || format!("listed were {found:?}"))
}

#[then(expr = "no page says {string}")]
async fn no_page_says(world: &mut World, hidden: String) -> StepResult {
    let all = String::from_utf8_lossy(&world.found.body).into_owned();
    Failure::unless(!all.contains(&hidden), || format!("a page says it: {all}"))?;
    // Tokens of some stores are names in base64.
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    let decoded = all.split(['<', '>', '[', ']', '"']).filter_map(|part| engine.decode(part).ok());
    let mut decoded = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let telling = decoded.find(|text| text.contains(&hidden));
    Failure::unless(telling.is_none(), || format!("a token says it: {telling:?}"))
}

#[when(expr = "{string} lists the buckets")]
async fn lists_buckets(world: &mut World, name: String) -> StepResult {
    world.bucket().await?;
    let sdk = world.sdk_of(&name).await?;
    world.mark().await?;
    let outcome = sdk.client.list_buckets().send().await;
    if let Some(page) = settle(world, &sdk, outcome)? {
        world.found.buckets =
            page.buckets().iter().filter_map(|found| found.name()).map(str::to_owned).collect();
    }
    Ok(())
}

#[given(expr = "the further bucket {string}")]
async fn further_bucket(world: &mut World, suffix: String) -> StepResult {
    let bucket = format!("{}-{suffix}", world.bucket().await?);
    world.sdk().client.create_bucket().bucket(bucket).send().await?;
    Ok(())
}

#[then(expr = "exactly the buckets {string} were listed")]
async fn buckets_listed(world: &mut World, expected: String) -> StepResult {
    let expected = world.fill(&expected);
    let found = world.found.buckets.join(" ");
    Failure::unless(found == expected, || format!("listed were `{found}`"))
}

async fn walk(
    world: &mut World,
    name: &str,
    version: usize,
    prefix: &str,
    delimiter: Option<&str>,
    size: i32,
) -> StepResult {
    let bucket = world.bucket().await?;
    let sdk = world.sdk_of(name).await?;
    let (mut token, mut pages) = (None::<String>, Vec::new());
    world.mark().await?;
    for page in 0.. {
        Failure::unless(page < MOST_PAGES, || "the listing does not end".to_owned())?;
        let delimiter = delimiter.map(str::to_owned);
        let (keys, prefixes, next, truncated) = if version == 1 {
            let ask = sdk.client.list_objects().bucket(&bucket).prefix(prefix).max_keys(size);
            let ask = ask.set_delimiter(delimiter).set_marker(token.take());
            let outcome = ask.send().await;
            let Some(page) = settle(world, &sdk, outcome)? else { return Ok(()) };
            let keys = names(page.contents().iter().map(|it| it.key()));
            let prefixes = names(page.common_prefixes().iter().map(|it| it.prefix()));
            let next = page.next_marker.clone().or_else(|| keys.last().cloned());
            (keys, prefixes, next, page.is_truncated == Some(true))
        } else {
            let ask = sdk.client.list_objects_v2().bucket(&bucket).prefix(prefix).max_keys(size);
            let ask = ask.set_delimiter(delimiter).set_continuation_token(token.take());
            let outcome = ask.send().await;
            let Some(page) = settle(world, &sdk, outcome)? else { return Ok(()) };
            let keys = names(page.contents().iter().map(|it| it.key()));
            let prefixes = names(page.common_prefixes().iter().map(|it| it.prefix()));
            (keys, prefixes, page.next_continuation_token, page.is_truncated == Some(true))
        };
        pages.extend_from_slice(&world.answer()?.body);
        world.found.keys.extend(keys);
        world.found.prefixes.extend(prefixes);
        if !truncated {
            break;
        }
        token = next;
        Failure::unless(token.is_some(), || "a truncated page names no next one".to_owned())?;
    }
    world.found.body = pages;
    Ok(())
}

fn names<'a>(found: impl Iterator<Item = Option<&'a str>>) -> Vec<String> {
    found.flatten().map(str::to_owned).collect()
}
