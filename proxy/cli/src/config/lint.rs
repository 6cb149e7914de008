//! `config lint` and `config schema`.

use std::io::Write as _;
use std::path::Path;

use deltaglider_core::document::Node;
use deltaglider_core::iam;
use deltaglider_server::config::{Config, Flags, Process, SECTIONS};

use super::Failure;
use super::document::{failure, read};

/// Exit code 4 for what cannot be read or filled in, 6 for what the server would refuse.
#[expect(clippy::print_stdout, reason = "the outcome is for whoever typed the command")]
pub(super) fn run(path: &Path) -> Result<(), Failure> {
    let document = read(path)?;
    let nothing = Node::null();
    let access = document.expanded.get("access").unwrap_or(&nothing);
    let bootstrap = access.get("access_key_id").and_then(Node::text);
    let checked = iam::read_access(access, bootstrap);
    let mut failed = match checked {
        Ok(_) => Failure { code: 6, lines: Vec::new() },
        Err(faults) => failure(6, path, &faults),
    };
    let flags = Flags { config: Some(path.to_owned()), ..Flags::default() };
    match Config::load(&Process, &flags) {
        Ok(config) => config.warnings.iter().for_each(|warning| eprintln!("warning: {warning}")),
        // Both readers know the keys of `access`.
        Err(error) => {
            let lines = error.to_string();
            let told = |line: &&str| !failed.lines.iter().any(|it| it == line);
            let more: Vec<_> = lines.lines().filter(told).map(str::to_owned).collect();
            failed.lines.extend(more);
        }
    }
    if !failed.lines.is_empty() {
        return Err(failed);
    }
    println!("{}: ok, {} references filled in", path.display(), document.env_refs.len());
    Ok(())
}

/// A reader that has seen enough (`| head`) is no failure.
pub(super) fn schema() -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(&iam::schema(&SECTIONS));
    let text = text.map_err(|error| Failure::new(3, error.to_string()))?;
    let _ = writeln!(std::io::stdout(), "{text}");
    Ok(())
}
