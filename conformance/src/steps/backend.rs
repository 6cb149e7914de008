//! Steps of features/data-plane/backend.feature: what a client sees of a broken backend.

use std::sync::Arc;

use cucumber::{given, then, when};

use super::connections::{head, presigned_get};
use super::objects::pattern;
use super::settle;
use crate::failure::{Failure, StepResult};
use crate::faults::{CONTENT, Fault, FaultyStore};
use crate::lane::{Credentials, Evidence, Lane};
use crate::probe;
use crate::sdk::{Retries, Sdk};
use crate::store::StoreAddress;
use crate::world::World;

#[given(expr = "a proxy whose store {fault}")]
async fn proxy_with_store(world: &mut World, fault: Fault) -> StepResult {
    let lane = Arc::clone(world.lane());
    let launch = lane.launch.as_ref().ok_or_else(|| {
        Failure::new("not tested: the suite cannot start a subject of this target")
    })?;
    let store = FaultyStore::start(fault).await?;
    let address = StoreAddress {
        url: format!("http://{}", store.addr),
        credentials: Credentials {
            access_key_id: STORE_KEY.to_owned(),
            secret_access_key: "store-secret".to_owned(),
        },
    };
    let subject = launch.start(lane.scheme, Some(&address)).await?;
    let own = Lane::of(launch, &subject, lane.name.clone(), lane.scheme, Evidence::Effects)?;
    world.move_to(own, Box::new((store, subject)))
}

#[when("a client reads an object through it")]
async fn reads(world: &mut World) -> StepResult {
    let url = presigned_get(world, "some/object.txt").await?;
    let lane = Arc::clone(world.lane());
    let answer = probe::send(&lane, &head("GET", &url, &lane.host, &["Connection: close"])).await?;
    world.found.body = answer.exchange.body.to_vec();
    world.found.complete = answer.complete;
    world.last_exchange = Some(answer.exchange);
    Ok(())
}

#[when("a client stores an object through it")]
async fn stores(world: &mut World) -> StepResult {
    let sdk = Sdk::new(world.lane(), world.scenario(), Retries::Off)?;
    let bucket = world.bucket_name();
    let put = sdk.client.put_object().bucket(bucket).key("k").body(pattern(100_000).into());
    settle(world, &sdk, put.send().await)?;
    Ok(())
}

#[then("the whole object arrives")]
async fn arrives(world: &mut World) -> StepResult {
    let answer = world.answer()?;
    let whole = answer.status == 200 && world.found.complete;
    Failure::unless(whole && world.found.body == CONTENT.as_bytes(), || {
        format!("status {}, {} bytes", answer.status, world.found.body.len())
    })
}

#[then("the failure is the proxy's own")]
async fn is_the_proxys(world: &mut World) -> StepResult {
    let answer = world.answer()?;
    Failure::unless((502..=504).contains(&answer.status), || {
        format!("the client is told {} {:?}", answer.status, answer.code())
    })?;
    let shown = format!("{:?} {}", answer.headers, String::from_utf8_lossy(&answer.body));
    Failure::unless(!shown.contains(STORE_KEY), || "the store's key id is shown".to_owned())
}

#[then("no shortened answer passes for a whole one")]
async fn not_passed_off(world: &mut World) -> StepResult {
    let answer = world.answer()?;
    let failed = (502..=504).contains(&answer.status);
    Failure::unless(failed || !world.found.complete, || {
        format!("status {} and {} bytes, complete", answer.status, world.found.body.len())
    })
}

/// The key id that these subjects have for their store.
const STORE_KEY: &str = "store-key-id";
