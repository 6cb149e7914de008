//! Conditions of a rule (INT-12): on the caller's address, and on the prefix of a listing.

use std::net::IpAddr;

use ipnet::IpNet;

use super::document::{ConditionDocument, OneOrMany};
use super::glob::{Glob, Template};
use super::identity::Identity;
use super::rule::{Effect, RuleFault};

/// What a request brings for conditions to look at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The caller's address, where it is known.
    pub source: Option<IpAddr>,
    /// The requested prefix, of listings only.
    pub prefix: Option<&'a str>,
}

/// A condition with the variables of its values still in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ConditionTemplate {
    Source { nets: Vec<IpNet>, negative: bool },
    Prefix { values: Vec<Template>, negative: bool },
}

/// A condition bound to one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Source {
        nets: Vec<IpNet>,
        negative: bool,
    },
    Prefix {
        values: Vec<Glob>,
        negative: bool,
    },
    /// On the prefix, decided by a variable that expands to nothing.
    PrefixSettled(bool),
}

impl Condition {
    /// Whether the condition holds for a rule of this effect.
    pub(super) fn holds(&self, context: &Context<'_>, effect: Effect) -> bool {
        match self {
            Self::Source { nets, negative } => match context.source {
                Some(address) => {
                    nets.iter().any(|net| net.contains(&address.to_canonical())) != *negative
                }
                // Not knowing grants nothing and switches no Deny off.
                None => effect == Effect::Deny,
            },
            Self::Prefix { values, negative } => context
                .prefix
                .is_some_and(|prefix| values.iter().any(|it| it.matches(prefix)) != *negative),
            Self::PrefixSettled(holds) => context.prefix.is_some() && *holds,
        }
    }

    /// The condition key, for explanations.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Source { .. } => SOURCE,
            Self::Prefix { .. } | Self::PrefixSettled(_) => PREFIX,
        }
    }
}

impl ConditionTemplate {
    pub(super) fn has_variables(&self) -> bool {
        match self {
            Self::Source { .. } => false,
            Self::Prefix { values, .. } => values.iter().any(Template::has_variables),
        }
    }

    /// Binds the values; a void one must never widen an Allow nor narrow a Deny.
    pub(super) fn bind(&self, identity: &Identity<'_>, effect: Effect) -> Condition {
        match self {
            Self::Source { nets, negative } => {
                Condition::Source { nets: nets.clone(), negative: *negative }
            }
            Self::Prefix { values, negative: true }
                if values.iter().any(|value| value.is_void(identity)) =>
            {
                Condition::PrefixSettled(effect == Effect::Deny)
            }
            Self::Prefix { values, negative } => Condition::Prefix {
                values: values.iter().filter_map(|value| value.bind(identity, effect)).collect(),
                negative: *negative,
            },
        }
    }
}

const SOURCE: &str = "aws:SourceIp";
const PREFIX: &str = "s3:prefix";
const OPERATORS: &[&str] = &[
    "IpAddress",
    "NotIpAddress",
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
];

/// Reads one entry of `conditions`, in short or operator form, and notes what is wrong.
pub(super) fn parse(
    name: &str,
    document: &ConditionDocument,
    faults: &mut Vec<RuleFault>,
) -> Vec<ConditionTemplate> {
    let place = format!("conditions.{name}");
    let outcome = match document {
        ConditionDocument::Short(values) => match name {
            SOURCE => pair("IpAddress", SOURCE, values).map(|it| vec![it]),
            PREFIX => pair("StringLike", PREFIX, values).map(|it| vec![it]),
            _ => Err(format!("`{name}` is not {SOURCE}, {PREFIX} or an operator with its keys")),
        },
        ConditionDocument::Operator(keys) if OPERATORS.contains(&name) && !keys.is_empty() => {
            let mut conditions = Vec::new();
            for (key, values) in keys {
                match pair(name, key, values) {
                    Ok(condition) => conditions.push(condition),
                    Err(message) => {
                        faults.push(RuleFault { path: format!("{place}.{key}"), message });
                    }
                }
            }
            return conditions;
        }
        ConditionDocument::Operator(_) if OPERATORS.contains(&name) => {
            Err("needs a condition key".to_owned())
        }
        ConditionDocument::Operator(_) => {
            Err(format!("`{name}` is not an operator; there are {}", OPERATORS.join(", ")))
        }
        ConditionDocument::Other(_) => {
            Err("must be a string, a list of strings, or an operator's keys".to_owned())
        }
    };
    outcome.unwrap_or_else(|message| {
        faults.push(RuleFault { path: place, message });
        Vec::new()
    })
}

fn pair(operator: &str, key: &str, values: &OneOrMany) -> Result<ConditionTemplate, String> {
    let values = values.values();
    if values.is_empty() {
        return Err("needs at least one value".into());
    }
    let negative = operator.contains("Not");
    match (operator, key) {
        ("IpAddress" | "NotIpAddress", SOURCE) => {
            let nets: Result<_, String> = values.iter().map(|value| net(value)).collect();
            Ok(ConditionTemplate::Source { nets: nets?, negative })
        }
        ("StringEquals" | "StringNotEquals", PREFIX) => {
            let values: Result<_, String> = values.iter().map(|it| Template::literal(it)).collect();
            Ok(ConditionTemplate::Prefix { values: values?, negative })
        }
        ("StringLike" | "StringNotLike", PREFIX) => {
            let values: Result<_, String> = values.iter().map(|it| Template::glob(it)).collect();
            Ok(ConditionTemplate::Prefix { values: values?, negative })
        }
        _ => Err(format!("{operator} does not go with `{key}`")),
    }
}

/// An address or a CIDR block, an IPv4 one in IPv6 clothes undressed.
fn net(text: &str) -> Result<IpNet, String> {
    let wrong = || format!("`{text}` is not an IP address or CIDR block");
    let net: IpNet = match text.parse::<IpAddr>() {
        Ok(address) => address.into(),
        Err(_) => text.parse().map_err(|_| wrong())?,
    };
    match (net.addr().to_canonical(), net.prefix_len()) {
        (IpAddr::V4(address), length @ 96..) if net.addr().is_ipv6() => {
            IpNet::new(IpAddr::V4(address), length - 96).map_err(|_| wrong())
        }
        _ => Ok(net.trunc()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(operator: &str, values: &[&str]) -> Condition {
        let values = OneOrMany::Many(values.iter().map(|it| (*it).to_owned()).collect());
        pair(operator, SOURCE, &values).unwrap().bind(&Identity::default(), Effect::Allow)
    }

    fn from(address: &str) -> Context<'static> {
        Context { source: address.parse().ok(), prefix: None }
    }

    #[test]
    fn a_positive_list_holds_for_any_and_a_negative_one_for_none() {
        let inside = source("IpAddress", &["10.0.0.0/8", "203.0.113.5"]);
        let outside = source("NotIpAddress", &["10.0.0.0/8", "203.0.113.5"]);
        for (address, is_inside) in
            [("10.1.1.1", true), ("203.0.113.5", true), ("203.0.113.6", false)]
        {
            assert_eq!(inside.holds(&from(address), Effect::Allow), is_inside, "{address}");
            assert_eq!(outside.holds(&from(address), Effect::Allow), !is_inside, "{address}");
        }
    }

    #[test]
    fn an_address_in_ipv6_clothes_is_the_same_address() {
        let net = source("IpAddress", &["203.0.113.0/24"]);
        assert!(net.holds(&from("::ffff:203.0.113.9"), Effect::Allow));
        let mapped = source("IpAddress", &["::ffff:203.0.113.0/120"]);
        assert!(mapped.holds(&from("203.0.113.9"), Effect::Allow));
        assert!(!mapped.holds(&from("203.0.114.9"), Effect::Allow));
    }

    #[test]
    fn not_knowing_the_address_grants_nothing_and_keeps_every_deny() {
        for operator in ["IpAddress", "NotIpAddress"] {
            let condition = source(operator, &["0.0.0.0/0"]);
            assert!(!condition.holds(&Context::default(), Effect::Allow), "{operator}");
            assert!(condition.holds(&Context::default(), Effect::Deny), "{operator}");
        }
    }

    #[test]
    fn what_is_no_block_is_refused() {
        for text in ["", "10.0.0", "10.0.0.0/33", "any", "${iam:username}"] {
            assert!(net(text).is_err(), "{text}");
        }
        assert_eq!(net("10.1.2.3/8").unwrap().to_string(), "10.0.0.0/8");
    }
}
