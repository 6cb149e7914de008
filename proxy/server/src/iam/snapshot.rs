//! From rows to the snapshot that serves requests: parsed, merged and bound once.

use std::collections::HashMap;
use std::sync::Arc;

use deltaglider_core::policy::{Identity, OwnedRules, Rule, RuleDocument, RuleOwner, RuleSet};
use deltaglider_core::sigv4::SigningSecret;
use deltaglider_core::snapshot::{AccessKey, Principal, Snapshot, User};
use deltaglider_store::{State, UserRow};

use crate::config::KeyPair;

/// Builds the snapshot of a state; the bootstrap pair wins over a user's key of the same id.
pub(super) fn build(state: &State, bootstrap: Option<&KeyPair>, decoy: &SigningSecret) -> Snapshot {
    let groups: HashMap<i64, OwnedRules> = state
        .groups
        .iter()
        .map(|group| (group.id, owned(RuleOwner::Group(group.name.clone()), &group.rules)))
        .collect();
    let mut keys = HashMap::new();
    for user in &state.users {
        let mut sources = vec![owned(RuleOwner::User(user.name.clone()), &user.rules)];
        sources.extend(user.group_ids.iter().filter_map(|id| groups.get(id).cloned()));
        for key in &user.keys {
            let identity = Identity { username: &user.name, access_key_id: &key.access_key_id };
            let principal = Principal::User(Arc::new(bind(user, &identity, &sources)));
            let secret = SigningSecret::from_midstates(&key.midstates);
            keys.insert(key.access_key_id.clone(), AccessKey { secret, principal });
        }
    }
    if let Some(pair) = bootstrap {
        let secret = SigningSecret::new(&pair.secret);
        let key = AccessKey { secret, principal: Principal::Bootstrap };
        if keys.insert(pair.id.clone(), key).is_some() {
            tracing::warn!("a user holds the access key id of the bootstrap pair, which wins");
        }
    }
    Snapshot::new(keys, decoy.clone())
}

/// The user that a key of its would act as; for simulations also without one.
pub(super) fn bind(user: &UserRow, identity: &Identity<'_>, sources: &[OwnedRules]) -> User {
    User {
        id: user.id,
        name: user.name.clone(),
        enabled: user.enabled,
        rules: RuleSet::new(identity, sources),
    }
}

/// The rules of one owner. INVARIANT: a rule that cannot be read denies.
pub(super) fn owned(owner: RuleOwner, rules: &[(i64, RuleDocument)]) -> OwnedRules {
    let parsed: Vec<Rule> = rules
        .iter()
        .map(|(id, document)| {
            Rule::parse(document).unwrap_or_else(|faults| {
                let fault = faults.first().map(|it| format!("{}: {}", it.path, it.message));
                tracing::error!(
                    rule = id,
                    owner = owner.name(),
                    ?fault,
                    "a stored rule is invalid and denies everything"
                );
                Rule::unreadable(document.clone())
            })
        })
        .collect();
    OwnedRules::new(owner, parsed)
}
