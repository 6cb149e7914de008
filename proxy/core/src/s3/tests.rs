//! Every row is found by a request of its shape, and near misses are not.

use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use proptest::prelude::*;

use super::table::{Level, Row, TABLE};
use super::*;

fn of(method: &str, target: &str, headers: &[(&str, &str)]) -> Operation {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |(name, value): &(&str, &str)| {
        (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
    };
    identify(&RequestHead {
        method: &method.parse::<Method>().unwrap(),
        path,
        host_bucket: None,
        query: &Query::parse(Some(query)).unwrap(),
        headers: &headers.iter().map(pair).collect::<HeaderMap>(),
    })
}

/// A request that has just what a row's selectors ask for.
fn example(row: &Row) -> Operation {
    let path = match row.level {
        Level::Service => "/",
        Level::Bucket => "/bucket",
        Level::Object => "/bucket/a/key",
    };
    let mut query = Vec::new();
    let mut headers = Vec::new();
    for selector in row.selectors {
        match (*selector, selector.split_once(':')) {
            ("x-amz-copy-source:", _) => headers.push(("x-amz-copy-source", "/source/key")),
            (_, Some((name, start))) => headers.push((name, start)),
            (plain, None) if plain.contains('=') => query.push(plain.to_owned()),
            (plain, None) => query.push(format!("{plain}=1")),
        }
    }
    query.extend(row.parameters.iter().map(|name| format!("{name}=1")));
    of(row.method, &format!("{path}?{}", query.join("&")), &headers)
}

#[test]
fn every_row_is_found_with_all_its_parameters() {
    assert!(TABLE.len() >= 100, "{} operations", TABLE.len());
    for row in TABLE {
        let found = example(row);
        assert_eq!(found.kind, row.kind);
        assert_eq!(
            (found.action, found.support, found.problem),
            (row.action, row.support, None),
            "{:?}",
            row.kind
        );
        let named = row.selectors.iter().filter(|it| !it.contains(':')).count();
        assert_eq!(found.parameters.len(), named + row.parameters.len(), "{:?}", row.kind);
    }
}

#[test]
fn what_reads_and_what_a_body_is_follow_from_the_row() {
    for row in TABLE {
        assert_eq!(row.kind.is_read(), matches!(row.method, "GET" | "HEAD"), "{:?}", row.kind);
        assert_eq!(row.kind.body_kind(), row.body, "{:?}", row.kind);
    }
    assert!(!OperationKind::Unknown.is_read());
    let forwarded = TABLE.iter().filter(|row| row.support == Support::Forwarded).count();
    assert!(forwarded >= 45, "{forwarded} forwarded");
}

#[test]
fn an_unknown_parameter_turns_everything_but_reads_and_listings_away() {
    for (method, target) in [
        ("DELETE", "/bucket"),
        ("PUT", "/bucket"),
        ("PUT", "/bucket/k"),
        ("DELETE", "/bucket/k"),
        ("HEAD", "/bucket"),
        ("GET", "/bucket?acl&"),
    ] {
        let joined = if target.contains('?') { target.to_owned() } else { format!("{target}?") };
        let found = of(method, &format!("{joined}newthing"), &[]);
        assert_eq!(
            (found.kind, found.action),
            (OperationKind::Unknown, Action::Admin),
            "{method} {target}"
        );
    }
    for (method, target, kind) in [
        ("GET", "/bucket/k?newthing", OperationKind::GetObject),
        ("HEAD", "/bucket/k?newthing=1", OperationKind::HeadObject),
        ("GET", "/bucket?newthing", OperationKind::ListObjects),
        ("GET", "/bucket?list-type=2&newthing", OperationKind::ListObjectsV2),
        ("GET", "/?newthing", OperationKind::ListBuckets),
    ] {
        let found = of(method, target, &[]);
        assert_eq!(found.kind, kind, "{target}");
        assert!(found.parameters.iter().all(|(name, _)| name != "newthing"), "{target}");
    }
}

#[test]
fn what_sdks_and_presigners_add_changes_nothing() {
    for extra in
        ["x-id=DeleteObject", "X-Amz-Signature=00", "x-amz-META-a=1", "X-Amz-Checksum-Crc32=AA"]
    {
        let found = of("DELETE", &format!("/bucket/k?{extra}"), &[]);
        assert_eq!(
            (found.kind, found.parameters.len()),
            (OperationKind::DeleteObject, 0),
            "{extra}"
        );
    }
}

#[test]
fn a_subresource_never_falls_back_to_the_plain_operation() {
    for (method, target) in [
        ("DELETE", "/bucket?acl"),
        ("DELETE", "/bucket?versions"),
        ("PUT", "/bucket/k?attributes"),
        ("HEAD", "/bucket/k?acl"),
        ("GET", "/bucket?list-type=3"),
        ("PUT", "/bucket/k?uploadId=1"),
        ("DELETE", "/bucket/k?partNumber=1"),
        ("POST", "/bucket"),
        ("OPTIONS", "/bucket/k"),
        ("PATCH", "/bucket/k"),
        ("PUT", "/"),
    ] {
        let found = of(method, target, &[]);
        assert_eq!(
            (found.kind, found.support),
            (OperationKind::Unknown, Support::NotImplemented),
            "{method} {target}"
        );
    }
}

#[test]
fn contradictions_and_repeats_are_values() {
    let both = of("GET", "/bucket?acl&policy", &[]);
    assert_eq!((both.kind, both.action), (OperationKind::Unknown, Action::Admin));
    assert_eq!(both.problem.unwrap().code, S3ErrorCode::InvalidRequest);
    let twice = of("GET", "/bucket/k?versionId=1&versionId=2", &[]);
    assert_eq!(twice.problem.unwrap().code, S3ErrorCode::InvalidArgument);
    assert!(of("GET", "/bucket/k?versionId=1", &[]).problem.is_none());
}

#[test]
fn headers_may_ask_for_more() {
    let raises = |name, value| of("PUT", "/bucket/k", &[(name, value)]).raised;
    assert!(!raises("x-amz-acl", "private") && !raises("x-amz-meta-a", "b"));
    assert!(raises("x-amz-acl", "public-read") && raises("x-amz-grant-read", "id=1"));
    assert!(raises("x-amz-object-lock-mode", "GOVERNANCE"));
    let bypass = [("x-amz-bypass-governance-retention", "true")];
    let removal = of("DELETE", "/bucket/k", &bypass);
    assert_eq!((removal.action, removal.raised), (Action::Delete, true));
}

#[test]
fn a_copy_names_its_source_or_its_problem() {
    let copy = |value| of("PUT", "/bucket/k", &[("x-amz-copy-source", value)]);
    assert_eq!(copy("/other/a%20b").copy_source.unwrap().key.as_str(), "a b");
    let bad = copy("nothing");
    assert_eq!(
        (bad.kind, bad.problem.unwrap().code),
        (OperationKind::CopyObject, S3ErrorCode::InvalidArgument)
    );
    let misplaced = of("GET", "/bucket/k", &[("x-amz-copy-source", "/other/a")]);
    assert_eq!(misplaced.problem.unwrap().code, S3ErrorCode::InvalidRequest);
}

#[test]
fn a_path_splits_before_it_is_decoded() {
    let key = |path| of("GET", path, &[]).key().map(ToString::to_string);
    assert_eq!(key("/bucket/a%2Fb//c/"), Some("a/b//c/".into()));
    assert_eq!(key("/bucket//lead"), Some("/lead".into()));
    assert_eq!(key("/bucket/a+b%2B"), Some("a+b+".into()));
    assert_eq!(key("/bucket/../other"), Some("../other".into()));
    assert_eq!(of("GET", "/bucket/", &[]).kind, OperationKind::ListObjects);
    for path in [
        "/../key",
        "/%2e%2e/key",
        "/bucket/%ff",
        "/bucket/%2",
        "/bu%2Fcket/k",
        "//key",
        "/bucket/%00",
    ] {
        let found = of("GET", path, &[]);
        assert!(found.problem.is_some() && found.action == Action::Admin, "{path}");
    }
}

#[test]
fn the_most_marks_decide_between_operations_of_one_subresource() {
    let copy = [("x-amz-copy-source", "/other/a")];
    let form = [("content-type", "Multipart/Form-Data; boundary=x")];
    for (method, target, headers, kind) in [
        ("PUT", "/bucket/k?partNumber=1&uploadId=u", [].as_slice(), OperationKind::UploadPart),
        ("PUT", "/bucket/k?uploadId=u&partNumber=1", &copy, OperationKind::UploadPartCopy),
        ("PUT", "/bucket/k", &copy, OperationKind::CopyObject),
        ("GET", "/bucket?analytics", &[], OperationKind::ListBucketAnalyticsConfigurations),
        ("GET", "/bucket?analytics&id=1", &[], OperationKind::GetBucketAnalyticsConfiguration),
        ("GET", "/bucket/k?annotation", &[], OperationKind::ListObjectAnnotations),
        ("POST", "/bucket", &form, OperationKind::PostObject),
        ("GET", "/bucket/k?partNumber=1", &[], OperationKind::GetObject),
    ] {
        assert_eq!(of(method, target, headers).kind, kind, "{method} {target}");
    }
    for (method, target, headers) in [
        ("PUT", "/bucket/k?acl", &copy),
        ("POST", "/bucket?delete", &form),
        ("POST", "/bucket/k?uploads&uploadId=u", &copy),
    ] {
        let problem = of(method, target, headers).problem.unwrap();
        assert_eq!(problem.code, S3ErrorCode::InvalidRequest, "{method} {target}");
    }
}

#[test]
fn known_parameters_are_kept_in_order_and_flags_lose_their_value() {
    let pairs = |method, target| of(method, target, &[]).parameters;
    let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    };
    assert_eq!(
        pairs("GET", "/bucket?prefix=a%2F+b&x=1&list-type=2&x-id=ListObjectsV2&max-keys=7"),
        owned(&[("prefix", "a/ b"), ("list-type", "2"), ("max-keys", "7")]),
    );
    assert_eq!(pairs("DELETE", "/bucket?cors=x"), owned(&[("cors", "")]));
    assert_eq!(
        pairs("PUT", "/bucket/k?partNumber=3&uploadId=u%2B"),
        owned(&[("partNumber", "3"), ("uploadId", "u+")]),
    );
}

#[test]
fn every_way_to_make_or_remove_an_object_is_raised_by_locks_and_grants() {
    let grant = ("x-amz-grant-read", "id=1");
    let lock = ("x-amz-object-lock-legal-hold", "ON");
    let bypass = ("x-amz-bypass-governance-retention", "true");
    let copy = ("x-amz-copy-source", "/other/a");
    for (method, target, plain, raised) in [
        ("PUT", "/bucket/k", [].as_slice(), grant),
        ("PUT", "/bucket/k", &[copy], lock),
        ("POST", "/bucket/k?uploads", &[], lock),
        ("POST", "/bucket?delete", &[], bypass),
        ("DELETE", "/bucket/k?versionId=1", &[], bypass),
    ] {
        assert!(!of(method, target, plain).raised, "{method} {target}");
        let headers = [plain, &[raised]].concat();
        assert!(of(method, target, &headers).raised, "{method} {target}");
    }
    assert!(!of("GET", "/bucket/k", &[bypass]).raised);
}

#[test]
fn a_copy_source_given_twice_or_by_access_point_is_a_value() {
    let twice = [("x-amz-copy-source", "/other/a"), ("x-amz-copy-source", "/other/b")];
    let found = of("PUT", "/bucket/k", &twice);
    assert_eq!((found.kind, found.copy_source), (OperationKind::CopyObject, None));
    assert_eq!(found.problem.unwrap().code, S3ErrorCode::InvalidArgument);
    let point = "arn:aws:s3:eu-west-1:1:accesspoint/a/object/b";
    let found = of("PUT", "/bucket/k", &[("x-amz-copy-source", point)]);
    assert_eq!(found.problem.unwrap().code, S3ErrorCode::NotImplemented);
}

#[test]
fn a_bad_value_is_a_problem_of_its_operation() {
    for target in
        ["/bucket/k?versionId=", "/bucket/k?partNumber=0", "/bucket/k?response-expires=%0D%0Aa:b"]
    {
        let found = of("GET", target, &[]);
        assert_eq!(
            (found.kind, found.action),
            (OperationKind::GetObject, Action::Read),
            "{target}"
        );
        assert_eq!(found.problem.unwrap().code, S3ErrorCode::InvalidArgument, "{target}");
    }
}

#[test]
fn probes_of_a_bucket_ask_for_any_allow_in_it() {
    assert!(of("HEAD", "/bucket", &[]).asks_any_allow_in_bucket());
    assert!(of("GET", "/bucket?location", &[]).asks_any_allow_in_bucket());
    assert!(!of("GET", "/bucket", &[]).asks_any_allow_in_bucket());
    assert!(!of("HEAD", "/bucket?acl", &[]).asks_any_allow_in_bucket());
}

proptest! {
    #[test]
    fn identification_is_total(
        method in "[A-Z]{1,9}",
        path in "/?\\PC{0,20}",
        query in "([a-zA-Z=&%+-]|acl|uploadId|partNumber|x-amz-|list-type){0,12}",
        source in "[ -~]{0,20}",
        host_bucket in prop::option::of("[ -~]{0,5}"),
    ) {
        let Ok(query) = Query::parse(Some(&query)) else { return Ok(()) };
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-copy-source", source.parse().unwrap());
        let found = identify(&RequestHead {
            method: &method.parse().unwrap(),
            path: &path,
            host_bucket: host_bucket.as_deref(),
            query: &query,
            headers: &headers,
        });
        prop_assert!(found.kind != OperationKind::Unknown || found.action == Action::Admin);
    }

    #[test]
    fn what_is_forwarded_is_known_and_named_once(
        method in "GET|HEAD|PUT|POST|DELETE",
        path in "/|/bucket|/bucket/k",
        chosen in prop::collection::vec((0..TABLE.len(), "[a-z0-9]{0,2}"), 0..4),
        copies in any::<bool>(),
    ) {
        let parameters: Vec<(String, String)> = chosen
            .into_iter()
            .flat_map(|(at, value)| {
                let row = &TABLE[at];
                let names = row.selectors.iter().chain(row.parameters).filter(|it| !it.contains(':'));
                names.map(|it| (it.to_string(), value.clone())).take(2).collect::<Vec<_>>()
            })
            .collect();
        let target = format!("{path}?{}", encode_query(&parameters));
        let headers: &[_] = if copies { &[("x-amz-copy-source", "/other/a")] } else { &[] };
        let found = of(&method, &target, headers);
        let Some(row) = TABLE.iter().find(|row| row.kind == found.kind) else {
            prop_assert_eq!((found.action, found.support), (Action::Admin, Support::NotImplemented));
            prop_assert!(found.parameters.is_empty());
            return Ok(());
        };
        prop_assert_eq!(row.method, method);
        for (name, _) in &found.parameters {
            let once = found.parameters.iter().filter(|(other, _)| other == name).count() == 1;
            prop_assert!(row.knows(name) && (once || found.problem.is_some()), "{}", name);
        }
        prop_assert_eq!(found.copy_source.is_some(), copies && row.selectors.contains(&"x-amz-copy-source:"));
    }

    #[test]
    fn parameters_survive_their_encoding(pairs in prop::collection::vec(("\\PC{1,9}", "\\PC{0,9}"), 0..5)) {
        let query = Query::parse(Some(&encode_query(&pairs))).unwrap();
        prop_assert_eq!(query.pairs(), pairs);
    }

    #[test]
    fn any_key_survives_its_encoding(
        key in "[^\0]{1,200}",
        version in prop::option::of("[^\0]{1,20}"),
    ) {
        let path = format!("/bucket/{}", encode_key(&key));
        let found = of("GET", &path, &[]);
        prop_assert_eq!(found.key().map(ObjectKey::as_str), Some(key.as_str()));
        let bucket = BucketName::parse("bucket").unwrap();
        let key = ObjectKey::parse(&key).unwrap();
        let source = CopySource { bucket, key, version_id: version };
        prop_assert_eq!(CopySource::parse(&source.to_header_value()).unwrap(), source);
    }
}
