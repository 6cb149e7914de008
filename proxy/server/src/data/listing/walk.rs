//! The walk through the store's pages: which entries show, and where the next page begins.

use deltaglider_core::policy::ListingScope;

use super::page::{Entry, Page};

/// Most pages of the store for one page of ours; then ours ends, perhaps empty.
const MOST_ROUNDS: usize = 8;

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
    pub(super) fn take(&mut self, scope: &ListingScope, page: Page) -> bool {
        let is_empty = page.entries.is_empty();
        for entry in page.entries {
            // A store that repeats itself would keep us walking; where a client begins is its own.
            let repeated = |last: &str| self.rounds > 0 && entry.name() <= last;
            if self.position.as_deref().is_some_and(repeated) {
                continue;
            }
            if self.entries.len() == self.wanted {
                self.truncated = true;
                return false;
            }
            self.position = Some(entry.name().to_owned());
            let shows = match &entry {
                Entry::Key(object) => scope.shows_key(&object.key),
                Entry::Prefix(prefix) => scope.shows_prefix(prefix),
            };
            if shows {
                self.entries.push(entry);
            }
        }
        self.rounds += 1;
        self.truncated = page.truncated && !is_empty;
        self.truncated && self.entries.len() < self.wanted && self.rounds < MOST_ROUNDS
    }

    /// Whether the last entry looked at is the last that shows, so that its name may be told.
    pub(super) fn ends_in_sight(&self) -> bool {
        self.entries.last().map(Entry::name) == self.position.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use deltaglider_core::policy::{
        Context, Identity, OwnedRules, Rule, RuleDocument, RuleOwner, RuleSet,
    };
    use proptest::prelude::*;

    use super::super::page::Object;
    use super::*;

    /// A store that lists names after a marker, rolled up at a delimiter, `size` at a time.
    fn store_page(
        names: &BTreeSet<String>,
        after: Option<&str>,
        delimiter: bool,
        size: usize,
    ) -> Page {
        let mut entries: Vec<Entry> = Vec::new();
        for name in names {
            let rolled = name.split_once('/').map(|(start, _)| format!("{start}/"));
            let entry = match rolled.filter(|_| delimiter) {
                Some(prefix) => Entry::Prefix(prefix),
                None => Entry::Key(Object { key: name.clone(), ..Object::default() }),
            };
            let repeated = entries.last().is_some_and(|last| last.name() == entry.name());
            if !repeated && after.is_none_or(|after| entry.name() > after) {
                entries.push(entry);
            }
        }
        entries.sort_by(|one, other| one.name().cmp(other.name()));
        let truncated = entries.len() > size;
        entries.truncate(size);
        Page { entries, truncated }
    }

    fn scope(rules: &[(bool, String)]) -> Option<ListingScope> {
        let parse = |(allow, resource): &(bool, String)| {
            let document = RuleDocument {
                effect: Some(if *allow { "Allow" } else { "Deny" }.into()),
                actions: vec!["list".into()],
                resources: vec![resource.clone()],
                ..RuleDocument::default()
            };
            Rule::parse(&document).unwrap()
        };
        let owned = OwnedRules::new(RuleOwner::User("u".into()), rules.iter().map(parse));
        let rules = RuleSet::new(&Identity::default(), [&owned]);
        rules.decide_listing("bkt", false, &Context { source: None, prefix: Some("") }).1
    }

    proptest! {
        #[test]
        fn pages_put_together_are_what_shows_and_tell_nothing_else(
            names in proptest::collection::btree_set("[ab]{1,2}(/[ab]{1,2})?", 0..30),
            rules in proptest::collection::vec((any::<bool>(), "bkt(/[ab]{0,1}[*]|/[ab]/[ab]?[*]|/[ab]{2})?"), 1..5),
            delimiter in any::<bool>(),
            (wanted, size) in (1usize..5, 1usize..7),
        ) {
            let Some(scope) = scope(&rules) else { return Ok(()) };
            let all = store_page(&names, None, delimiter, usize::MAX).entries;
            let expected: Vec<String> = all.iter().filter(|entry| match entry {
                Entry::Key(object) => scope.shows_key(&object.key),
                Entry::Prefix(prefix) => scope.shows_prefix(prefix),
            }).map(|entry| entry.name().to_owned()).collect();

            let (mut found, mut position, mut ended) = (Vec::new(), None, false);
            for _ in 0..100 {
                let mut walk = Walk::new(wanted, position.take());
                while walk.take(&scope, store_page(&names, walk.position.as_deref(), delimiter, size)) {}
                prop_assert!(walk.entries.len() <= wanted && walk.rounds <= MOST_ROUNDS);
                if walk.ends_in_sight() && walk.truncated {
                    prop_assert!(expected.contains(walk.position.as_ref().unwrap()));
                }
                found.extend(walk.entries.iter().map(|entry| entry.name().to_owned()));
                position = walk.position;
                if !walk.truncated {
                    ended = true;
                    break;
                }
            }
            prop_assert!(ended, "paging ends");
            prop_assert_eq!(found, expected);
        }
    }
}
