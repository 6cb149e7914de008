//! `POST /users`.

use axum::Json;
use axum::extract::State;
use deltaglider_store::Edit;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{GroupRef, UserView, group_names};
use crate::admin::body::Body;
use crate::admin::client::Client;
use crate::admin::error::{ApiError, ErrorBody};
use crate::admin::fields::{self, Permission};
use crate::admin::{Admin, keys};

/// A user to make; a key that is not given is drawn.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct NewUser {
    name: String,
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    #[serde(default = "enabled")]
    enabled: bool,
    #[serde(default)]
    permissions: Vec<Permission>,
    #[serde(default)]
    groups: Vec<GroupRef>,
}

fn enabled() -> bool {
    true
}

/// Makes a user; its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/users", request_body = NewUser, responses(
    (status = 201, body = UserView), (status = 400, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(in crate::admin) async fn create(
    State(admin): State<Admin>,
    client: Client,
    Body(new): Body<NewUser>,
) -> Result<(StatusCode, Json<UserView>), ApiError> {
    let mut faults = Vec::new();
    fields::user_name(&new.name, &mut faults);
    if let Some(id) = &new.access_key_id {
        fields::access_key_id(id, admin.iam.bootstrap_id(), &mut faults);
    }
    if let Some(secret) = &new.secret_access_key {
        fields::secret_access_key(secret, &mut faults);
    }
    let rules = fields::rules(new.permissions, &mut faults);
    let groups = group_names(&admin.iam.current().state, &new.groups, &mut faults);
    if !faults.is_empty() {
        return Err(ApiError::invalid(faults));
    }
    let key = keys::fresh(new.access_key_id, new.secret_access_key)?;
    let entry = client.did("user_create", new.name.clone());
    let edit = Edit::CreateUser {
        name: new.name,
        enabled: new.enabled,
        keys: vec![key.row],
        rules,
        groups,
    };
    let committed = admin.iam.change(None, vec![edit], vec![entry]).await?;
    let id = committed.ids.first().copied().unwrap_or_default();
    let mut view = UserView::find(&admin.iam, id)?;
    view.secret_access_key = Some(key.secret.to_string());
    Ok((StatusCode::CREATED, Json(view)))
}
