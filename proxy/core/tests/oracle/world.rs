//! Random callers whose rules nearly say the same as the questions put to them.

use std::collections::BTreeMap;

use deltaglider_core::policy::{ConditionDocument, OneOrMany, RuleDocument};
use serde::{Deserialize, Serialize};

use super::random::Random;

const ALPHABET: &[&str] = &["a", "b", "/", "*", "?", "$", "[", "é", "a", "b", "/"];
const BUCKETS: &[&str] = &["a", "ab", "aba", "b", "a*", "a-2", "é"];
const USERNAMES: &[&str] = &["a", "ab", "b", "*", "a*", "?", "é", "$", "a/b", "b\n", "a\u{85}"];
const KEY_IDS: &[&str] = &["a", "b", "ab", "b", "*", "?b", "a/", "\u{7f}"];
pub(crate) const ACTIONS: &[&str] = &["read", "write", "delete", "list", "admin"];
const NETS: &[&str] = &[
    "203.0.113.0/24",
    "203.0.113.5",
    "203.0.113.4/30",
    "203.0.113.5/25",
    "0.0.0.0/0",
    "10.0.0.0/8",
    "::ffff:203.0.113.5",
    "::ffff:203.0.113.0/120",
    "2001:db8::/32",
    "2001:db8::5",
    "::1",
    "::/0",
];
pub(crate) const SOURCES: &[&str] = &[
    "203.0.113.5",
    "203.0.113.4",
    "203.0.113.255",
    "203.0.114.0",
    "203.0.113.128",
    "10.1.2.3",
    "9.255.255.255",
    "::ffff:203.0.113.5",
    "::ffff:10.0.0.1",
    "2001:db8::5",
    "2001:db9::",
    "::1",
];
const OPERATORS: &[&str] = &["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"];

/// A caller, everything that holds for it, and the names its rules were made from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) username: String,
    pub(crate) access_key_id: String,
    /// The user's own rules first, then those of each group.
    pub(crate) rules: Vec<Vec<RuleDocument>>,
    #[serde(skip)]
    pub(crate) buckets: Vec<String>,
    #[serde(skip)]
    pub(crate) keys: Vec<String>,
}

impl World {
    /// Zero to six rules, some of them no rules at all.
    pub(crate) fn any(random: &mut Random) -> Self {
        let mut world = Self {
            username: random.pick(USERNAMES).to_owned(),
            access_key_id: random.pick(KEY_IDS).to_owned(),
            rules: vec![Vec::new()],
            buckets: (0..3).map(|_| random.pick(BUCKETS).to_owned()).collect(),
            keys: Vec::new(),
        };
        if random.once_in(3) {
            world.buckets.push(world.username.replace('/', ""));
        }
        for _ in 0..6 {
            let key = world.key(random);
            world.keys.push(key);
        }
        for _ in 0..random.below(7) {
            let rule = world.rule(random);
            if random.once_in(3) {
                world.rules.push(Vec::new());
            }
            world.rules.last_mut().unwrap().push(rule);
        }
        world
    }

    /// A key of up to six letters, often a relative of an earlier one.
    pub(crate) fn key(&self, random: &mut Random) -> String {
        let mut letters: Vec<String> = match random.below(4) {
            0 if !self.keys.is_empty() => {
                random.pick_text(&self.keys).chars().map(String::from).collect()
            }
            1 => {
                let mut name = vec![random.pick(&[&*self.username, &*self.access_key_id]).into()];
                if random.once_in(2) {
                    name.push("/".into());
                }
                name
            }
            _ => Vec::new(),
        };
        letters.truncate(random.below(7));
        for _ in 0..random.below(7 - letters.len().min(6)) {
            letters.push(random.pick(ALPHABET).to_owned());
        }
        letters.concat()
    }

    /// One rule; once in eight times not one that can be read.
    pub(crate) fn rule(&self, random: &mut Random) -> RuleDocument {
        let effect = random.pick(&["", "Allow", "Allow", "Allow", "Deny"]);
        let mut rule = RuleDocument {
            effect: (!effect.is_empty()).then(|| effect.to_owned()),
            actions: self.actions(random),
            resources: (0..=random.below(3)).map(|_| self.resource(random)).collect(),
            conditions: BTreeMap::new(),
        };
        if random.once_in(3) {
            for _ in 0..=random.below(2) {
                let (key, condition) = self.condition(random);
                rule.conditions.insert(key, condition);
            }
        }
        if random.once_in(8) {
            self.spoil(&mut rule, random);
        }
        rule
    }

    fn actions(&self, random: &mut Random) -> Vec<String> {
        match random.below(8) {
            0 | 1 => vec!["*".into()],
            2 => ACTIONS.iter().map(|it| (*it).to_owned()).collect(),
            3 | 4 => vec!["list".into()],
            _ => (0..=random.below(3)).map(|_| random.pick(ACTIONS).to_owned()).collect(),
        }
    }

    /// A resource with both its parts where it has a `/`.
    fn resource(&self, random: &mut Random) -> String {
        let text = self.any_resource(random);
        let text = if text.ends_with('/') && text.find('/') == Some(text.len() - 1) {
            text + random.pick(&["*", "?", "a"])
        } else {
            text
        };
        if text.is_empty() || text.starts_with('/') { format!("a{text}") } else { text }
    }

    fn any_resource(&self, random: &mut Random) -> String {
        let bucket = random.pick_text(&self.buckets);
        let bucket = if random.once_in(4) { self.blur(&bucket, random) } else { bucket };
        match random.below(12) {
            0 => random.pick(&["*", "**", "*/*", "?", "${iam:username}"]).to_owned(),
            1 | 2 => bucket,
            3 => format!("{bucket}/*"),
            _ => {
                let key = random.pick_text(&self.keys);
                format!("{bucket}/{}", self.blur(&key, random))
            }
        }
    }

    /// A name with parts of it made into `*`, `?` and variables.
    fn blur(&self, name: &str, random: &mut Random) -> String {
        let mut text = name.to_owned();
        if random.once_in(3) {
            text = text.replacen(&self.username, "${iam:username}", 1);
        } else if random.once_in(3) {
            text = text.replacen(&self.access_key_id, "${iam:access_key_id}", 1);
        }
        if text.contains("${iam:") {
            let tail = random.pick(&["", "", "*", "/*", "?"]);
            return text + tail;
        }
        let mut letters: Vec<&str> = text.split("").filter(|it| !it.is_empty()).collect();
        for letter in &mut letters {
            if random.once_in(4) {
                *letter = random.pick(&["?", "*", "", "a", "?"]);
            }
        }
        match random.below(4) {
            0 => letters.push("*"),
            1 => {
                letters.truncate(random.below(letters.len() + 1));
                letters.push("*");
            }
            2 if random.once_in(3) => letters.insert(0, "*"),
            _ => {}
        }
        letters.concat()
    }

    fn condition(&self, random: &mut Random) -> (String, ConditionDocument) {
        let addresses = random.once_in(2);
        let short = random.once_in(2);
        let count = random.below(3);
        let one = |random: &mut Random| match addresses {
            true => random.pick(NETS).to_owned(),
            false => {
                let key = random.pick_text(&self.keys);
                self.blur(&key, random)
            }
        };
        let values = match count {
            0 => OneOrMany::One(one(random)),
            _ => OneOrMany::Many((0..count).map(|_| one(random)).collect()),
        };
        let key = if addresses { "aws:SourceIp" } else { "s3:prefix" };
        if short {
            return (key.into(), ConditionDocument::Short(values));
        }
        let operator = match addresses {
            true => random.pick(&["IpAddress", "NotIpAddress"]),
            false => random.pick(OPERATORS),
        };
        (operator.into(), ConditionDocument::Operator([(key.into(), values)].into()))
    }

    /// Makes one thing of a rule wrong, or something that only looks wrong.
    fn spoil(&self, rule: &mut RuleDocument, random: &mut Random) {
        let one = |text: &str| OneOrMany::One(text.to_owned());
        let mut operator = |operator: &str, key: &str, value: &str| {
            let below = ConditionDocument::Operator([(key.into(), one(value))].into());
            rule.conditions.insert(operator.into(), below);
        };
        match random.below(22) {
            0 => rule.effect = Some("allow".into()),
            1 => rule.effect = Some(random.pick(&["DENY", "", "Permit", "Allow "]).into()),
            2 => rule.actions.clear(),
            3 => rule.actions.push(random.pick(&["Read", "s3:GetObject", "", "**"]).into()),
            4 => rule.resources.clear(),
            5 => rule.resources.push("a/${iam:user}/*".into()),
            6 => rule.resources.push("${aws:username}".into()),
            7 => rule.resources.push("a/$iam:username}${iam:username}$".into()),
            8 => operator("StringEquals", "aws:SourceIp", "203.0.113.5"),
            9 => operator("IpAddress", "s3:prefix", "a"),
            10 => operator("StringEqualsIgnoreCase", "s3:prefix", "a"),
            11 => operator("NotIpAddress", "aws:SourceIp", "203.0.113.0/33"),
            12 => operator("StringLike", "s3:prefix", "a${iam:Username}"),
            13 => operator("s3:prefix", "s3:prefix", "a"),
            14 => operator("IpAddress", "aws:SourceIp", random.pick(&["", "a", "1.2.3", "*"])),
            15 => {
                let below = ConditionDocument::Short(one("203.0.113.5"));
                rule.conditions.insert("IpAddress".into(), below);
            }
            16 => rule.resources.push("a/${b".into()),
            17 => rule.resources.push(random.pick(&["", "/", "/a", "a/"]).into()),
            18 => operator("StringLike", "s3:prefix", "${iam:username"),
            19 => {
                let nothing = ConditionDocument::Short(OneOrMany::Many(Vec::new()));
                rule.conditions.insert("s3:prefix".into(), nothing);
            }
            20 => {
                let nothing = ConditionDocument::Operator(BTreeMap::new());
                rule.conditions.insert("StringLike".into(), nothing);
            }
            _ => {
                let below = ConditionDocument::Short(one("a"));
                rule.conditions.insert("s3:Prefix".into(), below);
            }
        }
    }
}
