//! `health`: asks the proxy that this configuration describes whether it is ready.

use std::process::ExitCode;

use deltaglider_server::config::{Config, Flags, Process};
use deltaglider_server::health;

/// Exits 0 when the proxy is ready, 1 when it is not, 4 when the configuration is wrong.
pub(crate) fn run(flags: &Flags) -> ExitCode {
    let config = match Config::load(&Process, flags) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("deltaglider_proxy: {error}");
            return ExitCode::from(4);
        }
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("deltaglider_proxy: the runtime cannot start: {error}");
            return ExitCode::from(3);
        }
    };
    match runtime.block_on(health::ask(&config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("deltaglider_proxy: not ready: {error}");
            ExitCode::FAILURE
        }
    }
}
