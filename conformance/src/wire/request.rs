//! One request as it will stand on the wire; nothing is normalised behind a scenario's back.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const RESERVED_BUT_SLASH: &AsciiSet = &RESERVED.remove(b'/');

/// Method, target, headers and body, each exactly as sent.
#[derive(Debug, Clone)]
pub struct Request {
    /// Method.
    pub method: String,
    /// Path, percent-encoded.
    pub path: String,
    /// Parameters in the order sent, percent-encoded.
    pub query: Vec<(String, String)>,
    /// Header lines in the order sent; names may repeat.
    pub headers: Vec<(String, String)>,
    /// Body; its length is announced unless a header says otherwise.
    pub body: Vec<u8>,
}

impl Request {
    /// A request for a key in its canonical encoding, with its `Host`.
    pub fn new(method: &str, bucket: &str, key: &str, host: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: format!("/{bucket}/{}", encode_key(key)),
            query: Vec::new(),
            headers: vec![("host".to_owned(), host.to_owned())],
            body: Vec::new(),
        }
    }

    /// Adds a parameter, encoding its value.
    #[must_use]
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), encode(value)));
        self
    }

    /// Adds a header line.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn holding(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The value of the first header line of that name, to be changed.
    pub fn header_mut(&mut self, name: &str) -> Option<&mut String> {
        self.headers.iter_mut().find(|(held, _)| held == name).map(|(_, value)| value)
    }

    /// The value of a parameter, to be changed.
    pub fn parameter_mut(&mut self, name: &str) -> Option<&mut String> {
        self.query.iter_mut().find(|(held, _)| held == name).map(|(_, value)| value)
    }

    /// Path and query as they stand in the request line.
    pub fn target(&self) -> String {
        let pairs: Vec<String> =
            self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let question = if pairs.is_empty() { "" } else { "?" };
        format!("{}{question}{}", self.path, pairs.join("&"))
    }

    /// The bytes to send; the connection ends with the answer.
    pub fn bytes(&self, scenario: &str) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target());
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("user-agent: conformance-{scenario}\r\n"));
        let framed = self.headers.iter().any(|(name, _)| {
            name.eq_ignore_ascii_case("content-length")
                || name.eq_ignore_ascii_case("transfer-encoding")
        });
        if !framed && (!self.body.is_empty() || matches!(self.method.as_str(), "PUT" | "POST")) {
            text.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        text.push_str("connection: close\r\n\r\n");
        [text.as_bytes(), &self.body].concat()
    }
}

/// A parameter's name or value in its canonical encoding.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A key in its canonical encoding, its slashes kept.
pub fn encode_key(key: &str) -> String {
    utf8_percent_encode(key, RESERVED_BUT_SLASH).to_string()
}
