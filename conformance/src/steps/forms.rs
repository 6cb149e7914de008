//! Steps of features/data-plane/forms.feature: uploads by a browser's form.

use std::sync::Arc;

use cucumber::{given, then, when};
use serde_json::json;

use super::hand;
use super::objects::pattern;
use crate::failure::{Failure, StepResult};
use crate::wire::{Form, Request, Signing};
use crate::world::World;

/// What the forms of these scenarios bring.
const CONTENT: &str = "posted";

#[when(expr = "a browser posts a form for {string}")]
async fn posts(world: &mut World, key: String) -> StepResult {
    let form = form(world, &key).await?;
    post(world, &form, &hand::signing(world)).await
}

#[when(expr = "a browser posts a file named {string} by a form for {string}")]
async fn posts_named(world: &mut World, name: String, key: String) -> StepResult {
    let form = Form { file_name: name, ..form(world, &key).await? };
    post(world, &form, &hand::signing(world)).await
}

#[when(expr = "a browser posts {int} bytes by a form for {string}")]
async fn posts_bytes(world: &mut World, size: usize, key: String) -> StepResult {
    let form = Form { file: pattern(size), ..form(world, &key).await? };
    post(world, &form, &hand::signing(world)).await
}

#[when(expr = "a browser posts {int} bytes for {string} by a form that admits {int} to {int}")]
async fn posts_within(
    world: &mut World,
    size: usize,
    key: String,
    least: usize,
    most: usize,
) -> StepResult {
    let mut form = Form { file: pattern(size), ..form(world, &key).await? };
    form.conditions.push(json!(["content-length-range", least, most]));
    post(world, &form, &hand::signing(world)).await
}

#[when(expr = "a browser posts a form for {string} with {string} = {string}")]
async fn posts_with(world: &mut World, key: String, name: String, value: String) -> StepResult {
    let form = form(world, &key).await?.covered(&name, &value);
    post(world, &form, &hand::signing(world)).await
}

#[when(regex = r#"^a browser posts a form for "([^"]*)", and (.+)$"#)]
async fn posts_changed(world: &mut World, key: String, how: String) -> StepResult {
    let request = changed(world, &key, &how).await?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "a browser posts one form for {string} twice")]
async fn posts_twice(world: &mut World, key: String) -> StepResult {
    let form = form(world, &key).await?;
    let request = signed(world, &form, &hand::signing(world)).await?;
    world.mark().await?;
    let mut answers = Vec::new();
    for _ in 0..2 {
        hand::send(world, &request).await?;
        answers.push(world.answer()?.clone());
    }
    hand::keep_volley(world, answers);
    Ok(())
}

#[given(expr = "{string} signed a form for {string}")]
async fn user_signed(world: &mut World, name: String, key: String) -> StepResult {
    let (form, signing) = (form(world, &key).await?, signing_of(world, &name).await?);
    let request = signed(world, &form, &signing).await?;
    hand::record(world, request, std::time::Instant::now());
    Ok(())
}

#[when("somebody posts that form")]
async fn posts_recorded(world: &mut World) -> StepResult {
    let (request, _) = hand::recorded(world)?;
    hand::mark_and_send(world, &request).await
}

#[when(expr = "{string} posts a form for {string}")]
async fn user_posts(world: &mut World, name: String, key: String) -> StepResult {
    let (form, signing) = (form(world, &key).await?, signing_of(world, &name).await?);
    post(world, &form, &signing).await
}

#[when(expr = "{string} posts a form for {string} with {string} = {string}")]
async fn user_posts_with(
    world: &mut World,
    name: String,
    key: String,
    field: String,
    value: String,
) -> StepResult {
    let form = form(world, &key).await?.covered(&field, &value);
    let signing = signing_of(world, &name).await?;
    post(world, &form, &signing).await
}

#[then(expr = "the browser goes on to {string}")]
async fn goes_on(world: &mut World, start: String) -> StepResult {
    let bucket = world.bucket_name();
    let answer = world.answer()?;
    let place = answer.header("location").unwrap_or_default();
    let told = place.starts_with(&start)
        && place.contains(&format!("bucket={bucket}"))
        && place.contains("key=inbox%2Fa")
        && place.contains("etag=%22");
    Failure::unless(answer.status == 303 && told, || format!("{}, to `{place}`", answer.status))
}

#[then(expr = "the answer's document names the key {string}")]
async fn names_key(world: &mut World, key: String) -> StepResult {
    let bucket = world.bucket_name();
    let answer = world.answer()?;
    let named = answer.element("Key") == Some(key.as_str())
        && answer.element("Bucket") == Some(bucket.as_str())
        && answer.element("ETag").is_some_and(|etag| etag.len() > 30)
        && answer.element("Location").is_some_and(|place| place.ends_with(&key));
    Failure::unless(named, || String::from_utf8_lossy(&answer.body).into_owned())
}

#[then(expr = "the posted object {string} is tagged {string} = {string}")]
async fn is_tagged(world: &mut World, key: String, name: String, value: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let found = sdk.client.get_object_tagging().bucket(bucket).key(key).send().await?;
    let tagged = found.tag_set().iter().any(|tag| tag.key() == name && tag.value() == value);
    Failure::unless(tagged, || format!("its tags are {:?}", found.tag_set()))
}

async fn form(world: &mut World, key: &str) -> Result<Form, Failure> {
    Ok(Form::new(&world.bucket().await?, key, CONTENT))
}

async fn post(world: &mut World, form: &Form, signing: &Signing) -> StepResult {
    let request = signed(world, form, signing).await?;
    hand::mark_and_send(world, &request).await
}

async fn signed(world: &mut World, form: &Form, signing: &Signing) -> Result<Request, Failure> {
    let (bucket, host) = (world.bucket().await?, world.lane().host.clone());
    Ok(form.sign(signing)?.request(&bucket, &host))
}

async fn signing_of(world: &mut World, name: &str) -> Result<Signing, Failure> {
    world.user(name).await?;
    let key = world.key(name, 0)?;
    let base = hand::signing(world);
    Ok(Signing { access_key_id: key.access_key_id, secret: key.secret_access_key, ..base })
}

/// A form that differs from a good one in one thing.
async fn changed(world: &mut World, key: &str, how: &str) -> Result<Request, Failure> {
    let (bucket, host) = (world.bucket().await?, Arc::clone(world.lane()).host.clone());
    let mut form = form(world, key).await?;
    let mut signing = hand::signing(world);
    let meta = ("x-amz-meta-a".to_owned(), "b".to_owned());
    // What stands in it when it is signed.
    match how {
        "its policy has expired" => form.lasts = -5,
        "it was signed eight days ago" => {
            signing.date -= time::Duration::days(8);
            form.lasts = 30 * 24 * 3600;
        }
        "it was signed six days ago" => {
            signing.date -= time::Duration::days(6);
            form.lasts = 30 * 24 * 3600;
        }
        "it is signed an hour ahead" => signing.date += time::Duration::hours(1),
        "its policy is for other keys" => {
            form.conditions = vec![json!(["starts-with", "$key", "elsewhere/"])];
        }
        "its policy is for such keys" => {
            form.conditions = vec![json!(["starts-with", "$key", "inbox/"])];
        }
        "its policy is for this very key" => form.conditions = vec![json!({ "key": key })],
        "its policy is for another bucket" => form.policy_bucket = Some(format!("{bucket}-other")),
        "its policy names no bucket" => form.policy_bucket = None,
        "its policy names no key" => form.conditions.clear(),
        "its policy asks for a field that it lacks" => {
            form.conditions.push(json!({ "acl": "private" }));
        }
        "its policy has an operator that nobody knows" => {
            form.conditions.push(json!(["matches", "$key", "."]));
        }
        "a field of it is covered by no condition" => form.fields.push(meta.clone()),
        "an ACL in it is covered by no condition" => {
            form.fields.push(("acl".to_owned(), "public-read".to_owned()));
        }
        "a field of it is covered by a condition" => form = form.covered(&meta.0, &meta.1),
        "a field of it is to be ignored" => {
            form.fields.push(("x-ignore-me".to_owned(), "b".to_owned()));
        }
        "it carries tags" => {
            let tag = "<Tag><Key>colour</Key><Value>red</Value></Tag>";
            let tags = format!("<Tagging><TagSet>{tag}</TagSet></Tagging>");
            form = form.covered("tagging", &tags);
        }
        "it copies another object" => {
            form = form.covered("x-amz-copy-source", &format!("/{bucket}/{key}"));
        }
        "its secret is another one's" => signing.secret.push('x'),
        "its key id is nobody's" => signing.access_key_id.push('x'),
        "its scope is of another service" => "ec2".clone_into(&mut signing.service),
        _ => {}
    }
    let mut signed = form.sign(&signing)?;
    // What is changed afterwards.
    match how {
        "its signature is changed" => {
            let value = signed.field_mut("x-amz-signature")?;
            *value = hand::change_last(value);
        }
        "its policy is changed" => {
            let other =
                Form { lasts: 6000, ..form.clone() }.sign(&signing)?.field_mut("policy")?.clone();
            *signed.field_mut("policy")? = other;
        }
        "its signature is missing" => signed.fields.retain(|(name, _)| name != "x-amz-signature"),
        "its policy is missing" => signed.fields.retain(|(name, _)| name != "policy"),
        "it is not signed at all" => {
            let keeps = |name: &str| !name.starts_with("x-amz-") && name != "policy";
            signed.fields.retain(|(name, _)| keeps(name));
        }
        "its policy is no document" => {
            let text = "bm90IGpzb24=".to_owned();
            *signed.field_mut("x-amz-signature")? = signing.sign_text(&text)?;
            *signed.field_mut("policy")? = text;
        }
        "a field of it stands twice" => {
            signed.fields.push(("Key".to_owned(), "elsewhere".to_owned()));
        }
        "it has no key" => signed.fields.retain(|(name, _)| name != "key"),
        "it has no file" => signed.file = None,
        "its fields are longer than any" => {
            signed.fields.push(("x-ignore-a".to_owned(), "a".repeat(30_000)));
        }
        "its fields are in other letters" => {
            for (name, _) in &mut signed.fields {
                *name = name.to_uppercase();
            }
        }
        _ => {}
    }
    let mut request = signed.request(&bucket, &host);
    // What stands around it.
    match how {
        "it ends in the middle of its file" => {
            let at = request.body.windows(CONTENT.len()).rposition(|it| it == CONTENT.as_bytes());
            request.body.truncate(at.unwrap_or_default() + 3);
        }
        "its boundary is another one" => {
            if let Some(kind) = request.header_mut("content-type") {
                kind.push('x');
            }
        }
        "its boundary is missing" => {
            if let Some(kind) = request.header_mut("content-type") {
                "multipart/form-data".clone_into(kind);
            }
        }
        "an ACL header stands beside it" => {
            request = request.header("x-amz-acl", "public-read");
        }
        "an ACL parameter stands beside it" => {
            request = request.parameter("x-amz-acl", "public-read");
        }
        "another field follows its file" => {
            let end = request.body.len().saturating_sub(4);
            let boundary = request.body.split(|byte| *byte == b'\r').next().map(<[u8]>::to_vec);
            let boundary = String::from_utf8(boundary.unwrap_or_default())?;
            request.body.truncate(end - boundary.len());
            let part = "Content-Disposition: form-data; name=\"submit\"\r\n\r\nUpload";
            let tail = format!("{boundary}\r\n{part}\r\n{boundary}--\r\n");
            request.body.extend_from_slice(tail.as_bytes());
        }
        _ => {}
    }
    Ok(request)
}
