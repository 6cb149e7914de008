//! Resources of rules: everything, buckets, or objects (INT-9).

use super::glob::{Glob, Template};
use super::identity::Identity;
use super::rule::Effect;

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource<'a> {
    /// All buckets.
    Service,
    /// One bucket as such.
    Bucket(&'a str),
    /// One object, its key decoded.
    Object(&'a str, &'a str),
}

impl std::fmt::Display for Resource<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Service => f.write_str("the service"),
            Self::Bucket(bucket) => f.write_str(bucket),
            Self::Object(bucket, key) => write!(f, "{bucket}/{key}"),
        }
    }
}

/// A resource with the variables of one user filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ResourcePattern {
    Everything,
    Bucket(Glob),
    Objects { bucket: Glob, key: Glob },
}

impl ResourcePattern {
    pub(super) fn matches(&self, resource: Resource<'_>) -> bool {
        match (self, resource) {
            (Self::Everything, _) => true,
            (Self::Bucket(own), Resource::Bucket(bucket)) => own.matches(bucket),
            (Self::Objects { bucket: own, key }, Resource::Object(bucket, name)) => {
                own.matches(bucket) && key.matches(name)
            }
            _ => false,
        }
    }

    /// Whether it speaks of a bucket or of anything in it.
    pub(super) fn is_inside(&self, bucket: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Bucket(own) | Self::Objects { bucket: own, .. } => own.matches(bucket),
        }
    }

    /// Whether it covers every key of a bucket that begins with the prefix (INT-10).
    pub(super) fn covers(&self, bucket: &str, prefix: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Bucket(_) => false,
            Self::Objects { bucket: own, key } => own.matches(bucket) && key.covers(prefix),
        }
    }
}

/// A resource as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ResourceTemplate {
    Everything,
    Bucket(Template),
    Objects { bucket: Template, key: Template },
}

impl ResourceTemplate {
    /// Longer than any bucket and key, with room for wildcards; in bytes.
    const LONGEST: usize = 2048;

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > Self::LONGEST {
            return Err(format!("is longer than {} bytes", Self::LONGEST));
        }
        if text == "*" {
            return Ok(Self::Everything);
        }
        match text.split_once('/') {
            None if text.is_empty() => Err("is empty".into()),
            None => Ok(Self::Bucket(Template::glob(text)?)),
            Some(("", _)) => Err(format!("`{text}` names no bucket before its `/`")),
            Some((bucket, "")) => Err(format!(
                "`{text}` matches nothing; write `{bucket}` for the bucket or `{bucket}/*` for its objects"
            )),
            Some((bucket, key)) => {
                Ok(Self::Objects { bucket: Template::glob(bucket)?, key: Template::glob(key)? })
            }
        }
    }

    pub(super) fn has_variables(&self) -> bool {
        match self {
            Self::Everything => false,
            Self::Bucket(bucket) => bucket.has_variables(),
            Self::Objects { bucket, key } => bucket.has_variables() || key.has_variables(),
        }
    }

    pub(super) fn bind(&self, identity: &Identity<'_>, effect: Effect) -> Option<ResourcePattern> {
        Some(match self {
            Self::Everything => ResourcePattern::Everything,
            Self::Bucket(bucket) => match bucket.bind(identity, effect)? {
                // A variable that counts as `*` and stands alone is the resource `*`.
                bucket if bucket.is_run() => ResourcePattern::Everything,
                bucket => ResourcePattern::Bucket(bucket),
            },
            Self::Objects { bucket, key } => ResourcePattern::Objects {
                bucket: bucket.bind(identity, effect)?,
                key: key.bind(identity, effect)?,
            },
        })
    }
}
