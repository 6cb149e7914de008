//! One request to the subject and the answer it gave, as evidence.

use bytes::Bytes;
use http::HeaderMap;

/// One request and its answer.
#[derive(Debug, Clone, Default)]
pub struct Exchange {
    /// Request line and headers as sent, one a line; secrets are taken out when it is shown.
    pub request: String,
    /// Status of the final answer.
    pub status: u16,
    /// Headers of the final answer.
    pub headers: HeaderMap,
    /// Body of the final answer; empty where the step streamed it elsewhere.
    pub body: Bytes,
}

impl Exchange {
    /// The `<Code>` of an S3 XML error body.
    pub fn code(&self) -> Option<&str> {
        self.element("Code")
    }

    /// The `<Message>` of an S3 XML error body.
    pub fn message(&self) -> Option<&str> {
        self.element("Message")
    }

    /// Text of the first XML element of that name in the body.
    pub fn element(&self, name: &str) -> Option<&str> {
        let body = std::str::from_utf8(&self.body).ok()?;
        let (_, rest) = body.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
    }

    /// A header of the answer, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Both sides as text, without signatures, tokens or long bodies.
    pub fn redacted(&self) -> String {
        let mut text = String::new();
        for line in self.request.lines() {
            text.push_str("> ");
            text.push_str(&redact_line(line));
            text.push('\n');
        }
        text.push_str(&format!("< {}\n", self.status));
        for (name, value) in &self.headers {
            text.push_str(&format!("< {name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
        }
        let body: String = String::from_utf8_lossy(&self.body).chars().take(SHOWN_BODY).collect();
        if !body.is_empty() {
            text.push_str(&format!("< \n< {body}\n"));
        }
        text
    }
}

/// Characters of a body that a report shows.
const SHOWN_BODY: usize = 600;

/// Cuts signature values, whose repetition would be a usable request, out of a line.
fn redact_line(line: &str) -> String {
    let mut out = line.to_owned();
    for marker in ["Signature=", "X-Amz-Signature=", "X-Amz-Security-Token="] {
        if let Some((head, rest)) = out.clone().split_once(marker) {
            let tail = rest.find(['&', ' ', ',']).and_then(|at| rest.get(at..)).unwrap_or("");
            out = format!("{head}{marker}…{tail}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_an_xml_error_is_found() {
        let exchange = Exchange {
            body: Bytes::from_static(
                b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>",
            ),
            ..Exchange::default()
        };
        assert_eq!(exchange.code(), Some("AccessDenied"));
        assert_eq!(exchange.message(), Some("no"));
        assert_eq!(exchange.element("Resource"), None);
    }

    #[test]
    fn evidence_shows_no_signature() {
        let exchange = Exchange {
            request: "GET /b/k?X-Amz-Signature=abcdef0123&x-id=GetObject HTTP/1.1\n\
                      authorization: AWS4-HMAC-SHA256 Credential=k, Signature=abcdef0123"
                .to_owned(),
            status: 403,
            ..Exchange::default()
        };
        let shown = exchange.redacted();
        assert!(!shown.contains("abcdef0123"), "{shown}");
        assert!(shown.contains("&x-id=GetObject HTTP/1.1"), "{shown}");
    }
}
