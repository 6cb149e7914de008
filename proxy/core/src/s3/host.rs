//! Virtual-host style: the bucket stands in the host name, the whole path is the key.

/// A domain whose sub-domains are buckets: lower case, without a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseDomain(String);

impl BaseDomain {
    /// A host name as operators write it; `None` for an address, a port or an empty label.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.trim().trim_end_matches('.').to_ascii_lowercase();
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let label = |label: &str| {
            let edges = !label.starts_with('-') && !label.ends_with('-');
            edges && (1..=63).contains(&label.len()) && label.bytes().all(known)
        };
        let is_address = name.parse::<std::net::Ipv4Addr>().is_ok();
        (name.split('.').all(label) && name.len() <= 253 && !is_address).then_some(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The bucket that a `Host` names; `None` for a base domain itself and for any other host.
///
/// Where domains lie inside one another the longest decides. Case, port and a final dot say
/// nothing. What stands before the domain may be no bucket name, or empty: that is still what
/// the host asks for, and never path style.
pub fn host_bucket(host: &str, domains: &[BaseDomain]) -> Option<String> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if domains.iter().any(|domain| domain.0 == name) {
        return None;
    }
    let below = |domain: &BaseDomain| {
        name.strip_suffix(domain.as_str())?.strip_suffix('.').map(str::to_owned)
    };
    domains.iter().filter_map(below).min_by_key(String::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(host: &str) -> Option<String> {
        let domains = ["S3.example.com.", "example.com", "localhost"];
        host_bucket(host, &domains.map(|it| BaseDomain::parse(it).unwrap()))
    }

    #[test]
    fn a_sub_domain_is_a_bucket_whatever_its_case_and_port() {
        assert_eq!(of("photos.s3.example.com").as_deref(), Some("photos"));
        assert_eq!(of("Photos.S3.Example.COM:9000").as_deref(), Some("photos"));
        assert_eq!(of("photos.s3.example.com.:9000").as_deref(), Some("photos"));
        assert_eq!(of("a.b.c.localhost:1").as_deref(), Some("a.b.c"));
    }

    #[test]
    fn a_base_domain_and_any_other_host_name_no_bucket() {
        for host in ["s3.example.com", "example.com:80", "LOCALHOST", "127.0.0.1:9000", "[::1]:9"] {
            assert_eq!(of(host), None, "{host}");
        }
        for host in ["", ":", "myexample.com", "example.com.evil.org", "xlocalhost"] {
            assert_eq!(of(host), None, "{host}");
        }
    }

    #[test]
    fn what_is_no_bucket_name_is_no_path_style_either() {
        assert_eq!(of(".localhost").as_deref(), Some(""));
        assert_eq!(of("a..localhost").as_deref(), Some("a."));
    }

    #[test]
    fn a_domain_is_a_host_name() {
        for text in ["localhost", "S3.Example.com", "xn--p1ai", "a-b.c."] {
            assert!(BaseDomain::parse(text).is_some(), "{text}");
        }
        for text in ["", ".", "a..b", "-a.b", "a:80", "127.0.0.1", "*.a.b", "http://a", "a b"] {
            assert!(BaseDomain::parse(text).is_none(), "{text}");
        }
    }
}
