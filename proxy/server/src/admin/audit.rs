//! `GET /audit`: who did what, and what was denied, the newest first.

use axum::Json;
use axum::extract::{Query, State};
use deltaglider_store::{AuditQuery, AuditRow};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::{IntoParams, ToSchema};

use super::Admin;
use super::error::{ApiError, ErrorBody, FieldError};
use super::users::timestamp;

/// Most entries of a page; larger limits are clamped.
const MOST: u32 = 10_000;

/// Which entries; what is left out does not narrow.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Entries of a page, 100 unless told, at most 10000.
    limit: Option<u32>,
    /// Id of the last entry of the page before.
    before: Option<i64>,
    /// Not earlier, RFC 3339.
    from: Option<String>,
    /// Not later, RFC 3339.
    to: Option<String>,
    /// Name of the actor.
    user: Option<String>,
    /// An S3 operation, or a change such as `user_create`.
    action: Option<String>,
    /// Bucket of the request.
    bucket: Option<String>,
    /// Id of the request.
    request_id: Option<String>,
}

/// A page.
#[derive(Serialize, ToSchema)]
pub(super) struct Page {
    entries: Vec<EntryView>,
}

/// One entry. Control characters in what clients sent are escaped, as `\n` and `\u{7f}`.
#[derive(Serialize, ToSchema)]
pub(super) struct EntryView {
    id: i64,
    timestamp: String,
    action: String,
    user: String,
    target: String,
    bucket: String,
    path: String,
    ip: String,
    ua: String,
    outcome: String,
    reason: String,
    request_id: String,
    /// The deciding rule, where a rule decided.
    #[schema(value_type = Option<Object>)]
    rule: Option<serde_json::Value>,
}

impl EntryView {
    fn of(row: AuditRow) -> Self {
        let record = row.record;
        let detail = record.detail.as_deref();
        let detail = detail.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
        Self {
            id: row.id,
            timestamp: timestamp(record.time),
            action: one_line(&record.action),
            user: one_line(&record.user),
            target: one_line(&record.target),
            bucket: one_line(&record.bucket),
            path: one_line(&record.path),
            ip: record.ip,
            ua: one_line(&record.ua),
            outcome: record.outcome,
            reason: one_line(&record.reason),
            request_id: record.request_id,
            rule: detail.and_then(|it| it.get("rule").cloned()).filter(|it| !it.is_null()),
        }
    }
}

/// Reads the audit.
#[utoipa::path(get, path = "/audit", params(Wanted),
    responses((status = 200, body = Page), (status = 400, body = ErrorBody)))]
pub(super) async fn list(
    State(admin): State<Admin>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page>, ApiError> {
    let mut faults = Vec::new();
    let query = AuditQuery {
        limit: wanted.limit.unwrap_or(100).min(MOST),
        before: wanted.before,
        from: instant("from", wanted.from.as_deref(), &mut faults),
        to: instant("to", wanted.to.as_deref(), &mut faults),
        user: wanted.user,
        action: wanted.action,
        bucket: wanted.bucket,
        request_id: wanted.request_id,
    };
    if !faults.is_empty() {
        return Err(ApiError::invalid(faults));
    }
    let entries = admin.iam.audit(query).await?.into_iter().map(EntryView::of).collect();
    Ok(Json(Page { entries }))
}

fn instant(
    field: &str,
    text: Option<&str>,
    faults: &mut Vec<FieldError>,
) -> Option<OffsetDateTime> {
    let parsed = OffsetDateTime::parse(text?, &Rfc3339);
    parsed.map_err(|_| faults.push(FieldError::new(field, "is no RFC 3339 time"))).ok()
}

/// The text with control characters escaped: whoever prints it cannot be shown a forged line.
fn one_line(text: &str) -> String {
    if !text.contains(char::is_control) {
        return text.to_owned();
    }
    let escaped = text.chars().map(|letter| match letter.is_control() {
        true => letter.escape_default().to_string(),
        false => letter.to_string(),
    });
    escaped.collect()
}
