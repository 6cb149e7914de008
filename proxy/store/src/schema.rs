//! The tables, and how an older database becomes a newer one.

use rusqlite::{Connection, Transaction};

/// One step each, never changed once released; the index after the last is the version.
const MIGRATIONS: &[&str] = &[
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE users (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         name TEXT NOT NULL UNIQUE,
         enabled INTEGER NOT NULL,
         created_at INTEGER NOT NULL
     ) STRICT;
     CREATE TABLE keys (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         access_key_id TEXT NOT NULL UNIQUE,
         user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
         midstates BLOB NOT NULL CHECK (length(midstates) = 64),
         created_at INTEGER NOT NULL,
         last_used_at INTEGER
     ) STRICT;
     CREATE INDEX keys_by_user ON keys (user_id, id);
     CREATE TABLE groups (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         name TEXT NOT NULL UNIQUE,
         description TEXT NOT NULL,
         builtin INTEGER NOT NULL,
         created_at INTEGER NOT NULL
     ) STRICT;
     CREATE TABLE memberships (
         user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
         group_id INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
         PRIMARY KEY (user_id, group_id)
     ) STRICT, WITHOUT ROWID;
     CREATE INDEX memberships_by_group ON memberships (group_id, user_id);
     CREATE TABLE rules (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
         group_id INTEGER REFERENCES groups (id) ON DELETE CASCADE,
         position INTEGER NOT NULL,
         document TEXT NOT NULL,
         CHECK ((user_id IS NULL) <> (group_id IS NULL))
     ) STRICT;
     CREATE INDEX rules_by_user ON rules (user_id, position);
     CREATE INDEX rules_by_group ON rules (group_id, position);
     CREATE TABLE audit (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         time INTEGER NOT NULL,
         action TEXT NOT NULL,
         user TEXT NOT NULL,
         target TEXT NOT NULL,
         bucket TEXT NOT NULL,
         path TEXT NOT NULL,
         ip TEXT NOT NULL,
         ua TEXT NOT NULL,
         outcome TEXT NOT NULL,
         reason TEXT NOT NULL,
         request_id TEXT NOT NULL,
         detail TEXT
     ) STRICT;
     CREATE INDEX audit_by_time ON audit (time);
     CREATE INDEX audit_by_user ON audit (user, id);
     CREATE INDEX audit_by_action ON audit (action, id);
     CREATE INDEX audit_by_bucket ON audit (bucket, id);
     CREATE INDEX audit_by_request ON audit (request_id);",
    "CREATE TABLE providers (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         name TEXT NOT NULL UNIQUE,
         provider_type TEXT NOT NULL,
         enabled INTEGER NOT NULL,
         priority INTEGER NOT NULL,
         display_name TEXT NOT NULL,
         client_id TEXT NOT NULL,
         client_secret TEXT NOT NULL,
         issuer_url TEXT NOT NULL,
         scopes TEXT NOT NULL
     ) STRICT;
     CREATE TABLE mapping_rules (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         provider_id INTEGER REFERENCES providers (id) ON DELETE CASCADE,
         priority INTEGER NOT NULL,
         match_type TEXT NOT NULL,
         match_field TEXT NOT NULL,
         match_value TEXT NOT NULL,
         group_id INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE
     ) STRICT;
     CREATE TABLE identities (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         provider_id INTEGER NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
         subject TEXT NOT NULL,
         user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
         created_at INTEGER NOT NULL,
         UNIQUE (provider_id, subject)
     ) STRICT;
     CREATE INDEX identities_by_user ON identities (user_id);
     ALTER TABLE users ADD COLUMN provider_id INTEGER
         REFERENCES providers (id) ON DELETE CASCADE;",
];

/// The schema that this version writes.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// The schema of a database; zero for an empty one.
pub(crate) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Brings a database from its version to this one, inside the caller's transaction.
pub(crate) fn migrate(transaction: &Transaction<'_>, from: i64) -> rusqlite::Result<()> {
    let done = usize::try_from(from).unwrap_or_default();
    for step in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)
}
