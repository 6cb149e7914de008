//! Structured logs on standard error.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::config::LogConfig;

/// Installs the process's logger; a second call keeps the first one.
pub fn install(config: &LogConfig) {
    // The wire library of the embedded store logs whole documents; what matters of them
    // is in our own lines.
    let text = format!("s3s=off,{}", config.filter);
    let filter = EnvFilter::try_new(text).unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let builder = fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr);
    // A log that cannot be written, as on a full disk, must not end the request that it is about.
    let builder = builder.log_internal_errors(false);
    // A logger that is there already is a test's or an embedder's, and stays.
    let _ = if config.json {
        builder.json().flatten_event(true).try_init()
    } else {
        builder.try_init()
    };
}
