//! Edits of a document's text that leave alone what did not change: comments, order, quoting.

use std::collections::HashMap;
use std::ops::Range;

use super::node::{Entry, Node, Value};
use super::read::read_yaml;
use super::write::to_yaml;

/// The text of `old` changed so that it says what `new` says.
///
/// Where that cannot be done in place (flow style, reordered lists), the value is written anew
/// and comments inside it go. Gives `true` with the text where nothing but such values was.
pub fn rewrite(text: &str, old: &Node, new: &Node) -> (String, bool) {
    if old == new {
        return (text.to_owned(), true);
    }
    let mut edits = Edits { text, made: Vec::new() };
    let edited = edits.node(old, new).map(|()| edits.apply());
    // An edit is a guess about somebody else's layout: it counts only where it reads as meant.
    let edited = edited.filter(|edited| read_yaml(edited.as_bytes()).as_ref() == Ok(new));
    match edited {
        Some(edited) => (edited, true),
        None => (to_yaml(new), false),
    }
}

struct Edits<'a> {
    text: &'a str,
    made: Vec<(Range<usize>, String)>,
}

impl Edits<'_> {
    fn apply(mut self) -> String {
        self.made.sort_by_key(|(range, _)| (range.start, range.end));
        let (mut edited, mut at) = (String::with_capacity(self.text.len()), 0);
        for (range, replacement) in &self.made {
            edited.push_str(self.text.get(at..range.start).unwrap_or_default());
            edited.push_str(replacement);
            at = range.end.max(at);
        }
        edited.push_str(self.text.get(at..).unwrap_or_default());
        edited
    }

    /// `None` where the layout is beyond editing.
    fn node(&mut self, old: &Node, new: &Node) -> Option<()> {
        if old == new {
            return Some(());
        }
        match (&old.value, &new.value) {
            (Value::Map(held), Value::Map(wanted)) if old.block && !held.is_empty() => {
                self.map(held, wanted)
            }
            (Value::List(held), Value::List(wanted)) if old.block && !held.is_empty() => {
                self.list(held, wanted)
            }
            _ => self.replace(old, new),
        }
    }

    fn map(&mut self, held: &[Entry], wanted: &[Entry]) -> Option<()> {
        let indent = self.column(held.first()?.key_span.as_ref()?.start);
        let find = |entries: &[Entry], key: &str| entries.iter().position(|it| it.key == key);
        for entry in held {
            let key = entry.key_span.clone()?;
            match find(wanted, &entry.key).and_then(|at| wanted.get(at)) {
                None => {
                    let end = entry.node.span.as_ref().map_or(key.end, |it| it.end.max(key.end));
                    self.cut(key.start, end);
                }
                Some(new) if new.node == entry.node => {}
                Some(new) => {
                    let made = self.made.len();
                    let empty = entry.node.span.as_ref().is_none_or(|it| it.is_empty());
                    if empty || self.node(&entry.node, &new.node).is_none() {
                        self.made.truncate(made);
                        let end = entry.node.span.as_ref().map_or(key.end, |it| it.end);
                        let written = written_entry(new, indent);
                        self.made.push((key.start..end.max(key.end), written));
                    }
                }
            }
        }
        let added = wanted.iter().filter(|entry| find(held, &entry.key).is_none());
        let added: Vec<String> = added.map(|entry| written_entry(entry, indent)).collect();
        let last = held.last()?;
        let end = last
            .node
            .span
            .as_ref()
            .map(|it| it.end)
            .max(last.key_span.as_ref().map(|it| it.end))?;
        self.append(end, indent, &added);
        Some(())
    }

    /// Items are the same by name, or by value where they have none.
    fn list(&mut self, held: &[Node], wanted: &[Node]) -> Option<()> {
        let dash = |item: &Node| self.text.get(..item.span.as_ref()?.start)?.rfind('-');
        let indent = self.column(dash(held.first()?)?);
        let matched = matches(held, wanted);
        // Kept ones have to lead, in their order: everything else is written anew.
        let kept = matched.iter().flatten().count();
        if !matched.iter().flatten().copied().eq(0..kept) {
            return None;
        }
        for (item, at) in held.iter().zip(&matched) {
            match at.and_then(|at| wanted.get(at)) {
                Some(new) => self.node(item, new)?,
                None => self.cut(dash(item)?, item.span.as_ref()?.end),
            }
        }
        let added: Vec<String> =
            wanted.iter().skip(kept).map(|item| written_item(item, indent)).collect();
        self.append(held.last()?.span.as_ref()?.end, indent, &added);
        Some(())
    }

    fn replace(&mut self, old: &Node, new: &Node) -> Option<()> {
        // Only a scalar fits into the place of any value; a collection brings its lines along.
        let single = matches!(new.value, Value::Scalar(_)) && matches!(old.value, Value::Scalar(_));
        let span = old.span.clone().filter(|span| single && !span.is_empty())?;
        let covered = self.text.get(span.clone())?;
        // Block scalars span lines whose ends belong to the layout.
        let (one_line, written) = (!covered.contains('\n'), scalar_text(new)?);
        if !one_line {
            return None;
        }
        self.made.push((span, written));
        Some(())
    }

    /// Removes whole lines, where nothing else stands on them.
    fn cut(&mut self, start: usize, end: usize) {
        let line = self.text.get(..start).and_then(|it| it.rfind('\n')).map_or(0, |at| at + 1);
        let alone = self.text.get(line..start).is_some_and(|it| it.trim().is_empty());
        let rest = self.text.get(end..).unwrap_or_default();
        let stop = rest.find('\n').map_or(self.text.len(), |at| end + at + 1);
        // The first key behind a dash takes the dash's line; the guard then sees whether it fits.
        self.made.push((if alone { line } else { start }..stop, String::new()));
    }

    fn append(&mut self, after: usize, indent: usize, added: &[String]) {
        if added.is_empty() {
            return;
        }
        let rest = self.text.get(after..).unwrap_or_default();
        let (at, lead) = match rest.find('\n') {
            Some(line_end) => (after + line_end + 1, ""),
            None => (self.text.len(), "\n"),
        };
        let mut block = lead.to_owned();
        for entry in added {
            block.push_str(&" ".repeat(indent));
            block.push_str(entry);
            block.push('\n');
        }
        self.made.push((at..at, block));
    }

    fn column(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.len() - before.rfind('\n').map_or(0, |at| at + 1)
    }
}

/// For each held item the index of the wanted one that it is the same as.
fn matches(held: &[Node], wanted: &[Node]) -> Vec<Option<usize>> {
    // By name through a map: a list of users may be long.
    let (mut named, mut nameless) = (HashMap::new(), Vec::new());
    for (index, item) in wanted.iter().enumerate() {
        match name(item) {
            Some(name) => drop(named.entry(name).or_insert(index)),
            None => nameless.push((index, item)),
        }
    }
    let find = |item: &Node| match name(item) {
        Some(name) => named.get(name).copied(),
        None => nameless.iter().find(|(_, wanted)| *wanted == item).map(|(index, _)| *index),
    };
    held.iter().map(find).collect()
}

fn name(item: &Node) -> Option<&str> {
    item.get("name").and_then(Node::text)
}

/// `key: value`, later lines indented, without the last line's end.
fn written_entry(entry: &Entry, indent: usize) -> String {
    let mut whole = Node::map([]);
    whole.set(&entry.key, entry.node.clone());
    indented(&to_yaml(&whole), indent)
}

fn written_item(item: &Node, indent: usize) -> String {
    indented(&to_yaml(&Node::list([item.clone()])), indent)
}

/// A scalar on one line; `None` where it needs several.
fn scalar_text(node: &Node) -> Option<String> {
    let mut whole = Node::map([]);
    whole.set("k", node.clone());
    let text = to_yaml(&whole);
    let text = text.strip_prefix("k: ")?.trim_end_matches('\n');
    (!text.contains('\n')).then(|| text.to_owned())
}

fn indented(text: &str, indent: usize) -> String {
    let glue = format!("\n{}", " ".repeat(indent));
    let lines: Vec<&str> = text.trim_end_matches('\n').split('\n').collect();
    lines.join(&glue)
}
