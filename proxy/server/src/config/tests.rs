//! Every refusal beside the twin that is read.

use std::path::PathBuf;

use super::*;

fn load(vars: &[(&str, &str)], file: Option<&str>) -> Result<Config, ConfigError> {
    let mut source = Fixed::default();
    for (name, value) in vars {
        source.vars.insert((*name).into(), (*value).into());
    }
    let mut flags = Flags::default();
    if let Some(text) = file {
        source.files.insert(PathBuf::from("p.yaml"), text.as_bytes().to_vec());
        flags.config = Some("p.yaml".into());
    }
    Config::load(&source, &flags)
}

fn fault(vars: &[(&str, &str)], file: Option<&str>) -> String {
    load(vars, file).err().expect("a refusal").to_string()
}

#[test]
fn nothing_given_is_the_embedded_store_on_loopback_with_nobody_let_in() {
    let config = load(&[], None).ok().unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:9000");
    assert!(config.bootstrap.is_none());
    assert!(matches!(config.backend, BackendConfig::Embedded(_)));
    assert_eq!(config.clock_skew.as_secs(), 300);
    assert_eq!(config.replay.window.as_secs(), 5);
}

#[test]
fn abandoned_uploads_live_a_week_unless_it_is_said_otherwise() {
    let age = |days: &str| {
        let config = load(&[("DGP_UPLOAD_MAX_AGE_DAYS", days)], None).ok().unwrap();
        let BackendConfig::Embedded(embedded) = config.backend else { panic!("not embedded") };
        embedded.upload_age.map(|age| age.as_secs() / 86_400)
    };
    assert_eq!([age(""), age("30"), age("0")], [Some(7), Some(30), None]);
    assert!(fault(&[("DGP_UPLOAD_MAX_AGE_DAYS", "soon")], None).contains("soon"));
}

#[test]
fn a_whole_file_is_read_with_its_references() {
    let text = "access:\n  access_key_id: key\n  secret_access_key: \"${env:S}\"\nstorage:\n  \
                s3: http://127.0.0.1:9001\n  access_key_id: b\n  secret_access_key: \"a${env:T:-x}\"\n  \
                force_path_style: true\nadvanced:\n  listen_addr: \"127.0.0.1:1\"\n";
    let config = load(&[("S", "top ${env:T}")], Some(text)).ok().unwrap();
    assert_eq!(config.bootstrap.unwrap().secret.as_str(), "top ${env:T}");
    let BackendConfig::Remote(remote) = config.backend else { panic!("not remote") };
    assert_eq!(remote.credentials.secret.as_str(), "ax");
    assert!(remote.path_style);
}

#[test]
fn the_environment_wins_over_the_file_and_says_so() {
    let text = "advanced:\n  listen_addr: 127.0.0.1:1\n";
    let config = load(&[("DGP_LISTEN_ADDR", "127.0.0.1:2")], Some(text)).ok().unwrap();
    assert_eq!(config.listen.port(), 2);
    let warned = "DGP_LISTEN_ADDR overrides p.yaml:2: advanced.listen_addr";
    assert!(config.warnings.contains(&warned.to_owned()), "{:?}", config.warnings);
}

#[test]
fn an_unknown_key_is_named_with_file_and_line() {
    let text = fault(&[], Some("access:\n  iam_mode: gui\n  acess_key: b\n"));
    assert!(text.starts_with("p.yaml:3") && text.contains("acess_key"), "{text}");
}

#[test]
fn everything_that_is_wrong_with_the_form_is_told_at_once() {
    let text = "acces: {}\naccess:\n  iam_mode: [gui]\n  iam_users: []\nstorage: x\nadvanced:\n  \
                listen_adr: 127.0.0.1:1\n";
    let text = fault(&[], Some(text));
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    for (line, wanted) in lines.iter().zip([
        "p.yaml:1: acces: is not known",
        "p.yaml:3: access.iam_mode: is a list",
        "p.yaml:5: storage: is a single value",
        "p.yaml:7: advanced.listen_adr: is not known",
    ]) {
        assert!(line.starts_with(wanted), "{line}");
    }
}

#[test]
fn wrong_values_are_told_together_with_all_else() {
    let text = "access:\n  iam_mode: other\n  access_key_id: a\nstorage:\n  s3: ftp://x\n  \
                force_path_style: perhaps\n  s4: x\nadvanced:\n  listen_addr: here\n  \
                state_dir: \"${env:NOPE}\"\n  log_level: \"${env:NOPE}\"\n";
    let text = fault(&[("DGP_MAX_REQUESTS", "0"), ("DGP_TLS_CERT", "c")], Some(text));
    let lines: Vec<_> = text.lines().collect();
    let wanted = [
        "p.yaml:2: access.iam_mode: `other` is not `gui`",
        "p.yaml:3: access.access_key_id: the secret",
        "p.yaml:5: storage.s3: is not an endpoint",
        "p.yaml:6: storage.force_path_style: `perhaps`",
        "p.yaml:7: storage.s4: is not known",
        "p.yaml:9: advanced.listen_addr: `here`",
        "p.yaml:10: advanced.state_dir: the environment variable `NOPE`",
        "p.yaml:11: advanced.log_level: the environment variable `NOPE`",
        "DGP_TLS_CERT: is set without",
        "DGP_MAX_REQUESTS: `0` is not",
    ];
    assert_eq!(lines.len(), wanted.len(), "{text}");
    for (line, wanted) in lines.iter().zip(wanted) {
        assert!(line.starts_with(wanted), "{line}");
    }
}

#[test]
fn broken_yaml_is_named_with_file_and_line() {
    let text = fault(&[], Some("access:\n  iam_mode: [gui\nstorage: {}\n"));
    assert!(text.starts_with("p.yaml:"), "{text}");
}

#[test]
fn an_unset_reference_is_named_with_file_line_and_key() {
    let text =
        fault(&[], Some("access:\n  access_key_id: a\n  secret_access_key: \"${env:NOPE}\"\n"));
    assert!(text.starts_with("p.yaml:3: access.secret_access_key:"), "{text}");
    assert!(text.contains("`NOPE`"), "{text}");
}

#[test]
fn a_reference_is_expanded_even_where_nothing_reads_the_value() {
    let text = fault(&[], Some("advanced:\n  state_dir: \"${env:NOPE}\"\n"));
    assert!(text.starts_with("p.yaml:2: advanced.state_dir:") && text.contains("`NOPE`"), "{text}");
}

#[test]
fn no_message_repeats_what_may_be_a_secret() {
    let text = "access:\n  access_key_id: a\n  secret_access_key: \"pa${ssw0rd\"\n";
    assert!(!fault(&[], Some(text)).contains("ssw0rd"));
    let url = [
        ("DGP_S3_ENDPOINT", "http://user:ssw0rd@host"),
        ("DGP_BE_AWS_ACCESS_KEY_ID", "a"),
        ("DGP_BE_AWS_SECRET_ACCESS_KEY", "b"),
    ];
    let text = fault(&url, None);
    assert!(text.starts_with("DGP_S3_ENDPOINT") && !text.contains("ssw0rd"), "{text}");
}

#[test]
fn a_repeated_key_is_refused() {
    let text = fault(&[], Some("access:\n  access_key_id: a\n  access_key_id: b\n"));
    assert!(text.starts_with("p.yaml:3"), "{text}");
}

#[test]
fn a_file_that_was_asked_for_has_to_be_there() {
    let flags = Flags { config: Some("gone.yaml".into()), listen: None };
    let error = Config::load(&Fixed::default(), &flags).err().unwrap().to_string();
    assert!(error.starts_with("gone.yaml: cannot be read"), "{error}");
}

#[test]
fn half_a_pair_is_refused_and_names_the_half_that_is_there() {
    assert!(fault(&[("DGP_ACCESS_KEY_ID", "a")], None).starts_with("DGP_ACCESS_KEY_ID:"));
    assert!(fault(&[("DGP_TLS_CERT", "a")], None).starts_with("DGP_TLS_CERT:"));
}

#[test]
fn values_of_the_wrong_kind_name_their_variable() {
    for (name, value) in [
        ("DGP_LISTEN_ADDR", "here"),
        ("DGP_CLOCK_SKEW_SECONDS", "-1"),
        ("DGP_REPLAY_READS", "sometimes"),
        ("DGP_LOG_FORMAT", "xml"),
        ("DGP_BACKEND_TIMEOUT_SECS", "x"),
        ("DGP_CLIENT_TIMEOUT_SECS", "0"),
        ("DGP_MAX_REQUESTS", "0"),
        ("DGP_MAX_REQUESTS", "many"),
    ] {
        let text = fault(&[(name, value)], None);
        assert!(text.starts_with(name) && text.contains(value), "{text}");
    }
}

#[test]
fn a_remote_store_needs_credentials() {
    let endpoint = ("DGP_S3_ENDPOINT", "http://127.0.0.1:9000");
    assert!(fault(&[endpoint], None).starts_with("DGP_S3_ENDPOINT:"));
    let keys = [endpoint, ("DGP_BE_AWS_ACCESS_KEY_ID", "a"), ("DGP_BE_AWS_SECRET_ACCESS_KEY", "b")];
    assert!(load(&keys, None).is_ok());
}

#[test]
fn an_empty_file_is_a_file_without_settings() {
    assert!(load(&[], Some("")).is_ok());
    assert!(load(&[], Some("# nothing\n")).is_ok());
}

#[test]
fn the_state_stands_beside_the_data_unless_it_is_said() {
    let folder = |vars: &[_]| load(vars, None).ok().unwrap().state.folder;
    assert_eq!(folder(&[]), PathBuf::from("deltaglider-data-state"));
    assert_eq!(folder(&[("DGP_DATA_DIR", "/var/lib/dg")]), PathBuf::from("/var/lib/dg-state"));
    assert_eq!(folder(&[("DGP_STATE_DIR", "/s")]), PathBuf::from("/s"));
}

#[test]
fn a_database_key_is_32_bytes_and_never_repeated() {
    let good = format!("{}=", "A".repeat(43));
    assert!(load(&[("DGP_DB_KEY", &good)], None).ok().unwrap().state.key.is_some());
    for wrong in ["secret-text", "c2hvcnQ="] {
        let text = fault(&[("DGP_DB_KEY", wrong)], None);
        assert!(text.starts_with("DGP_DB_KEY") && !text.contains(wrong), "{text}");
    }
}

#[test]
fn cookies_travel_in_clear_text_on_loopback_alone() {
    let secure = |vars: &[_]| load(vars, None).ok().unwrap().admin.secure_cookies;
    assert!(!secure(&[]) && secure(&[("DGP_LISTEN_ADDR", "0.0.0.0:9000")]));
    assert!(secure(&[("DGP_SECURE_COOKIES", "true")]));
    assert!(secure(&[("DGP_TLS_CERT", "c"), ("DGP_TLS_KEY", "k")]));
}

#[test]
fn trusted_proxies_are_blocks_or_addresses() {
    let nets = |text| load(&[("DGP_TRUSTED_PROXIES", text)], None).map(|it| it.trusted_proxies);
    assert_eq!(nets("10.0.0.0/8, 127.0.0.1").ok().unwrap().len(), 2);
    assert!(nets("10.0.0.0/33").is_err() && nets("a").is_err());
}

#[test]
fn base_domains_are_host_names() {
    let domains = |text| load(&[("DGP_BASE_DOMAIN", text)], None).map(|it| it.edge.base_domains);
    let names = domains("S3.example.com, localhost").ok().unwrap();
    assert_eq!(
        names.iter().map(|it| it.as_str()).collect::<Vec<_>>(),
        ["s3.example.com", "localhost"]
    );
    for wrong in ["a,,b", "example.com:9000", "127.0.0.1", "*.example.com"] {
        assert!(
            fault(&[("DGP_BASE_DOMAIN", wrong)], None).starts_with("DGP_BASE_DOMAIN"),
            "{wrong}"
        );
    }
}

#[test]
fn the_admin_may_have_an_address_of_its_own() {
    let address =
        |text| load(&[("DGP_ADMIN_LISTEN_ADDR", text)], None).map(|it| it.edge.admin_listen);
    assert_eq!(address("127.0.0.1:9001").ok().unwrap().unwrap().port(), 9001);
    assert_eq!(address("127.0.0.1:9000").ok().unwrap(), None, "that is the S3 port");
    assert!(fault(&[("DGP_ADMIN_LISTEN_ADDR", "9001")], None).starts_with("DGP_ADMIN_LISTEN_ADDR"));
    let vars = [("DGP_ADMIN_LISTEN_ADDR", "127.0.0.1:9001"), ("DGP_LISTEN_ADDR", "0.0.0.0:9000")];
    assert!(!load(&vars, None).ok().unwrap().admin.secure_cookies, "the admin is on loopback");
}

#[test]
fn origins_are_written_as_browsers_write_them() {
    let origins = |text| load(&[("DGP_CORS_ORIGINS", text)], None).map(|it| it.edge.cors);
    let listed = ["https://app.example", "http://localhost:3000"].map(str::to_owned).to_vec();
    let read = origins("https://APP.example:443, http://localhost:3000").ok().unwrap();
    assert_eq!(read, CorsOrigins::Listed(listed));
    assert_eq!(origins("*").ok().unwrap(), CorsOrigins::Any);
    for wrong in
        ["app.example", "https://app.example/", "null", "*,https://a.b", "https://*.a.b", "ftp://a"]
    {
        assert!(fault(&[("DGP_CORS_ORIGINS", wrong)], None).starts_with("DGP_CORS"), "{wrong}");
    }
}

#[test]
fn a_variable_that_nobody_reads_is_told_and_one_of_clients_is_not() {
    let warnings = |name: &str| load(&[(name, "x")], None).ok().unwrap().warnings;
    assert_eq!(warnings("DGP_SPELT_WRONG"), ["DGP_SPELT_WRONG is set, but nothing reads it"]);
    assert_eq!(warnings("DGP_BOOTSTRAP_PASSWORD"), [""; 0]);
}
