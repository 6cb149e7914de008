//! S3 over one kept connection. It never retries, so that each call has one known fate.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;

/// No answer takes longer, unless the server is gone.
const PATIENCE: Duration = Duration::from_secs(60);
const REGION: &str = "us-east-1";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// One connection, and the pair that signs for it.
pub(crate) struct Client {
    pub(crate) addr: SocketAddr,
    pub(crate) id: String,
    pub(crate) secret: String,
    connection: Option<BufReader<TcpStream>>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The texts of all elements of a name.
    pub(crate) fn all(&self, element: &str) -> Vec<String> {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        let text = self.text();
        let rests = text.split(&open).skip(1);
        rests.map(|rest| rest.split(&close).next().unwrap_or_default().to_owned()).collect()
    }
}

impl Client {
    pub(crate) fn new(addr: SocketAddr, id: &str, secret: &str) -> Client {
        Client { addr, id: id.to_owned(), secret: secret.to_owned(), connection: None }
    }

    /// One request with a body whose hash is not signed. `target` is path and query, encoded;
    /// the query has its parameters in the order of the alphabet.
    pub(crate) fn call(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Answer> {
        self.begin(method, target, headers, body.len())?;
        self.go_on(body)?;
        self.answer(method)
    }

    /// Sends the head of a request; `go_on` sends its body, `answer` reads what comes back.
    pub(crate) fn begin(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        length: usize,
    ) -> io::Result<()> {
        let head = self.head(method, target, headers, length);
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let stream = TcpStream::connect(self.addr)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                BufReader::new(stream)
            }
        };
        connection.get_ref().write_all(head.as_bytes())?;
        self.connection = Some(connection);
        Ok(())
    }

    pub(crate) fn go_on(&mut self, body: &[u8]) -> io::Result<()> {
        let Some(connection) = &self.connection else { return Err(closed()) };
        connection.get_ref().write_all(body)
    }

    pub(crate) fn answer(&mut self, method: &str) -> io::Result<Answer> {
        let mut connection = self.connection.take().ok_or_else(closed)?;
        let answer = read_answer(&mut connection, method)?;
        if answer.header("connection") != Some("close") {
            self.connection = Some(connection);
        }
        Ok(answer)
    }

    fn head(&self, method: &str, target: &str, extra: &[(&str, &str)], length: usize) -> String {
        let now = OffsetDateTime::now_utc();
        let date = now.format(format_description!("[year][month][day]")).unwrap();
        let time = now.format(format_description!("[hour][minute][second]")).unwrap();
        let stamp = format!("{date}T{time}Z");
        let host = self.addr.to_string();
        let mut headers = vec![
            ("host", host.as_str()),
            ("x-amz-content-sha256", UNSIGNED),
            ("x-amz-date", stamp.as_str()),
        ];
        headers.extend_from_slice(extra);
        headers.sort_unstable();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines: String =
            headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();

        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
        let query: Vec<String> = parameters
            .map(|parameter| match parameter.contains('=') {
                true => parameter.to_owned(),
                false => format!("{parameter}="),
            })
            .collect();
        let query = query.join("&");
        let canonical = format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{UNSIGNED}");
        let scope = format!("{date}/{REGION}/s3/aws4_request");
        let digest = hex::encode(Sha256::digest(canonical));
        let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}");
        let key = generate_signing_key(&self.secret, SystemTime::from(now), REGION, "s3");
        let signature = calculate_signature(key, to_sign.as_bytes());
        let sent: String =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!(
            "{method} {target} HTTP/1.1\r\n{sent}content-length: {length}\r\n\
             authorization: AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, \
             Signature={signature}\r\n\r\n",
            self.id
        )
    }
}

fn read_answer(connection: &mut BufReader<TcpStream>, method: &str) -> io::Result<Answer> {
    let status = loop {
        let line = read_line(connection)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok());
        match status.ok_or_else(|| io::Error::other(format!("no status in {line:?}")))? {
            100..200 => while !read_line(connection)?.is_empty() {},
            status => break status,
        }
    };
    let mut headers = Vec::new();
    loop {
        let line = read_line(connection)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer { status, headers, body: Vec::new() };
    if method == "HEAD" || matches!(status, 204 | 304) {
        return Ok(answer);
    }
    if answer.header("transfer-encoding") == Some("chunked") {
        loop {
            let line = read_line(connection)?;
            let size = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
            read_onto(connection, size, &mut answer.body)?;
            read_line(connection)?;
            if size == 0 {
                return Ok(answer);
            }
        }
    }
    let length = answer.header("content-length").and_then(|length| length.parse().ok());
    let length = length.ok_or_else(|| io::Error::other("an answer without a length"))?;
    read_onto(connection, length, &mut answer.body)?;
    Ok(answer)
}

fn read_line(connection: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    match connection.read_line(&mut line)? {
        0 => Err(closed()),
        _ => Ok(line.trim_end().to_owned()),
    }
}

fn read_onto(
    connection: &mut BufReader<TcpStream>,
    length: usize,
    body: &mut Vec<u8>,
) -> io::Result<()> {
    let start = body.len();
    body.resize(start + length, 0);
    connection.read_exact(&mut body[start..])
}

fn closed() -> io::Error {
    io::ErrorKind::ConnectionAborted.into()
}
