//! The proxy on its embedded store, killed while it works: what it acknowledged is there.
//!
//! Several clients put, overwrite, copy, delete and complete multipart uploads, each on keys of
//! its own and one after the other, so that the fate of every key is known: it is as it was
//! acknowledged, or as the one request meant it that was under way at the kill, whole.
//! `KILLS=300 KILL_SEED=7 cargo test -p deltaglider-proxy --test kill -- --nocapture` asks for more.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may fail loudly"
)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use support::client::Client;
use support::load::{Random, Worker};
use support::server::Server;

const WORKERS: usize = 6;
/// Kills of a plain `cargo test`.
const FEW: u64 = 20;

#[test]
fn what_was_acknowledged_survives_every_kill() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let kills = number("KILLS").unwrap_or(FEW);
    let seed = number("KILL_SEED").unwrap_or_else(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        since.as_nanos() as u64
    });
    println!("KILL_SEED={seed}");
    let (began, mut random) = (Instant::now(), Random::new(seed));
    let folder = tempfile::tempdir().unwrap();
    let mut workers: Vec<Worker> =
        (0..WORKERS).map(|number| Worker::new(number, random.next())).collect();
    {
        let server = started(folder.path());
        expect(&mut server.client(), "PUT", "/bkt");
    }
    let (mut lost, mut early) = (Vec::new(), 0);
    for kill in 0..kills {
        if random.below(6) == 0 {
            // Also while it starts, and repairs what the last kill left.
            let mut server = Server::proxy(folder.path());
            std::thread::sleep(Duration::from_millis(random.below(400)));
            server.kill();
            early += 1;
        }
        let mut server = started(folder.path());
        std::thread::scope(|scope| {
            let verifying: Vec<_> = workers
                .iter_mut()
                .map(|worker| {
                    let mut client = server.client();
                    scope.spawn(move || worker.verify(&mut client))
                })
                .collect();
            lost.extend(verifying.into_iter().flat_map(|worker| worker.join().unwrap()));
        });
        lost.extend(check_listing(&mut server.client(), &workers));
        assert!(lost.is_empty(), "after {kill} kills, seed {seed}:\n{}", lost.join("\n"));

        let life = Duration::from_millis(20 + random.below(580));
        std::thread::scope(|scope| {
            for worker in &mut workers {
                let client = server.client();
                scope.spawn(move || worker.run(client));
            }
            std::thread::sleep(life);
            server.kill();
        });
    }
    let acknowledged: u64 = workers.iter().map(|worker| worker.acknowledged).sum();
    let (repairs, files) = repaired(folder.path());
    println!(
        "{} kills ({early} of them during a start), {acknowledged} acknowledged writes, lost = {}; \
         {repairs} starts removed {files} files of interrupted writes; {:.0} s",
        kills + early,
        lost.len(),
        began.elapsed().as_secs_f64()
    );
    assert!(acknowledged > kills, "the load was too small to prove anything");
}

fn started(folder: &Path) -> Server {
    let mut server = Server::proxy(folder);
    let log = || std::fs::read_to_string(folder.join("log")).unwrap();
    assert!(server.wait(), "it does not start again: {}", log());
    server
}

/// Every key that is there is named, and no other.
fn check_listing(client: &mut Client, workers: &[Worker]) -> Vec<String> {
    let page = expect(client, "GET", "/bkt?list-type=2");
    let listed: BTreeSet<String> = page.all("Key").into_iter().collect();
    let expected: BTreeSet<String> = workers.iter().flat_map(Worker::keys).collect();
    let wrong = listed.symmetric_difference(&expected);
    wrong.map(|key| format!("{key}: listed is {}", listed.contains(key))).collect()
}

fn expect(client: &mut Client, method: &str, target: &str) -> support::client::Answer {
    let answer = client.call(method, target, &[], b"").unwrap();
    assert_eq!(answer.status, 200, "{method} {target}: {}", answer.text());
    answer
}

/// How many starts had something to repair, and how many files they removed.
fn repaired(folder: &Path) -> (usize, u64) {
    let log = std::fs::read_to_string(folder.join("log")).unwrap();
    let counts: Vec<u64> = log
        .lines()
        .filter(|line| line.contains("removed files of interrupted writes"))
        .map(|line| {
            // Colours may stand between the name and its value.
            let value = line.rsplit("removed").next().unwrap_or_default();
            let digits = value.split(|letter: char| !letter.is_ascii_digit());
            digits.filter_map(|digits| digits.parse::<u64>().ok()).next_back().unwrap_or_default()
        })
        .collect();
    (counts.len(), counts.iter().sum())
}
