//! Who is being waited for while an upload streams.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// In place of a time: the client has to send more first.
const CLIENT: u64 = u64::MAX;

/// Lets a watchdog tell a slow backend from a slow client.
#[derive(Debug)]
pub(crate) struct Activity {
    started: Instant,
    /// Milliseconds from `started` since when the backend owes something, or [`CLIENT`].
    owed_since: AtomicU64,
}

impl Default for Activity {
    fn default() -> Self {
        Self { started: Instant::now(), owed_since: AtomicU64::new(0) }
    }
}

impl Activity {
    /// The backend took a piece, or the end: from here it is its turn.
    pub(crate) fn backend_asked(&self) {
        let elapsed = self.started.elapsed().as_millis();
        self.owed_since.store(u64::try_from(elapsed).unwrap_or_default(), Relaxed);
    }

    /// The client, which has an idle limit of its own, has to send more first.
    pub(crate) fn client_awaited(&self) {
        self.owed_since.store(CLIENT, Relaxed);
    }

    /// Returns once the backend has owed something for `limit`.
    pub(crate) async fn backend_silent_for(&self, limit: Duration) {
        loop {
            let left = match self.owed_since.load(Relaxed) {
                CLIENT => limit,
                since => {
                    let quiet = self.started.elapsed().saturating_sub(Duration::from_millis(since));
                    limit.saturating_sub(quiet)
                }
            };
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(limit / 4)).await;
        }
    }
}
