//! What follows from an operation's kind alone.

use super::operation::BodyKind;
pub use super::table::OperationKind;
use super::table::{Row, TABLE};

impl OperationKind {
    /// The operation of this name in the S3 reference.
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().map(|row| row.kind).find(|kind| kind.name() == name)
    }

    /// Whether its method is GET or HEAD; `Unknown` is taken to change something.
    pub fn is_read(self) -> bool {
        self.row().is_some_and(|row| matches!(row.method, "GET" | "HEAD"))
    }

    /// What it carries in its body.
    pub fn body_kind(self) -> BodyKind {
        self.row().map_or(BodyKind::None, |row| row.body)
    }

    /// Whether a parameter that S3 does not know is ignored; elsewhere it is 501 (INT-8).
    pub(super) fn ignores_unknown_parameters(self) -> bool {
        use OperationKind as K;
        matches!(
            self,
            K::GetObject
                | K::HeadObject
                | K::ListBuckets
                | K::ListObjects
                | K::ListObjectsV2
                | K::ListObjectVersions
                | K::ListMultipartUploads
                | K::ListParts
        )
    }

    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.kind == self)
    }
}
