//! `config apply` against a live server, and every exit code that it promises.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod support;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use support::server::{Server, free_address};

const PASSWORD: &str = "apply-tests-admin-password";
const SECRET: &str = "0123456789012345678901234567890123456789";
const DOCUMENT: &str = "\
# in git
access:
  iam_mode: declarative
  iam_groups:
    - name: builders
      permissions: [{actions: [read], resources: [releases/*]}]
  iam_users:
    - name: ci
      access_key_id: AKIACI
      secret_access_key: \"${env:APPLY_TEST_SECRET}\"
      groups: [builders]
";

/// What a call of the command came to: exit code, standard output, standard error.
struct Outcome {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

fn command(server: &str, file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deltaglider_proxy"));
    command.args(["config", "apply"]).arg(file).args(["--server", server]);
    command.env("DGP_BOOTSTRAP_PASSWORD", PASSWORD).env("APPLY_TEST_SECRET", SECRET);
    command
}

/// A server with the password, and a folder for documents.
struct Live {
    folder: tempfile::TempDir,
    url: String,
    _server: Server,
}

impl Live {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let addr = free_address();
        let mut command = Server::command(folder.path(), addr);
        command.env("DGP_BOOTSTRAP_PASSWORD_HASH", hash());
        let mut server = Server::start(command, addr);
        assert!(server.wait());
        Self { url: format!("http://{addr}"), folder, _server: server }
    }

    fn apply(&self, text: &str, more: &[&str]) -> Outcome {
        let file = self.folder.path().join("iam.yaml");
        std::fs::write(&file, text).unwrap();
        command(&self.url, &file).args(more).output().unwrap().into()
    }

    fn config(&self) -> std::path::PathBuf {
        self.folder.path().join("deltaglider_proxy.yaml")
    }
}

fn hash() -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_deltaglider_proxy"));
    child.arg("hash-password").stdin(std::process::Stdio::piped());
    let mut child = child.stdout(std::process::Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap().trim().to_owned()
}

#[test]
fn a_document_is_previewed_applied_and_applied_again() {
    let live = Live::start();
    let preview = live.apply(DOCUMENT, &["--dry-run"]);
    assert_eq!(preview.code, Some(0), "{}", preview.err);
    assert!(preview.out.contains("+ users: ci") && preview.out.contains("+ groups: builders"));
    assert!(preview.err.contains("declarative IAM preview: users(+1/~0/-0)"), "{}", preview.err);
    assert!(!live.config().exists(), "a preview has written the file");

    let applied = live.apply(DOCUMENT, &[]);
    assert_eq!((applied.code, applied.out.as_str()), (Some(0), ""), "{}", applied.err);
    assert!(applied.err.contains("declarative IAM reconciled: users(+1/~0/-0)"), "{}", applied.err);
    // The first apply has made the file: with the value, and for nobody else to read.
    let file = std::fs::read_to_string(live.config()).unwrap();
    assert!(file.contains("# in git") && file.contains(SECRET), "{file}");
    let mode = std::fs::metadata(live.config()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let again = live.apply(DOCUMENT, &[]);
    assert!(again.code == Some(0) && again.err.contains("reconciled: no changes"), "{}", again.err);
    let renamed = DOCUMENT.replace("AKIACI", "AKIACI2");
    let changed = live.apply(&renamed, &["--dry-run"]);
    assert!(changed.out.contains("~ users: ci (access_key_id"), "{}", changed.out);
}

#[test]
fn what_a_shell_fills_in_stays_in_its_field_and_its_line() {
    let live = Live::start();
    let text = DOCUMENT.replace("groups: [builders]", "enabled: ${env:APPLY_TEST_ENABLED}");
    let text =
        text.replace("# in git", "# in git\nadvanced:\n  log_level: \"${env:APPLY_TEST_LEVEL}\"");
    let apply = |enabled: &str, level: &str| -> Outcome {
        let file = live.folder.path().join("iam.yaml");
        std::fs::write(&file, &text).unwrap();
        let mut command = command(&live.url, &file);
        command.env("APPLY_TEST_ENABLED", enabled).env("APPLY_TEST_LEVEL", level);
        command.output().unwrap().into()
    };
    // A value that YAML takes for nothing is no consent to the default.
    for enabled in ["", "null", "~", "yes", "true\nname: eve"] {
        let refused = apply(enabled, "info");
        assert_eq!(refused.code, Some(6), "{enabled}: {}", refused.err);
        assert!(
            refused.err.contains("iam.yaml:13: access.iam_users[0].enabled"),
            "{}",
            refused.err
        );
    }
    // A value of several lines moves those below it, in the text that is sent alone.
    let refused = apply("no", "info\nor so\n");
    assert!(refused.err.contains("iam.yaml:13: access.iam_users[0].enabled"), "{}", refused.err);
    let served = apply("false", "info");
    assert_eq!(served.code, Some(0), "{}", served.err);
    let file = std::fs::read_to_string(live.config()).unwrap();
    assert!(file.contains("enabled: false"), "{file}");
}

#[test]
fn what_the_server_refuses_is_6_with_every_fault_at_its_line() {
    let live = Live::start();
    let faulty = DOCUMENT.replace("[builders]", "[nobody]").replace("[read]", "[fly]");
    for more in [&[][..], &["--dry-run"]] {
        let refused = live.apply(&faulty, more);
        assert_eq!(refused.code, Some(6), "{}", refused.err);
        for wanted in [":6: access.iam_groups[0].permissions", ":11: access.iam_users[0].groups[0]"]
        {
            assert!(refused.err.contains(wanted), "{wanted} in {}", refused.err);
        }
        assert!(!refused.err.contains(SECRET), "a refusal shows the secret");
    }
    let wiped = live.apply("access: {iam_mode: declarative}", &[]);
    assert_eq!(wiped.code, Some(0), "an empty database has nothing to wipe: {}", wiped.err);
}

#[test]
fn a_file_that_cannot_be_written_is_5_and_changes_nothing() {
    let live = Live::start();
    assert_eq!(live.apply(DOCUMENT, &[]).code, Some(0));
    std::fs::set_permissions(live.config(), std::fs::Permissions::from_mode(0o444)).unwrap();
    let cleared = "access: {iam_mode: declarative}";
    let refused = live.apply(cleared, &[]);
    assert!(refused.code == Some(5) && refused.err.contains("read-only"), "{}", refused.err);
    std::fs::set_permissions(live.config(), std::fs::Permissions::from_mode(0o600)).unwrap();
    let applied = live.apply(cleared, &[]);
    assert!(applied.err.contains("users(+0/~0/-1)"), "{}", applied.err);
}

#[test]
fn passwords_and_variables_come_from_the_environment_alone() {
    let live = Live::start();
    let file = live.folder.path().join("iam.yaml");
    std::fs::write(&file, DOCUMENT).unwrap();
    let run = |name: &str, value: Option<&str>| -> Outcome {
        let mut command = command(&live.url, &file);
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
        command.output().unwrap().into()
    };
    assert_eq!(run("DGP_BOOTSTRAP_PASSWORD", None).code, Some(7));
    let wrong = run("DGP_BOOTSTRAP_PASSWORD", Some("wrong"));
    assert!(wrong.code == Some(7) && !wrong.err.contains("wrong\n\n"), "{}", wrong.err);
    let unset = run("APPLY_TEST_SECRET", None);
    assert!(unset.code == Some(4) && unset.err.contains("`APPLY_TEST_SECRET`"), "{}", unset.err);
    assert!(!live.config().exists());
    assert_eq!(run("APPLY_TEST_SECRET", Some(SECRET)).code, Some(0));
}

/// A server that logs anybody in and answers an apply as it is told.
fn canned(status: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        // Login, apply, logout: each on a connection of its own.
        for stream in listener.incoming().take(3) {
            let mut stream = stream.unwrap();
            let path = request(&mut stream);
            let (status, body) = match path.ends_with("/apply") {
                true => (status, body),
                false => ("200 OK\r\nSet-Cookie: dgp_session=x; Path=/", "{}"),
            };
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}

/// Reads a request to its end and gives its path.
fn request(stream: &mut TcpStream) -> String {
    let (mut read, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&read).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |it| it.parse().unwrap()) {
                return head.split(' ').nth(1).unwrap().to_owned();
            }
        }
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "the request is cut short");
        read.extend_from_slice(&piece[..count]);
    }
}

#[test]
fn every_answer_has_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("iam.yaml");
    std::fs::write(&file, DOCUMENT).unwrap();
    for (status, body, code, said) in [
        ("200 OK", r#"{"applied":true,"persisted":true,"warnings":["done"]}"#, 0, "done"),
        ("200 OK", r#"{"applied":true,"persisted":false}"#, 5, "not persisted"),
        ("401 Unauthorized", r#"{"error":"x","message":"log in first"}"#, 7, "log in first"),
        ("409 Conflict", r#"{"error":"revision_moved","message":"try again"}"#, 6, "try again"),
        ("422 Unprocessable Entity", r#"{"error":"x","message":"no good"}"#, 6, "no good"),
        ("413 Payload Too Large", r#"{"error":"x","message":"too large"}"#, 5, "too large"),
        ("500 Internal Server Error", r#"{"error":"x","message":"broken"}"#, 5, "broken"),
        ("302 Found\r\nLocation: http://127.0.0.1:1/", "", 5, "302"),
        ("502 Bad Gateway", "<html>", 5, "502"),
    ] {
        let outcome: Outcome = command(&canned(status, body), &file).output().unwrap().into();
        assert_eq!(outcome.code, Some(code), "{status}: {}", outcome.err);
        assert!(outcome.err.contains(said), "{status}: {}", outcome.err);
    }
}

#[test]
fn servers_that_are_silent_far_or_not_there_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("iam.yaml");
    std::fs::write(&file, DOCUMENT).unwrap();
    let run = |url: &str| -> Outcome {
        command(url, &file).args(["--timeout", "1"]).output().unwrap().into()
    };
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = run(&format!("http://{}", silent.local_addr().unwrap()));
    assert!(silent.code == Some(5) && silent.err.contains("timeout"), "{}", silent.err);
    assert_eq!(run(&format!("http://{}", free_address())).code, Some(5));
    for (url, warned) in [
        ("http://127.0.0.1.invalid", true),
        ("http://proxy.invalid", true),
        ("https://proxy.invalid", false),
        ("http://localhost:1", false),
        ("http://[::1]:1", false),
    ] {
        let outcome = run(url);
        assert_eq!(outcome.code, Some(5), "{url}: {}", outcome.err);
        assert_eq!(outcome.err.contains("in clear text"), warned, "{url}: {}", outcome.err);
    }
    for wrong in ["proxy.example", "ftp://proxy.example", "http://"] {
        assert_eq!(run(wrong).code, Some(2), "{wrong}");
    }
}
