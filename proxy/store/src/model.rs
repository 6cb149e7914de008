//! Rows as the rest of the proxy sees them.

use deltaglider_core::policy::RuleDocument;
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// Counts the changes of users, groups, keys and rules; a plan made for one fits no other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub i64);

/// Everything that decisions rest on, read in one transaction.
#[derive(Debug, Default)]
pub struct State {
    /// Which change it shows.
    pub revision: Revision,
    /// Users by id.
    pub users: Vec<UserRow>,
    /// Groups by id, the built-in one among them.
    pub groups: Vec<GroupRow>,
}

impl State {
    /// The user of an id.
    pub fn user(&self, id: i64) -> Option<&UserRow> {
        self.users.binary_search_by_key(&id, |user| user.id).ok().and_then(|at| self.users.get(at))
    }

    /// The group of an id.
    pub fn group(&self, id: i64) -> Option<&GroupRow> {
        let found = self.groups.binary_search_by_key(&id, |group| group.id);
        found.ok().and_then(|at| self.groups.get(at))
    }
}

/// A user with its keys, its own rules and its groups.
#[derive(Debug)]
pub struct UserRow {
    /// Row id, never used twice.
    pub id: i64,
    /// Unique name.
    pub name: String,
    /// A disabled user may do nothing.
    pub enabled: bool,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// One or two keys, the newer last.
    pub keys: Vec<KeyRow>,
    /// Its own rules with their ids, in the order written.
    pub rules: Vec<(i64, RuleDocument)>,
    /// Ids of its groups.
    pub group_ids: Vec<i64>,
}

/// An access key; its secret is nowhere.
pub struct KeyRow {
    /// Access key id, unique over all users.
    pub access_key_id: String,
    /// Signing power (INT-1).
    pub midstates: Zeroizing<[u8; 64]>,
    /// When it was added.
    pub created_at: OffsetDateTime,
    /// When a request was last signed with it, to the minute or so.
    pub last_used_at: Option<OffsetDateTime>,
}

impl std::fmt::Debug for KeyRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRow").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// A key to add.
#[derive(Clone)]
pub struct NewKey {
    /// Access key id.
    pub access_key_id: String,
    /// Signing power (INT-1).
    pub midstates: Zeroizing<[u8; 64]>,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKey").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// A group with its rules and members.
#[derive(Debug)]
pub struct GroupRow {
    /// Row id, never used twice.
    pub id: i64,
    /// Unique name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The one that comes with the product (INT-15).
    pub builtin: bool,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// Its rules with their ids, in the order written.
    pub rules: Vec<(i64, RuleDocument)>,
    /// Ids of its members.
    pub member_ids: Vec<i64>,
}
