//! Steps of features/payload: uploads in every mode, whole and spoilt in one place.

use std::str::FromStr;

use cucumber::{Parameter, then, when};

use super::hand::{request, send, signing};
use super::objects::pattern;
use crate::failure::{Failure, StepResult};
use crate::wire::{Announced, Chunks, Mode, Request, Signing};
use crate::world::World;

/// Chunks of this many bytes, at least as large as all but the last one have to be.
const CHUNK: usize = 16 * 1024;

/// How a client sends an object's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Parameter)]
#[param(
    name = "mode",
    regex = "one piece|one unsigned piece|signed chunks|signed chunks and a trailer|unsigned chunks and a trailer"
)]
enum Form {
    Hashed,
    Unsigned,
    Chunked(Mode),
}

impl FromStr for Form {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        Ok(match text {
            "one piece" => Self::Hashed,
            "one unsigned piece" => Self::Unsigned,
            "signed chunks" => Self::Chunked(Mode::Signed),
            "signed chunks and a trailer" => Self::Chunked(Mode::SignedTrailer),
            "unsigned chunks and a trailer" => Self::Chunked(Mode::UnsignedTrailer),
            _ => return Err(Failure::new(format!("no mode `{text}`"))),
        })
    }
}

#[when(expr = "a client uploads {int} bytes to {string} in {mode}")]
async fn uploads(world: &mut World, size: usize, key: String, form: Form) -> StepResult {
    let put = upload(world, size, &key, form, "nothing is wrong").await?;
    world.mark().await?;
    send(world, &put).await
}

#[when(regex = r#"^a client uploads (\d+) bytes to "([^"]*)" in (.+), but (.+)$"#)]
async fn uploads_spoilt(
    world: &mut World,
    size: usize,
    key: String,
    form: String,
    flaw: String,
) -> StepResult {
    let put = upload(world, size, &key, form.parse()?, &flaw).await?;
    world.mark().await?;
    send(world, &put).await
}

#[when(expr = "a client uploads {int} bytes to {string} in {mode}, its length untold by HTTP")]
async fn uploads_untold(world: &mut World, size: usize, key: String, form: Form) -> StepResult {
    let mut put = upload(world, size, &key, form, "nothing is wrong").await?;
    put.headers.push(("transfer-encoding".to_owned(), "chunked".to_owned()));
    put.body = http_chunks(&put.body);
    world.mark().await?;
    send(world, &put).await
}

#[when(expr = "a client uploads {int} bytes to {string} with two framings")]
async fn uploads_ambiguously(world: &mut World, size: usize, key: String) -> StepResult {
    let mut put = upload(world, size, &key, Form::Hashed, "nothing is wrong").await?;
    put.headers.push(("content-length".to_owned(), put.body.len().to_string()));
    put.headers.push(("transfer-encoding".to_owned(), "chunked".to_owned()));
    put.body = http_chunks(&put.body);
    world.mark().await?;
    send(world, &put).await
}

#[when(expr = "a client uploads {int} bytes as a part of {string} in {mode}")]
async fn uploads_part(world: &mut World, size: usize, key: String, form: Form) -> StepResult {
    let part = request(world, "PUT", &key)
        .await?
        .parameter("partNumber", "1")
        .parameter("uploadId", &world.found.upload);
    let part = compose(&signing(world), part, &pattern(size), form, "nothing is wrong")?;
    world.mark().await?;
    send(world, &part).await
}

#[when(expr = "a client tags {string} in {mode}")]
async fn tags(world: &mut World, key: String, form: Form) -> StepResult {
    let xml = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    let put = request(world, "PUT", &key).await?.parameter("tagging", "");
    let put = compose(&signing(world), put, xml.as_bytes(), form, "nothing is wrong")?;
    world.mark().await?;
    send(world, &put).await
}

#[then(expr = "the object {string} holds the {int} bytes")]
async fn holds_bytes(world: &mut World, key: String, size: usize) -> StepResult {
    let found = world.read(&key).await?;
    Failure::unless(found.as_deref() == Some(&pattern(size)), || {
        format!("`{key}` holds {:?} bytes, or others", found.as_ref().map(Vec::len))
    })
}

async fn upload(
    world: &mut World,
    size: usize,
    key: &str,
    form: Form,
    flaw: &str,
) -> Result<Request, Failure> {
    let put = request(world, "PUT", key).await?;
    compose(&signing(world), put, &pattern(size), form, flaw)
}

/// A signed request for the content in the mode, spoilt by the flaw.
fn compose(
    signing: &Signing,
    mut put: Request,
    content: &[u8],
    form: Form,
    flaw: &str,
) -> Result<Request, Failure> {
    let Form::Chunked(mode) = form else {
        let payload = (form == Form::Unsigned).then(|| "UNSIGNED-PAYLOAD".to_owned());
        put.body = content.to_vec();
        Signing { payload, ..signing.clone() }.header(&mut put)?;
        match flaw {
            "nothing is wrong" => {}
            "a byte of its body is changed" => flip(put.body.last_mut())?,
            "its body is cut short" => put.body.truncate(content.len() / 2),
            _ => return Err(Failure::new(format!("no flaw `{flaw}`"))),
        }
        return Ok(put);
    };
    let announced = match flaw {
        "its length is not told" => Announced::Not,
        "its length is told too small" => Announced::As(content.len() - 1),
        "its length is told too large" => Announced::As(content.len() + 1),
        _ => Announced::Truly,
    };
    let size = match flaw {
        "its chunks are too small" => 4096,
        "its chunks are as small as they may be" => 8192,
        _ => CHUNK,
    };
    let mut chunks = Chunks::sign(signing, &mut put, mode, content, size, announced)?;
    spoil(&mut chunks, &mut put, flaw)?;
    put.body = chunks.bytes();
    if flaw == "its last chunk never comes" {
        let end = chunks.bytes().len()
            - Chunks { chunks: chunks.chunks.split_off(chunks.chunks.len() - 1), ..chunks }
                .bytes()
                .len();
        put.body.truncate(end);
    }
    Ok(put)
}

/// Changes what was signed already.
fn spoil(chunks: &mut Chunks, put: &mut Request, flaw: &str) -> StepResult {
    let last = chunks.chunks.len().saturating_sub(1);
    let missing = || Failure::new("the upload has no such part");
    match flaw {
        "nothing is wrong"
        | "its length is not told"
        | "its length is told too small"
        | "its length is told too large"
        | "its chunks are too small"
        | "its chunks are as small as they may be"
        | "its last chunk never comes" => {}
        "a byte of its first chunk is changed" => {
            flip(chunks.chunks.first_mut().and_then(|it| it.0.first_mut()))?
        }
        "a byte of a middle chunk is changed" => {
            flip(chunks.chunks.get_mut(last / 2).and_then(|it| it.0.first_mut()))?
        }
        "a byte of its last data is changed" => {
            flip(chunks.chunks.get_mut(last - 1).and_then(|it| it.0.last_mut()))?
        }
        "the signature of its first chunk is changed" => {
            respell(chunks.chunks.first_mut().and_then(|it| it.1.as_mut()))?
        }
        "the signature of a middle chunk is changed" => {
            respell(chunks.chunks.get_mut(last / 2).and_then(|it| it.1.as_mut()))?
        }
        "the signature of its last chunk is changed" => {
            respell(chunks.chunks.get_mut(last).and_then(|it| it.1.as_mut()))?
        }
        "two of its chunks are swapped" => chunks.chunks.swap(0, 1),
        "one of its chunks is left out" => {
            chunks.chunks.remove(last / 2);
        }
        "its checksum is another one's" => {
            let (_, value) = chunks.trailer.first_mut().ok_or_else(missing)?;
            "AAAAAQ==".clone_into(value);
        }
        "its checksum is longer than any" => {
            let (_, value) = chunks.trailer.first_mut().ok_or_else(missing)?;
            value.push_str("XXXX");
        }
        "its checksum never comes" => chunks.trailer.clear(),
        "the signature of its trailer is changed" => respell(chunks.trailer_signature.as_mut())?,
        "the signature of its trailer never comes" => chunks.trailer_signature = None,
        "the request's own signature is changed" => respell(put.header_mut("authorization"))?,
        _ => return Err(Failure::new(format!("no flaw `{flaw}`"))),
    }
    Ok(())
}

fn flip(byte: Option<&mut u8>) -> StepResult {
    *byte.ok_or_else(|| Failure::new("the upload has no such byte"))? ^= 1;
    Ok(())
}

/// Changes the last digit of a signature.
fn respell(signature: Option<&mut String>) -> StepResult {
    let signature = signature.ok_or_else(|| Failure::new("the upload has no such signature"))?;
    let digit = if signature.pop() == Some('0') { '1' } else { '0' };
    signature.push(digit);
    Ok(())
}

/// A body in the transfer coding of HTTP, in two pieces.
fn http_chunks(body: &[u8]) -> Vec<u8> {
    let mut coded = Vec::new();
    for piece in body.chunks(body.len().div_ceil(2).max(1)) {
        coded.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        coded.extend_from_slice(piece);
        coded.extend_from_slice(b"\r\n");
    }
    coded.extend_from_slice(b"0\r\n\r\n");
    coded
}
