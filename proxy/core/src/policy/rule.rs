//! Rules: validated when written, bound to a user when a snapshot is built.

use std::sync::Arc;

use super::condition::{self, Condition, ConditionTemplate, Context};
use super::document::RuleDocument;
use super::identity::Identity;
use super::resource::{Resource, ResourcePattern, ResourceTemplate};
use crate::s3::Action;

/// What a rule does to what it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Allows, unless a Deny matches too.
    Allow,
    /// Denies, whatever else matches.
    Deny,
}

impl Effect {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

/// A set of action categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Actions(u8);

impl Actions {
    const NAMES: [(&str, Action); 5] = [
        ("read", Action::Read),
        ("write", Action::Write),
        ("delete", Action::Delete),
        ("list", Action::List),
        ("admin", Action::Admin),
    ];

    fn parse(name: &str) -> Option<Self> {
        if name == "*" {
            return Some(Self::all());
        }
        let named = Self::NAMES.iter().find(|(own, _)| *own == name);
        named.map(|(_, action)| Self::of(*action))
    }

    fn of(action: Action) -> Self {
        Self(1 << action as u8)
    }

    fn all() -> Self {
        Self(Self::NAMES.iter().fold(0, |set, (_, action)| set | Self::of(*action).0))
    }

    pub(super) fn contains(self, action: Action) -> bool {
        self.0 & Self::of(action).0 != 0
    }

    pub(super) fn is_all(self) -> bool {
        self == Self::all()
    }
}

/// Something wrong with a rule, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFault {
    /// Place within the rule, such as `actions[1]`.
    pub path: String,
    /// What is wrong there, in a sentence without its capital.
    pub message: String,
}

/// A valid rule, identity variables still in it.
#[derive(Clone, Debug)]
pub struct Rule {
    document: RuleDocument,
    effect: Effect,
    actions: Actions,
    resources: Vec<ResourceTemplate>,
    conditions: Vec<ConditionTemplate>,
}

impl Rule {
    /// Most entries of `resources`, and most values of one condition.
    const MOST: usize = 1000;

    /// Reads a rule, or reports everything that is wrong with it.
    pub fn parse(document: &RuleDocument) -> Result<Self, Vec<RuleFault>> {
        let mut faults = Vec::new();
        let mut fault = |path: String, message: String| faults.push(RuleFault { path, message });
        let effect = match document.effect.as_deref() {
            None | Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            Some(other) => {
                fault("effect".into(), format!("`{other}` is not Allow or Deny"));
                Effect::Deny
            }
        };
        for (name, list) in [("actions", &document.actions), ("resources", &document.resources)] {
            if list.is_empty() {
                fault(name.into(), "needs at least one entry".into());
            } else if list.len() > Self::MOST {
                fault(name.into(), format!("has more than {} entries", Self::MOST));
            }
        }
        let mut actions = Actions(0);
        for (index, name) in document.actions.iter().enumerate() {
            match Actions::parse(name) {
                Some(named) => actions.0 |= named.0,
                None => fault(
                    format!("actions[{index}]"),
                    format!("`{name}` is not read, write, delete, list, admin or *"),
                ),
            }
        }
        let mut resources = Vec::new();
        for (index, text) in document.resources.iter().enumerate() {
            match ResourceTemplate::parse(text) {
                Ok(template) => resources.push(template),
                Err(message) => fault(format!("resources[{index}]"), message),
            }
        }
        let mut conditions = Vec::new();
        for (name, entry) in &document.conditions {
            conditions.extend(condition::parse(name, entry, &mut faults));
        }
        match faults.is_empty() {
            true => Ok(Self { document: document.clone(), effect, actions, resources, conditions }),
            false => Err(faults),
        }
    }

    /// Stands in for a rule that cannot be read: it denies everything.
    pub fn unreadable(document: RuleDocument) -> Self {
        Self {
            document,
            effect: Effect::Deny,
            actions: Actions::all(),
            resources: vec![ResourceTemplate::Everything],
            conditions: Vec::new(),
        }
    }

    /// The rule as it was written.
    pub fn document(&self) -> &RuleDocument {
        &self.document
    }

    /// What it does.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    pub(super) fn has_variables(&self) -> bool {
        self.resources.iter().any(ResourceTemplate::has_variables)
            || self.conditions.iter().any(ConditionTemplate::has_variables)
    }

    pub(super) fn bind(self: &Arc<Self>, identity: &Identity<'_>) -> BoundRule {
        let effect = self.effect;
        BoundRule {
            effect,
            actions: self.actions,
            resources: self.resources.iter().filter_map(|it| it.bind(identity, effect)).collect(),
            conditions: self.conditions.iter().map(|it| it.bind(identity, effect)).collect(),
        }
    }
}

/// A rule with the variables of one user filled in: what decisions look at.
#[derive(Clone, Debug)]
pub(super) struct BoundRule {
    pub(super) effect: Effect,
    pub(super) actions: Actions,
    pub(super) resources: Vec<ResourcePattern>,
    conditions: Vec<Condition>,
}

/// Whether a rule matches a question, or the first thing about it that does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Matches,
    OtherAction,
    OtherResource,
    Unmet(&'static str),
}

impl BoundRule {
    pub(super) fn verdict(
        &self,
        action: Action,
        resource: Resource<'_>,
        context: &Context<'_>,
    ) -> Verdict {
        if !self.actions.contains(action) {
            return Verdict::OtherAction;
        }
        if !self.resources.iter().any(|pattern| pattern.matches(resource)) {
            return Verdict::OtherResource;
        }
        self.unmet(context).map_or(Verdict::Matches, Verdict::Unmet)
    }

    /// Whether all conditions hold.
    pub(super) fn applies(&self, context: &Context<'_>) -> bool {
        self.unmet(context).is_none()
    }

    /// The key of the first condition that does not hold.
    pub(super) fn unmet(&self, context: &Context<'_>) -> Option<&'static str> {
        let unmet = self.conditions.iter().find(|it| !it.holds(context, self.effect));
        unmet.map(Condition::key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(json: &str) -> Vec<String> {
        let document: RuleDocument = serde_json::from_str(json).unwrap();
        let faults = Rule::parse(&document).err().unwrap_or_default();
        faults.into_iter().map(|it| it.path).collect()
    }

    #[test]
    fn the_effect_defaults_to_allow_and_has_two_spellings() {
        let rule = |effect: &str| format!(r#"{{{effect}"actions":["read"],"resources":["*"]}}"#);
        assert!(faults(&rule("")).is_empty() && faults(&rule(r#""effect":"Deny","#)).is_empty());
        assert_eq!(faults(&rule(r#""effect":"deny","#)), ["effect"]);
    }

    #[test]
    fn every_fault_is_reported_with_its_place() {
        let json = r#"{"effect":"No","actions":["read","fly"],"resources":["","b/","a/${x}"],
            "conditions":{"aws:SourceIp":["10.0.0.0/8","x"],"IpAddress":{"s3:prefix":"a"},
                          "Sometimes":{"a":"b"},"aws:UserAgent":"x","StringLike":{"s3:prefix":[]},
                          "NotIpAddress":7}}"#;
        assert_eq!(
            faults(json),
            [
                "effect",
                "actions[1]",
                "resources[0]",
                "resources[1]",
                "resources[2]",
                "conditions.IpAddress.s3:prefix",
                "conditions.NotIpAddress",
                "conditions.Sometimes",
                "conditions.StringLike.s3:prefix",
                "conditions.aws:SourceIp",
                "conditions.aws:UserAgent",
            ]
        );
        assert_eq!(faults("{}"), ["actions", "resources"]);
    }
}
