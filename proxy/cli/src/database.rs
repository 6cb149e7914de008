//! `db backup` and `db restore`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use deltaglider_server::config::{Config, Flags, Process, StateConfig};
use deltaglider_store::{KeySource, backup, restore};

#[derive(Args)]
pub(crate) struct DbArgs {
    #[command(subcommand)]
    command: DbCommand,
    /// Configuration file (YAML), which names the state folder
    #[arg(short, long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum DbCommand {
    /// Copy the database, also while a server runs; it opens with the same key.
    Backup {
        /// The copy; an existing file is never overwritten
        file: PathBuf,
    },
    /// Put a backup in the place of the database of a stopped server.
    Restore {
        /// A file that `db backup` made
        file: PathBuf,
    },
}

/// Finds the state folder as `serve` does.
pub(crate) fn run(args: &DbArgs) -> ExitCode {
    let flags = Flags { config: args.config.clone(), ..Flags::default() };
    let state = match Config::load(&Process, &flags) {
        Ok(config) => config.state,
        Err(error) => return fail(4, &error),
    };
    let outcome = match &args.command {
        DbCommand::Backup { file } => make(&state, file),
        DbCommand::Restore { file } => put_back(&state, file),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(3, &error),
    }
}

#[expect(clippy::print_stdout, reason = "the outcome is for whoever typed the command")]
fn make(state: &StateConfig, file: &Path) -> Result<(), deltaglider_store::BackupError> {
    backup(&state.folder, &key(state), file)?;
    println!("backed up to {}; keep the database key with it, but elsewhere", file.display());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the outcome is for whoever typed the command")]
fn put_back(state: &StateConfig, file: &Path) -> Result<(), deltaglider_store::BackupError> {
    let replaced = restore(&state.folder, &key(state), file)?;
    println!("restored from {}", file.display());
    if let Some(replaced) = replaced {
        println!("the database it replaces is {}", replaced.display());
    }
    Ok(())
}

fn key(state: &StateConfig) -> KeySource {
    state.key.clone().map_or(KeySource::File, KeySource::Given)
}

fn fail(code: u8, error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("deltaglider_proxy: {error}");
    ExitCode::from(code)
}
