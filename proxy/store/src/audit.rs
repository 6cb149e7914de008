//! The audit: appended in batches, read backwards, pruned with a trace.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params, params_from_iter};
use time::OffsetDateTime;

use crate::error::StoreError;
use crate::load::{instant, milliseconds};
use crate::open::Store;

/// Longest text of one field, in bytes; what a client sends is cut there.
const LONGEST: usize = 2048;

/// Something that happened, to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// When.
    pub time: OffsetDateTime,
    /// What: an S3 operation, or a change such as `user_create`.
    pub action: String,
    /// Who.
    pub user: String,
    /// To whom or what, of changes.
    pub target: String,
    /// Bucket of a request.
    pub bucket: String,
    /// Key or prefix of a request.
    pub path: String,
    /// Source address.
    pub ip: String,
    /// User agent.
    pub ua: String,
    /// `ok`, `denied` or `failed`.
    pub outcome: String,
    /// Why, in words.
    pub reason: String,
    /// Id of the request.
    pub request_id: String,
    /// The decision in full, as JSON.
    pub detail: Option<String>,
}

/// A kept record and its place in the order of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Grows with every record, whatever the clock does.
    pub id: i64,
    /// What was kept.
    pub record: AuditRecord,
}

/// Which records to read; absent fields do not narrow.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// At most so many.
    pub limit: u32,
    /// Only records before this id: the last of the page before.
    pub before: Option<i64>,
    /// Not earlier.
    pub from: Option<OffsetDateTime>,
    /// Not later.
    pub to: Option<OffsetDateTime>,
    /// Of this user.
    pub user: Option<String>,
    /// Of this action.
    pub action: Option<String>,
    /// In this bucket.
    pub bucket: Option<String>,
    /// Of this request.
    pub request_id: Option<String>,
}

impl Store {
    /// Keeps records in one transaction, in this order.
    pub fn append_audit(&mut self, records: &[AuditRecord]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        insert(&transaction, records)?;
        Ok(transaction.commit()?)
    }

    /// Reads records, the newest first.
    pub fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRow>, StoreError> {
        let (mut wheres, mut values) = (String::new(), Vec::new());
        let mut narrow = |condition: &str, value: Option<Value>| {
            if let Some(value) = value {
                wheres.push_str(if values.is_empty() { " WHERE " } else { " AND " });
                wheres.push_str(condition);
                values.push(value);
            }
        };
        let text = |value: &Option<String>| value.clone().map(Value::from);
        let time = |value: Option<OffsetDateTime>| value.map(|it| Value::from(milliseconds(it)));
        narrow("id < ?", query.before.map(Value::from));
        narrow("time >= ?", time(query.from));
        narrow("time <= ?", time(query.to));
        narrow("user = ?", text(&query.user));
        narrow("action = ?", text(&query.action));
        narrow("bucket = ?", text(&query.bucket));
        narrow("request_id = ?", text(&query.request_id));
        values.push(Value::from(i64::from(query.limit)));
        let sql = format!(
            "SELECT id, time, action, user, target, bucket, path, ip, ua, outcome, reason, \
             request_id, detail FROM audit{wheres} ORDER BY id DESC LIMIT ?"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows: rusqlite::Result<Vec<_>> =
            statement.query_map(params_from_iter(values), row)?.collect();
        Ok(rows?)
    }

    /// Removes what is older, and keeps a record of how much that was.
    pub fn prune_audit(
        &mut self,
        older_than: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<usize, StoreError> {
        let transaction = self.connection.transaction()?;
        let limit = milliseconds(older_than);
        let removed = transaction.execute("DELETE FROM audit WHERE time < ?", [limit])?;
        if removed > 0 {
            let record = AuditRecord {
                time: now,
                action: "audit_prune".into(),
                user: "system".into(),
                target: String::new(),
                bucket: String::new(),
                path: String::new(),
                ip: String::new(),
                ua: String::new(),
                outcome: "ok".into(),
                reason: format!("{removed} entries from before {older_than} were removed"),
                request_id: String::new(),
                detail: None,
            };
            insert(&transaction, &[record])?;
        }
        transaction.commit()?;
        Ok(removed)
    }
}

pub(crate) fn insert(connection: &Connection, records: &[AuditRecord]) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO audit (time, action, user, target, bucket, path, ip, ua, outcome, reason, \
         request_id, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    for record in records {
        statement.execute(params![
            milliseconds(record.time),
            cut(&record.action),
            cut(&record.user),
            cut(&record.target),
            cut(&record.bucket),
            cut(&record.path),
            cut(&record.ip),
            cut(&record.ua),
            cut(&record.outcome),
            cut(&record.reason),
            cut(&record.request_id),
            record.detail,
        ])?;
    }
    Ok(())
}

/// The text, or its beginning and a mark.
fn cut(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let start = text.floor_char_boundary(LONGEST);
    format!("{}…", text.get(..start).unwrap_or_default())
}

fn row(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        id: row.get(0)?,
        record: AuditRecord {
            time: instant(row.get(1)?),
            action: row.get(2)?,
            user: row.get(3)?,
            target: row.get(4)?,
            bucket: row.get(5)?,
            path: row.get(6)?,
            ip: row.get(7)?,
            ua: row.get(8)?,
            outcome: row.get(9)?,
            reason: row.get(10)?,
            request_id: row.get(11)?,
            detail: row.get(12)?,
        },
    })
}
