//! The admin API as its clients see it: JSON over the lane, with a session's cookie.

use serde_json::{Value, json};

use crate::exchange::Exchange;
use crate::failure::Failure;
use crate::lane::Lane;
use crate::probe;
use crate::target::AdminTarget;

/// Fields of answers: `null` where there is none of that name.
pub trait Fields {
    /// The field of a name.
    fn field(&self, name: &str) -> &Value;
}

impl Fields for Value {
    fn field(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }
}

/// One call; a cookie, headers and a body are optional.
#[derive(Debug, Default)]
pub struct Call<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Path below the base, query included.
    pub path: &'a str,
    /// `name=value` of the session cookie.
    pub cookie: Option<&'a str>,
    /// Whole header lines.
    pub headers: &'a [String],
    /// JSON text.
    pub body: Option<String>,
}

/// Sends one call and gives the answer, whatever it is.
pub async fn send(lane: &Lane, call: Call<'_>) -> Result<Exchange, Failure> {
    let base = &target(lane)?.base;
    let mut head = format!(
        "{} {base}{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: conformance\r\nConnection: close\r\n",
        call.method, call.path, lane.host
    );
    if let Some(cookie) = call.cookie {
        head.push_str(&format!("Cookie: {cookie}\r\n"));
    }
    for header in call.headers {
        head.push_str(&format!("{header}\r\n"));
    }
    let body = call.body.unwrap_or_default();
    head.push_str(&format!(
        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let mut connection = probe::Connection::to(lane).await?;
    connection.send(head.as_bytes()).await?;
    Ok(connection.answer().await?.exchange)
}

/// Logs in and gives the cookie as it has to be presented.
pub async fn log_in(lane: &Lane) -> Result<String, Failure> {
    let body = json!({ "password": target(lane)?.password }).to_string();
    let call = Call { method: "POST", path: "/login", body: Some(body), ..Call::default() };
    let answer = send(lane, call).await?;
    cookie(&answer).ok_or_else(|| {
        Failure::new(format!("the login answered {}: {}", answer.status, text(&answer)))
    })
}

/// The cookie that an answer sets.
pub fn cookie(answer: &Exchange) -> Option<String> {
    let set = answer.header("set-cookie").filter(|_| answer.status == 200)?;
    set.split(';').next().map(str::to_owned)
}

/// A call in the session that the lane's scenarios share; `null` where the answer has no body.
pub async fn ask(
    lane: &Lane,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> Result<Value, Failure> {
    let session = lane.admin_session.get_or_try_init(|| log_in(lane)).await?;
    let body = body.map(|body| body.to_string());
    let call = Call { method, path, cookie: Some(session), body, ..Call::default() };
    let answer = send(lane, call).await?;
    Failure::unless((200..300).contains(&answer.status), || {
        format!("{method} {path} answered {}: {}", answer.status, text(&answer))
    })?;
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_slice(&answer.body)?)
}

fn target(lane: &Lane) -> Result<&AdminTarget, Failure> {
    lane.admin.as_ref().ok_or_else(|| Failure::new("the target names no admin API"))
}

fn text(answer: &Exchange) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}
