//! `/_/`: alive, ready, measured. Nothing here reveals a name or a secret.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::backend::Backend;
use crate::iam::Iam;

/// The operational endpoints over a backend and the metrics of this process.
pub(crate) fn router(backend: Backend, iam: Iam, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/_/health", get(async || "ok\n"))
        .route("/_/ready", get(ready).with_state((backend, iam)))
        .route("/_/metrics", get(async move || metrics.render()))
        .fallback(async || (StatusCode::NOT_FOUND, "not found\n"))
}

async fn ready(State((backend, iam)): State<(Backend, Iam)>) -> impl IntoResponse {
    let (backend, database) = tokio::join!(backend.is_ready(), iam.is_ready());
    match (backend, database) {
        (true, true) => (StatusCode::OK, "ready\n"),
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "the backend does not answer\n"),
        (true, false) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}
