//! The login: throttle, password and sessions, combined so that no order can be missed.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

use super::password::{PasswordError, PasswordHash};
use super::session::{SessionToken, Sessions, TokenDigest};
use super::throttle::{Admitted, Client, RetryAfter, Throttle, Verdict};

/// Shortest new password, in characters.
pub(crate) const MIN_NEW_PASSWORD: usize = 12;
/// Logins that wait in a lane; each holds a connection.
const QUEUE: usize = 100;
/// How long a login waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who may use the admin API.
pub(crate) struct Gate {
    /// The sessions that logins made.
    pub(crate) sessions: Sessions,
    throttle: Arc<Throttle>,
    password: Mutex<Arc<PasswordHash>>,
    /// One change at a time: what is kept and what is in force do not come apart.
    changing: tokio::sync::Mutex<()>,
    strangers: Lane,
    known: Lane,
}

/// Why a login, or the current password of a change, is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LoginRefusal {
    /// 401: not the password.
    Wrong,
    /// 429: the address, or all of them, failed too often; nothing was verified.
    TooMany(RetryAfter),
    /// 503: too many verifications wait already.
    Busy,
    /// 500: no random bytes, or the server is stopping.
    Failed,
}

/// Why the password stays as it was.
#[derive(Debug)]
pub(crate) enum ChangeRefusal<E> {
    /// The current password was refused.
    Current(LoginRefusal),
    /// The new one has fewer than [`MIN_NEW_PASSWORD`] characters.
    TooShort,
    /// The new one cannot be hashed.
    New(PasswordError),
    /// It could not be kept.
    Keep(E),
}

/// Somebody who gives the password.
pub(crate) struct Attempt {
    /// The caller, after trusted proxies.
    pub(crate) address: IpAddr,
    /// What they gave.
    pub(crate) password: Zeroizing<String>,
    /// Monotonic now; waiting for a turn is not added.
    pub(crate) now: Instant,
}

impl Gate {
    /// A gate that opens to this password, for sessions of this length.
    pub(crate) fn new(password: PasswordHash, session_ttl: Duration) -> Self {
        Self {
            sessions: Sessions::new(session_ttl),
            throttle: Arc::new(Throttle::new()),
            password: Mutex::new(Arc::new(password)),
            changing: tokio::sync::Mutex::default(),
            strangers: Lane::new(QUEUE, PATIENCE),
            known: Lane::new(QUEUE, PATIENCE),
        }
    }

    /// Starts a session in place of the one that the caller's cookie named.
    pub(crate) async fn login(
        &self,
        attempt: Attempt,
        old: Option<TokenDigest>,
    ) -> Result<SessionToken, LoginRefusal> {
        let now = attempt.now;
        let verified = self.verify(attempt).await?;
        self.open(&verified, old.as_ref(), now)
    }

    fn open(
        &self,
        verified: &Arc<PasswordHash>,
        old: Option<&TokenDigest>,
        now: Instant,
    ) -> Result<SessionToken, LoginRefusal> {
        let current = self.password();
        // Changed meanwhile: sessions of the old password have ended, and none may follow.
        if !Arc::ptr_eq(&current, verified) {
            return Err(LoginRefusal::Wrong);
        }
        self.sessions.rotate(old, now).map_err(|_| LoginRefusal::Failed)
    }

    /// Replaces the password once `keep` has made its hash durable, and ends every session.
    ///
    /// Dropped while `keep` runs, the old password stays in force although the new one may
    /// be on disk: the caller runs this on a task of its own.
    pub(crate) async fn change_password<E>(
        &self,
        attempt: Attempt,
        new: Zeroizing<String>,
        keep: impl AsyncFnOnce(&PasswordHash) -> Result<(), E>,
    ) -> Result<(), ChangeRefusal<E>> {
        if new.chars().count() < MIN_NEW_PASSWORD {
            return Err(ChangeRefusal::TooShort);
        }
        let verified = self.verify(attempt).await.map_err(ChangeRefusal::Current)?;
        let _alone = self.changing.lock().await;
        if !Arc::ptr_eq(&self.password(), &verified) {
            return Err(ChangeRefusal::Current(LoginRefusal::Wrong));
        }
        let made = tokio::task::spawn_blocking(move || PasswordHash::make(&new)).await;
        let made = made.map_err(|_| ChangeRefusal::New(PasswordError::Hashing))?;
        let made = made.map_err(ChangeRefusal::New)?;
        keep(&made).await.map_err(ChangeRefusal::Keep)?;
        let mut password = self.password();
        *password = Arc::new(made);
        self.sessions.end_all();
        Ok(())
    }

    /// The hash that the password was found to match, on a thread that may block.
    async fn verify(&self, attempt: Attempt) -> Result<Arc<PasswordHash>, LoginRefusal> {
        let Attempt { address, password, now } = attempt;
        let client = Client::from(address);
        let Admitted { known } = self.throttle.admit(client, now)?;
        let lane = if known { &self.known } else { &self.strangers };
        let turn = lane.turn().await?;
        // Others of the same address may have failed while this one waited.
        self.throttle.admit(client, now)?;
        let (throttle, hash) = (Arc::clone(&self.throttle), Arc::clone(&self.password()));
        // Not cancelled with its request: who hangs up is counted, and holds the turn.
        let verification = tokio::task::spawn_blocking(move || {
            let verdict = throttle.conclude(client, hash.verify(&password), now);
            drop(turn);
            (verdict, hash)
        });
        match verification.await.map_err(|_| LoginRefusal::Failed)? {
            (Verdict::Right, hash) => Ok(hash),
            (Verdict::Wrong, _) => Err(LoginRefusal::Wrong),
            (Verdict::Refused(retry_after), _) => Err(LoginRefusal::TooMany(retry_after)),
        }
    }

    fn password(&self) -> MutexGuard<'_, Arc<PasswordHash>> {
        self.password.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<RetryAfter> for LoginRefusal {
    fn from(retry_after: RetryAfter) -> Self {
        Self::TooMany(retry_after)
    }
}

/// One verification at a time, and a bounded queue before it.
///
/// Strangers share a lane, and a crowd of them leaves the other lane free.
struct Lane {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    patience: Duration,
}

/// Held for as long as a password is being hashed.
struct Turn {
    _place: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
}

impl Lane {
    fn new(queue: usize, patience: Duration) -> Self {
        let places = Arc::new(Semaphore::new(queue + 1));
        Self { places, turns: Arc::new(Semaphore::new(1)), patience }
    }

    async fn turn(&self) -> Result<Turn, LoginRefusal> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| LoginRefusal::Busy)?;
        let turn = tokio::time::timeout(self.patience, Arc::clone(&self.turns).acquire_owned());
        let turn = turn.await.map_err(|_| LoginRefusal::Busy)?;
        Ok(Turn { _place: place, _turn: turn.map_err(|_| LoginRefusal::Failed)? })
    }
}

#[cfg(test)]
mod tests;
