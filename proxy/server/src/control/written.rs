//! How values stand in the text: references that a change leaves alone, secrets that it does not
//! speak of.

use std::collections::HashMap;

use deltaglider_core::document::{Node, Scalar, Style, Value, escape, has_reference};
use deltaglider_core::iam::is_string_field;
use deltaglider_core::sigv4::SigningSecret;
use deltaglider_store::{State, UserRow};

use super::document::{Held, is_secret};

/// A place of the document in service: as written, and as meant.
#[derive(Clone, Copy)]
struct Pair<'a> {
    written: &'a Node,
    meant: &'a Node,
}

impl<'a> Pair<'a> {
    fn of(held: &'a Held) -> Self {
        Self { written: &held.raw.0, meant: &held.expanded.0 }
    }

    fn get(self, key: &str) -> Option<Self> {
        let (written, meant) = (self.written.get(key)?, self.meant.get(key)?);
        Some(Self { written, meant })
    }

    fn items(self) -> Vec<Self> {
        let pairs = self.written.items().iter().zip(self.meant.items());
        pairs.map(|(written, meant)| Self { written, meant }).collect()
    }
}

/// Meant values as a document writes them: what came from a reference as that reference, every
/// other `${` escaped.
pub(super) fn as_written(meant: &Node, held: &Held) -> Node {
    let mut refers = false;
    held.raw.0.visit(&mut |_, node| refers |= node.text().is_some_and(has_reference));
    let mut raw = meant.clone();
    write_back(&mut raw, "", refers.then(|| Pair::of(held)));
    raw
}

fn write_back(node: &mut Node, key: &str, held: Option<Pair<'_>>) {
    let line = node.line;
    match &mut node.value {
        Value::Scalar(scalar) => match held.and_then(|held| reference(scalar, key, held)) {
            Some(reference) => *node = Node::string(reference).at_line(line),
            None => {
                if scalar.text.contains("${") {
                    scalar.text = escape(&scalar.text);
                }
                if scalar.style == Style::Expanded && !is_string_field(key) {
                    scalar.style = Style::Plain;
                }
            }
        },
        Value::Map(entries) => {
            for entry in entries {
                let held = held.and_then(|held| held.get(&entry.key));
                write_back(&mut entry.node, &entry.key, held);
            }
        }
        Value::List(items) => {
            let matched = held.map(|held| counterparts(items, &held.items()));
            let matched = matched.unwrap_or_default().into_iter().chain(std::iter::repeat(None));
            for (item, held) in items.iter_mut().zip(matched) {
                write_back(item, key, held);
            }
        }
    }
}

/// The reference that the same value came from; one in a field of another kind is not kept.
fn reference<'a>(scalar: &Scalar, key: &str, held: Pair<'a>) -> Option<&'a str> {
    let same = is_string_field(key) && held.meant.text() == Some(scalar.text.as_str());
    held.written.text().filter(|text| same && has_reference(text))
}

/// For each item the held one that it is, or was: by name, else by value, else by its place.
fn counterparts<'a>(items: &[Node], held: &[Pair<'a>]) -> Vec<Option<Pair<'a>>> {
    let named: HashMap<&str, Pair<'a>> =
        held.iter().filter_map(|pair| Some((name(pair.meant)?, *pair))).collect();
    // What is equal mostly follows what was equal before it, so the search begins there.
    let (mut next, mut taken) = (0, vec![false; held.len()]);
    let mut found: Vec<Option<Pair<'a>>> = Vec::with_capacity(items.len());
    for item in items {
        if let Some(name) = name(item) {
            found.push(named.get(name).copied());
            continue;
        }
        let around = (next..held.len()).chain(0..next).take(FARTHEST);
        let mut free = around.filter(|at| !taken.get(*at).copied().unwrap_or(true));
        let at = free.find(|at| held.get(*at).is_some_and(|pair| pair.meant == item));
        if let Some(at) = at {
            if let Some(slot) = taken.get_mut(at) {
                *slot = true;
            }
            next = at + 1;
        }
        found.push(at.and_then(|at| held.get(at)).copied());
    }
    for (at, (found, item)) in found.iter_mut().zip(items).enumerate() {
        if found.is_none() && name(item).is_none() && taken.get(at) == Some(&false) {
            *found = held.get(at).copied();
        }
    }
    found
}

/// How far an item without a name is looked for, in items.
const FARTHEST: usize = 1000;

fn name(item: &Node) -> Option<&str> {
    item.get("name").and_then(Node::text)
}

/// Empty secrets take the text that the document in service has for the same entity, where that
/// is what the database has (INT-17). `meant` is `raw` with its references filled in; gives
/// whether anything was restored.
pub(super) fn restore_secrets(raw: &mut Node, meant: &Node, held: &Held, state: &State) -> bool {
    let mut restorer = Restorer { state, users: HashMap::new(), restored: false };
    restorer.visit(raw, meant, Pair::of(held), None);
    restorer.restored
}

struct Restorer<'a> {
    state: &'a State,
    /// By name, once one is asked for.
    users: HashMap<&'a str, &'a UserRow>,
    restored: bool,
}

impl Restorer<'_> {
    /// `list` is the one that the entity stands in; settings stand in none.
    fn visit(&mut self, raw: &mut Node, meant: &Node, held: Pair<'_>, list: Option<&str>) {
        // In an entity, an absent secret is an empty one.
        let own = match list {
            Some("iam_users") => Some("secret_access_key"),
            Some("auth_providers") => Some("client_secret"),
            _ => None,
        };
        if let Some(key) = own.filter(|key| raw.get(key).is_none()) {
            if held.written.get(key).and_then(Node::text).is_some_and(|it| !it.is_empty()) {
                self.restore(key, raw, meant, held, list);
            }
            return;
        }
        let Value::Map(entries) = &raw.value else { return };
        let keys: Vec<String> = entries.iter().map(|entry| entry.key.clone()).collect();
        for key in keys {
            let (Some(node), Some(held_below)) = (raw.get_mut(&key), held.get(&key)) else {
                continue;
            };
            if is_secret(&key) {
                if node.text().is_none_or(str::is_empty) && node.scalar().is_some() {
                    self.restore(&key, raw, meant, held, list);
                }
            } else if let (Value::List(items), Some(meant)) = (&mut node.value, meant.get(&key)) {
                self.items(items, meant.items(), held_below, &key);
            } else if let Some(meant) = meant.get(&key).filter(|it| !it.entries().is_empty()) {
                self.visit(node, meant, held_below, None);
            }
        }
    }

    fn items(&mut self, items: &mut [Node], meant: &[Node], held: Pair<'_>, list: &str) {
        if !matches!(list, "iam_users" | "auth_providers") {
            return;
        }
        let held = held.items();
        let named: HashMap<&str, &Pair<'_>> =
            held.iter().filter_map(|pair| Some((name(pair.meant)?, pair))).collect();
        for (item, meant) in items.iter_mut().zip(meant) {
            if let Some(pair) = name(meant).and_then(|name| named.get(name)) {
                self.visit(item, meant, **pair, Some(list));
            }
        }
    }

    fn restore(
        &mut self,
        key: &str,
        raw: &mut Node,
        meant: &Node,
        held: Pair<'_>,
        list: Option<&str>,
    ) {
        let Some(text) = held.written.get(key).and_then(Node::text) else { return };
        let secret = held.meant.get(key).and_then(Node::text).unwrap_or_default();
        if list.is_none_or(|list| self.holds(list, meant, secret)) {
            let line = raw.get(key).and_then(|node| node.line);
            raw.set(key, Node::string(text).at_line(line));
            self.restored = true;
        }
    }

    /// Whether the database has that secret for an entity: in gui mode it goes its own way, and
    /// what the file says of the time before is not to come back.
    fn holds(&mut self, list: &str, entity: &Node, secret: &str) -> bool {
        let Some(name) = name(entity) else { return false };
        if list == "auth_providers" {
            let mut providers = self.state.providers.iter();
            let held = providers.find(|it| it.provider.name == name);
            return held.is_some_and(|it| it.secret.0.as_str() == secret);
        }
        if self.users.is_empty() {
            let users = self.state.users.iter();
            self.users = users.map(|user| (user.name.as_str(), user)).collect();
        }
        let Some(user) = self.users.get(name) else { return false };
        let id = entity.get("access_key_id").and_then(Node::text);
        let named = user.keys.iter().find(|key| Some(key.access_key_id.as_str()) == id);
        let kept = named.or(user.keys.last());
        kept.is_some_and(|key| key.midstates == SigningSecret::new(secret).to_midstates())
    }
}
