//! A request understood: what it does, to what, and whether it may be forwarded.

use super::copy_source::CopySource;
use super::error::S3Error;
use super::kind::OperationKind;
use super::names::{BucketName, ObjectKey, fold};
use super::table::{Level, TABLE};

/// The category of INT-8 that the rules speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Reads an object or what hangs on it.
    Read,
    /// Makes or changes an object.
    Write,
    /// Removes objects or versions.
    Delete,
    /// Names keys, versions, uploads or parts.
    List,
    /// Everything else.
    Admin,
}

/// Whether the proxy forwards an operation at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// Forwarded to the store.
    Forwarded,
    /// 501 once the caller is known to be allowed.
    NotImplemented,
}

/// What an operation is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// All buckets.
    Service,
    /// One bucket.
    Bucket(BucketName),
    /// One object.
    Object {
        /// Its bucket.
        bucket: BucketName,
        /// Its key, decoded.
        key: ObjectKey,
    },
}

/// What a request carries in its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// Nothing that is used.
    None,
    /// An object or a part: streamed.
    Object,
    /// XML: read whole.
    Document,
}

/// One request as everything after identification sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Which operation of S3.
    pub kind: OperationKind,
    /// To what.
    pub target: Target,
    /// The parameters that are forwarded, decoded, in the order received.
    pub parameters: Vec<(String, String)>,
    /// What a copy reads.
    pub copy_source: Option<CopySource>,
    /// What it asks of the rules for its main target.
    pub action: Action,
    /// Whether a header grants access or sets a lock, which asks for `admin` as well (INT-8).
    pub raised: bool,
    /// Whether it is forwarded.
    pub support: Support,
    /// What the request got wrong; answered after authorisation.
    pub problem: Option<S3Error>,
}

impl Operation {
    /// The operation that a simulation asks about; `None` where the kind is of another level,
    /// such as an object's without a key.
    pub fn supposed(kind: OperationKind, target: Target, prefix: &str) -> Option<Self> {
        let row = TABLE.iter().find(|row| row.kind == kind)?;
        let fits = matches!(
            (row.level, &target),
            (Level::Service, Target::Service)
                | (Level::Bucket, Target::Bucket(_))
                | (Level::Object, Target::Object { .. })
        );
        fits.then(|| Self {
            kind,
            target,
            parameters: vec![("prefix".to_owned(), prefix.to_owned())],
            copy_source: None,
            action: row.action,
            raised: false,
            support: row.support,
            problem: None,
        })
    }

    /// The bucket, where there is one.
    pub fn bucket(&self) -> Option<&BucketName> {
        match &self.target {
            Target::Service => None,
            Target::Bucket(bucket) | Target::Object { bucket, .. } => Some(bucket),
        }
    }

    /// The key, where there is one.
    pub fn key(&self) -> Option<&ObjectKey> {
        match &self.target {
            Target::Object { key, .. } => Some(key),
            _ => None,
        }
    }

    /// The operation that a store carries out which drops slashes from keys and prefixes; `None`
    /// where it is the same.
    pub fn folded(&self) -> Option<Self> {
        let key = self.key().and_then(ObjectKey::folded);
        let source = self.copy_source.as_ref().and_then(|source| source.key.folded());
        let prefix = Some(fold(self.prefix())).filter(|folded| folded != self.prefix());
        if key.is_none() && source.is_none() && prefix.is_none() {
            return None;
        }
        let mut other = self.clone();
        let held = other.parameters.iter_mut().find(|(name, _)| name == "prefix");
        if let (Some((_, held)), Some(prefix)) = (held, prefix) {
            *held = prefix;
        }
        if let (Target::Object { key: held, .. }, Some(key)) = (&mut other.target, key) {
            *held = key;
        }
        if let (Some(held), Some(key)) = (&mut other.copy_source, source) {
            held.key = key;
        }
        Some(other)
    }

    /// The prefix that a listing asks for; empty for none.
    pub fn prefix(&self) -> &str {
        let named = self.parameters.iter().find(|(name, _)| name == "prefix");
        named.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// Whether it changes nothing.
    pub fn is_read(&self) -> bool {
        self.kind.is_read()
    }

    /// What it carries.
    pub fn body_kind(&self) -> BodyKind {
        self.kind.body_kind()
    }

    /// Whether any Allow inside the bucket is enough: clients probe with these (INT-8).
    pub fn asks_any_allow_in_bucket(&self) -> bool {
        matches!(self.kind, OperationKind::HeadBucket | OperationKind::GetBucketLocation)
    }
}
