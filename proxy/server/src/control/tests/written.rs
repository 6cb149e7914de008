//! References and secrets across changes.

use deltaglider_core::iam::{Edit, NewKey};

use super::*;

const OTHER: &str = "abcdefghijabcdefghijabcdefghijabcdefghij";

impl Fixture {
    /// A change by the admin API, in gui mode.
    async fn edit(&self, edits: Vec<Edit>) {
        let now = OffsetDateTime::now_utc();
        let made = self
            .control
            .shared
            .iam
            .apply(move |store| store.commit(None, &edits, &[], now).map(|_| true));
        made.await.unwrap().unwrap();
    }

    fn secret_of(&self, name: &str) -> [u8; 64] {
        let current = self.control.shared.iam.current();
        let user = current.state.users.iter().find(|user| user.name == name).unwrap();
        *user.keys.last().unwrap().midstates
    }
}

#[tokio::test]
async fn a_secret_that_was_rotated_since_does_not_come_back_from_the_file() {
    let it = Fixture::start(Some(FILE)).await;
    it.section(r#"{"iam_mode": "gui"}"#).await.unwrap();
    let id = it.control.shared.iam.current().state.users[0].id;
    let midstates = SigningSecret::new(OTHER).to_midstates();
    let key = NewKey { access_key_id: "AKIANEW".into(), midstates: midstates.clone() };
    it.edit(vec![Edit::ClearKeys(id), Edit::AddKey(id, key)]).await;
    let export = it.control.declarative_export();
    let lines = it.document(&export).await.unwrap();
    assert!(lines.iter().any(|line| line.contains("no changes")), "{lines:?}");
    assert_eq!(it.secret_of("ci"), *midstates);
    assert!(!it.file().contains("${env:CI}") && it.file().contains("AKIANEW"), "{}", it.file());
    // One that was not rotated keeps its reference, though the mode went to and fro.
    let it = Fixture::start(Some(FILE)).await;
    it.section(r#"{"iam_mode": "gui"}"#).await.unwrap();
    it.document(&it.control.declarative_export()).await.unwrap();
    assert!(it.file().contains("${env:CI}"), "{}", it.file());
}

#[tokio::test]
async fn an_ignored_list_of_the_file_makes_nobody() {
    let gui = FILE.replace("declarative", "gui");
    let it = Fixture::start(Some(&gui)).await;
    let empty = FILE.replace("\"${env:CI}\"", "\"\"");
    let Err(Refusal::Faults(faults)) = it.document(&empty).await else { panic!() };
    assert_eq!(faults[0].path, "access.iam_users[0].secret_access_key", "{faults:?}");
    it.document(FILE).await.unwrap();
    assert_eq!(it.names(), ["ci"]);
}

#[tokio::test]
async fn references_stay_under_names_that_are_written_otherwise() {
    for name in ["\"${env:WHO:-ci}\"", "\"ci$${b\""] {
        let it = Fixture::start(Some(&FILE.replace("name: ci", &format!("name: {name}")))).await;
        let section = serde_json::to_string(&it.control.section("access").unwrap()).unwrap();
        it.section(&section).await.unwrap();
        it.section(r#"{"group_mapping_rules": []}"#).await.unwrap();
        let file = it.file();
        assert!(file.contains(name) && file.contains("\"${env:CI}\""), "{file}");
        assert!(it.control.export(None).await.unwrap().contains("${env:CI}"));
    }
}

#[tokio::test]
async fn references_move_with_the_items_that_hold_them() {
    let rules = "      permissions:
        - {actions: [read], resources: [\"${env:BUCKET:-logs}/*\", tmp/*]}
        - {actions: [list], resources: [\"${env:BUCKET:-logs}\"]}
";
    let it = Fixture::start(Some(&format!("{FILE}{rules}"))).await;
    let mut section = it.control.section("access").unwrap();
    let users = section.get_mut("iam_users").unwrap();
    let deltaglider_core::document::Value::List(users) = &mut users.value else { panic!() };
    let rules = users[0].get_mut("permissions").unwrap();
    let deltaglider_core::document::Value::List(rules) = &mut rules.value else { panic!() };
    let mut first = rules[0].clone();
    first.set("resources", serde_json::from_str(r#"["new/*"]"#).unwrap());
    rules.insert(0, first);
    it.section(&serde_json::to_string(&section).unwrap()).await.unwrap();
    assert_eq!(it.file().matches("${env:BUCKET:-logs}").count(), 2, "{}", it.file());
    // What says something else now is no reference any more.
    let said = serde_json::to_string(&section).unwrap().replace("\"logs\"", "\"other\"");
    it.section(&said).await.unwrap();
    assert_eq!(it.file().matches("${env:BUCKET:-logs}").count(), 1, "{}", it.file());
}

#[tokio::test]
async fn a_secret_that_is_not_spoken_of_keeps_its_reference() {
    for secret in ["", r#", "secret_access_key": """#, r#", "secret_access_key": null"#] {
        let it = Fixture::start(Some(FILE)).await;
        let user = format!(r#"{{"name": "ci", "access_key_id": "AKIACI"{secret}}}"#);
        it.section(&format!(r#"{{"iam_users": [{user}]}}"#)).await.unwrap();
        assert!(it.file().contains("${env:CI}"), "{secret}: {}", it.file());
    }
}

#[tokio::test]
async fn an_apply_writes_what_the_disk_does_not_say() {
    let it = Fixture::start(Some(FILE)).await;
    let path = it.folder.path().join("config.yaml");
    std::fs::write(&path, FILE.replace("AKIACI", "AKIADRIFT")).unwrap();
    it.document(FILE).await.unwrap();
    assert_eq!(it.file(), FILE);
    std::fs::remove_file(&path).unwrap();
    it.document(FILE).await.unwrap();
    assert_eq!(it.file(), FILE);
}

#[tokio::test]
async fn a_preview_tells_of_the_mode_and_of_what_waits_for_a_restart() {
    let it = Fixture::start(Some(&format!("{FILE}advanced:\n  log_level: warn\n"))).await;
    let notes = |text: &str| {
        let proposal = it.control.propose_document(text, None).unwrap();
        let plan = it.control.plan(&proposal).unwrap();
        it.control.notes(&proposal, &plan).join("\n")
    };
    assert_eq!(notes(&it.file()), "");
    let said = notes("access:\n  iam_mode: gui\n");
    for part in ["iam_mode changes from declarative to gui", "advanced.log_level (no longer set)"] {
        assert!(said.contains(part), "{said}");
    }
}

#[tokio::test]
async fn a_new_bootstrap_pair_is_audited_and_is_nobody_elses() {
    let it = Fixture::start(Some(FILE)).await;
    let new = format!(r#"{{"access_key_id": "boot2", "secret_access_key": "{OTHER}"}}"#);
    it.section(&new).await.unwrap();
    assert!(it.actions().await.contains(&"key_update".to_owned()), "{:?}", it.actions().await);
    // Until the restart the one in use is taken as well.
    for id in ["boot", "boot2"] {
        let user = format!(
            r#"[{{"name": "x", "access_key_id": "{id}", "secret_access_key": "{OTHER}"}}]"#
        );
        let refused = it.section(&format!(r#"{{"iam_users": {user}}}"#)).await;
        let Err(Refusal::Faults(faults)) = refused else { panic!("{id}") };
        assert_eq!(faults[0].path, "access.iam_users[0].access_key_id");
    }
    // Nor may the pair take the id of a user that stays.
    let it = Fixture::start(Some(FILE)).await;
    it.section(r#"{"iam_mode": "gui"}"#).await.unwrap();
    let id = it.control.shared.iam.current().state.users[0].id;
    let midstates = SigningSecret::new(OTHER).to_midstates();
    let key = NewKey { access_key_id: "AKIANEW".into(), midstates };
    it.edit(vec![Edit::AddKey(id, key)]).await;
    let taken = new.replace("boot2", "AKIANEW");
    let Err(Refusal::Faults(faults)) = it.section(&taken).await else { panic!() };
    assert_eq!(faults[0].path, "access.access_key_id", "{faults:?}");
    it.section(&new).await.unwrap();
}
