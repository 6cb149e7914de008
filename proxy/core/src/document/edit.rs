//! Edits of a document's text that leave alone what did not change: comments, order, quoting.

use std::collections::HashMap;
use std::ops::Range;

use super::node::{Entry, Node, Value};
use super::read::{comments, read_yaml};
use super::write::to_yaml;

/// The text of `old` changed so that it says what `new` says.
///
/// Where that cannot be done in place (flow style, reordered lists), the value is written anew.
/// Gives `false` with the text where comments are lost so; those of what is removed go with it.
pub fn rewrite(text: &str, old: &Node, new: &Node) -> (String, bool) {
    if old == new {
        return (text.to_owned(), true);
    }
    let mut edits = Edits { text, made: Vec::new(), anew: Vec::new() };
    let done = edits.node(old, new);
    let anew = std::mem::take(&mut edits.anew);
    let edited = done.map(|()| edits.apply());
    // An edit is a guess about somebody else's layout: it counts only where it reads as meant.
    let edited = edited.filter(|edited| read_yaml(edited.as_bytes()).as_ref() == Ok(new));
    match edited {
        Some(edited) => (edited, !anew.into_iter().any(|range| has_comment(text, range))),
        None => (to_yaml(new), !has_comment(text, 0..text.len())),
    }
}

/// Whether a comment begins within a part of a text.
fn has_comment(text: &str, range: Range<usize>) -> bool {
    let part = text.get(range.clone()).unwrap_or_default();
    part.contains('#') && comments(text).any(|at| range.contains(&at))
}

struct Edits<'a> {
    text: &'a str,
    made: Vec<(Range<usize>, String)>,
    /// What is written anew, comments and all.
    anew: Vec<Range<usize>>,
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
            (Value::Map(held), Value::Map(wanted)) if old.block && !wanted.is_empty() => {
                self.map(held, wanted)
            }
            (Value::List(held), Value::List(wanted)) if old.block && !wanted.is_empty() => {
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
                        let range = key.start..end.max(key.end);
                        self.anew.push(range.clone());
                        self.made.push((range, written_entry(new, indent)));
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

    /// Items are the same by name, or by value, or by their place between such.
    fn list(&mut self, held: &[Node], wanted: &[Node]) -> Option<()> {
        let dash = |item: &Node| self.text.get(..item.span.as_ref()?.start)?.rfind('-');
        let indent = self.column(dash(held.first()?)?);
        let matched = matches(held, wanted);
        // Those that stay have to keep their order: everything else is written anew.
        if !matched.iter().flatten().is_sorted_by(|one, next| one < next) {
            return None;
        }
        let mut next = 0;
        let new = |range: Range<usize>| {
            let items = wanted.get(range).unwrap_or_default().iter();
            items.map(|item| written_item(item, indent)).collect::<Vec<String>>()
        };
        for (item, at) in held.iter().zip(&matched) {
            let dash = dash(item)?;
            match at.and_then(|at| Some((at, wanted.get(at)?))) {
                Some((at, kept)) => {
                    self.insert(dash, indent, &new(next..at));
                    self.node(item, kept)?;
                    next = at + 1;
                }
                None => self.cut(dash, item.span.as_ref()?.end),
            }
        }
        self.append(held.last()?.span.as_ref()?.end, indent, &new(next..wanted.len()));
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

    /// Removes whole lines, where nothing else stands on them, and the comments that lead them.
    fn cut(&mut self, start: usize, end: usize) {
        let rest = self.text.get(end..).unwrap_or_default();
        let stop = rest.find('\n').map_or(self.text.len(), |at| end + at + 1);
        // The first key behind a dash takes the dash's line; the guard then sees whether it fits.
        let from = self.lead(start).unwrap_or(start);
        self.made.push((from..stop, String::new()));
    }

    /// Where the lines begin that belong to what stands at `start`: its own, and those of comments
    /// right above it at the same indent. `None` where something stands before it on its line.
    fn lead(&self, start: usize) -> Option<usize> {
        let indent = self.column(start);
        let mut line = start - indent;
        if !self.text.get(line..start)?.trim().is_empty() {
            return None;
        }
        while let Some(above) = self.text.get(..line.saturating_sub(1)).filter(|_| line > 0) {
            let from = above.rfind('\n').map_or(0, |at| at + 1);
            let comment = above.get(from..)?;
            if comment.len() - comment.trim_start().len() != indent
                || !comment.trim_start().starts_with('#')
            {
                break;
            }
            line = from;
        }
        Some(line)
    }

    /// Puts items before the one at `start`.
    fn insert(&mut self, start: usize, indent: usize, added: &[String]) {
        if added.is_empty() {
            return;
        }
        let at = self.lead(start).unwrap_or(start);
        self.made.push((at..at, block(added, indent)));
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
        self.made.push((at..at, lead.to_owned() + &block(added, indent)));
    }

    fn column(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.len() - before.rfind('\n').map_or(0, |at| at + 1)
    }
}

fn block(added: &[String], indent: usize) -> String {
    let indent = " ".repeat(indent);
    added.iter().map(|entry| format!("{indent}{entry}\n")).collect()
}

/// For each held item the index of the wanted one that it is the same as, or becomes.
fn matches(held: &[Node], wanted: &[Node]) -> Vec<Option<usize>> {
    // By name through a map: a list of users may be long.
    let (mut named, mut nameless) = (HashMap::new(), Vec::new());
    for (index, item) in wanted.iter().enumerate() {
        match name(item) {
            Some(name) => drop(named.entry(name).or_insert(index)),
            None => nameless.push((index, item)),
        }
    }
    let mut from = 0;
    let find = |item: &Node| match name(item) {
        Some(name) => named.get(name).copied(),
        None => {
            let mut left = nameless.iter().enumerate().skip(from);
            let (at, (index, _)) = left.find(|(_, (_, wanted))| *wanted == item)?;
            from = at + 1;
            Some(*index)
        }
    };
    let mut matched: Vec<Option<usize>> = held.iter().map(find).collect();
    // What lies between the same neighbours, and has no name, has changed.
    let mut next = 0;
    for (at, item) in held.iter().enumerate() {
        let same = matched.get(at).copied().flatten();
        let changed = || {
            let later = matched.get(at..)?.iter().flatten().next().copied();
            let free = next < later.unwrap_or(wanted.len()) && name(item).is_none();
            Some(next).filter(|_| free && wanted.get(next).is_some_and(|it| name(it).is_none()))
        };
        let found = same.or_else(changed);
        if let (Some(slot), Some(found)) = (matched.get_mut(at), found) {
            *slot = Some(found);
            next = found + 1;
        }
    }
    matched
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
