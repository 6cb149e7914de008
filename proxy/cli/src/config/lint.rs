//! `config lint` and `config schema`.

use std::io::Write as _;
use std::path::Path;

use deltaglider_core::document::{Fault, Node};
use deltaglider_core::iam;
use deltaglider_server::config::{Config, ConfigError, Flags, Process, SECTIONS};

use super::Failure;
use super::document::{failure, read};

/// Exit code 4 for what cannot be read or filled in, 6 for what the server would refuse.
#[expect(clippy::print_stdout, reason = "the outcome is for whoever typed the command")]
pub(super) fn run(path: &Path) -> Result<(), Failure> {
    let document = read(path)?;
    let nothing = Node::null();
    let access = document.expanded.get("access").unwrap_or(&nothing);
    let bootstrap: Vec<&str> =
        access.get("access_key_id").and_then(Node::text).into_iter().collect();
    let of_access = iam::read_access(access, &bootstrap).err().unwrap_or_default();
    let flags = Flags { config: Some(path.to_owned()), ..Flags::default() };
    let (of_settings, outside) = match Config::load(&Process, &flags) {
        Ok(config) => {
            config.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
            (Vec::new(), Vec::new())
        }
        Err(ConfigError::Settings { faults, outside, .. }) => (faults, outside),
        Err(unreadable) => return Err(Failure::new(3, unreadable.to_string())),
    };
    let code = if document.unfilled.is_empty() { 6 } else { 4 };
    let mut failed =
        failure(code, path, &Fault::gather([document.unfilled, of_access, of_settings]));
    failed.lines.extend(outside.iter().map(Fault::to_string));
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
