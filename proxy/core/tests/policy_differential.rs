//! The rule engine against an independent reading of the interpretations, on random rules and
//! questions that are made to collide.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::result_large_err,
    reason = "a test's helpers may fail loudly"
)]

mod oracle;

use deltaglider_core::policy::{Context, Decision, Identity, OwnedRules, Resource};
use deltaglider_core::policy::{Rule, RuleDocument, RuleOwner, RuleSet};
use deltaglider_core::s3::Action;

use oracle::compare::{Court, Tally};
use oracle::conditions::Circumstances;
use oracle::glob::Names;
use oracle::question::Question;
use oracle::random::Random;
use oracle::world::World;
use oracle::{Judge, Target, Verdict};

const DECISIONS_A_WORLD: u64 = 50;

#[test]
fn engine_and_oracle_agree_on_random_rules() {
    let seed = number("ORACLE_SEED").unwrap_or(20_261_123);
    let worlds = number("ORACLE_CASES").unwrap_or(1_000_000).div_ceil(DECISIONS_A_WORLD);
    println!("ORACLE_SEED={seed}, {worlds} callers with {DECISIONS_A_WORLD} decisions each");
    let mut tally = Tally::new();
    for number in 0..worlds {
        try_world(seed, number, &mut tally);
    }
    println!("{tally:#?}");
    // Questions that never reach a branch would prove nothing of it.
    for outcome in REACHED {
        let times = tally.get(outcome).copied().unwrap_or_default();
        assert!(times * 10_000 >= worlds, "{outcome} was reached {times} times");
    }
}

const REACHED: [&str; 21] = [
    "any_in/Allowed",
    "any_in/Denied",
    "any_in/NotAllowed",
    "complete/Denied",
    "complete/NotAllowed",
    "complete/Whole",
    "decide/Allowed",
    "decide/Denied",
    "decide/NotAllowed",
    "key/Filtered/false",
    "key/Filtered/true",
    "key/Whole/false",
    "key/Whole/true",
    "listing/Denied",
    "listing/Filtered",
    "listing/NotAllowed",
    "listing/Whole",
    "prefix/Filtered/true",
    "prefix/Whole/false",
    "rule/invalid",
    "shows/true",
];

fn try_world(seed: u64, number: u64, tally: &mut Tally) {
    let mut random = Random::of_world(seed, number);
    let world = World::any(&mut random);
    if let Err((question, difference)) = ask_all(&world, &mut random, tally) {
        let case = serde_json::json!({"world": world, "question": question});
        panic!("seed {seed}, caller {number}: {difference}\nORACLE_REPLAY='{case}'");
    }
}

fn ask_all(
    world: &World,
    random: &mut Random,
    tally: &mut Tally,
) -> Result<(), (Question, String)> {
    let court = Court::new(world, tally).map_err(|it| (Question::Validity, it))?;
    let mut ask = |question: Question| {
        let answer = court.ask(&question, tally);
        answer.map_err(|difference| (question, difference))
    };
    for turn in 0..DECISIONS_A_WORLD {
        ask(Question::decide(world, random))?;
        if turn % 10 == 0 {
            ask(Question::listing(world, random))?;
            ask(Question::probe(world, random))?;
        }
    }
    Ok(())
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.replace('_', "").parse().expect("a number"))
}

#[test]
fn engine_and_oracle_agree_on_the_table_of_resources() {
    let rule = |resource: &str| RuleDocument {
        actions: vec!["read".into()],
        resources: vec![resource.into()],
        ..RuleDocument::default()
    };
    let asked = [
        ("*", "my-bucket", Some("x"), Verdict::Allowed),
        ("my-bucket", "my-bucket", None, Verdict::Allowed),
        ("my-bucket", "my-bucket", Some("x"), Verdict::NotAllowed),
        ("my-bucket/*", "my-bucket", None, Verdict::NotAllowed),
        ("my-bucket/*", "my-bucket", Some("a/b"), Verdict::Allowed),
        ("my-bucket/*", "my-bucket-2", Some("x"), Verdict::NotAllowed),
        ("my-bucket/releases/v2.*", "my-bucket", Some("releases/v2.1"), Verdict::Allowed),
        ("my-bucket/releases/v2.*", "my-bucket", Some("releases/v3"), Verdict::NotAllowed),
        ("my-bucket/v?", "my-bucket", Some("vé"), Verdict::Allowed),
        ("my-bucket/v?", "my-bucket", Some("v"), Verdict::NotAllowed),
        ("my-bucket/[v]", "my-bucket", Some("v"), Verdict::NotAllowed),
    ];
    for (resource, bucket, key, expected) in asked {
        let document = rule(resource);
        let judge =
            Judge { names: Names { username: "u", access_key_id: "k" }, rules: &[&document] };
        let target = key.map_or(Target::Bucket(bucket), |key| Target::Object(bucket, key));
        let now = Circumstances { source: None, prefix: None };
        assert_eq!(judge.decide("read", target, now), expected, "oracle: {resource}");

        let own = OwnedRules::new(RuleOwner::User("u".into()), [Rule::parse(&document).unwrap()]);
        let rules = RuleSet::new(&Identity::default(), [&own]);
        let context = Context { source: None, prefix: None };
        let resource = key.map_or(Resource::Bucket(bucket), |key| Resource::Object(bucket, key));
        assert_eq!(verdict(&rules.decide(Action::Read, resource, &context)), expected, "engine");
    }
}

fn verdict(decision: &Decision<'_>) -> Verdict {
    match decision {
        Decision::Allowed(_) | Decision::AnswerFiltered => Verdict::Allowed,
        Decision::Refused(_) => Verdict::Denied,
        Decision::NotAllowed => Verdict::NotAllowed,
    }
}
