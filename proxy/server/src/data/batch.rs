//! Batch deletes: decided key by key, rebuilt from what was admitted, answered as one.

use bytes::Bytes;
use deltaglider_core::policy::{Denial, Permit};
use deltaglider_core::s3::{ObjectKey, S3Error, S3ErrorCode};
use deltaglider_objects::{BodyFault, check_body};
use http::HeaderMap;
use serde::Deserialize;

use super::xml;

/// Most keys of one batch, as in S3.
const MOST_KEYS: usize = 1000;

/// A batch as it was understood; nothing else of its document goes on.
pub(super) struct Batch {
    quiet: bool,
    admitted: Vec<Wanted>,
    denied: Vec<Wanted>,
}

struct Wanted {
    key: ObjectKey,
    named: Named,
}

/// The root element counts: a document of another kind is none of these.
#[derive(Deserialize)]
enum Root {
    Delete(Delete),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    #[serde(rename = "@xmlns", default)]
    _namespace: Option<String>,
    #[serde(rename = "Quiet", default)]
    quiet: bool,
    #[serde(rename = "Object", default)]
    objects: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "VersionId")]
    version: Option<String>,
    #[serde(rename = "ETag")]
    etag: Option<String>,
    #[serde(rename = "LastModifiedTime")]
    modified: Option<String>,
    #[serde(rename = "Size")]
    size: Option<u64>,
}

impl Batch {
    /// Reads a verified document and decides each of its keys; gives what was denied too.
    pub(super) fn read(
        document: &[u8],
        headers: &HeaderMap,
        permit: &Permit,
    ) -> Result<(Self, Vec<Denial>), S3Error> {
        check_body(headers, document).map_err(fault)?;
        let malformed = |text: String| S3Error::new(S3ErrorCode::MalformedXML, text);
        let Root::Delete(batch) = quick_xml::de::from_reader(document)
            .map_err(|error| malformed(format!("the document is no Delete: {error}")))?;
        if batch.objects.is_empty() || batch.objects.len() > MOST_KEYS {
            return Err(malformed(format!("a batch delete names 1 to {MOST_KEYS} keys")));
        }
        let (mut admitted, mut denied, mut denials) = (Vec::new(), Vec::new(), Vec::new());
        for named in batch.objects {
            let wanted = Wanted { key: ObjectKey::parse(&named.key)?, named };
            match permit.admits(&wanted.key) {
                Ok(()) => admitted.push(wanted),
                Err(denial) => {
                    denied.push(wanted);
                    denials.push(*denial);
                }
            }
        }
        Ok((Self { quiet: batch.quiet, admitted, denied }, denials))
    }

    /// Every key that it names.
    pub(super) fn keys(&self) -> impl Iterator<Item = &ObjectKey> {
        self.admitted.iter().chain(&self.denied).map(|wanted| &wanted.key)
    }

    /// The document for the store; `None` where no key was admitted.
    pub(super) fn document(&self) -> Option<Bytes> {
        if self.admitted.is_empty() {
            return None;
        }
        let mut document = xml::Writer::new("Delete");
        for Wanted { named, .. } in &self.admitted {
            document.nested("Object", |object| {
                object.element("Key", &named.key);
                object.optional("VersionId", named.version.as_deref());
                object.optional("ETag", named.etag.as_deref());
                object.optional("LastModifiedTime", named.modified.as_deref());
                object.optional("Size", named.size.map(|size| size.to_string()).as_deref());
            });
        }
        Some(document.finish())
    }

    /// The caller's answer, from the store's.
    pub(super) fn answer(&self, store: Option<&[u8]>) -> Result<Bytes, quick_xml::DeError> {
        let Told::DeleteResult(outcome) = match store {
            Some(document) => quick_xml::de::from_reader(document)?,
            None => Told::DeleteResult(Outcome::default()),
        };
        let mut answer = xml::Writer::new("DeleteResult");
        for deleted in outcome.deleted.iter().filter(|_| !self.quiet) {
            answer.nested("Deleted", |entry| {
                entry.optional("DeleteMarker", deleted.marker.as_deref());
                entry.optional("DeleteMarkerVersionId", deleted.marker_version.as_deref());
                entry.optional("Key", deleted.key.as_deref());
                entry.optional("VersionId", deleted.version.as_deref());
            });
        }
        for failed in &outcome.failed {
            answer.nested("Error", |entry| {
                entry.optional("Code", failed.code.as_deref());
                entry.optional("Key", failed.key.as_deref());
                entry.optional("Message", failed.message.as_deref());
                entry.optional("VersionId", failed.version.as_deref());
            });
        }
        for Wanted { named, .. } in &self.denied {
            answer.nested("Error", |entry| {
                entry.element("Code", S3ErrorCode::AccessDenied.as_str());
                entry.element("Key", &named.key);
                entry.element("Message", "Access Denied");
                entry.optional("VersionId", named.version.as_deref());
            });
        }
        Ok(answer.finish())
    }
}

/// A store's document; one of another kind would pass for a batch of which nothing is told.
#[derive(Deserialize)]
enum Told {
    DeleteResult(Outcome),
}

/// What a store says of a batch.
#[derive(Default, Deserialize)]
struct Outcome {
    #[serde(rename = "Deleted", default)]
    deleted: Vec<Deleted>,
    #[serde(rename = "Error", default)]
    failed: Vec<Failed>,
}

#[derive(Deserialize)]
struct Deleted {
    #[serde(rename = "Key")]
    key: Option<String>,
    #[serde(rename = "VersionId")]
    version: Option<String>,
    #[serde(rename = "DeleteMarker")]
    marker: Option<String>,
    #[serde(rename = "DeleteMarkerVersionId")]
    marker_version: Option<String>,
}

#[derive(Deserialize)]
struct Failed {
    #[serde(rename = "Key")]
    key: Option<String>,
    #[serde(rename = "VersionId")]
    version: Option<String>,
    #[serde(rename = "Code")]
    code: Option<String>,
    #[serde(rename = "Message")]
    message: Option<String>,
}

fn fault(fault: BodyFault) -> S3Error {
    match fault {
        BodyFault::Malformed(name) => {
            S3Error::new(S3ErrorCode::InvalidDigest, format!("{name} holds no checksum"))
        }
        BodyFault::Mismatch(name) => {
            S3Error::new(S3ErrorCode::BadDigest, format!("{name} does not match the body"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(inner: &str) -> Delete {
        let text = format!("<Delete xmlns=\"http://x\">{inner}</Delete>");
        let Root::Delete(batch) = quick_xml::de::from_reader(text.as_bytes()).unwrap();
        batch
    }

    #[test]
    fn keys_are_read_in_every_spelling_that_xml_has() {
        let batch = read(
            "<Object><Key>a&amp;b</Key></Object><Quiet>true</Quiet>\
             <Object><Key><![CDATA[c<d]]></Key><VersionId>1</VersionId></Object>\
             <Object><Key>e<![CDATA[f]]>g</Key></Object>",
        );
        let keys: Vec<_> = batch.objects.iter().map(|it| it.key.as_str()).collect();
        assert_eq!((keys, batch.quiet), (vec!["a&b", "c<d", "efg"], true));
    }

    #[test]
    fn the_key_that_was_decided_is_the_key_that_is_sent() {
        for key in ["a\rb", "a\r\nb", "a\u{1}b", " a ", "a\u{fffe}b", "\t", "\u{fffd}", "&#13;"] {
            let named =
                Named { key: key.into(), version: None, etag: None, modified: None, size: None };
            let wanted = Wanted { key: ObjectKey::parse(key).unwrap(), named };
            let batch = Batch { quiet: false, admitted: vec![wanted], denied: Vec::new() };
            let sent = batch.document().unwrap();
            let Root::Delete(read) = quick_xml::de::from_reader(&*sent).unwrap();
            assert_eq!(read.objects[0].key, key);
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_rather_than_dropped() {
        let refused = |inner: &str| {
            let text = format!("<Delete>{inner}</Delete>");
            quick_xml::de::from_reader::<_, Root>(text.as_bytes()).is_err()
        };
        let other = b"<Remove><Object><Key>a</Key></Object></Remove>".as_slice();
        assert!(quick_xml::de::from_reader::<_, Root>(other).is_err());
        assert!(refused("<Object/>") && refused("<Object><Key>a</Key><Key>b</Key></Object>"));
        assert!(refused("<Object><Key>a</Key><Other>b</Other></Object>"));
        assert!(!refused("<Object><Key>a</Key></Object>"));
    }

    #[test]
    fn the_answer_is_the_stores_and_ours_together() {
        let wanted = |key: &str| Wanted {
            key: ObjectKey::parse(key).unwrap(),
            named: Named { key: key.into(), version: None, etag: None, modified: None, size: None },
        };
        let mut batch =
            Batch { quiet: false, admitted: vec![wanted("a")], denied: vec![wanted("x<y")] };
        let store = b"<DeleteResult><Deleted><Key>a</Key></Deleted></DeleteResult>";
        let text =
            |batch: &Batch| String::from_utf8(batch.answer(Some(store)).unwrap().to_vec()).unwrap();
        assert!(text(&batch).contains("<Deleted><Key>a</Key></Deleted><Error>"));
        assert!(text(&batch).contains("<Code>AccessDenied</Code><Key>x&lt;y</Key>"));
        assert!(!String::from_utf8_lossy(&batch.document().unwrap()).contains("x&lt;y"));
        for nonsense in ["", "<Error><Code>SlowDown</Code></Error>"] {
            assert!(batch.answer(Some(nonsense.as_bytes())).is_err(), "{nonsense}");
        }
        batch.quiet = true;
        assert!(!text(&batch).contains("Deleted>") && text(&batch).contains("<Error>"));
        batch.admitted.clear();
        assert!(batch.document().is_none());
    }
}
