//! Certifies the reference of this workspace: `cargo test --test conformance`.

use std::collections::HashMap;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use conformance::failure::Failure;
use conformance::reference;
use conformance::run::{self, Filter, Options};
use conformance::store::{self, Choice};

/// Runs the conformance suite against the reference.
#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    filter: Filter,
    /// Another target file than the reference's.
    #[arg(long)]
    target: Option<std::path::PathBuf>,
    /// Accepted as every test binary does; nothing is captured here.
    #[arg(long, hide = true)]
    nocapture: bool,
}

fn main() -> ExitCode {
    match certify(Cli::parse()) {
        Ok(code) => code,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "error: {failure}");
            ExitCode::from(2)
        }
    }
}

fn certify(cli: Cli) -> Result<ExitCode, Failure> {
    if let Some(code) = store::run_behind_bridge()? {
        return Ok(code);
    }
    let root = reference::workspace();
    let mut again = "cargo test --test conformance --".to_owned();
    let (target, programs) = match cli.target {
        Some(target) => {
            again.push_str(&format!(" --target {}", target.display()));
            (target, HashMap::new())
        }
        None => (
            root.join("fixtures/targets/reference.yaml"),
            HashMap::from([(reference::PROGRAM.to_owned(), reference::build()?)]),
        ),
    };
    let features = root.join("features");
    let store = Choice::from_env();
    let options =
        Options { target, features, programs, filter: cli.filter, store, out: None, again };
    let report = tokio::runtime::Runtime::new()?.block_on(run::run(options))?;
    Ok(if report.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
