//! `GET /ext-auth/identities`.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::admin::Admin;
use crate::admin::users::timestamp;

/// Somebody of a provider, bound to a user.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct IdentityView {
    id: i64,
    /// Name of the provider.
    provider: String,
    /// Who, as the provider says it.
    subject: String,
    user_id: i64,
    /// When they signed in first.
    created_at: String,
}

/// Who of which provider is which user.
#[utoipa::path(get, path = "/ext-auth/identities",
    responses((status = 200, body = Vec<IdentityView>)))]
pub(in crate::admin) async fn list(State(admin): State<Admin>) -> Json<Vec<IdentityView>> {
    let current = admin.iam.current();
    let name = |id: i64| {
        let row = current.state.providers.iter().find(|row| row.id == id);
        row.map(|row| row.provider.name.clone()).unwrap_or_default()
    };
    let view = |row: &deltaglider_store::IdentityRow| IdentityView {
        id: row.id,
        provider: name(row.provider_id),
        subject: row.subject.clone(),
        user_id: row.user_id,
        created_at: timestamp(row.created_at),
    };
    Json(current.state.identities.iter().map(view).collect())
}
