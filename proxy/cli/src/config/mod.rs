//! `config`: documents checked, previewed and applied from a workstation or CI.

mod apply;
mod document;
mod lint;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

#[derive(Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Check a document: every fault with its line, unset variables included.
    Lint {
        /// The document (YAML)
        file: PathBuf,
    },
    /// Send a document to a running server, which takes it into service whole or not at all.
    ///
    /// The admin password comes from DGP_BOOTSTRAP_PASSWORD alone. References ${env:NAME} are
    /// filled in from this shell's environment.
    Apply(ApplyArgs),
    /// Print the JSON Schema of the document, for editors.
    Schema,
}

#[derive(Args)]
struct ApplyArgs {
    /// The document (YAML)
    file: PathBuf,
    /// Where the server is, such as https://s3.acme.example
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9000")]
    server: String,
    /// Seconds that each call may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
    /// PEM file of the authority that signed the server's certificate, instead of the public ones
    #[arg(long, value_name = "PEM")]
    ca_file: Option<PathBuf>,
    /// Print what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Exit codes: 0 done, 2 usage, 3 I/O, 4 unreadable document or unset variable, 5 HTTP or not
/// persisted, 6 refused, 7 password missing or wrong.
pub(crate) fn run(args: &ConfigArgs) -> ExitCode {
    let done = match &args.command {
        ConfigCommand::Lint { file } => lint::run(file),
        ConfigCommand::Apply(args) => apply::run(args),
        ConfigCommand::Schema => lint::schema(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, lines }) => {
            for line in lines {
                eprintln!("{line}");
            }
            ExitCode::from(code)
        }
    }
}

/// What ends a command early: the exit code, and lines for the operator.
struct Failure {
    code: u8,
    lines: Vec<String>,
}

impl Failure {
    fn new(code: u8, line: impl Into<String>) -> Self {
        Self { code, lines: vec![line.into()] }
    }
}
