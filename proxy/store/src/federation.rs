//! Providers and mapping rules: the rows behind sign-in.

use deltaglider_core::iam::{ClientSecret, Edit, MappingRule, Provider};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::commit::taken;
use crate::error::CommitError;

/// Makes one change of providers or mapping rules; gives the row that it made or changed.
pub(crate) fn apply(connection: &Connection, edit: &Edit) -> Result<i64, CommitError> {
    match edit {
        Edit::CreateProvider(provider, secret) => create(connection, provider, secret),
        Edit::UpdateProvider(id, provider, secret) => {
            update(connection, *id, provider, secret.as_ref())
        }
        Edit::DeleteProvider(id) => {
            let gone = connection.execute("DELETE FROM providers WHERE id = ?", [id])?;
            if gone == 0 { Err(CommitError::NoSuchProvider(id.to_string())) } else { Ok(*id) }
        }
        Edit::CreateMappingRule(rule) => insert_rule(connection, None, rule),
        Edit::UpdateMappingRule(id, rule) => {
            delete_rule(connection, *id)?;
            insert_rule(connection, Some(*id), rule)
        }
        Edit::DeleteMappingRule(id) => delete_rule(connection, *id),
        Edit::ReplaceMappingRules(rules) => {
            connection.execute("DELETE FROM mapping_rules", [])?;
            rules.iter().try_for_each(|rule| insert_rule(connection, None, rule).map(drop))?;
            Ok(0)
        }
        // Everything else is the caller's.
        _ => Ok(0),
    }
}

fn create(
    connection: &Connection,
    provider: &Provider,
    secret: &ClientSecret,
) -> Result<i64, CommitError> {
    let sql = "INSERT INTO providers (name, provider_type, enabled, priority, display_name, \
               client_id, issuer_url, scopes, client_secret) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let Provider { name, provider_type, enabled, priority, .. } = provider;
    let Provider { display_name, client_id, issuer_url, scopes, .. } = provider;
    let secret = secret.0.as_str();
    let row = params![
        name,
        provider_type,
        enabled,
        priority,
        display_name,
        client_id,
        issuer_url,
        scopes,
        secret
    ];
    connection
        .execute(sql, row)
        .map_err(|error| taken(error, || CommitError::NameTaken(name.clone())))?;
    Ok(connection.last_insert_rowid())
}

fn update(
    connection: &Connection,
    id: i64,
    provider: &Provider,
    secret: Option<&ClientSecret>,
) -> Result<i64, CommitError> {
    let sql = "UPDATE providers SET name = ?, provider_type = ?, enabled = ?, priority = ?, \
               display_name = ?, client_id = ?, issuer_url = ?, scopes = ?, \
               client_secret = coalesce(?, client_secret) WHERE id = ?";
    let Provider { name, provider_type, enabled, priority, .. } = provider;
    let Provider { display_name, client_id, issuer_url, scopes, .. } = provider;
    let secret = secret.map(|it| it.0.as_str());
    let row = params![
        name,
        provider_type,
        enabled,
        priority,
        display_name,
        client_id,
        issuer_url,
        scopes,
        secret,
        id
    ];
    let changed = connection
        .execute(sql, row)
        .map_err(|error| taken(error, || CommitError::NameTaken(name.clone())))?;
    if changed == 0 { Err(CommitError::NoSuchProvider(id.to_string())) } else { Ok(id) }
}

fn insert_rule(
    connection: &Connection,
    id: Option<i64>,
    rule: &MappingRule,
) -> Result<i64, CommitError> {
    let find = |table: &str, name: &str| -> Result<Option<i64>, CommitError> {
        let sql = format!("SELECT id FROM {table} WHERE name = ?");
        Ok(connection.query_row(&sql, [name], |row| row.get(0)).optional()?)
    };
    let provider = match &rule.provider {
        None => None,
        Some(name) => {
            let missing = || CommitError::NoSuchProvider(name.clone());
            Some(find("providers", name)?.ok_or_else(missing)?)
        }
    };
    let missing = || CommitError::NoSuchGroup(rule.group.clone());
    let group = find("groups", &rule.group)?.ok_or_else(missing)?;
    let sql = "INSERT INTO mapping_rules (id, provider_id, priority, match_type, match_field, \
               match_value, group_id) VALUES (?, ?, ?, ?, ?, ?, ?)";
    let MappingRule { priority, match_type, match_field, match_value, .. } = rule;
    let kind = match_type.as_str();
    let row = params![id, provider, priority, kind, match_field, match_value, group];
    connection.execute(sql, row)?;
    Ok(connection.last_insert_rowid())
}

fn delete_rule(connection: &Connection, id: i64) -> Result<i64, CommitError> {
    let gone = connection.execute("DELETE FROM mapping_rules WHERE id = ?", [id])?;
    if gone == 0 { Err(CommitError::NoSuchMappingRule(id)) } else { Ok(id) }
}
