//! What a browser is told after its form was stored: the document, or the page, that it asked for.

use bytes::Bytes;
use deltaglider_core::s3::{FormFields, encode_segment};
use http::header::{CONTENT_TYPE, ETAG, HeaderValue, LOCATION};
use http::{HeaderMap, Response, StatusCode, Uri};
use quick_xml::escape::escape;

use crate::data::{Body, respond, whole};

/// Where the object is, as its client reaches it.
pub(super) struct Place<'a> {
    pub(super) url: String,
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
}

/// The answer to a stored form; `stored` is what the store said of the upload.
pub(super) fn stored(
    fields: &FormFields,
    place: &Place<'_>,
    stored: Response<Body>,
) -> Response<Body> {
    let stored = respond::from_store(stored);
    let mut headers: HeaderMap = stored.headers().clone();
    for name in [http::header::CONTENT_LENGTH, CONTENT_TYPE] {
        headers.remove(name);
    }
    let etag = headers.get(ETAG).and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned();
    let (status, document, location) = match redirect(fields, place, &etag) {
        Some(url) => (StatusCode::SEE_OTHER, Bytes::new(), url),
        None => match fields.get("success_action_status") {
            Some("200") => (StatusCode::OK, Bytes::new(), place.url.clone()),
            Some("201") => (StatusCode::CREATED, document(place, &etag), place.url.clone()),
            _ => (StatusCode::NO_CONTENT, Bytes::new(), place.url.clone()),
        },
    };
    if let Ok(location) = HeaderValue::from_str(&location) {
        headers.insert(LOCATION, location);
    }
    if !document.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    }
    let mut response = Response::new(whole(document));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// The page to go on to, told where the object is. What is no URL is as good as not there.
fn redirect(fields: &FormFields, place: &Place<'_>, etag: &str) -> Option<String> {
    let text = fields.get("success_action_redirect").or_else(|| fields.get("redirect"))?;
    let page = text.split('#').next().unwrap_or_default();
    let uri: Uri = page.parse().ok()?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return None;
    }
    let sign = if uri.query().is_some() { '&' } else { '?' };
    let encode = encode_segment;
    Some(format!(
        "{page}{sign}bucket={}&key={}&etag={}",
        encode(place.bucket),
        encode(place.key),
        encode(etag)
    ))
}

fn document(place: &Place<'_>, etag: &str) -> Bytes {
    let element = |name: &str, text: &str| {
        let text = text.replace(|letter| !crate::data::is_xml_letter(letter), "\u{fffd}");
        format!("<{name}>{}</{name}>", escape(text.as_str()))
    };
    let inside = [
        element("Location", &place.url),
        element("Bucket", place.bucket),
        element("Key", place.key),
        element("ETag", etag),
    ];
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    Bytes::from(format!("{head}<PostResponse>{}</PostResponse>", inside.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(pairs: &[(&str, &str)]) -> Response<Body> {
        let mut fields = FormFields::default();
        for (name, value) in pairs {
            fields.add(name, (*value).to_owned()).unwrap();
        }
        let mut answer = Response::new(whole(Bytes::new()));
        answer.headers_mut().insert(ETAG, HeaderValue::from_static("\"e\""));
        let url = "http://h/b/a%26b".to_owned();
        stored(&fields, &Place { url, bucket: "b", key: "a&b" }, answer)
    }

    fn location(pairs: &[(&str, &str)]) -> String {
        answer(pairs).headers().get(LOCATION).unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn the_status_is_the_one_asked_for_among_three() {
        for (asked, status) in [("200", 200), ("201", 201), ("204", 204), ("404", 204), ("", 204)] {
            assert_eq!(answer(&[("success_action_status", asked)]).status(), status, "{asked}");
        }
        assert_eq!(answer(&[]).status(), 204);
    }

    #[test]
    fn the_next_page_is_told_what_was_stored() {
        let pairs = [("success_action_redirect", "https://app.example/done?x=1#top")];
        assert_eq!(answer(&pairs).status(), 303);
        let told = "https://app.example/done?x=1&bucket=b&key=a%26b&etag=%22e%22";
        assert_eq!(location(&pairs), told);
    }

    #[test]
    fn what_is_no_page_is_as_good_as_not_there() {
        for text in ["javascript:alert(1)", "/relative", "", "https://a b/", "http://a/\r\nx: y"] {
            let pairs = [("success_action_redirect", text)];
            assert_eq!(
                (answer(&pairs).status(), location(&pairs)),
                (StatusCode::NO_CONTENT, "http://h/b/a%26b".into()),
                "{text}"
            );
        }
    }
}
