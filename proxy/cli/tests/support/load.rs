//! A client that changes keys of its own and remembers what each must hold.

use std::io;

use md5::{Digest as _, Md5};

use super::client::{Answer, Client};

/// Few, so that most writes replace something.
const KEYS: usize = 12;
const PART: usize = 5 << 20;

/// Reproducible numbers (xorshift).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// The content of an object, as the seeds and sizes of its parts.
#[derive(Clone, Debug, PartialEq)]
struct Content {
    parts: Vec<(u64, usize)>,
    multipart: bool,
}

impl Content {
    fn bytes(&self) -> Vec<u8> {
        self.parts.iter().flat_map(|(seed, size)| bytes(*seed, *size)).collect()
    }

    fn etag(&self) -> String {
        let sums: Vec<Vec<u8>> = self
            .parts
            .iter()
            .map(|(seed, size)| Md5::digest(bytes(*seed, *size)).to_vec())
            .collect();
        match self.multipart {
            false => format!("\"{}\"", hex::encode(&sums[0])),
            true => format!("\"{}-{}\"", hex::encode(Md5::digest(sums.concat())), sums.len()),
        }
    }
}

#[derive(Default)]
struct Key {
    /// As it was acknowledged or found last; `None` is absent.
    known: Option<Content>,
    /// As the request meant it whose answer never came.
    perhaps: Option<Option<Content>>,
}

/// One client.
pub(crate) struct Worker {
    number: usize,
    random: Random,
    keys: Vec<Key>,
    pub(crate) acknowledged: u64,
}

impl Worker {
    pub(crate) fn new(number: usize, seed: u64) -> Worker {
        let keys = (0..KEYS).map(|_| Key::default()).collect();
        Worker { number, random: Random::new(seed), keys, acknowledged: 0 }
    }

    /// The keys that are there.
    pub(crate) fn keys(&self) -> impl Iterator<Item = String> {
        let present = self.keys.iter().enumerate().filter(|(_, key)| key.known.is_some());
        present.map(|(index, _)| self.name(index))
    }

    /// Changes its keys until the server is gone.
    pub(crate) fn run(&mut self, mut client: Client) {
        while self.change(&mut client).is_ok() {
            self.acknowledged += 1;
        }
    }

    /// Compares each key with what is known of it, and says what is wrong.
    pub(crate) fn verify(&mut self, client: &mut Client) -> Vec<String> {
        let mut wrong = Vec::new();
        for index in 0..KEYS {
            let target = self.target(index);
            let answer = client.call("GET", &target, &[], b"").unwrap();
            let key = &mut self.keys[index];
            let fits = |content: &Option<Content>| is(&answer, content.as_ref());
            if let Some(perhaps) = key.perhaps.take()
                && fits(&perhaps)
            {
                key.known = perhaps;
            } else if !fits(&key.known) {
                wrong.push(format!(
                    "{target}: status {}, {} bytes, etag {:?}; expected {:?}",
                    answer.status,
                    answer.body.len(),
                    answer.header("etag"),
                    key.known
                ));
            }
        }
        wrong
    }

    fn change(&mut self, client: &mut Client) -> io::Result<()> {
        let index = self.random.below(KEYS as u64) as usize;
        match self.random.below(100) {
            0..50 => self.put(client, index),
            50..62 => self.delete(client, index),
            62..70 => self.delete_two(client, index),
            70..85 => self.copy(client, index),
            85..96 => self.upload(client, index, false),
            96..98 => self.upload(client, index, true),
            _ => self.abort(client, index),
        }
    }

    fn put(&mut self, client: &mut Client, index: usize) -> io::Result<()> {
        let part = self.part();
        self.keys[index].perhaps = Some(Some(Content { parts: vec![part], multipart: false }));
        let body = bytes(part.0, part.1);
        expect(client.call("PUT", &self.target(index), &[], &body)?, 200);
        self.acknowledge(index);
        Ok(())
    }

    fn delete(&mut self, client: &mut Client, index: usize) -> io::Result<()> {
        self.keys[index].perhaps = Some(None);
        expect(client.call("DELETE", &self.target(index), &[], b"")?, 204);
        self.acknowledge(index);
        Ok(())
    }

    fn delete_two(&mut self, client: &mut Client, index: usize) -> io::Result<()> {
        let both = [index, (index + 1) % KEYS];
        let named = both.map(|index| format!("<Object><Key>{}</Key></Object>", self.name(index)));
        both.iter().for_each(|index| self.keys[*index].perhaps = Some(None));
        let body = format!("<Delete>{}</Delete>", named.concat());
        let sum = base64(&Md5::digest(&body));
        let headers = [("content-md5", sum.as_str())];
        let answer = expect(client.call("POST", "/bkt?delete", &headers, body.as_bytes())?, 200);
        assert!(answer.all("Error").is_empty(), "{}", answer.text());
        both.iter().for_each(|index| self.acknowledge(*index));
        Ok(())
    }

    fn copy(&mut self, client: &mut Client, index: usize) -> io::Result<()> {
        let to = (index + 5) % KEYS;
        let Some(content) = self.keys[index].known.clone() else { return self.put(client, index) };
        self.keys[to].perhaps = Some(Some(content));
        let source = self.target(index);
        let headers = [("x-amz-copy-source", source.as_str())];
        let answer = expect(client.call("PUT", &self.target(to), &headers, b"")?, 200);
        assert!(answer.text().contains("CopyObjectResult"), "{}", answer.text());
        self.acknowledge(to);
        Ok(())
    }

    fn upload(&mut self, client: &mut Client, index: usize, large: bool) -> io::Result<()> {
        let mut parts = vec![self.part()];
        if large {
            parts.insert(0, (self.random.next(), PART));
        }
        let target = self.target(index);
        let id = begin(client, &target)?;
        let mut named = String::new();
        for (number, (seed, size)) in (1..).zip(&parts) {
            let part = format!("{target}?partNumber={number}&uploadId={id}");
            let sent = expect(client.call("PUT", &part, &[], &bytes(*seed, *size))?, 200);
            let tag = sent.header("etag").unwrap_or_default();
            named.push_str(&format!(
                "<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>"
            ));
        }
        self.keys[index].perhaps = Some(Some(Content { parts, multipart: true }));
        let body = format!("<CompleteMultipartUpload>{named}</CompleteMultipartUpload>");
        let complete = format!("{target}?uploadId={id}");
        let answer = expect(client.call("POST", &complete, &[], body.as_bytes())?, 200);
        assert!(answer.all("Error").is_empty(), "{}", answer.text());
        self.acknowledge(index);
        Ok(())
    }

    fn abort(&mut self, client: &mut Client, index: usize) -> io::Result<()> {
        let (target, part) = (self.target(index), self.part());
        let id = begin(client, &target)?;
        let place = format!("{target}?partNumber=1&uploadId={id}");
        expect(client.call("PUT", &place, &[], &bytes(part.0, part.1))?, 200);
        expect(client.call("DELETE", &format!("{target}?uploadId={id}"), &[], b"")?, 204);
        Ok(())
    }

    /// A seed and a size: nothing, little, about a batch of the writer, and more.
    fn part(&mut self) -> (u64, usize) {
        const SIZES: [usize; 8] = [0, 1, 100, 4096, 65_536, 131_073, 300_000, 1_048_577];
        // Large ones are seldom: they would take all of a short life.
        let at = (0..3).map(|_| self.random.below(SIZES.len() as u64)).min().unwrap_or_default();
        let at = at as usize;
        (self.random.next(), SIZES[at])
    }

    fn acknowledge(&mut self, index: usize) {
        if let Some(content) = self.keys[index].perhaps.take() {
            self.keys[index].known = content;
        }
    }

    fn name(&self, index: usize) -> String {
        format!("worker-{}/key-{index}", self.number)
    }

    fn target(&self, index: usize) -> String {
        format!("/bkt/{}", self.name(index))
    }
}

/// Whether an answer shows this content, to the last byte.
fn is(answer: &Answer, content: Option<&Content>) -> bool {
    match content {
        None => answer.status == 404,
        Some(content) => {
            answer.status == 200
                && answer.header("etag") == Some(&content.etag())
                && answer.body == content.bytes()
        }
    }
}

fn begin(client: &mut Client, target: &str) -> io::Result<String> {
    let begun = expect(client.call("POST", &format!("{target}?uploads"), &[], b"")?, 200);
    Ok(begun.all("UploadId").swap_remove(0))
}

fn expect(answer: Answer, status: u16) -> Answer {
    assert_eq!(answer.status, status, "{}", answer.text());
    answer
}

fn bytes(seed: u64, size: usize) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        bytes.extend_from_slice(&random.next().to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

fn base64(bytes: &[u8]) -> String {
    use ::base64::Engine as _;
    ::base64::engine::general_purpose::STANDARD.encode(bytes)
}
