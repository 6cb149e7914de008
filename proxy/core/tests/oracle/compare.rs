//! Both answers to one question.

use std::collections::BTreeMap;

use deltaglider_core::policy::{Context, Decision, Identity, ListingScope, OwnedRules, Resource};
use deltaglider_core::policy::{Rule, RuleDocument, RuleOwner, RuleSet};
use deltaglider_core::s3::Action;

use super::conditions::Circumstances;
use super::glob::Names;
use super::question::Question;
use super::validity::is_valid;
use super::world::World;
use super::{Judge, Listing, Target, Verdict, is_deny};

/// How often each kind of answer was given.
pub(crate) type Tally = BTreeMap<String, u64>;

/// A caller as both sides know it.
pub(crate) struct Court<'a> {
    world: &'a World,
    /// With the owner's number, 0 for the user, and the place among the owner's rules, from 1.
    valid: Vec<(usize, usize, &'a RuleDocument)>,
    documents: Vec<&'a RuleDocument>,
    engine: RuleSet,
}

impl<'a> Court<'a> {
    /// Reads every rule on both sides; an error where they differ over what is one.
    pub(crate) fn new(world: &'a World, tally: &mut Tally) -> Result<Self, String> {
        let mut owned = Vec::new();
        let mut valid = Vec::new();
        for (owner, rules) in world.rules.iter().enumerate() {
            let mut own = Vec::new();
            for document in rules {
                let parsed = Rule::parse(document);
                if parsed.is_ok() != is_valid(document) {
                    let text = serde_json::to_string(document).unwrap();
                    return Err(format!("is this a rule? the engine: {parsed:?}; rule: {text}"));
                }
                count(tally, format!("rule/{}", if parsed.is_ok() { "valid" } else { "invalid" }));
                if let Ok(rule) = parsed {
                    own.push(rule);
                    valid.push((owner, own.len(), document));
                }
            }
            let name = match owner {
                0 => RuleOwner::User(owner.to_string()),
                _ => RuleOwner::Group(owner.to_string()),
            };
            owned.push(OwnedRules::new(name, own));
        }
        let identity = Identity { username: &world.username, access_key_id: &world.access_key_id };
        let documents = valid.iter().map(|it| it.2).collect();
        Ok(Self { world, valid, documents, engine: RuleSet::new(&identity, &owned) })
    }

    /// Puts one question to both; an error says how they differ.
    pub(crate) fn ask(&self, question: &Question, tally: &mut Tally) -> Result<(), String> {
        match question {
            Question::Validity => Ok(()),
            Question::Decide { action, bucket, key, source, prefix } => {
                let prefix = prefix.as_deref();
                let (target, resource) = match (bucket, key) {
                    (None, _) => (Target::Service, Resource::Service),
                    (Some(bucket), None) => (Target::Bucket(bucket), Resource::Bucket(bucket)),
                    (Some(bucket), Some(key)) => {
                        (Target::Object(bucket, key), Resource::Object(bucket, key))
                    }
                };
                let now = Circumstances { source: *source, prefix };
                let context = Context { source: *source, prefix };
                let wanted = self.judge().decide(action, target, now);
                let decision = self.engine.decide(category(action), resource, &context);
                count(tally, format!("decide/{wanted:?}"));
                same("decision", &wanted, &verdict(&decision))?;
                self.check_named(&decision, action, target, now)
            }
            Question::AnyIn { bucket, source } => {
                let now = Circumstances { source: *source, prefix: None };
                let context = Context { source: *source, prefix: None };
                let wanted = self.judge().any_in_bucket(bucket, now);
                count(tally, format!("any_in/{wanted:?}"));
                same("any", &wanted, &verdict(&self.engine.decide_any(bucket, &context)))
            }
            Question::Shows { bucket, source } => {
                let now = Circumstances { source: *source, prefix: None };
                let context = Context { source: *source, prefix: None };
                let wanted = self.judge().shows_bucket(bucket, now);
                count(tally, format!("shows/{wanted}"));
                same("bucket shown", &wanted, &self.engine.shows_bucket(bucket, &context))
            }
            Question::Listing { bucket, prefix, complete, source, keys, common_prefixes } => {
                let now = Circumstances { source: *source, prefix: Some(prefix) };
                let context = Context { source: *source, prefix: Some(prefix) };
                let wanted = self.judge().list(bucket, *complete, now);
                let (decision, scope) = self.engine.decide_listing(bucket, *complete, &context);
                let kind = if *complete { "complete" } else { "listing" };
                count(tally, format!("{kind}/{wanted:?}"));
                let served = match wanted {
                    Listing::Whole | Listing::Filtered => Verdict::Allowed,
                    Listing::Denied => Verdict::Denied,
                    Listing::NotAllowed => Verdict::NotAllowed,
                };
                same("listing", &served, &verdict(&decision))?;
                same("a scope is given", &(served == Verdict::Allowed), &scope.is_some())?;
                let Some(scope) = scope else { return Ok(()) };
                self.names(wanted, bucket, now, &scope, (keys, common_prefixes), tally)
            }
        }
    }

    fn names(
        &self,
        listing: Listing,
        bucket: &str,
        now: Circumstances<'_>,
        scope: &ListingScope,
        (keys, common_prefixes): (&[String], &[String]),
        tally: &mut Tally,
    ) -> Result<(), String> {
        let judge = self.judge();
        for key in keys {
            let wanted = judge.shows_key(listing, bucket, key, now);
            count(tally, format!("key/{listing:?}/{wanted}"));
            same(&format!("key {key:?} shown"), &wanted, &scope.shows_key(key))?;
            same("no name need be looked at", &(wanted || !scope.is_whole()), &true)?;
        }
        for prefix in common_prefixes {
            let wanted = judge.shows_prefix(listing, bucket, prefix, now);
            count(tally, format!("prefix/{listing:?}/{wanted}"));
            same(&format!("prefix {prefix:?} shown"), &wanted, &scope.shows_prefix(prefix))?;
            same("no name need be looked at", &(wanted || !scope.is_whole()), &true)?;
        }
        Ok(())
    }

    /// The rule that the engine names must by itself say what was decided.
    fn check_named(
        &self,
        decision: &Decision<'_>,
        action: &str,
        target: Target<'_>,
        now: Circumstances<'_>,
    ) -> Result<(), String> {
        let (rule, denies) = match decision {
            Decision::Allowed(rule) => (rule, false),
            Decision::Refused(rule) => (rule, true),
            _ => return Ok(()),
        };
        let here = |it: &(usize, usize, &RuleDocument)| {
            it.0.to_string() == rule.owner().name() && it.1 == rule.position()
        };
        let place = self.valid.iter().position(here).ok_or("an unknown rule was named")?;
        same("the effect of the rule named", &denies, &is_deny(self.documents[place]))?;
        let matched = self.judge().rule_matches(place, action, target, now);
        same("the rule named matches", &matched, &true)
    }

    fn judge(&self) -> Judge<'_> {
        let names =
            Names { username: &self.world.username, access_key_id: &self.world.access_key_id };
        Judge { names, rules: &self.documents }
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, wanted: &T, got: &T) -> Result<(), String> {
    match wanted == got {
        true => Ok(()),
        false => Err(format!("{what}: the oracle says {wanted:?}, the engine {got:?}")),
    }
}

fn verdict(decision: &Decision<'_>) -> Verdict {
    match decision {
        Decision::Allowed(_) | Decision::AnswerFiltered => Verdict::Allowed,
        Decision::Refused(_) => Verdict::Denied,
        Decision::NotAllowed => Verdict::NotAllowed,
    }
}

fn category(name: &str) -> Action {
    match name {
        "read" => Action::Read,
        "write" => Action::Write,
        "delete" => Action::Delete,
        "list" => Action::List,
        _ => Action::Admin,
    }
}

fn count(tally: &mut Tally, what: String) {
    *tally.entry(what).or_default() += 1;
}
