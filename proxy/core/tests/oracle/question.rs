//! Random questions, and names that a listing might hold.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::random::Random;
use super::world::{ACTIONS, SOURCES, World};

/// One question, as it is printed where the answers differ.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Question {
    /// Which documents are rules.
    Validity,
    Decide {
        action: String,
        /// Absent: the service.
        bucket: Option<String>,
        key: Option<String>,
        source: Option<IpAddr>,
        prefix: Option<String>,
    },
    AnyIn {
        bucket: String,
        source: Option<IpAddr>,
    },
    Shows {
        bucket: String,
        source: Option<IpAddr>,
    },
    Listing {
        bucket: String,
        prefix: String,
        complete: bool,
        source: Option<IpAddr>,
        keys: Vec<String>,
        common_prefixes: Vec<String>,
    },
}

impl Question {
    /// An action on something, now and then in a listing's circumstances.
    pub(crate) fn decide(world: &World, random: &mut Random) -> Self {
        let bucket = (!random.once_in(20)).then(|| random.pick_text(&world.buckets));
        let key = (bucket.is_some() && !random.once_in(4)).then(|| name(world, random));
        Self::Decide {
            action: random.pick(ACTIONS).to_owned(),
            bucket,
            key,
            source: source(random),
            prefix: random.once_in(4).then(|| prefix(world, random)),
        }
    }

    /// A question about a bucket's existence.
    pub(crate) fn probe(world: &World, random: &mut Random) -> Self {
        let (bucket, source) = (random.pick_text(&world.buckets), source(random));
        match random.once_in(2) {
            true => Self::AnyIn { bucket, source },
            false => Self::Shows { bucket, source },
        }
    }

    /// A listing, with names that begin with its prefix.
    pub(crate) fn listing(world: &World, random: &mut Random) -> Self {
        let prefix = prefix(world, random);
        let mut keys: Vec<String> = (0..6).map(|_| name(world, random)).collect();
        keys.extend((0..3).map(|_| format!("{prefix}{}", name(world, random))));
        keys.extend(world.keys.iter().cloned());
        keys.retain(|it| it.starts_with(&prefix) && !it.is_empty());
        let delimiter = random.pick(&["/", "/", "/", "a", "/a", "*", "é"]);
        let common = |key: &String| {
            let at = key[prefix.len()..].find(delimiter)?;
            Some(key[..prefix.len() + at + delimiter.len()].to_owned())
        };
        Self::Listing {
            bucket: random.pick_text(&world.buckets),
            common_prefixes: keys.iter().filter_map(common).collect(),
            prefix,
            complete: random.once_in(5),
            source: source(random),
            keys,
        }
    }
}

fn name(world: &World, random: &mut Random) -> String {
    match random.once_in(3) {
        true => world.key(random),
        false => random.pick_text(&world.keys),
    }
}

/// Nothing, or the start of a name; half of them end where names of folders do.
fn prefix(world: &World, random: &mut Random) -> String {
    let name = name(world, random);
    match random.below(6) {
        0 | 1 => String::new(),
        2 | 3 => name.rfind('/').map_or(String::new(), |at| name[..=at].to_owned()),
        4 => name.chars().take(random.below(4)).collect(),
        _ => name,
    }
}

fn source(random: &mut Random) -> Option<IpAddr> {
    (!random.once_in(8)).then(|| random.pick(SOURCES).parse().unwrap())
}
