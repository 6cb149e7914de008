//! The document in service: proposed, previewed, applied, reloaded and exported.
//!
//! Every road (a posted document, a section, the file at start-up, SIGHUP) makes a
//! [`Proposal`] and then a plan; apply commits exactly the plan that preview prints.

mod apply;
mod document;
mod export;
mod file;
mod propose;
mod provenance;
mod written;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use deltaglider_core::document::Fault;
use deltaglider_core::iam::{self, Plan, PlanError};

pub(crate) use propose::{EnvRefs, Proposal};

use crate::config::{Config, Origin, Source};
use crate::iam::Iam;
use document::Held;

/// The document, its file, and the environment that its references name.
#[derive(Clone)]
pub(crate) struct Control {
    shared: Arc<Shared>,
}

struct Shared {
    iam: Iam,
    source: Arc<dyn Source>,
    origin: Origin,
    held: ArcSwap<Held>,
    /// What the process was started with: other sections than `access` hold until a restart.
    started: OnceLock<HashMap<String, String>>,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The document is at fault, in every place listed.
    #[error("the document has {} fault{}", .0.len(), if .0.len() == 1 { "" } else { "s" })]
    Faults(Vec<Fault>),
    /// The empty-document gate (INT-18).
    #[error(
        "a switch to declarative mode with neither iam_users nor iam_groups would remove {users} \
         users and {groups} groups; export them first (declarative-iam-export) and apply that"
    )]
    WouldWipe {
        /// Users in the database.
        users: usize,
        /// Groups in the database.
        groups: usize,
    },
    /// Something was changed since the plan was made.
    #[error("something was changed in the meantime; nothing was applied, look and try again")]
    RevisionMoved,
    /// The file was edited on disk and not reloaded.
    #[error("the file on disk is not the one in service; reload it (SIGHUP) or apply it whole")]
    FileChanged,
    /// The file cannot be written.
    #[error("the file cannot be written, so nothing was applied: {0}")]
    NotWritten(String),
    /// The database or the process failed.
    #[error("nothing was applied: {0}")]
    Failed(String),
}

impl Control {
    /// Takes the document of a configuration into service, reconciling the database with it.
    pub(crate) async fn start(
        iam: Iam,
        config: &Config,
        source: Arc<dyn Source>,
    ) -> Result<Self, Refusal> {
        let origin = config.origin.clone();
        let bytes = origin.bytes.clone().unwrap_or_default();
        let shared = Shared {
            iam,
            source,
            origin: Origin { bytes: None, ..origin },
            held: ArcSwap::from_pointee(Held::default()),
            started: OnceLock::new(),
        };
        let control = Self { shared: Arc::new(shared) };
        file::sweep(&control.shared.origin.path);
        let proposal = control.propose_file(&bytes)?;
        let _ = control.shared.started.set(apply::outside_iam(&proposal.expanded));
        let plan = control.plan(&proposal)?;
        for line in control.adopt(proposal, plan, "the start").await?.warnings {
            tracing::info!("{line}");
        }
        Ok(control)
    }

    /// The plan for a proposal as of now.
    pub(crate) fn plan(&self, proposal: &Proposal) -> Result<Plan, Refusal> {
        let current = self.shared.iam.current();
        iam::plan(&proposal.desired, &current.state.existing(), proposal.speaks).map_err(|error| {
            match error {
                PlanError::WouldWipe { users, groups } => Refusal::WouldWipe { users, groups },
                PlanError::Faults(faults) => Refusal::Faults(faults),
            }
        })
    }
}
