//! Users, rules and the audit as the running proxy has them: a database behind one thread, a
//! snapshot in front of it that requests read without waiting.

mod explanation;
mod keeper;
mod limiter;
mod recent;
mod snapshot;
mod upkeep;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arc_swap::ArcSwap;
use deltaglider_core::iam::Mode;
use deltaglider_core::policy::{Access, Identity, OwnedRules, RuleOwner};
use deltaglider_core::sigv4::SigningSecret;
use deltaglider_core::snapshot::{Principal, Snapshot};
use deltaglider_store::{
    AuditQuery, AuditRecord, AuditRow, CommitError, Committed, Edit, KeySource, Revision, State,
    Store, StoreError,
};
use time::OffsetDateTime;
use zeroize::Zeroizing;

pub(crate) use explanation::{AskedView, Explanation};
pub(crate) use keeper::Closed;
pub(crate) use recent::Asked;
pub(crate) use upkeep::event;

use crate::config::{KeyPair, StateConfig};
use keeper::Keeper;
use limiter::Limiter;
use recent::Recent;

/// Where the hash of the admin password is kept.
pub(crate) const PASSWORD_HASH: &str = "password_hash";

/// Where the key of sealed listing tokens is kept.
pub(crate) const SEAL_KEY: &str = "seal_key";

/// What requests and reads of the admin API see; replaced whole after every change.
pub(crate) struct Current {
    /// Rows, for the admin API.
    pub(crate) state: State,
    /// Keys and rules, for requests.
    pub(crate) snapshot: Snapshot,
}

/// Users, rules and the audit; clones share them.
#[derive(Clone)]
pub(crate) struct Iam {
    shared: Arc<Shared>,
}

struct Shared {
    keeper: Keeper,
    current: ArcSwap<Current>,
    bootstrap: Option<KeyPair>,
    decoy: SigningSecret,
    recent: Recent,
    strangers: Mutex<Limiter>,
    used: Mutex<HashMap<String, LastUse>>,
}

/// When a key was last used, and whether that is written down.
struct LastUse {
    time: OffsetDateTime,
    written: bool,
}

/// A change that was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// The store refuses it.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The document is the source of truth.
    #[error("users, groups and providers are declared in a document; change them there")]
    Declarative,
    /// The process is stopping.
    #[error(transparent)]
    Closed(#[from] Closed),
}

/// What could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The process is stopping.
    #[error(transparent)]
    Closed(#[from] Closed),
}

/// Opens the database of a state folder, before anything is served.
pub(crate) fn open_store(config: &StateConfig) -> Result<Store, deltaglider_store::OpenError> {
    let key = config.key.clone().map_or(KeySource::File, KeySource::Given);
    Store::open(&config.folder, &key, OffsetDateTime::now_utc())
}

impl Iam {
    /// Takes the database into service.
    pub(crate) fn start(
        mut store: Store,
        bootstrap: Option<KeyPair>,
        decoy: SigningSecret,
    ) -> Result<Self, StartIamError> {
        let state = store.load()?;
        let snapshot = snapshot::build(&state, bootstrap.as_ref(), &decoy);
        let shared = Shared {
            keeper: Keeper::start(store)?,
            current: ArcSwap::from_pointee(Current { state, snapshot }),
            bootstrap,
            decoy,
            recent: Recent::default(),
            strangers: Mutex::new(Limiter::new(Instant::now())),
            used: Mutex::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// What holds now; a request keeps it until it is decided.
    pub(crate) fn current(&self) -> Arc<Current> {
        self.shared.current.load_full()
    }

    /// The bootstrap access key id, which no user may take.
    pub(crate) fn bootstrap_id(&self) -> Option<&str> {
        self.shared.bootstrap.as_ref().map(|pair| pair.id.as_str())
    }

    /// Makes changes with their audit entries; when this returns, the next request sees them.
    pub(crate) async fn change(
        &self,
        expected: Option<Revision>,
        edits: Vec<Edit>,
        records: Vec<AuditRecord>,
    ) -> Result<Committed, ChangeError> {
        let shared = Arc::clone(&self.shared);
        let job = move |store: &mut Store| {
            let now = OffsetDateTime::now_utc();
            // Asked here, where changes stand in line: a switch of the mode may be before this.
            let declared = shared.current.load().state.mode == Mode::Declarative;
            if declared && !edits.iter().all(|edit| matches!(edit, Edit::SetMeta(..))) {
                return Err(ChangeError::Declarative);
            }
            let committed = store.commit(expected, &edits, &records, now)?;
            // Committed but unreadable: better to say so than to serve what no longer holds.
            let state = store.load().map_err(CommitError::Store)?;
            let snapshot = snapshot::build(&state, shared.bootstrap.as_ref(), &shared.decoy);
            shared.current.store(Arc::new(Current { state, snapshot }));
            Ok(committed)
        };
        self.shared.keeper.ask(job).await?
    }

    /// Runs an apply on the database's thread; where it changed something (its answer), that is
    /// what requests see next.
    pub(crate) async fn apply<E: From<CommitError> + Send + 'static>(
        &self,
        job: impl FnOnce(&mut Store) -> Result<bool, E> + Send + 'static,
    ) -> Result<Result<(), E>, Closed> {
        let shared = Arc::clone(&self.shared);
        let job = move |store: &mut Store| {
            if !job(store)? {
                return Ok(());
            }
            let state = store.load().map_err(|error| E::from(CommitError::Store(error)))?;
            let snapshot = snapshot::build(&state, shared.bootstrap.as_ref(), &shared.decoy);
            shared.current.store(Arc::new(Current { state, snapshot }));
            Ok(())
        };
        self.shared.keeper.ask(job).await
    }

    /// Keeps entries that are no changes: denials, logins.
    pub(crate) async fn record(&self, records: Vec<AuditRecord>) {
        self.shared.keeper.audit(records).await;
    }

    /// Keeps an entry of a caller that nobody knows, up to a limit per address.
    pub(crate) async fn record_stranger(&self, address: IpAddr, record: AuditRecord) {
        let admitted = self.strangers().admits(address);
        if admitted {
            self.record(vec![record]).await;
        }
    }

    /// Reads entries, the newest first.
    pub(crate) async fn audit(&self, query: AuditQuery) -> Result<Vec<AuditRow>, ReadError> {
        Ok(self.shared.keeper.ask(move |store| store.audit(&query)).await??)
    }

    /// Reads a value that is no user, group or rule.
    pub(crate) async fn meta(
        &self,
        key: &'static str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, ReadError> {
        Ok(self.shared.keeper.ask(move |store| store.meta(key)).await??)
    }

    /// Whether the database, really asked, answers.
    pub(crate) async fn is_ready(&self) -> bool {
        let asked = self.shared.keeper.ask(|store| store.is_alive());
        let patience = std::time::Duration::from_secs(5);
        matches!(tokio::time::timeout(patience, asked).await, Ok(Ok(true)))
    }

    /// Remembers a decided request for explanations.
    pub(crate) fn remember(&self, asked: Asked) {
        self.shared.recent.remember(asked);
    }

    /// A request among the last ones.
    pub(crate) fn recall(&self, request_id: &str) -> Option<Asked> {
        self.shared.recent.find(request_id)
    }

    /// Notes that a key signed a request.
    pub(crate) fn key_was_used(&self, access_key_id: &str, now: OffsetDateTime) {
        let mut used = self.shared.used.lock().unwrap_or_else(PoisonError::into_inner);
        let last = LastUse { time: now, written: false };
        match used.get_mut(access_key_id) {
            Some(held) => *held = last,
            None => drop(used.insert(access_key_id.to_owned(), last)),
        }
    }

    /// When a key was last used, as far as this process has seen it.
    pub(crate) fn last_use(&self, access_key_id: &str) -> Option<OffsetDateTime> {
        let used = self.shared.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.get(access_key_id).map(|last| last.time)
    }

    /// The caller that a simulation supposes; `None` where there is no user of that name.
    pub(crate) fn suppose(&self, name: &str, source: Option<IpAddr>) -> Option<Access> {
        let current = self.current();
        if self.bootstrap_id().is_some() && name == Principal::Bootstrap.name() {
            return Some(Access { principal: Principal::Bootstrap, source });
        }
        let user = current.state.users.iter().find(|user| user.name == name)?;
        let key = user.keys.last().map(|key| key.access_key_id.as_str()).unwrap_or_default();
        let mut sources: Vec<OwnedRules> =
            vec![snapshot::owned(RuleOwner::User(user.name.clone()), &user.rules)];
        for group in user.group_ids.iter().filter_map(|id| current.state.group(*id)) {
            sources.push(snapshot::owned(RuleOwner::Group(group.name.clone()), &group.rules));
        }
        let identity = Identity { username: name, access_key_id: key };
        let user = snapshot::bind(user, &identity, &sources);
        Some(Access { principal: Principal::User(Arc::new(user)), source })
    }

    fn strangers(&self) -> std::sync::MutexGuard<'_, Limiter> {
        self.shared.strangers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why the database cannot be taken into service.
#[derive(Debug, thiserror::Error)]
pub enum StartIamError {
    /// It cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The thread cannot be started.
    #[error("the database thread: {0}")]
    Thread(#[from] std::io::Error),
}
