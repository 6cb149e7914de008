use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Node {
    read_yaml(text.as_bytes()).unwrap_or_else(|faults| panic!("{faults:?} in {text}"))
}

fn faults(text: &str) -> Vec<String> {
    let faults = read_yaml(text.as_bytes()).err().unwrap_or_default();
    faults.iter().map(|it| format!("{}: {it}", it.line.unwrap_or_default())).collect()
}

const FILE: &str = "\
# Who may come in.
access:
  iam_mode: declarative   # by review
  iam_users:
    # the build
    - name: ci
      access_key_id: AKIACI
      secret_access_key: \"${env:CI}\"
      groups: [builders]
    - name: ana   # of finance
      access_key_id: 'AKIAANA'
      secret_access_key: ''
# Where things are.
storage:
  filesystem: data
";

#[test]
fn a_document_keeps_places_kinds_and_order() {
    let node = read(FILE);
    let users = node.get("access").unwrap().get("iam_users").unwrap();
    assert_eq!(users.items()[1].line, Some(10));
    assert_eq!(users.items()[1].get("access_key_id").unwrap().text(), Some("AKIAANA"));
    let keys: Vec<_> = node.entries().iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["access", "storage"]);
    assert!(read("").entries().is_empty() && read("# only words\n").entries().is_empty());
}

#[test]
fn hostile_documents_are_refused_with_their_line() {
    for (text, wanted) in [
        ("a: &x 1\nb: *x\n", "1: anchors are not supported"),
        ("a: *x\n", "1: "),
        ("a: !!str x\n", "1: tags are not supported"),
        ("a: !local x\n", "1: tags are not supported"),
        ("a: 1\nb: 2\na: 3\n", "3: a: stands twice; first in line 1"),
        ("a: 1\n---\nb: 2\n", "2: only one document"),
        ("? [a, b]\n: 1\n", "1: a key has to be a single word"),
        ("a:\n\t- b\n", "2: "),
        ("a: [1, 2\n", "1: "),
        ("a: \"x\n", ""),
    ] {
        let found = faults(text);
        assert!(found.iter().any(|it| it.starts_with(wanted)), "{text:?}: {found:?}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(faults(&deep).len(), 1);
    let deep = (0..200).map(|at| format!("{}a:\n", " ".repeat(at))).collect::<String>();
    assert_eq!(faults(&deep).len(), 1);
    let map = |keys: usize| (0..keys).map(|at| format!("k{at}: 1\n")).collect::<String>();
    assert_eq!(faults(&map(20_001)).len(), 1);
    assert_eq!(read(&map(20_000)).entries().len(), 20_000);
    let faults = read_yaml(b"a: 1\nb: \xff\n").unwrap_err();
    assert_eq!(faults[0].line, Some(2));
}

#[test]
fn a_merge_patch_keeps_removes_and_replaces() {
    let json = |text: &str| serde_json::from_str::<Node>(text).unwrap();
    let target = json(r#"{"a": {"b": 1, "c": [1, 2]}, "d": "x"}"#);
    let merged = merge_patch(&target, &json(r#"{"a": {"b": null, "c": [3]}, "e": true}"#));
    assert_eq!(merged, json(r#"{"a": {"c": [3]}, "d": "x", "e": true}"#));
    assert!(serde_json::from_str::<Node>(r#"{"a": 1, "a": 2}"#).is_err());
}

#[test]
fn an_edit_leaves_comments_and_order_alone() {
    let old = read(FILE);
    let mut new = old.clone();
    let access = new.get_mut("access").unwrap();
    access.set("iam_mode", Node::string("gui"));
    let Value::List(users) = &mut access.get_mut("iam_users").unwrap().value else { panic!() };
    users[1].set("secret_access_key", Node::string("it's: \"quoted\" #1"));
    users.push(Node::map([("name", Node::string("bob")), ("enabled", Node::plain("false"))]));
    new.get_mut("storage").unwrap().remove("filesystem");
    new.get_mut("storage").unwrap().set("s3", Node::string("http://127.0.0.1:1"));
    let (text, kept) = rewrite(FILE, &old, &new);
    assert!(kept, "{text}");
    for comment in
        ["# Who may", "gui   # by review", "# the build", "ana   # of finance", "# Where"]
    {
        assert!(text.contains(comment), "{comment} in {text}");
    }
    assert_eq!(read(&text), new);
}

const TEAM: &str = "\
# who may
access:
  iam_mode: declarative
  # people
  iam_users:
    # ana: until May
    - name: ana
      groups: [a]   # both
      permissions:
        # the logs
        - actions: [read]
          resources:
            - logs/*   # all
            - tmp/*

    # ben: reviewed
    - name: ben   # of finance
      enabled: true
    # cyd: new
    - name: cyd
  # groups come last
  iam_groups:
    - name: a
# where
storage:
  filesystem: ./data   # local
";

/// Edits [`TEAM`], which has to keep every comment but those named.
fn edited(change: impl FnOnce(&mut Node), gone: &[&str]) -> String {
    let old = read(TEAM);
    let mut new = old.clone();
    change(&mut new);
    let (text, kept) = rewrite(TEAM, &old, &new);
    assert!(kept, "{text}");
    assert_eq!(read(&text), new, "{text}");
    for (_, comment) in TEAM.lines().filter_map(|line| line.split_once("# ")) {
        assert_eq!(text.contains(comment), !gone.contains(&comment), "{comment} in {text}");
    }
    text
}

fn users(node: &mut Node) -> &mut Vec<Node> {
    let users = node.get_mut("access").unwrap().get_mut("iam_users").unwrap();
    let Value::List(users) = &mut users.value else { panic!() };
    users
}

#[test]
fn what_goes_takes_its_own_comments_along_and_no_others() {
    let text =
        edited(|it| drop(users(it).remove(0)), &["ana: until May", "both", "the logs", "all"]);
    assert!(text.contains("  iam_users:\n\n    # ben: reviewed\n    - name: ben"), "{text}");
    edited(|it| drop(users(it).remove(1)), &["ben: reviewed", "of finance"]);
    edited(|it| drop(users(it).remove(2)), &["cyd: new"]);
    let access = |it: &mut Node, key: &str| it.get_mut("access").unwrap().remove(key);
    edited(|it| access(it, "iam_groups"), &["groups come last"]);
    edited(|it| it.remove("storage"), &["where", "local"]);
}

#[test]
fn what_comes_between_leaves_the_comments_of_others() {
    for at in 0..=3 {
        let new = Node::map([("name", Node::string("bob"))]);
        let text = edited(|it| users(it).insert(at, new), &[]);
        let order: Vec<_> = users(&mut read(&text))
            .iter()
            .map(|it| it.get("name").unwrap().text().unwrap().to_owned())
            .collect();
        assert_eq!(order[at], "bob");
    }
    // A rule that changes inside keeps its place, and a value its line.
    edited(
        |it| {
            let Value::List(rules) = &mut users(it)[0].get_mut("permissions").unwrap().value else {
                panic!()
            };
            rules[0].set("effect", Node::string("Deny"));
        },
        &[],
    );
    edited(
        |it| {
            let rules = users(it)[0].get_mut("permissions").unwrap();
            let Value::List(rules) = &mut rules.value else { panic!() };
            rules[0]
                .set("resources", Node::list([Node::string("logs/2026/*"), Node::string("tmp/*")]));
        },
        &[],
    );
    edited(|it| users(it)[1].set("groups", Node::list([Node::string("a")])), &[]);
}

#[test]
fn a_list_that_is_emptied_leaves_the_rest_and_says_what_is_lost() {
    let old = read(TEAM);
    let mut new = old.clone();
    users(&mut new).clear();
    let (text, kept) = rewrite(TEAM, &old, &new);
    assert!(!kept && read(&text) == new, "{text}");
    for comment in ["# who may", "# people", "# groups come last", "# where", "# local"] {
        assert!(text.contains(comment), "{comment} in {text}");
    }
    assert!(!text.contains("ben"), "{text}");
    // Without comments there is nothing to tell.
    for text in ["a:\n- b\n- c\n", "a: {b: c}\n", "a:\n"] {
        let (_, kept) = rewrite(text, &read(text), &Node::map([("a", Node::list([]))]));
        assert!(kept, "{text}");
    }
}

#[test]
fn a_new_order_is_written_anew_and_said() {
    let old = read(TEAM);
    let mut new = old.clone();
    users(&mut new).swap(0, 1);
    let (text, kept) = rewrite(TEAM, &old, &new);
    assert!(!kept && read(&text) == new && text.contains("# people"), "{text}");
}

#[test]
fn what_cannot_be_edited_in_place_is_written_anew() {
    let text = "access: {iam_mode: gui}  # short\n";
    let old = read(text);
    let mut new = old.clone();
    new.get_mut("access").unwrap().set("iam_users", Node::list([]));
    let (text, _) = rewrite(text, &old, &new);
    assert_eq!(read(&text), new);
}

fn trees() -> impl Strategy<Value = Node> {
    let word = r#"[a-z]{1,4}|[ -~]{0,8}|true|null|~|0?[0-9]{1,3}|a: b|- x|#c|'|"|\$\{env:A\}|é\n|  two\n lines\n"#;
    let scalar = prop_oneof![
        word.prop_map(Node::string),
        Just(Node::null()),
        any::<bool>().prop_map(|it| Node::plain(it.to_string())),
        any::<i32>().prop_map(|it| Node::plain(it.to_string())),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        let key = "[a-z]{1,3}|name|[ -~]{1,5}";
        let map = prop::collection::vec((key, inner.clone()), 0..4).prop_map(|entries| {
            let mut node = Node::map([]);
            entries.into_iter().for_each(|(key, value)| node.set(&key, value));
            node
        });
        prop_oneof![prop::collection::vec(inner, 0..4).prop_map(Node::list), map]
    })
}

fn documents() -> impl Strategy<Value = Node> {
    prop::collection::vec(("[a-z]{1,3}", trees()), 0..4).prop_map(|entries| {
        let mut node = Node::map([]);
        entries.into_iter().for_each(|(key, value)| node.set(&key, value));
        node
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_written_reads_the_same(tree in documents()) {
        let text = to_yaml(&tree);
        prop_assert_eq!(read_yaml(text.as_bytes()), Ok(tree), "{}", text);
    }

    #[test]
    fn an_edited_text_says_what_was_meant(old in documents(), new in documents()) {
        let text = to_yaml(&old);
        let (edited, _) = rewrite(&text, &read(&text), &new);
        prop_assert_eq!(read_yaml(edited.as_bytes()), Ok(new), "{}\n---\n{}", text, edited);
    }

    #[test]
    fn no_bytes_make_the_reader_fall(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = read_yaml(&bytes);
    }
}
