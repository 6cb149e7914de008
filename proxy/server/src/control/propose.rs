//! Proposals: what the document would be, and what it would want.

use std::collections::BTreeMap;
use std::sync::Arc;

use deltaglider_core::document::{
    Fault, Node, Value, Variable, check_references, escape, expand_tree, has_reference,
    merge_patch, rewrite,
};
use deltaglider_core::iam::{Desired, read_access};

use super::document::{self, Held, texts};
use super::provenance::Provenance;
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
        document::restore_secrets(&mut raw, &held.raw.0);
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
        let (expanded, _) = expand_tree(&raw, &|name| self.variable(name));
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
        document::restore_secrets(&mut raw, &held.raw.0);
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
        let Checked { expanded, desired, warnings } =
            self.check(&authored, &var).map_err(Refusal::Faults)?;
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
        match (read_access(access, id.as_deref()), config) {
            (Ok(desired), Ok(config)) if unfilled.is_empty() => {
                let of_access = |text: &String| text.starts_with("access.");
                let warnings = config.warnings.into_iter().filter(of_access).collect();
                Ok(Checked { expanded, desired, warnings })
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

/// Meant values as a document writes them: what came from a reference as that reference, every
/// other `${` escaped.
fn as_written(expanded: &Node, held: &Held) -> Node {
    let written = texts(&held.raw.0, |_, text| has_reference(text));
    let was = texts(&held.expanded.0, |place, _| {
        !written.is_empty() && written.contains_key(&place.by_name())
    });
    let mut raw = expanded.clone();
    raw.visit_mut(&mut |place, node| {
        let line = node.line;
        let Value::Scalar(scalar) = &mut node.value else { return };
        if !written.is_empty() {
            let place = place.by_name();
            let unchanged = was.get(&place).is_some_and(|text| *text == scalar.text);
            if let Some(reference) = written.get(&place).filter(|_| unchanged) {
                *node = Node::string(reference.clone()).at_line(line);
                return;
            }
        }
        if scalar.text.contains("${") {
            scalar.text = escape(&scalar.text);
        }
    });
    raw
}
