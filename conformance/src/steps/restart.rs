//! Steps of features/admin/restarts.feature: a subject that ends and starts on its own state.

use cucumber::{given, when};

use super::iam_requests;
use crate::failure::{Failure, StepResult};
use crate::world::World;

#[given(regex = r"^it was (stopped|killed) and started again$")]
#[when(regex = r"^it is (stopped|killed) and starts again$")]
async fn restarted(world: &mut World, end: String) -> StepResult {
    let subject = world
        .subject
        .as_mut()
        .ok_or_else(|| Failure::new("the scenario has no subject of its own"))?;
    match end.as_str() {
        "killed" => subject.kill().await?,
        _ => subject.stop().await?,
    }
    subject.start_again().await?;
    world.meet_again()
}

#[given(expr = "{string} was refused {string}")]
pub(super) async fn was_refused(world: &mut World, name: String, key: String) -> StepResult {
    iam_requests::sends(world, name, "GetObject".to_owned(), key).await?;
    let status = world.answer()?.status;
    Failure::unless(status == 403, || format!("it got {status}"))
}
