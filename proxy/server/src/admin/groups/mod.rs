//! Groups: a file a verb.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod members;
pub(super) mod update;

use deltaglider_store::GroupRow;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::ApiError;
use super::fields::Permission;
use super::users::timestamp;
use crate::iam::Iam;

/// A group, as answers show it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GroupView {
    id: i64,
    name: String,
    description: String,
    /// Whether it comes with the product; then it can be neither removed nor renamed.
    builtin: bool,
    created_at: String,
    permissions: Vec<Permission>,
    member_ids: Vec<i64>,
}

impl GroupView {
    fn of(group: &GroupRow) -> Self {
        Self {
            id: group.id,
            name: group.name.clone(),
            description: group.description.clone(),
            builtin: group.builtin,
            created_at: timestamp(group.created_at),
            permissions: group.rules.iter().map(Permission::of).collect(),
            member_ids: group.member_ids.clone(),
        }
    }

    /// The group of an id as of now; 404 where there is none.
    fn find(iam: &Iam, id: i64) -> Result<Self, ApiError> {
        let current = iam.current();
        let group = current.state.group(id);
        group.map(Self::of).ok_or_else(|| ApiError::not_found(format!("there is no group {id}")))
    }
}
