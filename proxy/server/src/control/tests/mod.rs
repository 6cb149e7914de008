mod written;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use deltaglider_core::iam::Mode;
use deltaglider_core::sigv4::SigningSecret;
use deltaglider_store::{AuditQuery, KeySource, Store};
use time::OffsetDateTime;

use super::*;
use crate::config::Flags;
use crate::iam::event;

/// The file system as it is, with an environment of the test's own.
struct Env(BTreeMap<&'static str, &'static str>);

impl Source for Env {
    fn var(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|value| (*value).to_owned())
    }

    fn own_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        std::fs::read(path)
    }
}

const SECRET: &str = "0123456789012345678901234567890123456789";

const FILE: &str = "\
# in git
access:
  iam_mode: declarative
  access_key_id: boot
  secret_access_key: ${env:BOOT}
  iam_groups:
    - name: builders # all
  iam_users:
    - name: ci
      access_key_id: AKIACI
      secret_access_key: \"${env:CI}\"
      groups: [builders]
";

struct Fixture {
    folder: tempfile::TempDir,
    control: Control,
}

impl Fixture {
    async fn start(text: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if let Some(text) = text {
            std::fs::write(folder.path().join("config.yaml"), text).unwrap();
        }
        let control = start(folder.path()).await.unwrap();
        Self { folder, control }
    }

    fn file(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("config.yaml")).unwrap_or_default()
    }

    fn names(&self) -> Vec<String> {
        let current = self.control.shared.iam.current();
        current.state.users.iter().map(|user| user.name.clone()).collect()
    }

    async fn actions(&self) -> Vec<String> {
        let query = AuditQuery { limit: 1000, ..AuditQuery::default() };
        let rows = self.control.shared.iam.audit(query).await.unwrap();
        rows.into_iter().map(|row| row.record.action).collect()
    }

    async fn apply(&self, proposal: Result<Proposal, Refusal>) -> Result<Vec<String>, Refusal> {
        let proposal = proposal?;
        let plan = self.control.plan(&proposal)?;
        let applied = self.control.apply(proposal, plan, |action, target| {
            deltaglider_store::AuditRecord { target: target.into(), ..event(action) }
        });
        Ok(applied.await?.warnings)
    }

    async fn document(&self, yaml: &str) -> Result<Vec<String>, Refusal> {
        self.apply(self.control.propose_document(yaml, None)).await
    }

    async fn section(&self, patch: &str) -> Result<Vec<String>, Refusal> {
        let patch = serde_json::from_str(patch).unwrap();
        self.apply(self.control.propose_section("access", &patch)).await
    }
}

async fn start(folder: &Path) -> Result<Control, Refusal> {
    let vars = [("BOOT", "boot-secret"), ("CI", SECRET), ("ON", "true"), ("DGP_OWN", "x")];
    let source: Arc<dyn Source> = Arc::new(Env(vars.into()));
    let path = folder.join("config.yaml");
    let flags = Flags { config: path.exists().then(|| path.clone()), listen: None };
    let mut config = Config::load(source.as_ref(), &flags).unwrap();
    config.origin.path = path;
    let state = folder.join("state");
    let store = Store::open(&state, &KeySource::File, OffsetDateTime::now_utc()).unwrap();
    let iam = Iam::start(store, config.bootstrap.clone(), SigningSecret::new("decoy")).unwrap();
    Control::start(iam, &config, source).await
}

#[tokio::test]
async fn the_file_is_reconciled_at_the_start_and_applied_again_changes_nothing() {
    let it = Fixture::start(Some(FILE)).await;
    assert_eq!(it.names(), ["ci"]);
    let before = it.actions().await;
    assert!(before.contains(&"mode_change".to_owned()), "{before:?}");
    let lines = it.document(FILE).await.unwrap();
    assert!(lines.iter().any(|line| line.contains("no changes")), "{lines:?}");
    let export = it.control.export(None).await.unwrap();
    it.document(&export).await.unwrap();
    assert_eq!(it.actions().await, before);
    assert!(!export.contains(SECRET) && export.contains("${env:CI}"));
}

#[tokio::test]
async fn the_exported_access_changes_nothing_either() {
    let it = Fixture::start(Some(FILE)).await;
    let before = it.actions().await;
    let fragment = it.control.declarative_export();
    assert!(!fragment.contains("${env:") && !fragment.contains(SECRET), "{fragment}");
    it.document(&fragment).await.unwrap();
    assert_eq!(it.actions().await, before);
    // The secrets that the file had are still there, as they stood.
    assert!(it.file().contains("${env:CI}") && it.file().contains("${env:BOOT}"), "{}", it.file());
}

#[tokio::test]
async fn a_section_is_patched_in_place_and_never_expanded() {
    let it = Fixture::start(Some(FILE)).await;
    let users = r#"{"iam_users": [{"name": "ci", "access_key_id": "AKIACI", "groups": ["builders"],
        "secret_access_key": "", "permissions": [{"actions": ["read"], "resources": ["a/${iam:username}"]}]},
        {"name": "$${env", "access_key_id": "AKIANEW", "secret_access_key": "${env:BOOT}${env:BOOT}${env:BOOT}${env:BOOT}"}]}"#;
    let refused = it.section(users).await;
    assert!(
        matches!(&refused, Err(Refusal::Faults(faults)) if faults.len() == 1),
        "a leading dollar"
    );
    it.section(&users.replace("$${env", "new")).await.unwrap();
    let file = it.file();
    for kept in
        ["# in git", "# all", "\"${env:CI}\"", "a/${iam:username}", "$${env:BOOT}$${env:BOOT}"]
    {
        assert!(file.contains(kept), "{kept} in {file}");
    }
    assert_eq!(it.names(), ["ci", "new"]);
    let Fixture { folder, control } = it;
    drop(control);
    let again = start(folder.path()).await.unwrap();
    assert!(
        again
            .plan(
                &again
                    .propose_file(&std::fs::read(folder.path().join("config.yaml")).unwrap())
                    .unwrap()
            )
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn what_a_shell_filled_in_is_exported_as_its_reference_and_kept_literally() {
    let it = Fixture::start(None).await;
    let literal = FILE.replace("${env:CI}", SECRET);
    let refs = BTreeMap::from([(
        "access.iam_users[0].secret_access_key".to_owned(),
        "${env:CI_UPLOADER}".to_owned(),
    )]);
    it.apply(it.control.propose_document(&literal, Some(&refs))).await.unwrap();
    assert!(it.file().contains(SECRET));
    assert!(it.control.export(None).await.unwrap().contains("${env:CI_UPLOADER}"));
    // Another value did not come from there.
    it.document(&literal.replace(SECRET, &"z".repeat(40))).await.unwrap();
    let export = it.control.export(None).await.unwrap();
    assert!(!export.contains("CI_UPLOADER") && !export.contains("zzzz"), "{export}");
    for (place, reference) in [
        ("access.iam_users[7].name", "${env:A}"),
        ("access.iam_mode", "x"),
        ("access.iam_mode", "${env:DGP_OWN}"),
    ] {
        let refs = BTreeMap::from([(place.to_owned(), reference.to_owned())]);
        let refused = it.control.propose_document(&literal, Some(&refs));
        assert!(matches!(refused, Err(Refusal::Faults(_))), "{place} {reference}");
    }
}

#[tokio::test]
async fn a_posted_document_cannot_read_the_servers_own_variables() {
    let it = Fixture::start(None).await;
    for (text, wanted) in [
        (FILE.replace("${env:CI}", "${env:DGP_OWN:-x}"), "DGP_OWN"),
        (FILE.replace("${env:CI}", "${env:UNSET}"), "UNSET"),
    ] {
        let Err(Refusal::Faults(faults)) = it.document(&text).await else { panic!() };
        assert!(faults[0].message.contains(wanted) && faults[0].line == Some(11), "{faults:?}");
    }
    assert!(it.file().is_empty() && it.names().is_empty());
}

#[tokio::test]
async fn a_reference_fills_a_field_of_another_kind_and_persists_as_its_value() {
    let it = Fixture::start(None).await;
    let text = FILE.replace("groups: [builders]", "enabled: \"${env:ON}\"");
    it.document(&text).await.unwrap();
    assert!(it.file().contains("enabled: true"), "{}", it.file());
    // By hand it may stand in the file; what leaves is the value.
    let it = Fixture::start(Some(&text)).await;
    let section = serde_json::to_string(&it.control.section("access").unwrap()).unwrap();
    assert!(section.contains("\"enabled\":true"), "{section}");
    let export = it.control.export(None).await.unwrap();
    assert!(export.contains("enabled: true") && export.contains("${env:CI}"), "{export}");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_leaves_everything_as_it_was() {
    use std::os::unix::fs::PermissionsExt as _;
    let it = Fixture::start(Some(FILE)).await;
    let (before, path) = (it.actions().await, it.folder.path().join("config.yaml"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    let cleared = "access: {iam_mode: declarative}";
    assert!(matches!(it.document(cleared).await, Err(Refusal::NotWritten(_))));
    assert_eq!(
        (it.file(), it.names(), it.actions().await),
        (FILE.to_owned(), vec!["ci".to_owned()], before)
    );
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    it.document(cleared).await.unwrap();
    assert!(it.names().is_empty());
}

#[tokio::test]
async fn of_two_applies_made_from_one_state_the_second_is_refused() {
    let it = Fixture::start(Some(FILE)).await;
    let first = it.control.propose_document(&FILE.replace("AKIACI", "AKIAONE"), None);
    let second = it.control.propose_document(&FILE.replace("AKIACI", "AKIATWO"), None);
    it.apply(first).await.unwrap();
    assert!(matches!(it.apply(second).await, Err(Refusal::RevisionMoved)));
    assert!(it.file().contains("AKIAONE"));
}

#[tokio::test]
async fn a_file_that_was_edited_is_reloaded_before_a_section_is_patched() {
    let it = Fixture::start(Some(FILE)).await;
    std::fs::write(it.folder.path().join("config.yaml"), FILE.replace("AKIACI", "AKIANEW"))
        .unwrap();
    let patch = r#"{"iam_mode": "gui"}"#;
    assert!(matches!(it.section(patch).await, Err(Refusal::FileChanged)));
    it.control.reload().await.unwrap();
    it.section(patch).await.unwrap();
    assert_eq!(it.control.shared.iam.current().state.mode, Mode::Gui);
    assert_eq!(it.names(), ["ci"]);
}

#[tokio::test]
async fn a_switch_to_an_empty_file_keeps_the_process_from_starting() {
    let it = Fixture::start(Some(FILE)).await;
    it.section(r#"{"iam_mode": "gui"}"#).await.unwrap();
    let Fixture { folder, control } = it;
    drop(control);
    std::fs::write(folder.path().join("config.yaml"), "access: {iam_mode: declarative}").unwrap();
    assert!(matches!(start(folder.path()).await, Err(Refusal::WouldWipe { users: 1, groups: 1 })));
    std::fs::write(folder.path().join("config.yaml"), FILE).unwrap();
    assert!(start(folder.path()).await.is_ok());
}
