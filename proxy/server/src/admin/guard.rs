//! What stands before every handler: same origin, a session, and headers for browsers.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use deltaglider_core::iam::Mode;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

use super::Admin;
use super::error::ApiError;
use super::origin::check_origin;
use super::session::TokenDigest;

/// More than the framework says of any request, in bytes.
const LONGEST_REFUSAL: usize = 4096;

/// Refuses calls that another site makes in an administrator's name.
pub(super) async fn same_origin(
    State(admin): State<Admin>,
    request: Request,
    next: Next,
) -> Response {
    let checked = check_origin(request.method(), request.headers(), admin.scheme);
    let mut response = match checked {
        Ok(()) => in_our_form(next.run(request).await).await,
        Err(refusal) => {
            let text = refusal.to_string();
            ApiError::new(StatusCode::FORBIDDEN, "cross_origin", text).into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers
        .entry("content-security-policy")
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}

/// The framework refuses in plain text what it cannot route or read: its words in our form
/// (INT-24).
async fn in_our_form(response: Response) -> Response {
    let json = |value: &HeaderValue| value.as_bytes().starts_with(b"application/json");
    let is_ours = response.headers().get(CONTENT_TYPE).is_some_and(json);
    if !response.status().is_client_error() || is_ours {
        return response;
    }
    let (parts, body) = response.into_parts();
    let error = match parts.status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        _ => "invalid",
    };
    let text = axum::body::to_bytes(body, LONGEST_REFUSAL).await.unwrap_or_default();
    let text = match String::from_utf8_lossy(&text).trim() {
        "" => parts.status.canonical_reason().unwrap_or_default().to_owned(),
        text => text.to_owned(),
    };
    let mut response = ApiError::new(parts.status, error, text).into_response();
    if let Some(methods) = parts.headers.get(ALLOW) {
        response.headers_mut().insert(ALLOW, methods.clone());
    }
    response
}

/// Refuses calls without a live session.
pub(super) async fn session(State(admin): State<Admin>, request: Request, next: Next) -> Response {
    if has_session(&admin, request.headers()) {
        return next.run(request).await;
    }
    ApiError::unauthorized().into_response()
}

/// Refuses changes of what a document declares, before their bodies are looked at.
pub(super) async fn gui_mode(State(admin): State<Admin>, request: Request, next: Next) -> Response {
    let changes = !request.method().is_safe();
    if changes && admin.iam.current().state.mode == Mode::Declarative {
        return ApiError::declarative().into_response();
    }
    next.run(request).await
}

pub(super) fn has_session(admin: &Admin, headers: &http::HeaderMap) -> bool {
    let presented = TokenDigest::presented(headers);
    presented.is_some_and(|token| admin.gate.sessions.check(&token, Instant::now()).is_some())
}
