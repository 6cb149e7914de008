//! What is held, as the comparison sees it.

use super::Mode;
use super::edit::Revision;
use super::mapping::MappingRule;
use super::provider::{ClientSecret, Provider};
use crate::policy::RuleDocument;

/// Everything that a document can change, borrowed from the store's rows.
#[derive(Debug)]
pub struct Existing<'a> {
    /// What it is true of.
    pub revision: Revision,
    /// Who has been the source of truth.
    pub mode: Mode,
    /// All users, those that sign-in made among them.
    pub users: Vec<ExistingUser<'a>>,
    /// All groups but the built-in one.
    pub groups: Vec<ExistingGroup<'a>>,
    /// All providers.
    pub providers: Vec<ExistingProvider<'a>>,
    /// All mapping rules, in order.
    pub mapping_rules: Vec<&'a MappingRule>,
}

/// A user that is held.
#[derive(Debug)]
pub struct ExistingUser<'a> {
    /// Row id, which an update keeps.
    pub id: i64,
    /// Unique name.
    pub name: &'a str,
    /// Whether it may do anything.
    pub enabled: bool,
    /// Access key ids and their signing power, the newer last.
    pub keys: Vec<(&'a str, &'a [u8; 64])>,
    /// Its rules, in order.
    pub rules: Vec<&'a RuleDocument>,
    /// Names of its groups.
    pub groups: Vec<&'a str>,
    /// Whether sign-in made it: such a user is nobody's to declare (INT-23).
    pub signed_in: bool,
}

/// A group that is held.
#[derive(Debug)]
pub struct ExistingGroup<'a> {
    /// Row id.
    pub id: i64,
    /// Unique name.
    pub name: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// Its rules, in order.
    pub rules: Vec<&'a RuleDocument>,
}

/// A provider that is held.
#[derive(Debug)]
pub struct ExistingProvider<'a> {
    /// Row id.
    pub id: i64,
    /// Its settings.
    pub provider: &'a Provider,
    /// Its secret.
    pub secret: &'a ClientSecret,
}
