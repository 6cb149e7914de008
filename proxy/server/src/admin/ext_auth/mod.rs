//! `/ext-auth`: identity providers, mapping rules and bindings. Signing in is not here.

pub(super) mod identities;
mod mapping;
mod mappings;
pub(super) mod preview;
mod provider;
mod providers;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Admin;
use super::error::FieldError;

/// Calls about what a document declares.
pub(super) fn router() -> OpenApiRouter<Admin> {
    OpenApiRouter::new()
        .routes(routes!(providers::list, providers::create))
        .routes(routes!(providers::get, providers::update, providers::delete))
        .routes(routes!(mappings::list, mappings::create))
        .routes(routes!(mappings::get, mappings::update, mappings::delete))
}

/// Faults of a checked entity as faults of a request.
fn faults_of(found: Vec<(&'static str, String)>) -> Vec<FieldError> {
    found.into_iter().map(|(field, text)| FieldError::new(field, text)).collect()
}
