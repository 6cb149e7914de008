//! Mapping rules: which groups a person of a provider belongs to.

use std::collections::BTreeMap;

use crate::policy::glob_matches;

/// What a provider says of a person: claims by name, each with its values.
pub type Claims = BTreeMap<String, Vec<String>>;

/// A claim that puts its bearer into a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingRule {
    /// Name of the provider; `None` for every one.
    pub provider: Option<String>,
    /// Lower is looked at first.
    pub priority: i64,
    /// How the value is compared.
    pub match_type: MatchType,
    /// The claim.
    pub match_field: String,
    /// What it is compared with.
    pub match_value: String,
    /// Name of the group.
    pub group: String,
}

/// How a claim is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchType {
    /// The whole address, whatever its case.
    EmailExact,
    /// What stands behind the `@`, whatever its case.
    EmailDomain,
    /// The whole address against a pattern with `*` and `?`, whatever its case.
    EmailGlob,
    /// One of the claim's values, exactly.
    ClaimValue,
}

impl MatchType {
    /// Every kind as it is written.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("email_exact", Self::EmailExact),
        ("email_domain", Self::EmailDomain),
        ("email_glob", Self::EmailGlob),
        ("claim_value", Self::ClaimValue),
    ];

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(own, _)| *own == name).map(|(_, kind)| kind)
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        let named = Self::NAMES.into_iter().find(|(_, kind)| *kind == self);
        named.map(|(name, _)| name).unwrap_or_default()
    }
}

impl MappingRule {
    /// Everything that is wrong with it: field and fault.
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        for (field, text) in
            [("match_field", &self.match_field), ("match_value", &self.match_value)]
        {
            if text.is_empty() || text.chars().count() > 256 || text.contains(char::is_control) {
                let fault = "needs 1 to 256 characters without control characters";
                faults.push((field, fault.to_owned()));
            }
        }
        let domain = self.match_type == MatchType::EmailDomain;
        if domain && self.match_value.contains(['@', '*', '?']) {
            faults.push(("match_value", "is a domain such as example.com, without `@`".to_owned()));
        }
        faults
    }

    /// Whether it speaks of somebody with these claims.
    pub fn matches(&self, provider: &str, claims: &Claims) -> bool {
        if self.provider.as_deref().is_some_and(|own| own != provider) {
            return false;
        }
        let values = claims.get(&self.match_field).map(Vec::as_slice).unwrap_or_default();
        let wanted = self.match_value.to_lowercase();
        values.iter().any(|value| match self.match_type {
            MatchType::EmailExact => value.to_lowercase() == wanted,
            MatchType::EmailDomain => {
                let domain = value.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
                domain.as_deref() == Some(&wanted)
            }
            MatchType::EmailGlob => glob_matches(&wanted, &value.to_lowercase()),
            MatchType::ClaimValue => *value == self.match_value,
        })
    }
}

/// The groups that rules give somebody, by priority, each once.
pub fn groups_of<'a>(
    rules: impl IntoIterator<Item = &'a MappingRule>,
    provider: &str,
    claims: &Claims,
) -> Vec<&'a str> {
    let mut matching: Vec<_> =
        rules.into_iter().filter(|rule| rule.matches(provider, claims)).collect();
    matching.sort_by_key(|rule| rule.priority);
    let mut groups = Vec::new();
    for rule in matching {
        if !groups.contains(&rule.group.as_str()) {
            groups.push(rule.group.as_str());
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kind: &str, value: &str) -> MappingRule {
        MappingRule {
            provider: Some("corp".into()),
            priority: 10,
            match_type: MatchType::parse(kind).unwrap(),
            match_field: if kind == "claim_value" { "groups" } else { "email" }.into(),
            match_value: value.into(),
            group: "g".into(),
        }
    }

    #[test]
    fn each_kind_has_its_comparison() {
        let claims = Claims::from([
            ("email".into(), vec!["Ana@Example.com".into()]),
            ("groups".into(), vec!["dev".into(), "ops".into()]),
        ]);
        for (kind, value, wanted) in [
            ("email_exact", "ana@example.com", true),
            ("email_exact", "na@example.com", false),
            ("email_domain", "EXAMPLE.com", true),
            ("email_domain", "ple.com", false),
            ("email_glob", "a*@example.*", true),
            ("email_glob", "b*", false),
            ("claim_value", "ops", true),
            ("claim_value", "Ops", false),
        ] {
            assert_eq!(rule(kind, value).matches("corp", &claims), wanted, "{kind} {value}");
        }
        assert!(!rule("claim_value", "ops").matches("other", &claims));
        let everywhere = MappingRule { provider: None, ..rule("claim_value", "ops") };
        assert_eq!(groups_of([&everywhere, &everywhere], "other", &claims), ["g"]);
    }
}
