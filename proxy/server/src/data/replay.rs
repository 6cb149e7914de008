//! The replay cache (INT-2): a changing request is served once.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use deltaglider_core::sigv4::Mac;

use crate::config::{ReplayConfig, ReplayReads};

/// About 15 MiB when full: twenty thousand changing requests a second for five seconds.
const CAPACITY: usize = 100_000;

/// Signatures seen, bounded, behind one lock that is held for a few map operations.
pub(super) struct ReplayCache {
    config: ReplayConfig,
    capacity: usize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    entries: HashMap<[u8; 32], Entry>,
    /// Oldest first; a ticket whose entry was withdrawn is skipped.
    order: VecDeque<([u8; 32], u64)>,
    next_ticket: u64,
}

#[derive(Clone, Copy)]
struct Entry {
    ticket: u64,
    at: Instant,
    forget: Instant,
    peer: IpAddr,
}

/// A request as the cache sees it.
pub(super) struct Use {
    /// The signature as the server computed it.
    pub(super) mac: Mac,
    /// Whether the request changes nothing.
    pub(super) read: bool,
    /// Who sent it.
    pub(super) peer: IpAddr,
    /// Monotonic now.
    pub(super) now: Instant,
    /// How much longer the signed date would be accepted.
    pub(super) acceptable: Duration,
}

/// Why a signature may not be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ReplayRefusal {
    /// It was used before.
    Repeated,
    /// The cache holds nothing old enough to forget.
    Full,
}

impl ReplayCache {
    pub(super) fn new(config: ReplayConfig) -> Arc<Self> {
        Self::with_capacity(config, CAPACITY)
    }

    fn with_capacity(config: ReplayConfig, capacity: usize) -> Arc<Self> {
        Arc::new(Self { config, capacity, seen: Mutex::default() })
    }

    /// Records a use in one atomic step, or refuses it; unrecorded reads give no ticket.
    pub(super) fn admit(self: &Arc<Self>, used: &Use) -> Result<Option<Ticket>, ReplayRefusal> {
        let served = used.read && self.config.reads == ReplayReads::Serve;
        if self.config.window.is_zero() || served {
            return Ok(None);
        }
        let mac = *used.mac.as_bytes();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = seen.entries.get(&mac).filter(|entry| entry.forget > used.now) {
            let same = entry.peer == used.peer;
            let tolerated = used.read && self.config.reads == ReplayReads::SameAddress && same;
            return if tolerated { Ok(None) } else { Err(ReplayRefusal::Repeated) };
        }
        self.make_room(&mut seen, used.now)?;
        let ticket = seen.next_ticket;
        seen.next_ticket += 1;
        let kept = used.acceptable.max(self.config.window);
        let entry = Entry { ticket, at: used.now, forget: used.now + kept, peer: used.peer };
        seen.entries.insert(mac, entry);
        seen.order.push_back((mac, ticket));
        Ok(Some(Ticket { cache: Arc::clone(self), mac, ticket }))
    }

    /// Lets go of what is over, and past the window of the oldest where space is short.
    fn make_room(&self, seen: &mut Seen, now: Instant) -> Result<(), ReplayRefusal> {
        while let Some((mac, ticket)) = seen.order.front().copied() {
            let entry = seen.entries.get(&mac).filter(|entry| entry.ticket == ticket).copied();
            let full = seen.order.len() >= self.capacity;
            match entry {
                None => {}
                Some(entry) if entry.forget <= now => {
                    seen.entries.remove(&mac);
                }
                Some(entry) if full && now.duration_since(entry.at) >= self.config.window => {
                    seen.entries.remove(&mac);
                }
                Some(_) if full => return Err(ReplayRefusal::Full),
                Some(_) => return Ok(()),
            }
            seen.order.pop_front();
        }
        Ok(())
    }
}

/// A recorded use, which stays unless it is withdrawn.
pub(super) struct Ticket {
    cache: Arc<ReplayCache>,
    mac: [u8; 32],
    ticket: u64,
}

impl Ticket {
    /// Gives the signature back: nothing of its request reached the backend.
    pub(super) fn withdraw(self) {
        let mut seen = self.cache.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.entries.get(&self.mac).is_some_and(|entry| entry.ticket == self.ticket) {
            seen.entries.remove(&self.mac);
        }
        if seen.order.back().is_some_and(|(_, ticket)| *ticket == self.ticket) {
            seen.order.pop_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deltaglider_core::sigv4::HmacKey;

    fn cache(reads: ReplayReads, capacity: usize) -> Arc<ReplayCache> {
        let config = ReplayConfig { window: Duration::from_secs(5), reads };
        ReplayCache::with_capacity(config, capacity)
    }

    fn used(name: &str, now: Instant) -> Use {
        Use {
            mac: HmacKey::new(b"k").mac([name.as_bytes()]),
            read: false,
            peer: IpAddr::from([127, 0, 0, 1]),
            now,
            acceptable: Duration::from_secs(300),
        }
    }

    #[test]
    fn a_changing_request_is_admitted_once_as_long_as_its_date_is_accepted() {
        let (cache, start) = (cache(ReplayReads::Serve, 10), Instant::now());
        assert!(cache.admit(&used("a", start)).unwrap().is_some());
        for later in [0, 4, 299] {
            let again = used("a", start + Duration::from_secs(later));
            assert_eq!(cache.admit(&again).err(), Some(ReplayRefusal::Repeated), "{later}");
        }
        assert!(cache.admit(&used("a", start + Duration::from_secs(300))).is_ok());
        assert!(cache.admit(&used("b", start)).is_ok());
    }

    #[test]
    fn a_withdrawn_use_was_none() {
        let (cache, now) = (cache(ReplayReads::Serve, 10), Instant::now());
        cache.admit(&used("a", now)).unwrap().unwrap().withdraw();
        let second = cache.admit(&used("a", now)).unwrap();
        assert!(second.is_some());
        assert_eq!(cache.admit(&used("a", now)).err(), Some(ReplayRefusal::Repeated));
    }

    #[test]
    fn a_full_cache_forgets_only_what_is_past_the_window() {
        let (cache, start) = (cache(ReplayReads::Serve, 2), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        cache.admit(&used("a", start)).unwrap();
        cache.admit(&used("b", after(1))).unwrap();
        assert_eq!(cache.admit(&used("c", after(4))).err(), Some(ReplayRefusal::Full));
        assert!(cache.admit(&used("c", after(5))).is_ok());
        assert_eq!(cache.admit(&used("b", after(5))).err(), Some(ReplayRefusal::Repeated));
        assert!(cache.admit(&used("d", after(6))).is_ok(), "b has left its window");
    }

    #[test]
    fn repeated_reads_follow_the_setting() {
        let now = Instant::now();
        let read =
            |peer: u8| Use { read: true, peer: IpAddr::from([10, 0, 0, peer]), ..used("r", now) };
        let serve = cache(ReplayReads::Serve, 4);
        assert!(serve.admit(&read(1)).is_ok() && serve.admit(&read(2)).is_ok());
        let same = cache(ReplayReads::SameAddress, 4);
        assert!(same.admit(&read(1)).is_ok() && same.admit(&read(1)).is_ok());
        assert_eq!(same.admit(&read(2)).err(), Some(ReplayRefusal::Repeated));
        let refuse = cache(ReplayReads::Refuse, 4);
        assert!(refuse.admit(&read(1)).is_ok());
        assert_eq!(refuse.admit(&read(1)).err(), Some(ReplayRefusal::Repeated));
    }

    #[test]
    fn a_window_of_zero_disables_the_check() {
        let config = ReplayConfig { window: Duration::ZERO, reads: ReplayReads::Refuse };
        let (cache, now) = (ReplayCache::new(config), Instant::now());
        assert!(cache.admit(&used("a", now)).unwrap().is_none());
        assert!(cache.admit(&used("a", now)).unwrap().is_none());
    }

    #[test]
    fn of_many_at_once_one_is_admitted() {
        let (cache, now) = (cache(ReplayReads::Serve, 100), Instant::now());
        let admitted = std::thread::scope(|scope| {
            let tries: Vec<_> =
                (0..16).map(|_| scope.spawn(|| cache.admit(&used("a", now)).is_ok())).collect();
            tries.into_iter().filter_map(|it| it.join().ok()).filter(|served| *served).count()
        });
        assert_eq!(admitted, 1);
    }
}
