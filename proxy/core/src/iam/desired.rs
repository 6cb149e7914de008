//! What a document wants.

use zeroize::Zeroizing;

use super::Mode;
use super::mapping::MappingRule;
use super::provider::{ClientSecret, Provider};
use crate::policy::RuleDocument;

/// An `access` section that has been read and found valid.
#[derive(Debug, Default)]
pub struct Desired {
    /// Who is the source of truth.
    pub mode: Mode,
    /// What that source says, in declarative mode.
    pub lists: Lists,
}

/// Users, groups, providers and mapping rules, each valid and referring to what exists.
#[derive(Debug, Default)]
pub struct Lists {
    /// In the order of the document, as everything here.
    pub users: Vec<DesiredUser>,
    /// Without the built-in one.
    pub groups: Vec<DesiredGroup>,
    /// Identity providers.
    pub providers: Vec<DesiredProvider>,
    /// `None` where the document does not speak of them: they stay.
    pub mapping_rules: Option<Vec<MappingRule>>,
}

/// A user as a document declares it.
pub struct DesiredUser {
    /// Unique name.
    pub name: String,
    /// Its place, for faults that only the comparison finds.
    pub path: String,
    /// Line of its name.
    pub line: Option<usize>,
    /// The one key it has.
    pub access_key_id: String,
    /// Signing power of the secret; `None` keeps what is held (INT-17).
    pub midstates: Option<Zeroizing<[u8; 64]>>,
    /// Whether it may do anything.
    pub enabled: bool,
    /// Names of its groups.
    pub groups: Vec<String>,
    /// Its rules.
    pub rules: Vec<RuleDocument>,
}

impl std::fmt::Debug for DesiredUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DesiredUser").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A group as a document declares it.
#[derive(Debug)]
pub struct DesiredGroup {
    /// Unique name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its rules.
    pub rules: Vec<RuleDocument>,
}

/// A provider as a document declares it.
#[derive(Debug)]
pub struct DesiredProvider {
    /// Its settings.
    pub provider: Provider,
    /// Its place.
    pub path: String,
    /// Line of its name.
    pub line: Option<usize>,
    /// `None` keeps what is held (INT-17).
    pub secret: Option<ClientSecret>,
}
