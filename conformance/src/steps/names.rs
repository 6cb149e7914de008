//! Steps of features/names: what a name becomes on its way to the store.

use cucumber::{then, when};

use super::hand::{request, send, signing};
use super::settle;
use crate::failure::{Failure, StepResult};
use crate::wire::request::{encode, encode_key};
use crate::world::World;

/// What these scenarios store.
const CONTENT: &str = "named";

#[when(expr = "the client stores something as {string}")]
async fn stores(world: &mut World, key: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    world.mark().await?;
    let body = CONTENT.as_bytes().to_vec().into();
    let outcome = sdk.client.put_object().bucket(bucket).key(key).body(body).send().await;
    settle(world, &sdk, outcome)?;
    Ok(())
}

#[when(expr = "a client that signs by hand stores something as {string}")]
async fn stores_by_hand(world: &mut World, key: String) -> StepResult {
    let mut put = request(world, "PUT", &key).await?.holding(CONTENT);
    signing(world).header(&mut put)?;
    world.mark().await?;
    send(world, &put).await
}

#[when(expr = "the client copies from the literal source {string} to {string}")]
async fn copies_literally(world: &mut World, source: String, target: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let source = format!("{bucket}/{source}");
    world.mark().await?;
    let copy = sdk.client.copy_object().copy_source(source).bucket(&bucket).key(target);
    settle(world, &sdk, copy.send().await)?;
    Ok(())
}

#[when(expr = "a client reads the path {string}")]
async fn reads_path(world: &mut World, path: String) -> StepResult {
    let mut get = request(world, "GET", "").await?;
    get.path = path.replace("{bucket}", &world.bucket_name());
    signing(world).header(&mut get)?;
    world.mark().await?;
    send(world, &get).await
}

#[when(expr = "a client stores something at the path {string}, signed for {string}")]
async fn stores_at_path(world: &mut World, path: String, key: String) -> StepResult {
    let mut put = request(world, "PUT", &key).await?.holding(CONTENT);
    signing(world).header(&mut put)?;
    put.path = path.replace("{bucket}", &world.bucket_name());
    world.mark().await?;
    send(world, &put).await
}

/// The store behind a witness may not be able to hold a name. Then what counts is that it was
/// asked for that name exactly, and that its answer is the client's.
#[then(expr = "the store was asked for {string} and nothing else, and its answer is passed on")]
async fn asked_for(world: &mut World, key: String) -> StepResult {
    let status = world.answer()?.status;
    if let Some(seen) = world.seen().await? {
        let changes: Vec<_> = seen.iter().filter(|request| request.is_change()).collect();
        let path = format!("/{}/{}", world.bucket_name(), encode_key(&key));
        let exact = changes.iter().all(|request| request.path() == path);
        Failure::unless(exact && !changes.is_empty(), || {
            let asked: Vec<_> = changes.iter().map(|request| request.target.as_str()).collect();
            format!("it was asked for {asked:?}, not `{path}`")
        })?;
        let answered = changes.last().and_then(|request| request.status);
        Failure::unless(answered == Some(status), || {
            format!("the store answered {answered:?}, the client got {status}")
        })?;
        if !(200..300).contains(&status) {
            return Ok(());
        }
    }
    if refused_elsewhere(world)? {
        return world.backend_untouched().await;
    }
    Failure::unless(status == 200, || format!("the client got {status}"))?;
    let found = world.read(&key).await?;
    Failure::unless(found.as_deref() == Some(CONTENT.as_bytes()), || {
        format!("`{key}` holds {:?}", found.as_deref().map(String::from_utf8_lossy))
    })
}

/// A remote store would resolve the segments; the embedded one takes them as letters.
#[then(expr = "{string} is kept to the letter, or refused with nothing sent")]
async fn letter_or_nothing(world: &mut World, key: String) -> StepResult {
    let answer = world.answer()?;
    if world.lane().is_witnessed() {
        let status = answer.status;
        Failure::unless(status == 400, || format!("the client got {status}"))?;
        return world.backend_untouched().await;
    }
    if refused_elsewhere(world)? {
        return world.backend_untouched().await;
    }
    let status = world.answer()?.status;
    Failure::unless(status == 200, || format!("the client got {status}"))?;
    let found = world.read(&key).await?;
    Failure::unless(found.as_deref() == Some(CONTENT.as_bytes()), || {
        format!("`{key}` holds {:?}", found.as_deref().map(String::from_utf8_lossy))
    })
}

/// Whether a subject that the suite did not start refused a name: what stands behind it is not
/// known, and may be a store that cannot hold the name.
fn refused_elsewhere(world: &World) -> Result<bool, Failure> {
    let foreign = world.lane().launch.is_none();
    Ok(foreign && (400..500).contains(&world.answer()?.status))
}

#[then(expr = "the listing names {string} exactly")]
async fn lists_exactly(world: &mut World, key: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let page =
        sdk.client.list_objects_v2().bucket(bucket).encoding_type("url".into()).send().await?;
    let keys: Vec<&str> = page.contents().iter().filter_map(|object| object.key()).collect();
    let decoded = |text: &str| {
        let spaced = text.replace('+', "%20");
        percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    Failure::unless(keys.iter().any(|found| decoded(found) == key), || {
        format!("it names {keys:?}, not `{}`", encode(&key))
    })
}
