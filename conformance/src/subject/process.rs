//! One subject: its process, which may end and start again, and the folder that outlives it.

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::failure::Failure;
use crate::probe;

/// How long a subject may take until its health answers.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How often the health is asked meanwhile.
const START_PAUSE: Duration = Duration::from_millis(20);

/// A subject that this run started; it is killed when dropped.
pub struct Subject {
    /// Where it listens, after a restart too.
    pub addr: SocketAddr,
    program: Program,
    child: Child,
    home: TempDir,
}

/// What is run, with every template filled in.
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) arguments: Vec<String>,
    /// All that it gets, besides PATH.
    pub(super) environment: Vec<(String, String)>,
    /// Path that answers 200 once it serves.
    pub(super) health: String,
    /// Where it answers so, where not at the S3 address.
    pub(super) health_at: Option<SocketAddr>,
    /// Authority of its certificate, where it serves HTTPS.
    pub(super) ca_pem: Option<String>,
}

impl Subject {
    /// Starts a program that listens at `addr` and waits until it is healthy.
    pub(super) async fn start(
        program: Program,
        addr: SocketAddr,
        home: TempDir,
    ) -> Result<Self, Failure> {
        let child = program.spawn(home.path())?;
        let mut subject = Self { addr, program, child, home };
        subject.wait_until_healthy().await?;
        Ok(subject)
    }

    /// Stops it as an operator does; whatever was under way is finished.
    pub async fn stop(&mut self) -> Result<(), Failure> {
        self.terminate().await?;
        let status = self.ended().await?;
        Failure::unless(status.success(), || format!("the subject ended with {status}"))
    }

    /// Ends it at once (SIGKILL), wherever it stands.
    pub async fn kill(&mut self) -> Result<(), Failure> {
        Failure::unless(self.child.id().is_some(), || "the subject has ended already".to_owned())?;
        Ok(tokio::time::timeout(START_LIMIT, self.child.kill()).await??)
    }

    /// Starts it anew after its end: the same command, address, configuration and state.
    pub async fn start_again(&mut self) -> Result<(), Failure> {
        self.spawn_again()?;
        self.wait_until_healthy().await
    }

    /// Starts it anew and gives the status that it ends with of itself.
    pub async fn start_in_vain(&mut self) -> Result<ExitStatus, Failure> {
        self.spawn_again()?;
        self.ended().await
    }

    fn spawn_again(&mut self) -> Result<(), Failure> {
        let ended = self.child.try_wait()?.is_some();
        Failure::unless(ended, || "the subject still runs".to_owned())?;
        self.child = self.program.spawn(self.home.path())?;
        Ok(())
    }

    /// Asks it to stop, as an operator's `kill` does.
    pub async fn terminate(&mut self) -> Result<(), Failure> {
        self.signal("-TERM").await
    }

    /// Asks it to read its configuration again (SIGHUP).
    pub async fn reload(&mut self) -> Result<(), Failure> {
        self.signal("-HUP").await
    }

    async fn signal(&mut self, signal: &str) -> Result<(), Failure> {
        let kill = Command::new("kill").args([signal, &self.pid()?.to_string()]).status().await?;
        Failure::unless(kill.success(), || "the subject could not be signalled".to_owned())
    }

    /// Its process id, while it runs.
    pub fn pid(&self) -> Result<u32, Failure> {
        self.child.id().ok_or_else(|| Failure::new("the subject has ended already"))
    }

    /// Its configuration file.
    pub fn config(&self) -> PathBuf {
        self.home.path().join("config.yaml")
    }

    /// Waits until it has ended.
    pub async fn ended(&mut self) -> Result<ExitStatus, Failure> {
        Ok(tokio::time::timeout(START_LIMIT, self.child.wait()).await??)
    }

    /// Every file that it wrote or was given, its log among them.
    pub fn files(&self) -> Result<Vec<PathBuf>, Failure> {
        let (mut files, mut folders) = (Vec::new(), vec![self.home.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        Ok(files)
    }

    /// The end of what the subject printed.
    pub fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().rev().take(15).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// All that it has printed, over every start.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }

    async fn wait_until_healthy(&mut self) -> Result<(), Failure> {
        let (ca_pem, host) = (self.program.ca_pem.clone(), self.addr.to_string());
        let health = self.program.health.clone();
        let addr = self.program.health_at.unwrap_or(self.addr);
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                let log = self.log_tail();
                return Err(Failure::new(format!("the subject ended with {status}:\n{log}")));
            }
            let answer = probe::get(addr, ca_pem.as_deref(), &host, &health).await;
            match answer {
                Ok(answer) if answer.status == 200 => return Ok(()),
                _ if started.elapsed() < START_LIMIT => tokio::time::sleep(START_PAUSE).await,
                Ok(answer) => {
                    return Err(Failure::new(format!("{health} answers {}", answer.status)));
                }
                Err(error) => {
                    let log = self.log_tail();
                    return Err(Failure::new(format!(
                        "the subject is not healthy: {error}\n{log}"
                    )));
                }
            }
        }
    }
}

impl Program {
    fn spawn(&self, home: &Path) -> Result<Child, Failure> {
        let log = OpenOptions::new().create(true).append(true).open(home.join("log"))?;
        Command::new(&self.path)
            .args(&self.arguments)
            .current_dir(home)
            // What the operator's shell holds must not decide what the subject does.
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| Failure::new(format!("`{}` does not start: {e}", self.path.display())))
    }
}
