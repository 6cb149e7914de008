//! The immutable state that decides requests: keys and whose they are.

use std::collections::HashMap;
use std::sync::Arc;

use crate::policy::RuleSet;
use crate::sigv4::SigningSecret;

/// Who acts.
#[derive(Clone, Debug)]
pub enum Principal {
    /// The bootstrap pair of the configuration: full access.
    Bootstrap,
    /// An IAM user, as one of its keys sees it.
    User(Arc<User>),
}

impl Principal {
    /// The name that logs and the audit show.
    pub fn name(&self) -> &str {
        match self {
            Self::Bootstrap => "bootstrap",
            Self::User(user) => &user.name,
        }
    }
}

/// An IAM user with all rules that hold for it, direct and inherited.
#[derive(Debug)]
pub struct User {
    /// Row id in the store.
    pub id: i64,
    /// Unique name.
    pub name: String,
    /// A disabled user authenticates and may do nothing.
    pub enabled: bool,
    /// Its rules, variables filled in.
    pub rules: RuleSet,
}

/// An access key: its signing power and its owner.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// Verifies what the key signs.
    pub secret: SigningSecret,
    /// Whose key it is.
    pub principal: Principal,
}

/// Everything that authentication and authorisation read; replaced whole, never changed.
#[derive(Debug)]
pub struct Snapshot {
    keys: HashMap<String, AccessKey>,
    decoy: SigningSecret,
}

impl Snapshot {
    /// A snapshot of the given keys; `decoy` is any secret that nobody knows.
    pub fn new(keys: impl IntoIterator<Item = (String, AccessKey)>, decoy: SigningSecret) -> Self {
        Self { keys: keys.into_iter().collect(), decoy }
    }

    /// The key of an access key id.
    pub fn find_key(&self, access_key_id: &str) -> Option<&AccessKey> {
        self.keys.get(access_key_id)
    }

    /// Whether anybody at all can be authenticated.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Stands in for the secret of a key that does not exist.
    pub(crate) fn decoy(&self) -> &SigningSecret {
        &self.decoy
    }
}
