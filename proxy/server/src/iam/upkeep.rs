//! What has to be done now and then: key use written down, strangers counted, audit pruned.

use std::time::{Duration, Instant};

use deltaglider_store::AuditRecord;
use time::OffsetDateTime;

use super::Iam;

const BEAT: Duration = Duration::from_secs(15);
const HOUR: Duration = Duration::from_secs(3600);

impl Iam {
    /// Runs for as long as the process serves.
    pub(crate) async fn keep_up(self, retention: Option<Duration>) {
        let mut beat = tokio::time::interval(BEAT);
        let mut pruned: Option<Instant> = None;
        loop {
            beat.tick().await;
            self.settle(false).await;
            if let Some(retention) = retention
                && pruned.is_none_or(|at| at.elapsed() >= HOUR)
            {
                pruned = Some(Instant::now());
                self.prune(retention).await;
            }
        }
    }

    /// Writes down what is only in memory; at the `last` call all of it.
    pub(crate) async fn settle(&self, last: bool) {
        let suppressed = self.strangers().settle(Instant::now(), last);
        let records: Vec<_> = suppressed
            .into_iter()
            .map(|(address, count)| {
                let ip = address.map_or_else(|| "many".to_owned(), |address| address.to_string());
                AuditRecord {
                    user: "anonymous".into(),
                    ip,
                    outcome: "denied".into(),
                    reason: format!("{count} more denials like these were not kept one by one"),
                    ..event("denials_suppressed")
                }
            })
            .collect();
        if !records.is_empty() {
            self.record(records).await;
        }
        let used: Vec<_> = {
            let mut used =
                self.shared.used.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let unwritten = used.iter_mut().filter(|(_, last)| !last.written);
            let note = |(key, last): (&String, &mut super::LastUse)| {
                last.written = true;
                (key.clone(), last.time)
            };
            unwritten.map(note).collect()
        };
        if used.is_empty() {
            return;
        }
        let written = self.shared.keeper.ask(move |store| store.touch_keys(&used)).await;
        if let Ok(Err(error)) = written {
            tracing::warn!(%error, "the last use of keys could not be written down");
        }
    }

    async fn prune(&self, retention: Duration) {
        let now = OffsetDateTime::now_utc();
        let done = self.shared.keeper.ask(move |store| store.prune_audit(now - retention, now));
        match done.await {
            Ok(Ok(0)) | Err(_) => {}
            Ok(Ok(removed)) => tracing::info!(removed, "old audit entries were removed"),
            Ok(Err(error)) => tracing::warn!(%error, "old audit entries could not be removed"),
        }
    }
}

/// An entry with nothing in it but its time and action.
pub(crate) fn event(action: &str) -> AuditRecord {
    AuditRecord {
        time: OffsetDateTime::now_utc(),
        action: action.into(),
        user: String::new(),
        target: String::new(),
        bucket: String::new(),
        path: String::new(),
        ip: String::new(),
        ua: String::new(),
        outcome: "ok".into(),
        reason: String::new(),
        request_id: String::new(),
        detail: None,
    }
}
