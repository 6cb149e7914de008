use std::fs;
use std::path::Path;

use deltaglider_core::policy::RuleDocument;
use deltaglider_core::sigv4::SigningSecret;
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use super::*;

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
const SECRET: &str = "canary-secret-0123456789-0123456789-0123456789";

fn folder() -> TempDir {
    TempDir::new().unwrap()
}

fn open(folder: &Path) -> Store {
    Store::open(folder, &KeySource::File, NOW).unwrap()
}

fn refusal(folder: &Path, key: &KeySource) -> OpenError {
    Store::open(folder, key, NOW).err().expect("a refusal")
}

fn key(id: &str) -> NewKey {
    let midstates = SigningSecret::new(SECRET).to_midstates();
    NewKey { access_key_id: id.into(), midstates }
}

fn rule(action: &str) -> RuleDocument {
    serde_json::from_str(&format!(r#"{{"actions":["{action}"],"resources":["*"]}}"#)).unwrap()
}

fn user(name: &str, key_id: &str) -> Edit {
    Edit::CreateUser {
        name: name.into(),
        enabled: true,
        keys: vec![key(key_id)],
        rules: vec![rule("read")],
        groups: vec!["Administrators".into()],
    }
}

fn record(action: &str, user: &str) -> AuditRecord {
    AuditRecord {
        time: NOW,
        action: action.into(),
        user: user.into(),
        target: String::new(),
        bucket: "b".into(),
        path: "k".into(),
        ip: "127.0.0.1".into(),
        ua: "test".into(),
        outcome: "denied".into(),
        reason: "because".into(),
        request_id: "R".into(),
        detail: None,
    }
}

fn commit(store: &mut Store, edits: &[Edit]) -> Result<Committed, CommitError> {
    store.commit(None, edits, &[record("change", "admin")], NOW)
}

#[test]
fn what_was_committed_is_there_at_the_next_start() {
    let folder = folder();
    let mut store = open(folder.path());
    let made = commit(&mut store, &[user("ana", "KEY1")]).unwrap();
    drop(store);
    let state = open(folder.path()).load().unwrap();
    let ana = state.user(made.ids[0]).unwrap();
    assert_eq!((ana.name.as_str(), ana.enabled, ana.rules.len()), ("ana", true, 1));
    assert_eq!(ana.keys[0].access_key_id, "KEY1");
    assert_eq!(ana.keys[0].midstates, SigningSecret::new(SECRET).to_midstates());
    let group = state.group(ana.group_ids[0]).unwrap();
    assert_eq!((group.name.as_str(), group.builtin), ("Administrators", true));
    assert_eq!(group.member_ids, [ana.id]);
    assert_eq!(state.revision, made.revision);
}

#[test]
fn a_wrong_key_a_missing_key_and_a_missing_database_refuse_and_write_nothing() {
    let folder = folder();
    drop(open(folder.path()));
    let (database, key) = (folder.path().join("iam.db"), folder.path().join("db.key"));
    let before = fs::read(&database).unwrap();
    let wrong = KeySource::Given(Zeroizing::new([7; 32]));
    assert!(matches!(refusal(folder.path(), &wrong), OpenError::WrongKeyOrDamaged(_)));
    let text = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    assert!(matches!(refusal(folder.path(), &KeySource::File), OpenError::KeyMissing(_)));
    assert!(!key.exists(), "never a fresh key");
    fs::write(&key, "nonsense").unwrap();
    assert!(matches!(refusal(folder.path(), &KeySource::File), OpenError::KeyUnreadable(_)));
    fs::write(&key, text).unwrap();
    assert_eq!(fs::read(&database).unwrap(), before);
    drop(open(folder.path()));
    for file in ["iam.db", "iam.db-wal", "iam.db-shm"] {
        let _ = fs::remove_file(folder.path().join(file));
    }
    assert!(matches!(refusal(folder.path(), &KeySource::File), OpenError::DatabaseMissing(_)));
}

#[test]
fn an_interrupted_first_start_is_begun_again() {
    let folder = folder();
    drop(open(folder.path()));
    let database = folder.path().join("iam.db");
    fs::rename(&database, folder.path().join("iam.db.new")).unwrap();
    drop(open(folder.path()));
    assert!(database.exists() && !folder.path().join("iam.db.new").exists());
}

#[test]
fn a_damaged_or_truncated_database_is_refused() {
    let folder = folder();
    let mut store = open(folder.path());
    for index in 0..200 {
        commit(&mut store, &[user(&format!("user-{index}"), &format!("KEY{index}"))]).unwrap();
    }
    drop(store);
    let path = folder.path().join("iam.db");
    let sound = fs::read(&path).unwrap();
    assert!(sound.len() > 20 * 4096, "{}", sound.len());
    let mut flipped = sound.clone();
    flipped[10 * 4096 + 100] ^= 1;
    let cases: [(&str, Vec<u8>); 4] = [
        ("flipped", flipped),
        ("cut", sound[..15 * 4096].to_vec()),
        ("empty", Vec::new()),
        ("other", b"SQLite format 3\0 and something else".to_vec()),
    ];
    for (name, bytes) in cases {
        fs::write(&path, &bytes).unwrap();
        let error = refusal(folder.path(), &KeySource::File);
        let refused = matches!(error, OpenError::WrongKeyOrDamaged(_) | OpenError::Damaged { .. });
        assert!(refused, "{name}: {error}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "{name}");
    }
    fs::write(&path, &sound).unwrap();
    drop(open(folder.path()));
}

#[test]
fn a_newer_schema_is_refused() {
    let folder = folder();
    let store = open(folder.path());
    store.connection.pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    let error = refusal(folder.path(), &KeySource::File);
    assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error}");
}

#[test]
fn a_second_process_is_turned_away() {
    let folder = folder();
    let _first = open(folder.path());
    assert!(matches!(refusal(folder.path(), &KeySource::File), OpenError::InUse(_)));
}

#[test]
fn a_commit_is_made_whole_or_not_at_all() {
    let folder = folder();
    let mut store = open(folder.path());
    commit(&mut store, &[user("ana", "KEY1")]).unwrap();
    let edits = [user("bea", "KEY2"), user("cid", "KEY1")];
    assert!(matches!(commit(&mut store, &edits), Err(CommitError::KeyTaken(_))));
    let names: Vec<_> = store.load().unwrap().users.into_iter().map(|it| it.name).collect();
    assert_eq!(names, ["ana"]);
    assert_eq!(store.audit(&AuditQuery { limit: 10, ..Default::default() }).unwrap().len(), 1);
}

#[test]
fn a_plan_for_an_older_revision_is_refused() {
    let folder = folder();
    let mut store = open(folder.path());
    let seen = store.load().unwrap().revision;
    commit(&mut store, &[user("ana", "KEY1")]).unwrap();
    let late = store.commit(Some(seen), &[user("bea", "KEY2")], &[], NOW);
    assert!(matches!(late, Err(CommitError::RevisionMoved(_))));
    let now = store.load().unwrap().revision;
    assert!(store.commit(Some(now), &[user("bea", "KEY2")], &[], NOW).is_ok());
}

#[test]
fn every_conflict_has_its_own_refusal() {
    let folder = folder();
    let mut store = open(folder.path());
    let ana = commit(&mut store, &[user("ana", "KEY1")]).unwrap().ids[0];
    let admins = store.load().unwrap().groups[0].id;
    let error = |store: &mut Store, edit| format!("{:?}", commit(store, &[edit]).unwrap_err());
    let cases = [
        (user("ana", "KEY2"), "NameTaken"),
        (Edit::DeleteUser(99), "NoSuchUser"),
        (Edit::AddKey(99, key("KEY3")), "NoSuchUser"),
        (Edit::AddKey(ana, key("KEY1")), "KeyTaken"),
        (Edit::DeleteKey(ana, "KEY1".into()), "LastKey"),
        (Edit::DeleteKey(ana, "KEY9".into()), "NoSuchKey"),
        (Edit::DeleteGroup(admins), "Builtin"),
        (Edit::DeleteGroup(99), "NoSuchGroup"),
        (Edit::AddMember(99, ana), "NoSuchGroup"),
        (Edit::AddMember(admins, 99), "NoSuchUser"),
    ];
    for (edit, expected) in cases {
        let text = format!("{edit:?}");
        assert!(error(&mut store, edit).starts_with(expected), "{text}");
    }
    commit(&mut store, &[Edit::AddKey(ana, key("KEY2"))]).unwrap();
    assert!(error(&mut store, Edit::AddKey(ana, key("KEY3"))).starts_with("TwoKeys"));
    commit(&mut store, &[Edit::DeleteKey(ana, "KEY1".into())]).unwrap();
    assert_eq!(store.load().unwrap().users[0].keys.len(), 1);
}

#[test]
fn rules_that_stay_keep_their_ids() {
    let folder = folder();
    let mut store = open(folder.path());
    let ana = commit(&mut store, &[user("ana", "KEY1")]).unwrap().ids[0];
    let before = store.load().unwrap().users[0].rules[0].0;
    let patch = UserPatch { rules: Some(vec![rule("list"), rule("read")]), ..Default::default() };
    commit(&mut store, &[Edit::UpdateUser(ana, patch)]).unwrap();
    let rules = store.load().unwrap().users.remove(0).rules;
    assert_eq!((rules[0].1.actions[0].as_str(), rules[1].0), ("list", before));
}

#[test]
fn the_audit_is_read_backwards_page_by_page_and_narrowed() {
    let folder = folder();
    let mut store = open(folder.path());
    let records: Vec<_> = (0..25)
        .map(|n| AuditRecord {
            // The clock steps back half way.
            time: NOW + Duration::seconds(if n < 12 { 100 + n } else { n }),
            path: format!("line\n{n}"),
            ..record(if n % 2 == 0 { "GetObject" } else { "PutObject" }, "ana")
        })
        .collect();
    store.append_audit(&records).unwrap();
    let (mut seen, mut before) = (Vec::new(), None);
    for _ in 0..10 {
        let page = store.audit(&AuditQuery { limit: 10, before, ..Default::default() }).unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        seen.extend(page.into_iter().map(|row| row.record));
    }
    seen.reverse();
    assert_eq!(seen, records);
    let narrowed = AuditQuery {
        limit: 100,
        action: Some("GetObject".into()),
        from: Some(NOW + Duration::seconds(100)),
        ..Default::default()
    };
    assert_eq!(store.audit(&narrowed).unwrap().len(), 6);
}

#[test]
fn pruning_leaves_a_trace_and_none_where_nothing_went() {
    let folder = folder();
    let mut store = open(folder.path());
    store.append_audit(&[record("a", "ana"), record("b", "ana")]).unwrap();
    let later = NOW + Duration::days(10);
    assert_eq!(store.prune_audit(NOW + Duration::days(1), later).unwrap(), 2);
    assert_eq!(store.prune_audit(NOW + Duration::days(1), later).unwrap(), 0);
    let left = store.audit(&AuditQuery { limit: 10, ..Default::default() }).unwrap();
    assert_eq!(left.len(), 1);
    assert!(left[0].record.reason.starts_with("2 entries"), "{left:?}");
}

#[test]
fn a_backup_of_a_running_store_comes_back() {
    let folder = folder();
    let mut store = open(folder.path());
    commit(&mut store, &[user("ana", "KEY1")]).unwrap();
    let copy = folder.path().join("copy.db");
    backup(folder.path(), &KeySource::File, &copy).unwrap();
    let again = backup(folder.path(), &KeySource::File, &copy);
    assert!(matches!(again, Err(BackupError::Exists(_))));
    commit(&mut store, &[user("bea", "KEY2")]).unwrap();
    let busy = restore(folder.path(), &KeySource::File, &copy);
    assert!(matches!(busy, Err(BackupError::Open(OpenError::InUse(_)))));
    drop(store);

    let bad = folder.path().join("bad.db");
    fs::write(&bad, b"no backup at all").unwrap();
    assert!(restore(folder.path(), &KeySource::File, &bad).is_err());
    assert_eq!(open(folder.path()).load().unwrap().users.len(), 2);

    let replaced = restore(folder.path(), &KeySource::File, &copy).unwrap().unwrap();
    assert!(replaced.exists());
    assert_eq!(open(folder.path()).load().unwrap().users.len(), 1);
}

#[test]
fn nothing_readable_is_on_the_disk() {
    let folder = folder();
    let mut store = open(folder.path());
    commit(&mut store, &[user("visible-name", "VISIBLE-KEY")]).unwrap();
    backup(folder.path(), &KeySource::File, &folder.path().join("copy.db")).unwrap();
    let mut files = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        for text in ["visible-name", "VISIBLE-KEY", SECRET, "SQLite format", "CREATE TABLE"] {
            assert!(!bytes.windows(text.len()).any(|part| part == text.as_bytes()), "{text}");
        }
        files += 1;
    }
    assert!(files >= 4, "database, log, copy and key: {files}");
    let mode = |name: &str| {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777
    };
    for name in ["iam.db", "iam.db-wal", "db.key", "copy.db", "iam.lock"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    assert_eq!(mode("."), 0o700);
}
