//! Steps of features/data-plane/checksums.feature.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, CompletedPart, ObjectAttributes};
use cucumber::{given, then, when};

use super::{expect_success, settle};
use crate::failure::{Failure, StepResult};
use crate::world::World;

/// The checksums of `123456789`, the text that standards give theirs of.
const OF_THE_STANDARD_TEXT: [(&str, &str); 6] = [
    ("CRC32", "y/Q5Jg=="),
    ("CRC32C", "4waSgw=="),
    ("CRC64NVME", "rosUhgp5mIg="),
    ("SHA1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
    ("SHA256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
    ("MD5", "JfnnlDI7RTiF9RgfG2JNCw=="),
];

#[given(expr = "the object {string} holding {string} was stored with its {word}")]
async fn stored_with(
    world: &mut World,
    key: String,
    content: String,
    algorithm: String,
) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    // The SDK sums up by itself.
    let put = sdk.client.put_object().bucket(bucket).key(key);
    let put = put.checksum_algorithm(ChecksumAlgorithm::from(algorithm.as_str()));
    settle(world, &sdk, put.body(ByteStream::from(content.into_bytes())).send().await)?;
    expect_success(world)
}

#[when(expr = "the client stores {string} holding {string} but with the {word} of \"123456789\"")]
async fn stores_with_another(
    world: &mut World,
    key: String,
    content: String,
    algorithm: String,
) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let value = value(&algorithm)?;
    let put = sdk.client.put_object().bucket(bucket).key(key);
    let put = match algorithm.as_str() {
        "CRC32" => put.checksum_crc32(value),
        "CRC32C" => put.checksum_crc32_c(value),
        "CRC64NVME" => put.checksum_crc64_nvme(value),
        "SHA1" => put.checksum_sha1(value),
        "SHA256" => put.checksum_sha256(value),
        _ => put.content_md5(value),
    };
    settle(world, &sdk, put.body(ByteStream::from(content.into_bytes())).send().await)?;
    Ok(())
}

#[when(expr = "the client inspects {string} with its checksums")]
async fn inspects_checksums(world: &mut World, key: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let head = sdk.client.head_object().bucket(bucket).key(key);
    settle(world, &sdk, head.checksum_mode(ChecksumMode::Enabled).send().await)?;
    Ok(())
}

#[given(expr = "an upload of {string} with CRC32 was started")]
async fn upload_with_crc(world: &mut World, key: String) -> StepResult {
    let bucket = world.bucket().await?;
    let create = world.sdk().client.create_multipart_upload().bucket(bucket).key(key);
    let upload = create.checksum_algorithm(ChecksumAlgorithm::Crc32).send().await?;
    world.found.upload = upload.upload_id.ok_or_else(|| Failure::new("the upload has no id"))?;
    Ok(())
}

#[given(expr = "part {int} of {string} holding {string} was uploaded with its CRC32")]
async fn part_with_crc(world: &mut World, number: i32, key: String, content: String) -> StepResult {
    let bucket = world.bucket().await?;
    let part = world.sdk().client.upload_part().bucket(bucket).key(key).part_number(number);
    let part = part.upload_id(&world.found.upload).checksum_algorithm(ChecksumAlgorithm::Crc32);
    let sent = part.body(ByteStream::from(content.into_bytes())).send().await?;
    let done = CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag);
    world.found.parts.push(done.set_checksum_crc32(sent.checksum_crc32).build());
    Ok(())
}

#[when(
    expr = "the client uploads part {int} of {string} holding {string} but with the CRC32 of \"123456789\""
)]
async fn part_with_another(
    world: &mut World,
    number: i32,
    key: String,
    content: String,
) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let part = sdk.client.upload_part().bucket(bucket).key(key).part_number(number);
    let part = part.upload_id(&world.found.upload).checksum_crc32(value("CRC32")?);
    settle(world, &sdk, part.body(ByteStream::from(content.into_bytes())).send().await)?;
    Ok(())
}

#[then(expr = "the open upload of {string} has no parts")]
async fn has_no_parts(world: &mut World, key: String) -> StepResult {
    let bucket = world.bucket().await?;
    let list = world.sdk().client.list_parts().bucket(bucket).key(key);
    let page = list.upload_id(&world.found.upload).send().await?;
    let count = page.parts().len();
    Failure::unless(count == 0, || format!("it has {count}"))
}

#[when(expr = "the client asks for the attributes of {string}")]
async fn asks_attributes(world: &mut World, key: String) -> StepResult {
    let (sdk, bucket) = (world.sdk().clone(), world.bucket().await?);
    let ask = sdk.client.get_object_attributes().bucket(bucket).key(key);
    let ask = ask
        .object_attributes(ObjectAttributes::Etag)
        .object_attributes(ObjectAttributes::ObjectSize)
        .object_attributes(ObjectAttributes::Checksum);
    if let Some(found) = settle(world, &sdk, ask.send().await)? {
        let sum = found.checksum().and_then(|checksum| checksum.checksum_sha256());
        world.found.keys = vec![
            found.object_size().unwrap_or_default().to_string(),
            found.e_tag().unwrap_or_default().to_owned(),
            sum.unwrap_or_default().to_owned(),
        ];
    }
    Ok(())
}

#[then(expr = "the attributes are size {int}, tag {string} and SHA256 {string}")]
async fn attributes_are(world: &mut World, size: u64, tag: String, sum: String) -> StepResult {
    expect_success(world)?;
    let found = &world.found.keys;
    Failure::unless(*found == [size.to_string(), tag, sum], || format!("they are {found:?}"))
}

fn value(algorithm: &str) -> Result<&'static str, Failure> {
    let known = OF_THE_STANDARD_TEXT.iter().find(|(name, _)| *name == algorithm);
    known.map(|(_, value)| *value).ok_or_else(|| Failure::new(format!("no {algorithm} is known")))
}
