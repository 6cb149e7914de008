//! Apply: database, snapshot and file together, or none of them (INT-20).
//!
//! The transaction is made ready, the file is put in place, then the transaction commits. A kill
//! in between leaves the new file, which the next start reconciles the database with.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use deltaglider_core::document::Node;
use deltaglider_core::iam::{Edit, MappingRules, Mode, Plan};
use deltaglider_core::snapshot::Principal;
use deltaglider_store::{AuditRecord, CommitError, MODE, Store};

use super::document::{Doc, Held, texts};
use super::file::{self, Replacement};
use super::propose::Proposal;
use super::provenance::{PROVENANCE, Provenance};
use super::{Control, Refusal};
use crate::iam::{Closed, event};

/// An apply that happened.
pub(crate) struct Applied {
    /// What the caller should know: what was kept, ignored, and the line that counts changes.
    pub(crate) warnings: Vec<String>,
    /// Whether something waits for a restart.
    pub(crate) requires_restart: bool,
    /// The file.
    pub(crate) path: String,
}

impl From<CommitError> for Refusal {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::RevisionMoved(_) => Self::RevisionMoved,
            error => Self::Failed(error.to_string()),
        }
    }
}

impl From<Closed> for Refusal {
    fn from(error: Closed) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Control {
    /// Carries a plan out; `stamp` makes audit entries of an action.
    pub(crate) async fn apply(
        &self,
        proposal: Proposal,
        plan: Plan,
        stamp: impl Fn(&str, &str) -> AuditRecord,
    ) -> Result<Applied, Refusal> {
        let path = &self.shared.origin.path;
        let private = proposal.provenance.as_ref().is_some_and(|it| !it.is_empty());
        // What counts is the disk: somebody may have edited or removed the file.
        let now = self.shared.source.read(path);
        let says_it = now.is_ok_and(|bytes| bytes == proposal.text.as_bytes());
        let writes = !says_it || (private && file::is_open_to_others(path));
        let file = writes.then(|| Replacement::new(path, proposal.text.clone(), private));
        self.commit(proposal, plan, stamp, file).await
    }

    /// Takes over what the file already says: at the start, and when told to read it again.
    pub(crate) async fn adopt(
        &self,
        proposal: Proposal,
        plan: Plan,
        why: &str,
    ) -> Result<Applied, Refusal> {
        let stamp = |action: &str, target: &str| AuditRecord {
            user: "system".into(),
            target: target.into(),
            reason: why.into(),
            ..event(action)
        };
        self.commit(proposal, plan, stamp, None).await
    }

    /// Reads the file again; nothing changes where it cannot be taken over.
    pub(crate) async fn reload(&self) -> Result<Applied, Refusal> {
        // An edit by the admin API may come in between; the file means the same after it.
        for _ in 0..RELOADS {
            match self.reload_once().await {
                Err(Refusal::RevisionMoved) => {}
                done => return done,
            }
        }
        Err(Refusal::RevisionMoved)
    }

    async fn reload_once(&self) -> Result<Applied, Refusal> {
        let path = &self.shared.origin.path;
        let bytes = self.shared.source.read(path);
        let bytes =
            bytes.map_err(|error| Refusal::Failed(format!("{}: {error}", path.display())))?;
        let proposal = self.propose_file(&bytes)?;
        let plan = self.plan(&proposal)?;
        self.adopt(proposal, plan, "a reload").await
    }

    /// Reads the file again and logs what came of it.
    pub(crate) async fn reload_and_log(&self) {
        match self.reload().await {
            Ok(applied) => {
                for line in applied.warnings {
                    tracing::info!("{line}");
                }
                tracing::info!("the configuration file was read again");
            }
            Err(refusal) => {
                tracing::error!(%refusal, "the configuration file was read again, and not taken");
                if let Refusal::Faults(faults) = refusal {
                    for fault in faults {
                        tracing::error!(line = fault.line, "{fault}");
                    }
                }
            }
        }
    }

    /// Refuses to build on a document that the disk no longer has.
    pub(crate) fn check_disk(&self) -> Result<(), Refusal> {
        let held = self.shared.held.load();
        let now = self.shared.source.read(&self.shared.origin.path);
        let same = match now {
            Ok(bytes) => held.on_disk && bytes == held.text.as_bytes(),
            Err(_) => !held.on_disk,
        };
        if same { Ok(()) } else { Err(Refusal::FileChanged) }
    }

    async fn commit(
        &self,
        proposal: Proposal,
        plan: Plan,
        stamp: impl Fn(&str, &str) -> AuditRecord,
        file: Option<Replacement>,
    ) -> Result<Applied, Refusal> {
        let pending = self.pending(&proposal.expanded);
        let mut warnings = self.notes(&proposal, &plan);
        if plan.to == Mode::Declarative {
            warnings.push(plan.result());
        }
        let applied = Applied {
            warnings,
            requires_restart: !pending.is_empty(),
            path: self.shared.origin.path.display().to_string(),
        };
        let mut records = Vec::new();
        // At the start, what the file says is what the process has.
        if self.shared.started.get().is_some() && pair_differs(&proposal) {
            let mut entry = stamp("key_update", Principal::Bootstrap.name());
            entry.reason = "takes effect after a restart".into();
            records.push(entry);
        }
        records.extend(self::records(&plan, stamp));
        let mut edits = plan.edits;
        if plan.from != plan.to {
            edits.push(Edit::SetMeta(MODE, plan.to.as_str().as_bytes().to_vec()));
        }
        let job =
            Job { control: self.clone(), proposal, expected: plan.revision, edits, records, file };
        let iam = self.shared.iam.clone();
        iam.apply(move |store| job.run(store)).await??;
        Ok(applied)
    }

    /// What a caller should know of a plan beside its counts, before as after it is carried out.
    pub(crate) fn notes(&self, proposal: &Proposal, plan: &Plan) -> Vec<String> {
        let mut notes = proposal.warnings.clone();
        if plan.from != plan.to {
            let (from, to) = (plan.from.as_str(), plan.to.as_str());
            notes.push(match plan.to {
                Mode::Declarative => format!(
                    "iam_mode changes from {from} to {to}: users and groups are the document's"
                ),
                Mode::Gui => format!(
                    "iam_mode changes from {from} to {to}: users and groups stay, and the admin \
                     API changes them again"
                ),
            });
        }
        let pending = self.pending(&proposal.expanded);
        if !pending.is_empty() {
            notes.push(format!("takes effect after a restart: {}", pending.join(", ")));
        }
        notes
    }

    /// Places outside users and rules that differ from what the process was started with.
    fn pending(&self, expanded: &Node) -> Vec<String> {
        let Some(before) = self.shared.started.get() else { return Vec::new() };
        let after = outside_iam(expanded);
        let places: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let differs = places.into_iter().filter(|place| before.get(*place) != after.get(*place));
        differs
            .map(|place| match after.contains_key(place) {
                true => place.clone(),
                false => format!("{place} (no longer set)"),
            })
            .collect()
    }
}

/// Whether the bootstrap pair is another than in the document before.
fn pair_differs(proposal: &Proposal) -> bool {
    let pair = |node: &Node| {
        ["access_key_id", "secret_access_key"].map(|key| {
            node.get("access").and_then(|it| it.get(key)).and_then(Node::text).map(str::to_owned)
        })
    };
    pair(&proposal.expanded) != pair(&proposal.based_on.expanded.0)
}

/// What holds until a restart: every text by its place, but for users, groups and providers.
pub(super) fn outside_iam(expanded: &Node) -> HashMap<String, String> {
    let mut rest = Node::map([]);
    for section in expanded.entries() {
        let mut kept = Node::map([]);
        for entry in section.node.entries() {
            if section.key != "access" || !LIVE.contains(&entry.key.as_str()) {
                kept.set(&entry.key, entry.node.clone());
            }
        }
        rest.set(&section.key, kept);
    }
    texts(&rest, |_, _| true)
}

/// How often a reload is begun before it gives way to others.
const RELOADS: u32 = 10;

/// Keys of `access` that take effect at once.
const LIVE: [&str; 5] =
    ["iam_mode", "iam_users", "iam_groups", "auth_providers", "group_mapping_rules"];

fn records(plan: &Plan, stamp: impl Fn(&str, &str) -> AuditRecord) -> Vec<AuditRecord> {
    let mut records = Vec::new();
    if plan.from != plan.to {
        let mut entry = stamp("mode_change", plan.to.as_str());
        entry.reason = format!("from {} to {}", plan.from.as_str(), plan.to.as_str());
        records.push(entry);
    }
    for change in &plan.changes {
        let action = format!("iam_reconcile_{}_{}", change.kind.as_str(), change.verb.as_str());
        let mut entry = stamp(&action, &change.name);
        if !change.fields.is_empty() {
            entry.reason = format!("changed: {}", change.fields.join(", "));
        }
        records.push(entry);
    }
    if plan.mapping_rules == MappingRules::Replace {
        records.push(stamp("iam_reconcile_mapping_rules_replaced", ""));
    }
    records
}

/// What runs on the database's thread, where applies stand in line.
struct Job {
    control: Control,
    proposal: Proposal,
    expected: deltaglider_core::iam::Revision,
    edits: Vec<Edit>,
    records: Vec<AuditRecord>,
    file: Option<Replacement>,
}

impl Job {
    fn run(mut self, store: &mut Store) -> Result<bool, Refusal> {
        let held = &self.control.shared.held;
        // Someone else's document is in service since: what was previewed no longer holds.
        if !Arc::ptr_eq(&held.load(), &self.proposal.based_on) {
            return Err(Refusal::RevisionMoved);
        }
        if self.proposal.builds_on_file {
            self.control.check_disk()?;
        }
        let now = time::OffsetDateTime::now_utc();
        let failed = |error: deltaglider_store::StoreError| Refusal::Failed(error.to_string());
        let kept = store.meta(PROVENANCE).map_err(failed)?;
        let before = Provenance::parse(kept.as_ref().map(|it| it.as_slice()));
        let after = match &self.proposal.provenance {
            Some(given) => given.clone(),
            None => before.retained(&self.proposal.expanded),
        };
        if after != before {
            // First what holds either way: a kill before the commit must not lose a reference.
            if self.file.is_some() {
                let both = Edit::SetMeta(PROVENANCE, before.with(&after).to_bytes());
                store.commit(None, &[both], &[], now)?;
            }
            self.edits.push(Edit::SetMeta(PROVENANCE, after.to_bytes()));
        }
        let changes = !self.edits.is_empty() || !self.records.is_empty();
        if changes || self.file.is_some() {
            let mut file = self.file.take();
            let (edits, records) = (&self.edits, &self.records);
            let done =
                store.commit_with(Some(self.expected), edits, records, now, || match &mut file {
                    None => Ok(()),
                    Some(file) => {
                        file.put().map_err(|error| Refusal::NotWritten(error.to_string()))
                    }
                });
            if let Err(refusal) = done {
                if let Some(file) = &mut file {
                    file.undo();
                }
                return Err(refusal);
            }
        }
        let Proposal { text, raw, expanded, based_on, .. } = self.proposal;
        let on_disk = based_on.on_disk || !text.is_empty();
        held.store(Arc::new(Held { text, on_disk, raw: Doc(raw), expanded: Doc(expanded) }));
        Ok(changes)
    }
}
