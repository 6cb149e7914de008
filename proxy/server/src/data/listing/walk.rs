//! The walk through the store's pages: which entries show, and where the next page begins.

use deltaglider_core::policy::ListingScope;

use super::page::{Entry, Page};

/// Most pages of the store for one page of ours; then ours ends, perhaps empty.
pub(super) const MOST_ROUNDS: usize = 8;

/// The store goes on with names that it has given before.
#[derive(Debug, thiserror::Error)]
#[error("it does not advance")]
pub(super) struct Stuck;

/// One page in the making.
pub(super) struct Walk {
    /// How many entries it may have.
    pub(super) wanted: usize,
    /// What shows.
    pub(super) entries: Vec<Entry>,
    /// Name of the last entry looked at.
    pub(super) position: Option<String>,
    /// Whether there may be more.
    pub(super) truncated: bool,
    rounds: usize,
}

impl Walk {
    pub(super) fn new(wanted: usize, position: Option<String>) -> Self {
        Self { wanted, entries: Vec::new(), position, truncated: false, rounds: 0 }
    }

    /// Looks at a page of the store; whether another one is wanted.
    pub(super) fn take(&mut self, scope: &ListingScope, page: Page) -> Result<bool, Stuck> {
        let before = self.position.clone();
        for entry in page.entries {
            if self.is_behind(&entry) {
                continue;
            }
            let shows = match &entry {
                Entry::Key(object) => scope.shows_key(&object.key),
                Entry::Prefix(prefix) => scope.shows_prefix(prefix),
            };
            if shows && self.entries.len() == self.wanted {
                // Where the last one stands the next page begins: its name may be told.
                self.position = self.entries.last().map(|entry| entry.name().to_owned());
                self.truncated = true;
                return Ok(false);
            }
            self.position = Some(entry.name().to_owned());
            if shows {
                self.entries.push(entry);
            }
        }
        self.rounds += 1;
        self.truncated = page.truncated;
        if page.truncated && self.position == before {
            return Err(Stuck);
        }
        Ok(page.truncated && self.rounds < MOST_ROUNDS)
    }

    /// Whether the walk has passed an entry. A client's own marker inside a common prefix leaves
    /// that one ahead, for stores that name it again.
    fn is_behind(&self, entry: &Entry) -> bool {
        let (name, Some(position)) = (entry.name(), self.position.as_deref()) else { return false };
        let inside = matches!(entry, Entry::Prefix(_)) && position.starts_with(name);
        name == position || (name < position && !inside)
    }

    /// Whether the last entry looked at is the last that shows, so that its name may be told.
    pub(super) fn ends_in_sight(&self) -> bool {
        self.entries.last().map(Entry::name) == self.position.as_deref()
    }
}
