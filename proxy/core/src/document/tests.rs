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
