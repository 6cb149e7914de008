//! What a decision costs: by the caller's rules, and by how many other users there are.
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use deltaglider_core::policy::{
    Access, Identity, Need, OwnedRules, Resource, Rule, RuleDocument, RuleOwner, RuleSet,
};
use deltaglider_core::s3::Action;
use deltaglider_core::sigv4::SigningSecret;
use deltaglider_core::snapshot::{AccessKey, Principal, Snapshot, User};

/// `count` rules, of which the last alone allows `reports/2026/june.csv`.
fn user(count: usize) -> Arc<User> {
    let rule = |index: usize| {
        let last = index + 1 == count;
        let resource = if last { "reports/2026/*".into() } else { format!("reports/{index}/*/x") };
        let json = format!(
            r#"{{"actions":["read","list"],"resources":["other/*","{resource}"],
                "conditions":{{"aws:SourceIp":"203.0.113.0/24"}}}}"#
        );
        Rule::parse(&serde_json::from_str::<RuleDocument>(&json).unwrap()).unwrap()
    };
    let owned = OwnedRules::new(RuleOwner::User("u".into()), (0..count).map(rule));
    let rules = RuleSet::new(&Identity::default(), [&owned]);
    Arc::new(User { id: 1, name: "u".into(), enabled: true, rules })
}

fn snapshot(users: usize) -> Snapshot {
    let (user, secret) = (user(20), SigningSecret::new("secret"));
    let key = |index: usize| {
        let principal = Principal::User(Arc::clone(&user));
        (format!("KEY{index}"), AccessKey { secret: secret.clone(), principal })
    };
    Snapshot::new((0..users).map(key), secret.clone())
}

fn decide(criterion: &mut Criterion) {
    let hit = Need::Act(Action::Read, Resource::Object("reports", "2026/june.csv"));
    let miss = Need::Act(Action::Read, Resource::Object("reports", "2025/june.csv"));
    let source = Some(IpAddr::from([203, 0, 113, 7]));
    for count in [20, 100] {
        let access = Access { principal: Principal::User(user(count)), source };
        criterion.bench_function(&format!("{count} rules, the last allows"), |bencher| {
            bencher.iter(|| access.may(black_box(&hit)));
        });
        criterion.bench_function(&format!("{count} rules, none allows"), |bencher| {
            bencher.iter(|| access.may(black_box(&miss)));
        });
    }
    for users in [10, 100_000] {
        let snapshot = snapshot(users);
        criterion.bench_function(&format!("{users} users: key, then 20 rules"), |bencher| {
            bencher.iter(|| {
                let key = snapshot.find_key(black_box("KEY7")).unwrap();
                Access { principal: key.principal.clone(), source }.may(&hit)
            });
        });
    }
}

criterion_group!(benches, decide);
criterion_main!(benches);
