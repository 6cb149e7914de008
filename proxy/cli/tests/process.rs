//! The command line as a process: what it prints, how it ends, what it leaves unbound.
#![allow(clippy::unwrap_used, reason = "a test's helpers may fail loudly")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The program in an empty folder, with nothing of this process's environment that it reads.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deltaglider_proxy"));
    let own = std::env::vars_os().map(|(name, _)| name);
    for name in own.filter(|name| name.to_string_lossy().starts_with("DGP_")) {
        command.env_remove(name);
    }
    command.current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Runs with a configuration file to the end that a refusal has to come to.
fn refused(text: &str, vars: &[(&str, &str)]) -> (Output, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("proxy.yaml"), text).unwrap();
    let port = free_port();
    let mut child = program(folder.path())
        .args(["serve", "-c", "proxy.yaml", "-l", &format!("127.0.0.1:{port}")])
        .envs(vars.iter().copied())
        .spawn()
        .unwrap();
    let limit = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "a port was bound");
        if Instant::now() > limit {
            let _ = child.kill();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(!folder.path().join("deltaglider-data").exists(), "a store was opened");
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, told)
}

struct Running {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Running {
    fn demo() -> (Self, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut child = program(folder.path())
            .args(["demo", "-l", &format!("127.0.0.1:{port}")])
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let printed = lines.map(Result::unwrap).take_while(|line| !line.contains("for example"));
        (Self { child, port, _folder: folder }, printed.collect())
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }
}

impl Running {
    /// The exit code, waited for within bounds.
    fn exit_code(&mut self) -> Option<i32> {
        let limit = Instant::now() + Duration::from_secs(60);
        while Instant::now() < limit {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_unknown_key_ends_with_file_line_and_key() {
    let (output, told) = refused("access:\n  acces_key_id: a\n", &[]);
    assert_eq!(output.status.code(), Some(4), "{told}");
    assert!(told.contains("proxy.yaml:2") && told.contains("acces_key_id"), "{told}");
}

#[test]
fn an_unset_reference_ends_with_file_line_key_and_variable() {
    let text = "access:\n  access_key_id: a\n  secret_access_key: \"${env:NOT_THERE}\"\n";
    let (output, told) = refused(text, &[]);
    assert_eq!(output.status.code(), Some(4), "{told}");
    for part in ["proxy.yaml:3", "access.secret_access_key", "NOT_THERE"] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn broken_yaml_ends_with_file_and_line() {
    let (output, told) = refused("access: [\n", &[]);
    assert_eq!(output.status.code(), Some(4), "{told}");
    assert!(told.contains("proxy.yaml:"), "{told}");
}

#[test]
fn certificates_are_read_before_a_store_is_opened() {
    let vars = [("DGP_TLS_CERT", "none.pem"), ("DGP_TLS_KEY", "none.pem")];
    let (output, told) = refused("", &vars);
    assert_eq!(output.status.code(), Some(4), "{told}");
    assert!(told.contains("none.pem"), "{told}");
}

#[test]
fn a_file_that_is_not_there_is_an_input_error_and_a_flag_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    let code = |args: &[&str]| program(folder.path()).args(args).output().unwrap().status.code();
    assert_eq!(code(&["serve", "-c", "gone.yaml"]), Some(3));
    assert_eq!(code(&["serve", "--no-such-flag"]), Some(2));
    assert_eq!(code(&["--help"]), Some(0));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let output = program(folder.path()).args(["demo", "-l", &address]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains(&address));
}

#[test]
fn the_demo_prints_what_a_shell_needs_and_stops_cleanly() {
    let (mut running, printed) = Running::demo();
    for start in [
        &format!("export AWS_ENDPOINT_URL=http://127.0.0.1:{}", running.port),
        "export AWS_ACCESS_KEY_ID=DGP",
        "export AWS_SECRET_ACCESS_KEY=",
        "export AWS_REGION=",
    ] {
        assert!(printed.iter().any(|line| line.starts_with(start)), "{start} in {printed:?}");
    }
    running.signal("-TERM");
    assert_eq!(running.exit_code(), Some(0));
}

#[test]
fn a_shutdown_takes_no_new_connection_and_answers_the_request_under_way() {
    let (mut running, _) = Running::demo();
    let address = ("127.0.0.1", running.port);
    let mut slow = TcpStream::connect(address).unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    slow.write_all(b"PUT /bucket/key HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n").unwrap();
    // The head is not finished yet: the connection is busy, and stays so over the signal.
    std::thread::sleep(Duration::from_secs(1));
    running.signal("-TERM");
    let limit = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(address).is_ok() {
        assert!(Instant::now() < limit, "new connections are still taken");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(running.child.try_wait().unwrap().is_none(), "it did not wait");
    slow.write_all(b"\r\n0123456789").unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert_eq!(running.exit_code(), Some(0));
}
