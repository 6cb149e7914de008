//! A process that is killed while it writes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use http::Method;

use super::Lab;
use crate::{Service, Store};

const FOLDER: &str = "CRASH_TEST_FOLDER";
/// Acknowledged writes before the kill.
const ENOUGH: usize = 40;

fn body(key: &str) -> String {
    key.repeat(30_000)
}

/// The process that is killed: it writes, and says which writes were acknowledged.
#[tokio::test]
#[ignore = "started by the test below"]
async fn victim() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let service = Service::new(Store::open(Path::new(&folder)).unwrap());
    let lab = Lab { service, folder: tempfile::tempdir().unwrap() };
    lab.send(Method::PUT, "/bkt", &[], "").await.expect(200);
    for round in 0..10_000 {
        let writes = (0..4).map(|n| {
            let (lab, key) = (&lab, format!("key-{round}-{n}"));
            async move {
                lab.put(&format!("/bkt/{key}"), body(&key)).await;
                println!("\nkept {key}");
                std::io::stdout().flush().unwrap();
            }
        });
        futures::future::join_all(writes).await;
    }
}

#[tokio::test]
async fn what_was_acknowledged_before_a_kill_is_whole_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "service::tests::crash::victim", "--ignored", "--nocapture"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let kept: Vec<String> = lines
        .filter_map(|line| Some(line.unwrap().strip_prefix("kept ")?.to_owned()))
        .take(ENOUGH)
        .collect();
    victim.kill().unwrap();
    victim.wait().unwrap();
    assert_eq!(kept.len(), ENOUGH);

    let service = Service::new(Store::open(folder.path()).unwrap());
    let lab = Lab { service, folder };
    let listed = lab.get("/bkt").await.expect(200).all("Key");
    for key in &kept {
        assert!(listed.contains(key), "{key} was acknowledged");
    }
    for key in &listed {
        assert_eq!(lab.get(&format!("/bkt/{key}")).await.expect(200).text(), body(key));
    }
    assert_eq!(lab.files(), listed.len(), "no file without an object");
}
