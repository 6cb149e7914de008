//! What one port serves: operators below `/_/`, S3 clients everywhere else.

use std::net::IpAddr;

use axum::Router;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use ipnet::IpNet;
use tower::ServiceExt as _;

use crate::admin::Client;
use crate::data::{Body, BodyError, DataPlane, agent, request_id, source};

/// What answers on the port: `/_/` for operators, everything else for S3 clients.
pub(crate) struct Services {
    data: DataPlane,
    /// Everything below `/_/`.
    own: Router,
    trusted_proxies: Vec<IpNet>,
}

impl Services {
    pub(crate) fn new(data: DataPlane, own: Router, trusted_proxies: Vec<IpNet>) -> Self {
        Self { data, own, trusted_proxies }
    }

    /// Answers one request from anywhere; it never fails.
    pub(crate) async fn answer(
        &self,
        mut request: Request<Incoming>,
        peer: IpAddr,
    ) -> Response<Body> {
        // `_` is no bucket name, so nothing is hidden by this.
        let path = request.uri().path();
        if path != "/_" && !path.starts_with("/_/") {
            return self.data.serve(request, peer).await;
        }
        let address = source(peer, request.headers(), &self.trusted_proxies).unwrap_or(peer);
        let (agent, request_id) = (agent(request.headers()), request_id());
        request.extensions_mut().insert(Client { address, agent, request_id });
        match self.own.clone().oneshot(request).await {
            Ok(response) => response.map(|body| body.map_err(BodyError::new).boxed_unsync()),
            Err(never) => match never {},
        }
    }
}
