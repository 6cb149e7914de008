//! `config apply`: log in, send, tell, log out.

use std::time::Duration;

use deltaglider_core::document::Fault;
use serde_json::{Value, json};
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use zeroize::Zeroizing;

use super::document::{Document, failure, read};
use super::{ApplyArgs, Failure};

const PASSWORD: &str = "DGP_BOOTSTRAP_PASSWORD";

pub(super) fn run(args: &ApplyArgs) -> Result<(), Failure> {
    let document = read(&args.file)?;
    if !document.unfilled.is_empty() {
        return Err(failure(4, &args.file, &document.unfilled));
    }
    let password = std::env::var(PASSWORD).ok().filter(|it| !it.is_empty()).map(Zeroizing::new);
    let password = password.ok_or_else(|| Failure::new(7, format!("{PASSWORD} is not set")))?;
    warn_of_clear_text(&args.server)?;
    let mut server = Server { agent: agent(args)?, base: base(&args.server), cookie: None };
    server.log_in(&password)?;
    let body = json!({ "yaml": document.filled, "env_refs": document.env_refs });
    let path = if args.dry_run { "/config/validate" } else { "/config/apply" };
    let answer = server.post(path, &body);
    let _ = server.post("/logout", &json!({}));
    let (status, answer) = answer?;
    for warning in texts(&answer, "warnings") {
        eprintln!("{warning}");
    }
    match status {
        200 if args.dry_run => preview(args, &document, &answer),
        200 if answer.get("persisted") == Some(&Value::Bool(false)) => {
            Err(Failure::new(5, "applied, and not persisted"))
        }
        200 => Ok(()),
        401 | 403 => Err(Failure::new(7, refusal(&answer))),
        400 | 409 | 422 => Err(Failure { code: 6, lines: faults(args, &document, &answer) }),
        status => {
            Err(Failure::new(5, format!("the server answered {status}: {}", refusal(&answer))))
        }
    }
}

struct Server {
    agent: Agent,
    base: String,
    cookie: Option<String>,
}

impl Server {
    fn log_in(&mut self, password: &str) -> Result<(), Failure> {
        let url = format!("{}/login", self.base);
        let sent = self.agent.post(&url).send_json(json!({ "password": password }));
        let answer = sent.map_err(|error| Failure::new(5, format!("{url}: {error}")))?;
        match answer.status().as_u16() {
            200 => {}
            401 => return Err(Failure::new(7, "the password is wrong")),
            429 => {
                let after = answer.headers().get("retry-after").and_then(|it| it.to_str().ok());
                let after = after.unwrap_or("some").to_owned();
                return Err(Failure::new(7, format!("too many failures; try in {after} seconds")));
            }
            status => return Err(Failure::new(5, format!("{url}: the server answered {status}"))),
        }
        let set = answer.headers().get("set-cookie").and_then(|it| it.to_str().ok());
        let cookie = set.and_then(|it| it.split(';').next()).map(str::to_owned);
        self.cookie = Some(cookie.ok_or_else(|| Failure::new(5, "the login set no cookie"))?);
        Ok(())
    }

    fn post(&self, path: &str, body: &Value) -> Result<(u16, Value), Failure> {
        let url = format!("{}{path}", self.base);
        let request = self.agent.post(&url).header("cookie", self.cookie.as_deref().unwrap_or(""));
        let sent = request.send_json(body);
        let mut answer = sent.map_err(|error| Failure::new(5, format!("{url}: {error}")))?;
        let text = answer.body_mut().read_to_string().unwrap_or_default();
        let value = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok((answer.status().as_u16(), value))
    }
}

fn base(server: &str) -> String {
    format!("{}/_/api/admin", server.trim_end_matches('/'))
}

/// Redirects are not followed: they would take the password elsewhere.
fn agent(args: &ApplyArgs) -> Result<Agent, Failure> {
    let mut tls = TlsConfig::builder();
    if let Some(path) = &args.ca_file {
        let failed = |text: String| Failure::new(3, format!("{}: {text}", path.display()));
        let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
        let mut roots: Vec<Certificate<'static>> = Vec::new();
        for item in parse_pem(&pem) {
            if let PemItem::Certificate(root) = item.map_err(|error| failed(error.to_string()))? {
                roots.push(root);
            }
        }
        if roots.is_empty() {
            return Err(failed("it holds no certificate".to_owned()));
        }
        tls = tls.root_certs(RootCerts::Specific(roots.into()));
    }
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(args.timeout)))
        .tls_config(tls.build());
    Ok(config.build().new_agent())
}

fn warn_of_clear_text(server: &str) -> Result<(), Failure> {
    let uri: ureq::http::Uri =
        server.parse().map_err(|error| Failure::new(2, format!("--server {server}: {error}")))?;
    let host = uri.host().unwrap_or_default();
    let address: Option<std::net::IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    let near = host == "localhost" || address.is_some_and(|it| it.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") => {
            if !near {
                eprintln!("warning: the password and all secrets travel to {host} in clear text");
            }
            Ok(())
        }
        _ => Err(Failure::new(2, format!("--server {server}: needs http:// or https://"))),
    }
}

/// The plan, entity by entity; exit code 6 where apply would refuse.
#[expect(clippy::print_stdout, reason = "the plan is what was asked for")]
fn preview(args: &ApplyArgs, document: &Document, answer: &Value) -> Result<(), Failure> {
    if answer.get("ok") != Some(&Value::Bool(true)) {
        return Err(Failure { code: 6, lines: faults(args, document, answer) });
    }
    for kind in ["users", "groups", "providers"] {
        let Some(entities) = answer.get("diff").and_then(|diff| diff.get(kind)) else { continue };
        for name in texts(entities, "created") {
            println!("+ {kind}: {name}");
        }
        for changed in entities.get("changed").and_then(Value::as_array).into_iter().flatten() {
            let name = changed.get("name").and_then(Value::as_str).unwrap_or_default();
            println!("~ {kind}: {name} ({})", texts(changed, "fields").join(", "));
        }
        for name in texts(entities, "removed") {
            println!("- {kind}: {name}");
        }
    }
    Ok(())
}

fn texts(value: &Value, field: &str) -> Vec<String> {
    let items = value.get(field).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn refusal(answer: &Value) -> String {
    let text = answer.get("message").or(answer.get("error")).and_then(Value::as_str);
    text.unwrap_or("no reason given").to_owned()
}

/// `FILE:LINE: PLACE: message`, as lint prints them; the server saw the text with references
/// filled in, which may have other lines.
fn faults(args: &ApplyArgs, document: &Document, answer: &Value) -> Vec<String> {
    let errors = answer.get("errors").and_then(Value::as_array).into_iter().flatten();
    let text = |error: &Value, field: &str| {
        error.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let faults = errors.map(|error| {
        let path = text(error, "path");
        let line = document.raw.line_of(&path);
        Fault::new(path, text(error, "message")).at_line(line)
    });
    let mut lines = failure(6, &args.file, &faults.collect::<Vec<_>>()).lines;
    if lines.is_empty() {
        lines.push(refusal(answer));
    }
    lines
}
