//! What a store says of a batch, found by what was asked and written out again.

use std::collections::{HashMap, VecDeque};

use deltaglider_core::s3::S3ErrorCode;
use serde::Deserialize;

use crate::data::xml::Writer;

/// The results of a store, each given out once.
#[derive(Default)]
pub(super) struct Results {
    all: Vec<Option<Told>>,
    /// By key and version, for a batch may name one more than once.
    places: HashMap<(String, Option<String>), VecDeque<usize>>,
}

/// One result.
pub(super) enum Told {
    Deleted(Deleted),
    Failed(Failed),
}

/// A store's document; one of another kind would pass for a batch of which nothing is told.
#[derive(Deserialize)]
enum Root {
    DeleteResult(Outcome),
}

#[derive(Deserialize)]
struct Outcome {
    #[serde(rename = "Deleted", default)]
    deleted: Vec<Deleted>,
    #[serde(rename = "Error", default)]
    failed: Vec<Failed>,
}

#[derive(Deserialize)]
pub(super) struct Deleted {
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
pub(super) struct Failed {
    #[serde(rename = "Key")]
    key: Option<String>,
    #[serde(rename = "VersionId")]
    version: Option<String>,
    #[serde(rename = "Code")]
    code: Option<String>,
    #[serde(rename = "Message")]
    message: Option<String>,
}

impl Results {
    /// Reads a store's answer.
    pub(super) fn parse(document: &[u8]) -> Result<Self, quick_xml::DeError> {
        let Root::DeleteResult(Outcome { deleted, failed }) = quick_xml::de::from_reader(document)?;
        let mut results = Self::default();
        let deleted = deleted.into_iter().map(Told::Deleted);
        for told in deleted.chain(failed.into_iter().map(Told::Failed)) {
            if let Some(place) = told.place() {
                results.places.entry(place).or_default().push_back(results.all.len());
            }
            results.all.push(Some(told));
        }
        Ok(results)
    }

    /// What is said of a key.
    pub(super) fn take(&mut self, key: &str, version: Option<&str>) -> Option<Told> {
        let place = (key.to_owned(), version.map(str::to_owned));
        let index = self.places.get_mut(&place)?.pop_front()?;
        self.all.get_mut(index)?.take()
    }

    /// What nobody has taken, in the store's order.
    pub(super) fn rest(self) -> impl Iterator<Item = Told> {
        self.all.into_iter().flatten()
    }
}

impl Told {
    /// The result of a key that the rules keep from the caller.
    pub(super) fn denied(key: &str, version: Option<&str>) -> Self {
        Self::Failed(Failed {
            key: Some(key.to_owned()),
            version: version.map(str::to_owned),
            code: Some(S3ErrorCode::AccessDenied.as_str().to_owned()),
            message: Some("Access Denied".to_owned()),
        })
    }

    fn place(&self) -> Option<(String, Option<String>)> {
        let (key, version) = match self {
            Self::Deleted(Deleted { key, version, .. }) => (key, version),
            Self::Failed(Failed { key, version, .. }) => (key, version),
        };
        Some((key.clone()?, version.clone()))
    }

    /// A quiet batch is told its failures alone.
    pub(super) fn write(&self, answer: &mut Writer, quiet: bool) {
        match self {
            Self::Deleted(_) if quiet => {}
            Self::Deleted(told) => answer.nested("Deleted", |entry| {
                entry.optional("DeleteMarker", told.marker.as_deref());
                entry.optional("DeleteMarkerVersionId", told.marker_version.as_deref());
                entry.optional("Key", told.key.as_deref());
                entry.optional("VersionId", told.version.as_deref());
            }),
            Self::Failed(told) => answer.nested("Error", |entry| {
                entry.optional("Code", told.code.as_deref());
                entry.optional("Key", told.key.as_deref());
                entry.optional("Message", told.message.as_deref());
                entry.optional("VersionId", told.version.as_deref());
            }),
        }
    }
}
