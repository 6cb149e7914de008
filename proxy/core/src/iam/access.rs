//! The `access` section: everything that is wrong with it at once, or what it wants.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::desired::{Desired, DesiredGroup, DesiredProvider, DesiredUser, Lists};
use super::fields::{
    check_access_key_id, check_description, check_name, check_secret, check_user_name,
};
use super::mapping::{MappingRule, MatchType};
use super::provider::{ClientSecret, Provider, check_provider};
use super::rules::rules;
use super::section::Section;
use super::{ADMINISTRATORS, Mode};
use crate::document::{Fault, Node, Path};
use crate::sigv4::SigningSecret;

/// Keys of the section.
pub const ACCESS_KEYS: [&str; 7] = [
    "iam_mode",
    "access_key_id",
    "secret_access_key",
    "iam_users",
    "iam_groups",
    "auth_providers",
    "group_mapping_rules",
];
/// Keys of a user.
pub(super) const USER: [&str; 6] =
    ["name", "access_key_id", "secret_access_key", "enabled", "groups", "permissions"];
/// Keys of a group.
pub(super) const GROUP: [&str; 3] = ["name", "description", "permissions"];
/// Keys of a provider.
pub(super) const PROVIDER: [&str; 9] = [
    "name",
    "provider_type",
    "enabled",
    "priority",
    "display_name",
    "client_id",
    "client_secret",
    "issuer_url",
    "scopes",
];
/// Keys of a mapping rule.
pub(super) const MAPPING: [&str; 6] =
    ["provider", "priority", "match_type", "match_field", "match_value", "group"];

/// Reads a section whose references are expanded; `bootstrap` are ids that no user may take: the
/// pair's in use, and the one that the document brings.
pub fn read_access(access: &Node, bootstrap: &[&str]) -> Result<Desired, Vec<Fault>> {
    let mut reader = Reader { section: Section::default(), bootstrap, names: HashMap::new() };
    let desired = reader.access(access);
    match reader.section.faults.is_empty() {
        true => Ok(desired),
        false => Err(reader.section.faults),
    }
}

struct Reader<'a> {
    section: Section,
    bootstrap: &'a [&'a str],
    /// What has to be unique, by kind and text, with the line of its first place.
    names: HashMap<(&'static str, String), Option<usize>>,
}

impl Reader<'_> {
    fn access(&mut self, node: &Node) -> Desired {
        let path = Path::section("access");
        if node.is_null() || !self.section.map(&path, node, &ACCESS_KEYS) {
            return Desired::default();
        }
        let mode = match self.section.text(&path, node, "iam_mode") {
            None => Mode::Gui,
            Some(text) => Mode::parse(text).unwrap_or_else(|| {
                let at = node.get("iam_mode").unwrap_or(node);
                let text = format!("`{text}` is not `gui` or `declarative`");
                self.section.fault(&path.key("iam_mode"), at, text);
                Mode::Gui
            }),
        };
        let groups = self.each(&path, node, "iam_groups", Self::group);
        let mut known: HashSet<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        known.insert(ADMINISTRATORS);
        let providers = self.each(&path, node, "auth_providers", Self::provider);
        let named: HashSet<&str> = providers.iter().map(|it| it.provider.name.as_str()).collect();
        let users =
            self.each(&path, node, "iam_users", |it, path, node| it.user(path, node, &known));
        let speaks = node.get("group_mapping_rules").is_some_and(|it| !it.is_null());
        let rules = self.each(&path, node, "group_mapping_rules", |it, path, node| {
            it.mapping_rule(path, node, &known, &named)
        });
        let lists = Lists { users, groups, providers, mapping_rules: speaks.then_some(rules) };
        Desired { mode, lists }
    }

    fn each<T>(
        &mut self,
        path: &Path<'_>,
        node: &Node,
        key: &str,
        mut read: impl FnMut(&mut Self, &Path<'_>, &Node) -> Option<T>,
    ) -> Vec<T> {
        let (items, list) = (self.section.items(path, node, key), path.key(key));
        let items = items.iter().enumerate();
        items.filter_map(|(index, item)| read(self, &list.index(index), item)).collect()
    }

    /// A name that is valid and the first of its kind.
    fn unique(&mut self, kind: &'static str, path: &Path<'_>, node: &Node, key: &str) -> String {
        let text = self.section.needed(path, node, key).to_owned();
        let Some(at) = node.get(key).filter(|_| !text.is_empty()) else { return text };
        match self.names.entry((kind, text.clone())) {
            Entry::Vacant(free) => {
                free.insert(at.line);
            }
            Entry::Occupied(taken) => {
                let line = taken.get().map(|line| format!("; first in line {line}"));
                let message =
                    format!("the {kind} `{text}` stands twice{}", line.unwrap_or_default());
                self.section.fault(&path.key(key), at, message);
            }
        }
        text
    }

    fn group(&mut self, path: &Path<'_>, node: &Node) -> Option<DesiredGroup> {
        if !self.section.map(path, node, &GROUP) {
            return None;
        }
        let name = self.unique("group", path, node, "name");
        if name == ADMINISTRATORS {
            let text = "is built in: it may be named in `groups`, and is not declared";
            self.section.fault(&path.key("name"), node, text);
        }
        self.check(path, node, "name", check_name(&name).filter(|_| given(node, "name")));
        let description = self.section.text(path, node, "description").unwrap_or_default();
        self.check(path, node, "description", check_description(description));
        let rules = rules(&mut self.section, path, node);
        Some(DesiredGroup { name, description: description.to_owned(), rules })
    }

    fn user(
        &mut self,
        path: &Path<'_>,
        node: &Node,
        groups: &HashSet<&str>,
    ) -> Option<DesiredUser> {
        if !self.section.map(path, node, &USER) {
            return None;
        }
        let name = self.unique("user", path, node, "name");
        self.check(path, node, "name", check_user_name(&name).filter(|_| given(node, "name")));
        let key = self.unique("access key", path, node, "access_key_id");
        let bootstrap = self.bootstrap.iter().copied().find(|id| *id == key);
        let fault = check_access_key_id(&key, bootstrap).filter(|_| given(node, "access_key_id"));
        self.check(path, node, "access_key_id", fault);
        let secret = self.section.text(path, node, "secret_access_key").unwrap_or_default();
        self.check(
            path,
            node,
            "secret_access_key",
            check_secret(secret).filter(|_| !secret.is_empty()),
        );
        let midstates = (!secret.is_empty()).then(|| SigningSecret::new(secret).to_midstates());
        let mut member_of = Vec::new();
        let (items, list) = (self.section.items(path, node, "groups"), path.key("groups"));
        for (index, item) in items.iter().enumerate() {
            let place = list.index(index);
            match item.text() {
                Some(group) if !groups.contains(group) => {
                    let text = format!("there is no group `{group}` in `iam_groups`");
                    self.section.fault(&place, item, text);
                }
                Some(group) if member_of.iter().any(|it| it == group) => {}
                Some(group) => member_of.push(group.to_owned()),
                None => self.section.fault(&place, item, "has to be the name of a group"),
            }
        }
        Some(DesiredUser {
            name,
            path: path.to_string(),
            line: node.line,
            access_key_id: key,
            midstates,
            enabled: self.section.truth(path, node, "enabled", true),
            groups: member_of,
            rules: rules(&mut self.section, path, node),
        })
    }

    fn provider(&mut self, path: &Path<'_>, node: &Node) -> Option<DesiredProvider> {
        if !self.section.map(path, node, &PROVIDER) {
            return None;
        }
        let name = self.unique("provider", path, node, "name");
        let section = &mut self.section;
        let provider = Provider {
            provider_type: section.text(path, node, "provider_type").unwrap_or("oidc").to_owned(),
            enabled: section.truth(path, node, "enabled", true),
            priority: section.integer(path, node, "priority", 0),
            display_name: section.text(path, node, "display_name").unwrap_or(&name).to_owned(),
            client_id: section.needed(path, node, "client_id").to_owned(),
            issuer_url: section.needed(path, node, "issuer_url").to_owned(),
            scopes: section.text(path, node, "scopes").unwrap_or(Provider::SCOPES).to_owned(),
            name,
        };
        let faults = check_provider(&provider).into_iter();
        for (field, fault) in faults.filter(|(field, _)| given(node, field)) {
            let at = node.get(field).unwrap_or(node);
            section.fault(&path.key(field), at, fault);
        }
        let secret = section.text(path, node, "client_secret").filter(|it| !it.is_empty());
        let secret = secret.map(|it| ClientSecret(it.to_owned().into()));
        Some(DesiredProvider { provider, path: path.to_string(), line: node.line, secret })
    }

    fn mapping_rule(
        &mut self,
        path: &Path<'_>,
        node: &Node,
        groups: &HashSet<&str>,
        providers: &HashSet<&str>,
    ) -> Option<MappingRule> {
        if !self.section.map(path, node, &MAPPING) {
            return None;
        }
        let section = &mut self.section;
        let provider = section.text(path, node, "provider").map(str::to_owned);
        if let (Some(name), Some(at)) = (&provider, node.get("provider"))
            && !providers.contains(name.as_str())
        {
            let text = format!("there is no provider `{name}` in `auth_providers`");
            section.fault(&path.key("provider"), at, text);
        }
        let group = section.needed(path, node, "group").to_owned();
        if !group.is_empty() && !groups.contains(group.as_str()) {
            let at = node.get("group").unwrap_or(node);
            let text = format!("there is no group `{group}` in `iam_groups`");
            section.fault(&path.key("group"), at, text);
        }
        let kind = section.needed(path, node, "match_type").to_owned();
        let Some(match_type) = MatchType::parse(&kind) else {
            if let Some(at) = node.get("match_type").filter(|_| !kind.is_empty()) {
                let names: Vec<_> = MatchType::NAMES.iter().map(|(name, _)| *name).collect();
                let text = format!("`{kind}` is not one of {}", names.join(", "));
                section.fault(&path.key("match_type"), at, text);
            }
            return None;
        };
        let match_field = match match_type {
            MatchType::ClaimValue => section.needed(path, node, "match_field"),
            _ => section.text(path, node, "match_field").unwrap_or("email"),
        };
        let rule = MappingRule {
            provider,
            priority: section.integer(path, node, "priority", 0),
            match_type,
            match_field: match_field.to_owned(),
            match_value: section.needed(path, node, "match_value").to_owned(),
            group,
        };
        for (field, fault) in rule.faults().into_iter().filter(|(field, _)| given(node, field)) {
            let at = node.get(field).unwrap_or(node);
            section.fault(&path.key(field), at, fault);
        }
        Some(rule)
    }

    fn check(&mut self, path: &Path<'_>, node: &Node, key: &str, fault: Option<&'static str>) {
        if let Some(text) = fault {
            let at = node.get(key).unwrap_or(node);
            self.section.fault(&path.key(key), at, text);
        }
    }
}

/// Whether a field holds a text, be it empty; without one it is missing, and said to be.
fn given(node: &Node, field: &str) -> bool {
    node.get(field).is_some_and(|it| it.text().is_some())
}
