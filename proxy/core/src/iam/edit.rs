//! Changes as values: what a plan is made of and the store carries out.

use zeroize::Zeroizing;

use super::mapping::MappingRule;
use super::provider::{ClientSecret, Provider};
use crate::policy::RuleDocument;

/// Counts the changes of users, groups, keys and rules; a plan made for one fits no other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub i64);

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

/// One change. Groups are named, so that one made earlier in the same commit can be meant.
#[derive(Clone, Debug)]
pub enum Edit {
    /// A new user; gives its id.
    CreateUser {
        /// Unique name.
        name: String,
        /// Whether it may do anything.
        enabled: bool,
        /// Its keys.
        keys: Vec<NewKey>,
        /// Its rules, in order.
        rules: Vec<RuleDocument>,
        /// Names of its groups.
        groups: Vec<String>,
    },
    /// Changes what the patch holds.
    UpdateUser(i64, UserPatch),
    /// Removes a user with its keys, rules and memberships.
    DeleteUser(i64),
    /// A second key.
    AddKey(i64, NewKey),
    /// Removes a key that is not the last.
    DeleteKey(i64, String),
    /// Takes all keys of a user; another edit of the same commit gives it one.
    ClearKeys(i64),
    /// A new group; gives its id.
    CreateGroup {
        /// Unique name.
        name: String,
        /// What it is for.
        description: String,
        /// Its rules, in order.
        rules: Vec<RuleDocument>,
    },
    /// Changes what is given.
    UpdateGroup {
        /// Which.
        id: i64,
        /// A new name.
        name: Option<String>,
        /// A new description.
        description: Option<String>,
        /// New rules.
        rules: Option<Vec<RuleDocument>>,
    },
    /// Removes a group with its rules and memberships.
    DeleteGroup(i64),
    /// Makes a user a member; a member stays one.
    AddMember(i64, i64),
    /// Ends a membership; gives 0 where there was none.
    RemoveMember(i64, i64),
    /// A new provider; gives its id.
    CreateProvider(Provider, ClientSecret),
    /// Changes a provider; no secret keeps the one that is held.
    UpdateProvider(i64, Provider, Option<ClientSecret>),
    /// Removes a provider with its mapping rules, bindings and the users that it made.
    DeleteProvider(i64),
    /// A new mapping rule, the last; gives its id.
    CreateMappingRule(MappingRule),
    /// Changes a mapping rule.
    UpdateMappingRule(i64, MappingRule),
    /// Removes a mapping rule.
    DeleteMappingRule(i64),
    /// All mapping rules from now on.
    ReplaceMappingRules(Vec<MappingRule>),
    /// A value that is no user, group or rule.
    SetMeta(&'static str, Vec<u8>),
}

/// What of a user changes; absent fields stay.
#[derive(Clone, Debug, Default)]
pub struct UserPatch {
    /// A new name.
    pub name: Option<String>,
    /// Enabled or not.
    pub enabled: Option<bool>,
    /// New rules.
    pub rules: Option<Vec<RuleDocument>>,
    /// Names of its groups from now on.
    pub groups: Option<Vec<String>>,
}
