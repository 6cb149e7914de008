//! Answers: the store's, and our own as S3 XML.

use bytes::Bytes;
use deltaglider_core::s3::{S3Error, S3ErrorCode};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, Response, StatusCode};
use quick_xml::escape::escape;

use super::xml::is_xml_letter;
use super::{Body, headers, whole};

/// The store's answer with the headers that travel.
pub(super) fn from_store(answer: Response<Body>) -> Response<Body> {
    let (mut parts, body) = answer.into_parts();
    parts.headers = headers::returned(&parts.headers);
    parts.extensions = http::Extensions::new();
    // The store's own version says nothing about this connection.
    parts.version = http::Version::HTTP_11;
    Response::from_parts(parts, body)
}

/// A document that the proxy wrote.
pub(super) fn document(text: Bytes) -> Response<Body> {
    let mut response = Response::new(whole(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

/// Our own refusal; a HEAD has status and headers only.
pub(super) fn refusal(
    error: &S3Error,
    method: &Method,
    resource: &str,
    request_id: &str,
) -> Response<Body> {
    let xml = error_xml(error, resource, request_id);
    let mut response =
        Response::new(whole(if *method == Method::HEAD { String::new() } else { xml.clone() }));
    *response.status_mut() = error.status();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    if *method == Method::HEAD {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(xml.len()));
    }
    if error.code == S3ErrorCode::SlowDown {
        headers.insert("retry-after", HeaderValue::from_static("1"));
    }
    response
}

/// What every answer of the S3 port carries (INT-24, INT-25); objects that share their origin
/// with the admin may not act as its pages.
pub(super) fn stamp(response: &mut Response<Body>, request_id: &str, shares_origin: bool) {
    let headers: &mut HeaderMap = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amz-request-id", id.clone());
        headers.insert("x-amz-id-2", id);
    }
    headers.insert("server", HeaderValue::from_static("deltaglider_proxy"));
    if !shares_origin {
        return;
    }
    headers.insert("content-security-policy", HeaderValue::from_static("sandbox"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
}

/// The status that access logs show for a refusal.
pub(super) fn is_server_fault(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
}

fn error_xml(error: &S3Error, resource: &str, request_id: &str) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
    let mut element = |name: &str, text: &str| {
        let text = text.replace(|letter| !is_xml_letter(letter), "\u{fffd}");
        xml.push_str(&format!("<{name}>{}</{name}>", escape(text.as_str())));
    };
    element("Code", error.code.as_str());
    element("Message", &error.message);
    element("Resource", resource);
    element("RequestId", request_id);
    for (name, text) in &error.details {
        element(name, text);
    }
    xml.push_str("</Error>");
    xml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sent_cannot_become_markup() {
        let mut error = S3Error::new(S3ErrorCode::AccessDenied, "no <b>");
        error.details = vec![("StringToSign", "a\u{1}&\n".into())];
        let xml = error_xml(&error, "/b/<script>", "ID");
        assert!(xml.contains("<Message>no &lt;b&gt;</Message>"), "{xml}");
        assert!(xml.contains("<Resource>/b/&lt;script&gt;</Resource>"), "{xml}");
        assert!(xml.contains("<StringToSign>a\u{fffd}&amp;\n</StringToSign>"), "{xml}");
        crate::data::document::check_xml(xml.as_bytes()).unwrap();
    }

    #[test]
    fn slow_down_says_when_to_come_back() {
        let slow = S3Error::new(S3ErrorCode::SlowDown, "x");
        let answer = refusal(&slow, &Method::PUT, "/", "ID");
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers().get("retry-after").unwrap(), "1");
    }
}
