//! Pages of listed origins may call the S3 port; nobody else's browser is told so.

use deltaglider_core::s3::{S3Error, S3ErrorCode};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderName, HeaderValue, ORIGIN, VARY,
};
use http::{HeaderMap, Response};

use super::{Body, whole};
use crate::config::CorsOrigins;

const METHODS: &str = "GET, HEAD, PUT, POST, DELETE";
/// Seconds that a browser may remember a leave: an origin that is taken off the list loses it.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");
/// What a page may read besides `x-amz-*`; a wildcard would not cover those.
const EXPOSED: &[&str] = &[
    "accept-ranges",
    "content-disposition",
    "content-encoding",
    "content-length",
    "content-range",
    "date",
    "etag",
    "last-modified",
    "retry-after",
];

/// Answers a preflight by the list alone: it has no signature, and never reaches a store.
pub(super) fn preflight(
    origins: &CorsOrigins,
    headers: &HeaderMap,
) -> Result<Response<Body>, S3Error> {
    let missing = |text| S3Error::new(S3ErrorCode::BadRequest, text);
    let forbidden = |text| S3Error::new(S3ErrorCode::AccessForbidden, text);
    let method = headers.get(ACCESS_CONTROL_REQUEST_METHOD);
    let method = method.ok_or_else(|| missing("a preflight names the method that it asks for"))?;
    if !headers.contains_key(ORIGIN) {
        return Err(missing("a preflight names the origin that asks"));
    }
    if allowed(origins, headers).is_none() {
        return Err(forbidden("this origin is not among those that pages may call from"));
    }
    if !METHODS.split(", ").any(|known| known.as_bytes() == method.as_bytes()) {
        return Err(forbidden("pages may not call with this method"));
    }
    let mut response = Response::new(whole(bytes::Bytes::new()));
    let answer = response.headers_mut();
    answer.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    answer.insert(ACCESS_CONTROL_MAX_AGE, REMEMBERED);
    if let Some(asked) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        let names = header_names(asked)
            .ok_or_else(|| missing("a preflight lists names of headers, and nothing else"))?;
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, names);
    }
    let varies = "Access-Control-Request-Method, Access-Control-Request-Headers";
    answer.append(VARY, HeaderValue::from_static(varies));
    Ok(response)
}

/// Tells the browser whether the page that asked may read this answer.
pub(super) fn mark(origins: &CorsOrigins, request: &HeaderMap, answer: &mut HeaderMap) {
    if matches!(origins, CorsOrigins::Listed(list) if !list.is_empty()) {
        answer.append(VARY, HeaderValue::from_static("Origin"));
    }
    let Some(origin) = allowed(origins, request) else { return };
    let of_s3 = answer.keys().map(HeaderName::as_str).filter(|name| name.starts_with("x-amz-"));
    let exposed: Vec<&str> = EXPOSED.iter().copied().chain(of_s3).collect();
    if let Ok(exposed) = HeaderValue::from_str(&exposed.join(", ")) {
        answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
}

/// The origin to name, where the request has one and it is on the list.
fn allowed(origins: &CorsOrigins, headers: &HeaderMap) -> Option<HeaderValue> {
    let mut values = headers.get_all(ORIGIN).iter();
    let (Some(origin), None) = (values.next(), values.next()) else { return None };
    match origins {
        CorsOrigins::Any => Some(HeaderValue::from_static("*")),
        CorsOrigins::Listed(list) => {
            list.iter().any(|known| known.as_bytes() == origin.as_bytes()).then(|| origin.clone())
        }
    }
}

/// The list again, once every part of it is a header's name.
fn header_names(asked: &HeaderValue) -> Option<HeaderValue> {
    let text = asked.to_str().ok()?;
    let name = |part: &str| part.trim().parse::<HeaderName>().ok().map(|name| name.to_string());
    let names: Option<Vec<String>> =
        text.split(',').filter(|part| !part.trim().is_empty()).map(name).collect();
    HeaderValue::from_str(&names?.join(", ")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| (name.parse().unwrap(), value.parse().unwrap());
        pairs.iter().map(pair).collect::<HeaderMap>()
    }

    fn listed() -> CorsOrigins {
        CorsOrigins::Listed(vec!["https://app.example".into()])
    }

    #[test]
    fn an_origin_is_on_the_list_as_it_stands_or_not_at_all() {
        for origin in ["https://app.example", "https://APP.example", "http://app.example", "null"] {
            let mut answer = HeaderMap::new();
            mark(&listed(), &map(&[("origin", origin)]), &mut answer);
            let named = answer.get(ACCESS_CONTROL_ALLOW_ORIGIN).map(|it| it.to_str().unwrap());
            assert_eq!(named, (origin == "https://app.example").then_some(origin));
            assert_eq!(answer.get(VARY).unwrap(), "Origin");
        }
        let twice = map(&[("origin", "https://app.example"), ("origin", "https://evil.example")]);
        let mut answer = HeaderMap::new();
        mark(&listed(), &twice, &mut answer);
        assert!(!answer.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    }

    #[test]
    fn without_a_list_nobody_is_told_anything() {
        let mut answer = HeaderMap::new();
        mark(&CorsOrigins::default(), &map(&[("origin", "https://a.example")]), &mut answer);
        assert!(answer.is_empty());
    }

    #[test]
    fn any_origin_is_a_star_and_never_a_name() {
        let mut answer = HeaderMap::new();
        mark(&CorsOrigins::Any, &map(&[("origin", "https://a.example")]), &mut answer);
        assert_eq!(answer.get(ACCESS_CONTROL_ALLOW_ORIGIN).unwrap(), "*");
    }

    #[test]
    fn a_preflight_asks_for_names_of_headers_alone() {
        let ask = |headers: &str| {
            let pairs = [
                ("origin", "https://app.example"),
                ("access-control-request-method", "PUT"),
                ("access-control-request-headers", headers),
            ];
            preflight(&listed(), &map(&pairs)).map(|it| {
                it.headers().get(ACCESS_CONTROL_ALLOW_HEADERS).unwrap().to_str().unwrap().to_owned()
            })
        };
        assert_eq!(ask("X-Amz-Date,authorization").unwrap(), "x-amz-date, authorization");
        assert!(ask("a b").is_err() && ask("<script>").is_err());
    }
}
