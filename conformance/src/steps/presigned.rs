//! Steps of features/presigned: URLs that carry their signature.

use cucumber::{then, when};

use super::hand;
use crate::failure::{Failure, StepResult};
use crate::wire::request::encode;
use crate::wire::{Request, Signing};
use crate::world::World;

#[when(expr = "a client uses a URL for {string} that expires after {string}")]
async fn uses_for(world: &mut World, key: String, expires: String) -> StepResult {
    // Dated a little ahead, so that a URL for one second is still good on a busy machine.
    use_dated(world, ("GET", &key, ""), 5, &expires).await
}

#[when(
    expr = "a client uses a URL for {string} made {int} seconds ago that expires after {string}"
)]
async fn uses_old(world: &mut World, key: String, age: i64, expires: String) -> StepResult {
    use_dated(world, ("GET", &key, ""), -age, &expires).await
}

#[when(
    expr = "a client uses a URL for {string} made {int} seconds ahead that expires after {string}"
)]
async fn uses_early(world: &mut World, key: String, ahead: i64, expires: String) -> StepResult {
    use_dated(world, ("GET", &key, ""), ahead, &expires).await
}

#[when(
    expr = "a client stores {string} through a URL made {int} seconds ago that expires after {string}"
)]
async fn stores_old(world: &mut World, key: String, age: i64, expires: String) -> StepResult {
    use_dated(world, ("PUT", &key, "draft"), -age, &expires).await
}

#[when(expr = "a client uses a URL for {string} whose {string} is {word}")]
async fn uses_with_parameter(
    world: &mut World,
    key: String,
    name: String,
    how: String,
) -> StepResult {
    let mut request = hand::request(world, "GET", &key).await?;
    let signing = hand::signing(world);
    signing.presign(&mut request, Some("3600"))?;
    let held = request
        .query
        .iter()
        .find(|(held, _)| *held == name)
        .cloned()
        .ok_or_else(|| Failure::new(format!("a URL has no `{name}`")))?;
    match how.as_str() {
        "unchanged" => {}
        "missing" => request.query.retain(|(it, _)| *it != name),
        "repeated" => request.query.push(held),
        _ => return Err(Failure::new(format!("no parameter is `{how}`"))),
    }
    // Signed as it now stands: what is refused is the change, not a signature that never fitted.
    let signature = signing.presigned_signature(&request)?;
    if let Some(value) = request.parameter_mut("X-Amz-Signature") {
        *value = signature;
    }
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client {word} {string} through one URL {int} times")]
async fn uses_again(world: &mut World, does: String, key: String, times: usize) -> StepResult {
    let (method, body) = if does == "reads" { ("GET", "") } else { ("PUT", "draft") };
    let request = presigned(world, method, &key).await?;
    let mut answers = Vec::new();
    world.mark().await?;
    for time in 1..=times {
        let body = if body.is_empty() { String::new() } else { format!("{body} {time}") };
        hand::send(world, &request.clone().holding(body)).await?;
        answers.push(world.answer()?.clone());
    }
    hand::keep_volley(world, answers);
    Ok(())
}

#[then(expr = "every one of the {int} is served")]
async fn all_are_served(world: &mut World, times: usize) -> StepResult {
    let statuses = hand::volley(world)?;
    let all = statuses.len() == times && statuses.iter().all(|it| (200..300).contains(it));
    Failure::unless(all, || format!("the answers are {statuses:?}"))
}

#[when(regex = r#"^a client changes the (.+) of a URL for "([^"]*)"$"#)]
async fn changes_a_url(world: &mut World, part: String, key: String) -> StepResult {
    let mut request = hand::request(world, "GET", &key)
        .await?
        .parameter("response-content-disposition", "attachment")
        .header("accept", "*/*");
    hand::signing(world).presign(&mut request, Some("3600"))?;
    change(&mut request, &part)?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client stores {string} through a URL with the unsigned payload hash {string}")]
async fn stores_with_hash(world: &mut World, key: String, hash: String) -> StepResult {
    let request = presigned(world, "PUT", &key).await?;
    let chunks = "5;chunk-signature=".to_owned() + &"0".repeat(64) + "\r\ndraft\r\n0\r\n\r\n";
    // The body is the one that the hash stands for, so that a verifier that trusts it is happy.
    let body = match hash.as_str() {
        "UNSIGNED-PAYLOAD" => "draft",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => "5\r\ndraft\r\n0\r\n\r\n",
        _ => &chunks,
    };
    let mut request = request.header("x-amz-content-sha256", &hash);
    if body != "draft" {
        request = request.header("content-encoding", "aws-chunked");
    }
    hand::mark_and_send(world, &request.holding(body)).await
}

#[when(expr = "a client stores {string} through a URL with {string} = {string}")]
async fn stores_with_parameter(
    world: &mut World,
    key: String,
    name: String,
    value: String,
) -> StepResult {
    let request = hand::request(world, "PUT", &key).await?;
    let mut request = request.parameter(&name, &value.replace("{bucket}", &world.bucket_name()));
    hand::signing(world).presign(&mut request, Some("3600"))?;
    let body = body_beside(&name);
    hand::mark_and_send(world, &request.holding(body)).await
}

/// The SDK signs such values as headers; in the query they are a signer's of its own.
#[when(expr = "{string} stores {string} through a URL with {string} = {string}")]
async fn user_stores_with_parameter(
    world: &mut World,
    user: String,
    key: String,
    name: String,
    value: String,
) -> StepResult {
    let mut request = hand::request(world, "PUT", &key).await?.parameter(&name, &value);
    hand::signing_of(world, &user).await?.presign(&mut request, Some("3600"))?;
    hand::mark_and_send(world, &request.holding("draft")).await
}

#[when(expr = "a client stores {string} through a finished URL with {string} = {string}")]
async fn stores_with_added_parameter(
    world: &mut World,
    key: String,
    name: String,
    value: String,
) -> StepResult {
    let request = presigned(world, "PUT", &key).await?;
    let request = request.parameter(&name, &value.replace("{bucket}", &world.bucket_name()));
    let body = body_beside(&name);
    hand::mark_and_send(world, &request.holding(body)).await
}

#[then(expr = "the object {string} has the metadata {string} = {string}")]
async fn has_metadata(world: &mut World, key: String, name: String, value: String) -> StepResult {
    let bucket = world.bucket().await?;
    let found = world.sdk().client.head_object().bucket(bucket).key(key).send().await?;
    let held = found.metadata().and_then(|all| all.get(&name));
    Failure::unless(held == Some(&value), || format!("it is {held:?}"))
}

#[then(expr = "the object {string} has the tag {string} = {string}")]
async fn has_tag(world: &mut World, key: String, name: String, value: String) -> StepResult {
    let bucket = world.bucket().await?;
    let found = world.sdk().client.get_object_tagging().bucket(bucket).key(key).send().await?;
    let held = found.tag_set().iter().find(|tag| tag.key() == name).map(|tag| tag.value());
    Failure::unless(held == Some(&value), || format!("it is {held:?}"))
}

/// A GET or PUT of a key, signed for an hour.
pub(super) async fn presigned(
    world: &mut World,
    method: &str,
    key: &str,
) -> Result<Request, Failure> {
    let mut request = hand::request(world, method, key).await?;
    hand::signing(world).presign(&mut request, Some("3600"))?;
    Ok(request)
}

async fn use_dated(
    world: &mut World,
    (method, key, body): (&str, &str, &str),
    seconds: i64,
    expires: &str,
) -> StepResult {
    let request = hand::request(world, method, key).await?.holding(body);
    let presign = |signing: &Signing, it: &mut Request| signing.presign(it, Some(expires));
    hand::sign_and_send(world, &request, seconds, presign).await
}

/// Changes one part of a presigned request; everything else stays as it was.
fn change(request: &mut Request, part: &str) -> StepResult {
    let scope = ["access key id", "scope's date", "region", "service", "terminator"];
    if let Some(index) = scope.iter().position(|name| *name == part) {
        let credential = parameter(request, "X-Amz-Credential")?;
        let mut fields: Vec<String> = credential.split("%2F").map(str::to_owned).collect();
        if let Some(field) = fields.get_mut(index) {
            *field = hand::change_last(field);
        }
        *credential = fields.join("%2F");
        return Ok(());
    }
    let name = match part {
        "nothing" => return Ok(()),
        "method" => {
            request.method = "DELETE".to_owned();
            return Ok(());
        }
        "path" => {
            request.path = hand::change_last(&request.path);
            return Ok(());
        }
        "host" => {
            let host = request.header_mut("host");
            let host = host.ok_or_else(|| Failure::new("there is no host"))?;
            *host = host.replace("127.0.0.1", "localhost");
            return Ok(());
        }
        "number of parameters" => {
            request.query.push(("response-content-type".to_owned(), encode("text/html")));
            return Ok(());
        }
        "date" => "X-Amz-Date",
        "expiry" => "X-Amz-Expires",
        "algorithm" => "X-Amz-Algorithm",
        "disposition of the answer" => "response-content-disposition",
        "list of signed headers" => "X-Amz-SignedHeaders",
        _ => "X-Amz-Signature",
    };
    let value = parameter(request, name)?;
    *value = match part {
        "date" => format!("{}Z", hand::change_last(value.trim_end_matches('Z'))),
        "list of signed headers" => value.replace("accept%3B", ""),
        "signature's length" => value.get(..63).unwrap_or_default().to_owned(),
        "signature to nothing" => String::new(),
        "signature's first digit" => {
            let other = if value.starts_with('0') { '1' } else { '0' };
            format!("{other}{}", value.get(1..).unwrap_or_default())
        }
        "signature's last digit" | "expiry" | "algorithm" | "disposition of the answer" => {
            hand::change_last(value)
        }
        _ => return Err(Failure::new(format!("a URL has no `{part}`"))),
    };
    Ok(())
}

fn parameter<'a>(request: &'a mut Request, name: &str) -> Result<&'a mut String, Failure> {
    request.parameter_mut(name).ok_or_else(|| Failure::new(format!("there is no `{name}`")))
}

/// A copy has no body of its own; with one, a refusal could be for that.
fn body_beside(name: &str) -> &'static str {
    if name.eq_ignore_ascii_case("x-amz-copy-source") { "" } else { "draft" }
}
