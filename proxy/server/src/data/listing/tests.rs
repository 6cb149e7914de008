//! Whole walks, against a store with the whims of known ones.

use std::collections::BTreeSet;

use bytes::Bytes;
use deltaglider_core::policy::{
    Context, Identity, OwnedRules, Rule, RuleDocument, RuleOwner, RuleSet,
};
use deltaglider_core::s3::{BucketName, Query, Target, encode_key};
use proptest::prelude::*;
use serde::Deserialize;

use super::page::{Entry, Page};
use super::*;
use crate::data::xml::Writer;

const ONE: OperationKind = OperationKind::ListObjects;
const TWO: OperationKind = OperationKind::ListObjectsV2;

/// A name, and whether it is a common prefix.
type Name = (String, bool);

struct Fake {
    keys: BTreeSet<String>,
    /// Its largest page.
    size: usize,
}

impl Fake {
    fn new<T: ToString>(keys: impl IntoIterator<Item = T>, size: usize) -> Self {
        Self { keys: keys.into_iter().map(|key| key.to_string()).collect(), size }
    }

    fn names(&self, prefix: &str, delimiter: &str) -> Vec<Name> {
        let fold = |key: &String| {
            let rest = key.strip_prefix(prefix)?;
            let end = rest.find(delimiter).filter(|_| !delimiter.is_empty());
            Some(match end {
                Some(end) => (key[..prefix.len() + end + delimiter.len()].to_owned(), true),
                None => (key.clone(), false),
            })
        };
        let mut names: Vec<_> = self.keys.iter().filter_map(fold).collect();
        names.dedup();
        names
    }

    /// Its document, as MinIO's: a marker outside the prefix is refused, and one that is a
    /// common prefix does not pass what lies below it.
    fn answer(&self, query: &str) -> Bytes {
        let query = Query::parse(Some(query)).unwrap();
        let named = |name| query.get(name).unwrap_or_default().to_owned();
        let (prefix, marker) = (named("prefix"), named("marker"));
        assert!(marker.is_empty() || marker.starts_with(&prefix), "501: {marker} in {prefix}");
        let limit = named("max-keys").parse::<usize>().unwrap().min(self.size);
        let below = |name: &str| self.keys.iter().any(|key| key.starts_with(name) && *key > marker);
        let mut names = self.names(&prefix, &named("delimiter"));
        names.retain(|(name, folded)| *name > marker || (*folded && below(name)));
        let truncated = names.len() > limit && limit > 0;
        names.truncate(limit);
        let encode = |name: &str| encode_key(name).replace("%20", "+");
        let mut xml = Writer::new("ListBucketResult");
        xml.element("EncodingType", "url");
        xml.element("IsTruncated", &truncated.to_string());
        for (name, folded) in names.iter().rev() {
            let (outer, inner) =
                if *folded { ("CommonPrefixes", "Prefix") } else { ("Contents", "Key") };
            xml.nested(outer, |xml| xml.element(inner, &encode(name)));
        }
        xml.finish()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    is_truncated: bool,
    next_marker: Option<String>,
    next_continuation_token: Option<String>,
}

fn scope(rules: &[(&str, &str, &str)], prefix: &str) -> Option<ListingScope> {
    let rule = |(effect, action, resource): &(&str, &str, &str)| {
        let document = RuleDocument {
            effect: Some((*effect).to_owned()),
            actions: vec![(*action).to_owned()],
            resources: vec![(*resource).to_owned()],
            ..RuleDocument::default()
        };
        Rule::parse(&document).unwrap()
    };
    let owned = OwnedRules::new(RuleOwner::User("ana".into()), rules.iter().map(rule));
    let rules = RuleSet::new(&Identity::default(), [&owned]);
    let context = Context { source: None, prefix: Some(prefix) };
    rules.decide_listing("bucket", false, &context).1
}

fn operation(kind: OperationKind, parameters: &[(&str, &str)]) -> Operation {
    let target = Target::Bucket(BucketName::parse("bucket").unwrap());
    let mut operation = Operation::supposed(kind, target, "").unwrap();
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    operation.parameters = parameters.iter().map(owned).collect();
    operation
}

/// One page: its names, what it tells of the next one, and its text.
fn page(store: &Fake, listing: &Listing<'_>, sealer: &Sealer) -> (Vec<Name>, Told, String) {
    let mut walk = Walk::new(listing.most_keys(), listing.position.clone());
    let mut questions = 1;
    loop {
        let begin = listing.begin(&walk);
        let document = store.answer(&listing.query(&begin));
        if !listing.take(&mut walk, &begin, &document).unwrap() {
            break;
        }
        questions += 1;
    }
    assert!(questions <= walk::MOST_ROUNDS);
    let written = listing.write(&walk, sealer);
    let name = |entry: &Entry| (entry.name().to_owned(), matches!(entry, Entry::Prefix(_)));
    let page: Page = page::parse(&written).unwrap();
    let text = String::from_utf8(written.to_vec()).unwrap();
    (page.entries.iter().map(name).collect(), quick_xml::de::from_str(&text).unwrap(), text)
}

/// Follows a listing to its end as an SDK does.
fn follow(
    store: &Fake,
    kind: OperationKind,
    fixed: &[(&str, &str)],
    scope: &ListingScope,
) -> Vec<Name> {
    let sealer = Sealer::new(&[9; 32]);
    let (mut seen, mut next) = (Vec::new(), None::<String>);
    for _ in 0..2 * store.keys.len() + 4 {
        let mut parameters = fixed.to_vec();
        let token = if kind == ONE { "marker" } else { "continuation-token" };
        parameters.extend(next.as_deref().map(|it| (token, it)));
        let operation = operation(kind, &parameters);
        let listing = Listing::of(&operation, scope, "ana", &sealer).unwrap().unwrap();
        let (names, told, text) = page(store, &listing, &sealer);
        assert!(names.len() <= listing.most_keys());
        let sealed = |token: &str| sealer.open(token, &listing.binding).is_some();
        next = match (told.next_marker, told.next_continuation_token) {
            (Some(marker), None) if kind == ONE => {
                let marker = if fixed.contains(&("encoding-type", "url")) {
                    decoded(&marker)
                } else {
                    marker
                };
                let visible = names.last().is_some_and(|(last, _)| *last == marker);
                assert!(visible || sealed(&marker), "{text}");
                Some(marker)
            }
            (None, Some(token)) if kind == TWO => {
                assert!(sealed(&token), "{text}");
                Some(token)
            }
            (None, None) => None,
            both => panic!("{both:?}"),
        };
        assert_eq!(next.is_some(), told.is_truncated);
        seen.extend(names);
        if next.is_none() {
            return seen;
        }
    }
    panic!("the listing does not end");
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

fn shown(store: &Fake, prefix: &str, delimiter: &str, scope: &ListingScope) -> Vec<Name> {
    let mut names = store.names(prefix, delimiter);
    names.retain(
        |(name, folded)| {
            if *folded { scope.shows_prefix(name) } else { scope.shows_key(name) }
        },
    );
    names
}

fn text(pieces: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(pieces), 0..=most)
        .prop_map(|pieces| pieces.concat())
}

fn one_of<T: Clone + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(values)
}

fn resource() -> impl Strategy<Value = String> {
    text(&["a", "b", "c", "/", "-", "*", "*", "?"], 4).prop_map(|pattern| match pattern.as_str() {
        "" => "bucket".to_owned(),
        pattern => format!("bucket/{pattern}"),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn all_pages_together_are_the_listing_without_what_is_hidden(
        keys in proptest::collection::btree_set(
            text(&["a", "b", "c", "/", "/", "-", " ", "+%", "é"], 5), 0..24),
        rules in proptest::collection::vec(
            (one_of(&["Allow", "Allow", "Deny"]), one_of(&["list", "read"]), resource()), 1..5),
        prefix in text(&["a", "b", "/", "é"], 2),
        delimiter in one_of(&["", "/", "/", "-", "b/"]),
        (size, most) in (1usize..=5, one_of(&["1", "2", "3", "5"])),
        (kind, encoding) in (one_of(&[ONE, TWO]), one_of(&["", "url"])),
    ) {
        let store = Fake::new(keys.into_iter().filter(|key| !key.is_empty()), size);
        let rules: Vec<_> = rules.iter().map(|(one, two, it)| (*one, *two, it.as_str())).collect();
        let Some(scope) = scope(&rules, &prefix) else { return Ok(()) };
        prop_assume!(!scope.is_whole());
        let mut fixed = vec![("prefix", prefix.as_str()), ("delimiter", delimiter), ("max-keys", most)];
        fixed.extend(Some(("encoding-type", encoding)).filter(|(_, value)| !value.is_empty()));
        let seen = follow(&store, kind, &fixed, &scope);
        prop_assert_eq!(seen, shown(&store, &prefix, delimiter, &scope));
    }
}

const SOME: &[(&str, &str, &str)] = &[("Allow", "list", "bucket"), ("Deny", "list", "bucket/s/*")];

fn one_page(store: &Fake, kind: OperationKind, parameters: &[(&str, &str)]) -> (Vec<String>, Told) {
    let (scope, sealer) = (scope(SOME, "").unwrap(), Sealer::new(&[9; 32]));
    let operation = operation(kind, parameters);
    let listing = Listing::of(&operation, &scope, "ana", &sealer).unwrap().unwrap();
    let (names, told, _) = page(store, &listing, &sealer);
    (names.into_iter().map(|(name, _)| name).collect(), told)
}

#[test]
fn hidden_names_cost_a_bounded_number_of_questions() {
    let keys = (0..40).map(|number| format!("s/{number:02}")).chain(["z".into()]);
    let store = Fake::new(keys, 2);
    let (names, told) = one_page(&store, TWO, &[]);
    assert!(names.is_empty() && told.is_truncated);
    let seen = follow(&store, ONE, &[], &scope(SOME, "").unwrap());
    assert_eq!(seen, [("z".to_owned(), false)]);
}

#[test]
fn a_page_that_is_full_ends_where_only_hidden_names_follow() {
    let store = Fake::new(["a", "b", "s/1"], 9);
    let (names, told) = one_page(&store, ONE, &[("max-keys", "2")]);
    assert_eq!((names.len(), told.is_truncated), (2, false));
    let (names, told) = one_page(&store, ONE, &[("max-keys", "1")]);
    assert_eq!((names, told.next_marker.as_deref()), (vec!["a".to_owned()], Some("a")));
}

#[test]
fn beginnings_outside_the_prefix_are_not_the_stores_to_refuse() {
    let store = Fake::new(["a/1", "b/1", "c/1"], 9);
    let names = |start, prefix| {
        one_page(&store, TWO, &[("start-after", start), ("prefix", prefix)]).0.concat()
    };
    assert_eq!((names("a", "b/").as_str(), names("b", "b/").as_str()), ("b/1", "b/1"));
    assert_eq!((names("c", "b/").as_str(), names("b/1", "b/").as_str()), ("", ""));
    let inside = [("start-after", "b/0"), ("delimiter", "/")];
    assert_eq!(one_page(&store, TWO, &inside).0, ["b/", "c/"]);
    let (none, told) = one_page(&store, TWO, &[("max-keys", "0")]);
    assert!(none.is_empty() && !told.is_truncated);
}

#[test]
fn whole_listings_are_the_stores_but_for_pages_that_began_otherwise() {
    let (sealer, everything) = (Sealer::new(&[9; 32]), ListingScope::everything());
    let some = scope(SOME, "").unwrap();
    let ask = |scope, kind, name, value: &str| {
        let operation = operation(kind, &[(name, value)]);
        match Listing::of(&operation, scope, "ana", &sealer) {
            Ok(listing) => Ok(listing.map(|it| it.position.unwrap_or_default())),
            Err(error) => Err(error.code),
        }
    };
    let token = |caller| sealer.seal("a/x", &binding(caller, &operation(TWO, &[])));
    let (token, theirs) = (token("ana"), token("bea"));
    let after = |name: &str| Ok(Some(name.to_owned()));
    let refused = Err(S3ErrorCode::InvalidArgument);
    assert_eq!(ask(&everything, TWO, "continuation-token", "the store's"), Ok(None));
    assert_eq!(ask(&everything, TWO, "start-after", &token), Ok(None));
    assert_eq!(ask(&everything, ONE, "marker", "a"), Ok(None));
    for scope in [&everything, &some] {
        assert_eq!(ask(scope, TWO, "continuation-token", &token), after("a/x"));
        assert_eq!(ask(scope, ONE, "marker", &token), after("a/x"));
    }
    for other in [theirs.as_str(), "the store's"] {
        assert_eq!(ask(&some, TWO, "continuation-token", other), refused);
        assert_eq!(ask(&some, ONE, "marker", other), after(other));
    }
}

#[test]
fn a_store_that_does_not_advance_is_not_followed() {
    let (scope, sealer) = (scope(SOME, "").unwrap(), Sealer::new(&[9; 32]));
    let operation = operation(TWO, &[]);
    let listing = Listing::of(&operation, &scope, "ana", &sealer).unwrap().unwrap();
    let stuck = b"<ListBucketResult><IsTruncated>true</IsTruncated>\
                  <Contents><Key>s/1</Key></Contents></ListBucketResult>";
    let mut walk = Walk::new(1, None);
    assert!(listing.take(&mut walk, &Begin::First, stuck).unwrap());
    assert!(listing.take(&mut walk, &Begin::First, stuck).is_err());
}
