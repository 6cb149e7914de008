//! A plan as a value: what preview prints and apply commits.

use std::fmt;

use super::Mode;
use super::edit::{Edit, Revision};

/// The edits that make what is held what a document wants.
#[derive(Debug)]
pub struct Plan {
    /// What it was made for; it fits no other.
    pub revision: Revision,
    /// The mode before.
    pub from: Mode,
    /// The mode from now on.
    pub to: Mode,
    /// In the order to be made.
    pub edits: Vec<Edit>,
    /// The same for people, entity by entity.
    pub changes: Vec<Change>,
    /// What becomes of the mapping rules.
    pub mapping_rules: MappingRules,
}

/// An entity that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is.
    pub kind: Kind,
    /// What becomes of it.
    pub verb: Verb,
    /// Its name.
    pub name: String,
    /// Fields that differ, of an update.
    pub fields: Vec<&'static str>,
}

/// What documents declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    User,
    Group,
    Provider,
}

impl Kind {
    /// As audit actions name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Provider => "provider",
        }
    }
}

/// What becomes of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Verb {
    Create,
    Update,
    Delete,
}

impl Verb {
    /// As audit actions name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// What becomes of the mapping rules, which have no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MappingRules {
    /// They stay.
    Keep,
    /// There are other ones from now on.
    Replace,
}

impl Plan {
    /// Whether users, groups, providers and mapping rules stay as they are.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.mapping_rules == MappingRules::Keep
    }

    /// The line that previews it.
    pub fn preview(&self) -> String {
        match self.is_empty() {
            true => "declarative IAM preview: no IAM changes (idempotent apply)".to_owned(),
            false => format!("declarative IAM preview: {}", Counts(self)),
        }
    }

    /// The line that tells that it was carried out.
    pub fn result(&self) -> String {
        match self.is_empty() {
            true => format!("declarative IAM reconciled: no changes, {}", Counts(self)),
            false => format!("declarative IAM reconciled: {}", Counts(self)),
        }
    }

    fn count(&self, kind: Kind, verb: Verb) -> usize {
        self.changes.iter().filter(|it| it.kind == kind && it.verb == verb).count()
    }
}

struct Counts<'a>(&'a Plan);

impl fmt::Display for Counts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for kind in [Kind::User, Kind::Group, Kind::Provider] {
            let count = |verb| self.0.count(kind, verb);
            let (new, changed, gone) =
                (count(Verb::Create), count(Verb::Update), count(Verb::Delete));
            write!(f, "{}s(+{new}/~{changed}/-{gone}) ", kind.as_str())?;
        }
        let rules = match self.0.mapping_rules {
            MappingRules::Keep => "keep",
            MappingRules::Replace => "replace",
        };
        write!(f, "mapping_rules={rules}")
    }
}
