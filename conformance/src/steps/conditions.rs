//! Steps of features/data-plane/conditions.feature: ranges and preconditions.

use aws_sdk_s3::primitives::{ByteStream, DateTime};
use cucumber::when;

use super::settle;
use crate::failure::{Failure, StepResult};
use crate::world::World;

#[when(expr = "the client reads bytes {string} of {string}")]
async fn reads_range(world: &mut World, range: String, key: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let get = sdk.client.get_object().bucket(bucket).key(key).range(format!("bytes={range}"));
    if let Some(found) = settle(world, &sdk, get.send().await)? {
        world.found.body = found.body.collect().await?.to_vec();
    }
    Ok(())
}

/// What a condition compares with.
#[derive(Debug, Clone, Copy, cucumber::Parameter)]
#[param(name = "version", regex = "the present version|another version")]
enum Version {
    Present,
    Other,
}

impl std::str::FromStr for Version {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        Ok(if text == "the present version" { Self::Present } else { Self::Other })
    }
}

impl Version {
    /// The entity tag that the condition names.
    async fn tag(self, world: &World, bucket: &str, key: &str) -> Result<String, Failure> {
        match self {
            Self::Other => Ok("\"00000000000000000000000000000000\"".to_owned()),
            Self::Present => {
                let head = world.sdk().client.head_object().bucket(bucket).key(key).send().await?;
                head.e_tag().map(str::to_owned).ok_or_else(|| Failure::new("no entity tag"))
            }
        }
    }
}

#[when(expr = "the client reads {string} if it is {version}")]
async fn reads_if_match(world: &mut World, key: String, version: Version) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let tag = version.tag(world, &bucket, &key).await?;
    let get = sdk.client.get_object().bucket(bucket).key(key).if_match(tag);
    settle(world, &sdk, get.send().await)?;
    Ok(())
}

#[when(expr = "the client reads {string} unless it is {version}")]
async fn reads_if_none_match(world: &mut World, key: String, version: Version) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let tag = version.tag(world, &bucket, &key).await?;
    let get = sdk.client.get_object().bucket(bucket).key(key).if_none_match(tag);
    settle(world, &sdk, get.send().await)?;
    Ok(())
}

#[when(expr = "the client reads {string} if it changed since {word}")]
async fn reads_if_modified(world: &mut World, key: String, year: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let get = sdk.client.get_object().bucket(bucket).key(key).if_modified_since(new_year(&year)?);
    settle(world, &sdk, get.send().await)?;
    Ok(())
}

#[when(expr = "the client reads {string} if it is unchanged since {word}")]
async fn reads_if_unmodified(world: &mut World, key: String, year: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let get = sdk.client.get_object().bucket(bucket).key(key).if_unmodified_since(new_year(&year)?);
    settle(world, &sdk, get.send().await)?;
    Ok(())
}

#[when(expr = "the client stores {string} holding {string} if nothing is there")]
async fn stores_if_absent(world: &mut World, key: String, content: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let put = sdk.client.put_object().bucket(bucket).key(key).if_none_match("*");
    settle(world, &sdk, put.body(ByteStream::from(content.into_bytes())).send().await)?;
    Ok(())
}

#[when(expr = "the client stores {string} holding {string} if it is {version}")]
async fn stores_if_match(
    world: &mut World,
    key: String,
    content: String,
    version: Version,
) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let tag = version.tag(world, &bucket, &key).await?;
    let put = sdk.client.put_object().bucket(bucket).key(key).if_match(tag);
    settle(world, &sdk, put.body(ByteStream::from(content.into_bytes())).send().await)?;
    Ok(())
}

/// Midnight on the first of January.
fn new_year(year: &str) -> Result<DateTime, Failure> {
    let year: i64 = year.parse()?;
    let days = (year - 1970) * 365 + (year - 1969) / 4;
    Ok(DateTime::from_secs(days * 86_400))
}
