//! Tests the suite itself: every scenario in `red/` must fail against the working reference.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use conformance::failure::Failure;
use conformance::reference;
use conformance::run::{self, Filter, Options, Outcome};
use conformance::store::Choice;

fn main() -> ExitCode {
    match passed_by_mistake() {
        Ok(names) if names.is_empty() => ExitCode::SUCCESS,
        Ok(names) => {
            let _ = writeln!(io::stderr(), "passed, but must fail:\n{}", names.join("\n"));
            ExitCode::FAILURE
        }
        Err(failure) => {
            let _ = writeln!(io::stderr(), "error: {failure}");
            ExitCode::from(2)
        }
    }
}

fn passed_by_mistake() -> Result<Vec<String>, Failure> {
    let red = Path::new(env!("CARGO_MANIFEST_DIR")).join("red");
    let mut mistakes = Vec::new();
    for (lane, tags) in [("witness", None), ("own", Some("not @witness"))] {
        let tags = tags.map(str::parse).transpose()?;
        let options = Options {
            target: reference::workspace().join("fixtures/targets/reference.yaml"),
            features: red.clone(),
            programs: HashMap::from([(reference::PROGRAM.to_owned(), reference::build()?)]),
            filter: Filter { lane: Some(lane.to_owned()), tags, ..Filter::default() },
            store: Choice::Embedded,
            out: None,
            again: String::new(),
        };
        let report = tokio::runtime::Runtime::new()?.block_on(run::run_silently(options))?;
        for lane in report.lanes {
            Failure::unless(!lane.scenarios.is_empty(), || format!("{}: nothing ran", lane.lane))?;
            let passed = lane.scenarios.iter().filter(|s| matches!(s.outcome, Outcome::Passed));
            mistakes.extend(passed.map(|s| format!("[{}] {}", lane.lane, s.name)));
        }
    }
    Ok(mistakes)
}
