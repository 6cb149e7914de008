//! What it takes to start subjects of one target.

use std::collections::{BTreeMap, HashMap};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use super::process::{Program, Subject};
use crate::failure::Failure;
use crate::lane::Scheme;
use crate::store::StoreAddress;
use crate::target::Target;
use crate::template;
use crate::tls::Certificates;

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
        Subject::start(self.program(&values, scheme)?, addr, home).await
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

    fn program(&self, values: &Values, scheme: Scheme) -> Result<Program, Failure> {
        let (name, arguments) = self
            .target
            .command
            .split_first()
            .ok_or_else(|| Failure::new("the target has no `command`"))?;
        let tls = match scheme {
            Scheme::Https => self.target.tls_environment.clone().unwrap_or_default(),
            Scheme::Http => BTreeMap::new(),
        };
        let admin = self.target.admin.iter().flat_map(|admin| &admin.environment);
        let environment = self.target.environment.iter().chain(admin).chain(&tls);
        Ok(Program {
            path: self.programs.get(name).cloned().unwrap_or_else(|| PathBuf::from(name)),
            arguments: arguments.iter().map(|argument| values.fill(argument)).collect(),
            environment: environment.map(|(n, value)| (n.clone(), values.fill(value))).collect(),
            health: self.target.health.clone(),
            health_at: self.health_at,
            ca_pem: (scheme == Scheme::Https).then(|| self.certificates.ca_pem.clone()),
        })
    }
}

/// Names and values for the templates of a target.
struct Values(Vec<(&'static str, String)>);

impl Values {
    fn fill(&self, text: &str) -> String {
        template::fill(text, &self.0)
    }
}

/// A loopback address that nobody listens at.
pub fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
