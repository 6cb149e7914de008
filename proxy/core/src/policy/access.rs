//! One caller before one question: the decision that serves requests and explains them.

use std::net::IpAddr;

use super::condition::Context;
use super::listing::ListingScope;
use super::need::Need;
use super::rule::{Effect, Verdict};
use super::ruleset::{Decision, GrantedRule, RuleSet};
use crate::s3::Action;
use crate::snapshot::Principal;

/// A caller and where the request comes from.
#[derive(Clone, Debug)]
pub struct Access {
    /// Who asks.
    pub principal: Principal,
    /// The caller's address, where it is known.
    pub source: Option<IpAddr>,
}

/// The answer to one question.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Whether the request may go on.
    pub allowed: bool,
    /// The rule that decided; none where the caller is the bootstrap pair, or nothing matched.
    pub rule: Option<GrantedRule>,
    /// The decision in words, for the audit; not for the caller.
    pub reason: String,
}

/// One rule as it was looked at.
#[derive(Clone, Debug)]
pub struct Considered {
    /// The rule.
    pub rule: GrantedRule,
    /// Whether it matched the question.
    pub matched: bool,
    /// Why, or why not.
    pub because: String,
}

impl Access {
    /// Whether the caller may; for listings, also which names show.
    pub(super) fn ask(&self, need: &Need<'_>) -> Result<Option<ListingScope>, Answer> {
        let rules = match &self.principal {
            Principal::Bootstrap => return Ok(self.everything(need)),
            Principal::User(user) if !user.enabled => {
                let reason = format!("the user `{}` is disabled", user.name);
                return Err(Answer { allowed: false, rule: None, reason });
            }
            Principal::User(user) => &user.rules,
        };
        let (decision, scope) = self.decide(rules, need);
        match decision {
            Decision::Allowed(_) | Decision::AnswerFiltered => Ok(scope),
            refused => Err(answer(&refused, need)),
        }
    }

    /// Whether the caller may.
    pub fn may(&self, need: &Need<'_>) -> bool {
        self.ask(need).is_ok()
    }

    /// The same decision with its reason, whichever way it goes.
    pub fn explain(&self, need: &Need<'_>) -> Answer {
        if let Err(refused) = self.ask(need) {
            return refused;
        }
        match &self.principal {
            Principal::Bootstrap => {
                let reason = "the bootstrap pair may do everything".to_owned();
                Answer { allowed: true, rule: None, reason }
            }
            Principal::User(user) => answer(&self.decide(&user.rules, need).0, need),
        }
    }

    /// Every rule of the caller, and what it said to the question.
    pub fn considered(&self, need: &Need<'_>) -> Vec<Considered> {
        let Principal::User(user) = &self.principal else { return Vec::new() };
        let look = |rule: &GrantedRule| {
            let (matched, because) = self.look(rule, need);
            Considered { rule: rule.clone(), matched, because }
        };
        user.rules.iter().map(look).collect()
    }

    /// Whether the name of a bucket may be told (INT-11).
    pub(super) fn shows_bucket(&self, bucket: &str) -> bool {
        match &self.principal {
            Principal::Bootstrap => true,
            Principal::User(user) => user.rules.shows_bucket(bucket, &self.context(None)),
        }
    }

    fn decide<'a>(
        &self,
        rules: &'a RuleSet,
        need: &Need<'_>,
    ) -> (Decision<'a>, Option<ListingScope>) {
        match need {
            Need::Act(action, resource) => {
                (rules.decide(*action, *resource, &self.context(None)), None)
            }
            Need::AnyIn(bucket) => (rules.decide_any(bucket, &self.context(None)), None),
            Need::Listing { bucket, prefix, complete } => {
                rules.decide_listing(bucket, *complete, &self.context(Some(prefix)))
            }
            Need::Buckets | Need::Attendance => (Decision::AnswerFiltered, None),
        }
    }

    fn everything(&self, need: &Need<'_>) -> Option<ListingScope> {
        matches!(need, Need::Listing { .. }).then(ListingScope::everything)
    }

    fn context<'a>(&self, prefix: Option<&'a str>) -> Context<'a> {
        Context { source: self.source, prefix }
    }

    fn look(&self, rule: &GrantedRule, need: &Need<'_>) -> (bool, String) {
        let bound = rule.bound();
        let verdict = match need {
            Need::Act(action, resource) => bound.verdict(*action, *resource, &self.context(None)),
            Need::Listing { bucket, prefix, .. } => {
                let context = self.context(Some(prefix));
                let named = bound.actions.contains(Action::List)
                    || (bound.effect == Effect::Allow && bound.actions.contains(Action::Read));
                let inside = bound.resources.iter().any(|it| it.is_inside(bucket));
                match (named, inside, bound.unmet(&context)) {
                    (false, ..) => Verdict::OtherAction,
                    (_, false, _) => Verdict::OtherResource,
                    (_, _, Some(key)) => Verdict::Unmet(key),
                    _ => Verdict::Matches,
                }
            }
            Need::AnyIn(_) | Need::Buckets | Need::Attendance => {
                let inside = match need {
                    Need::AnyIn(bucket) => bound.resources.iter().any(|it| it.is_inside(bucket)),
                    _ => true,
                };
                match (inside, bound.unmet(&self.context(None))) {
                    (false, _) => Verdict::OtherResource,
                    (_, Some(key)) => Verdict::Unmet(key),
                    _ => Verdict::Matches,
                }
            }
        };
        match verdict {
            Verdict::Matches => (true, "it matches".to_owned()),
            Verdict::OtherAction => (false, format!("it does not speak of {}", need.action())),
            Verdict::OtherResource => (false, "its resources do not match".to_owned()),
            Verdict::Unmet(key) => (false, format!("its condition on {key} does not hold")),
        }
    }
}

fn answer(decision: &Decision<'_>, need: &Need<'_>) -> Answer {
    match decision {
        Decision::Allowed(rule) => Answer {
            allowed: true,
            rule: Some((*rule).clone()),
            reason: format!("allowed by {rule}"),
        },
        Decision::AnswerFiltered => Answer {
            allowed: true,
            rule: None,
            reason: "every enabled user may ask; the answer holds what rules allow".into(),
        },
        Decision::Refused(rule) => Answer {
            allowed: false,
            rule: Some((*rule).clone()),
            reason: format!("denied by {rule}"),
        },
        Decision::NotAllowed => {
            Answer { allowed: false, rule: None, reason: format!("no rule allows {need}") }
        }
    }
}
