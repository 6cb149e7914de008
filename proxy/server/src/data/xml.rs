//! Documents that the proxy writes itself.

use bytes::Bytes;
use quick_xml::escape::escape;

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// Writes elements in order; text is escaped.
pub(super) struct Writer {
    text: String,
    root: &'static str,
}

impl Writer {
    pub(super) fn new(root: &'static str) -> Self {
        let text =
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{NAMESPACE}\">");
        Self { text, root }
    }

    pub(super) fn element(&mut self, name: &str, text: &str) {
        let text = text.replace(|letter| !is_xml_letter(letter), "\u{fffd}");
        self.text.push_str(&format!("<{name}>{}</{name}>", escape(text.as_str())));
    }

    pub(super) fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.element(name, text);
        }
    }

    pub(super) fn nested(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.text.push_str(&format!("<{name}>"));
        write(self);
        self.text.push_str(&format!("</{name}>"));
    }

    pub(super) fn finish(mut self) -> Bytes {
        self.text.push_str(&format!("</{}>", self.root));
        self.text.into()
    }
}

/// The characters that XML 1.0 can hold at all, escaped or not.
pub(super) fn is_xml_letter(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r')
        || letter >= ' ' && !matches!(letter, '\u{fffe}' | '\u{ffff}')
}
