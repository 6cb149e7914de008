//! Users, groups, rules, keys and the audit in one encrypted database.
//!
//! Everything here blocks: whoever serves requests keeps a [`Store`] on a thread of its own.

mod audit;
mod backup;
mod commit;
mod error;
mod federation;
mod key;
mod load;
mod model;
mod open;
mod schema;

#[cfg(test)]
mod tests;

pub use audit::{AuditQuery, AuditRecord, AuditRow};
pub use backup::{backup, restore};
pub use commit::Committed;
pub use deltaglider_core::iam::{Edit, NewKey, Revision, UserPatch};
pub use error::{BackupError, CommitError, OpenError, StoreError};
pub use key::{DatabaseKey, KeySource};
pub use load::MODE;
pub use model::{GroupRow, IdentityRow, KeyRow, ProviderRow, State, UserRow};
pub use open::Store;
