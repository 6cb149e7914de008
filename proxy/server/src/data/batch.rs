//! Batch deletes: decided key by key, rebuilt from what was admitted, answered as one.

mod answer;

use bytes::Bytes;
use deltaglider_core::policy::{Denial, Permit};
use deltaglider_core::s3::{ObjectKey, S3Error, S3ErrorCode};
use deltaglider_objects::{BodyFault, check_body};
use http::HeaderMap;
use serde::Deserialize;

use super::xml;
use answer::{Results, Told};

/// Most keys of one batch, as in S3.
const MOST_KEYS: usize = 1000;

/// A batch as it was understood; nothing else of its document goes on.
pub(super) struct Batch {
    quiet: bool,
    /// In the order of the request.
    wanted: Vec<Wanted>,
}

struct Wanted {
    key: ObjectKey,
    named: Named,
    admitted: bool,
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
        let (mut wanted, mut denials) = (Vec::new(), Vec::new());
        for named in batch.objects {
            let key = ObjectKey::parse(&named.key)?;
            let decided = permit.admits(&key);
            wanted.push(Wanted { key, named, admitted: decided.is_ok() });
            denials.extend(decided.err().map(|denial| *denial));
        }
        Ok((Self { quiet: batch.quiet, wanted }, denials))
    }

    /// Every key that it names.
    pub(super) fn keys(&self) -> impl Iterator<Item = &ObjectKey> {
        self.wanted.iter().map(|wanted| &wanted.key)
    }

    /// The document for the store; `None` where no key was admitted.
    pub(super) fn document(&self) -> Option<Bytes> {
        let mut admitted = self.wanted.iter().filter(|wanted| wanted.admitted).peekable();
        admitted.peek()?;
        let mut document = xml::Writer::new("Delete");
        for Wanted { named, .. } in admitted {
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

    /// The caller's answer, from the store's: one result a key, in the order of the request.
    pub(super) fn answer(&self, store: Option<&[u8]>) -> Result<Bytes, quick_xml::DeError> {
        let mut results = store.map_or_else(|| Ok(Results::default()), Results::parse)?;
        let mut answer = xml::Writer::new("DeleteResult");
        for Wanted { named, admitted, .. } in &self.wanted {
            let version = named.version.as_deref();
            let told = match admitted {
                true => results.take(&named.key, version),
                false => Some(Told::denied(&named.key, version)),
            };
            told.into_iter().for_each(|told| told.write(&mut answer, self.quiet));
        }
        // A store that spells a key or a version its own way is heard, too.
        results.rest().for_each(|told| told.write(&mut answer, self.quiet));
        Ok(answer.finish())
    }
}

fn fault(fault: BodyFault) -> S3Error {
    match fault {
        BodyFault::Malformed(name) => {
            S3Error::new(S3ErrorCode::InvalidDigest, format!("{name} holds no checksum"))
        }
        BodyFault::Mismatch(name) => {
            S3Error::new(S3ErrorCode::BadDigest, format!("{name} does not match the body"))
        }
        BodyFault::Unknown(name) => {
            S3Error::new(S3ErrorCode::InvalidRequest, format!("{name} names no known algorithm"))
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
            let batch = Batch { quiet: false, wanted: vec![wanted(key, true)] };
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
    fn the_answer_is_the_stores_and_ours_in_the_order_asked() {
        let names = [("x<y", false), ("a", true), ("b", true), ("z", false), ("c", true)];
        let wanted = names.map(|(key, admitted)| wanted(key, admitted)).into();
        let mut batch = Batch { quiet: false, wanted };
        let store =
            b"<DeleteResult><Deleted><Key>a</Key></Deleted><Deleted><Key>/c</Key></Deleted>\
                      <Error><Key>b</Key><Code>Locked</Code></Error></DeleteResult>";
        let text =
            |batch: &Batch| String::from_utf8(batch.answer(Some(store)).unwrap().to_vec()).unwrap();
        let keys = |text: &str| {
            let parts = text.split("<Key>").skip(1).map(|part| part.split_once('<').unwrap().0);
            parts.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(keys(&text(&batch)), "x&lt;y a b z /c");
        assert!(text(&batch).contains("<Code>AccessDenied</Code><Key>x&lt;y</Key>"));
        assert!(text(&batch).contains("<Code>Locked</Code><Key>b</Key>"));
        assert!(!String::from_utf8_lossy(&batch.document().unwrap()).contains("x&lt;y"));
        for nonsense in ["", "<Error><Code>SlowDown</Code></Error>"] {
            assert!(batch.answer(Some(nonsense.as_bytes())).is_err(), "{nonsense}");
        }
        batch.quiet = true;
        assert_eq!(keys(&text(&batch)), "x&lt;y b z");
        batch.wanted.retain(|wanted| !wanted.admitted);
        assert!(batch.document().is_none());
        assert_eq!(keys(&String::from_utf8_lossy(&batch.answer(None).unwrap())), "x&lt;y z");
    }

    #[test]
    fn a_key_that_is_named_twice_is_answered_twice() {
        let batch = Batch { quiet: false, wanted: vec![wanted("a", true), wanted("a", true)] };
        let store = b"<DeleteResult><Error><Key>a</Key></Error><Deleted><Key>a</Key></Deleted>\
                      </DeleteResult>";
        let answer = batch.answer(Some(store)).unwrap();
        assert_eq!(String::from_utf8_lossy(&answer).matches("<Key>a</Key>").count(), 2);
    }

    fn wanted(key: &str, admitted: bool) -> Wanted {
        let named =
            Named { key: key.into(), version: None, etag: None, modified: None, size: None };
        Wanted { key: ObjectKey::parse(key).unwrap(), named, admitted }
    }
}
