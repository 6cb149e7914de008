//! PutObject.

use s3s::dto::*;
use s3s::{S3Request, S3Response};

use super::body::{self, Declared};
use super::{Answer, asides, conditions, headers};
use crate::model::{Algorithm, StoredChecksum};
use crate::store::{NewObject, Store};

pub(super) async fn object(
    store: &Store,
    req: S3Request<PutObjectInput>,
) -> Answer<PutObjectOutput> {
    headers::refuse_unsupported(&req.headers)?;
    let asides = asides(&req);
    let input = req.input;
    let description = headers::description(&asides, input.tagging.as_deref())?;
    let condition = conditions::of_write(&asides)?;
    let declared = Declared::read(&req.headers, input.content_length, None)?;
    store.bucket(input.bucket.clone()).await?;

    let (received, checksum) = body::receive(store, input.body, &req.extensions, declared).await?;
    let object = NewObject::from_body(received, checksum, description);
    let record = store.put_object(input.bucket, input.key, object, condition).await?;

    let sums = Sums::of(record.checksum.as_ref());
    Ok(S3Response::new(PutObjectOutput {
        e_tag: Some(ETag::Strong(record.etag)),
        checksum_crc32: sums.crc32,
        checksum_crc32c: sums.crc32c,
        checksum_crc64nvme: sums.crc64nvme,
        checksum_sha1: sums.sha1,
        checksum_sha256: sums.sha256,
        checksum_type: sums.kind,
        ..Default::default()
    }))
}

/// A stored checksum in the fields that answers have for it.
#[derive(Default)]
pub(super) struct Sums {
    pub(super) crc32: Option<String>,
    pub(super) crc32c: Option<String>,
    pub(super) crc64nvme: Option<String>,
    pub(super) sha1: Option<String>,
    pub(super) sha256: Option<String>,
    pub(super) kind: Option<ChecksumType>,
}

impl Sums {
    pub(super) fn of(checksum: Option<&StoredChecksum>) -> Sums {
        let Some(checksum) = checksum else { return Sums::default() };
        let kind = checksum_type(checksum.composite);
        let mut sums = Sums { kind: Some(kind), ..Sums::default() };
        let field = match checksum.algorithm {
            Algorithm::Crc32 => &mut sums.crc32,
            Algorithm::Crc32c => &mut sums.crc32c,
            Algorithm::Crc64Nvme => &mut sums.crc64nvme,
            Algorithm::Sha1 => &mut sums.sha1,
            Algorithm::Sha256 => &mut sums.sha256,
        };
        *field = Some(checksum.value.clone());
        sums
    }
}

pub(super) fn checksum_type(composite: bool) -> ChecksumType {
    let name = if composite { ChecksumType::COMPOSITE } else { ChecksumType::FULL_OBJECT };
    ChecksumType::from_static(name)
}
