//! Changes: all of a commit with its audit rows, or nothing.

use deltaglider_core::iam::{Edit, NewKey, Revision, UserPatch};
use deltaglider_core::policy::RuleDocument;
use rusqlite::{
    Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior, params,
};
use time::OffsetDateTime;

use crate::audit::{self, AuditRecord};
use crate::error::{CommitError, StoreError};
use crate::federation;
use crate::load::{milliseconds, revision};
use crate::open::Store;

/// A commit that happened.
#[derive(Debug, PartialEq, Eq)]
pub struct Committed {
    /// The revision after it.
    pub revision: Revision,
    /// For each edit the row that it made or changed.
    pub ids: Vec<i64>,
}

impl Store {
    /// Makes all edits and writes their audit rows in one transaction; `expected` refuses it
    /// where something else was changed in between.
    pub fn commit(
        &mut self,
        expected: Option<Revision>,
        edits: &[Edit],
        records: &[AuditRecord],
        now: OffsetDateTime,
    ) -> Result<Committed, CommitError> {
        self.commit_with(expected, edits, records, now, || Ok(()))
    }

    /// The same; `between` runs when everything is ready to be committed, and its failure
    /// undoes it all.
    pub fn commit_with<E: From<CommitError>>(
        &mut self,
        expected: Option<Revision>,
        edits: &[Edit],
        records: &[AuditRecord],
        now: OffsetDateTime,
        between: impl FnOnce() -> Result<(), E>,
    ) -> Result<Committed, E> {
        let (transaction, committed) = self.prepare(expected, edits, records, now)?;
        between()?;
        transaction.commit().map_err(CommitError::from)?;
        Ok(committed)
    }

    fn prepare(
        &mut self,
        expected: Option<Revision>,
        edits: &[Edit],
        records: &[AuditRecord],
        now: OffsetDateTime,
    ) -> Result<(Transaction<'_>, Committed), CommitError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        let held = revision(&transaction)?;
        if expected.is_some_and(|expected| expected != held) {
            return Err(CommitError::RevisionMoved(held));
        }
        let now = milliseconds(now);
        let ids: Result<Vec<i64>, CommitError> =
            edits.iter().map(|edit| apply(&transaction, edit, now)).collect();
        let ids = ids?;
        let moves = edits.iter().any(|edit| !matches!(edit, Edit::SetMeta(..)));
        let revision = Revision(held.0 + i64::from(moves));
        transaction.execute("UPDATE meta SET value = ? WHERE key = 'revision'", [revision.0])?;
        audit::insert(&transaction, records)?;
        Ok((transaction, Committed { revision, ids }))
    }

    /// Notes when keys were last used; no change of the revision and no audit.
    pub fn touch_keys(&mut self, used: &[(String, OffsetDateTime)]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        for (id, time) in used {
            transaction
                .prepare_cached("UPDATE keys SET last_used_at = ? WHERE access_key_id = ?")?
                .execute(params![milliseconds(*time), id])?;
        }
        Ok(transaction.commit()?)
    }
}

fn apply(connection: &Connection, edit: &Edit, now: i64) -> Result<i64, CommitError> {
    match edit {
        Edit::CreateUser { name, enabled, keys, rules, groups } => {
            connection
                .prepare_cached("INSERT INTO users (name, enabled, created_at) VALUES (?, ?, ?)")?
                .execute(params![name, enabled, now])
                .map_err(|error| taken(error, || CommitError::NameTaken(name.clone())))?;
            let id = connection.last_insert_rowid();
            keys.iter().try_for_each(|key| insert_key(connection, id, key, now))?;
            set_rules(connection, Owner::User, id, rules)?;
            set_groups(connection, id, groups)?;
            Ok(id)
        }
        Edit::UpdateUser(id, patch) => update_user(connection, *id, patch),
        Edit::DeleteUser(id) => {
            let gone =
                connection.prepare_cached("DELETE FROM users WHERE id = ?")?.execute([id])?;
            if gone == 0 { Err(CommitError::NoSuchUser(*id)) } else { Ok(*id) }
        }
        Edit::AddKey(id, key) => match count_keys(connection, *id)? {
            0 | 1 => insert_key(connection, *id, key, now).map(|()| *id),
            _ => Err(CommitError::TwoKeys),
        },
        Edit::DeleteKey(id, key) => delete_key(connection, *id, key),
        Edit::ClearKeys(id) => {
            connection.prepare_cached("DELETE FROM keys WHERE user_id = ?")?.execute([id])?;
            Ok(*id)
        }
        Edit::CreateGroup { name, description, rules } => {
            connection
                .prepare_cached(
                    "INSERT INTO groups (name, description, builtin, created_at)
                     VALUES (?, ?, 0, ?)",
                )?
                .execute(params![name, description, now])
                .map_err(|error| taken(error, || CommitError::NameTaken(name.clone())))?;
            let id = connection.last_insert_rowid();
            set_rules(connection, Owner::Group, id, rules)?;
            Ok(id)
        }
        Edit::UpdateGroup { id, name, description, rules } => {
            if is_builtin(connection, *id)? && (name.is_some() || rules.is_some()) {
                return Err(CommitError::Builtin);
            }
            let patched = connection.execute(
                "UPDATE groups SET name = coalesce(?, name),
                     description = coalesce(?, description) WHERE id = ?",
                params![name, description, id],
            );
            patched.map_err(|error| {
                taken(error, || CommitError::NameTaken(name.clone().unwrap_or_default()))
            })?;
            if let Some(rules) = rules {
                set_rules(connection, Owner::Group, *id, rules)?;
            }
            Ok(*id)
        }
        Edit::DeleteGroup(id) => {
            if is_builtin(connection, *id)? {
                return Err(CommitError::Builtin);
            }
            connection.execute("DELETE FROM groups WHERE id = ?", [id])?;
            Ok(*id)
        }
        Edit::AddMember(group, user) => {
            is_builtin(connection, *group)?;
            count_keys(connection, *user)?;
            let sql = "INSERT OR IGNORE INTO memberships (group_id, user_id) VALUES (?, ?)";
            connection.execute(sql, [group, user])?;
            Ok(*group)
        }
        Edit::RemoveMember(group, user) => {
            is_builtin(connection, *group)?;
            let sql = "DELETE FROM memberships WHERE group_id = ? AND user_id = ?";
            let gone = connection.execute(sql, [group, user])?;
            Ok(if gone == 0 { 0 } else { *group })
        }
        Edit::CreateProvider(..)
        | Edit::UpdateProvider(..)
        | Edit::DeleteProvider(_)
        | Edit::CreateMappingRule(_)
        | Edit::UpdateMappingRule(..)
        | Edit::DeleteMappingRule(_)
        | Edit::ReplaceMappingRules(_) => federation::apply(connection, edit),
        Edit::SetMeta(key, value) => {
            let sql = "INSERT INTO meta (key, value) VALUES (?, ?)
                       ON CONFLICT (key) DO UPDATE SET value = excluded.value";
            connection.execute(sql, params![key, value])?;
            Ok(0)
        }
    }
}

fn update_user(connection: &Connection, id: i64, patch: &UserPatch) -> Result<i64, CommitError> {
    let sql = "UPDATE users SET name = coalesce(?, name), enabled = coalesce(?, enabled) \
               WHERE id = ?";
    let changed =
        connection.prepare_cached(sql)?.execute(params![patch.name, patch.enabled, id]).map_err(
            |error| taken(error, || CommitError::NameTaken(patch.name.clone().unwrap_or_default())),
        )?;
    if changed == 0 {
        return Err(CommitError::NoSuchUser(id));
    }
    if let Some(rules) = &patch.rules {
        set_rules(connection, Owner::User, id, rules)?;
    }
    if let Some(groups) = &patch.groups {
        connection.execute("DELETE FROM memberships WHERE user_id = ?", [id])?;
        set_groups(connection, id, groups)?;
    }
    Ok(id)
}

fn insert_key(
    connection: &Connection,
    user: i64,
    key: &NewKey,
    now: i64,
) -> Result<(), CommitError> {
    let sql = "INSERT INTO keys (access_key_id, user_id, midstates, created_at) \
               VALUES (?, ?, ?, ?)";
    connection
        .prepare_cached(sql)?
        .execute(params![key.access_key_id, user, key.midstates.as_slice(), now])
        .map_err(|error| taken(error, || CommitError::KeyTaken(key.access_key_id.clone())))?;
    Ok(())
}

fn delete_key(connection: &Connection, user: i64, key: &str) -> Result<i64, CommitError> {
    let count = count_keys(connection, user)?;
    let sql = "SELECT id FROM keys WHERE user_id = ? AND access_key_id = ?";
    let found: Option<i64> =
        connection.query_row(sql, params![user, key], |row| row.get(0)).optional()?;
    let Some(id) = found else { return Err(CommitError::NoSuchKey(key.to_owned())) };
    if count < 2 {
        return Err(CommitError::LastKey);
    }
    connection.execute("DELETE FROM keys WHERE id = ?", [id])?;
    Ok(user)
}

/// How many keys a user has; an error where there is no such user.
fn count_keys(connection: &Connection, user: i64) -> Result<i64, CommitError> {
    let sql = "SELECT (SELECT count(*) FROM keys WHERE user_id = users.id) \
               FROM users WHERE id = ?";
    let count = connection.query_row(sql, [user], |row| row.get(0)).optional()?;
    count.ok_or(CommitError::NoSuchUser(user))
}

fn is_builtin(connection: &Connection, group: i64) -> Result<bool, CommitError> {
    let sql = "SELECT builtin FROM groups WHERE id = ?";
    let found = connection.query_row(sql, [group], |row| row.get(0)).optional()?;
    found.ok_or_else(|| CommitError::NoSuchGroup(group.to_string()))
}

fn set_groups(connection: &Connection, user: i64, groups: &[String]) -> Result<(), CommitError> {
    let sql = "INSERT OR IGNORE INTO memberships (user_id, group_id)
               SELECT ?, id FROM groups WHERE name = ?";
    let known = "SELECT 1 FROM groups WHERE name = ?";
    for name in groups {
        if !connection.prepare_cached(known)?.exists([name])? {
            return Err(CommitError::NoSuchGroup(name.clone()));
        }
        connection.prepare_cached(sql)?.execute(params![user, name])?;
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Owner {
    User,
    Group,
}

/// Replaces the rules of an owner; one that stays word for word keeps its id.
fn set_rules(
    connection: &Connection,
    owner: Owner,
    id: i64,
    rules: &[RuleDocument],
) -> Result<(), CommitError> {
    let column = match owner {
        Owner::User => "user_id",
        Owner::Group => "group_id",
    };
    let sql = format!("SELECT id, document FROM rules WHERE {column} = ? ORDER BY position");
    let mut statement = connection.prepare_cached(&sql)?;
    let held: rusqlite::Result<Vec<(i64, String)>> =
        statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?.collect();
    let mut held = held?;
    for (position, rule) in (0i64..).zip(rules) {
        let text =
            serde_json::to_string(rule).map_err(|error| StoreError::Row(error.to_string()))?;
        match held.iter().position(|(_, document)| *document == text) {
            Some(at) => {
                let (rule, _) = held.remove(at);
                let sql = "UPDATE rules SET position = ? WHERE id = ?";
                connection.prepare_cached(sql)?.execute([position, rule])?;
            }
            None => {
                let sql =
                    format!("INSERT INTO rules ({column}, position, document) VALUES (?, ?, ?)");
                connection.prepare_cached(&sql)?.execute(params![id, position, text])?;
            }
        }
    }
    for (rule, _) in held {
        connection.prepare_cached("DELETE FROM rules WHERE id = ?")?.execute([rule])?;
    }
    Ok(())
}

pub(crate) fn taken(error: rusqlite::Error, conflict: impl FnOnce() -> CommitError) -> CommitError {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => conflict(),
        _ => error.into(),
    }
}
