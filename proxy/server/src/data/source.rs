//! Where a request comes from, and by which scheme: the peer's word, or a trusted proxy's (INT-12).

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// The rightmost hop that is not a trusted proxy, IPv4 undressed; `None` where a trusted proxy
/// names it in a way that cannot be read.
pub(crate) fn source(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    if !is_trusted(&peer) {
        return Some(peer);
    }
    let mut nearest = peer;
    let values: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
    for value in values.into_iter().rev() {
        for hop in value.to_str().ok()?.rsplit(',') {
            nearest = address(hop.trim())?;
            if !is_trusted(&nearest) {
                return Some(nearest);
            }
        }
    }
    Some(nearest)
}

/// The scheme that the client used: of the listener, or behind a trusted proxy what that says.
pub(super) fn scheme(
    peer: IpAddr,
    headers: &HeaderMap,
    trusted: &[IpNet],
    is_tls: bool,
) -> &'static str {
    let own = if is_tls { "https" } else { "http" };
    if !trusted.iter().any(|net| net.contains(&peer.to_canonical())) {
        return own;
    }
    match headers.get(FORWARDED_PROTO).map(|value| value.as_bytes()) {
        Some(b"https") => "https",
        Some(b"http") => "http",
        _ => own,
    }
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let parsed: Option<IpAddr> = bare.parse().ok();
    parsed.or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip())).map(|it| it.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peer: &str, forwarded: &[&str]) -> Option<String> {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "127.0.0.1/32".parse().unwrap()];
        let pair = |value: &&str| (FORWARDED_FOR.parse().unwrap(), value.parse().unwrap());
        let headers = forwarded.iter().map(pair).collect::<HeaderMap>();
        source(peer.parse().unwrap(), &headers, &trusted).map(|address| address.to_string())
    }

    #[test]
    fn only_a_trusted_peer_is_believed() {
        assert_eq!(of("203.0.113.9", &["198.51.100.1"]).unwrap(), "203.0.113.9");
        assert_eq!(of("10.1.1.1", &["198.51.100.1"]).unwrap(), "198.51.100.1");
        assert_eq!(of("::ffff:10.1.1.1", &["::ffff:198.51.100.1"]).unwrap(), "198.51.100.1");
        assert_eq!(of("10.1.1.1", &[]).unwrap(), "10.1.1.1");
    }

    #[test]
    fn the_scheme_is_the_listeners_or_a_trusted_proxys_word() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let of = |peer: &str, said: &'static str, tls| {
            let headers = HeaderMap::from_iter([(
                FORWARDED_PROTO.parse().unwrap(),
                http::HeaderValue::from_static(said),
            )]);
            scheme(peer.parse().unwrap(), &headers, &trusted, tls)
        };
        assert_eq!(of("10.1.1.1", "https", false), "https");
        assert_eq!(of("10.1.1.1", "http", true), "http");
        assert_eq!(of("10.1.1.1", "gopher", true), "https");
        assert_eq!(of("203.0.113.9", "https", false), "http");
    }

    #[test]
    fn the_rightmost_untrusted_hop_counts_whatever_stands_before_it() {
        assert_eq!(of("10.1.1.1", &["192.0.2.1, 198.51.100.7, 10.2.2.2"]).unwrap(), "198.51.100.7");
        assert_eq!(of("10.1.1.1", &["192.0.2.1", "198.51.100.7:4711"]).unwrap(), "198.51.100.7");
        assert_eq!(of("10.1.1.1", &["[2001:db8::1]:80"]).unwrap(), "2001:db8::1");
        assert_eq!(of("10.1.1.1", &["10.3.3.3, 127.0.0.1"]).unwrap(), "10.3.3.3");
    }

    #[test]
    fn what_cannot_be_read_is_no_address() {
        assert_eq!(of("10.1.1.1", &["192.0.2.1, unknown"]), None);
        assert_eq!(of("10.1.1.1", &[""]), None);
    }
}
