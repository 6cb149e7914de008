use std::net::IpAddr;

use deltaglider_core::sigv4::SigningSecret;
use deltaglider_store::{AuditQuery, AuditRecord, Edit, KeySource, Store};
use time::OffsetDateTime;

use super::*;

fn iam(folder: &std::path::Path) -> Iam {
    let store = Store::open(folder, &KeySource::File, OffsetDateTime::now_utc()).unwrap();
    Iam::start(store, None, SigningSecret::new("decoy")).unwrap()
}

fn denial(user: &str) -> AuditRecord {
    AuditRecord { user: user.into(), outcome: "denied".into(), ..event("GetObject") }
}

async fn count(iam: &Iam, user: &str) -> usize {
    let query = AuditQuery { limit: 50_000, user: Some(user.into()), ..AuditQuery::default() };
    iam.audit(query).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_20_000_denials_loses_none() {
    let folder = tempfile::tempdir().unwrap();
    let iam = iam(folder.path());
    let burst: Vec<_> = (0..20_000)
        .map(|_| {
            let iam = iam.clone();
            tokio::spawn(async move { iam.record(vec![denial("ana")]).await })
        })
        .collect();
    for one in burst {
        one.await.unwrap();
    }
    assert_eq!(count(&iam, "ana").await, 20_000);
}

#[tokio::test]
async fn strangers_are_counted_past_their_limit() {
    let folder = tempfile::tempdir().unwrap();
    let iam = iam(folder.path());
    for _ in 0..100 {
        iam.record_stranger(IpAddr::from([10, 0, 0, 1]), denial("anonymous")).await;
    }
    iam.settle(true).await;
    let query = AuditQuery { limit: 1, ..AuditQuery::default() };
    let last = iam.audit(query).await.unwrap().remove(0).record;
    assert!(last.reason.starts_with("80 more"), "{last:?}");
    assert_eq!(count(&iam, "anonymous").await, 21);
}

#[tokio::test]
async fn a_change_is_in_the_snapshot_when_it_returns() {
    let folder = tempfile::tempdir().unwrap();
    let iam = iam(folder.path());
    let midstates = SigningSecret::new("s").to_midstates();
    let key = deltaglider_store::NewKey { access_key_id: "KEY".into(), midstates };
    let create = Edit::CreateUser {
        name: "ana".into(),
        enabled: true,
        keys: vec![key],
        rules: Vec::new(),
        groups: Vec::new(),
    };
    let id = iam.change(None, vec![create], Vec::new()).await.unwrap().ids.remove(0);
    assert!(iam.current().snapshot.find_key("KEY").is_some());
    iam.change(None, vec![Edit::DeleteUser(id)], Vec::new()).await.unwrap();
    assert!(iam.current().snapshot.find_key("KEY").is_none());
}
