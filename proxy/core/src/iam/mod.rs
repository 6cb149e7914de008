//! IAM as code: document → `Desired` → plan, pure and in one direction.
//!
//! [`read_access`] reports every fault of a section at once; [`plan`] compares what it says with
//! what is held and gives the edits that close the gap. Preview prints the plan that apply
//! commits.

mod access;
mod desired;
mod diff;
mod edit;
mod existing;
mod fields;
mod mapping;
mod plan;
mod provider;
mod rules;
mod schema;
mod section;

#[cfg(test)]
mod tests;

pub use access::{ACCESS_KEYS, read_access};
pub use desired::{Desired, DesiredGroup, DesiredProvider, DesiredUser, Lists};
pub use diff::{PlanError, plan};
pub use edit::{Edit, NewKey, Revision, UserPatch};
pub use existing::{Existing, ExistingGroup, ExistingProvider, ExistingUser};
pub use fields::{
    MOST_RULES, check_access_key_id, check_description, check_name, check_secret, check_user_name,
    is_string_field,
};
pub use mapping::{Claims, MappingRule, MatchType, groups_of};
pub use plan::{Change, Kind, MappingRules, Plan, Verb};
pub use provider::{ClientSecret, Provider, check_provider};
pub use schema::schema;

/// The built-in group, there from the first start (INT-15).
pub const ADMINISTRATORS: &str = "Administrators";

/// Who is the source of truth for users, groups and providers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The database, changed through the admin API.
    #[default]
    Gui,
    /// The document.
    Declarative,
}

impl Mode {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gui => "gui",
            Self::Declarative => "declarative",
        }
    }

    /// Reads what [`Self::as_str`] gives.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Gui, Self::Declarative].into_iter().find(|mode| mode.as_str() == text)
    }
}
