//! Denials become audit entries, with everything that explains them (INT-22).

use std::net::IpAddr;

use deltaglider_core::policy::{Denial, Need, Resource, needs};
use deltaglider_core::s3::{Action, OperationKind, Query};
use deltaglider_core::sigv4::{AuthError, claimed_key_id};
use deltaglider_store::AuditRecord;
use http::HeaderMap;

use super::access_log::Entry;
use super::refusal::Refusal;
use crate::iam::{Asked, Explanation, Iam, event};

/// Keys of a batch that are explained one by one; the entries of all others name the rule.
const EXPLAINED: usize = 20;

/// What is known of a request when it is refused.
pub(super) struct Told<'a> {
    pub(super) entry: &'a Entry,
    pub(super) headers: &'a HeaderMap,
    pub(super) query: Option<&'a str>,
    /// The key id that a form claims.
    pub(super) claimed: Option<String>,
    /// What was asked of the rules, once the caller is known.
    pub(super) asked: Option<Asked>,
}

/// Keeps the entry of a refusal, if it is a denial: what the rules refuse to somebody known is
/// on the disk before the caller hears of it.
pub(super) async fn keep(iam: &Iam, told: &Told<'_>, refusal: &Refusal, address: IpAddr) {
    match refusal {
        Refusal::Denied(denial) => iam.record(vec![by_rules(told, denial)]).await,
        Refusal::Unauthenticated(error) => {
            iam.record_stranger(address, unauthenticated(told, error)).await;
        }
        _ => {}
    }
}

/// Keeps an entry for each key that a batch delete was not allowed to remove.
pub(super) async fn keep_keys(iam: &Iam, told: &Told<'_>, denied: &[Denial]) {
    if denied.is_empty() {
        return;
    }
    let record = |(index, denial): (usize, &Denial)| AuditRecord {
        path: denial.key.clone().unwrap_or_default(),
        reason: denial.answer.reason.clone(),
        detail: (index < EXPLAINED).then(|| of_key(told, denial)).flatten(),
        ..denied_entry(told)
    };
    iam.record(denied.iter().enumerate().map(record).collect()).await;
}

fn by_rules(told: &Told<'_>, denial: &Denial) -> AuditRecord {
    let explanation = told.asked.as_ref().map(|asked| {
        let operation = asked.operation.kind.name();
        Explanation::of(&asked.access, operation, &needs(&asked.operation))
    });
    let prefix = denial.prefix.clone().unwrap_or_default();
    let path = if told.entry.key.is_empty() { prefix } else { told.entry.key.clone() };
    AuditRecord {
        path,
        reason: denial.answer.reason.clone(),
        detail: explanation.and_then(|it| serde_json::to_string(&it).ok()),
        ..denied_entry(told)
    }
}

fn of_key(told: &Told<'_>, denial: &Denial) -> Option<String> {
    let asked = told.asked.as_ref()?;
    let (bucket, key) = (denial.bucket.as_deref()?, denial.key.as_deref()?);
    let action = if denial.action == "admin" { Action::Admin } else { Action::Delete };
    let need = Need::Act(action, Resource::Object(bucket, key));
    let name = OperationKind::DeleteObjects.name();
    serde_json::to_string(&Explanation::of(&asked.access, name, &[need])).ok()
}

fn unauthenticated(told: &Told<'_>, error: &AuthError) -> AuditRecord {
    let query = Query::parse(told.query).unwrap_or_default();
    let claimed = told.claimed.clone().or_else(|| claimed_key_id(told.headers, &query));
    AuditRecord {
        user: "anonymous".into(),
        target: claimed.unwrap_or_default(),
        path: told.entry.key.clone(),
        reason: error.to_string(),
        ..denied_entry(told)
    }
}

/// The user agent, as far as it is text.
pub(crate) fn agent(headers: &HeaderMap) -> String {
    let agent = headers.get(http::header::USER_AGENT);
    agent.map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned()).unwrap_or_default()
}

fn denied_entry(told: &Told<'_>) -> AuditRecord {
    AuditRecord {
        user: told.entry.user.clone(),
        bucket: told.entry.bucket.clone(),
        ip: told.entry.peer.clone(),
        ua: agent(told.headers),
        outcome: "denied".into(),
        request_id: told.entry.request_id.clone(),
        ..event(told.entry.operation)
    }
}
