//! Reading everything at once, in a handful of statements whatever the number of users.

use std::collections::HashMap;

use deltaglider_core::iam::{ClientSecret, MappingRule, MatchType, Mode, Provider, Revision};
use deltaglider_core::policy::RuleDocument;
use rusqlite::{Connection, OptionalExtension as _, Row};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::model::{GroupRow, IdentityRow, KeyRow, ProviderRow, State, UserRow};
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

/// Where the mode is kept.
pub const MODE: &str = "iam_mode";

type ByOwner<T> = HashMap<i64, Vec<T>>;

fn read(connection: &Connection) -> Result<State, StoreError> {
    let mut keys = keys(connection)?;
    let mut user_rules = rules(connection, "user_id")?;
    let mut group_rules = rules(connection, "group_id")?;
    let (mut groups_of, mut members_of) = memberships(connection)?;
    let users = rows(
        connection,
        "SELECT id, name, enabled, created_at, provider_id FROM users ORDER BY id",
        |row| {
            let id = row.get(0)?;
            Ok(UserRow {
                id,
                name: row.get(1)?,
                enabled: row.get(2)?,
                created_at: instant(row.get(3)?),
                keys: keys.remove(&id).unwrap_or_default(),
                rules: user_rules.remove(&id).unwrap_or_default(),
                group_ids: groups_of.remove(&id).unwrap_or_default(),
                provider_id: row.get(4)?,
            })
        },
    )?;
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
    Ok(State {
        revision: revision(connection)?,
        mode: mode(connection)?,
        users,
        groups,
        providers: providers(connection)?,
        mapping_rules: mapping_rules(connection)?,
        identities: identities(connection)?,
    })
}

fn mode(connection: &Connection) -> Result<Mode, StoreError> {
    let sql = "SELECT CAST(value AS TEXT) FROM meta WHERE key = ?";
    let text: Option<String> = connection.query_row(sql, [MODE], |row| row.get(0)).optional()?;
    match text {
        None => Ok(Mode::Gui),
        Some(text) => {
            Mode::parse(&text).ok_or_else(|| StoreError::Row(format!("the mode `{text}`")))
        }
    }
}

fn providers(connection: &Connection) -> Result<Vec<ProviderRow>, StoreError> {
    let sql = "SELECT id, name, provider_type, enabled, priority, display_name, client_id, \
               issuer_url, scopes, client_secret FROM providers ORDER BY id";
    rows(connection, sql, |row| {
        let provider = Provider {
            name: row.get(1)?,
            provider_type: row.get(2)?,
            enabled: row.get(3)?,
            priority: row.get(4)?,
            display_name: row.get(5)?,
            client_id: row.get(6)?,
            issuer_url: row.get(7)?,
            scopes: row.get(8)?,
        };
        let secret = ClientSecret(Zeroizing::new(row.get(9)?));
        Ok(ProviderRow { id: row.get(0)?, provider, secret })
    })
}

fn mapping_rules(connection: &Connection) -> Result<Vec<(i64, MappingRule)>, StoreError> {
    let sql = "SELECT m.id, p.name, m.priority, m.match_type, m.match_field, m.match_value, g.name \
               FROM mapping_rules m JOIN groups g ON g.id = m.group_id \
               LEFT JOIN providers p ON p.id = m.provider_id ORDER BY m.id";
    let read = rows(connection, sql, |row| {
        let kind: String = row.get(3)?;
        let rule = MappingRule {
            provider: row.get(1)?,
            priority: row.get(2)?,
            match_type: MatchType::ClaimValue,
            match_field: row.get(4)?,
            match_value: row.get(5)?,
            group: row.get(6)?,
        };
        Ok((row.get::<_, i64>(0)?, kind, rule))
    })?;
    let typed = read.into_iter().map(|(id, kind, rule)| {
        let match_type = MatchType::parse(&kind)
            .ok_or_else(|| StoreError::Row(format!("mapping rule {id}: `{kind}`")))?;
        Ok((id, MappingRule { match_type, ..rule }))
    });
    typed.collect()
}

fn identities(connection: &Connection) -> Result<Vec<IdentityRow>, StoreError> {
    let sql = "SELECT id, provider_id, subject, user_id, created_at FROM identities ORDER BY id";
    rows(connection, sql, |row| {
        Ok(IdentityRow {
            id: row.get(0)?,
            provider_id: row.get(1)?,
            subject: row.get(2)?,
            user_id: row.get(3)?,
            created_at: instant(row.get(4)?),
        })
    })
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
