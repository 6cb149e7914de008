//! What one port serves: operators below `/_/`, S3 clients everywhere else.

use std::net::IpAddr;

use axum::Router;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tower::ServiceExt as _;

use crate::data::{Body, BodyError, DataPlane};

/// What answers on the port: `/_/` for operators, everything else for S3 clients.
pub(crate) struct Services {
    data: DataPlane,
    ops: Router,
}

impl Services {
    pub(crate) fn new(data: DataPlane, ops: Router) -> Self {
        Self { data, ops }
    }

    /// Answers one request from anywhere; it never fails.
    pub(crate) async fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> Response<Body> {
        // `_` is no bucket name, so nothing is hidden by this.
        let path = request.uri().path();
        if path != "/_" && !path.starts_with("/_/") {
            return self.data.serve(request, peer).await;
        }
        match self.ops.clone().oneshot(request).await {
            Ok(response) => response.map(|body| body.map_err(BodyError::new).boxed_unsync()),
            Err(never) => match never {},
        }
    }
}
