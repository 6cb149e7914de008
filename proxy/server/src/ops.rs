//! `/_/`: alive, ready, measured. Nothing here reveals a name or a secret.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::backend::Backend;

/// The operational endpoints over a backend and the metrics of this process.
pub(crate) fn router(backend: Backend, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/_/health", get(async || "ok\n"))
        .route("/_/ready", get(ready).with_state(backend))
        .route("/_/metrics", get(async move || metrics.render()))
        .fallback(async || (StatusCode::NOT_FOUND, "not found\n"))
}

async fn ready(State(backend): State<Backend>) -> impl IntoResponse {
    if backend.is_ready().await {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the backend does not answer\n")
    }
}
