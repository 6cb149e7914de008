//! Starts a subject through its public command line and stops it again.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::failure::Failure;
use crate::lane::Scheme;
use crate::probe;
use crate::store::StoreAddress;
use crate::target::Target;
use crate::template;
use crate::tls::Certificates;

/// How long a subject may take until its health answers.
const START_LIMIT: Duration = Duration::from_secs(20);

/// How often the health is asked meanwhile.
const START_PAUSE: Duration = Duration::from_millis(20);

/// How often a port that somebody else took first is replaced.
const PORT_ATTEMPTS: usize = 3;

/// What it takes to start subjects of one target.
#[derive(Clone)]
pub struct Launch {
    /// The target.
    pub target: Target,
    /// Where programs named in a `command` are, if not on the PATH.
    pub programs: HashMap<String, PathBuf>,
    /// Certificates for subjects that serve HTTPS.
    pub certificates: Certificates,
}

/// A subject that this run started; it is killed when dropped.
pub struct Subject {
    /// Where it listens.
    pub addr: SocketAddr,
    child: Child,
    home: TempDir,
}

impl Launch {
    /// Starts a subject and waits until it is healthy. Without a store it keeps its objects itself.
    pub async fn start(
        &self,
        scheme: Scheme,
        store: Option<&StoreAddress>,
    ) -> Result<Subject, Failure> {
        let mut attempt = 1;
        loop {
            match self.try_start(scheme, store).await {
                Err(_) if attempt < PORT_ATTEMPTS => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    async fn try_start(
        &self,
        scheme: Scheme,
        store: Option<&StoreAddress>,
    ) -> Result<Subject, Failure> {
        let addr = free_address()?;
        let home = tempfile::tempdir()?;
        let config = self.write_config(home.path(), addr, store)?;
        let mut subject = Subject { addr, child: self.spawn(home.path(), &config, scheme)?, home };
        self.wait_until_healthy(&mut subject, scheme).await?;
        Ok(subject)
    }

    fn write_config(
        &self,
        home: &Path,
        addr: SocketAddr,
        store: Option<&StoreAddress>,
    ) -> Result<PathBuf, Failure> {
        let target = &self.target;
        let storage =
            if store.is_some() { &target.storage.remote } else { &target.storage.embedded };
        let storage = storage
            .as_deref()
            .ok_or_else(|| Failure::new("the target has no template for this storage"))?;
        let listen = addr.to_string();
        let state_dir = home.join("state").display().to_string();
        let data_dir = home.join("data").display().to_string();
        let mut values = vec![
            ("storage", storage),
            ("listen", &listen),
            ("state_dir", &state_dir),
            ("data_dir", &data_dir),
            ("access_key_id", &target.credentials.access_key_id),
            ("secret_access_key", &target.credentials.secret_access_key),
        ];
        if let Some(store) = store {
            values.push(("store", &store.url));
            values.push(("store_access_key_id", &store.credentials.access_key_id));
            values.push(("store_secret_access_key", &store.credentials.secret_access_key));
        }
        let path = home.join("config.yaml");
        std::fs::write(&path, template::fill(&target.config, &values))?;
        Ok(path)
    }

    fn spawn(&self, home: &Path, config: &Path, scheme: Scheme) -> Result<Child, Failure> {
        let config = config.display().to_string();
        let (program, arguments) = self
            .target
            .command
            .split_first()
            .ok_or_else(|| Failure::new("the target has no `command`"))?;
        let program_path =
            self.programs.get(program).cloned().unwrap_or_else(|| PathBuf::from(program));
        let log = std::fs::File::create(home.join("log"))?;
        let mut command = Command::new(program_path);
        command
            .args(arguments.iter().map(|argument| template::fill(argument, &[("config", &config)])))
            .current_dir(home)
            // What the operator's shell holds must not decide what the subject does.
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(&self.target.environment)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        if scheme == Scheme::Https {
            let cert = self.certificates.cert.display().to_string();
            let key = self.certificates.key.display().to_string();
            for (name, value) in self.target.tls_environment.iter().flatten() {
                command.env(name, template::fill(value, &[("cert", &cert), ("key", &key)]));
            }
        }
        command.spawn().map_err(|e| Failure::new(format!("`{program}` does not start: {e}")))
    }

    async fn wait_until_healthy(
        &self,
        subject: &mut Subject,
        scheme: Scheme,
    ) -> Result<(), Failure> {
        let ca_pem = (scheme == Scheme::Https).then_some(self.certificates.ca_pem.as_str());
        let host = subject.addr.to_string();
        let started = Instant::now();
        loop {
            if let Some(status) = subject.child.try_wait()? {
                let log = subject.log_tail();
                return Err(Failure::new(format!("the subject ended with {status}:\n{log}")));
            }
            let answer = probe::get(subject.addr, ca_pem, &host, &self.target.health).await;
            match answer {
                Ok(answer) if answer.status == 200 => return Ok(()),
                _ if started.elapsed() < START_LIMIT => tokio::time::sleep(START_PAUSE).await,
                Ok(answer) => {
                    return Err(Failure::new(format!(
                        "{} answers {}",
                        self.target.health, answer.status
                    )));
                }
                Err(error) => {
                    let log = subject.log_tail();
                    return Err(Failure::new(format!(
                        "the subject is not healthy: {error}\n{log}"
                    )));
                }
            }
        }
    }
}

impl Subject {
    /// The end of what the subject printed.
    pub fn log_tail(&self) -> String {
        let log = std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(15).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
