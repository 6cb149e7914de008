//! Steps of features/data-plane/listings.feature.

use cucumber::{given, then, when};

use super::settle;
use crate::failure::{Failure, StepResult};
use crate::world::World;

/// No listing of a scenario has more pages; one that goes on is endless.
const MOST_PAGES: usize = 20;

#[given(expr = "the objects {string}")]
async fn objects(world: &mut World, keys: String) -> StepResult {
    for key in keys.split(", ") {
        world.put(key, key).await?;
    }
    Ok(())
}

/// A version of the listing operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, cucumber::Parameter)]
#[param(name = "listing", regex = "version 1|version 2")]
pub(super) enum Listing {
    V1,
    V2,
}

impl std::str::FromStr for Listing {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        Ok(if text == "version 1" { Self::V1 } else { Self::V2 })
    }
}

#[when(expr = "the client lists with {listing}")]
async fn lists(world: &mut World, listing: Listing) -> StepResult {
    list(world, listing, None, None, None).await
}

#[when(expr = "the client lists the prefix {string} with {listing}")]
async fn lists_prefix(world: &mut World, prefix: String, listing: Listing) -> StepResult {
    list(world, listing, Some(prefix), None, None).await
}

#[when(expr = "the client lists the folder {string} with {listing}")]
async fn lists_folder(world: &mut World, prefix: String, listing: Listing) -> StepResult {
    list(world, listing, Some(prefix), Some("/".to_owned()), None).await
}

#[when(expr = "the client lists all in pages of {int} with {listing}")]
async fn lists_pages(world: &mut World, size: i32, listing: Listing) -> StepResult {
    list(world, listing, None, None, Some(size)).await
}

#[when(expr = "the client lists the folder {string} in pages of {int} with {listing}")]
async fn lists_folder_pages(
    world: &mut World,
    prefix: String,
    size: i32,
    listing: Listing,
) -> StepResult {
    list(world, listing, Some(prefix), Some("/".to_owned()), Some(size)).await
}

#[when(expr = "the client lists what comes after {string}")]
async fn lists_after(world: &mut World, key: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let outcome = sdk.client.list_objects_v2().bucket(bucket).start_after(key).send().await;
    if let Some(page) = settle(world, &sdk, outcome)? {
        world.found.keys =
            page.contents().iter().filter_map(|o| o.key()).map(str::to_owned).collect();
    }
    Ok(())
}

#[when("the client lists a bucket that does not exist")]
async fn lists_nowhere(world: &mut World) -> StepResult {
    let sdk = world.sdk().clone();
    let bucket = format!("{}-absent", world.bucket_name());
    settle(world, &sdk, sdk.client.list_objects_v2().bucket(bucket).send().await)?;
    Ok(())
}

#[then(expr = "the keys are {string}")]
async fn keys_are(world: &mut World, keys: String) -> StepResult {
    same("keys", &keys, &world.found.keys)
}

#[then(expr = "the folders are {string}")]
async fn folders_are(world: &mut World, prefixes: String) -> StepResult {
    same("folders", &prefixes, &world.found.prefixes)
}

#[then(expr = "it took {int} pages")]
async fn took_pages(world: &mut World, pages: usize) -> StepResult {
    let found = world.found.pages;
    Failure::unless(found == pages, || format!("it took {found}"))
}

fn same(what: &str, expected: &str, found: &[String]) -> StepResult {
    let wanted: Vec<&str> = expected.split(", ").filter(|name| !name.is_empty()).collect();
    Failure::unless(wanted == found, || format!("the {what} are {found:?}"))
}

/// Lists to the end and notes keys, prefixes and pages.
pub(super) async fn list(
    world: &mut World,
    listing: Listing,
    prefix: Option<String>,
    delimiter: Option<String>,
    size: Option<i32>,
) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let mut next: Option<String> = None;
    for _ in 0..MOST_PAGES {
        world.found.pages += 1;
        let (contents, prefixes, truncated, after) = match listing {
            Listing::V2 => {
                let list = sdk.client.list_objects_v2().bucket(&bucket);
                let list = list.set_prefix(prefix.clone()).set_delimiter(delimiter.clone());
                let list = list.set_max_keys(size).set_continuation_token(next.take());
                let Some(page) = settle(world, &sdk, list.send().await)? else { return Ok(()) };
                let after = page.next_continuation_token.clone();
                (page.contents, page.common_prefixes, page.is_truncated, after)
            }
            Listing::V1 => {
                let list = sdk.client.list_objects().bucket(&bucket);
                let list = list.set_prefix(prefix.clone()).set_delimiter(delimiter.clone());
                let list = list.set_max_keys(size).set_marker(next.take());
                let Some(page) = settle(world, &sdk, list.send().await)? else { return Ok(()) };
                // Without a delimiter S3 names no next marker: it is the last key.
                let last = page.contents().last().and_then(|o| o.key()).map(str::to_owned);
                let after = page.next_marker.clone().or(last);
                (page.contents, page.common_prefixes, page.is_truncated, after)
            }
        };
        world.found.keys.extend(contents.into_iter().flatten().filter_map(|object| object.key));
        world.found.prefixes.extend(prefixes.into_iter().flatten().filter_map(|p| p.prefix));
        if truncated != Some(true) {
            return Ok(());
        }
        next = after;
        Failure::unless(next.is_some(), || "a truncated page says not where to go on".to_owned())?;
    }
    Err(Failure::new(format!("the listing has not ended after {MOST_PAGES} pages")))
}
