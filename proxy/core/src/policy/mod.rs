//! The one authorisation call that every request passes, and the rules it asks.

mod access;
mod canned;
mod condition;
mod document;
mod glob;
mod identity;
mod listing;
mod need;
mod resource;
mod rule;
mod ruleset;

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use crate::s3::{Action, ObjectKey, Operation, S3Error, S3ErrorCode};
use crate::sigv4::Authenticated;
use crate::snapshot::Principal;

pub use access::{Access, Answer, Considered};
pub use canned::{CannedPolicy, administrators, canned_policies};
pub use condition::Context;
pub use document::{ConditionDocument, OneOrMany, RuleDocument, Unusable};
pub use glob::glob_matches;
pub use identity::Identity;
pub use listing::ListingScope;
pub use need::{Need, needs};
pub use resource::Resource;
pub use rule::{Effect, Rule, RuleFault};
pub use ruleset::{Decision, GrantedRule, OwnedRules, RuleOwner, RuleSet};

/// How the store behind takes keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreNames {
    /// Letter by letter, as S3 does.
    Exact,
    /// Perhaps without doubled slashes and those at the start: rules are then asked for that
    /// key as well, or a Deny could be walked around.
    Folded,
}

/// Leave to forward one operation; only [`authorise`] makes one.
#[derive(Debug)]
pub struct Permit {
    operation: Operation,
    access: Access,
    names: StoreNames,
    listing: Option<ListingScope>,
}

impl Permit {
    /// What may be forwarded, and nothing else.
    pub fn operation(&self) -> &Operation {
        &self.operation
    }

    /// Of a listing: the names that may be shown.
    pub fn listing(&self) -> Option<&ListingScope> {
        self.listing.as_ref()
    }

    /// Of a listing of buckets: whether this name may be shown (INT-11).
    pub fn shows_bucket(&self, bucket: &str) -> bool {
        self.access.shows_bucket(bucket)
    }

    /// Whether every bucket's name may be shown: the caller is the bootstrap pair.
    pub fn sees_all_buckets(&self) -> bool {
        matches!(self.access.principal, Principal::Bootstrap)
    }

    /// Name of the caller.
    pub fn caller(&self) -> &str {
        self.access.principal.name()
    }

    /// Of a batch delete: whether one of its keys may be removed.
    pub fn admits(&self, key: &ObjectKey) -> Result<(), Box<Denial>> {
        if let (StoreNames::Folded, Some(folded)) = (self.names, key.folded()) {
            self.admits_exactly(&folded)?;
        }
        self.admits_exactly(key)
    }

    fn admits_exactly(&self, key: &ObjectKey) -> Result<(), Box<Denial>> {
        let bucket = self.operation.bucket().map(|name| name.as_str()).unwrap_or_default();
        let resource = Resource::Object(bucket, key.as_str());
        let ask = |action| {
            let need = Need::Act(action, resource);
            self.access.ask(&need).map(drop).map_err(|answer| Denial::of(&need, answer))
        };
        ask(Action::Delete)?;
        if self.operation.raised { ask(Action::Admin) } else { Ok(()) }
    }
}

/// A question that the rules answered with no.
#[derive(Clone, Debug)]
pub struct Denial {
    /// The category that was asked for.
    pub action: &'static str,
    /// In which bucket.
    pub bucket: Option<String>,
    /// Of which key.
    pub key: Option<String>,
    /// Under which prefix.
    pub prefix: Option<String>,
    /// The deciding rule and the reason; for the audit, never for the caller.
    pub answer: Answer,
}

impl Denial {
    fn of(need: &Need<'_>, answer: Answer) -> Box<Self> {
        let (bucket, key, prefix) = need.place();
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Box::new(Self {
            action: need.action(),
            bucket: owned(bucket),
            key: owned(key),
            prefix: owned(prefix),
            answer,
        })
    }
}

/// Why there is no permit.
#[derive(Debug)]
pub enum Refused {
    /// The rules say no.
    ByRules(Box<Denial>),
    /// The rules say yes; what the request asks for cannot be done.
    Unserved(S3Error),
}

/// Decides one operation for one authenticated caller at one address.
///
/// What the request itself got wrong is answered only to callers who may ask.
pub fn authorise(
    caller: &Authenticated,
    operation: Operation,
    source: Option<IpAddr>,
    names: StoreNames,
) -> Result<Permit, Refused> {
    let access = Access { principal: caller.principal().clone(), source };
    let listing = decide(&access, &operation, names)?;
    match operation.problem.clone().or_else(|| not_offered(&operation)) {
        Some(error) => Err(Refused::Unserved(error)),
        None => Ok(Permit { operation, access, names, listing }),
    }
}

/// The rules' answer for the operation as it stands, and as the store may take it.
fn decide(
    access: &Access,
    operation: &Operation,
    names: StoreNames,
) -> Result<Option<ListingScope>, Refused> {
    let listing = ask_all(access, operation)?;
    match (names, operation.folded()) {
        (StoreNames::Folded, Some(folded)) => {
            let other = ask_all(access, &folded)?;
            Ok(listing.zip(other).map(|(listing, other)| listing.and_folded(other)))
        }
        _ => Ok(listing),
    }
}

fn ask_all(access: &Access, operation: &Operation) -> Result<Option<ListingScope>, Refused> {
    let mut listing = None;
    for need in needs(operation) {
        let asked = access.ask(&need);
        let scope = asked.map_err(|answer| Refused::ByRules(Denial::of(&need, answer)))?;
        listing = listing.or(scope);
    }
    Ok(listing)
}

fn not_offered(operation: &Operation) -> Option<S3Error> {
    use crate::s3::Support;
    (operation.support == Support::NotImplemented).then(|| {
        let text = format!("{} is not implemented by this proxy", operation.kind.name());
        S3Error::new(S3ErrorCode::NotImplemented, text)
    })
}
