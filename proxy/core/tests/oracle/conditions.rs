//! Conditions, read from the document at every question (INT-12).

use std::net::{IpAddr, Ipv6Addr};

use deltaglider_core::policy::{ConditionDocument, OneOrMany, RuleDocument};

use super::glob::{Letters, Names, matches, pieces};

/// What conditions look at.
#[derive(Clone, Copy)]
pub(crate) struct Circumstances<'a> {
    pub(crate) source: Option<IpAddr>,
    /// Of listings alone.
    pub(crate) prefix: Option<&'a str>,
}

/// The pairs of a rule in operator form; none where one of them has no meaning.
pub(crate) fn pairs(document: &RuleDocument) -> Option<Vec<(&str, &str, &OneOrMany)>> {
    let mut found = Vec::new();
    for (name, below) in &document.conditions {
        match (name.as_str(), below) {
            ("aws:SourceIp", ConditionDocument::Short(values)) => {
                found.push(("IpAddress", "aws:SourceIp", values));
            }
            ("s3:prefix", ConditionDocument::Short(values)) => {
                found.push(("StringLike", "s3:prefix", values));
            }
            (operator, ConditionDocument::Operator(keys)) => {
                for (key, values) in keys {
                    match (operator, key.as_str()) {
                        ("IpAddress" | "NotIpAddress", "aws:SourceIp") => {}
                        (
                            "StringEquals" | "StringNotEquals" | "StringLike" | "StringNotLike",
                            "s3:prefix",
                        ) => {}
                        _ => return None,
                    }
                    found.push((operator, key.as_str(), values));
                }
            }
            _ => return None,
        }
    }
    Some(found)
}

/// Whether all conditions of a valid rule hold.
pub(crate) fn hold(
    document: &RuleDocument,
    names: Names<'_>,
    denies: bool,
    now: Circumstances<'_>,
) -> bool {
    let pairs = pairs(document).expect("an invalid rule was asked");
    pairs.into_iter().all(|(operator, key, values)| match (key, now.source, now.prefix) {
        ("aws:SourceIp", None, _) => denies,
        ("aws:SourceIp", Some(source), _) => {
            let any = values.values().iter().any(|it| in_net(source, it));
            any == (operator == "IpAddress")
        }
        (_, _, None) => false,
        (_, _, Some(prefix)) => prefix_holds(operator, values, names, denies, prefix),
    })
}

fn prefix_holds(
    operator: &str,
    values: &OneOrMany,
    names: Names<'_>,
    denies: bool,
    prefix: &str,
) -> bool {
    let negative = operator.contains("Not");
    let letters = if operator.ends_with("Like") { Letters::Wild } else { Letters::Plain };
    let mut any = false;
    for value in values.values() {
        // A name that expands to nothing: no Allow matches, whichever way the operator looks.
        // Under a negative operator of a Deny nothing is excepted by it.
        let read = match negative {
            true => pieces(value, names, letters, false),
            false => pieces(value, names, letters, denies),
        };
        match read {
            Some(pattern) => any |= matches(&pattern, prefix),
            None if negative && !denies => return false,
            None => {}
        }
    }
    any != negative
}

/// The addresses of a net, as bits of the canonical family; none where it is no net.
pub(crate) fn net(text: &str) -> Option<(bool, u128, u32)> {
    let (address, length) = match text.split_once('/') {
        Some((_, length)) if !length.bytes().all(|it| it.is_ascii_digit()) => return None,
        Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
        None => (text, None),
    };
    match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(four) => {
            let length = length.unwrap_or(32);
            (length <= 32).then(|| (true, u128::from(u32::from(four)), length))
        }
        IpAddr::V6(six) => {
            let length = length.unwrap_or(128);
            match mapped(six) {
                Some(four) if (96..=128).contains(&length) => Some((true, four, length - 96)),
                _ => (length <= 128).then(|| (false, u128::from(six), length)),
            }
        }
    }
}

fn in_net(source: IpAddr, text: &str) -> bool {
    let (four, bits, length) = net(text).expect("an invalid rule was asked");
    let (source_four, source_bits) = match source {
        IpAddr::V4(it) => (true, u128::from(u32::from(it))),
        IpAddr::V6(it) => mapped(it).map_or((false, u128::from(it)), |four| (true, four)),
    };
    let width = if four { 32 } else { 128 };
    let differing = bits ^ source_bits;
    four == source_four && differing.checked_shr(width - length).unwrap_or(0) == 0
}

/// `::ffff:a.b.c.d` as a.b.c.d.
fn mapped(address: Ipv6Addr) -> Option<u128> {
    let bits = u128::from(address);
    (bits >> 32 == 0xffff).then_some(bits & 0xffff_ffff)
}
