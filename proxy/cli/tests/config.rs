//! `config lint`, `schema` and the refusals of `apply` that need no server.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails says so")]

use std::path::Path;
use std::process::{Command, Output};

const DOCUMENT: &str = "\
access:
  iam_mode: declarative
  iam_users:
    - name: ci
      access_key_id: AKIACI
      secret_access_key: \"${env:CONFIG_TEST_SECRET}\"
";

fn run(file: &Path, arguments: &[&str], secret: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deltaglider_proxy"));
    command.arg("config").arg(arguments[0]).arg(file).args(&arguments[1..]);
    command.env_remove("DGP_BOOTSTRAP_PASSWORD").env_remove("CONFIG_TEST_SECRET");
    if let Some(secret) = secret {
        command.env("CONFIG_TEST_SECRET", secret);
    }
    command.output().unwrap()
}

fn outcome(text: &str, arguments: &[&str], secret: Option<&str>) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    std::fs::write(&file, text).unwrap();
    let output = run(&file, arguments, secret);
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

const SECRET: Option<&str> = Some("0123456789012345678901234567890123456789");

#[test]
fn lint_passes_a_document_and_names_each_fault_of_another() {
    assert_eq!(outcome(DOCUMENT, &["lint"], SECRET).0, Some(0));
    let (code, errors) = outcome(DOCUMENT, &["lint"], None);
    assert!(
        code == Some(4) && errors.contains("c.yaml:6: ") && errors.contains("`CONFIG_TEST_SECRET`")
    );
    let (code, errors) = outcome(&DOCUMENT.replace("AKIACI", "x"), &["lint"], SECRET);
    assert!(code == Some(6) && errors.contains("c.yaml:5: access.iam_users[0].access_key_id"));
    let (code, errors) = outcome(DOCUMENT, &["lint"], Some("short"));
    assert!(code == Some(6) && !errors.contains("short"), "{errors}");
    let (code, errors) = outcome("access: [", &["lint"], SECRET);
    assert!(code == Some(4) && errors.contains("c.yaml:1: "), "{errors}");
    let (code, errors) = outcome("storage: {s4: x}", &["lint"], SECRET);
    assert!(code == Some(6) && errors.contains("s4"), "{errors}");
    assert_eq!(run(Path::new("/nowhere"), &["lint"], None).status.code(), Some(3));
}

#[test]
fn apply_wants_a_password_from_the_environment_and_a_url_of_http() {
    let server = ["apply", "--server", "http://127.0.0.1:1"];
    assert_eq!(outcome(DOCUMENT, &server, SECRET).0, Some(7));
    // Without one, the server is where `serve` listens by default.
    assert_eq!(outcome(DOCUMENT, &["apply"], SECRET).0, Some(7));
    assert_eq!(outcome(DOCUMENT, &["apply", "--server"], SECRET).0, Some(2));
}

#[test]
fn the_schema_is_json_that_knows_users() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deltaglider_proxy"));
    let output = command.args(["config", "schema"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok() && text.contains("iam_users"));
}
