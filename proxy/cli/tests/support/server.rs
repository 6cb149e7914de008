//! A server process on a port of its own.

use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::client::Client;

pub(crate) const KEY_ID: &str = "store-tests";
pub(crate) const SECRET: &str = "a-secret-for-store-tests";

/// No start takes longer, repairs included.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running server; dropped, it is killed.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) addr: SocketAddr,
}

impl Server {
    /// The proxy on its embedded store in `folder`/data; what it logs goes on to `folder`/log.
    pub(crate) fn proxy(folder: &Path) -> Server {
        let addr = free_address();
        Server::start(Server::command(folder, addr), addr)
    }

    /// The same, not started yet.
    pub(crate) fn command(folder: &Path, addr: SocketAddr) -> Command {
        let log = File::options().create(true).append(true).open(folder.join("log"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_deltaglider_proxy"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("DGP_") {
                command.env_remove(name);
            }
        }
        command
            .args(["serve", "-l", &addr.to_string()])
            .current_dir(folder)
            .env("DGP_DATA_DIR", folder.join("data"))
            .env("DGP_STATE_DIR", folder.join("state"))
            .env("DGP_ACCESS_KEY_ID", KEY_ID)
            .env("DGP_SECRET_ACCESS_KEY", SECRET)
            .env("DGP_REPLAY_WINDOW_SECS", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.expect("a log file"));
        command
    }

    /// Any program that will listen on `addr`.
    pub(crate) fn start(mut command: Command, addr: SocketAddr) -> Server {
        let child = command.spawn().expect("the program starts");
        Server { child, addr }
    }

    /// Waits until connections are taken; `false` when the process ends first.
    pub(crate) fn wait(&mut self) -> bool {
        let limit = Instant::now() + PATIENCE;
        while Instant::now() < limit {
            if TcpStream::connect(self.addr).is_ok() {
                return true;
            }
            if self.child.try_wait().expect("a child's state").is_some() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }

    /// Waits for the process to end by itself, and gives its exit code.
    pub(crate) fn ends(&mut self) -> Option<i32> {
        let limit = Instant::now() + PATIENCE;
        while Instant::now() < limit {
            if let Some(status) = self.child.try_wait().expect("a child's state") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.addr, KEY_ID, SECRET)
    }

    /// SIGKILL, and the end of the process.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// An address of this machine that nobody listens on.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address")
}
