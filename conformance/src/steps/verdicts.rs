//! Given and Then steps that any area may use.

use cucumber::{given, then};

use crate::failure::{Failure, StepResult};
use crate::world::World;

#[given("a bucket")]
async fn a_bucket(world: &mut World) -> StepResult {
    world.bucket().await?;
    Ok(())
}

#[given(expr = "the object {string} holding {string}")]
async fn an_object(world: &mut World, key: String, content: String) -> StepResult {
    world.put(&world.fill(&key), content).await
}

#[then(expr = "the client receives {string}")]
async fn client_receives(world: &mut World, content: String) -> StepResult {
    Failure::unless(world.found.body == content.as_bytes(), || {
        format!("it received `{}`", String::from_utf8_lossy(&world.found.body))
    })
}

#[then(expr = "the request is denied with {word}")]
async fn denied_with(world: &mut World, code: String) -> StepResult {
    let answer = world.answer()?;
    let refused = (400..500).contains(&answer.status);
    Failure::unless(refused && answer.code() == Some(code.as_str()), || {
        format!("expected a refusal with {code}, got {} {:?}", answer.status, answer.code())
    })
}

#[then("the request is refused")]
async fn refused(world: &mut World) -> StepResult {
    let answer = world.answer()?;
    Failure::unless((400..500).contains(&answer.status), || {
        format!("expected a refusal, got {} {:?}", answer.status, answer.code())
    })
}

#[then("the request succeeds")]
async fn succeeds(world: &mut World) -> StepResult {
    let answer = world.answer()?;
    Failure::unless((200..300).contains(&answer.status), || {
        format!(
            "expected success, got {} {:?} {:?}",
            answer.status,
            answer.code(),
            answer.message()
        )
    })
}

#[then("the backend receives no request")]
async fn backend_untouched(world: &mut World) -> StepResult {
    world.backend_untouched().await
}

#[then(expr = "the object {string} does not exist")]
async fn object_is_absent(world: &mut World, key: String) -> StepResult {
    let found = world.read(&key).await?;
    Failure::unless(found.is_none(), || format!("`{key}` exists"))
}

#[then(expr = "the object {string} holds {string}")]
async fn object_holds(world: &mut World, key: String, content: String) -> StepResult {
    let found = world.read(&key).await?;
    Failure::unless(found.as_deref() == Some(content.as_bytes()), || {
        let shown = found.as_deref().map(String::from_utf8_lossy);
        format!("`{key}` holds {shown:?}, not `{content}`")
    })
}

#[then(expr = "the subject answers {int}")]
async fn subject_answers(world: &mut World, status: u16) -> StepResult {
    let answer = world.answer()?;
    Failure::unless(answer.status == status, || {
        format!("it answered {} {:?}", answer.status, answer.code())
    })
}
