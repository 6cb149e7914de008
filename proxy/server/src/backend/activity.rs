//! Who is being waited for while an upload streams.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Lets a watchdog tell a slow backend from a slow client.
#[derive(Debug)]
pub(crate) struct Activity {
    started: Instant,
    /// Milliseconds from `started` to the last time the backend took something.
    last: AtomicU64,
    client_awaited: AtomicBool,
}

impl Default for Activity {
    fn default() -> Self {
        Self { started: Instant::now(), last: AtomicU64::new(0), client_awaited: false.into() }
    }
}

impl Activity {
    /// The backend took a piece, or the end: from here it is its turn.
    pub(crate) fn backend_asked(&self) {
        let elapsed = self.started.elapsed().as_millis();
        self.last.store(u64::try_from(elapsed).unwrap_or(u64::MAX), Relaxed);
        self.client_awaited.store(false, Relaxed);
    }

    /// The client has to send more first.
    pub(crate) fn client_awaited(&self) {
        self.client_awaited.store(true, Relaxed);
    }

    /// Returns once the backend has owed something for `limit`.
    pub(crate) async fn backend_silent_for(&self, limit: Duration) {
        loop {
            let quiet = if self.client_awaited.load(Relaxed) {
                // The client has an idle limit of its own.
                self.backend_asked();
                self.client_awaited();
                Duration::ZERO
            } else {
                let last = Duration::from_millis(self.last.load(Relaxed));
                self.started.elapsed().saturating_sub(last)
            };
            match limit.checked_sub(quiet) {
                Some(left) if !left.is_zero() => tokio::time::sleep(left.min(limit / 4)).await,
                _ => return,
            }
        }
    }
}
