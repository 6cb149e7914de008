//! `deltaglider_proxy`: an S3 access proxy.

mod config;
mod database;
mod demo;
mod hash_password;
mod health;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use deltaglider_server::config::Flags;

/// An access proxy in front of S3 storage: checks who asks, decides, signs anew, forwards.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Run the proxy (the default).
    Serve(ServeArgs),
    /// Check or apply a configuration document, or print its schema.
    Config(config::ConfigArgs),
    /// Back up or restore the database of users, rules and the audit.
    Db(database::DbArgs),
    /// Read a password from standard input and print its Argon2id hash.
    HashPassword,
    /// Ask the running proxy of this configuration whether it is ready: 0 yes, 1 no.
    Health(ServeArgs),
    /// Run on embedded storage with fresh credentials, printed ready to paste.
    Demo(demo::DemoArgs),
}

#[derive(Args)]
struct ServeArgs {
    /// Configuration file (YAML) [default: ./deltaglider_proxy.yaml, where there is one]
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address of the S3 port, such as 127.0.0.1:9000
    #[arg(short, long, value_name = "ADDR")]
    listen: Option<String>,
}

impl From<ServeArgs> for Flags {
    fn from(args: ServeArgs) -> Self {
        Self { config: args.config, listen: args.listen }
    }
}

/// Exit codes: 0 done, 1 failed while running, 2 usage, 3 I/O, 4 configuration.
fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(args) => serve::run(&args.into()),
        Command::Config(args) => config::run(&args),
        Command::Db(args) => database::run(&args),
        Command::HashPassword => hash_password::run(),
        Command::Health(args) => health::run(&args.into()),
        Command::Demo(args) => demo::run(&args),
    }
}
