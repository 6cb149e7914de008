//! What a bucket holds at one moment, read back through the subject: the evidence of a lane
//! without a witness.

use crate::failure::Failure;
use crate::world::World;

/// Keys with their tags, and open uploads; `None` where the bucket does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot(Option<Vec<String>>);

impl Snapshot {
    /// Reads the scenario's bucket. Scenarios hold few objects: one page is all there is.
    pub async fn take(world: &World) -> Result<Self, Failure> {
        let client = &world.sdk().client;
        let bucket = world.bucket_name();
        let page = match client.list_objects_v2().bucket(&bucket).send().await {
            Ok(page) => page,
            Err(error) if error.raw_response().is_some_and(|r| r.status().as_u16() == 404) => {
                return Ok(Self(None));
            }
            Err(error) => return Err(error.into()),
        };
        let mut held: Vec<String> = page
            .contents()
            .iter()
            .map(|object| {
                format!(
                    "{} {} {:?} {:?}",
                    object.key().unwrap_or_default(),
                    object.e_tag().unwrap_or_default(),
                    object.size(),
                    object.last_modified().map(ToString::to_string),
                )
            })
            .collect();
        let uploads = client.list_multipart_uploads().bucket(&bucket).send().await?;
        held.extend(uploads.uploads().iter().map(|upload| {
            format!(
                "upload {} {}",
                upload.key().unwrap_or_default(),
                upload.upload_id().unwrap_or_default()
            )
        }));
        Ok(Self(Some(held)))
    }
}
