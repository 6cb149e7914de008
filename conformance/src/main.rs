//! `conformance`: certifies a proxy, lists scenarios, and keeps the ledger.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use conformance::failure::Failure;
use conformance::ledger::Ledger;
use conformance::run::{self, Filter, Options};
use conformance::store::{self, Choice};

/// Certifies that an S3 access proxy keeps its documented promises.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Folder of features and clauses.
    #[arg(long, global = true, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../features"))]
    features: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the scenarios against a subject.
    Run {
        /// Target file that describes the subject.
        #[arg(long)]
        target: PathBuf,
        /// Folder for `report.json`.
        #[arg(long)]
        out: Option<PathBuf>,
        #[command(flatten)]
        filter: Filter,
    },
    /// Lists the scenarios with their clauses.
    List,
    /// Shows how many scenarios prove each clause.
    Ledger {
        /// Fail where a clause or a scenario stands alone.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Run { target, out, filter } => certify(target, cli.features, out, filter),
        Command::List => list(&cli.features),
        Command::Ledger { check } => ledger(&cli.features, check),
    };
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "error: {failure}");
            ExitCode::from(2)
        }
    }
}

fn certify(
    target: PathBuf,
    features: PathBuf,
    out: Option<PathBuf>,
    filter: Filter,
) -> Result<ExitCode, Failure> {
    if let Some(code) = store::run_behind_bridge()? {
        return Ok(code);
    }
    let again = format!("conformance run --target {}", target.display());
    let store = Choice::from_env();
    let options = Options { target, features, programs: HashMap::new(), filter, store, out, again };
    let report = tokio::runtime::Runtime::new()?.block_on(run::run(options))?;
    Ok(verdict(report.passed()))
}

fn list(features: &std::path::Path) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    for scenario in Ledger::load(features)?.scenarios {
        let tags = scenario.tags.join(" @");
        writeln!(out, "{}\n  {}  @{tags}", scenario.file.display(), scenario.name)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn ledger(features: &std::path::Path, check: bool) -> Result<ExitCode, Failure> {
    let ledger = Ledger::load(features)?;
    let mut out = io::stdout().lock();
    if !check {
        let coverage = ledger.coverage();
        for clause in &ledger.clauses {
            let proofs = coverage.get(clause.id.as_str()).copied().unwrap_or_default();
            let level = clause.level.as_str();
            writeln!(out, "{:<10} {level:<6} {proofs:>3}  {}", clause.id, clause.text)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let problems = ledger.problems();
    for problem in &problems {
        writeln!(out, "{problem}")?;
    }
    let (clauses, scenarios) = (ledger.clauses.len(), ledger.scenarios.len());
    writeln!(out, "{clauses} clauses, {scenarios} scenarios, {} problems", problems.len())?;
    Ok(verdict(problems.is_empty()))
}

fn verdict(good: bool) -> ExitCode {
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
