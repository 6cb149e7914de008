//! The embedded store beside MinIO, on one disk, in turns, through their S3 ports.
//!
//! `ci/bench-store` builds and starts it. Variables: MINIO (its program), BENCH_DIR (a folder on
//! the disk to measure), BENCH_OBJECTS and BENCH_MINIO_OBJECTS (keys in the large bucket of each),
//! BENCH_SECONDS (of one measurement), BENCH_ROUNDS, BENCH_CLIENTS (connections at once).
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement by hand may fail loudly"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use support::client::Client;
use support::server::{KEY_ID, SECRET, Server, free_address};

const BODY: usize = 4096;
const SMALL_BUCKET: u64 = 10_000;

fn main() {
    // `cargo test` and others may start it without meaning it.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let plan = Plan::from_env();
    let ours = Subject::proxy(&plan);
    let minio = Subject::minio(&plan);
    println!(
        "{} clients, {:?} a measurement, {} rounds, {BODY} bytes an object, in {}",
        plan.clients,
        plan.span,
        plan.rounds,
        plan.folder.display()
    );
    compare(&plan, "PUT 4 KiB", &ours, &minio, Subject::put);
    compare(&plan, "GET 4 KiB", &ours, &minio, Subject::get);

    for (subject, count) in [(&ours, plan.objects), (&minio, plan.minio_objects)] {
        subject.fill("small", SMALL_BUCKET, plan.clients);
        subject.fill("large", count, plan.clients);
    }
    let small = format!("LIST 1000 of {SMALL_BUCKET}");
    let ours_small = compare(&plan, &small, &ours, &minio, |subject, plan, round| {
        subject.list(plan, round, "small", SMALL_BUCKET)
    });
    let title = format!("LIST 1000 of {} and {}", plan.objects, plan.minio_objects);
    let ours_large = compare(&plan, &title, &ours, &minio, |subject, plan, round| {
        let count = if subject.name == "MinIO" { plan.minio_objects } else { plan.objects };
        subject.list(plan, round, "large", count)
    });
    println!(
        "a page out of {} keys costs {:.2} times one out of {SMALL_BUCKET}",
        plan.objects,
        ours_small / ours_large
    );
}

struct Plan {
    folder: PathBuf,
    minio: PathBuf,
    objects: u64,
    minio_objects: u64,
    span: Duration,
    rounds: usize,
    clients: usize,
}

impl Plan {
    fn from_env() -> Plan {
        let number = |name: &str, default: u64| match std::env::var(name) {
            Ok(text) => text.replace('_', "").parse().unwrap_or_else(|_| panic!("{name}: {text}")),
            Err(_) => default,
        };
        let folder = std::env::var_os("BENCH_DIR").expect("BENCH_DIR: a folder to measure in");
        let minio = std::env::var_os("MINIO").expect("MINIO: the program");
        Plan {
            folder: folder.into(),
            minio: minio.into(),
            objects: number("BENCH_OBJECTS", 1_000_000),
            minio_objects: number("BENCH_MINIO_OBJECTS", 100_000),
            span: Duration::from_secs(number("BENCH_SECONDS", 5)),
            rounds: usize::try_from(number("BENCH_ROUNDS", 3)).unwrap(),
            clients: usize::try_from(number("BENCH_CLIENTS", 16)).unwrap(),
        }
    }
}

/// Measures both in turns and prints the medians; returns ours.
fn compare(
    plan: &Plan,
    title: &str,
    ours: &Subject,
    minio: &Subject,
    measure: impl Fn(&Subject, &Plan, usize) -> Rate,
) -> f64 {
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..plan.rounds {
        mine.push(measure(ours, plan, round));
        theirs.push(measure(minio, plan, round));
    }
    let (mine, theirs) = (median(mine), median(theirs));
    println!(
        "{title:<32} embedded {mine}   MinIO {theirs}   ratio {:.2}",
        mine.per_second / theirs.per_second
    );
    mine.per_second
}

struct Rate {
    per_second: f64,
    /// Of half and of 99 in 100 requests, in milliseconds.
    p50: f64,
    p99: f64,
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:7.0}/s p50 {:6.2} ms p99 {:6.2} ms", self.per_second, self.p50, self.p99)
    }
}

fn median(mut rates: Vec<Rate>) -> Rate {
    rates.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    let middle = rates.len() / 2;
    rates.swap_remove(middle)
}

struct Subject {
    name: &'static str,
    server: Server,
}

impl Subject {
    fn proxy(plan: &Plan) -> Subject {
        let folder = plan.folder.join("embedded");
        std::fs::create_dir_all(&folder).unwrap();
        Subject::ready("embedded", Server::proxy(&folder))
    }

    fn minio(plan: &Plan) -> Subject {
        let folder = plan.folder.join("minio");
        std::fs::create_dir_all(&folder).unwrap();
        let addr = free_address();
        let mut command = Command::new(&plan.minio);
        command
            .args(["server", "--quiet", "--address", &addr.to_string()])
            .args(["--console-address", &free_address().to_string()])
            .arg(folder.join("data"))
            .env("MINIO_ROOT_USER", KEY_ID)
            .env("MINIO_ROOT_PASSWORD", SECRET)
            .env("HOME", Path::new(&folder))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Subject::ready("MinIO", Server::start(command, addr))
    }

    fn ready(name: &'static str, mut server: Server) -> Subject {
        assert!(server.wait(), "{name} does not start");
        let limit = Instant::now() + Duration::from_secs(30);
        let mut client = server.client();
        // MinIO listens before it serves.
        while !matches!(client.call("PUT", "/bench", &[], b""), Ok(answer) if answer.status == 200)
        {
            assert!(Instant::now() < limit, "{name} makes no bucket");
            std::thread::sleep(Duration::from_millis(200));
        }
        Subject { name, server }
    }

    fn put(&self, plan: &Plan, round: usize) -> Rate {
        let body: Vec<u8> = (0..BODY).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect();
        self.measure(plan, |client, worker, turn| {
            let target = format!("/bench/r{round}/w{worker}/{turn:08}");
            expect(client.call("PUT", &target, &[], &body), 200);
        })
    }

    /// Reads what the first client stored, all over again.
    fn get(&self, plan: &Plan, _round: usize) -> Rate {
        let listed = self.server.client().call("GET", "/bench?list-type=2&prefix=r0%2F", &[], b"");
        let keys = listed.unwrap().all("Key");
        self.measure(plan, |client, worker, turn| {
            let key = &keys[(worker * 61 + turn * 7) % keys.len()];
            let answer = client.call("GET", &format!("/bench/{key}"), &[], b"").unwrap();
            assert_eq!((answer.status, answer.body.len()), (200, BODY));
        })
    }

    fn list(&self, plan: &Plan, round: usize, bucket: &str, count: u64) -> Rate {
        self.measure(plan, |client, worker, turn| {
            // Anywhere, as long as a full page follows.
            let seed = (worker * 7919 + turn * 104_729 + round * 31) as u64;
            let start = key(seed * 2_654_435_761 % (count - 1001));
            let start = start.replace('/', "%2F");
            let target = format!("/{bucket}?list-type=2&max-keys=1000&start-after={start}");
            let answer = client.call("GET", &target, &[], b"").unwrap();
            assert_eq!(answer.all("Key").len(), 1000, "{}", answer.status);
        })
    }

    /// Stores `count` empty objects: listings read names, and a million bodies fill disks.
    fn fill(&self, bucket: &str, count: u64, clients: usize) {
        let began = Instant::now();
        expect(self.server.client().call("PUT", &format!("/{bucket}"), &[], b""), 200);
        let next = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..clients {
                scope.spawn(|| {
                    let mut client = self.client();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= count {
                            break;
                        }
                        let target = format!("/{bucket}/{}", key(number));
                        expect(client.call("PUT", &target, &[], b""), 200);
                    }
                });
            }
        });
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "{}: {count} keys stored in {seconds:.0} s, {:.0}/s",
            self.name,
            count as f64 / seconds
        );
    }

    fn client(&self) -> Client {
        self.server.client()
    }

    /// Lets every client repeat `work` until the time is over.
    fn measure(&self, plan: &Plan, work: impl Fn(&mut Client, usize, usize) + Sync) -> Rate {
        let began = Instant::now();
        let mut times: Vec<Duration> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..plan.clients)
                .map(|worker| {
                    let work = &work;
                    scope.spawn(move || {
                        let (mut client, mut times) = (self.client(), Vec::new());
                        while began.elapsed() < plan.span {
                            let start = Instant::now();
                            work(&mut client, worker, times.len());
                            times.push(start.elapsed());
                        }
                        times
                    })
                })
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        });
        let per_second = times.len() as f64 / began.elapsed().as_secs_f64();
        times.sort_unstable();
        let at = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1000.0;
        Rate { per_second, p50: at(50), p99: at(99) }
    }
}

/// Keys in folders of a thousand.
fn key(number: u64) -> String {
    format!("{:06}/{:09}", number / 1000, number)
}

fn expect(answer: std::io::Result<support::client::Answer>, status: u16) {
    let answer = answer.unwrap();
    assert_eq!(answer.status, status, "{}", answer.text());
}
