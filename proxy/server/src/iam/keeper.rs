//! The one thread that owns the database; everybody else sends it work.

use std::sync::mpsc;
use std::thread::JoinHandle;

use deltaglider_store::{AuditRecord, Store};
use tokio::sync::oneshot;

/// Most audit records of one transaction.
const BATCH: usize = 1000;

/// Work for the thread, done in the order sent.
enum Work {
    Job(Box<dyn FnOnce(&mut Store) + Send>),
    /// Records that may share a transaction with their neighbours.
    Audit(Vec<AuditRecord>, oneshot::Sender<()>),
}

/// The way to the thread. Dropping it waits for the thread: a process that ended meanwhile
/// would tear down the cryptography under its last write.
pub(super) struct Keeper {
    work: Option<mpsc::Sender<Work>>,
    thread: Option<JoinHandle<()>>,
}

/// The thread is gone: the process is stopping.
#[derive(Debug, thiserror::Error)]
#[error("the database is closed")]
pub(crate) struct Closed;

impl Keeper {
    pub(super) fn start(store: Store) -> std::io::Result<Self> {
        let (work, inbox) = mpsc::channel();
        let thread = std::thread::Builder::new().name("iam-store".into());
        let thread = thread.spawn(move || run(store, &inbox))?;
        Ok(Self { work: Some(work), thread: Some(thread) })
    }

    fn send(&self, work: Work) -> Result<(), Closed> {
        let sender = self.work.as_ref().ok_or(Closed)?;
        sender.send(work).map_err(|_| Closed)
    }

    /// Runs something on the thread and waits for what it gives.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Store) -> T + Send + 'static,
    ) -> Result<T, Closed> {
        let (answer, waiting) = oneshot::channel();
        let job = Box::new(move |store: &mut Store| drop(answer.send(job(store))));
        self.send(Work::Job(job))?;
        waiting.await.map_err(|_| Closed)
    }

    /// Keeps records; when this returns they are on the disk, or the log says why not.
    pub(super) async fn audit(&self, records: Vec<AuditRecord>) {
        let (done, waiting) = oneshot::channel();
        if self.send(Work::Audit(records, done)).is_ok() {
            let _ = waiting.await;
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.work = None;
        // The last job may be what drops this, on the thread itself.
        let thread = self.thread.take();
        if let Some(thread) = thread.filter(|it| it.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

fn run(mut store: Store, inbox: &mpsc::Receiver<Work>) {
    let mut next = inbox.recv().ok();
    while let Some(work) = next.take() {
        match work {
            Work::Job(job) => job(&mut store),
            Work::Audit(records, done) => next = append(&mut store, inbox, records, done),
        }
        next = next.or_else(|| inbox.recv().ok());
    }
}

/// One transaction for all records that wait; gives back the first work of another kind.
fn append(
    store: &mut Store,
    inbox: &mpsc::Receiver<Work>,
    mut records: Vec<AuditRecord>,
    done: oneshot::Sender<()>,
) -> Option<Work> {
    let (mut waiting, mut other) = (vec![done], None);
    while records.len() < BATCH && other.is_none() {
        match inbox.try_recv() {
            Ok(Work::Audit(more, done)) => {
                records.extend(more);
                waiting.push(done);
            }
            Ok(work) => other = Some(work),
            Err(_) => break,
        }
    }
    if let Err(error) = store.append_audit(&records) {
        tracing::error!(%error, records = records.len(), "audit entries could not be kept");
        for record in &records {
            tracing::error!(target: "audit", ?record, "not kept");
        }
    }
    for done in waiting {
        let _ = done.send(());
    }
    other
}
