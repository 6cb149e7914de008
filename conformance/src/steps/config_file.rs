//! Steps of features/gitops/file.feature: what is on disk, and who reads it when.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use cucumber::{given, then, when};

use crate::failure::{Failure, StepResult};
use crate::subject::Subject;
use crate::world::World;

/// How long a subject may take over a reload.
const RELOAD: Duration = Duration::from_secs(60);

#[then(expr = "the file has {string} and not {string}")]
async fn file_has(world: &mut World, has: String, lacks: String) -> StepResult {
    let text = fs::read_to_string(path(world)?)?;
    Failure::unless(text.contains(&has) && !text.contains(&lacks), || text)
}

#[then("nobody else may read the file")]
async fn is_private(world: &mut World) -> StepResult {
    let mode = fs::metadata(path(world)?)?.permissions().mode() & 0o777;
    Failure::unless(mode == 0o600, || format!("its mode is {mode:o}"))
}

#[given("the file has a comment at the bootstrap pair")]
async fn has_comment(world: &mut World) -> StepResult {
    replace(world, "access:\n", "access:  # by review\n")?;
    reload(world).await
}

#[given(regex = "^the file is (read-only|writable)$")]
async fn mode(world: &mut World, what: String) -> StepResult {
    let mode = if what == "writable" { 0o600 } else { 0o444 };
    Ok(fs::set_permissions(path(world)?, fs::Permissions::from_mode(mode))?)
}

#[given("the file switches to declarative mode without users")]
async fn switches(world: &mut World) -> StepResult {
    replace(world, "access:\n", "access:\n  iam_mode: declarative\n")
}

#[given(expr = "the file's {string} has become {string}")]
#[when(expr = "the file's {string} becomes {string}")]
async fn becomes(world: &mut World, before: String, after: String) -> StepResult {
    replace(world, &before, &after)
}

#[when(expr = "the file's {string} becomes {string} and it is told to reload")]
async fn becomes_and_reloads(world: &mut World, before: String, after: String) -> StepResult {
    replace(world, &before, &after)?;
    reload(world).await
}

/// Waits until the subject has said what became of it.
#[when("it is told to reload")]
async fn reload(world: &mut World) -> StepResult {
    let subject = own(world)?;
    let said = |subject: &Subject| subject.log().matches("was read again").count();
    let before = said(subject);
    subject.reload().await?;
    let limit = Instant::now() + RELOAD;
    while Instant::now() < limit {
        if said(subject) > before {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err(Failure::new(format!("it says nothing of a reload:\n{}", subject.log_tail())))
}

#[then(expr = "the log names {string}")]
async fn log_names(world: &mut World, text: String) -> StepResult {
    let log = own(world)?.log();
    Failure::unless(log.contains(&text), || log)
}

#[when("it is stopped")]
async fn stopped(world: &mut World) -> StepResult {
    own(world)?.stop().await
}

#[when("it starts again")]
async fn starts(world: &mut World) -> StepResult {
    own(world)?.start_again().await?;
    world.meet_again()
}

#[then(expr = "it does not start again, and says {string}")]
async fn does_not_start(world: &mut World, text: String) -> StepResult {
    let status = own(world)?.start_in_vain().await?;
    Failure::unless(!status.success(), || "it ended without an error".to_owned())?;
    log_names(world, text).await
}

fn replace(world: &mut World, before: &str, after: &str) -> StepResult {
    let path = path(world)?;
    let text = fs::read_to_string(&path)?;
    Failure::unless(text.contains(before), || format!("the file has no `{before}`:\n{text}"))?;
    // As editors and version control do it: a new file in the place of the old one.
    let new = path.with_extension("new");
    fs::write(&new, text.replacen(before, after, 1))?;
    Ok(fs::rename(new, path)?)
}

fn path(world: &mut World) -> Result<PathBuf, Failure> {
    Ok(own(world)?.config())
}

fn own(world: &mut World) -> Result<&mut Subject, Failure> {
    world.subject.as_mut().ok_or_else(|| Failure::new("the scenario has no subject of its own"))
}
