//! The page as its client reads it, in either version of the listing.

use bytes::Bytes;
use deltaglider_core::s3::{OperationKind, encode_key};

use super::page::{Entry, Object};
use super::walk::Walk;
use super::{Listing, parameter};
use crate::data::seal::Sealer;
use crate::data::xml::Writer;

impl Listing<'_> {
    /// Writes what S3 would, and a next page that names nothing hidden (attack 64).
    pub(super) fn write(&self, walk: &Walk, sealer: &Sealer) -> Bytes {
        let v2 = self.operation.kind == OperationKind::ListObjectsV2;
        let given = |name| parameter(self.operation, name);
        let mut xml = Writer::new("ListBucketResult");
        xml.optional("Name", self.operation.bucket().map(|name| name.as_str()));
        xml.element("Prefix", &self.spelled(self.operation.prefix()));
        if v2 {
            xml.optional("StartAfter", given("start-after").map(|it| self.spelled(it)).as_deref());
            xml.optional("ContinuationToken", given("continuation-token"));
            xml.element("KeyCount", &walk.entries.len().to_string());
        } else {
            xml.element("Marker", &self.spelled(given("marker").unwrap_or_default()));
        }
        xml.element("MaxKeys", &walk.wanted.to_string());
        let delimiter = given("delimiter").filter(|it| !it.is_empty());
        xml.optional("Delimiter", delimiter.map(|it| self.spelled(it)).as_deref());
        xml.optional("EncodingType", given("encoding-type"));
        xml.element("IsTruncated", if walk.truncated { "true" } else { "false" });
        if let (true, Some(position)) = (walk.truncated, &walk.position) {
            if v2 {
                xml.element("NextContinuationToken", &sealer.seal(position, &self.binding));
            } else if walk.ends_in_sight() {
                xml.element("NextMarker", &self.spelled(position));
            } else {
                xml.element("NextMarker", &sealer.seal(position, &self.binding));
            }
        }
        let with_owner = !v2 || given("fetch-owner") == Some("true");
        for entry in &walk.entries {
            match entry {
                Entry::Key(object) => {
                    xml.nested("Contents", |xml| self.write_key(xml, object, with_owner));
                }
                Entry::Prefix(prefix) => {
                    xml.nested("CommonPrefixes", |xml| {
                        xml.element("Prefix", &self.spelled(prefix))
                    });
                }
            }
        }
        xml.finish()
    }

    fn write_key(&self, xml: &mut Writer, object: &Object, with_owner: bool) {
        xml.element("Key", &self.spelled(&object.key));
        xml.optional("LastModified", object.modified.as_deref());
        xml.optional("ETag", object.etag.as_deref());
        for algorithm in &object.checksums {
            xml.element("ChecksumAlgorithm", algorithm);
        }
        xml.optional("ChecksumType", object.checksum_type.as_deref());
        xml.optional("Size", object.size.as_deref());
        xml.optional("StorageClass", object.class.as_deref());
        if let (true, Some(owner)) = (with_owner, &object.owner) {
            xml.nested("Owner", |xml| {
                xml.element("ID", &owner.id);
                xml.optional("DisplayName", owner.name.as_deref());
            });
        }
    }

    /// A name as the client asked to have it.
    fn spelled(&self, name: &str) -> String {
        match parameter(self.operation, "encoding-type") {
            Some("url") => encode_key(name),
            _ => name.to_owned(),
        }
    }
}
