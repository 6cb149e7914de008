//! Steps of features/signatures: what a signature covers, and what happens to what it does not.

use cucumber::{then, when};

use super::hand::{self, Form};
use crate::failure::{Failure, StepResult};
use crate::wire::signer::sha256;
use crate::wire::{Request, Signing};
use crate::world::World;

#[when(regex = r#"^a client signs a write of "([^"]*)" and then changes its (.+)$"#)]
async fn changes_a_signed_write(world: &mut World, key: String, part: String) -> StepResult {
    let mut request = write_of(world, &key).await?;
    hand::signing(world).header(&mut request)?;
    change(&mut request, &part)?;
    hand::mark_and_send(world, &request).await
}

#[when(regex = r#"^a client changes the (.+) of a write of "([^"]*)" and then signs it$"#)]
async fn signs_a_changed_write(world: &mut World, part: String, key: String) -> StepResult {
    let mut request = write_of(world, &key).await?;
    change(&mut request, &part)?;
    hand::signing(world).header(&mut request)?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client signs a listing and then changes its parameter {string}")]
async fn changes_a_signed_listing(world: &mut World, name: String) -> StepResult {
    let mut request = listing(world).await?;
    hand::signing(world).header(&mut request)?;
    change_parameter(&mut request, &name)?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client changes the parameter {string} of a listing and then signs it")]
async fn signs_a_changed_listing(world: &mut World, name: String) -> StepResult {
    let mut request = listing(world).await?;
    change_parameter(&mut request, &name)?;
    hand::signing(world).header(&mut request)?;
    hand::mark_and_send(world, &request).await
}

#[when(regex = r#"^a client reads "([^"]*)" with an Authorization header (.+)$"#)]
async fn reads_with_authorization(world: &mut World, key: String, shape: String) -> StepResult {
    let mut request = hand::request(world, "GET", &key).await?;
    hand::signing(world).header(&mut request)?;
    let authorization = |request: &Request| {
        let held = request.headers.iter().find(|(name, _)| name == "authorization");
        held.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let good = authorization(&request);
    if shape == "that stands twice" {
        request.headers.push(("authorization".to_owned(), good));
    } else if let Some(value) = request.header_mut("authorization") {
        *value = reshape(&good, &shape)?;
    }
    hand::mark_and_send(world, &request).await
}

#[when(regex = r#"^a client signs a read of "([^"]*)" (in|for|with) (.+)$"#)]
async fn signs_a_read(world: &mut World, key: String, _in: String, how: String) -> StepResult {
    let mut request = hand::request(world, "GET", &key).await?;
    let mut signing = hand::signing(world);
    deviate(&mut signing, &how)?;
    signing.header(&mut request)?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client sends a {form} read of {string} without signing {string}")]
async fn leaves_out(world: &mut World, form: Form, key: String, name: String) -> StepResult {
    // Something else is signed in any case: an empty list would be refused for being empty.
    let mut request = hand::request(world, "GET", &key).await?.header("accept", "*/*");
    let signing = Signing { left_out: vec![name], ..hand::signing(world) };
    form.sign(&signing, &mut request)?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client reads {string} with a header and a query that are each signed")]
async fn signs_twice(world: &mut World, key: String) -> StepResult {
    // Each signature covers what the other adds as far as it can: neither is wrong for itself.
    let mut request = hand::request(world, "GET", &key).await?;
    let signing = hand::signing(world);
    signing.presign(&mut request, Some("3600"))?;
    signing.header(&mut request)?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a client sends a {form} write of {string} with the {word} header {string}")]
async fn writes_with_header(
    world: &mut World,
    form: Form,
    key: String,
    how: String,
    line: String,
) -> StepResult {
    let request = hand::request(world, "PUT", &key).await?;
    let (name, value) = hand::header_line(world, &line)?;
    // A copy has no body of its own; with one, the refusal could be for that.
    let body = if name == "x-amz-copy-source" { "" } else { "draft" };
    send_with_header(world, form, request.holding(body), &how, (name, value)).await
}

#[when(expr = "a client sends a {form} read of {string} with the {word} header {string}")]
async fn reads_with_header(
    world: &mut World,
    form: Form,
    key: String,
    how: String,
    line: String,
) -> StepResult {
    let request = hand::request(world, "GET", &key).await?;
    let header = hand::header_line(world, &line)?;
    send_with_header(world, form, request, &how, header).await
}

#[then(expr = "the backend does not see the header {string}")]
async fn header_is_dropped(world: &mut World, name: String) -> StepResult {
    // Without a witness nothing but the success, which another step asserts, can be judged.
    let Some(seen) = world.seen().await? else { return Ok(()) };
    Failure::unless(!seen.is_empty(), || "the witness saw no request at all".to_owned())?;
    let bearer = seen.iter().find(|request| request.headers.contains_key(&name));
    Failure::unless(bearer.is_none(), || {
        format!("it came with {}", bearer.map(|request| request.summary()).unwrap_or_default())
    })
}

async fn send_with_header(
    world: &mut World,
    form: Form,
    mut request: Request,
    how: &str,
    header: (String, String),
) -> StepResult {
    let signing = hand::signing(world);
    match how {
        "signed" => {
            request.headers.push(header);
            form.sign(&signing, &mut request)?;
        }
        "unsigned" => {
            form.sign(&signing, &mut request)?;
            request.headers.push(header);
        }
        _ => return Err(Failure::new(format!("a header is not `{how}`"))),
    }
    hand::mark_and_send(world, &request).await
}

/// A write whose every part can change without making it another kind of request.
async fn write_of(world: &mut World, key: &str) -> Result<Request, Failure> {
    Ok(hand::request(world, "PUT", key)
        .await?
        .parameter("x-id", "PutObject")
        .header("content-type", "text/plain")
        .header("x-amz-meta-note", "first")
        .holding("forged"))
}

async fn listing(world: &mut World) -> Result<Request, Failure> {
    Ok(hand::request(world, "GET", "")
        .await?
        .parameter("list-type", "2")
        .parameter("max-keys", "10")
        .parameter("prefix", "led")
        .parameter("delimiter", "0"))
}

/// Changes one part of a request; everything else stays as it was.
fn change(request: &mut Request, part: &str) -> StepResult {
    match part {
        "nothing" => {}
        "method" => request.method = "DELETE".to_owned(),
        "path" => request.path = hand::change_last(&request.path),
        "parameter's value" => change_parameter(request, "x-id")?,
        "number of parameters" => request.query.push(("x-id-2".to_owned(), "0".to_owned())),
        "host" => {
            let host = header(request, "host")?;
            *host = host.replace("127.0.0.1", "localhost");
        }
        "content type" => change_header(request, "content-type")?,
        "metadata" => change_header(request, "x-amz-meta-note")?,
        "metadata's presence" => request.headers.retain(|(name, _)| name != "x-amz-meta-note"),
        "date" => {
            let stamp = header(request, "x-amz-date")?;
            *stamp = format!("{}Z", hand::change_last(stamp.trim_end_matches('Z')));
        }
        "body and its hash" => {
            request.body = b"forgeD".to_vec();
            let hash = sha256(&request.body);
            if let Some(value) = request.header_mut("x-amz-content-sha256") {
                *value = hash;
            }
        }
        _ => change_authorization(header(request, "authorization")?, part)?,
    }
    Ok(())
}

fn change_authorization(value: &mut String, part: &str) -> StepResult {
    let (head, signature) = split(value, "Signature=")?;
    let (scheme, list) = split(head, "SignedHeaders=")?;
    let (before, credential) = split(scheme, "Credential=")?;
    let mut fields: Vec<String> =
        credential.trim_end_matches([',', ' ']).split('/').map(str::to_owned).collect();
    let at = ["access key id", "scope's date", "region", "service", "terminator"];
    if let Some(field) =
        at.iter().position(|name| *name == part).and_then(|index| fields.get_mut(index))
    {
        *field = hand::change_last(field);
        *value = format!(
            "{before}Credential={}, SignedHeaders={list}Signature={signature}",
            fields.join("/")
        );
        return Ok(());
    }
    *value = match part {
        "signature's last digit" => format!("{head}Signature={}", hand::change_last(signature)),
        "signature's first digit" => {
            let other = if signature.starts_with('0') { '1' } else { '0' };
            format!("{head}Signature={other}{}", signature.get(1..).unwrap_or_default())
        }
        "signature's length" => {
            format!("{head}Signature={}", signature.get(..63).unwrap_or_default())
        }
        "signature to nothing" => format!("{head}Signature="),
        "list of signed headers" => value.replace("content-type;", ""),
        _ => return Err(Failure::new(format!("a write has no `{part}`"))),
    };
    Ok(())
}

/// A header that is shaped otherwise than a good one.
fn reshape(good: &str, shape: &str) -> Result<String, Failure> {
    let (head, signature) = split(good, ", Signature=")?;
    let (scheme, list) = split(head, ", SignedHeaders=")?;
    let (algorithm, credential) = split(scheme, " Credential=")?;
    let (id, scope) = split(credential, "/")?;
    Ok(match shape {
        "as it should be" => good.to_owned(),
        "that is empty" => String::new(),
        "that names the algorithm alone" => algorithm.to_owned(),
        "that ends after the algorithm's blank" => format!("{algorithm} "),
        "of another scheme" => "Bearer 0123456789abcdef".to_owned(),
        "with a password" => "Basic dXNlcjpwYXNzd29yZA==".to_owned(),
        "with an unknown algorithm" => good.replace("SHA256", "SHA512"),
        "with the asymmetric algorithm" => good.replace("AWS4-HMAC", "AWS4-ECDSA-P256"),
        "without a credential" => good.replace(&format!("Credential={credential}, "), ""),
        "without signed headers" => good.replace(&format!("SignedHeaders={list}, "), ""),
        "without a signature" => head.to_owned(),
        "with two credentials" => format!("{good}, Credential={credential}"),
        "with two signatures" => format!("{good}, Signature={signature}"),
        "with an empty list of signed headers" => good.replace(list, ""),
        "with an empty key id" => good.replace(id, ""),
        "with an empty credential" => good.replace(credential, ""),
        "with a scope of three parts" => good.replace(scope, "20261123/us-east-1/s3"),
        "with a scope of five parts" => good.replace(scope, &format!("{scope}/more")),
        "with a scope that has no date" => {
            good.replace(scope, "yesterday/us-east-1/s3/aws4_request")
        }
        "with a signature that is not hexadecimal" => good.replace(signature, &"z".repeat(64)),
        "with a signature of 65 digits" => format!("{good}0"),
        "with a quote in its key id" => good.replace(id, "' OR '1'='1"),
        "with bytes above ASCII" => good.replace(id, "schlüssel"),
        "of sixteen thousand characters" => good.replace(id, &"A".repeat(16_000)),
        _ => return Err(Failure::new(format!("no header is shaped `{shape}`"))),
    })
}

/// Signs consistently, but for something else than the request is.
fn deviate(signing: &mut Signing, how: &str) -> StepResult {
    match how {
        "the region that is configured" | "the day that it is dated" => {}
        "another region" => signing.region = "eu-west-3".to_owned(),
        "yesterday's scope" => signing.scope_day = signing.date.date().previous_day(),
        "tomorrow's scope" => signing.scope_day = signing.date.date().next_day(),
        "another service" => signing.service = "ec2".to_owned(),
        "another terminator" => signing.terminator = "aws5_request".to_owned(),
        "another algorithm's name" => signing.algorithm = "AWS4-HMAC-SHA512".to_owned(),
        _ => return Err(Failure::new(format!("nobody signs for `{how}`"))),
    }
    Ok(())
}

fn change_parameter(request: &mut Request, name: &str) -> StepResult {
    let value = request
        .parameter_mut(name)
        .ok_or_else(|| Failure::new(format!("there is no parameter `{name}`")))?;
    *value = hand::change_last(value);
    Ok(())
}

fn change_header(request: &mut Request, name: &str) -> StepResult {
    let value = header(request, name)?;
    *value = hand::change_last(value);
    Ok(())
}

fn header<'a>(request: &'a mut Request, name: &str) -> Result<&'a mut String, Failure> {
    request.header_mut(name).ok_or_else(|| Failure::new(format!("there is no `{name}`")))
}

fn split<'a>(text: &'a str, at: &str) -> Result<(&'a str, &'a str), Failure> {
    text.split_once(at).ok_or_else(|| Failure::new(format!("`{text}` has no `{at}`")))
}
