//! Guessing the password: five failures an address, and a limit over all addresses.
//!
//! An address with five failures within five minutes waits a minute after each of them.
//! Where all addresses together fail sixty times a minute, one failure is enough for that
//! wait: an address that has not failed is still tried, and one from which somebody has
//! logged in before keeps its five.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Failures of one address that are still answered as such.
const LIMIT: usize = 5;
/// For how long a failure counts.
const WINDOW: Duration = Duration::from_secs(300);
/// How long an address waits after the last failure that counted.
const WAIT: Duration = Duration::from_secs(60);
/// Failures of all addresses within [`WAIT`] from which on each counts for more.
const LIMIT_OF_ALL: usize = 60;
/// Addresses with failures that are remembered, about two megabytes.
const CAPACITY: usize = 10_000;
/// Addresses with a login that are remembered.
const KNOWN: usize = 64;

/// Counts failures; every method takes the time.
pub(crate) struct Throttle {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failures: HashMap<Client, Failures>,
    /// The newest of all addresses, oldest first.
    of_all: VecDeque<Instant>,
    /// Where logins came from, latest last.
    known: VecDeque<Client>,
}

/// The newest failures of one address, oldest first, at most [`LIMIT`].
#[derive(Default)]
struct Failures(VecDeque<Instant>);

/// Who is counted: an IPv4 address, or the /64 that one IPv6 customer has at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    /// Also when written as an IPv4-mapped IPv6 address.
    V4(Ipv4Addr),
    /// The upper half of the address.
    V6(u64),
}

/// After how many whole seconds, 1 to 60, to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RetryAfter(u64);

/// A try that may be verified.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Admitted {
    /// Whether a login has come from there before.
    pub(crate) known: bool,
}

/// What a verified try comes to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The password was right.
    Right,
    /// It was wrong, and that was counted.
    Wrong,
    /// Other tries of the address used up its five meanwhile: the result stays untold.
    Refused(RetryAfter),
}

impl Throttle {
    /// Nothing has failed yet.
    pub(crate) fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    fn with_capacity(capacity: usize) -> Self {
        Self { capacity, state: Mutex::default() }
    }

    /// Whether a try may be verified; asking counts nothing.
    pub(crate) fn admit(&self, client: Client, now: Instant) -> Result<Admitted, RetryAfter> {
        self.state().admit(client, now)
    }

    /// Counts what the verification of an admitted try found.
    pub(crate) fn conclude(&self, client: Client, right: bool, now: Instant) -> Verdict {
        let mut state = self.state();
        // Tries verified at the same time were all admitted before the first of them failed.
        if let Err(retry_after) = state.wait_of(client, LIMIT, now) {
            return Verdict::Refused(retry_after);
        }
        if right {
            state.failures.remove(&client);
            state.remember(client);
            return Verdict::Right;
        }
        self.make_room(&mut state, client, now);
        state.failures.entry(client).or_default().push(now);
        if state.of_all.len() >= LIMIT_OF_ALL {
            state.of_all.pop_front();
        }
        state.of_all.push_back(now);
        Verdict::Wrong
    }

    /// Forgets what is over, else the address that has been quiet for longest.
    ///
    /// A fresh address is thus always counted. Only ten thousand failures within the
    /// minute, far more than are verified in that time, would cut a wait short.
    fn make_room(&self, state: &mut State, client: Client, now: Instant) {
        if state.failures.len() < self.capacity || state.failures.contains_key(&client) {
            return;
        }
        state.failures.retain(|_, failures| failures.within_window(now) > 0);
        while state.failures.len() >= self.capacity {
            let quiet =
                state.failures.iter().min_by_key(|(_, failures)| failures.0.back().copied());
            let Some(quiet) = quiet.map(|(client, _)| *client) else { return };
            state.failures.remove(&quiet);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn admit(&self, client: Client, now: Instant) -> Result<Admitted, RetryAfter> {
        let known = self.known.contains(&client);
        let limit = if self.under_attack(now) && !known { 1 } else { LIMIT };
        self.wait_of(client, limit, now).map(|()| Admitted { known })
    }

    fn wait_of(&self, client: Client, limit: usize, now: Instant) -> Result<(), RetryAfter> {
        let Some(failures) = self.failures.get(&client) else { return Ok(()) };
        if failures.within_window(now) < limit {
            return Ok(());
        }
        let over = failures.0.back().map(|last| *last + WAIT);
        match over.map(|over| over.saturating_duration_since(now)) {
            Some(left) if !left.is_zero() => Err(RetryAfter::new(left)),
            _ => Ok(()),
        }
    }

    fn under_attack(&self, now: Instant) -> bool {
        let oldest = self.of_all.front().filter(|_| self.of_all.len() >= LIMIT_OF_ALL);
        oldest.is_some_and(|oldest| now.saturating_duration_since(*oldest) < WAIT)
    }

    fn remember(&mut self, client: Client) {
        self.known.retain(|known| *known != client);
        if self.known.len() >= KNOWN {
            self.known.pop_front();
        }
        self.known.push_back(client);
    }
}

impl Failures {
    fn push(&mut self, now: Instant) {
        if self.0.len() >= LIMIT {
            self.0.pop_front();
        }
        self.0.push_back(now);
    }

    fn within_window(&self, now: Instant) -> usize {
        self.0.iter().filter(|at| now.saturating_duration_since(**at) < WINDOW).count()
    }
}

impl From<IpAddr> for Client {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Self::V6(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
            }
        }
    }
}

impl RetryAfter {
    fn new(left: Duration) -> Self {
        let whole = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        Self(whole.clamp(1, WAIT.as_secs()))
    }

    /// For the `Retry-After` header.
    pub(crate) fn seconds(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests;
