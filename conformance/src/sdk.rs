//! The stock AWS SDK, with its defaults as shipped, pointed at a lane.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    AppName, BehaviorVersion, ConfigBag, Credentials, Intercept, Region, RuntimeComponents,
    SharedHttpClient,
};
use aws_sdk_s3::error::BoxError;
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns};
use bytes::Bytes;
use http::HeaderMap;

use crate::exchange::Exchange;
use crate::failure::Failure;
use crate::lane::Lane;

/// An SDK client and the exchanges that it had with the subject, oldest first.
#[derive(Clone)]
pub struct Sdk {
    /// The stock client.
    pub client: Client,
    tap: Tap,
}

/// Whether the SDK may repeat a request that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retries {
    /// As shipped.
    Stock,
    /// One attempt, for scenarios about a single answer.
    Off,
}

impl Sdk {
    /// A client for one scenario; `scenario` goes into its User-Agent.
    pub fn new(lane: &Lane, scenario: &str, retries: Retries) -> Result<Self, Failure> {
        let pair = &lane.credentials;
        Self::with_credentials(
            lane,
            scenario,
            retries,
            Some((&pair.access_key_id, &pair.secret_access_key)),
        )
    }

    /// The same in virtual-host style: every name below the base domain is the subject's.
    pub fn by_host(lane: &Lane, scenario: &str) -> Result<Self, Failure> {
        let pair = &lane.credentials;
        let pair = Some((pair.access_key_id.as_str(), pair.secret_access_key.as_str()));
        let tap = Tap::default();
        let config = configure(lane, scenario, Retries::Stock, pair, &tap)?
            .endpoint_url(format!("{}://{}", lane.scheme.as_str(), lane.base_host()?))
            .force_path_style(false)
            .http_client(resolving_client(lane.ca_pem.as_deref(), lane.addr.ip())?);
        Ok(Self { client: Client::from_conf(config.build()), tap })
    }

    /// The same with other credentials, or unsigned where there are none.
    pub fn with_credentials(
        lane: &Lane,
        scenario: &str,
        retries: Retries,
        pair: Option<(&str, &str)>,
    ) -> Result<Self, Failure> {
        let tap = Tap::default();
        let config = configure(lane, scenario, retries, pair, &tap)?;
        Ok(Self { client: Client::from_conf(config.build()), tap })
    }

    /// The last exchange that ended in an answer.
    pub fn last_exchange(&self) -> Option<Exchange> {
        self.tap.lock().last().cloned()
    }

    /// Every exchange, retries included.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.tap.lock().clone()
    }
}

fn configure(
    lane: &Lane,
    scenario: &str,
    retries: Retries,
    pair: Option<(&str, &str)>,
    tap: &Tap,
) -> Result<aws_sdk_s3::config::Builder, Failure> {
    let mut config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(lane.endpoint())
        .region(Region::new(lane.region.clone()))
        .force_path_style(true)
        .app_name(AppName::new(format!("conformance-{scenario}"))?)
        .http_client(lane.http.clone())
        .timeout_config(patience())
        .interceptor(tap.clone());
    if let Some((id, secret)) = pair {
        config = config.credentials_provider(Credentials::new(id, secret, None, None, "suite"));
    } else {
        config = config.allow_no_auth();
    }
    if retries == Retries::Off {
        config = config.retry_config(RetryConfig::disabled());
    }
    Ok(config)
}

/// The longest that one SDK call may take, retries included.
const OPERATION_LIMIT: Duration = Duration::from_secs(60);

/// A busy machine is no verdict: the SDK alone would give a connection and its handshake 3.1 s.
fn patience() -> TimeoutConfig {
    let limits = TimeoutConfig::builder().operation_timeout(OPERATION_LIMIT);
    limits.connect_timeout(OPERATION_LIMIT).build()
}

/// An HTTP client for the SDK that trusts `ca_pem` and nothing else.
pub fn http_client(ca_pem: Option<&str>) -> Result<SharedHttpClient, Failure> {
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    Ok(Builder::new().tls_provider(provider).tls_context(trusting(ca_pem)?).build_https())
}

/// The same, with every name taken for one address.
fn resolving_client(
    ca_pem: Option<&str>,
    address: std::net::IpAddr,
) -> Result<SharedHttpClient, Failure> {
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    let builder = Builder::new().tls_provider(provider).tls_context(trusting(ca_pem)?);
    Ok(builder.build_with_resolver(Always(address)))
}

/// Resolves every name to one address.
#[derive(Debug, Clone)]
struct Always(std::net::IpAddr);

impl ResolveDns for Always {
    fn resolve_dns<'a>(&'a self, _: &'a str) -> DnsFuture<'a> {
        DnsFuture::ready(Ok(vec![self.0]))
    }
}

fn trusting(ca_pem: Option<&str>) -> Result<tls::TlsContext, Failure> {
    let mut trust = tls::TrustStore::empty();
    if let Some(pem) = ca_pem {
        trust = trust.with_pem_certificate(pem.as_bytes());
    }
    Ok(tls::TlsContext::builder().with_trust_store(trust).build()?)
}

/// Listens in on the SDK to keep requests and answers as evidence.
#[derive(Debug, Clone, Default)]
struct Tap {
    requests: Arc<Mutex<String>>,
    seen: Arc<Mutex<Vec<Exchange>>>,
}

impl Tap {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Exchange>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for Tap {
    fn name(&self) -> &'static str {
        "ConformanceTap"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let mut text = format!("{} {} HTTP/1.1\n", request.method(), request.uri());
        for (name, value) in request.headers() {
            text.push_str(&format!("{name}: {value}\n"));
        }
        *self.requests.lock().unwrap_or_else(PoisonError::into_inner) = text;
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.response();
        let headers = answer
            .headers()
            .iter()
            .filter_map(|(name, value)| {
                let name = http::HeaderName::from_bytes(name.as_bytes()).ok()?;
                Some((name, http::HeaderValue::from_str(value).ok()?))
            })
            .collect::<HeaderMap>();
        let request = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.lock().push(Exchange {
            request,
            status: answer.status().as_u16(),
            headers,
            body: answer.body().bytes().map(Bytes::copy_from_slice).unwrap_or_default(),
        });
        Ok(())
    }
}
