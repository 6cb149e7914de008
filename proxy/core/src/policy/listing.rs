//! What of a bucket a caller may see listed (INT-10).

use super::condition::Context;
use super::glob::Glob;
use super::resource::{Resource, ResourcePattern};
use super::rule::Effect;
use super::ruleset::{Decision, GrantedRule, RuleSet};
use crate::s3::{Action, fold};

/// Which names of a listing may be shown; made by [`RuleSet::decide_listing`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingScope {
    /// Whether the caller may list all that the prefix covers, hidden names apart.
    whole: bool,
    hidden: Vec<KeyPattern>,
    listable: Vec<KeyPattern>,
    readable: Vec<KeyPattern>,
    unreadable: Vec<KeyPattern>,
    /// What the rules say to the same listing, where the store may drop slashes.
    folded: Option<Box<ListingScope>>,
}

/// The key part of a pattern whose bucket has matched.
#[derive(Clone, Debug, PartialEq, Eq)]
enum KeyPattern {
    Every,
    Keys(Glob),
}

impl KeyPattern {
    fn matches(&self, key: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Keys(glob) => glob.matches(key),
        }
    }

    fn covers(&self, prefix: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Keys(glob) => glob.covers(prefix),
        }
    }

    /// A common prefix shows what lies below it: all of it, or the way to a pattern.
    fn shows_prefix(&self, prefix: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Keys(glob) => glob.covers(prefix) || glob.literal_start().starts_with(prefix),
        }
    }

    /// Whether a name that begins with the prefix may match.
    fn may_match_below(&self, prefix: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Keys(glob) => glob.may_match_below(prefix),
        }
    }
}

impl ListingScope {
    /// The scope of a caller who may see everything.
    pub fn everything() -> Self {
        Self {
            whole: true,
            hidden: Vec::new(),
            listable: Vec::new(),
            readable: Vec::new(),
            unreadable: Vec::new(),
            folded: None,
        }
    }

    /// Shows what both show: this one a name as it stands, the other one as a store that drops
    /// slashes takes it.
    pub(super) fn and_folded(self, other: Self) -> Self {
        Self { folded: Some(Box::new(other)), ..self }
    }

    /// Whether no name needs to be looked at.
    pub fn is_whole(&self) -> bool {
        self.whole && self.hidden.is_empty() && self.folded.as_ref().is_none_or(|it| it.is_whole())
    }

    /// Whether a key may be shown.
    pub fn shows_key(&self, key: &str) -> bool {
        let matches = |patterns: &[KeyPattern]| patterns.iter().any(|it| it.matches(key));
        self.folded.as_ref().is_none_or(|it| it.shows_key(&fold(key)))
            && !matches(&self.hidden)
            && (self.whole
                || matches(&self.listable)
                || (matches(&self.readable) && !matches(&self.unreadable)))
    }

    /// Whether a common prefix may be shown.
    pub fn shows_prefix(&self, prefix: &str) -> bool {
        let covered = |patterns: &[KeyPattern]| patterns.iter().any(|it| it.covers(prefix));
        let shown = |patterns: &[KeyPattern]| patterns.iter().any(|it| it.shows_prefix(prefix));
        self.folded.as_ref().is_none_or(|it| it.shows_prefix(&fold(prefix)))
            && !covered(&self.hidden)
            && (self.whole
                || shown(&self.listable)
                || (shown(&self.readable) && !covered(&self.unreadable)))
    }
}

impl RuleSet {
    /// Decides a listing; `context.prefix` is the requested one, `complete` listings (of
    /// versions and uploads) are served whole or not at all.
    pub fn decide_listing(
        &self,
        bucket: &str,
        complete: bool,
        context: &Context<'_>,
    ) -> (Decision<'_>, Option<ListingScope>) {
        let prefix = context.prefix.unwrap_or_default();
        let reaches = |pattern: &ResourcePattern| {
            pattern.matches(Resource::Bucket(bucket)) || pattern.covers(bucket, prefix)
        };
        let first = |effect| {
            self.rules_for(Action::List, effect, context)
                .find(|granted| granted.bound().resources.iter().any(reaches))
        };
        if let Some(deny) = first(Effect::Deny) {
            return (Decision::Refused(deny), None);
        }
        let hiding = self.rules_for(Action::List, Effect::Deny, context).find(|granted| {
            patterns(granted, bucket).any(|pattern| pattern.may_match_below(prefix))
        });
        if let (true, Some(deny)) = (complete, hiding) {
            return (Decision::Refused(deny), None);
        }
        let whole = first(Effect::Allow);
        let inside = |action| {
            self.rules_for(action, Effect::Allow, context)
                .find(|granted| patterns(granted, bucket).next().is_some())
        };
        let partial = || inside(Action::List).or_else(|| inside(Action::Read));
        let Some(allow) = whole.or_else(|| if complete { None } else { partial() }) else {
            return (Decision::NotAllowed, None);
        };
        let collect = |action, effect| {
            let rules = self.rules_for(action, effect, context);
            rules.flat_map(|granted| patterns(granted, bucket)).collect::<Vec<_>>()
        };
        let mut hidden = collect(Action::List, Effect::Deny);
        hidden.retain(|pattern| pattern.may_match_below(prefix));
        let scope = ListingScope {
            whole: whole.is_some(),
            hidden,
            listable: collect(Action::List, Effect::Allow),
            readable: collect(Action::Read, Effect::Allow),
            unreadable: collect(Action::Read, Effect::Deny),
            folded: None,
        };
        (Decision::Allowed(allow), Some(scope))
    }

    fn rules_for<'a>(
        &'a self,
        action: Action,
        effect: Effect,
        context: &Context<'_>,
    ) -> impl Iterator<Item = &'a GrantedRule> {
        self.iter().filter(move |granted| {
            let rule = granted.bound();
            rule.effect == effect && rule.actions.contains(action) && rule.applies(context)
        })
    }
}

/// What the patterns of a rule say of the keys of one bucket.
fn patterns<'a>(
    granted: &'a GrantedRule,
    bucket: &'a str,
) -> impl Iterator<Item = KeyPattern> + 'a {
    granted.bound().resources.iter().filter_map(move |pattern| match pattern {
        ResourcePattern::Everything => Some(KeyPattern::Every),
        ResourcePattern::Bucket(_) => None,
        ResourcePattern::Objects { bucket: own, key } => {
            own.matches(bucket).then(|| KeyPattern::Keys(key.clone()))
        }
    })
}
