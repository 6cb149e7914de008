//! `Desired` against what is held, by name: the plan that makes the one the other.

use std::collections::{HashMap, HashSet};

use super::Mode;
use super::desired::{Desired, DesiredGroup, DesiredProvider, DesiredUser};
use super::edit::{Edit, NewKey, UserPatch};
use super::existing::{Existing, ExistingGroup, ExistingProvider, ExistingUser};
use super::mapping::MappingRule;
use super::plan::{Change, Kind, MappingRules, Plan, Verb};
use crate::document::Fault;
use crate::policy::RuleDocument;

/// Why there is no plan.
#[derive(Debug)]
pub enum PlanError {
    /// A switch to an empty document would wipe what the database holds (INT-18).
    WouldWipe {
        /// Declared users and groups that it holds.
        users: usize,
        /// Groups that it holds.
        groups: usize,
    },
    /// What only the comparison shows: secrets of new entities that are missing, names taken.
    Faults(Vec<Fault>),
}

/// The plan for a document; `speaks` tells whether the request itself brings users or groups.
pub fn plan(desired: &Desired, held: &Existing<'_>, speaks: bool) -> Result<Plan, PlanError> {
    let mut diff =
        Diff { clear: Vec::new(), edits: Vec::new(), changes: Vec::new(), faults: Vec::new() };
    let mut mapping_rules = MappingRules::Keep;
    if desired.mode == Mode::Declarative {
        gate(desired, held, speaks)?;
        diff.groups(&desired.lists.groups, &held.groups);
        diff.users(&desired.lists.users, &held.users);
        diff.providers(&desired.lists.providers, &held.providers);
        match &desired.lists.mapping_rules {
            Some(rules) if !rules.iter().eq(held.mapping_rules.iter().copied()) => {
                mapping_rules = MappingRules::Replace;
                diff.edits.push(Edit::ReplaceMappingRules(rules.clone()));
            }
            // A rule goes with the group or the provider that it names.
            None if held.mapping_rules.iter().any(|rule| diff.takes_along(rule)) => {
                mapping_rules = MappingRules::Replace;
            }
            _ => {}
        }
    }
    if !diff.faults.is_empty() {
        return Err(PlanError::Faults(diff.faults));
    }
    // What is given up goes first: a name or a key that one entity leaves, another may take.
    let mut edits = diff.clear;
    edits.extend(diff.edits);
    Ok(Plan {
        revision: held.revision,
        from: held.mode,
        to: desired.mode,
        edits,
        changes: diff.changes,
        mapping_rules,
    })
}

fn gate(desired: &Desired, held: &Existing<'_>, speaks: bool) -> Result<(), PlanError> {
    let silent = !speaks || (desired.lists.users.is_empty() && desired.lists.groups.is_empty());
    let users = held.users.iter().filter(|user| !user.signed_in).count();
    let groups = held.groups.len();
    match held.mode == Mode::Gui && silent && users + groups > 0 {
        true => Err(PlanError::WouldWipe { users, groups }),
        false => Ok(()),
    }
}

struct Diff {
    clear: Vec<Edit>,
    edits: Vec<Edit>,
    changes: Vec<Change>,
    faults: Vec<Fault>,
}

impl Diff {
    fn change(&mut self, kind: Kind, verb: Verb, name: &str, fields: Vec<&'static str>) {
        self.changes.push(Change { kind, verb, name: name.to_owned(), fields });
    }

    fn takes_along(&self, rule: &MappingRule) -> bool {
        let gone = |kind, name: &str| {
            let gone = |it: &Change| it.verb == Verb::Delete && it.kind == kind && it.name == name;
            self.changes.iter().any(gone)
        };
        gone(Kind::Group, &rule.group)
            || rule.provider.as_deref().is_some_and(|name| gone(Kind::Provider, name))
    }

    fn groups(&mut self, wanted: &[DesiredGroup], held: &[ExistingGroup<'_>]) {
        let by_name: HashMap<&str, &ExistingGroup<'_>> =
            held.iter().map(|group| (group.name, group)).collect();
        for group in wanted {
            let DesiredGroup { name, description, rules } = group;
            match by_name.get(name.as_str()) {
                None => {
                    let (name, description) = (name.clone(), description.clone());
                    self.change(Kind::Group, Verb::Create, &name, Vec::new());
                    self.edits.push(Edit::CreateGroup { name, description, rules: rules.clone() });
                }
                Some(held) => {
                    let (described, ruled) =
                        (held.description != description, !same_rules(rules, &held.rules));
                    let fields = differing([("description", described), ("permissions", ruled)]);
                    if fields.is_empty() {
                        continue;
                    }
                    self.change(Kind::Group, Verb::Update, name, fields);
                    self.edits.push(Edit::UpdateGroup {
                        id: held.id,
                        name: None,
                        description: described.then(|| description.clone()),
                        rules: ruled.then(|| rules.clone()),
                    });
                }
            }
        }
        let names: HashSet<&str> = wanted.iter().map(|group| group.name.as_str()).collect();
        for group in held.iter().filter(|group| !names.contains(group.name)) {
            self.change(Kind::Group, Verb::Delete, group.name, Vec::new());
            self.clear.push(Edit::DeleteGroup(group.id));
        }
    }

    fn users(&mut self, wanted: &[DesiredUser], held: &[ExistingUser<'_>]) {
        let by_name: HashMap<&str, &ExistingUser<'_>> =
            held.iter().map(|user| (user.name, user)).collect();
        for user in wanted {
            match by_name.get(user.name.as_str()) {
                None => self.create_user(user),
                Some(held) if held.signed_in => {
                    let text =
                        format!("`{}` is somebody who signed in; take another name", user.name);
                    let path = format!("{}.name", user.path);
                    self.faults.push(Fault::new(path, text).at_line(user.line));
                }
                Some(held) => self.update_user(user, held),
            }
        }
        let names: HashSet<&str> = wanted.iter().map(|user| user.name.as_str()).collect();
        let gone = held.iter().filter(|user| !user.signed_in && !names.contains(user.name));
        for user in gone {
            self.change(Kind::User, Verb::Delete, user.name, Vec::new());
            self.clear.push(Edit::DeleteUser(user.id));
        }
    }

    fn create_user(&mut self, user: &DesiredUser) {
        let Some(midstates) = user.midstates.clone() else {
            let text = "is empty, and there is no such user yet whose secret could be kept";
            let path = format!("{}.secret_access_key", user.path);
            self.faults.push(Fault::new(path, text).at_line(user.line));
            return;
        };
        self.change(Kind::User, Verb::Create, &user.name, Vec::new());
        self.edits.push(Edit::CreateUser {
            name: user.name.clone(),
            enabled: user.enabled,
            keys: vec![NewKey { access_key_id: user.access_key_id.clone(), midstates }],
            rules: user.rules.clone(),
            groups: user.groups.clone(),
        });
    }

    fn update_user(&mut self, user: &DesiredUser, held: &ExistingUser<'_>) {
        // The named key's secret is kept, or the newer one's where the key id is new.
        let named = held.keys.iter().find(|(id, _)| *id == user.access_key_id);
        let kept = named.or(held.keys.last()).map(|(_, midstates)| *midstates);
        let Some(midstates) = user.midstates.clone().or(kept.map(|it| (*it).into())) else {
            return self.create_user(user);
        };
        let rekeyed = named.is_none();
        let resealed = kept != Some(&*midstates);
        let dropped = held.keys.len() > 1;
        let regrouped = !same_names(&user.groups, &held.groups);
        let ruled = !same_rules(&user.rules, &held.rules);
        let switched = user.enabled != held.enabled;
        let fields = differing([
            ("access_key_id", rekeyed),
            ("secret_access_key", resealed),
            ("second key", dropped),
            ("enabled", switched),
            ("groups", regrouped),
            ("permissions", ruled),
        ]);
        if fields.is_empty() {
            return;
        }
        self.change(Kind::User, Verb::Update, &user.name, fields);
        if rekeyed || resealed {
            let key = NewKey { access_key_id: user.access_key_id.clone(), midstates };
            self.clear.push(Edit::ClearKeys(held.id));
            self.edits.push(Edit::AddKey(held.id, key));
        } else {
            let others = held.keys.iter().filter(|(id, _)| *id != user.access_key_id);
            self.clear.extend(others.map(|(id, _)| Edit::DeleteKey(held.id, (*id).to_owned())));
        }
        if switched || regrouped || ruled {
            let patch = UserPatch {
                name: None,
                enabled: switched.then_some(user.enabled),
                rules: ruled.then(|| user.rules.clone()),
                groups: regrouped.then(|| user.groups.clone()),
            };
            self.edits.push(Edit::UpdateUser(held.id, patch));
        }
    }

    fn providers(&mut self, wanted: &[DesiredProvider], held: &[ExistingProvider<'_>]) {
        for entry in wanted {
            let name = entry.provider.name.as_str();
            match (held.iter().find(|it| it.provider.name == name), &entry.secret) {
                (None, None) => {
                    let text =
                        "is empty, and there is no such provider yet whose secret could be kept";
                    let path = format!("{}.client_secret", entry.path);
                    self.faults.push(Fault::new(path, text).at_line(entry.line));
                }
                (None, Some(secret)) => {
                    self.change(Kind::Provider, Verb::Create, name, Vec::new());
                    self.edits.push(Edit::CreateProvider(entry.provider.clone(), secret.clone()));
                }
                (Some(held), secret) => self.update_provider(entry, held, secret.as_ref()),
            }
        }
        for provider in held {
            let name = provider.provider.name.as_str();
            if !wanted.iter().any(|it| it.provider.name == name) {
                self.change(Kind::Provider, Verb::Delete, name, Vec::new());
                self.clear.push(Edit::DeleteProvider(provider.id));
            }
        }
    }

    fn update_provider(
        &mut self,
        entry: &DesiredProvider,
        held: &ExistingProvider<'_>,
        secret: Option<&super::ClientSecret>,
    ) {
        let (new, old) = (&entry.provider, held.provider);
        let secret = secret.filter(|it| *it != held.secret);
        let fields = differing([
            ("provider_type", new.provider_type != old.provider_type),
            ("enabled", new.enabled != old.enabled),
            ("priority", new.priority != old.priority),
            ("display_name", new.display_name != old.display_name),
            ("client_id", new.client_id != old.client_id),
            ("client_secret", secret.is_some()),
            ("issuer_url", new.issuer_url != old.issuer_url),
            ("scopes", new.scopes != old.scopes),
        ]);
        if !fields.is_empty() {
            self.change(Kind::Provider, Verb::Update, &new.name, fields);
            self.edits.push(Edit::UpdateProvider(held.id, new.clone(), secret.cloned()));
        }
    }
}

fn differing<const N: usize>(fields: [(&'static str, bool); N]) -> Vec<&'static str> {
    fields.into_iter().filter_map(|(field, differs)| differs.then_some(field)).collect()
}

fn same_rules(wanted: &[RuleDocument], held: &[&RuleDocument]) -> bool {
    wanted.iter().eq(held.iter().copied())
}

fn same_names(wanted: &[String], held: &[&str]) -> bool {
    let wanted: HashSet<&str> = wanted.iter().map(String::as_str).collect();
    wanted == held.iter().copied().collect::<HashSet<&str>>()
}
