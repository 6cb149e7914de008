//! All rules of one caller, direct and inherited, and the decision by them.

use std::sync::Arc;

use super::condition::Context;
use super::identity::Identity;
use super::resource::Resource;
use super::rule::{BoundRule, Effect, Rule, Verdict};
use crate::s3::Action;

/// Where a rule comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleOwner {
    /// The user's own.
    User(String),
    /// Inherited from a group.
    Group(String),
}

impl RuleOwner {
    /// `user` or `group`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Group(_) => "group",
        }
    }

    /// Name of the user or group.
    pub fn name(&self) -> &str {
        match self {
            Self::User(name) | Self::Group(name) => name,
        }
    }
}

/// The rules of one user or group, shared by everybody who has them.
#[derive(Clone, Debug)]
pub struct OwnedRules {
    owner: Arc<RuleOwner>,
    rules: Vec<(Arc<Rule>, Option<Arc<BoundRule>>)>,
}

impl OwnedRules {
    /// Rules in the order written; those without variables are bound once for all users.
    pub fn new(owner: RuleOwner, rules: impl IntoIterator<Item = Rule>) -> Self {
        let shared = |rule: Rule| {
            let rule = Arc::new(rule);
            let bound = (!rule.has_variables()).then(|| Arc::new(rule.bind(&Identity::default())));
            (rule, bound)
        };
        Self { owner: Arc::new(owner), rules: rules.into_iter().map(shared).collect() }
    }
}

/// One rule of a caller: where it stands and what it says.
#[derive(Clone, Debug)]
pub struct GrantedRule {
    owner: Arc<RuleOwner>,
    position: usize,
    rule: Arc<Rule>,
    bound: Arc<BoundRule>,
}

impl GrantedRule {
    /// Whose rule it is.
    pub fn owner(&self) -> &RuleOwner {
        &self.owner
    }

    /// Its place among its owner's rules, from 1.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The rule as written.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    pub(super) fn bound(&self) -> &BoundRule {
        &self.bound
    }
}

impl std::fmt::Display for GrantedRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let document = self.rule.document();
        write!(
            f,
            "rule {} of {} `{}`: {} {} on {}",
            self.position,
            self.owner.kind(),
            self.owner.name(),
            self.rule.effect().as_str(),
            document.actions.join(", "),
            document.resources.join(", "),
        )
    }
}

/// What the rules say to one question.
#[derive(Clone, Copy, Debug)]
pub enum Decision<'a> {
    /// Allowed by this rule, and no Deny matched.
    Allowed(&'a GrantedRule),
    /// Anybody may ask; the answer holds what the rules show.
    AnswerFiltered,
    /// A Deny matched.
    Refused(&'a GrantedRule),
    /// Nothing allowed it.
    NotAllowed,
}

/// All rules of one caller.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: Vec<GrantedRule>,
}

impl RuleSet {
    /// Merges direct and inherited rules, then fills in who the caller is (INT-13).
    pub fn new<'a>(
        identity: &Identity<'_>,
        sources: impl IntoIterator<Item = &'a OwnedRules>,
    ) -> Self {
        let mut rules = Vec::new();
        for source in sources {
            for (index, (rule, shared)) in source.rules.iter().enumerate() {
                let bound = shared.clone().unwrap_or_else(|| Arc::new(rule.bind(identity)));
                let (owner, rule) = (Arc::clone(&source.owner), Arc::clone(rule));
                rules.push(GrantedRule { owner, position: index + 1, rule, bound });
            }
        }
        Self { rules }
    }

    /// Every rule, in the order merged.
    pub fn iter(&self) -> impl Iterator<Item = &GrantedRule> {
        self.rules.iter()
    }

    /// Decides one question. INVARIANT: a matching Deny wins over every Allow.
    pub fn decide(
        &self,
        action: Action,
        resource: Resource<'_>,
        context: &Context<'_>,
    ) -> Decision<'_> {
        let mut allowed = None;
        for granted in &self.rules {
            let undecided = match granted.bound.effect {
                Effect::Allow => allowed.is_none(),
                Effect::Deny => true,
            };
            if undecided && granted.bound.verdict(action, resource, context) == Verdict::Matches {
                match granted.bound.effect {
                    Effect::Allow => allowed = Some(granted),
                    Effect::Deny => return Decision::Refused(granted),
                }
            }
        }
        allowed.map_or(Decision::NotAllowed, Decision::Allowed)
    }

    /// Any Allow inside the bucket is enough; only a Deny of everything there refuses (INT-8).
    pub fn decide_any(&self, bucket: &str, context: &Context<'_>) -> Decision<'_> {
        let applying = || self.iter().filter(|it| it.bound.applies(context));
        let refused = applying().find(|it| {
            let rule = &it.bound;
            let here = || rule.resources.iter().any(|own| own.matches(Resource::Bucket(bucket)));
            rule.effect == Effect::Deny && rule.actions.is_all() && here()
        });
        let allowed = || {
            applying().find(|it| {
                let inside = || it.bound.resources.iter().any(|own| own.is_inside(bucket));
                it.bound.effect == Effect::Allow && inside()
            })
        };
        match refused {
            Some(rule) => Decision::Refused(rule),
            None => allowed().map_or(Decision::NotAllowed, Decision::Allowed),
        }
    }

    /// Whether some Allow applies in a bucket, so that its name may be told (INT-11).
    pub fn shows_bucket(&self, bucket: &str, context: &Context<'_>) -> bool {
        self.iter().any(|it| {
            it.bound.effect == Effect::Allow
                && it.bound.resources.iter().any(|own| own.is_inside(bucket))
                && it.bound.applies(context)
        })
    }
}
