//! Login, logout, the session and the password.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use deltaglider_core::iam::Mode;
use deltaglider_store::{AuditRecord, Edit};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::body::Body;
use super::client::Client;
use super::error::{ApiError, ErrorBody, FieldError};
use super::guard::has_session;
use super::login::{Attempt, ChangeRefusal, LoginRefusal, MIN_NEW_PASSWORD};
use super::session::{TokenDigest, expired_cookie};
use super::{Admin, PasswordHash};
use crate::iam::{ChangeError, PASSWORD_HASH};

/// The admin password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    password: String,
}

/// Done.
#[derive(Serialize, ToSchema)]
pub(super) struct Done {
    ok: bool,
}

/// Whether the caller is logged in.
#[derive(Serialize, ToSchema)]
pub(super) struct Session {
    /// Whether the cookie names a live session.
    valid: bool,
    /// Whether users and rules are managed here, and not by a file in git.
    admin_gui: bool,
}

/// The password as it is and as it shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordChange {
    current: String,
    /// At least 12 characters.
    new: String,
}

/// Starts a session.
#[utoipa::path(post, path = "/login", request_body = Login, responses(
    (status = 200, body = Done), (status = 401, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub(super) async fn login(
    State(admin): State<Admin>,
    client: Client,
    headers: HeaderMap,
    Body(login): Body<Login>,
) -> Result<Response, ApiError> {
    let attempt = attempt(&client, login.password);
    match admin.gate.login(attempt, TokenDigest::presented(&headers)).await {
        Ok(token) => {
            admin.iam.record(vec![client.did("login", "")]).await;
            let cookie = admin.gate.sessions.cookie(&token, admin.secure_cookies);
            let cookie = cookie.map_err(|_| refused(LoginRefusal::Failed))?;
            Ok(([(SET_COOKIE, cookie)], Json(Done { ok: true })).into_response())
        }
        Err(refusal) => {
            note_refusal(&admin, &client, "login", &refusal).await;
            Err(refused(refusal))
        }
    }
}

/// Ends the session.
#[utoipa::path(post, path = "/logout", responses((status = 200, body = Done)))]
pub(super) async fn logout(
    State(admin): State<Admin>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let live = has_session(&admin, &headers);
    if let Some(token) = TokenDigest::presented(&headers) {
        admin.gate.sessions.end(&token);
    }
    if live {
        admin.iam.record(vec![client.did("logout", "")]).await;
    }
    let cookie = expired_cookie(admin.secure_cookies).map_err(|_| refused(LoginRefusal::Failed))?;
    Ok(([(SET_COOKIE, cookie)], Json(Done { ok: true })).into_response())
}

/// Tells whether the caller is logged in.
#[utoipa::path(get, path = "/session", responses((status = 200, body = Session)))]
pub(super) async fn session(State(admin): State<Admin>, headers: HeaderMap) -> Json<Session> {
    let admin_gui = admin.iam.current().state.mode == Mode::Gui;
    Json(Session { valid: has_session(&admin, &headers), admin_gui })
}

/// Changes the admin password and ends every session.
#[utoipa::path(put, path = "/password", request_body = PasswordChange, responses(
    (status = 200, body = Done), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
    (status = 409, body = ErrorBody)))]
pub(super) async fn password(
    State(admin): State<Admin>,
    client: Client,
    Body(change): Body<PasswordChange>,
) -> Result<Json<Done>, ApiError> {
    if admin.password_is_set_outside {
        let text = "the password comes from DGP_BOOTSTRAP_PASSWORD_HASH; change it there";
        return Err(ApiError::conflict("password_set_outside", text));
    }
    let attempt = attempt(&client, change.current);
    let (new, keeper) = (Zeroizing::new(change.new), admin.clone());
    let caller = client.clone();
    // On a task of its own: a caller who hangs up must not leave disk and memory apart.
    let changed = tokio::spawn(async move {
        let entry = caller.did("password_change", "");
        let keep = async |hash: &PasswordHash| keep(&keeper, hash, entry.clone()).await;
        keeper.gate.change_password(attempt, new, keep).await
    });
    match changed.await {
        Ok(Ok(())) => Ok(Json(Done { ok: true })),
        Ok(Err(ChangeRefusal::TooShort)) => Err(ApiError::invalid(vec![FieldError::new(
            "new",
            format!("needs at least {MIN_NEW_PASSWORD} characters"),
        )])),
        Ok(Err(ChangeRefusal::New(error))) => {
            Err(ApiError::invalid(vec![FieldError::new("new", error.to_string())]))
        }
        Ok(Err(ChangeRefusal::Keep(error))) => Err(error.into()),
        Ok(Err(ChangeRefusal::Current(refusal))) => {
            note_refusal(&admin, &client, "password_change", &refusal).await;
            Err(refused(refusal))
        }
        Err(_) => Err(refused(LoginRefusal::Failed)),
    }
}

async fn keep(admin: &Admin, hash: &PasswordHash, entry: AuditRecord) -> Result<(), ChangeError> {
    let edit = Edit::SetMeta(PASSWORD_HASH, hash.phc().as_bytes().to_vec());
    admin.iam.change(None, vec![edit], vec![entry]).await.map(drop)
}

fn attempt(client: &Client, password: String) -> Attempt {
    let password = Zeroizing::new(password);
    Attempt { address: client.address, password, now: Instant::now() }
}

async fn note_refusal(admin: &Admin, client: &Client, action: &str, refusal: &LoginRefusal) {
    let reason = match refusal {
        LoginRefusal::Wrong => "wrong password",
        LoginRefusal::TooMany(_) => "too many failures",
        LoginRefusal::Busy | LoginRefusal::Failed => return,
    };
    let entry = AuditRecord {
        user: "anonymous".into(),
        outcome: "failed".into(),
        reason: reason.into(),
        ..client.did(action, "")
    };
    admin.iam.record_stranger(client.address, entry).await;
}

fn refused(refusal: LoginRefusal) -> ApiError {
    let (status, error, message) = match &refusal {
        LoginRefusal::Wrong => {
            (StatusCode::UNAUTHORIZED, "wrong_password", "the password is wrong")
        }
        LoginRefusal::TooMany(_) => {
            (StatusCode::TOO_MANY_REQUESTS, "too_many_failures", "too many failures; try later")
        }
        LoginRefusal::Busy => {
            (StatusCode::SERVICE_UNAVAILABLE, "busy", "too many logins at once; try again")
        }
        LoginRefusal::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "the login failed"),
    };
    let mut answer = ApiError::new(status, error, message);
    answer.retry_after = match refusal {
        LoginRefusal::TooMany(after) => Some(after.seconds()),
        LoginRefusal::Busy => Some(1),
        _ => None,
    };
    answer
}
