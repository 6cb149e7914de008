//! Steps of features/gitops/applies.feature: applies beside kills, traffic, others, and replicas.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use cucumber::{given, then, when};
use futures::future::join_all;
use serde_json::{Value, json};

use super::gitops::{SECRET, read_at, section, session, user};
use super::shutdown::launch;
use crate::admin::{self, Fields as _};
use crate::exchange::Exchange;
use crate::failure::{Failure, StepResult};
use crate::lane::{Evidence, Lane};
use crate::sdk::{Retries, Sdk};
use crate::world::World;

const SECTION: &str = "/config/section/access";

#[given(expr = "the section of key {string} is applied")]
async fn applied(world: &mut World, key: String) -> StepResult {
    sends(world, key).await?;
    expect(world.answer()?, 200)
}

#[when(expr = "the section of key {string} is sent")]
async fn sends(world: &mut World, key: String) -> StepResult {
    let body = section(world, &key);
    world.last_exchange = Some(put(world.lane(), &body).await?);
    Ok(())
}

#[when(expr = "the section of key {string} is sent without groups")]
async fn sends_bare(world: &mut World, key: String) -> StepResult {
    let mut body = section(world, &key);
    if let Some(user) = body.pointer_mut("/iam_users/0/groups") {
        *user = json!([]);
    }
    if let Some(groups) = body.pointer_mut("/iam_groups") {
        *groups = json!([]);
    }
    world.last_exchange = Some(put(world.lane(), &body).await?);
    Ok(())
}

/// Moments are spread over what an apply was seen to take, and somewhat beyond.
#[then(expr = "of {int} applies that a kill interrupts each leaves the old or the new")]
async fn interrupted(world: &mut World, count: u32) -> StepResult {
    let key = |round: u32| format!("AKIAROUND{round:03}");
    applied(world, key(0)).await?;
    let (mut held, mut olds) = (key(0), 0);
    for round in 1..=count {
        let began = Instant::now();
        // What is already so is applied again, to see how long it takes now.
        applied(world, held.clone()).await?;
        let took = began.elapsed();
        let (task, body) = (Arc::clone(world.lane()), section(world, &key(round)));
        let apply = tokio::spawn(async move { put(&task, &body).await.map(drop) });
        tokio::time::sleep(took * (round * 7 % 12) / 8).await;
        let subject = world.subject.as_mut().ok_or_else(|| Failure::new("no subject"))?;
        subject.kill().await?;
        let _ = apply.await;
        subject.start_again().await?;
        world.meet_again()?;
        let found = user(world.lane(), "ci").await?.field("access_key_id").clone();
        olds += usize::from(found == json!(held));
        let known = [held, key(round)].into_iter().find(|it| found == json!(it));
        held = known.ok_or_else(|| Failure::new(format!("round {round}: the key is {found}")))?;
        // The file says the same as the database: nothing is left to be done.
        let (lane, body) = (Arc::clone(world.lane()), section(world, &held).to_string());
        let path = format!("{SECTION}/validate");
        let answer = session(&lane, "POST", &path, Some(body)).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        Failure::unless(text.contains("no IAM changes"), || format!("round {round}: {text}"))?;
    }
    // Kills that all came before, or all after, would have shown nothing.
    let both = 0 < olds && olds < count as usize;
    Failure::unless(both, || format!("{olds} of {count} kills left the old state"))
}

#[when(expr = "{int} different sections are applied at once")]
async fn at_once(world: &mut World, count: usize) -> StepResult {
    let lane = Arc::clone(world.lane());
    applied(world, "AKIAROUND999".to_owned()).await?;
    let bodies: Vec<Value> =
        (0..count).map(|it| section(world, &format!("AKIAROUND{it:03}"))).collect();
    let answers = join_all(bodies.iter().map(|body| put(&lane, body))).await;
    world.found.answers = answers.into_iter().collect::<Result<_, _>>()?;
    Ok(())
}

#[then(expr = "each answer is {int} or {int} {string}, and one at least is {int}")]
async fn either(world: &mut World, won: u16, lost: u16, code: String, once: u16) -> StepResult {
    let answers = &world.found.answers;
    let text = |it: &Exchange| String::from_utf8_lossy(&it.body).into_owned();
    let fits = |it: &&Exchange| it.status == won || it.status == lost && text(it).contains(&code);
    let other = answers.iter().find(|it| !fits(it));
    Failure::unless(other.is_none(), || format!("one is {:?}", other.map(text)))?;
    Failure::unless(answers.iter().any(|it| it.status == once), || "none was".to_owned())
}

#[then("the key in service is one of those that were answered 200")]
async fn winner(world: &mut World) -> StepResult {
    let found = user(world.lane(), "ci").await?.field("access_key_id").clone();
    let won = |(index, answer): (usize, &Exchange)| {
        answer.status == 200 && found == json!(format!("AKIAROUND{index:03}"))
    };
    let known = world.found.answers.iter().enumerate().any(won);
    Failure::unless(known, || format!("it is {found}"))
}

#[when(expr = "{int} times a change of the users and one of the log filter are applied at once")]
async fn two_sections(world: &mut World, count: usize) -> StepResult {
    let lane = Arc::clone(world.lane());
    let subject = world.subject.as_ref().ok_or_else(|| Failure::new("no subject"))?;
    for round in 0..count {
        let key = format!("AKIAROUND{round:03}");
        let filter = format!("info,round{round}=debug");
        let (users, log) = (section(world, &key), json!({ "log_level": filter }).to_string());
        let log = session(&lane, "PUT", "/config/section/advanced", Some(log));
        let (users, log) = futures::future::try_join(put(&lane, &users), log).await?;
        let text = std::fs::read_to_string(subject.config())?;
        for (answer, change) in [(users, key), (log, filter)] {
            let lost = answer.status == 200 && !text.contains(&change);
            Failure::unless(!lost, || format!("round {round}: `{change}` is lost in\n{text}"))?;
            let known = [200, 409].contains(&answer.status);
            Failure::unless(known, || format!("round {round}: it answered {}", answer.status))?;
            world.found.connections += usize::from(answer.status == 200);
        }
    }
    Ok(())
}

#[then("each time the file has every change that was answered 200")]
async fn none_lost(world: &mut World) -> StepResult {
    // The step before ends with the first that is lost.
    Failure::unless(world.found.connections > 0, || "none was answered 200".to_owned())
}

#[when(
    expr = "the administrator sends the section back as it is shown, with {string} become {string}"
)]
async fn sends_back(world: &mut World, before: String, after: String) -> StepResult {
    let shown = session(world.lane(), "GET", SECTION, None).await?;
    let text = String::from_utf8_lossy(&shown.body).into_owned();
    let hidden = text.contains(&before) && !text.contains(SECRET);
    Failure::unless(hidden, || format!("it shows {text}"))?;
    let sent = session(world.lane(), "PUT", SECTION, Some(text.replace(&before, &after))).await?;
    world.last_exchange = Some(sent);
    Ok(())
}

#[when(expr = "{int} applies switch between two documents while the user of both reads {string}")]
async fn under_traffic(world: &mut World, count: usize, key: String) -> StepResult {
    applied(world, "AKIAROUND001".to_owned()).await?;
    let (lane, scenario) = (Arc::clone(world.lane()), world.scenario().to_owned());
    let bucket = world.bucket().await?;
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (lane, scenario, done) = (Arc::clone(&lane), scenario.clone(), Arc::clone(&done));
            let place = (bucket.clone(), key.clone());
            tokio::spawn(async move {
                let pair = Some(("AKIAROUND001", SECRET));
                let sdk = Sdk::with_credentials(&lane, &scenario, Retries::Off, pair)?;
                let mut served = 0_usize;
                while !done.load(Ordering::Relaxed) {
                    sdk.client.get_object().bucket(&place.0).key(&place.1).send().await?;
                    served += 1;
                }
                Ok::<_, Failure>(served)
            })
        })
        .collect();
    for round in 0..count {
        let mut body = section(world, "AKIAROUND001");
        let other = json!({
            "name": format!("other-{}", round % 2),
            "access_key_id": format!("AKIAOTHER{}", round % 2),
            "secret_access_key": SECRET,
        });
        if let Some(users) = body.pointer_mut("/iam_users").and_then(Value::as_array_mut) {
            users.insert(round % 2, other);
        }
        if let Some(group) = body.pointer_mut("/iam_groups/0").and_then(Value::as_object_mut) {
            group.insert("description".to_owned(), json!(format!("round {round}")));
        }
        expect(&put(world.lane(), &body).await?, 200)?;
    }
    done.store(true, Ordering::Relaxed);
    let mut served = 0;
    for reader in readers {
        served += reader.await??;
    }
    world.found.connections = served;
    // One for each apply at least, or the traffic was none.
    Failure::unless(served >= count, || format!("only {served} reads were made"))
}

#[then("every one of its reads was served")]
async fn all_served(world: &mut World) -> StepResult {
    // The step before ends with the first read that is not.
    Failure::unless(world.found.connections > 0, || "there were none".to_owned())
}

#[given("a proxy of the scenario's own and a second one with a user of its own")]
async fn replicas(world: &mut World) -> StepResult {
    super::shutdown::own_proxy(world).await?;
    let lane = Arc::clone(world.lane());
    let launch = launch(&lane)?;
    let second = launch.start(lane.scheme, None).await?;
    let own = Lane::of(launch, &second, lane.name.clone(), lane.scheme, Evidence::Effects)?;
    admin::ask(&own, "POST", "/users", Some(json!({ "name": "own" }))).await?;
    world.replica = Some((second, Arc::new(own)));
    Ok(())
}

#[then(expr = "after each of {int} documents both export and decide alike")]
async fn alike(world: &mut World, count: usize) -> StepResult {
    let (_, second) = world.replica.as_ref().ok_or_else(|| Failure::new("no second proxy"))?;
    let lanes = [Arc::clone(world.lane()), Arc::clone(second)];
    let (bucket, scenario) = (world.bucket_name(), world.scenario().to_owned());
    for lane in &lanes {
        let sdk = Sdk::new(lane, &scenario, Retries::Stock)?;
        sdk.client.create_bucket().bucket(&bucket).send().await?;
        sdk.client.put_object().bucket(&bucket).key("k").send().await?;
    }
    let keys: Vec<String> = (0..count).map(|it| format!("AKIAROUND{it:03}")).collect();
    for (round, applied) in keys.iter().enumerate() {
        let body = section(world, applied);
        let mut exports = Vec::new();
        for lane in &lanes {
            expect(&put(lane, &body).await?, 200)?;
            let path = "/config/declarative-iam-export";
            exports.push(session(lane, "GET", path, None).await?.body);
            for key in &keys {
                let place = (bucket.as_str(), "k");
                let refused = read_at(lane, &scenario, (key, SECRET), place).await?;
                let wanted = (key != applied).then(|| "InvalidAccessKeyId".to_owned());
                let told = || format!("round {round}: {key} is answered {refused:?}");
                Failure::unless(refused == wanted, told)?;
            }
        }
        let equal = exports.windows(2).all(|two| two.first() == two.last());
        Failure::unless(equal, || format!("round {round}: the exports differ: {exports:?}"))?;
    }
    Ok(())
}

async fn put(lane: &Lane, body: &Value) -> Result<Exchange, Failure> {
    session(lane, "PUT", SECTION, Some(body.to_string())).await
}

fn expect(answer: &Exchange, status: u16) -> StepResult {
    Failure::unless(answer.status == status, || {
        format!("it answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body))
    })
}
