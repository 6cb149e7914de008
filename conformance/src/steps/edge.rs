//! Steps about the address itself: subjects with settings of their own, the admin beside them.

use std::net::SocketAddr;
use std::sync::Arc;

use cucumber::{given, then, when};

use super::hand;
use crate::failure::{Failure, StepResult};
use crate::lane::{Evidence, Lane};
use crate::probe;
use crate::subject::free_address;
use crate::world::World;

#[given(expr = "a proxy whose admin has its own address")]
async fn own_admin(world: &mut World) -> StepResult {
    let address = free_address()?;
    let setting = [("DGP_ADMIN_LISTEN_ADDR", address.to_string())];
    start_with(world, &setting, Some(address)).await?;
    world.admin_addr = Some(address);
    Ok(())
}

#[when(expr = "a client asks {string} at the address of the admin")]
async fn asks_admin(world: &mut World, path: String) -> StepResult {
    let addr = world.admin_addr.ok_or_else(|| Failure::new("the admin has no own address"))?;
    let path = world.fill(&path);
    let lane = Arc::clone(world.lane());
    let host = addr.to_string();
    world.last_exchange = Some(probe::get(addr, lane.ca_pem.as_deref(), &host, &path).await?);
    Ok(())
}

#[when(expr = "a client asks {string} at the S3 address")]
async fn asks_s3(world: &mut World, path: String) -> StepResult {
    let (lane, path) = (Arc::clone(world.lane()), world.fill(&path));
    let answer = probe::get(lane.addr, lane.ca_pem.as_deref(), &lane.host, &path).await?;
    world.last_exchange = Some(answer);
    Ok(())
}

#[when(expr = "a client signs a {word} of {string}")]
async fn signs(world: &mut World, method: String, key: String) -> StepResult {
    let mut request = hand::request(world, &method, &key).await?;
    hand::signing(world).header(&mut request)?;
    hand::mark_and_send(world, &request).await
}

#[then("a browser takes the answer for no page of this origin")]
async fn is_no_page(world: &mut World) -> StepResult {
    let answer = world.answer()?;
    let policy = answer.header("content-security-policy").unwrap_or_default();
    let sandboxed = policy.split(';').any(|part| part.trim() == "sandbox");
    let sniffed = answer.header("x-content-type-options") != Some("nosniff");
    Failure::unless(sandboxed && !sniffed, || format!("its headers are {:?}", answer.headers))
}

/// Continues the scenario against a subject with further settings, on its own store.
pub async fn start_with(
    world: &mut World,
    settings: &[(&str, String)],
    health_at: Option<SocketAddr>,
) -> StepResult {
    let lane = Arc::clone(world.lane());
    let mut launch = lane.launch.clone().ok_or_else(|| {
        Failure::new("not tested: the suite cannot start a subject of this target")
    })?;
    let pairs = settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    launch.target.environment.extend(pairs);
    launch.health_at = health_at;
    let subject = launch.start(lane.scheme, None).await?;
    let own = Lane::of(&launch, &subject, lane.name.clone(), lane.scheme, Evidence::Effects)?;
    world.move_to(own, Box::new(subject))
}
