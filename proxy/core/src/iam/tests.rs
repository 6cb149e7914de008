use super::*;
use crate::document::read_yaml;
use crate::policy::RuleDocument;

const DOCUMENT: &str = r#"
access:
  iam_mode: declarative
  iam_groups:
    - name: builders
      permissions:
        - {actions: [read, list], resources: ["releases/*"]}
  iam_users:
    - name: ci
      access_key_id: AKIACI
      secret_access_key: "0123456789012345678901234567890123456789"
      groups: [builders, Administrators]
      permissions:
        - effect: Deny
          actions: [write]
          resources: ["home/${iam:username}/*"]
          conditions: {"aws:SourceIp": 10.0.0.0/8}
  auth_providers:
    - {name: corp, client_id: a, client_secret: b, issuer_url: "https://idp.example"}
  group_mapping_rules:
    - {provider: corp, match_type: email_domain, match_value: example.com, group: builders}
"#;

fn desired(text: &str) -> Desired {
    let node = read_yaml(text.as_bytes()).unwrap();
    read_access(node.get("access").unwrap(), &["boot"]).unwrap_or_else(|it| panic!("{it:?}"))
}

fn faults(text: &str) -> Vec<String> {
    let node = read_yaml(text.as_bytes()).unwrap();
    let faults = read_access(node.get("access").unwrap(), &["boot"]).err().unwrap_or_default();
    faults.iter().map(|it| format!("{}:{}", it.line.unwrap_or_default(), it.path)).collect()
}

fn nothing(mode: Mode) -> Existing<'static> {
    Existing {
        revision: Revision(7),
        mode,
        users: Vec::new(),
        groups: Vec::new(),
        providers: Vec::new(),
        mapping_rules: Vec::new(),
    }
}

/// What is held once a document has been applied to nothing.
fn held(desired: &Desired) -> Existing<'_> {
    let lists = &desired.lists;
    let rules = |rules: &'static [RuleDocument]| rules.iter().collect::<Vec<_>>();
    let leak = |it: &[RuleDocument]| rules(Vec::leak(it.to_vec()));
    Existing {
        users: lists
            .users
            .iter()
            .zip(1..)
            .map(|(user, id)| ExistingUser {
                id,
                name: &user.name,
                enabled: user.enabled,
                keys: vec![(&user.access_key_id, user.midstates.as_deref().unwrap())],
                rules: leak(&user.rules),
                groups: user.groups.iter().map(String::as_str).collect(),
                signed_in: false,
            })
            .collect(),
        groups: lists
            .groups
            .iter()
            .zip(1..)
            .map(|(group, id)| ExistingGroup {
                id,
                name: &group.name,
                description: &group.description,
                rules: leak(&group.rules),
            })
            .collect(),
        providers: lists
            .providers
            .iter()
            .zip(1..)
            .map(|(it, id)| ExistingProvider {
                id,
                provider: &it.provider,
                secret: it.secret.as_ref().unwrap(),
            })
            .collect(),
        mapping_rules: lists.mapping_rules.iter().flatten().collect(),
        ..nothing(Mode::Declarative)
    }
}

#[test]
fn a_document_is_created_once_and_then_a_no_op() {
    let wanted = desired(DOCUMENT);
    let first = plan(&wanted, &nothing(Mode::Gui), true).unwrap();
    let counts = "users(+1/~0/-0) groups(+1/~0/-0) providers(+1/~0/-0) mapping_rules=replace";
    assert_eq!(first.preview(), format!("declarative IAM preview: {counts}"));
    assert_eq!((first.from, first.to, first.revision), (Mode::Gui, Mode::Declarative, Revision(7)));
    let again = plan(&wanted, &held(&wanted), true).unwrap();
    assert!(again.is_empty() && again.edits.is_empty(), "{:?}", again.changes);
    assert_eq!(again.preview(), "declarative IAM preview: no IAM changes (idempotent apply)");
}

#[test]
fn every_fault_is_reported_with_place_and_line() {
    let text = "\
access:
  iam_mode: both
  iam_groups:
    - name: Administrators
    - {name: a, permissions: [{actions: [fly], resources: []}]}
    - {name: a, colour: red}
  iam_users:
    - {name: $x, access_key_id: boot, secret_access_key: short, enabled: maybe}
    - {name: y, access_key_id: AKIAY, groups: [nobody]}
    - {name: y, access_key_id: AKIAY, permissions: x}
  auth_providers:
    - {name: p, provider_type: saml, client_id: c, issuer_url: 'http://idp.example'}
  group_mapping_rules:
    - {provider: q, match_type: maybe, match_value: x, group: b}
  colour: red
";
    assert_eq!(
        faults(text),
        [
            "15:access.colour",
            "2:access.iam_mode",
            "4:access.iam_groups[0].name",
            "5:access.iam_groups[1].permissions[0].resources",
            "5:access.iam_groups[1].permissions[0].actions[0]",
            "6:access.iam_groups[2].colour",
            "6:access.iam_groups[2].name",
            "12:access.auth_providers[0].provider_type",
            "12:access.auth_providers[0].issuer_url",
            "8:access.iam_users[0].name",
            "8:access.iam_users[0].access_key_id",
            "8:access.iam_users[0].secret_access_key",
            "8:access.iam_users[0].enabled",
            "9:access.iam_users[1].groups[0]",
            "10:access.iam_users[2].name",
            "10:access.iam_users[2].access_key_id",
            "10:access.iam_users[2].permissions",
            "14:access.group_mapping_rules[0].provider",
            "14:access.group_mapping_rules[0].group",
            "14:access.group_mapping_rules[0].match_type",
        ]
    );
}

#[test]
fn a_name_stands_once_even_within_a_line() {
    let user = |name: &str, key: &str| format!("{{name: {name}, access_key_id: {key}}}");
    for (second, wanted) in [
        (user("ana", "AKIA2"), vec!["1:access.iam_users[1].name"]),
        (user("ben", "AKIA1"), vec!["1:access.iam_users[1].access_key_id"]),
        (user("ben", "AKIA2"), vec![]),
    ] {
        let text = format!("access: {{iam_users: [{}, {second}]}}", user("ana", "AKIA1"));
        assert_eq!(faults(&text), wanted, "{text}");
    }
}

#[test]
fn an_empty_name_or_key_is_none() {
    for (list, item, wanted) in [
        ("iam_users", "{name: '', access_key_id: AKIA1}", vec!["1:access.iam_users[0].name"]),
        (
            "iam_users",
            "{name: ana, access_key_id: ''}",
            vec!["1:access.iam_users[0].access_key_id"],
        ),
        ("iam_users", "{name: ana, access_key_id: AKIA1}", vec![]),
        ("iam_groups", "{name: ''}", vec!["1:access.iam_groups[0].name"]),
        ("iam_groups", "{name: }", vec!["1:access.iam_groups[0].name"]),
        ("iam_groups", "{name: a}", vec![]),
    ] {
        assert_eq!(faults(&format!("access: {{{list}: [{item}]}}")), wanted, "{item}");
    }
}

#[test]
fn an_empty_secret_keeps_what_is_held_and_is_a_fault_of_a_new_user() {
    let wanted = desired(DOCUMENT);
    let redacted = DOCUMENT.replace("0123456789012345678901234567890123456789", "");
    let redacted = desired(&redacted.replace("client_secret: b, ", ""));
    assert!(plan(&redacted, &held(&wanted), true).unwrap().is_empty());
    let Err(PlanError::Faults(faults)) = plan(&redacted, &nothing(Mode::Gui), true) else {
        panic!()
    };
    let paths: Vec<_> = faults.iter().map(|it| it.path.as_str()).collect();
    let wanted =
        ["access.iam_users[0].secret_access_key", "access.auth_providers[0].client_secret"];
    assert_eq!(paths, wanted);
}

#[test]
fn a_renamed_key_updates_the_row_and_drops_the_second_key() {
    let wanted = desired(DOCUMENT);
    let mut existing = held(&wanted);
    let other = [1u8; 64];
    existing.users[0].keys.insert(0, ("OLD", &other));
    let changed = plan(&wanted, &existing, true).unwrap();
    assert_eq!(changed.changes[0].fields, ["second key"]);
    assert!(matches!(&changed.edits[..], [Edit::DeleteKey(1, id)] if id == "OLD"));
    let renamed = desired(&DOCUMENT.replace("AKIACI", "AKIACI2"));
    let changed = plan(&renamed, &held(&wanted), true).unwrap();
    assert_eq!(changed.changes[0].fields, ["access_key_id"]);
    assert!(matches!(changed.edits[..], [Edit::ClearKeys(1), Edit::AddKey(1, _)]));
}

#[test]
fn the_gate_stands_before_a_switch_to_an_empty_document_alone() {
    let wanted = desired(DOCUMENT);
    let empty = desired("access: {iam_mode: declarative}");
    let gui = || Existing { mode: Mode::Gui, ..held(&wanted) };
    assert!(matches!(
        plan(&empty, &gui(), true),
        Err(PlanError::WouldWipe { users: 1, groups: 1 })
    ));
    // What an earlier section still holds does not lift it.
    assert!(matches!(plan(&wanted, &gui(), false), Err(PlanError::WouldWipe { .. })));
    assert!(plan(&wanted, &gui(), true).is_ok());
    assert!(plan(&empty, &nothing(Mode::Gui), true).is_ok());
    let cleared = plan(&empty, &held(&wanted), true).unwrap();
    assert_eq!(cleared.changes.len(), 3);
    let back = plan(&desired("access: {iam_mode: gui}"), &held(&wanted), true).unwrap();
    assert!(back.is_empty() && back.edits.is_empty());
}

#[test]
fn a_mapping_rule_that_is_not_spoken_of_stays_unless_what_it_names_goes() {
    let before = desired(DOCUMENT);
    let base = "access: {iam_mode: declarative, iam_groups: [GROUPS], auth_providers: [PROVIDERS]}";
    let (group, provider) = (
        "{name: builders}",
        "{name: corp, client_id: a, client_secret: b, issuer_url: \"https://idp.example\"}",
    );
    for (groups, providers, wanted) in [
        (group, provider, MappingRules::Keep),
        ("", provider, MappingRules::Replace),
        (group, "", MappingRules::Replace),
    ] {
        let text = base.replace("GROUPS", groups).replace("PROVIDERS", providers);
        let plan = plan(&desired(&text), &held(&before), true).unwrap();
        assert_eq!(plan.mapping_rules, wanted, "{text}");
    }
}

#[test]
fn who_signed_in_is_neither_declared_nor_removed() {
    let wanted = desired(DOCUMENT);
    let mut existing = held(&wanted);
    existing.users[0].signed_in = true;
    assert!(matches!(plan(&wanted, &existing, true), Err(PlanError::Faults(_))));
    let empty = desired("access: {iam_mode: declarative}");
    let cleared = plan(&empty, &existing, true).unwrap();
    assert!(cleared.changes.iter().all(|it| it.kind != Kind::User));
}

#[test]
fn the_schema_knows_what_the_reader_knows() {
    let schema = serde_json::to_value(schema(&[("storage", &["s3"])])).unwrap();
    let users = &schema["properties"]["access"]["properties"]["iam_users"]["items"]["properties"];
    assert_eq!(users["enabled"]["type"][1], "boolean");
    assert_eq!(users["permissions"]["items"]["properties"]["effect"]["enum"][1], "Deny");
    assert_eq!(users["name"]["minLength"], 1);
    assert_eq!(schema["properties"]["storage"]["properties"]["s3"]["type"], "string");
}
