//! Steps about batch deletes as they stand on the wire.

use cucumber::{then, when};

use super::hand;
use crate::failure::{Failure, StepResult};
use crate::world::World;

#[when(expr = "a client removes {string} in a batch with the header {string}")]
async fn removes_with_header(world: &mut World, key: String, line: String) -> StepResult {
    let (name, value) = hand::header_line(world, &line)?;
    let request = hand::request(world, "POST", "").await?.parameter("delete", "");
    let list = format!("<Delete><Object><Key>{key}</Key></Object></Delete>");
    let mut request = request.header(&name, &value).holding(list);
    hand::signing(world).header(&mut request)?;
    hand::mark_and_send(world, &request).await
}

#[then(expr = "the batch is answered in the order {string}")]
async fn in_order(world: &mut World, wanted: String) -> StepResult {
    let body = String::from_utf8_lossy(&world.answer()?.body).into_owned();
    let parts = body.split("<Key>").skip(1);
    let keys: Vec<_> = parts.filter_map(|part| part.split_once("</Key>")).map(|it| it.0).collect();
    Failure::unless(keys.join(" ") == wanted, || format!("it is {keys:?}"))
}

/// What a store cannot check it may call wrong or not implemented; it may not be silent.
#[then("the request is refused, or not implemented")]
async fn refused_or_not_implemented(world: &mut World) -> StepResult {
    let answer = world.answer()?;
    Failure::unless((400..500).contains(&answer.status) || answer.status == 501, || {
        format!("it answered {} {:?}", answer.status, answer.code())
    })
}
