//! What the index holds about buckets, objects, uploads and parts.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Names one file of bytes; chosen at random, never derived from a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct BlobId(u128);

impl BlobId {
    pub(crate) fn random() -> BlobId {
        BlobId(Uuid::new_v4().as_u128())
    }

    pub(crate) fn as_u128(self) -> u128 {
        self.0
    }

    /// Reads the 32 hexadecimal digits that [`fmt::Display`] writes.
    pub(crate) fn parse(text: &str) -> Option<BlobId> {
        let id = Uuid::try_parse(text).ok()?;
        (text.len() == 32).then_some(BlobId(id.as_u128()))
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<BlobId> for String {
    fn from(id: BlobId) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for BlobId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<BlobId, Self::Error> {
        BlobId::parse(&text).ok_or("not a blob name")
    }
}

/// A moment in milliseconds since 1970, the precision in which listings show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Moment(pub(crate) u64);

impl Moment {
    pub(crate) fn now() -> Moment {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    pub(crate) fn to_system_time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0)
    }

    /// Whole seconds, the precision of HTTP dates.
    pub(crate) fn seconds(self) -> u64 {
        self.0 / 1000
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BucketRecord {
    pub(crate) created: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
}

/// The checksum algorithms of the S3 API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

/// A checksum in the base64 form of the S3 headers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredChecksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) value: String,
    /// True for a checksum of part checksums, false for one over all bytes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) composite: bool,
}

/// What the client says about an object and gets back with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Description {
    /// `content-type` and its like, and `x-amz-meta-*`; lower-case names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
}

/// Where an object's bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Content {
    /// No bytes, no file.
    Empty,
    /// One file.
    Single(BlobId),
    /// The files of a multipart upload. The list has a table of its own, so that a listing of
    /// many large objects does not read it.
    Parts { manifest: BlobId, count: u32 },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ObjectRecord {
    pub(crate) size: u64,
    /// Without the quotes.
    pub(crate) etag: String,
    pub(crate) modified: Moment,
    pub(crate) content: Content,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) checksum: Option<StoredChecksum>,
    #[serde(flatten)]
    pub(crate) description: Description,
}

/// One file of an object's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Segment {
    pub(crate) blob: BlobId,
    pub(crate) size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) part: Option<PartInfo>,
}

/// What stays known of a part after its upload is completed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartInfo {
    pub(crate) number: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) checksum: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UploadRecord {
    pub(crate) initiated: Moment,
    /// The checksum that the parts and the finished object carry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) checksum: Option<UploadChecksum>,
    pub(crate) description: Description,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UploadChecksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) composite: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PartRecord {
    /// None for a part without bytes.
    pub(crate) blob: Option<BlobId>,
    pub(crate) size: u64,
    /// MD5 of the part, hexadecimal.
    pub(crate) etag: String,
    pub(crate) modified: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) checksum: Option<StoredChecksum>,
}

/// The entity tags of an `If-Match` or `If-None-Match` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EtagSet {
    Any,
    Of(Vec<String>),
}

impl EtagSet {
    /// Whether an existing object with this tag is meant.
    pub(crate) fn contains(&self, etag: &str) -> bool {
        match self {
            EtagSet::Any => true,
            EtagSet::Of(tags) => tags.iter().any(|tag| tag == etag),
        }
    }
}

/// What must hold of the object under a key at the moment it is replaced or removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WriteCondition {
    /// `If-None-Match: *`: no object may be there.
    pub(crate) absent: bool,
    /// `If-Match`: the object must be there and have one of these tags.
    pub(crate) matches: Option<EtagSet>,
}
