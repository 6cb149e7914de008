//! What the witness remembers.

use std::sync::Mutex;
use std::time::Instant;

use http::{HeaderMap, Method};

/// One request that reached the store.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// When its head arrived.
    pub at: Instant,
    /// Method.
    pub method: Method,
    /// Path and query exactly as received.
    pub target: String,
    /// Headers as received.
    pub headers: HeaderMap,
    /// Body bytes that passed so far.
    pub body_bytes: u64,
    /// Whether the whole body passed.
    pub complete: bool,
    /// Status that the store answered, once it has.
    pub status: Option<u16>,
}

impl Recorded {
    /// The raw path, without the query.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The raw query, empty where there is none.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// Whether the request may change something: anything but GET, HEAD and OPTIONS.
    pub fn is_change(&self) -> bool {
        ![Method::GET, Method::HEAD, Method::OPTIONS].contains(&self.method)
    }

    /// Whether the request names `bucket`, in its target, its host or a header such as the copy
    /// source. Bucket names are unique to a scenario, so a mention is enough.
    pub fn mentions(&self, bucket: &str) -> bool {
        self.target.contains(bucket)
            || self
                .headers
                .values()
                .any(|value| String::from_utf8_lossy(value.as_bytes()).contains(bucket))
    }

    /// Method and target, for messages.
    pub fn summary(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

/// Everything a witness saw, shared by all scenarios of a lane.
#[derive(Default)]
pub struct Recorder {
    seen: Mutex<Vec<Recorded>>,
}

impl Recorder {
    /// How many requests have arrived so far: a mark to look back to.
    pub fn mark(&self) -> usize {
        self.lock().len()
    }

    /// Requests since `mark` that mention `bucket`, oldest first.
    pub fn since(&self, mark: usize, bucket: &str) -> Vec<Recorded> {
        self.lock().iter().skip(mark).filter(|r| r.mentions(bucket)).cloned().collect()
    }

    /// Remembers a request and returns its index.
    pub fn push(&self, request: Recorded) -> usize {
        let mut seen = self.lock();
        seen.push(request);
        seen.len() - 1
    }

    /// Changes the entry at `index`.
    pub fn update(&self, index: usize, change: impl FnOnce(&mut Recorded)) {
        if let Some(entry) = self.lock().get_mut(index) {
            change(entry);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Recorded>> {
        self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
