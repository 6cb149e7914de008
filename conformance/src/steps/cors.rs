//! Steps of features/data-plane/cors.feature: what a browser learns for a page of some origin.

use cucumber::{then, when};

use super::hand;
use crate::failure::{Failure, StepResult};
use crate::wire::Request;
use crate::world::World;

/// What signers in a browser add.
const SIGNERS: &str = "authorization,content-type,x-amz-content-sha256,x-amz-date,x-amz-meta-a";

#[when(expr = "a page of {string} asks leave to {word} {string}")]
async fn asks_leave(world: &mut World, origin: String, method: String, key: String) -> StepResult {
    let request = hand::request(world, "OPTIONS", &key).await?;
    let request = preflight(world, request, &origin, &method)?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a page of {string} asks leave to {word} the path {string}")]
async fn asks_leave_for_path(
    world: &mut World,
    origin: String,
    method: String,
    path: String,
) -> StepResult {
    let mut request = hand::request(world, "OPTIONS", "").await?;
    request.path = path;
    let request = preflight(world, request, &origin, &method)?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "something asks for the options of {string} and names no origin")]
async fn asks_without_origin(world: &mut World, key: String) -> StepResult {
    let request = hand::request(world, "OPTIONS", &key).await?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client signs the method OPTIONS for {string}")]
async fn signs_options(world: &mut World, key: String) -> StepResult {
    let mut request = hand::request(world, "OPTIONS", &key).await?;
    hand::signing(world).header(&mut request)?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a page of {string} signs a {word} of {string}")]
async fn page_signs(world: &mut World, origin: String, method: String, key: String) -> StepResult {
    let mut request = hand::request(world, &method, &key).await?;
    hand::signing(world).header(&mut request)?;
    hand::mark_and_send(world, &request.header("origin", &named(world, &origin)?)).await
}

#[when(expr = "a page of {string} reads {string} without a signature")]
async fn page_reads(world: &mut World, origin: String, key: String) -> StepResult {
    let request = hand::request(world, "GET", &key).await?;
    hand::mark_and_send(world, &request.header("origin", &named(world, &origin)?)).await
}

#[when(expr = "a page of {string} reads the path {string}")]
async fn page_reads_path(world: &mut World, origin: String, path: String) -> StepResult {
    let mut request = hand::request(world, "GET", "").await?;
    request.path = path;
    hand::mark_and_send(world, &request.header("origin", &named(world, &origin)?)).await
}

#[then(expr = "the page may {word} it, with every header that a signer adds")]
async fn may_send(world: &mut World, method: String) -> StepResult {
    is_named(world)?;
    let answer = world.answer()?;
    let listed = |name: &str, wanted: &str| {
        let text = answer.header(name).unwrap_or_default().to_ascii_lowercase();
        text.split(',').any(|part| part.trim() == wanted.to_ascii_lowercase())
    };
    let methods = listed("access-control-allow-methods", &method);
    let headers = SIGNERS.split(',').all(|it| listed("access-control-allow-headers", it));
    Failure::unless(answer.status == 200 && methods && headers, || {
        format!("status {}, headers {:?}", answer.status, answer.headers)
    })
}

#[then(expr = "the page may read the answer and its {string}")]
async fn may_read(world: &mut World, name: String) -> StepResult {
    is_named(world)?;
    let exposed = world.answer()?.header("access-control-expose-headers").unwrap_or_default();
    let told = exposed.split(',').any(|part| part.trim().eq_ignore_ascii_case(&name));
    Failure::unless(told, || format!("only `{exposed}` may be read"))
}

#[then("no page is told anything")]
async fn told_nothing(world: &mut World) -> StepResult {
    let answer = world.answer()?;
    let told: Vec<_> =
        answer.headers.keys().filter(|it| it.as_str().starts_with("access-control-")).collect();
    Failure::unless(told.is_empty(), || format!("the answer has {told:?}"))
}

#[then("a cache keeps the answer for this origin alone")]
async fn is_kept_apart(world: &mut World) -> StepResult {
    let values = world.answer()?.headers.get_all("vary");
    let varies = values.iter().filter_map(|value| value.to_str().ok());
    let apart = varies.flat_map(|text| text.split(',')).any(|it| it.trim() == "Origin");
    Failure::unless(apart, || "`Vary` does not name the origin".to_owned())
}

/// The listed origin is named, and cookies or a password of the browser are never asked for.
fn is_named(world: &World) -> StepResult {
    let (answer, listed) = (world.answer()?, named(world, "{listed}")?);
    let origin = answer.header("access-control-allow-origin").unwrap_or_default();
    let credentials = answer.header("access-control-allow-credentials");
    Failure::unless(origin == listed && credentials.is_none(), || {
        format!("allowed are `{origin}` and credentials {credentials:?}")
    })
}

fn preflight(
    world: &World,
    request: Request,
    origin: &str,
    method: &str,
) -> Result<Request, Failure> {
    let request = request.header("origin", &named(world, origin)?);
    let request = request.header("access-control-request-method", method);
    Ok(request.header("access-control-request-headers", SIGNERS))
}

/// `{listed}` is the origin that the target names.
fn named(world: &World, origin: &str) -> Result<String, Failure> {
    if origin != "{listed}" {
        return Ok(origin.to_owned());
    }
    let listed = world.lane().cors_origin.clone();
    listed.ok_or_else(|| Failure::new("not tested: the target names no origin"))
}
