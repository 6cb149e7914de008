//! Rows as the rest of the proxy sees them.

use std::collections::HashMap;

use deltaglider_core::iam::{
    ClientSecret, Existing, ExistingGroup, ExistingProvider, ExistingUser, MappingRule, Mode,
    Provider, Revision,
};
use deltaglider_core::policy::RuleDocument;
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// Everything that decisions rest on, read in one transaction.
#[derive(Debug, Default)]
pub struct State {
    /// Which change it shows.
    pub revision: Revision,
    /// Users by id.
    pub users: Vec<UserRow>,
    /// Groups by id, the built-in one among them.
    pub groups: Vec<GroupRow>,
    /// Who is the source of truth for all of it.
    pub mode: Mode,
    /// Identity providers by id.
    pub providers: Vec<ProviderRow>,
    /// Mapping rules in their order.
    pub mapping_rules: Vec<(i64, MappingRule)>,
    /// Who of a provider is which user.
    pub identities: Vec<IdentityRow>,
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

    /// What a document is compared with.
    pub fn existing(&self) -> Existing<'_> {
        let names: HashMap<i64, &str> =
            self.groups.iter().map(|group| (group.id, group.name.as_str())).collect();
        Existing {
            revision: self.revision,
            mode: self.mode,
            users: self.users.iter().map(|user| user.existing(&names)).collect(),
            groups: self.groups.iter().filter(|it| !it.builtin).map(GroupRow::existing).collect(),
            providers: self.providers.iter().map(ProviderRow::existing).collect(),
            mapping_rules: self.mapping_rules.iter().map(|(_, rule)| rule).collect(),
        }
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
    /// The provider through which it signed in first; such a user is no document's.
    pub provider_id: Option<i64>,
}

impl UserRow {
    fn existing<'a>(&'a self, groups: &HashMap<i64, &'a str>) -> ExistingUser<'a> {
        let key = |key: &'a KeyRow| (key.access_key_id.as_str(), &*key.midstates);
        ExistingUser {
            id: self.id,
            name: &self.name,
            enabled: self.enabled,
            keys: self.keys.iter().map(key).collect(),
            rules: self.rules.iter().map(|(_, rule)| rule).collect(),
            groups: self.group_ids.iter().filter_map(|id| groups.get(id).copied()).collect(),
            signed_in: self.provider_id.is_some(),
        }
    }
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

impl GroupRow {
    fn existing(&self) -> ExistingGroup<'_> {
        ExistingGroup {
            id: self.id,
            name: &self.name,
            description: &self.description,
            rules: self.rules.iter().map(|(_, rule)| rule).collect(),
        }
    }
}

/// An identity provider with its secret.
#[derive(Debug)]
pub struct ProviderRow {
    /// Row id, never used twice.
    pub id: i64,
    /// Its settings.
    pub provider: Provider,
    /// What we prove ourselves to it with.
    pub secret: ClientSecret,
}

impl ProviderRow {
    fn existing(&self) -> ExistingProvider<'_> {
        ExistingProvider { id: self.id, provider: &self.provider, secret: &self.secret }
    }
}

/// Somebody of a provider, bound to a user.
#[derive(Debug)]
pub struct IdentityRow {
    /// Row id.
    pub id: i64,
    /// The provider.
    pub provider_id: i64,
    /// Who, as the provider says it; never given to somebody else.
    pub subject: String,
    /// The user.
    pub user_id: i64,
    /// When they signed in first.
    pub created_at: OffsetDateTime,
}
