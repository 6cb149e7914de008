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
        self.text.push_str(&format!("<{name}>{}</{name}>", exact(text)));
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

/// Text that reads as the same text, or is refused: a key that was decided must not turn into
/// another one on its way. A bare carriage return is a line feed to readers; what XML 1.0 cannot
/// hold at all S3 writes by number too.
fn exact(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for letter in escape(text).chars() {
        match letter {
            '\r' => written.push_str("&#13;"),
            letter if is_xml_letter(letter) => written.push(letter),
            letter => written.push_str(&format!("&#{};", u32::from(letter))),
        }
    }
    written
}

/// The characters that XML 1.0 can hold at all, escaped or not.
pub(super) fn is_xml_letter(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r')
        || letter >= ' ' && !matches!(letter, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_the_text_that_it_is() {
        let mut xml = Writer::new("A");
        xml.nested("B", |xml| xml.element("C", "<&>\" \r\n\t\u{1}é\u{fffe}"));
        xml.optional("D", None);
        let written = String::from_utf8(xml.finish().to_vec()).unwrap();
        let expected = "<B><C>&lt;&amp;&gt;&quot; &#13;\n\t&#1;é&#65534;</C></B></A>";
        assert!(written.ends_with(expected), "{written}");
    }
}
