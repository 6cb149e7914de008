//! Starts what the scenarios run against: the store, a witness each, and the subjects.

use std::sync::Arc;

use tempfile::TempDir;

use super::Options;
use crate::failure::Failure;
use crate::lane::{Credentials, Evidence, Lane, Scheme};
use crate::sdk::{self, Retries, Sdk};
use crate::store::Store;
use crate::subject::{Launch, Subject};
use crate::target::Target;
use crate::tls::Certificates;
use crate::witness::Witness;

/// The lanes of a run and everything that has to live as long as they do.
pub(super) struct Lanes {
    lanes: Vec<Arc<Lane>>,
    store: Option<Store>,
    _subjects: Vec<Subject>,
    _witnesses: Vec<Witness>,
    _certificates: TempDir,
}

impl Lanes {
    /// Starts every lane that the target supports and the filter leaves.
    pub(super) async fn start(target: &Target, options: &Options) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let mut all = Self {
            lanes: Vec::new(),
            store: None,
            _subjects: Vec::new(),
            _witnesses: Vec::new(),
            _certificates: folder,
        };
        if let Some(endpoint) = &target.endpoint {
            all.lanes.push(Arc::new(at_endpoint(target, endpoint).await?));
            return Ok(all);
        }
        let launch = Launch {
            target: target.clone(),
            programs: options.programs.clone(),
            certificates: Certificates::make(
                all._certificates.path(),
                target.base_domain.as_deref(),
            )?,
            health_at: None,
        };
        for (kind, scheme) in [
            (Kind::Witness, Scheme::Http),
            (Kind::Witness, Scheme::Https),
            (Kind::Own, Scheme::Http),
            (Kind::Own, Scheme::Https),
        ] {
            let name = format!("{}-{}", kind.as_str(), scheme.as_str());
            let wanted = options
                .filter
                .lane
                .as_ref()
                .is_none_or(|wanted| *wanted == name || wanted == kind.as_str());
            if wanted && kind.is_offered(target, scheme) {
                if kind == Kind::Witness && all.store.is_none() {
                    all.store = Some(Store::start(&launch, &options.store).await?);
                }
                all.open(&launch, name, kind, scheme).await?;
            }
        }
        if all.lanes.is_empty() {
            return Err(Failure::new(
                "no lane is left to run: there are witness-http, witness-https, own-http and own-https, as far as the target has their storage and transport",
            ));
        }
        Ok(all)
    }

    /// What the store is, where there is one.
    pub(super) fn store(&self) -> Option<&str> {
        self.store.as_ref().map(|store| store.description.as_str())
    }

    /// The lanes, in the order of the summary.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Lane>> {
        self.lanes.iter()
    }

    async fn open(
        &mut self,
        launch: &Launch,
        name: String,
        kind: Kind,
        scheme: Scheme,
    ) -> Result<(), Failure> {
        let (evidence, address) = match (kind, &self.store) {
            (Kind::Own, _) | (_, None) => (Evidence::Effects, None),
            (Kind::Witness, Some(store)) => {
                let witness = Witness::start(store.addr).await?;
                let address = store.through(witness.addr());
                let evidence = Evidence::Witness(Arc::clone(witness.recorder()));
                self._witnesses.push(witness);
                (evidence, Some(address))
            }
        };
        let subject = launch.start(scheme, address.as_ref()).await?;
        let mut lane = Lane::of(launch, &subject, name, scheme, evidence)?;
        lane.borrowed =
            kind == Kind::Witness && self.store.as_ref().is_some_and(Store::is_borrowed);
        self._subjects.push(subject);
        check_the_road(&lane).await?;
        self.lanes.push(Arc::new(lane));
        Ok(())
    }
}

/// Where the objects of a lane are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// In a store behind a witness.
    Witness,
    /// In the subject's own store.
    Own,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Witness => "witness",
            Self::Own => "own",
        }
    }

    fn is_offered(self, target: &Target, scheme: Scheme) -> bool {
        let storage = match self {
            Self::Witness => &target.storage.remote,
            Self::Own => &target.storage.embedded,
        };
        storage.is_some() && (scheme == Scheme::Http || target.tls_environment.is_some())
    }
}

/// Makes sure that the subject serves, and that what it does passes the witness: with a witness
/// off the road every `the backend receives no request` would hold.
async fn check_the_road(lane: &Lane) -> Result<(), Failure> {
    let name = format!("cf-road-{}", uuid::Uuid::new_v4().simple());
    let sdk = Sdk::new(lane, "road", Retries::Stock)?;
    let made = sdk.client.create_bucket().bucket(&name).send().await;
    made.map_err(|e| {
        let cause = Failure::from(e);
        Failure::new(format!("lane {}: the subject makes no bucket: {cause}", lane.name))
    })?;
    if let Evidence::Witness(recorder) = &lane.evidence
        && recorder.since(0, &name).is_empty()
    {
        return Err(Failure::new(format!("lane {}: the witness sees no request", lane.name)));
    }
    sdk.client.delete_bucket().bucket(&name).send().await?;
    Ok(())
}

/// The lane of a subject that runs already.
async fn at_endpoint(target: &Target, endpoint: &str) -> Result<Lane, Failure> {
    let uri: http::Uri = endpoint.parse()?;
    let scheme = match uri.scheme_str() {
        Some("http") => Scheme::Http,
        Some("https") => Scheme::Https,
        _ => return Err(Failure::new(format!("`{endpoint}` is neither http nor https"))),
    };
    let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
    let default_port = if scheme == Scheme::Http { 80 } else { 443 };
    let place = (uri.host().unwrap_or_default().to_owned(), uri.port_u16().unwrap_or(default_port));
    let addr = tokio::net::lookup_host(place)
        .await?
        .next()
        .ok_or_else(|| Failure::new(format!("`{endpoint}` has no address")))?;
    let ca_pem = target.ca_file.as_ref().map(std::fs::read_to_string).transpose()?;
    let lane = Lane {
        name: "endpoint".to_owned(),
        subject: target.name.clone(),
        scheme,
        addr,
        host: authority,
        credentials: Credentials::of(target),
        base_domain: target.base_domain.clone(),
        cors_origin: target.cors_origin.clone(),
        region: target.region.clone(),
        evidence: Evidence::Effects,
        admin: target.admin.clone(),
        admin_session: tokio::sync::OnceCell::new(),
        http: sdk::http_client(ca_pem.as_deref())?,
        ca_pem,
        borrowed: true,
        launch: None,
    };
    check_the_road(&lane).await?;
    Ok(lane)
}
