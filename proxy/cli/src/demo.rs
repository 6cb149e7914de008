//! `demo`: embedded storage, fresh credentials, lines to paste into a shell.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use deltaglider_server::admin::PasswordHash;
use deltaglider_server::config::{Config, Flags, Given};
use deltaglider_server::logging;

use crate::serve::run_config;

#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Address of the S3 port
    #[arg(short, long, value_name = "ADDR", default_value = "127.0.0.1:9000")]
    listen: String,
    /// Folder that keeps the objects [default: a temporary one, removed at the end]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Show one log line a request
    #[arg(short, long)]
    verbose: bool,
}

/// Needs no file and no environment, and leaves nothing behind unless told to.
pub(crate) fn run(args: &DemoArgs) -> ExitCode {
    let temporary = match args.data_dir {
        Some(_) => None,
        None => match tempfile::Builder::new().prefix("deltaglider-demo-").tempdir() {
            Ok(folder) => Some(folder),
            Err(error) => return fail(3, &format!("no temporary folder: {error}")),
        },
    };
    let kept = args.data_dir.clone();
    let folder =
        kept.or_else(|| temporary.as_ref().map(|it| it.path().to_owned())).unwrap_or_default();
    let (Some(id), Some(secret), Some(password)) =
        (random_text(17), random_text(40), random_text(24))
    else {
        return fail(3, "the system gives no random bytes");
    };
    let (id, folder_text) = (format!("DGP{id}").to_uppercase(), folder.display().to_string());
    let hash = match PasswordHash::make(&password) {
        Ok(hash) => hash,
        Err(error) => return fail(3, &error.to_string()),
    };
    let data = folder.join("data").display().to_string();
    let state = folder.join("state").display().to_string();
    // What is applied stays with the demo: a file in the working folder would be the next `serve`'s.
    let document = match document_in(&folder) {
        Ok(path) => path,
        Err(error) => return fail(3, &format!("{folder_text}: {error}")),
    };
    let mut source = Given::default();
    for (name, value) in [
        ("DGP_ACCESS_KEY_ID", id.as_str()),
        ("DGP_SECRET_ACCESS_KEY", secret.as_str()),
        ("DGP_DATA_DIR", data.as_str()),
        ("DGP_STATE_DIR", state.as_str()),
        ("DGP_BOOTSTRAP_PASSWORD_HASH", hash.phc()),
        ("DGP_LOG_LEVEL", if args.verbose { "info" } else { "warn" }),
    ] {
        source.0.insert(name.into(), value.into());
    }
    let flags = Flags { listen: Some(args.listen.clone()), config: Some(document) };
    match Config::load(&source, &flags) {
        Ok(config) => {
            logging::install(&config.log);
            let keeps = args.data_dir.is_some();
            let shown = Shown { id: &id, secret: &secret, password: &password };
            run_config(config, Arc::new(source), |url| {
                print_lines(url, &shown, &folder_text, keeps)
            })
        }
        Err(error) => fail(2, &error.to_string()),
    }
}

/// The document of a demo, empty at first and for nobody else to read.
fn document_in(folder: &Path) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join("deltaglider_proxy.yaml");
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&path)?;
    Ok(path)
}

/// What was made for this one run.
struct Shown<'a> {
    id: &'a str,
    secret: &'a str,
    password: &'a str,
}

/// The only place where a secret is printed: it was made for this.
#[expect(clippy::print_stdout, reason = "the lines are what the command is for")]
fn print_lines(url: &str, shown: &Shown<'_>, folder: &str, keeps: bool) {
    let Shown { id, secret, password } = shown;
    println!("# deltaglider_proxy demo: paste these lines into a shell, Ctrl-C here to stop");
    println!("export AWS_ENDPOINT_URL={url}");
    println!("export AWS_ACCESS_KEY_ID={id}");
    println!("export AWS_SECRET_ACCESS_KEY={secret}");
    println!("export AWS_REGION=us-east-1");
    println!("export DGP_BOOTSTRAP_PASSWORD={password}  # of the admin API");
    println!("# objects are in {folder}{}", if keeps { "" } else { " (temporary)" });
    println!("# then, for example: aws s3 mb s3://first && aws s3 ls");
}

fn fail(code: u8, text: &str) -> ExitCode {
    eprintln!("deltaglider_proxy: {text}");
    ExitCode::from(code)
}

/// Letters and digits from the system's random source; no character needs quoting.
fn random_text(length: usize) -> Option<String> {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bytes = [0u8; 64];
        getrandom::fill(&mut bytes).ok()?;
        // Bytes past the last whole multiple of 62 would favour the first letters.
        let letters = bytes.iter().filter(|byte| **byte < 248);
        text.extend(
            letters
                .filter_map(|byte| ALPHABET.get(usize::from(byte % 62)))
                .map(|it| char::from(*it)),
        );
    }
    text.truncate(length);
    Some(text)
}
