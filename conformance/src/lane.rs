//! A lane: one running subject, reached one way, with one kind of evidence.

use std::net::SocketAddr;
use std::sync::Arc;

use aws_sdk_s3::config::SharedHttpClient;

use crate::failure::Failure;
use crate::sdk;
use crate::subject::{Launch, Subject};
use crate::target::{AdminTarget, Target};
use crate::witness::Recorder;

/// How the subject is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTPS with a certificate of the suite's own authority.
    Https,
}

impl Scheme {
    /// `http` or `https`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// An access key id and its secret.
#[derive(Clone)]
pub struct Credentials {
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
}

/// What a verdict about the backend rests on.
#[derive(Clone)]
pub enum Evidence {
    /// A recording forwarder stands between the subject and its store.
    Witness(Arc<Recorder>),
    /// Nothing can be recorded: effects are read back through the subject.
    Effects,
}

/// One running subject as its scenarios see it.
pub struct Lane {
    /// Name for `--lane` and the summary, such as `witness-https`.
    pub name: String,
    /// Name of the subject, from its target file.
    pub subject: String,
    /// How the subject is spoken to.
    pub scheme: Scheme,
    /// Where the subject listens.
    pub addr: SocketAddr,
    /// Value of the `Host` header that requests are signed with.
    pub host: String,
    /// PEM of the authority that signed the subject's certificate (https lanes).
    pub ca_pem: Option<String>,
    /// The bootstrap key pair.
    pub credentials: Credentials,
    /// Domain whose sub-domains are buckets, where the subject has one.
    pub base_domain: Option<String>,
    /// An origin whose pages may call, where there is one.
    pub cors_origin: Option<String>,
    /// Region that requests are signed for.
    pub region: String,
    /// What verdicts about the backend rest on.
    pub evidence: Evidence,
    /// The admin API of the subject.
    pub admin: Option<AdminTarget>,
    /// Cookie of the session that the scenarios of this lane share.
    pub admin_session: tokio::sync::OnceCell<String>,
    /// HTTP client of the SDKs in this lane; it trusts `ca_pem` alone.
    pub http: SharedHttpClient,
    /// Whether the objects outlive the run, so that scenarios remove what they made.
    pub borrowed: bool,
    /// How to start another such subject, for scenarios that need their own. None where the
    /// suite did not start this one.
    pub launch: Option<Launch>,
}

impl Credentials {
    /// The bootstrap pair of a target.
    pub fn of(target: &Target) -> Self {
        let keys = target.credentials.clone();
        Self { access_key_id: keys.access_key_id, secret_access_key: keys.secret_access_key }
    }
}

impl Lane {
    /// The lane of a subject that was just started.
    pub fn of(
        launch: &Launch,
        subject: &Subject,
        name: String,
        scheme: Scheme,
        evidence: Evidence,
    ) -> Result<Self, Failure> {
        let ca_pem = (scheme == Scheme::Https).then(|| launch.certificates.ca_pem.clone());
        Ok(Self {
            name,
            subject: launch.target.name.clone(),
            scheme,
            addr: subject.addr,
            host: subject.addr.to_string(),
            credentials: Credentials::of(&launch.target),
            base_domain: launch.target.base_domain.clone(),
            cors_origin: launch.target.cors_origin.clone(),
            region: launch.target.region.clone(),
            evidence,
            admin: launch.target.admin.clone(),
            admin_session: tokio::sync::OnceCell::new(),
            http: sdk::http_client(ca_pem.as_deref())?,
            ca_pem,
            borrowed: false,
            launch: Some(launch.clone()),
        })
    }

    /// The S3 endpoint as a URL without a trailing slash.
    pub fn endpoint(&self) -> String {
        format!("{}://{}", self.scheme.as_str(), self.host)
    }

    /// Host and port below which buckets are hosts.
    pub fn base_host(&self) -> Result<String, Failure> {
        let domain = self.base_domain.as_ref();
        let domain = domain.ok_or_else(|| Failure::new("the target names no base domain"))?;
        Ok(format!("{domain}:{}", self.addr.port()))
    }

    /// Whether a witness records what reaches the store. Where not, the subject keeps objects
    /// in its own embedded store.
    pub fn is_witnessed(&self) -> bool {
        matches!(self.evidence, Evidence::Witness(_))
    }
}
