//! A decision told in full: what was asked, which rule decided, and what every rule said.

use deltaglider_core::policy::{Access, Considered, GrantedRule, Need};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most rules told one by one; the deciding one is always told.
const MOST: usize = 200;

/// Why a request is allowed or denied.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Explanation {
    /// `Allowed` or `Denied`.
    pub(crate) outcome: String,
    /// The decision in words.
    pub(crate) reason: String,
    /// Everything that was asked of the rules; all of it has to be allowed.
    pub(crate) asked: Vec<AskedView>,
    /// The rule that decided, where one did.
    pub(crate) rule: Option<RuleView>,
    /// Every rule of the caller, and what it said to the deciding question.
    pub(crate) considered: Vec<ConsideredView>,
}

/// One question.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct AskedView {
    /// The category: `read`, `write`, `delete`, `list`, `admin`, or `any`.
    pub(crate) action: String,
    /// The S3 operation.
    pub(crate) operation: String,
    /// Its bucket.
    pub(crate) bucket: Option<String>,
    /// Its key.
    pub(crate) key: Option<String>,
    /// The prefix of a listing.
    pub(crate) prefix: Option<String>,
    /// The caller's address.
    pub(crate) address: Option<String>,
}

/// A rule and where it comes from.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct RuleView {
    /// `Allow` or `Deny`.
    pub(crate) effect: String,
    /// Its place among its owner's rules, from 1.
    pub(crate) index: usize,
    /// `user` or `group`.
    pub(crate) owner_kind: String,
    /// Name of the user or group.
    pub(crate) owner: String,
    /// The rule as written.
    #[schema(value_type = Object)]
    pub(crate) rule: serde_json::Value,
}

/// A rule and what it said.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ConsideredView {
    /// The rule.
    #[serde(flatten)]
    pub(crate) rule: RuleView,
    /// Whether it matched.
    pub(crate) matched: bool,
    /// Why, or why not.
    pub(crate) because: String,
}

impl Explanation {
    /// Asks the same pure call that serves requests, need by need until one is refused.
    pub(crate) fn of(access: &Access, operation: &str, needs: &[Need<'_>]) -> Self {
        let mut deciding = None;
        for need in needs {
            let answer = access.explain(need);
            let refused = !answer.allowed;
            if refused || deciding.is_none() {
                deciding = Some((need, answer));
            }
            if refused {
                break;
            }
        }
        let asked = needs.iter().map(|need| AskedView::of(need, operation, access)).collect();
        let Some((need, answer)) = deciding else {
            let reason = "nothing was asked of the rules".to_owned();
            let (outcome, considered) = ("Denied".to_owned(), Vec::new());
            return Self { outcome, reason, asked, rule: None, considered };
        };
        let outcome = if answer.allowed { "Allowed" } else { "Denied" };
        let considered = access.considered(need);
        Self {
            outcome: outcome.to_owned(),
            reason: answer.reason,
            asked,
            rule: answer.rule.as_ref().map(RuleView::of),
            considered: considered.iter().take(MOST).map(ConsideredView::of).collect(),
        }
    }
}

impl AskedView {
    fn of(need: &Need<'_>, operation: &str, access: &Access) -> Self {
        let (bucket, key, prefix) = need.place();
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            action: need.action().to_owned(),
            operation: operation.to_owned(),
            bucket: owned(bucket),
            key: owned(key),
            prefix: owned(prefix),
            address: access.source.map(|address| address.to_string()),
        }
    }
}

impl RuleView {
    fn of(granted: &GrantedRule) -> Self {
        Self {
            effect: granted.rule().effect().as_str().to_owned(),
            index: granted.position(),
            owner_kind: granted.owner().kind().to_owned(),
            owner: granted.owner().name().to_owned(),
            rule: serde_json::to_value(granted.rule().document()).unwrap_or_default(),
        }
    }
}

impl ConsideredView {
    fn of(considered: &Considered) -> Self {
        Self {
            rule: RuleView::of(&considered.rule),
            matched: considered.matched,
            because: considered.because.clone(),
        }
    }
}
