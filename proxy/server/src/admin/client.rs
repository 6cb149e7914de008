//! Who calls the admin API, as the audit and the throttle see it.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use deltaglider_store::AuditRecord;
use http::request::Parts;

use super::error::ApiError;
use crate::iam::event;

/// The caller of the request.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// After trusted proxies.
    pub(crate) address: IpAddr,
    /// User agent.
    pub(crate) agent: String,
    /// Id of the request.
    pub(crate) request_id: String,
}

impl Client {
    /// An entry of something that the administrator did to `target`.
    pub(super) fn did(&self, action: &str, target: impl Into<String>) -> AuditRecord {
        AuditRecord {
            user: "admin".into(),
            target: target.into(),
            ip: self.address.to_string(),
            ua: self.agent.clone(),
            request_id: self.request_id.clone(),
            ..event(action)
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::unauthorized)
    }
}
