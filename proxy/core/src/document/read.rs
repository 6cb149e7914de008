//! From text to the tree, within bounds: what is hostile is refused early and cheaply.

use std::collections::{HashMap, HashSet};
use std::fmt;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, StructureStyle};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::Fault;
use super::node::{Entry, Node, Scalar, Style, Value};
use super::path::Path;

/// Larger documents are refused before they are parsed, in bytes.
pub const LARGEST: usize = 32 * 1024 * 1024;
/// Deepest nesting.
const DEEPEST: usize = 24;
/// Most values of one document.
const MOST_NODES: usize = 500_000;
/// Most keys of one map: they are looked up one after the other.
const MOST_KEYS: usize = 20_000;

/// Reads a YAML document; an empty one is an empty map.
///
/// Anchors, aliases, tags and further documents are refused, so that a document is no larger
/// than its text; keys are scalars and stand once.
pub fn read_yaml(bytes: &[u8]) -> Result<Node, Vec<Fault>> {
    if bytes.len() > LARGEST {
        return Err(vec![Fault::new("", format!("is larger than {LARGEST} bytes"))]);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let line = 1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count();
        vec![Fault::new("", format!("is not UTF-8 from byte {at} on")).at_line(Some(line))]
    })?;
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = 2 * DEEPEST;
    options.block_nesting_limit = 2 * DEEPEST;
    let parser = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader { text, parser, nodes: 0, faults: Vec::new() };
    match reader.document() {
        Ok(node) if reader.faults.is_empty() => Ok(node),
        Ok(_) => Err(reader.faults),
        Err(fault) => {
            reader.faults.push(fault);
            Err(reader.faults)
        }
    }
}

/// Where comments begin in a text, in bytes.
pub(super) fn comments(text: &str) -> impl Iterator<Item = usize> {
    let parser = Parser::new_from_str_with_options(text, Options::default());
    let steps = parser.map_while(Result::ok);
    steps.filter_map(|(event, span)| match event {
        Event::Comment(..) => span.byte_range().map(|it| it.start),
        _ => None,
    })
}

struct Reader<'a> {
    text: &'a str,
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    nodes: usize,
    /// Faults that do not stop the reading: keys that stand twice.
    faults: Vec<Fault>,
}

type Step<'a> = (Event<'a>, Span);

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Node, Fault> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentEnd | Event::Comment(..) => {}
                Event::DocumentStart(..) if root.is_some() => {
                    return Err(fault(&span, "only one document is meant to be here"));
                }
                Event::DocumentStart(..) => {}
                Event::StreamEnd => break,
                event => root = Some(self.node((event, span), &Path::default(), 0)?),
            }
        }
        Ok(match root {
            None => Node::map([]),
            Some(root) if root.is_null() => Node::map([]),
            Some(root) => root,
        })
    }

    fn next(&mut self) -> Result<Step<'a>, Fault> {
        match self.parser.next() {
            Some(step) => step.map_err(|error| unreadable(&error)),
            None => Err(Fault::new("", "ends early")),
        }
    }

    fn node(&mut self, step: Step<'a>, path: &Path<'_>, depth: usize) -> Result<Node, Fault> {
        let (event, span) = step;
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return Err(fault(&span, format!("has more than {MOST_NODES} values")));
        }
        if depth > DEEPEST {
            return Err(fault(&span, format!("is nested deeper than {DEEPEST} levels")));
        }
        let line = Some(span.start.line());
        let range = span.byte_range();
        let (value, block, end) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                refuse_extras(&span, anchor, tag.is_some())?;
                let plain = style == ScalarStyle::Plain;
                let style = if plain { Style::Plain } else { Style::Quoted };
                let scalar = Scalar { text: text.into_owned(), style };
                (Value::Scalar(scalar), false, range.as_ref().map(|it| it.end))
            }
            Event::SequenceStart(style, anchor, tag) => {
                refuse_extras(&span, anchor, tag.is_some())?;
                let block = style == StructureStyle::Block;
                let (items, end) = self.items(path, depth, block)?;
                (Value::List(items), block, end)
            }
            Event::MappingStart(style, anchor, tag) => {
                refuse_extras(&span, anchor, tag.is_some())?;
                let block = style == StructureStyle::Block;
                let (entries, end) = self.entries(path, depth, block)?;
                (Value::Map(entries), block, end)
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                return Err(fault(&span, "aliases are not supported: write the value out"));
            }
            _ => return Err(fault(&span, "a value is missing here")),
        };
        let span = range.zip(end).and_then(|(range, end)| self.trimmed(range.start, end));
        Ok(Node { value, line, span, block })
    }

    fn items(
        &mut self,
        path: &Path<'_>,
        depth: usize,
        block: bool,
    ) -> Result<(Vec<Node>, Option<usize>), Fault> {
        let (mut items, mut end) = (Vec::new(), None);
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Ok((items, ended(&span, block, end)));
            }
            let item = self.node((event, span), &path.index(items.len()), depth + 1)?;
            end = item.span.as_ref().map(|it| it.end).max(end);
            items.push(item);
        }
    }

    fn entries(
        &mut self,
        path: &Path<'_>,
        depth: usize,
        block: bool,
    ) -> Result<(Vec<Entry>, Option<usize>), Fault> {
        let (mut entries, mut end) = (Vec::<Entry>::new(), None);
        let mut lines: HashMap<String, usize> = HashMap::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => {
                    return Ok((entries, ended(&span, block, end)));
                }
                Event::Scalar(text, _, anchor, tag) => {
                    refuse_extras(&span, anchor, tag.is_some())?;
                    text.into_owned()
                }
                _ => return Err(fault(&span, "a key has to be a single word")),
            };
            let place = path.key(&key);
            if lines.len() >= MOST_KEYS {
                return Err(fault(&span, format!("is in a map of more than {MOST_KEYS} keys")));
            }
            let value = self.next()?;
            let node = self.node(value, &place, depth + 1)?;
            let value = node.span.as_ref().filter(|it| !it.is_empty()).map(|it| it.end);
            end = value.or(span.byte_range().map(|it| it.end)).max(end);
            let line = span.start.line();
            match lines.insert(key.clone(), line) {
                Some(first) => {
                    let text = format!("stands twice; first in line {first}");
                    self.faults.push(Fault::new(place.to_string(), text).at_line(Some(line)));
                }
                None => entries.push(Entry { key, node, key_span: span.byte_range() }),
            }
        }
    }

    /// The part of a text without the blanks behind it.
    fn trimmed(&self, start: usize, end: usize) -> Option<std::ops::Range<usize>> {
        let covered = self.text.get(start..end)?;
        Some(start..start + covered.trim_end().len())
    }
}

/// Where a collection ends: with its last value, since a block's end event comes at what follows
/// it, comments in between; one in flow style has its bracket.
fn ended(span: &Span, block: bool, last: Option<usize>) -> Option<usize> {
    match block && last.is_some() {
        true => last,
        false => span.byte_range().map(|it| it.end).max(last),
    }
}

fn refuse_extras(span: &Span, anchor: usize, tagged: bool) -> Result<(), Fault> {
    if anchor != 0 {
        return Err(fault(span, "anchors are not supported: write the value out"));
    }
    if tagged {
        return Err(fault(span, "tags are not supported"));
    }
    Ok(())
}

fn fault(span: &Span, message: impl Into<String>) -> Fault {
    Fault::new("", message).at_line(Some(span.start.line()))
}

fn unreadable(error: &ScanError) -> Fault {
    let column = error.marker().col() + 1;
    let message = format!("is no YAML at column {column}: {}", error.info());
    Fault::new("", message).at_line(Some(error.marker().line()))
}

/// JSON values become trees without lines; a key that stands twice is refused.
impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::string(text))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Node, E> {
        Ok(Node::plain(truth.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::plain(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::plain(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        Ok(Node::plain(number.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::null())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::list(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let (mut entries, mut keys) = (Vec::new(), HashSet::new());
        while let Some((key, node)) = map.next_entry::<String, Node>()? {
            if !keys.insert(key.clone()) {
                return Err(A::Error::custom(format_args!("the key `{key}` stands twice")));
            }
            if keys.len() > MOST_KEYS {
                return Err(A::Error::custom(format_args!("a map has more than {MOST_KEYS} keys")));
            }
            entries.push(Entry { key, node, key_span: None });
        }
        Ok(Node::new(Value::Map(entries)))
    }
}
