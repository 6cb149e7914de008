//! What an address serves: operators below `/_/`, S3 clients everywhere else, or one of them.

use std::net::IpAddr;

use axum::Router;
use deltaglider_core::s3::{BaseDomain, S3Error, S3ErrorCode, host_bucket};
use http::header::HOST;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use ipnet::IpNet;
use tower::ServiceExt as _;

use crate::admin::Client;
use crate::data::{Body, BodyError, DataPlane, agent, request_id, source};

/// What answers at one address.
pub(crate) struct Services {
    /// S3 clients, where they are served here.
    pub(crate) data: Option<DataPlane>,
    /// Everything below `/_/`, where that is served here.
    pub(crate) own: Option<Router>,
    /// Domains whose sub-domains are buckets.
    pub(crate) base_domains: Vec<BaseDomain>,
    /// Peers whose `X-Forwarded-For` counts.
    pub(crate) trusted_proxies: Vec<IpNet>,
}

impl Services {
    /// Answers one request from anywhere; it never fails.
    pub(crate) async fn answer(
        &self,
        mut request: Request<Incoming>,
        peer: IpAddr,
    ) -> Response<Body> {
        let bucket = bucket_of_host(&request, &self.base_domains);
        // `_` is no bucket name, so nothing is hidden by this. Under a bucket's host it is a key.
        let path = request.uri().path();
        let is_own = path == "/_" || path.starts_with("/_/");
        let for_clients = !is_own || self.own.is_none() || !matches!(bucket, Ok(None));
        if let Some(data) = self.data.as_ref().filter(|_| for_clients) {
            return data.serve(request, peer, bucket).await;
        }
        let address = source(peer, request.headers(), &self.trusted_proxies).unwrap_or(peer);
        let (agent, request_id) = (agent(request.headers()), request_id());
        request.extensions_mut().insert(Client { address, agent, request_id });
        match self.own.clone().unwrap_or_default().oneshot(request).await {
            Ok(response) => response.map(|body| body.map_err(BodyError::new).boxed_unsync()),
            Err(never) => match never {},
        }
    }
}

/// The bucket that the one host of a request names.
///
/// A request that speaks of two hosts is refused: one of them could be what was signed, and the
/// other what is decided.
fn bucket_of_host(
    request: &Request<Incoming>,
    domains: &[BaseDomain],
) -> Result<Option<String>, S3Error> {
    let refuse = |text: &str| Err(S3Error::new(S3ErrorCode::InvalidRequest, text));
    let mut values = request.headers().get_all(HOST).iter();
    let (first, more) = (values.next(), values.next());
    if more.is_some() {
        return refuse("the request has more than one Host");
    }
    let Ok(host) = first.map_or(Ok(""), |value| value.to_str()) else {
        return refuse("the Host is not ASCII");
    };
    let authority = request.uri().authority();
    if authority.is_some_and(|named| !named.as_str().eq_ignore_ascii_case(host)) {
        return refuse("the Host is not the one of the request's URI");
    }
    Ok(host_bucket(host, domains))
}
