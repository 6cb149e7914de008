//! `serve`: configuration from file, environment and flags, until a signal.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use deltaglider_server::app::{self, Reload, StartError, Started};
use deltaglider_server::config::{Config, ConfigError, Flags, Process, Source};
use deltaglider_server::logging;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Reads the configuration whole before anything is opened or bound.
pub(crate) fn run(flags: &Flags) -> ExitCode {
    let config = match Config::load(&Process, flags) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("deltaglider_proxy: {error}");
            let unreadable = matches!(error, ConfigError::Unreadable { .. });
            return ExitCode::from(if unreadable { 3 } else { 4 });
        }
    };
    logging::install(&config.log);
    run_config(config, Arc::new(Process), |_| {})
}

/// Serves a configuration until SIGTERM or SIGINT; `ready` hears the endpoint's URL.
pub(crate) fn run_config(
    config: Config,
    source: Arc<dyn Source>,
    ready: impl FnOnce(&str),
) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("deltaglider_proxy: the runtime cannot start: {error}");
            return ExitCode::from(3);
        }
    };
    let grace = config.shutdown_grace;
    match runtime.block_on(until_stopped(config, source, grace, ready)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("deltaglider_proxy: {error}");
            let configuration =
                matches!(error, StartError::Tls { .. } | StartError::PasswordHash(_));
            let refused = matches!(error, StartError::Document(_));
            ExitCode::from(if refused {
                6
            } else if configuration {
                4
            } else {
                3
            })
        }
    }
}

async fn until_stopped(
    config: Config,
    source: Arc<dyn Source>,
    grace: Duration,
    ready: impl FnOnce(&str),
) -> Result<usize, StartError> {
    // Before anything is announced: a signal that came first would be lost otherwise.
    let stop = stop_signal();
    let hangup = signal(SignalKind::hangup());
    let Started { port, reload, new_password } = app::start(config, source).await?;
    tokio::spawn(reload_on(hangup, reload));
    if let Some(password) = new_password {
        show(&password);
    }
    let scheme = if port.is_tls() { "https" } else { "http" };
    let address = port.address().map(|address| address.to_string()).unwrap_or_default();
    tracing::info!("listening on {scheme}://{address}");
    if let Some(admin) = port.admin_address() {
        tracing::info!("the admin listens on {scheme}://{admin}");
    }
    ready(&format!("{scheme}://{address}"));
    let cut = port.serve(stop, grace).await;
    match cut {
        0 => tracing::info!("stopped"),
        cut => tracing::warn!(connections = cut, "stopped; transfers were cut off"),
    }
    Ok(cut)
}

/// SIGHUP: the file is read again; what is faulty in it is logged and changes nothing.
async fn reload_on(hangup: std::io::Result<Signal>, reload: Reload) {
    let Ok(mut hangup) = hangup else { return };
    while hangup.recv().await.is_some() {
        reload.run().await;
    }
}

/// To the terminal and not to the log: the only time that the password is seen.
fn show(password: &str) {
    eprintln!("deltaglider_proxy: the admin password, shown this once: {password}");
}

/// Resolves at the first SIGTERM or SIGINT; a second one ends the process at once.
///
/// The handlers are in place when this returns, not when the future is first polled.
fn stop_signal() -> impl Future<Output = ()> {
    let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async {
        let (Ok(mut terminate), Ok(mut interrupt)) = (terminate, interrupt) else {
            tracing::error!("signals cannot be heard; stop the process by force");
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            std::process::exit(130);
        });
    }
}
