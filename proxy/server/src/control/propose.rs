//! Proposals: what the document would be, and what it would want.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use deltaglider_core::document::{
    Fault, Node, Value, Variable, escape, expand_tree, has_reference, merge_patch, rewrite,
};
use deltaglider_core::iam::{Desired, read_access};

use super::document::{self, Held, texts};
use super::provenance::Provenance;
use super::{Control, Refusal};
use crate::config::{Config, Flags, Source};

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
        self.propose(text, raw, self.shared.held.load_full())
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
        expand_tree(&posted, &own).map_err(Refusal::Faults)?;
        let expanded = self.expand(&raw)?;
        let persisted = document::without_typed_references(&raw, &expanded);
        let (text, kept) = rewrite(yaml, &posted, &persisted);
        if !kept {
            warnings.push("comments could not be kept in the file".to_owned());
        }
        let read = document::parse(text.as_bytes()).map_err(Refusal::Faults)?;
        let mut proposal = self.propose(text, read, held)?;
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
        self.check_disk(&held)?;
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
        let mut proposal = self.propose(text, read, held)?;
        let brings = |key: &str| patch.get(key).is_some_and(|list| !list.items().is_empty());
        proposal.speaks = brings("iam_users") || brings("iam_groups");
        proposal.warnings.extend(warnings);
        Ok(proposal)
    }

    /// `based_on` is what the text was made from: another document in service makes it stale.
    fn propose(&self, text: String, raw: Node, based_on: Arc<Held>) -> Result<Proposal, Refusal> {
        let expanded = self.expand(&raw)?;
        let config = self.load(&text);
        let nothing = Node::null();
        let access = expanded.get("access").unwrap_or(&nothing);
        let id = match &config {
            Ok(config) => config.bootstrap.as_ref().map(|pair| pair.id.clone()),
            Err(_) => access.get("access_key_id").and_then(Node::text).map(str::to_owned),
        };
        let desired = read_access(access, id.as_deref());
        let (desired, config) = match (desired, config) {
            (Ok(desired), Ok(config)) => (desired, config),
            (desired, config) => {
                let mut faults = desired.err().unwrap_or_default();
                // The configuration's reader stops at its first fault, which may be one of these.
                if let Some((line, text)) = config.err().filter(|_| faults.is_empty()) {
                    faults.push(Fault::new("", text).at_line(line));
                }
                return Err(Refusal::Faults(faults));
            }
        };
        let warnings = config.warnings.into_iter().filter(|it| it.starts_with("access.")).collect();
        let (provenance, speaks) = (None, true);
        Ok(Proposal { text, raw, expanded, desired, provenance, speaks, warnings, based_on })
    }

    fn expand(&self, raw: &Node) -> Result<Node, Refusal> {
        expand_tree(raw, &|name| self.variable(name)).map_err(Refusal::Faults)
    }

    fn variable(&self, name: &str) -> Variable {
        self.shared.source.var(name).map_or(Variable::Unset, Variable::Set)
    }

    /// The whole configuration that a text would make, read as at the start.
    fn load(&self, text: &str) -> Result<Config, (Option<usize>, String)> {
        let overlay = Overlay { under: self.shared.source.as_ref(), text: text.as_bytes() };
        let flags = Flags { config: Some(DOCUMENT.into()), ..self.shared.origin.flags.clone() };
        Config::load(&overlay, &flags).map_err(|error| {
            let text = error.to_string();
            // `document:LINE: …`, since that is what the overlay calls the file.
            let rest = text.strip_prefix(DOCUMENT).and_then(|it| it.strip_prefix(':'));
            let placed = rest.and_then(|it| it.split_once(": "));
            match placed.and_then(|(line, rest)| Some((line.trim().parse().ok()?, rest))) {
                Some((line, rest)) => (Some(line), rest.to_owned()),
                None => (None, text),
            }
        })
    }
}

const DOCUMENT: &str = "document";

/// The environment as it is, with a text in the place of the file.
struct Overlay<'a> {
    under: &'a dyn Source,
    text: &'a [u8],
}

impl Source for Overlay<'_> {
    fn var(&self, name: &str) -> Option<String> {
        self.under.var(name)
    }

    fn own_names(&self) -> Vec<String> {
        self.under.own_names()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == Path::new(DOCUMENT) { Ok(self.text.to_vec()) } else { self.under.read(path) }
    }
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
    if raw.get("access").is_none_or(Node::is_null) {
        raw.set("access", Node::map([]));
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
    let (was, written) = (texts(&held.expanded.0), texts(&held.raw.0));
    let mut raw = expanded.clone();
    raw.visit_mut(&mut |_, named, node| {
        let (named, line) = (named.as_str(), node.line);
        let Value::Scalar(scalar) = &mut node.value else { return };
        let unchanged = was.get(named).is_some_and(|text| *text == scalar.text);
        let reference = written.get(named).filter(|it| unchanged && has_reference(it));
        match reference {
            Some(reference) => *node = Node::string(reference.clone()).at_line(line),
            None if scalar.text.contains("${") => scalar.text = escape(&scalar.text),
            None => {}
        }
    });
    raw
}
