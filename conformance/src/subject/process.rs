//! Starts a subject through its public command line and stops it again.

use std::collections::{BTreeMap, HashMap};
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
    /// Where the health is asked, where not at the S3 address.
    pub health_at: Option<SocketAddr>,
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
        let values = self.values(home.path(), addr, scheme, store)?;
        std::fs::write(home.path().join("config.yaml"), values.fill(&self.target.config))?;
        let mut subject = Subject { addr, child: self.spawn(home.path(), &values, scheme)?, home };
        self.wait_until_healthy(&mut subject, scheme).await?;
        Ok(subject)
    }

    /// What the templates of the target may name.
    fn values(
        &self,
        home: &Path,
        addr: SocketAddr,
        scheme: Scheme,
        store: Option<&StoreAddress>,
    ) -> Result<Values, Failure> {
        let target = &self.target;
        let (storage, store) = match store {
            Some(store) => (&target.storage.remote, store.clone()),
            None => (&target.storage.embedded, StoreAddress::none()),
        };
        let storage = storage
            .clone()
            .ok_or_else(|| Failure::new("the target has no template for this storage"))?;
        let path = |name: &str| home.join(name).display().to_string();
        Ok(Values(vec![
            ("storage", storage),
            ("scheme", scheme.as_str().to_owned()),
            ("listen", addr.to_string()),
            ("config", path("config.yaml")),
            ("state_dir", path("state")),
            ("data_dir", path("data")),
            ("access_key_id", target.credentials.access_key_id.clone()),
            ("secret_access_key", target.credentials.secret_access_key.clone()),
            ("store", store.url),
            ("store_access_key_id", store.credentials.access_key_id),
            ("store_secret_access_key", store.credentials.secret_access_key),
            ("cert", self.certificates.cert.display().to_string()),
            ("key", self.certificates.key.display().to_string()),
        ]))
    }

    fn spawn(&self, home: &Path, values: &Values, scheme: Scheme) -> Result<Child, Failure> {
        let (program, arguments) = self
            .target
            .command
            .split_first()
            .ok_or_else(|| Failure::new("the target has no `command`"))?;
        let path = self.programs.get(program).cloned().unwrap_or_else(|| PathBuf::from(program));
        let log = std::fs::File::create(home.join("log"))?;
        let tls = match scheme {
            Scheme::Https => self.target.tls_environment.clone().unwrap_or_default(),
            Scheme::Http => BTreeMap::new(),
        };
        Command::new(path)
            .args(arguments.iter().map(|argument| values.fill(argument)))
            .current_dir(home)
            // What the operator's shell holds must not decide what the subject does.
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.target.environment.iter().map(|(name, value)| (name, values.fill(value))))
            .envs(tls.iter().map(|(name, value)| (name, values.fill(value))))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| Failure::new(format!("`{program}` does not start: {e}")))
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
            let addr = self.health_at.unwrap_or(subject.addr);
            let answer = probe::get(addr, ca_pem, &host, &self.target.health).await;
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

/// Names and values for the templates of a target.
struct Values(Vec<(&'static str, String)>);

impl Values {
    fn fill(&self, text: &str) -> String {
        template::fill(text, &self.0)
    }
}

impl Subject {
    /// Asks it to stop, as an operator's `kill` does.
    pub async fn terminate(&mut self) -> Result<(), Failure> {
        let pid = self.child.id().ok_or_else(|| Failure::new("the subject has ended already"))?;
        let kill = Command::new("kill").args(["-TERM", &pid.to_string()]).status().await?;
        Failure::unless(kill.success(), || "the subject could not be told to stop".to_owned())
    }

    /// Waits until it has ended.
    pub async fn ended(&mut self) -> Result<std::process::ExitStatus, Failure> {
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
        let log = std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(15).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

/// A loopback address that nobody listens at.
pub fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
