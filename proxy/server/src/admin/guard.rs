//! What stands before every handler: same origin, a session, and headers for browsers.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use deltaglider_core::iam::Mode;
use http::{HeaderValue, StatusCode};

use super::Admin;
use super::error::ApiError;
use super::origin::check_origin;
use super::session::TokenDigest;

/// Refuses calls that another site makes in an administrator's name.
pub(super) async fn same_origin(
    State(admin): State<Admin>,
    request: Request,
    next: Next,
) -> Response {
    let checked = check_origin(request.method(), request.headers(), admin.scheme);
    let mut response = match checked {
        Ok(()) => next.run(request).await,
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
