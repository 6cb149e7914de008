//! Proposals: what the document would be, and what it would want.

use std::collections::BTreeMap;
use std::sync::Arc;

use deltaglider_core::document::{
    Fault, Node, Value, Variable, check_references, expand_tree, merge_patch, rewrite,
};
use deltaglider_core::iam::{Desired, Mode, read_access};
use deltaglider_store::UserRow;

use super::document::{self, Held};
use super::provenance::Provenance;
use super::written::{as_written, restore_secrets};
use super::{Control, Refusal};
use crate::config::{Config, ConfigError, Origin};

/// Where references stood that the caller filled in, by document path.
pub(crate) type EnvRefs = BTreeMap<String, String>;

/// A document that is valid and has not been applied.
pub(crate) struct Proposal {
    /// The text as it would be written.
    pub(super) text: String,
    pub(super) raw: Node,
    pub(super) expanded: Node,
    pub(super) desired: Desired,
    pub(super) provenance: Option<Provenance>,
    /// Whether the request itself brings users or groups (INT-18).
    pub(super) speaks: bool,
    /// Whether it is a change of what the file says, which then has to say it still.
    pub(super) builds_on_file: bool,
    /// What the caller should know and need not mend.
    pub(super) warnings: Vec<String>,
    /// What was in service when it was made.
    pub(super) based_on: Arc<Held>,
}

impl Proposal {
    /// What the caller should know and need not mend.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl Control {
    /// What the file would be in service.
    pub(crate) fn propose_file(&self, bytes: &[u8]) -> Result<Proposal, Refusal> {
        let raw = document::parse(bytes).map_err(Refusal::Faults)?;
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.propose(text, raw, None, self.shared.held.load_full())
    }

    /// A whole document in the place of the one in service.
    pub(crate) fn propose_document(
        &self,
        yaml: &str,
        refs: Option<&EnvRefs>,
    ) -> Result<Proposal, Refusal> {
        let held = self.shared.held.load_full();
        let posted = document::parse(yaml.as_bytes()).map_err(Refusal::Faults)?;
        let mut raw = posted.clone();
        let mut warnings = Vec::new();
        keep_pair(&mut raw, &held.raw.0, &mut warnings);
        let state = &self.shared.iam.current().state;
        // Answers could show the values of the server's own variables. What is kept from the file
        // may name them.
        let own = |name: &str| match name.starts_with("DGP_") {
            true => Variable::Forbidden,
            false => self.variable(name),
        };
        if check_references(&posted, &own).is_err() {
            // With all else that is wrong.
            return Err(Refusal::Faults(self.check(&posted, &own).err().unwrap_or_default()));
        }
        let (mut expanded, _) = expand_tree(&raw, &|name| self.variable(name));
        if restore_secrets(&mut raw, &expanded, &held, state) {
            (expanded, _) = expand_tree(&raw, &|name| self.variable(name));
        }
        let persisted = document::without_typed_references(&raw, &expanded);
        let (text, kept) = rewrite(yaml, &posted, &persisted);
        if !kept {
            warnings.push("comments could not be kept in the file".to_owned());
        }
        let mut proposal = match text == yaml {
            true => self.propose(text, posted, None, held)?,
            false => {
                let read = document::parse(text.as_bytes()).map_err(Refusal::Faults)?;
                self.propose(text, persisted, Some(read), held)?
            }
        };
        if let Some(refs) = refs {
            let provenance = Provenance::read(refs, &proposal.expanded).map_err(Refusal::Faults)?;
            proposal.provenance = Some(provenance);
        }
        proposal.warnings.extend(warnings);
        Ok(proposal)
    }

    /// The document in service with a section changed by a merge-patch; nothing is expanded.
    pub(crate) fn propose_section(&self, section: &str, patch: &Node) -> Result<Proposal, Refusal> {
        let held = self.shared.held.load_full();
        if !matches!(patch.value, Value::Map(_)) {
            return Err(Refusal::Faults(vec![Fault::new("", "has to be an object")]));
        }
        let empty = Node::map([]);
        let before = held.expanded.0.get(section).unwrap_or(&empty);
        let mut expanded = held.expanded.0.clone();
        expanded.set(section, merge_patch(before, patch));
        let mut raw = as_written(&expanded, &held);
        restore_secrets(&mut raw, &expanded, &held, &self.shared.iam.current().state);
        let mut warnings = Vec::new();
        let (text, kept) = rewrite(&held.text, &held.raw.0, &raw);
        if !kept && held.on_disk {
            warnings.push("comments could not be kept in the file".to_owned());
        }
        let read = document::parse(text.as_bytes()).map_err(Refusal::Faults)?;
        let mut proposal = self.propose(text, raw, Some(read), held)?;
        proposal.builds_on_file = true;
        let brings = |key: &str| patch.get(key).is_some_and(|list| !list.items().is_empty());
        proposal.speaks = brings("iam_users") || brings("iam_groups");
        proposal.warnings.extend(warnings);
        Ok(proposal)
    }

    /// Checks the document as its author wrote it, so that faults are at the lines that they see;
    /// `read` is the text read again, where that is another. `based_on` is what the text was made
    /// from: another document in service makes it stale.
    fn propose(
        &self,
        text: String,
        authored: Node,
        read: Option<Node>,
        based_on: Arc<Held>,
    ) -> Result<Proposal, Refusal> {
        let var = |name: &str| self.variable(name);
        let Checked { expanded, desired, warnings, pair } =
            self.check(&authored, &var).map_err(Refusal::Faults)?;
        if let Some(taken) = self.taken_pair(pair.as_deref(), desired.mode, &authored) {
            return Err(Refusal::Faults(vec![taken]));
        }
        let (raw, expanded) = match read {
            None => (authored, expanded),
            Some(read) => {
                let (expanded, _) = expand_tree(&read, &var);
                (read, expanded)
            }
        };
        Ok(Proposal {
            text,
            raw,
            expanded,
            desired,
            provenance: None,
            speaks: true,
            builds_on_file: false,
            warnings,
            based_on,
        })
    }

    /// What is wrong with a new bootstrap pair whose id is a user's that stays (INT-6). At the
    /// start the pair wins, and the log says so: nobody could mend it otherwise.
    fn taken_pair(&self, pair: Option<&str>, mode: Mode, authored: &Node) -> Option<Fault> {
        let new = pair.filter(|id| Some(*id) != self.shared.iam.bootstrap_id())?;
        if self.shared.started.get().is_none() || mode == Mode::Declarative {
            return None;
        }
        let current = self.shared.iam.current();
        let holds = |user: &&UserRow| user.keys.iter().any(|key| key.access_key_id == new);
        let user = current.state.users.iter().find(holds)?;
        let at = authored.get("access").and_then(|it| it.get("access_key_id"));
        let text = format!("is an access key id of the user `{}`", user.name);
        Some(Fault::new("access.access_key_id", text).at_line(at.and_then(|it| it.line)))
    }

    /// Everything that is wrong with a document, or what it wants.
    fn check(&self, raw: &Node, var: &impl Fn(&str) -> Variable) -> Result<Checked, Vec<Fault>> {
        let (expanded, unfilled) = expand_tree(raw, var);
        let flags = self.shared.origin.flags.clone();
        let origin = Origin { path: "document".into(), bytes: None, flags };
        let config = Config::of_document(self.shared.source.as_ref(), origin, &expanded);
        let nothing = Node::null();
        let access = expanded.get("access").unwrap_or(&nothing);
        let id = match &config {
            Ok(config) => config.bootstrap.as_ref().map(|pair| pair.id.clone()),
            Err(_) => access.get("access_key_id").and_then(Node::text).map(str::to_owned),
        };
        let running = self.shared.iam.bootstrap_id();
        let pairs: Vec<&str> = id.as_deref().into_iter().chain(running).collect();
        match (read_access(access, &pairs), config) {
            (Ok(desired), Ok(config)) if unfilled.is_empty() => {
                let of_access = |text: &String| text.starts_with("access.");
                let warnings = config.warnings.into_iter().filter(of_access).collect();
                Ok(Checked { expanded, desired, warnings, pair: id })
            }
            (desired, config) => {
                let config = config.err().map(ConfigError::into_faults).unwrap_or_default();
                Err(Fault::gather([unfilled, desired.err().unwrap_or_default(), config]))
            }
        }
    }

    fn variable(&self, name: &str) -> Variable {
        self.shared.source.var(name).map_or(Variable::Unset, Variable::Set)
    }
}

/// A document without a fault.
struct Checked {
    expanded: Node,
    desired: Desired,
    warnings: Vec<String>,
    /// The bootstrap pair's id, once it is in service.
    pair: Option<String>,
}

/// A document that omits the bootstrap pair keeps it (INT-19).
fn keep_pair(raw: &mut Node, held: &Node, warnings: &mut Vec<String>) {
    let keys = ["access_key_id", "secret_access_key"];
    let omitted = keys.iter().all(|key| raw.get("access").and_then(|it| it.get(key)).is_none());
    let Some(access) = held.get("access").filter(|it| it.get("access_key_id").is_some()) else {
        return;
    };
    if !omitted {
        return;
    }
    match raw.get("access") {
        // What has to be a map and is none is a fault, not room for the pair.
        Some(node) if !node.is_null() && !matches!(node.value, Value::Map(_)) => return,
        Some(node) if !node.is_null() => {}
        _ => raw.set("access", Node::map([])),
    }
    for key in keys {
        if let (Some(kept), Some(target)) = (access.get(key), raw.get_mut("access")) {
            target.set(key, kept.clone());
        }
    }
    warnings.push("the document omits the bootstrap pair, which is kept".to_owned());
}
