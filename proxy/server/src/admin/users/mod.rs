//! Users: a file a verb.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod delete_key;
pub(super) mod list;
pub(super) mod rotate_keys;
pub(super) mod update;

use deltaglider_store::{State, UserRow};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

use super::error::{ApiError, FieldError};
use super::fields::Permission;
use crate::iam::Iam;

/// A user, as answers show it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserView {
    id: i64,
    name: String,
    /// The newer key.
    access_key_id: Option<String>,
    /// Shown once, in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_access_key: Option<String>,
    /// One key, or two during a rotation.
    access_keys: Vec<KeyView>,
    enabled: bool,
    created_at: String,
    permissions: Vec<Permission>,
    group_ids: Vec<i64>,
}

/// A key without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyView {
    access_key_id: String,
    created_at: String,
    last_used_at: Option<String>,
}

impl UserView {
    fn of(iam: &Iam, user: &UserRow) -> Self {
        let key = |key: &deltaglider_store::KeyRow| KeyView {
            access_key_id: key.access_key_id.clone(),
            created_at: timestamp(key.created_at),
            last_used_at: iam.last_use(&key.access_key_id).or(key.last_used_at).map(timestamp),
        };
        Self {
            id: user.id,
            name: user.name.clone(),
            access_key_id: user.keys.last().map(|key| key.access_key_id.clone()),
            secret_access_key: None,
            access_keys: user.keys.iter().map(key).collect(),
            enabled: user.enabled,
            created_at: timestamp(user.created_at),
            permissions: user.rules.iter().map(Permission::of).collect(),
            group_ids: user.group_ids.clone(),
        }
    }

    /// The user of an id as of now; 404 where there is none.
    fn find(iam: &Iam, id: i64) -> Result<Self, ApiError> {
        let current = iam.current();
        let user = current.state.user(id).ok_or_else(|| missing(id))?;
        Ok(Self::of(iam, user))
    }
}

/// RFC 3339, UTC.
pub(super) fn timestamp(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_default()
}

/// A group by its id or its name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(super) enum GroupRef {
    /// Row id.
    Id(i64),
    /// Unique name.
    Name(String),
}

/// Names of the groups that are meant; a fault for each that does not exist.
fn group_names(state: &State, refs: &[GroupRef], faults: &mut Vec<FieldError>) -> Vec<String> {
    let mut names = Vec::new();
    for (index, wanted) in refs.iter().enumerate() {
        let found = state.groups.iter().find(|group| match wanted {
            GroupRef::Id(id) => group.id == *id,
            GroupRef::Name(name) => group.name == *name,
        });
        match found {
            Some(group) => names.push(group.name.clone()),
            None => {
                let place = format!("groups[{index}]");
                faults.push(FieldError::new(place, "there is no such group"));
            }
        }
    }
    names
}

fn missing(id: i64) -> ApiError {
    ApiError::not_found(format!("there is no user {id}"))
}
