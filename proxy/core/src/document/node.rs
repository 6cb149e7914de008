//! The tree.

use std::ops::Range;

/// A value with its place in the text that it came from.
#[derive(Clone, Debug)]
pub struct Node {
    /// What stands there.
    pub value: Value,
    /// Line in the text, from 1.
    pub line: Option<usize>,
    /// Bytes of the text that it covers; blank space after it is not counted.
    pub(super) span: Option<Range<usize>>,
    /// Whether a collection is in block style, the only one that edits go into.
    pub(super) block: bool,
}

/// Equal when they say the same, wherever they stand.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Value {
    /// Text, number, truth value or nothing.
    Scalar(Scalar),
    /// In order.
    List(Vec<Node>),
    /// In order, each key once.
    Map(Vec<Entry>),
}

/// Maps are equal whatever the order of their keys.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Scalar(one), Self::Scalar(other)) => one == other,
            (Self::List(one), Self::List(other)) => one == other,
            (Self::Map(one), Self::Map(other)) => {
                let find = |key: &str| other.iter().find(|entry| entry.key == key);
                one.len() == other.len()
                    && one
                        .iter()
                        .all(|entry| find(&entry.key).is_some_and(|it| it.node == entry.node))
            }
            _ => false,
        }
    }
}

/// A scalar as text.
#[derive(Clone)]
pub struct Scalar {
    /// The text, escapes resolved.
    pub text: String,
    /// How it was written.
    pub style: Style,
}

/// How a scalar was written, and so what it may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes, or a JSON value that is no string: may be a number, a truth value, nothing.
    Plain,
    /// A string.
    Quoted,
    /// What references expanded to: fills a field of any kind, and is never nothing.
    Expanded,
}

/// Equal when they mean the same, with quotes or without.
impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        let string = |it: &Self| !it.is_null() && it.truth().is_none() && it.integer().is_none();
        match (self.is_null(), other.is_null()) {
            (true, true) => true,
            (false, false) => self.text == other.text && string(self) == string(other),
            _ => false,
        }
    }
}

/// The text may be a secret.
impl std::fmt::Debug for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scalar({} bytes)", self.text.len())
    }
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Its value.
    pub node: Node,
    /// Bytes of the key in the text.
    pub(super) key_span: Option<Range<usize>>,
}

impl Node {
    /// A node of no text.
    pub fn new(value: Value) -> Self {
        Self { value, line: None, span: None, block: true }
    }

    /// A string.
    pub fn string(text: impl Into<String>) -> Self {
        Self::new(Value::Scalar(Scalar { text: text.into(), style: Style::Quoted }))
    }

    /// A scalar that is written without quotes: a number, a truth value or `null`.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(Value::Scalar(Scalar { text: text.into(), style: Style::Plain }))
    }

    /// The same node at a line of a text.
    pub fn at_line(mut self, line: Option<usize>) -> Self {
        self.line = line;
        self
    }

    /// Nothing.
    pub fn null() -> Self {
        Self::plain("null")
    }

    /// A map of the given entries.
    pub fn map(entries: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        let entry = |(key, node): (&str, Self)| Entry { key: key.into(), node, key_span: None };
        Self::new(Value::Map(entries.into_iter().map(entry).collect()))
    }

    /// A list of the given items.
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Value::List(items.into_iter().collect()))
    }

    /// Whether it is nothing: absent after a key, `~` or `null`.
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(Scalar::is_null)
    }

    /// The scalar that it is.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Text of a scalar that is not null.
    pub fn text(&self) -> Option<&str> {
        self.scalar().filter(|it| !it.is_null()).map(|it| it.text.as_str())
    }

    /// Entries of a map; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Scalar(_) | Value::List(_) => &[],
        }
    }

    /// Items of a list; none for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Scalar(_) | Value::Map(_) => &[],
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match &mut self.value {
            Value::Map(entries) => {
                entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.node)
            }
            Value::Scalar(_) | Value::List(_) => None,
        }
    }

    /// Sets a key; what is no map becomes one.
    pub fn set(&mut self, key: &str, node: Self) {
        if let Some(held) = self.get_mut(key) {
            *held = node;
            return;
        }
        let entry = Entry { key: key.to_owned(), node, key_span: None };
        match &mut self.value {
            Value::Map(entries) => entries.push(entry),
            Value::Scalar(_) | Value::List(_) => self.value = Value::Map(vec![entry]),
        }
    }

    /// Removes a key.
    pub fn remove(&mut self, key: &str) {
        if let Value::Map(entries) = &mut self.value {
            entries.retain(|entry| entry.key != key);
        }
    }

    /// What it is called in messages.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar(scalar) if scalar.is_null() => "nothing",
            Value::Scalar(_) => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

impl Scalar {
    /// Whether it is nothing.
    pub fn is_null(&self) -> bool {
        self.style == Style::Plain
            && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// The truth value that it is.
    pub fn truth(&self) -> Option<bool> {
        match self.text.as_str() {
            "true" | "True" | "TRUE" if self.style != Style::Quoted => Some(true),
            "false" | "False" | "FALSE" if self.style != Style::Quoted => Some(false),
            _ => None,
        }
    }

    /// The whole number that it is.
    pub fn integer(&self) -> Option<i64> {
        let number: i64 = self.text.parse().ok().filter(|_| self.style != Style::Quoted)?;
        // `007` is a name, and would come back as another one.
        (number.to_string() == self.text).then_some(number)
    }
}
