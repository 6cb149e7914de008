//! Entries of unauthenticated callers: past a limit per address they are counted, not kept.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Entries that one address may write in a window.
const PER_ADDRESS: u32 = 20;
/// Entries that all addresses together may write in a window.
const TOGETHER: u32 = 2000;
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses told apart; the rest shares what they share.
const MOST_ADDRESSES: usize = 10_000;

/// Decides which entries are written, and owes a count of the others.
#[derive(Debug)]
pub(super) struct Limiter {
    began: Instant,
    written: u32,
    addresses: HashMap<Option<IpAddr>, Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    written: u32,
    suppressed: u64,
}

/// How many entries of an address were not written.
pub(super) type Suppressed = (Option<IpAddr>, u64);

impl Limiter {
    pub(super) fn new(now: Instant) -> Self {
        Self { began: now, written: 0, addresses: HashMap::new() }
    }

    /// Whether an entry of this address is written.
    pub(super) fn admits(&mut self, address: IpAddr) -> bool {
        let known =
            self.addresses.len() < MOST_ADDRESSES || self.addresses.contains_key(&Some(address));
        let tally = self.addresses.entry(known.then_some(address)).or_default();
        let admitted = known && tally.written < PER_ADDRESS && self.written < TOGETHER;
        if admitted {
            tally.written += 1;
            self.written += 1;
        } else {
            tally.suppressed += 1;
        }
        admitted
    }

    /// At the end of a window, or at the `last`: what was suppressed in it, by address.
    pub(super) fn settle(&mut self, now: Instant, last: bool) -> Vec<Suppressed> {
        if !last && now.duration_since(self.began) < WINDOW {
            return Vec::new();
        }
        let ended = std::mem::replace(self, Self::new(now));
        let tallies = ended.addresses.into_iter();
        tallies.map(|(address, tally)| (address, tally.suppressed)).filter(|it| it.1 > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_limit_entries_are_counted_in_one() {
        let now = Instant::now();
        let mut limiter = Limiter::new(now);
        let (loud, quiet) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let written = (0..100).filter(|_| limiter.admits(loud)).count();
        assert_eq!(written, 20);
        assert!(limiter.admits(quiet));
        assert!(limiter.settle(now + WINDOW / 2, false).is_empty());
        assert_eq!(limiter.settle(now + WINDOW, false), [(Some(loud), 80)]);
        assert!(limiter.admits(loud));
    }

    #[test]
    fn many_addresses_cannot_fill_the_disk_either() {
        let now = Instant::now();
        let mut limiter = Limiter::new(now);
        let written = (0..20_000u32).filter(|it| limiter.admits(IpAddr::from(it.to_be_bytes())));
        assert_eq!(written.count(), 2000);
        let counted: u64 = limiter.settle(now, true).into_iter().map(|(_, count)| count).sum();
        assert_eq!(counted, 18_000);
    }
}
