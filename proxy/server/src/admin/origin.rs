//! Calls from other sites' pages are refused; a bare curl, which names no origin, is not.

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What the listener itself speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// Plain, and then perhaps behind a proxy that ends TLS: an `https` origin passes too.
    Http,
    /// TLS: no page of a plain origin may call.
    Https,
}

/// Why a state-changing call is refused with 403.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum CrossOrigin {
    /// The browser itself says that the page is another site's.
    #[error("the call comes from another site (Sec-Fetch-Site)")]
    FetchSite,
    /// Another origin, `null`, several, or none that can be read.
    #[error("the call comes from another origin than this host (Origin)")]
    Origin,
}

/// Admits safe methods, the page's own origin, and clients that are no browser.
pub(crate) fn check_origin(
    method: &Method,
    headers: &HeaderMap,
    served: Scheme,
) -> Result<(), CrossOrigin> {
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(method) {
        return Ok(());
    }
    match single(headers, &SEC_FETCH_SITE) {
        Presence::None => {}
        Presence::One(site) if site == "same-origin" || site == "none" => {}
        _ => return Err(CrossOrigin::FetchSite),
    }
    match single(headers, &ORIGIN) {
        Presence::None => Ok(()),
        Presence::One(origin) if is_own(origin, headers, served) => Ok(()),
        _ => Err(CrossOrigin::Origin),
    }
}

/// Whether the origin is the host that the request was sent to.
fn is_own(origin: &HeaderValue, headers: &HeaderMap, served: Scheme) -> bool {
    let Presence::One(host) = single(headers, &HOST) else { return false };
    let (Ok(origin), Ok(host)) = (origin.to_str(), host.to_str()) else { return false };
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let default_port = match scheme.to_ascii_lowercase().as_str() {
        "https" => 443,
        "http" if served == Scheme::Http => 80,
        _ => return false,
    };
    // A browser leaves out the same port in both headers: that of the page's scheme.
    match (Authority::parse(authority, default_port), Authority::parse(host, default_port)) {
        (Some(origin), Some(host)) => {
            origin.port == host.port && origin.host.eq_ignore_ascii_case(host.host)
        }
        _ => false,
    }
}

struct Authority<'a> {
    host: &'a str,
    port: u16,
}

impl<'a> Authority<'a> {
    /// A name, IPv4 or bracketed IPv6 address, and perhaps a port; nothing else.
    fn parse(text: &'a str, default_port: u16) -> Option<Self> {
        let (host, port) = match text.rfind(':') {
            Some(colon) if !text.ends_with(']') => {
                (text.get(..colon)?, Some(text.get(colon + 1..)?))
            }
            _ => (text, None),
        };
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let sound = match bare {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.bytes().all(in_name),
        };
        let port = match port {
            Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => port.parse().ok()?,
            Some(_) => return None,
            None => default_port,
        };
        sound.then_some(Self { host, port })
    }
}

fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
}

enum Presence<'a> {
    None,
    One(&'a HeaderValue),
    Several,
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Presence<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Presence::None,
        (Some(value), None) => Presence::One(value),
        _ => Presence::Several,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CrossOrigin::{FetchSite, Origin};

    fn post(lines: &[(&str, &str)], served: Scheme) -> Result<(), CrossOrigin> {
        check_origin(&Method::POST, &headers(lines), served)
    }

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let line = |(name, value): &(&str, &str)| {
            (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap())
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn a_client_that_is_no_browser_is_admitted() {
        assert_eq!(post(&[("host", "a.example")], Scheme::Http), Ok(()));
        assert_eq!(post(&[], Scheme::Https), Ok(()));
    }

    #[test]
    fn only_methods_that_change_nothing_go_unasked() {
        let foreign = headers(&[
            ("host", "a.example"),
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ]);
        for safe in [Method::GET, Method::HEAD, Method::OPTIONS] {
            assert_eq!(check_origin(&safe, &foreign, Scheme::Https), Ok(()), "{safe}");
        }
        let lower = Method::from_bytes(b"get").unwrap();
        for other in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, lower] {
            assert!(check_origin(&other, &foreign, Scheme::Https).is_err(), "{other}");
        }
    }

    #[test]
    fn the_browsers_own_word_is_taken() {
        for good in ["same-origin", "none"] {
            assert_eq!(post(&[("sec-fetch-site", good)], Scheme::Http), Ok(()), "{good}");
        }
        for bad in ["same-site", "cross-site", "", "Same-Origin", "same-origin, none", "x"] {
            assert_eq!(post(&[("sec-fetch-site", bad)], Scheme::Http), Err(FetchSite), "{bad}");
        }
        let twice = [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-origin")];
        assert_eq!(post(&twice, Scheme::Http), Err(FetchSite));
        let own = [("host", "a.example"), ("origin", "http://a.example")];
        let lied = [own[0], own[1], ("sec-fetch-site", "cross-site")];
        assert_eq!(post(&own, Scheme::Http), Ok(()));
        assert_eq!(post(&lied, Scheme::Http), Err(FetchSite));
        let other = [("host", "a.example"), ("origin", "http://b"), ("sec-fetch-site", "none")];
        assert_eq!(post(&other, Scheme::Http), Err(Origin));
    }

    #[test]
    fn the_origin_is_the_host() {
        for (origin, host) in [
            ("http://a.example", "a.example"),
            ("http://a.example", "A.EXAMPLE:80"),
            ("http://a.example:80", "a.example"),
            ("HTTP://A.example:9000", "a.example:9000"),
            ("https://a.example", "a.example"),
            ("https://a.example", "a.example:443"),
            ("https://a.example:443", "a.example"),
            ("http://127.0.0.1:9000", "127.0.0.1:9000"),
            ("http://[::1]:9000", "[::1]:9000"),
            ("http://[::1]", "[::1]"),
        ] {
            let lines = [("host", host), ("origin", origin)];
            assert_eq!(post(&lines, Scheme::Http), Ok(()), "{origin} {host}");
        }
    }

    #[test]
    fn every_other_origin_is_refused() {
        for (origin, host) in [
            ("null", "a.example"),
            ("null", "null"),
            ("", "a.example"),
            ("a.example", "a.example"),
            ("http://", ""),
            ("http://b.example", "a.example"),
            ("http://a.example.", "a.example"),
            ("http://a.example.evil", "a.example"),
            ("http://sub.a.example", "a.example"),
            ("http://a.example:81", "a.example"),
            ("http://a.example", "a.example:443"),
            ("https://a.example", "a.example:80"),
            ("http://a.example:9000", "a.example:9001"),
            ("http://a.example:65616", "a.example"),
            ("http://a.example:+80", "a.example"),
            ("http://a.example:", "a.example"),
            ("http://a.example/", "a.example"),
            ("http://a.example http://b.example", "a.example"),
            ("http://evil@a.example", "a.example"),
            ("http://[::1", "[::1"),
            ("http://::1", "::1"),
            ("http://[::1]x", "[::1]x"),
            ("ftp://a.example", "a.example"),
            ("chrome-extension://a.example", "a.example"),
        ] {
            let lines = [("host", host), ("origin", origin)];
            assert_eq!(post(&lines, Scheme::Http), Err(Origin), "{origin} {host}");
        }
    }

    #[test]
    fn what_is_repeated_or_missing_decides_nothing_in_favour() {
        let (host, origin) = (("host", "a.example"), ("origin", "http://a.example"));
        assert_eq!(post(&[host, origin], Scheme::Http), Ok(()));
        assert_eq!(post(&[host, origin, origin], Scheme::Http), Err(Origin));
        assert_eq!(post(&[host, host, origin], Scheme::Http), Err(Origin));
        assert_eq!(post(&[origin], Scheme::Http), Err(Origin));
    }

    #[test]
    fn a_plain_page_does_not_call_a_tls_listener() {
        let plain = [("host", "a.example"), ("origin", "http://a.example")];
        let tls = [("host", "a.example"), ("origin", "https://a.example")];
        assert_eq!(post(&plain, Scheme::Https), Err(Origin));
        assert_eq!(post(&tls, Scheme::Https), Ok(()));
    }
}
