//! Reading everything at once, in a handful of statements whatever the number of users.

use std::collections::HashMap;

use deltaglider_core::policy::RuleDocument;
use rusqlite::{Connection, Row};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::model::{GroupRow, KeyRow, Revision, State, UserRow};
use crate::open::Store;

impl Store {
    /// The state as of now.
    pub fn load(&mut self) -> Result<State, StoreError> {
        let transaction = self.connection.transaction()?;
        let state = read(&transaction)?;
        transaction.commit()?;
        Ok(state)
    }
}

type ByOwner<T> = HashMap<i64, Vec<T>>;

fn read(connection: &Connection) -> Result<State, StoreError> {
    let mut keys = keys(connection)?;
    let mut user_rules = rules(connection, "user_id")?;
    let mut group_rules = rules(connection, "group_id")?;
    let (mut groups_of, mut members_of) = memberships(connection)?;
    let users =
        rows(connection, "SELECT id, name, enabled, created_at FROM users ORDER BY id", |row| {
            let id = row.get(0)?;
            Ok(UserRow {
                id,
                name: row.get(1)?,
                enabled: row.get(2)?,
                created_at: instant(row.get(3)?),
                keys: keys.remove(&id).unwrap_or_default(),
                rules: user_rules.remove(&id).unwrap_or_default(),
                group_ids: groups_of.remove(&id).unwrap_or_default(),
            })
        })?;
    let groups = "SELECT id, name, description, builtin, created_at FROM groups ORDER BY id";
    let groups = rows(connection, groups, |row| {
        let id = row.get(0)?;
        Ok(GroupRow {
            id,
            name: row.get(1)?,
            description: row.get(2)?,
            builtin: row.get(3)?,
            created_at: instant(row.get(4)?),
            rules: group_rules.remove(&id).unwrap_or_default(),
            member_ids: members_of.remove(&id).unwrap_or_default(),
        })
    })?;
    Ok(State { revision: revision(connection)?, users, groups })
}

pub(crate) fn revision(connection: &Connection) -> rusqlite::Result<Revision> {
    let sql = "SELECT value FROM meta WHERE key = 'revision'";
    connection.query_row(sql, [], |row| row.get(0)).map(Revision)
}

fn keys(connection: &Connection) -> Result<ByOwner<KeyRow>, StoreError> {
    let sql = "SELECT user_id, access_key_id, midstates, created_at, last_used_at FROM keys \
               ORDER BY user_id, id";
    let pairs = rows(connection, sql, |row| {
        let key = KeyRow {
            access_key_id: row.get(1)?,
            midstates: Zeroizing::new(row.get(2)?),
            created_at: instant(row.get(3)?),
            last_used_at: row.get::<_, Option<i64>>(4)?.map(instant),
        };
        Ok((row.get(0)?, key))
    })?;
    Ok(by_owner(pairs))
}

fn rules(connection: &Connection, owner: &str) -> Result<ByOwner<(i64, RuleDocument)>, StoreError> {
    let sql = format!(
        "SELECT {owner}, id, document FROM rules WHERE {owner} IS NOT NULL ORDER BY {owner}, position"
    );
    let texts = rows(connection, &sql, |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?))
    })?;
    let parsed = texts.into_iter().map(|(owner, id, text)| {
        let document = serde_json::from_str(&text)
            .map_err(|error| StoreError::Row(format!("rule {id}: {error}")))?;
        Ok((owner, (id, document)))
    });
    Ok(by_owner(parsed.collect::<Result<Vec<_>, StoreError>>()?))
}

fn memberships(connection: &Connection) -> Result<(ByOwner<i64>, ByOwner<i64>), StoreError> {
    let sql = "SELECT user_id, group_id FROM memberships ORDER BY user_id, group_id";
    let pairs: Vec<(i64, i64)> = rows(connection, sql, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let flipped = pairs.iter().map(|(user, group)| (*group, *user)).collect();
    Ok((by_owner(pairs), by_owner(flipped)))
}

fn by_owner<T>(pairs: Vec<(i64, T)>) -> ByOwner<T> {
    let mut owners = ByOwner::new();
    for (owner, item) in pairs {
        owners.entry(owner).or_default().push(item);
    }
    owners
}

fn rows<T>(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let found: rusqlite::Result<Vec<T>> = statement.query_map([], read)?.collect();
    Ok(found?)
}

/// Unix time in milliseconds, as rows hold it.
pub(crate) fn milliseconds(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

pub(crate) fn instant(milliseconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
