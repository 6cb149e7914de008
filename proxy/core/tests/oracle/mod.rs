//! A second reading of INT-7 to INT-13, written from their text and sharing no code with the
//! engine: rules stay documents and are interpreted at every question.

pub(crate) mod compare;
pub(crate) mod conditions;
pub(crate) mod glob;
pub(crate) mod question;
pub(crate) mod random;
pub(crate) mod validity;
pub(crate) mod world;

use deltaglider_core::policy::RuleDocument;

use conditions::{Circumstances, hold};
use glob::{Letters, Names, Piece, covers, leads_into, matches, pieces, reaches_below};

/// What a question is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    Service,
    Bucket(&'a str),
    Object(&'a str, &'a str),
}

/// What the rules say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Allowed,
    /// A Deny matched.
    Denied,
    NotAllowed,
}

/// What the rules say to a listing; numbers as in INT-10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Listing {
    /// 1: a Deny refuses.
    Denied,
    /// 2: the page is returned.
    Whole,
    /// 3: the page is filtered.
    Filtered,
    /// 4, or a listing of versions and uploads that would have to be filtered.
    NotAllowed,
}

/// One caller with every rule that holds for it.
pub(crate) struct Judge<'a> {
    pub(crate) names: Names<'a>,
    pub(crate) rules: &'a [&'a RuleDocument],
}

impl Judge<'_> {
    /// One action on one resource.
    pub(crate) fn decide(
        &self,
        action: &str,
        target: Target<'_>,
        now: Circumstances<'_>,
    ) -> Verdict {
        let any = |denies| {
            (0..self.rules.len()).any(|it| {
                denies == is_deny(self.rules[it]) && self.rule_matches(it, action, target, now)
            })
        };
        match (any(true), any(false)) {
            (true, _) => Verdict::Denied,
            (false, true) => Verdict::Allowed,
            (false, false) => Verdict::NotAllowed,
        }
    }

    /// Whether one rule, by its place, matches the question.
    pub(crate) fn rule_matches(
        &self,
        rule: usize,
        action: &str,
        target: Target<'_>,
        now: Circumstances<'_>,
    ) -> bool {
        let rule = self.rules[rule];
        names_action(rule, action)
            && rule.resources.iter().any(|it| self.resource_matches(rule, it, target))
            && self.applies(rule, now)
    }

    /// Any Allow in the bucket; a Deny of all actions on the bucket refuses (INT-8).
    pub(crate) fn any_in_bucket(&self, bucket: &str, now: Circumstances<'_>) -> Verdict {
        let everything = |rule: &RuleDocument| {
            ["read", "write", "delete", "list", "admin"].iter().all(|it| names_action(rule, it))
        };
        let on_bucket = |rule: &RuleDocument| {
            let target = Target::Bucket(bucket);
            rule.resources.iter().any(|it| self.resource_matches(rule, it, target))
        };
        let refuses = |rule: &RuleDocument| {
            is_deny(rule) && everything(rule) && on_bucket(rule) && self.applies(rule, now)
        };
        match self.rules.iter().any(|it| refuses(it)) {
            true => Verdict::Denied,
            false if self.shows_bucket(bucket, now) => Verdict::Allowed,
            false => Verdict::NotAllowed,
        }
    }

    /// Whether some Allow applies in the bucket (INT-11).
    pub(crate) fn shows_bucket(&self, bucket: &str, now: Circumstances<'_>) -> bool {
        self.rules
            .iter()
            .any(|rule| !is_deny(rule) && self.is_inside(rule, bucket) && self.applies(rule, now))
    }

    /// A listing under a prefix; `complete` ones cannot be filtered (INT-10).
    pub(crate) fn list(&self, bucket: &str, complete: bool, now: Circumstances<'_>) -> Listing {
        let prefix = now.prefix.expect("a listing has a prefix");
        let on_bucket_or_covering = |rule: &RuleDocument| {
            rule.resources.iter().any(|it| {
                self.resource_matches(rule, it, Target::Bucket(bucket))
                    || self.key_part(rule, it, bucket).is_some_and(|it| covers(&it, prefix))
            })
        };
        let listing = |denies| {
            let rules = self.rules.iter().filter(move |it| is_deny(it) == denies);
            rules.filter(|it| names_action(it, "list") && self.applies(it, now))
        };
        if listing(true).any(|it| on_bucket_or_covering(it)) {
            return Listing::Denied;
        }
        // Partial: it matches some key that the prefix could lead to.
        let hides_some = |rule: &RuleDocument| {
            let mut parts = rule.resources.iter().filter_map(|it| self.key_part(rule, it, bucket));
            parts.any(|it| reaches_below(&it, prefix))
        };
        if complete && listing(true).any(|it| hides_some(it)) {
            return Listing::Denied;
        }
        if listing(false).any(|it| on_bucket_or_covering(it)) {
            return Listing::Whole;
        }
        // Inside: a rule for the bucket alone grants no name that a filtered page could show.
        let has_names_inside = |rule: &RuleDocument| {
            rule.resources.iter().any(|it| self.key_part(rule, it, bucket).is_some())
        };
        let admits = |rule: &RuleDocument| {
            !is_deny(rule)
                && (names_action(rule, "list") || names_action(rule, "read"))
                && has_names_inside(rule)
                && self.applies(rule, now)
        };
        match self.rules.iter().any(|it| admits(it)) {
            true if !complete => Listing::Filtered,
            _ => Listing::NotAllowed,
        }
    }

    /// Whether a key shows in a page that was admitted.
    pub(crate) fn shows_key(
        &self,
        listing: Listing,
        bucket: &str,
        key: &str,
        now: Circumstances<'_>,
    ) -> bool {
        let target = Target::Object(bucket, key);
        let list = self.decide("list", target, now);
        let read = self.decide("read", target, now);
        match (listing, list, read) {
            (_, Verdict::Denied, _) => false,
            (Listing::Whole, ..) => true,
            (Listing::Filtered, list, read) => list == Verdict::Allowed || read == Verdict::Allowed,
            _ => false,
        }
    }

    /// Whether a common prefix shows in a page that was admitted.
    pub(crate) fn shows_prefix(
        &self,
        listing: Listing,
        bucket: &str,
        prefix: &str,
        now: Circumstances<'_>,
    ) -> bool {
        let any = |denies, action, fits: fn(&[Piece], &str) -> bool| {
            self.rules.iter().any(|rule| {
                is_deny(rule) == denies
                    && names_action(rule, action)
                    && rule.resources.iter().any(|it| {
                        self.key_part(rule, it, bucket).is_some_and(|it| fits(&it, prefix))
                    })
                    && self.applies(rule, now)
            })
        };
        let shown = |pattern: &[Piece], prefix: &str| {
            covers(pattern, prefix) || leads_into(pattern, prefix)
        };
        match listing {
            _ if any(true, "list", covers) => false,
            Listing::Whole => true,
            Listing::Filtered => {
                any(false, "list", shown) || any(false, "read", shown) && !any(true, "read", covers)
            }
            _ => false,
        }
    }

    fn applies(&self, rule: &RuleDocument, now: Circumstances<'_>) -> bool {
        hold(rule, self.names, is_deny(rule), now)
    }

    fn pieces(&self, rule: &RuleDocument, text: &str) -> Option<Vec<Piece>> {
        pieces(text, self.names, Letters::Wild, is_deny(rule))
    }

    /// `*` is everything, `bucket` the bucket itself, `bucket/…` its objects (INT-9).
    fn resource_matches(&self, rule: &RuleDocument, resource: &str, target: Target<'_>) -> bool {
        let fits = |part, text| self.pieces(rule, part).is_some_and(|it| matches(&it, text));
        if self.is_everything(rule, resource) {
            return true;
        }
        match (resource.split_once('/'), target) {
            (None, Target::Bucket(bucket)) => fits(resource, bucket),
            (Some((own, rest)), Target::Object(bucket, key)) => {
                fits(own, bucket) && fits(rest, key)
            }
            _ => false,
        }
    }

    /// What a resource says of the keys of a bucket.
    fn key_part(&self, rule: &RuleDocument, resource: &str, bucket: &str) -> Option<Vec<Piece>> {
        if self.is_everything(rule, resource) {
            return Some(vec![Piece::Run]);
        }
        let (own, rest) = resource.split_once('/')?;
        // Both parts: a name that expands to nothing takes the whole resource with it.
        let (own, rest) = (self.pieces(rule, own)?, self.pieces(rule, rest)?);
        matches(&own, bucket).then_some(rest)
    }

    /// Whether any resource speaks of the bucket or of something in it.
    fn is_inside(&self, rule: &RuleDocument, bucket: &str) -> bool {
        rule.resources.iter().any(|it| {
            self.resource_matches(rule, it, Target::Bucket(bucket))
                || self.key_part(rule, it, bucket).is_some()
        })
    }

    fn is_everything(&self, rule: &RuleDocument, resource: &str) -> bool {
        self.pieces(rule, resource).as_deref() == Some(&[Piece::Run])
    }
}

/// Whether a rule denies; without an effect it allows (INT-7).
pub(crate) fn is_deny(rule: &RuleDocument) -> bool {
    rule.effect.as_deref() == Some("Deny")
}

fn names_action(rule: &RuleDocument, action: &str) -> bool {
    rule.actions.iter().any(|it| it == action || it == "*")
}
