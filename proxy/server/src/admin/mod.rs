//! The admin API: users, groups, rules, the audit, and who may use it.

mod audit;
mod body;
mod client;
mod config;
mod error;
mod explain;
mod ext_auth;
mod fields;
mod groups;
mod guard;
mod keys;
mod login;
mod login_api;
mod origin;
mod password;
mod policies;
mod session;
mod simulate;
mod throttle;
mod unambiguous;
mod users;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::{Json, Router};
use deltaglider_core::policy::StoreNames;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use client::Client;
pub(crate) use login::Gate;
pub(crate) use origin::Scheme;
pub use password::{PasswordError, PasswordHash, PasswordHashError, random_password};

use crate::control::Control;
use crate::iam::Iam;
use error::ApiError;

/// Where the admin API is.
pub(crate) const BASE: &str = "/_/api/admin";
/// Largest body of a request, in bytes.
const LARGEST_BODY: usize = 1024 * 1024;

/// What every handler has.
#[derive(Clone)]
pub(crate) struct Admin {
    pub(crate) iam: Iam,
    pub(crate) control: Control,
    pub(crate) gate: Arc<Gate>,
    /// What the listener speaks.
    pub(crate) scheme: Scheme,
    pub(crate) secure_cookies: bool,
    /// Whether the hash comes from the environment, so that it cannot be changed here.
    pub(crate) password_is_set_outside: bool,
    /// How the store takes names, for simulations.
    pub(crate) names: StoreNames,
}

#[derive(OpenApi)]
#[openapi(info(
    title = "deltaglider_proxy admin API",
    description = "Users, groups, rules, keys and the audit. Log in first: every call but \
                   login, logout, session and this document needs the session's cookie."
))]
struct Document;

/// The admin API below [`BASE`].
pub(crate) fn router(admin: Admin) -> Router {
    let open = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(login_api::login))
        .routes(routes!(login_api::logout))
        .routes(routes!(login_api::session));
    let declared = OpenApiRouter::new()
        .routes(routes!(users::list::list, users::create::create))
        .routes(routes!(users::list::get, users::update::update, users::delete::delete))
        .routes(routes!(users::rotate_keys::rotate_keys))
        .routes(routes!(users::delete_key::delete_key))
        .routes(routes!(groups::list::list, groups::create::create))
        .routes(routes!(groups::list::get, groups::update::update, groups::delete::delete))
        .routes(routes!(groups::members::add))
        .routes(routes!(groups::members::remove))
        .merge(ext_auth::router())
        .layer(from_fn_with_state(admin.clone(), guard::gui_mode));
    let guarded = OpenApiRouter::new()
        .routes(routes!(login_api::password))
        .merge(declared)
        .routes(routes!(policies::list))
        .routes(routes!(audit::list))
        .routes(routes!(explain::explain))
        .routes(routes!(simulate::simulate))
        .routes(routes!(ext_auth::preview::preview))
        .routes(routes!(ext_auth::identities::list))
        .merge(config::router())
        .fallback(async || ApiError::not_found("there is no such call"))
        .layer(from_fn_with_state(admin.clone(), guard::session));
    let (api, document) = open.merge(guarded).split_for_parts();
    let document = Arc::new(document);
    Router::new()
        .nest(BASE, api)
        .route(
            &format!("{BASE}/openapi.json"),
            axum::routing::get(async move || Json(document.as_ref().clone())),
        )
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn_with_state(admin.clone(), guard::same_origin))
        .with_state(admin)
}
