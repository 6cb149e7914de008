//! Places in a document, by index for people and by name for what has to outlive a reordering.

use std::fmt;

use super::node::{Node, Value};

/// A place: prints as `access.iam_users[0].name`. It borrows the places above it, so that a walk
/// over a large document costs no text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Step<'a> {
    #[default]
    Root,
    Key(&'a str),
    /// Index, and the item's name where it has one.
    Item(usize, Option<&'a str>),
}

impl<'a> Path<'a> {
    /// The place of a section.
    pub fn section(name: &'a str) -> Self {
        Self { parent: None, step: Step::Key(name) }
    }

    /// The place of a key below this one.
    pub fn key<'b>(&'b self, key: &'b str) -> Path<'b> {
        Path { parent: Some(self), step: Step::Key(key) }
    }

    /// The place of an item below this one.
    pub fn index(&self, index: usize) -> Path<'_> {
        self.item(index, None)
    }

    fn item<'b>(&'b self, index: usize, name: Option<&'b str>) -> Path<'b> {
        Path { parent: Some(self), step: Step::Item(index, name) }
    }

    /// The last key: that of the list, for an item.
    pub fn last_key(&self) -> &str {
        match self.step {
            Step::Key(key) => key,
            Step::Root => "",
            Step::Item(..) => self.parent.map(Path::last_key).unwrap_or_default(),
        }
    }

    /// The place with named items by their names, whatever their index.
    pub fn by_name(&self) -> String {
        let mut text = String::new();
        // A `String` takes every write.
        let _ = self.write(&mut text, true);
        text
    }

    fn write(&self, to: &mut impl fmt::Write, by_name: bool) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.write(to, by_name)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Key(key) => {
                let first = self.parent.is_none_or(|it| matches!(it.step, Step::Root));
                to.write_str(if first { "" } else { "." })?;
                to.write_str(key)
            }
            Step::Item(_, Some(name)) if by_name => write!(to, "[{name:?}]"),
            Step::Item(index, _) => write!(to, "[{index}]"),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, false)
    }
}

impl Node {
    /// Visits every scalar with its place.
    pub fn visit(&self, visit: &mut impl FnMut(&Path<'_>, &Node)) {
        walk(self, &Path::default(), visit);
    }

    /// Visits every scalar with its place, to be changed.
    pub fn visit_mut(&mut self, visit: &mut impl FnMut(&Path<'_>, &mut Node)) {
        walk_mut(self, &Path::default(), visit);
    }

    /// Visits every scalar with its place, to be changed, beside what stands in the same place of
    /// a tree of the same form.
    pub fn visit_beside(
        &mut self,
        other: &Self,
        visit: &mut impl FnMut(&Path<'_>, &mut Node, &Node),
    ) {
        walk_beside(self, other, &Path::default(), visit);
    }
}

impl Node {
    /// The line of a place such as `access.iam_users[0].name`, or of the nearest one above it that
    /// there is.
    pub fn line_of(&self, place: &str) -> Option<usize> {
        let below = |node: &Self, rest: &str| node.line_of(rest).or(node.line);
        if let Some(inside) = place.strip_prefix('[') {
            let (index, rest) = inside.split_once(']')?;
            let item = self.items().get(index.parse::<usize>().ok()?)?;
            return below(item, rest);
        }
        let place = place.strip_prefix('.').unwrap_or(place);
        // A key may hold dots itself.
        let rest = |key: &str| {
            place.strip_prefix(key).filter(|it| it.is_empty() || it.starts_with(['.', '[']))
        };
        let mut entries = self.entries().iter();
        entries.find_map(|entry| Some(below(&entry.node, rest(&entry.key)?)))?
    }
}

fn name(item: &Node) -> Option<&str> {
    item.get("name").and_then(Node::text)
}

fn walk(node: &Node, place: &Path<'_>, visit: &mut impl FnMut(&Path<'_>, &Node)) {
    match &node.value {
        Value::Scalar(_) => visit(place, node),
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &place.item(index, name(item)), visit);
            }
        }
        Value::Map(entries) => {
            for entry in entries {
                walk(&entry.node, &place.key(&entry.key), visit);
            }
        }
    }
}

fn walk_mut(node: &mut Node, place: &Path<'_>, visit: &mut impl FnMut(&Path<'_>, &mut Node)) {
    match &mut node.value {
        Value::Scalar(_) => visit(place, node),
        Value::List(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                let name = name(item).map(str::to_owned);
                walk_mut(item, &place.item(index, name.as_deref()), visit);
            }
        }
        Value::Map(entries) => {
            for entry in entries {
                walk_mut(&mut entry.node, &place.key(&entry.key), visit);
            }
        }
    }
}

fn walk_beside(
    node: &mut Node,
    other: &Node,
    place: &Path<'_>,
    visit: &mut impl FnMut(&Path<'_>, &mut Node, &Node),
) {
    match (&mut node.value, &other.value) {
        (Value::Scalar(_), Value::Scalar(_)) => visit(place, node, other),
        (Value::List(items), Value::List(others)) => {
            for (index, (item, other)) in items.iter_mut().zip(others).enumerate() {
                let name = name(item).map(str::to_owned);
                walk_beside(item, other, &place.item(index, name.as_deref()), visit);
            }
        }
        (Value::Map(entries), Value::Map(others)) => {
            for (entry, other) in entries.iter_mut().zip(others) {
                walk_beside(&mut entry.node, &other.node, &place.key(&entry.key), visit);
            }
        }
        _ => {}
    }
}
