//! Small bodies: read whole, bounded, verified, and only then looked at (INT-27).

use bytes::{Bytes, BytesMut};
use deltaglider_core::s3::{S3Error, S3ErrorCode};
use deltaglider_core::sigv4::PayloadVerifier;
use http::HeaderMap;
use http_body_util::BodyExt as _;

use super::ClientBody;

/// A thousand keys of 1,024 escaped bytes, or ten thousand parts, fit.
const LARGEST: usize = 8 * 1024 * 1024;

/// Reads and verifies a whole body of at most 8 MiB, and gives its trailing fields too.
pub(super) async fn read_whole(
    mut body: ClientBody,
    mut verifier: PayloadVerifier,
) -> Result<(Bytes, HeaderMap), S3Error> {
    let mut whole = BytesMut::new();
    let mut decoded = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame?;
        let Ok(data) = frame.into_data() else { continue };
        verifier.push(data, &mut decoded)?;
        for piece in decoded.drain(..) {
            whole.extend_from_slice(&piece);
        }
        if whole.len() > LARGEST {
            let text = format!("the body is larger than {LARGEST} bytes");
            return Err(S3Error::new(S3ErrorCode::MaxMessageLengthExceeded, text));
        }
    }
    let fields = verifier.finish()?;
    Ok((whole.freeze(), fields))
}

/// Refuses what is not well-formed XML, or carries a document type.
pub(super) fn check_xml(document: &[u8]) -> Result<(), S3Error> {
    use quick_xml::events::Event;
    let malformed = |text: String| {
        S3Error::new(S3ErrorCode::MalformedXML, format!("the XML is malformed: {text}"))
    };
    let mut reader = quick_xml::Reader::from_reader(document);
    let mut depth = 0usize;
    let mut elements = 0usize;
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => (depth, elements) = (depth + 1, elements + 1),
            Ok(Event::Empty(_)) => elements += 1,
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::DocType(_)) => {
                return Err(malformed("a document type is not allowed".into()));
            }
            Ok(Event::Eof) if depth > 0 => {
                return Err(malformed("it ends inside an element".into()));
            }
            Ok(Event::Eof) if elements == 0 => return Err(malformed("it has no element".into())),
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(malformed(error.to_string())),
        }
        if depth > 32 {
            return Err(malformed("it is nested too deeply".into()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_documents_pass() {
        assert!(check_xml(b"<?xml version=\"1.0\"?><a><b>x</b><c/></a>").is_ok());
        let refused: [&[u8]; 6] =
            [b"", b"text", b"<a>", b"<a></b>", b"<!DOCTYPE a><a/>", b"<a><b></a></b>"];
        for document in refused {
            assert!(check_xml(document).is_err(), "{}", String::from_utf8_lossy(document));
        }
        assert!(check_xml("<a>".repeat(40).as_bytes()).is_err());
    }
}
