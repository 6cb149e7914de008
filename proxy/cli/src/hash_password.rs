//! `hash-password`: for DGP_BOOTSTRAP_PASSWORD_HASH.

use std::io::{BufRead as _, Read as _};
use std::process::ExitCode;

use deltaglider_server::admin::PasswordHash;
use zeroize::Zeroizing;

/// Longest line that is read, in bytes.
const LONGEST: u64 = 4096;

/// One line from standard input, one PHC string to standard output.
#[expect(clippy::print_stdout, reason = "the hash is what the command is for")]
pub(crate) fn run() -> ExitCode {
    let mut line = Zeroizing::new(String::new());
    if let Err(error) = std::io::stdin().lock().take(LONGEST).read_line(&mut line) {
        eprintln!("deltaglider_proxy: standard input: {error}");
        return ExitCode::from(3);
    }
    match PasswordHash::make(line.trim_end_matches(['\r', '\n'])) {
        Ok(hash) => {
            println!("{}", hash.phc());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("deltaglider_proxy: {error}");
            ExitCode::from(2)
        }
    }
}
