//! The S3 API as one table: kinds, how requests select them, and what they ask.
//!
//! A row reads: kind, method, level, selectors, further parameters, action, support, body.
//! A selector is a query parameter that must be present, `name=value` for one with that
//! value, or `name:` for a header that must be present (`name:start` for its beginning).

use super::operation::{Action, BodyKind, Support};

/// What the path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Service,
    Bucket,
    Object,
}

/// One operation of the S3 reference.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) kind: OperationKind,
    pub(super) method: &'static str,
    pub(super) level: Level,
    pub(super) selectors: &'static [&'static str],
    pub(super) parameters: &'static [&'static str],
    pub(super) action: Action,
    pub(super) support: Support,
    pub(super) body: BodyKind,
}

/// One mark that tells an operation from others of its method and level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selector {
    /// A query parameter that is there.
    Parameter(&'static str),
    /// A query parameter with this value.
    Value(&'static str, &'static str),
    /// A header whose value begins so.
    Header(&'static str, &'static str),
}

impl Row {
    /// Its marks, read from their spelling in the table.
    pub(super) fn selectors(&self) -> impl Iterator<Item = Selector> {
        self.selectors.iter().map(|text| match (text.split_once(':'), text.split_once('=')) {
            (Some((name, start)), _) => Selector::Header(name, start),
            (None, Some((name, value))) => Selector::Value(name, value),
            (None, None) => Selector::Parameter(text),
        })
    }
}

macro_rules! table {
    ($($kind:ident $method:ident $level:ident [$($selector:literal)*] [$($parameter:literal)*]
       $action:ident $support:ident $body:ident;)*) => {
        /// An operation of the S3 API, named as its reference names it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the S3 reference documents them by these names")]
        pub enum OperationKind {
            $($kind,)*
            /// A request that no operation of the table describes.
            Unknown,
        }

        impl OperationKind {
            /// Its name in the S3 reference.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => stringify!($kind),)* Self::Unknown => "Unknown" }
            }
        }

        pub(super) const TABLE: &[Row] = &[$(Row {
            kind: OperationKind::$kind,
            method: stringify!($method),
            level: Level::$level,
            selectors: &[$($selector),*],
            parameters: &[$($parameter),*],
            action: Action::$action,
            support: support::$support,
            body: BodyKind::$body,
        },)*];
    };
}

/// Short names for a table that has to fit a page.
mod support {
    use super::Support;
    pub(super) const YES: Support = Support::Forwarded;
    pub(super) const NO: Support = Support::NotImplemented;
}

#[rustfmt::skip]
table! {
    // Service
    ListBuckets GET Service [] ["bucket-region" "continuation-token" "max-buckets" "prefix"] List YES None;
    ListDirectoryBuckets GET Service ["max-directory-buckets"] ["continuation-token"] List NO None;
    WriteGetObjectResponse POST Bucket ["x-amz-request-route:"] [] Admin NO Object;

    // Buckets
    CreateBucket PUT Bucket [] [] Admin YES Document;
    DeleteBucket DELETE Bucket [] [] Admin YES None;
    HeadBucket HEAD Bucket [] [] List YES None;
    GetBucketLocation GET Bucket ["location"] [] List YES None;
    CreateSession GET Bucket ["session"] [] Admin NO None;

    // Listings
    ListObjects GET Bucket [] ["delimiter" "encoding-type" "marker" "max-keys" "prefix"] List YES None;
    ListObjectsV2 GET Bucket ["list-type=2"] ["continuation-token" "delimiter" "encoding-type" "fetch-owner" "max-keys" "prefix" "start-after"] List YES None;
    ListObjectVersions GET Bucket ["versions"] ["delimiter" "encoding-type" "key-marker" "max-keys" "prefix" "version-id-marker"] List YES None;
    ListMultipartUploads GET Bucket ["uploads"] ["delimiter" "encoding-type" "key-marker" "max-uploads" "prefix" "upload-id-marker"] List YES None;
    ListParts GET Object ["uploadId"] ["max-parts" "part-number-marker" "encoding-type"] List YES None;

    // Objects
    GetObject GET Object [] ["partNumber" "versionId" "response-cache-control" "response-content-disposition" "response-content-encoding" "response-content-language" "response-content-type" "response-expires"] Read YES None;
    HeadObject HEAD Object [] ["partNumber" "versionId" "response-cache-control" "response-content-disposition" "response-content-encoding" "response-content-language" "response-content-type" "response-expires"] Read YES None;
    PutObject PUT Object [] [] Write YES Object;
    CopyObject PUT Object ["x-amz-copy-source:"] [] Write YES None;
    DeleteObject DELETE Object [] ["versionId"] Delete YES None;
    DeleteObjects POST Bucket ["delete"] [] Delete YES Document;
    PostObject POST Bucket ["content-type:multipart/form-data"] [] Write NO Object;
    GetObjectAttributes GET Object ["attributes"] ["versionId"] Read YES None;
    GetObjectTorrent GET Object ["torrent"] [] Read NO None;
    RestoreObject POST Object ["restore"] ["versionId"] Write YES Document;
    SelectObjectContent POST Object ["select" "select-type=2"] [] Read NO Document;
    RenameObject PUT Object ["renameObject"] [] Admin NO None;
    UpdateObjectEncryption PUT Object ["encryption"] ["versionId"] Admin NO Document;

    // Multipart
    CreateMultipartUpload POST Object ["uploads"] [] Write YES None;
    UploadPart PUT Object ["partNumber" "uploadId"] [] Write YES Object;
    UploadPartCopy PUT Object ["partNumber" "uploadId" "x-amz-copy-source:"] [] Write YES None;
    CompleteMultipartUpload POST Object ["uploadId"] [] Write YES Document;
    AbortMultipartUpload DELETE Object ["uploadId"] [] Write YES None;

    // What hangs on an object
    GetObjectAcl GET Object ["acl"] ["versionId"] Read YES None;
    PutObjectAcl PUT Object ["acl"] ["versionId"] Admin YES Document;
    GetObjectTagging GET Object ["tagging"] ["versionId"] Read YES None;
    PutObjectTagging PUT Object ["tagging"] ["versionId"] Write YES Document;
    DeleteObjectTagging DELETE Object ["tagging"] ["versionId"] Write YES None;
    GetObjectRetention GET Object ["retention"] ["versionId"] Admin YES None;
    PutObjectRetention PUT Object ["retention"] ["versionId"] Admin YES Document;
    GetObjectLegalHold GET Object ["legal-hold"] ["versionId"] Admin YES None;
    PutObjectLegalHold PUT Object ["legal-hold"] ["versionId"] Admin YES Document;
    ListObjectAnnotations GET Object ["annotation"] ["annotation-prefix" "continuation-token" "max-annotation-results" "versionId"] Read NO None;
    GetObjectAnnotation GET Object ["annotation" "annotationName"] ["versionId"] Read NO None;
    PutObjectAnnotation PUT Object ["annotation" "annotationName"] ["versionId"] Write NO Object;
    DeleteObjectAnnotation DELETE Object ["annotation" "annotationName"] ["versionId"] Write NO None;

    // Settings of a bucket that the store answers for alone
    GetBucketAcl GET Bucket ["acl"] [] Admin YES None;
    PutBucketAcl PUT Bucket ["acl"] [] Admin YES Document;
    GetBucketCors GET Bucket ["cors"] [] Admin YES None;
    PutBucketCors PUT Bucket ["cors"] [] Admin YES Document;
    DeleteBucketCors DELETE Bucket ["cors"] [] Admin YES None;
    GetBucketEncryption GET Bucket ["encryption"] [] Admin YES None;
    PutBucketEncryption PUT Bucket ["encryption"] [] Admin YES Document;
    DeleteBucketEncryption DELETE Bucket ["encryption"] [] Admin YES None;
    GetBucketLifecycleConfiguration GET Bucket ["lifecycle"] [] Admin YES None;
    PutBucketLifecycleConfiguration PUT Bucket ["lifecycle"] [] Admin YES Document;
    DeleteBucketLifecycle DELETE Bucket ["lifecycle"] [] Admin YES None;
    GetObjectLockConfiguration GET Bucket ["object-lock"] [] Admin YES None;
    PutObjectLockConfiguration PUT Bucket ["object-lock"] [] Admin YES Document;
    GetBucketOwnershipControls GET Bucket ["ownershipControls"] [] Admin YES None;
    PutBucketOwnershipControls PUT Bucket ["ownershipControls"] [] Admin YES Document;
    DeleteBucketOwnershipControls DELETE Bucket ["ownershipControls"] [] Admin YES None;
    GetPublicAccessBlock GET Bucket ["publicAccessBlock"] [] Admin YES None;
    PutPublicAccessBlock PUT Bucket ["publicAccessBlock"] [] Admin YES Document;
    DeletePublicAccessBlock DELETE Bucket ["publicAccessBlock"] [] Admin YES None;
    GetBucketTagging GET Bucket ["tagging"] [] Admin YES None;
    PutBucketTagging PUT Bucket ["tagging"] [] Admin YES Document;
    DeleteBucketTagging DELETE Bucket ["tagging"] [] Admin YES None;
    GetBucketVersioning GET Bucket ["versioning"] [] Admin YES None;
    PutBucketVersioning PUT Bucket ["versioning"] [] Admin YES Document;

    // Settings that act with the store's own rights elsewhere, or that a gateway cannot answer for
    GetBucketAbac GET Bucket ["abac"] [] Admin NO None;
    PutBucketAbac PUT Bucket ["abac"] [] Admin NO Document;
    GetBucketAccelerateConfiguration GET Bucket ["accelerate"] [] Admin NO None;
    PutBucketAccelerateConfiguration PUT Bucket ["accelerate"] [] Admin NO Document;
    GetBucketAnalyticsConfiguration GET Bucket ["analytics" "id"] [] Admin NO None;
    ListBucketAnalyticsConfigurations GET Bucket ["analytics"] ["continuation-token"] Admin NO None;
    PutBucketAnalyticsConfiguration PUT Bucket ["analytics" "id"] [] Admin NO Document;
    DeleteBucketAnalyticsConfiguration DELETE Bucket ["analytics" "id"] [] Admin NO None;
    GetBucketIntelligentTieringConfiguration GET Bucket ["intelligent-tiering" "id"] [] Admin NO None;
    ListBucketIntelligentTieringConfigurations GET Bucket ["intelligent-tiering"] ["continuation-token"] Admin NO None;
    PutBucketIntelligentTieringConfiguration PUT Bucket ["intelligent-tiering" "id"] [] Admin NO Document;
    DeleteBucketIntelligentTieringConfiguration DELETE Bucket ["intelligent-tiering" "id"] [] Admin NO None;
    GetBucketInventoryConfiguration GET Bucket ["inventory" "id"] [] Admin NO None;
    ListBucketInventoryConfigurations GET Bucket ["inventory"] ["continuation-token"] Admin NO None;
    PutBucketInventoryConfiguration PUT Bucket ["inventory" "id"] [] Admin NO Document;
    DeleteBucketInventoryConfiguration DELETE Bucket ["inventory" "id"] [] Admin NO None;
    GetBucketLogging GET Bucket ["logging"] [] Admin NO None;
    PutBucketLogging PUT Bucket ["logging"] [] Admin NO Document;
    GetBucketMetricsConfiguration GET Bucket ["metrics" "id"] [] Admin NO None;
    ListBucketMetricsConfigurations GET Bucket ["metrics"] ["continuation-token"] Admin NO None;
    PutBucketMetricsConfiguration PUT Bucket ["metrics" "id"] [] Admin NO Document;
    DeleteBucketMetricsConfiguration DELETE Bucket ["metrics" "id"] [] Admin NO None;
    CreateBucketMetadataConfiguration POST Bucket ["metadataConfiguration"] [] Admin NO Document;
    GetBucketMetadataConfiguration GET Bucket ["metadataConfiguration"] [] Admin NO None;
    DeleteBucketMetadataConfiguration DELETE Bucket ["metadataConfiguration"] [] Admin NO None;
    UpdateBucketMetadataAnnotationTableConfiguration PUT Bucket ["metadataAnnotationTable"] [] Admin NO Document;
    UpdateBucketMetadataInventoryTableConfiguration PUT Bucket ["metadataInventoryTable"] [] Admin NO Document;
    UpdateBucketMetadataJournalTableConfiguration PUT Bucket ["metadataJournalTable"] [] Admin NO Document;
    CreateBucketMetadataTableConfiguration POST Bucket ["metadataTable"] [] Admin NO Document;
    GetBucketMetadataTableConfiguration GET Bucket ["metadataTable"] [] Admin NO None;
    DeleteBucketMetadataTableConfiguration DELETE Bucket ["metadataTable"] [] Admin NO None;
    GetBucketNotificationConfiguration GET Bucket ["notification"] [] Admin NO None;
    PutBucketNotificationConfiguration PUT Bucket ["notification"] [] Admin NO Document;
    GetBucketPolicy GET Bucket ["policy"] [] Admin NO None;
    PutBucketPolicy PUT Bucket ["policy"] [] Admin NO Document;
    DeleteBucketPolicy DELETE Bucket ["policy"] [] Admin NO None;
    GetBucketPolicyStatus GET Bucket ["policyStatus"] [] Admin NO None;
    GetBucketReplication GET Bucket ["replication"] [] Admin NO None;
    PutBucketReplication PUT Bucket ["replication"] [] Admin NO Document;
    DeleteBucketReplication DELETE Bucket ["replication"] [] Admin NO None;
    GetBucketRequestPayment GET Bucket ["requestPayment"] [] Admin NO None;
    PutBucketRequestPayment PUT Bucket ["requestPayment"] [] Admin NO Document;
    GetBucketWebsite GET Bucket ["website"] [] Admin NO None;
    PutBucketWebsite PUT Bucket ["website"] [] Admin NO Document;
    DeleteBucketWebsite DELETE Bucket ["website"] [] Admin NO None;
}
