use std::sync::Arc;

use super::*;
use crate::snapshot::{Principal, User};

fn owned(owner: RuleOwner, rules: &[&str]) -> OwnedRules {
    let parse = |text: &&str| {
        let document: RuleDocument = serde_json::from_str(text).unwrap();
        Rule::parse(&document).unwrap()
    };
    OwnedRules::new(owner, rules.iter().map(parse))
}

fn user(rules: &[&str], groups: &[(&str, &[&str])]) -> Access {
    let identity = Identity { username: "ana", access_key_id: "KEY" };
    let mut sources = vec![owned(RuleOwner::User("ana".into()), rules)];
    sources
        .extend(groups.iter().map(|(name, rules)| owned(RuleOwner::Group((*name).into()), rules)));
    let rules = RuleSet::new(&identity, &sources);
    let user = User { id: 1, name: "ana".into(), enabled: true, rules };
    Access {
        principal: Principal::User(Arc::new(user)),
        source: Some(IpAddr::from([203, 0, 113, 7])),
    }
}

fn may(access: &Access, action: Action, bucket: &str, key: &str) -> bool {
    access.explain(&Need::Act(action, Resource::Object(bucket, key))).allowed
}

fn listing(access: &Access, bucket: &str, prefix: &str) -> Option<ListingScope> {
    access.ask(&Need::Listing { bucket, prefix, complete: false }).ok().flatten()
}

const ALL: &str = r#"{"actions":["*"],"resources":["b","b/*"]}"#;

#[test]
fn a_deny_wins_wherever_it_stands_and_is_named() {
    let deny = r#"{"effect":"Deny","actions":["read"],"resources":["b/payroll/*"]}"#;
    for access in [user(&[deny, ALL], &[]), user(&[ALL], &[("staff", &[deny])])] {
        assert!(may(&access, Action::Read, "b", "public/a"));
        assert!(may(&access, Action::Write, "b", "payroll/a"));
        assert!(!may(&access, Action::Read, "b", "payroll/a"));
    }
    let inherited = user(&[ALL], &[("staff", &[deny])]);
    let need = Need::Act(Action::Read, Resource::Object("b", "payroll/a"));
    let reason = inherited.explain(&need).reason;
    assert_eq!(reason, "denied by rule 1 of group `staff`: Deny read on b/payroll/*");
    let considered = inherited.considered(&need);
    assert_eq!(considered.iter().map(|it| it.matched).collect::<Vec<_>>(), [true, true]);
}

#[test]
fn bucket_and_object_patterns_do_not_stand_for_each_other() {
    let objects = user(&[r#"{"actions":["*"],"resources":["b/*"]}"#], &[]);
    assert!(may(&objects, Action::Read, "b", "x/y") && !may(&objects, Action::Read, "b-2", "x"));
    let bucket = Need::Act(Action::Admin, Resource::Bucket("b"));
    assert!(!objects.explain(&bucket).allowed && user(&[ALL], &[]).explain(&bucket).allowed);
}

#[test]
fn variables_are_letters_and_dangerous_names_stand_for_nothing() {
    let home = r#"{"actions":["read"],"resources":["b/${iam:username}/*"]}"#;
    let deny = r#"{"effect":"Deny","actions":["write"],"resources":["b/${iam:username}/*"]}"#;
    let named = |username| {
        let identity = Identity { username, access_key_id: "K" };
        let rules = owned(RuleOwner::User(username.into()), &[home, ALL, deny]);
        RuleSet::new(&identity, [&rules])
    };
    let first = |rules: &RuleSet, action, key| match rules.decide(
        action,
        Resource::Object("b", key),
        &Context::default(),
    ) {
        Decision::Allowed(rule) => format!("allowed by {rule}"),
        Decision::Refused(rule) => format!("denied by {rule}"),
        other => format!("{other:?}"),
    };
    assert!(first(&named("ana"), Action::Read, "ana/x").starts_with("allowed by rule 1"));
    assert!(first(&named("*"), Action::Read, "ana/x").starts_with("allowed by rule 2"));
    assert!(first(&named("*"), Action::Read, "*/x").starts_with("allowed by rule 1"));
    assert!(first(&named("a/b"), Action::Read, "a/b/x").starts_with("allowed by rule 2"));
    assert!(first(&named("a/b"), Action::Write, "anybody/x").starts_with("denied by rule 3"));
    assert!(first(&named("ana"), Action::Write, "bea/x").starts_with("allowed by rule 2"));
}

#[test]
fn a_listing_shows_what_may_be_read() {
    let access =
        user(&[r#"{"actions":["read"],"resources":["b/reports/2026/*","b/a?c.txt"]}"#], &[]);
    let scope = listing(&access, "b", "").unwrap();
    assert!(scope.shows_key("reports/2026/x") && scope.shows_key("abc.txt"));
    assert!(!scope.shows_key("reports/2025/x") && !scope.shows_key("secret"));
    assert!(scope.shows_prefix("reports/") && scope.shows_prefix("reports/2026/"));
    assert!(!scope.shows_prefix("reports/2025/") && !scope.is_whole());
    assert!(listing(&access, "c", "").is_none());
}

#[test]
fn a_listing_is_refused_by_a_deny_that_covers_it_and_thinned_by_others() {
    let deny = r#"{"effect":"Deny","actions":["list"],"resources":["b/secret/*"]}"#;
    let access = user(&[ALL, deny], &[]);
    assert!(
        listing(&access, "b", "secret/").is_none() && listing(&access, "b", "secret/x").is_none()
    );
    let scope = listing(&access, "b", "").unwrap();
    assert!(
        scope.shows_key("open") && !scope.shows_key("secret/x") && !scope.shows_prefix("secret/")
    );
    assert!(listing(&access, "b", "open/").unwrap().is_whole());
    let versions = Need::Listing { bucket: "b", prefix: "", complete: true };
    assert!(!access.explain(&versions).allowed && user(&[ALL], &[]).explain(&versions).allowed);
    let everything = r#"{"effect":"Deny","actions":["list"],"resources":["b"]}"#;
    assert!(listing(&user(&[ALL, everything], &[]), "b", "open/").is_none());
}

#[test]
fn a_pattern_that_only_looks_as_if_covers_nothing() {
    let access = user(&[r#"{"actions":["list"],"resources":["b/*.txt"]}"#], &[]);
    let scope = listing(&access, "b", "").unwrap();
    assert!(!scope.is_whole() && scope.shows_key("a.txt") && !scope.shows_key("a.key"));
}

#[test]
fn the_prefix_condition_speaks_of_listings_alone() {
    let rule = r#"{"actions":["list","read"],"resources":["b","b/*"],
                   "conditions":{"s3:prefix":"home/${iam:username}/*"}}"#;
    let access = user(&[rule], &[]);
    assert!(listing(&access, "b", "home/ana/x").unwrap().is_whole());
    assert!(listing(&access, "b", "").is_none() && listing(&access, "b", "home/").is_none());
    assert!(!may(&access, Action::Read, "b", "home/ana/x"));
    let empty = r#"{"actions":["list"],"resources":["b"],"conditions":{"StringEquals":{"s3:prefix":["","docs/"]}}}"#;
    let access = user(&[empty], &[]);
    assert!(listing(&access, "b", "").is_some() && listing(&access, "b", "docs/").is_some());
    assert!(listing(&access, "b", "doc").is_none());
}

#[test]
fn probes_ask_for_any_allow_and_yield_to_a_deny_of_everything() {
    let access = user(&[r#"{"actions":["write"],"resources":["b/in/*"]}"#], &[]);
    assert!(
        access.explain(&Need::AnyIn("b")).allowed && !access.explain(&Need::AnyIn("c")).allowed
    );
    assert!(access.shows_bucket("b") && !access.shows_bucket("c"));
    let deny = r#"{"effect":"Deny","actions":["*"],"resources":["b"]}"#;
    assert!(!user(&[ALL, deny], &[]).explain(&Need::AnyIn("b")).allowed);
}

#[test]
fn a_disabled_user_may_nothing() {
    let mut access = user(&[ALL], &[]);
    let Principal::User(held) = &access.principal else { unreachable!() };
    let off = User { id: 1, name: "ana".into(), enabled: false, rules: held.rules.clone() };
    access.principal = Principal::User(Arc::new(off));
    assert!(!may(&access, Action::Read, "b", "x") && !access.explain(&Need::Buckets).allowed);
}

#[test]
fn no_spelling_of_a_prefix_walks_round_a_deny() {
    use crate::s3::{BucketName, OperationKind, Target};
    let deny = r#"{"effect":"Deny","actions":["list"],"resources":["b-1/a/secret/*"]}"#;
    let all = r#"{"actions":["*"],"resources":["b-1","b-1/*"]}"#;
    let access = user(&[all, deny], &[]);
    let ask = |prefix: &str, names| {
        let target = Target::Bucket(BucketName::parse("b-1").unwrap());
        let kind = OperationKind::ListObjectsV2;
        decide(&access, &Operation::supposed(kind, target, prefix).unwrap(), names)
    };
    for spelling in ["/a/secret/", "a//secret/", "//a///secret/x"] {
        assert!(ask(spelling, StoreNames::Folded).is_err(), "{spelling}");
        assert!(ask(spelling, StoreNames::Exact).unwrap().unwrap().is_whole(), "{spelling}");
    }
    for wider in ["/", "//", "/a/", "a//"] {
        let scope = ask(wider, StoreNames::Folded).unwrap().unwrap();
        assert!(!scope.is_whole(), "{wider}");
        assert!(scope.shows_key("a//open") && scope.shows_prefix("/a/"), "{wider}");
        assert!(!scope.shows_key("a//secret/x") && !scope.shows_prefix("/a/secret/"), "{wider}");
        assert!(!scope.shows_key("a/secret/x"), "{wider}");
    }
    assert!(ask("/open/", StoreNames::Folded).unwrap().unwrap().is_whole());
}
