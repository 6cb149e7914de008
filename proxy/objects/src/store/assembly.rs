//! From the parts of an upload to the object that they make up.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use redb::ReadableTable;
use s3s::crypto::{Checksum as _, Md5};

use super::error::Error;
use super::objects::NewObject;
use super::tables::{self, PartKey, Record};
use super::uploads::{Completion, NamedPart};
use crate::model::{PartInfo, PartRecord, Segment, StoredChecksum, UploadChecksum, UploadRecord};

/// Every part but the last has at least this size, in bytes.
const PART_MINIMUM: u64 = 5 << 20;

/// The stored parts that the client names, each checked against what the client knows of it.
pub(super) fn choose(
    parts: &impl ReadableTable<PartKey, Record>,
    upload: &str,
    named: &[NamedPart],
) -> Result<Vec<(u32, PartRecord)>, Error> {
    let mut chosen = Vec::with_capacity(named.len());
    for name in named {
        let found = parts.get((upload, name.number))?.ok_or(Error::InvalidPart)?;
        let part: PartRecord = tables::decode(found.value())?;
        let same_etag = name.etag.as_ref().is_none_or(|etag| *etag == part.etag);
        // A checksum of a kind that the part does not carry cannot be the part's.
        let same_checksum = name.checksums.iter().all(|named| {
            part.checksum.as_ref().is_some_and(|known| {
                known.algorithm == named.algorithm && known.value == named.value
            })
        });
        if !same_etag || !same_checksum {
            return Err(Error::InvalidPart);
        }
        chosen.push((name.number, part));
    }
    let all_but_last = chosen.len().saturating_sub(1);
    if chosen.iter().take(all_but_last).any(|(_, part)| part.size < PART_MINIMUM) {
        return Err(Error::PartTooSmall);
    }
    Ok(chosen)
}

/// The object that chosen parts make up, checked against what the client says of the whole.
pub(super) fn assemble(
    chosen: &[(u32, PartRecord)],
    upload: &UploadRecord,
    completion: &Completion,
) -> Result<NewObject, Error> {
    let size: u64 = chosen.iter().map(|(_, part)| part.size).sum();
    if completion.size.is_some_and(|expected| expected != size) {
        return Err(Error::SizeMismatch);
    }
    let checksum = upload.checksum.and_then(|kind| whole_checksum(kind, chosen));
    if let Some(expected) = &completion.checksum {
        match &checksum {
            // What cannot be compared must not pass for verified.
            None => return Err(Error::ChecksumKind),
            Some(actual) if actual.algorithm != expected.algorithm => {
                return Err(Error::ChecksumKind);
            }
            Some(actual) if !is_value_of(&expected.value, actual) => {
                return Err(Error::ChecksumMismatch);
            }
            Some(_) => {}
        }
    }
    let segments = chosen.iter().filter_map(|(number, part)| {
        let checksum = part.checksum.as_ref().map(|checksum| checksum.value.clone());
        let info = PartInfo { number: *number, checksum };
        part.blob.map(|blob| Segment { blob, size: part.size, part: Some(info) })
    });
    Ok(NewObject {
        etag: whole_etag(chosen),
        checksum,
        description: upload.description.clone(),
        segments: segments.collect(),
        multipart: true,
        staged: Vec::new(),
    })
}

/// Whether a client means this checksum. Some write a composite one without the number of parts.
fn is_value_of(value: &str, checksum: &StoredChecksum) -> bool {
    value == checksum.value
        || checksum.value.rsplit_once('-').is_some_and(|(without_count, _)| value == without_count)
}

/// The MD5 of the parts' MD5s, and their number.
fn whole_etag(chosen: &[(u32, PartRecord)]) -> String {
    let mut md5 = Md5::new();
    for (_, part) in chosen {
        md5.update(&hex::decode(&part.etag).unwrap_or_default());
    }
    format!("{}-{}", hex::encode(md5.finalize()), chosen.len())
}

/// The checksum of the whole from those of its parts; none unless every part carries one.
fn whole_checksum(kind: UploadChecksum, chosen: &[(u32, PartRecord)]) -> Option<StoredChecksum> {
    let algorithm = kind.algorithm;
    let mut sums = Vec::with_capacity(chosen.len());
    for (_, part) in chosen {
        let checksum = part.checksum.as_ref().filter(|sum| sum.algorithm == algorithm)?;
        sums.push((STANDARD.decode(&checksum.value).ok()?, part.size));
    }
    let value = if kind.composite {
        let joined: Vec<u8> = sums.iter().flat_map(|(sum, _)| sum.iter().copied()).collect();
        format!("{}-{}", STANDARD.encode(algorithm.of(&joined)), sums.len())
    } else {
        let mut sums = sums.into_iter();
        let (first, _) = sums.next()?;
        let whole =
            sums.try_fold(first, |whole, (sum, size)| algorithm.combine(&whole, &sum, size))?;
        STANDARD.encode(whole)
    };
    Some(StoredChecksum { algorithm, value, composite: kind.composite })
}
