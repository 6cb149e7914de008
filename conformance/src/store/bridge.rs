//! A bridge to a Docker engine that is older than the container library.
//!
//! The library names its API version in every path and cannot be told another; an engine refuses
//! versions it does not know, although the few calls made here have not changed in years. The
//! bridge rewrites the version on the way. The library reads the engine's address from the
//! environment, and a process cannot safely change its own, so the run happens in a child.

use std::process::ExitCode;
use std::sync::Arc;

use http::uri::PathAndQuery;
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use testcontainers_modules::testcontainers::bollard::API_DEFAULT_VERSION;
use tokio::net::TcpListener;

use super::Choice;
use super::docker::{self, Engine};
use crate::failure::Failure;

/// Runs this program again behind a bridge where its engine needs one; `None` where it needs none
/// and the caller goes on.
pub fn run_behind_bridge() -> Result<Option<ExitCode>, Failure> {
    if matches!(Choice::from_env(), Choice::Embedded | Choice::Url(_)) {
        return Ok(None);
    }
    tokio::runtime::Runtime::new()?.block_on(async {
        let Ok(engine) = docker::engine().await else { return Ok(None) };
        let wanted = API_DEFAULT_VERSION.to_string();
        if engine.speaks(&wanted) {
            return Ok(None);
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = format!("tcp://{}", listener.local_addr()?);
        let serving = tokio::spawn(serve(listener, Arc::new(engine), wanted));
        let status = tokio::process::Command::new(std::env::current_exe()?)
            .args(std::env::args_os().skip(1))
            .env("DOCKER_HOST", address)
            .kill_on_drop(true)
            .status()
            .await?;
        serving.abort();
        let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
        Ok(Some(ExitCode::from(code)))
    })
}

async fn serve(listener: TcpListener, engine: Arc<Engine>, wanted: String) {
    while let Ok((stream, _)) = listener.accept().await {
        let (engine, wanted) = (Arc::clone(&engine), wanted.clone());
        tokio::spawn(async move {
            let service = hyper::service::service_fn(move |request| {
                pass(request, Arc::clone(&engine), wanted.clone())
            });
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn pass(
    mut request: Request<Incoming>,
    engine: Arc<Engine>,
    wanted: String,
) -> Result<Response<Incoming>, Box<dyn std::error::Error + Send + Sync>> {
    let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let path = match path.strip_prefix(&format!("/v{wanted}/")) {
        Some(rest) => format!("/v{}/{rest}", engine.version),
        None => path.to_owned(),
    };
    *request.uri_mut() = path.parse::<Uri>()?;
    let mut answer = engine.send(request).await.map_err(|failure| failure.to_string())?;
    answer.headers_mut().insert("api-version", wanted.parse()?);
    Ok(answer)
}
