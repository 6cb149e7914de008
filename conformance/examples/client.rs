//! Drives the AWS SDK for Rust, as ci/clients/README.md says.
#![allow(clippy::print_stdout)]

use std::env;
use std::error::Error;
use std::fs;
use std::future::Future;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, SharedHttpClient};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

type Outcome = Result<(), Box<dyn Error>>;

const PART: usize = 8 * 1024 * 1024;

#[tokio::main]
async fn main() -> Outcome {
    let run = Run::new()?;
    println!("version {}", aws_sdk_s3::meta::PKG_VERSION);
    println!("none sync");
    step("make-bucket", run.make_bucket()).await;
    step("upload", run.upload()).await;
    step("multipart", run.multipart()).await;
    step("list", run.lists(&run.root, "", &["large", "small file+ü"])).await;
    step("range", run.range()).await;
    step("presign", run.presign()).await;
    step("copy", run.copy()).await;
    step("batch-delete", run.batch()).await;
    step("grant", run.grant()).await;
    step("access-denied", run.denied()).await;
    step("remove-bucket", run.remove()).await;
    Ok(())
}

struct Run {
    root: Client,
    user: Client,
    ca: Option<String>,
    bucket: String,
    small: Bytes,
    large: Bytes,
}

impl Run {
    fn new() -> Result<Self, Box<dyn Error>> {
        let files = env::var("S3_FILES")?;
        let ca = match env::var("S3_CA")? {
            path if path.is_empty() => None,
            path => Some(fs::read_to_string(path)?),
        };
        let http =
            conformance::sdk::http_client(ca.as_deref()).map_err(|failure| failure.to_string())?;
        Ok(Self {
            root: client(&http, "S3_KEY", "S3_SECRET")?,
            user: client(&http, "S3_USER_KEY", "S3_USER_SECRET")?,
            ca,
            bucket: env::var("S3_BUCKET")?,
            small: fs::read(format!("{files}/small"))?.into(),
            large: fs::read(format!("{files}/large"))?.into(),
        })
    }

    async fn make_bucket(&self) -> Outcome {
        self.root.create_bucket().bucket(&self.bucket).send().await?;
        Ok(())
    }

    async fn upload(&self) -> Outcome {
        self.put(&self.root, "small file+ü").await?;
        self.holds(&self.root, "small file+ü", None, &self.small).await
    }

    async fn multipart(&self) -> Outcome {
        let upload =
            self.root.create_multipart_upload().bucket(&self.bucket).key("large").send().await?;
        let id = upload.upload_id().unwrap_or_default();
        let mut done = CompletedMultipartUpload::builder();
        for (number, part) in (1..).zip(self.large.chunks(PART)) {
            let sent = self
                .root
                .upload_part()
                .bucket(&self.bucket)
                .key("large")
                .upload_id(id)
                .part_number(number)
                .body(self.large.slice_ref(part).into())
                .send()
                .await?;
            let part = CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag);
            done = done.parts(part.build());
        }
        self.root
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key("large")
            .upload_id(id)
            .multipart_upload(done.build())
            .send()
            .await?;
        self.holds(&self.root, "large", None, &self.large).await
    }

    async fn lists(&self, client: &Client, prefix: &str, expected: &[&str]) -> Outcome {
        let mut found = Vec::new();
        let mut pages = client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix)
            .max_keys(1)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            found.extend(page?.contents().iter().filter_map(|entry| entry.key.clone()));
        }
        same(found == expected, format!("listed {found:?}"))
    }

    async fn range(&self) -> Outcome {
        let part = self.large.slice(1000..2000);
        self.holds(&self.root, "large", Some("bytes=1000-1999"), &part).await
    }

    async fn presign(&self) -> Outcome {
        let link = self
            .root
            .get_object()
            .bucket(&self.bucket)
            .key("small file+ü")
            .presigned(PresigningConfig::expires_in(Duration::from_secs(60))?)
            .await?;
        let found = fetch(link.uri(), self.ca.as_deref()).await?;
        same(found == self.small, format!("{} bytes differ", found.len()))
    }

    async fn copy(&self) -> Outcome {
        self.root
            .copy_object()
            .bucket(&self.bucket)
            .key("copied")
            .copy_source(format!("{}/large", self.bucket))
            .send()
            .await?;
        self.holds(&self.root, "copied", None, &self.large).await
    }

    async fn batch(&self) -> Outcome {
        let mut keys = Delete::builder();
        for key in ["copied", "large"] {
            keys = keys.objects(ObjectIdentifier::builder().key(key).build()?);
        }
        let answer =
            self.root.delete_objects().bucket(&self.bucket).delete(keys.build()?).send().await?;
        same(answer.deleted().len() == 2, format!("deleted {:?}", answer.deleted()))
    }

    async fn grant(&self) -> Outcome {
        self.put(&self.user, "granted/small").await?;
        self.holds(&self.user, "granted/small", None, &self.small).await?;
        self.lists(&self.user, "granted/", &["granted/small"]).await
    }

    async fn denied(&self) -> Outcome {
        let refusal = self.user.put_object().bucket(&self.bucket).key("outside").send().await.err();
        let code = refusal.as_ref().and_then(ProvideErrorMetadata::code);
        same(code == Some("AccessDenied"), format!("{refusal:?}"))
    }

    async fn remove(&self) -> Outcome {
        for key in ["small file+ü", "granted/small"] {
            self.root.delete_object().bucket(&self.bucket).key(key).send().await?;
        }
        self.root.delete_bucket().bucket(&self.bucket).send().await?;
        Ok(())
    }

    async fn put(&self, client: &Client, key: &str) -> Outcome {
        let body = ByteStream::from(self.small.clone());
        client.put_object().bucket(&self.bucket).key(key).body(body).send().await?;
        Ok(())
    }

    /// Reads the object, or a range of it, and compares.
    async fn holds(
        &self,
        client: &Client,
        key: &str,
        range: Option<&str>,
        expected: &[u8],
    ) -> Outcome {
        let request = client.get_object().bucket(&self.bucket).key(key);
        let answer = request.set_range(range.map(String::from)).send().await?;
        let found = answer.body.collect().await?.into_bytes();
        same(found == expected, format!("{} bytes differ", found.len()))
    }
}

fn client(http: &SharedHttpClient, key: &str, secret: &str) -> Result<Client, Box<dyn Error>> {
    let pair = Credentials::new(env::var(key)?, env::var(secret)?, None, None, "environment");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(env::var("S3_ENDPOINT")?)
        .region(Region::new(env::var("S3_REGION")?))
        .force_path_style(env::var("S3_STYLE")? == "path")
        .credentials_provider(pair)
        .http_client(http.clone());
    Ok(Client::from_conf(config.build()))
}

/// A plain GET, unsigned, of a presigned URL.
async fn fetch(url: &str, ca: Option<&str>) -> Result<Bytes, Box<dyn Error>> {
    let mut trust = rustls::RootCertStore::empty();
    if let Some(pem) = ca {
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            trust.add(certificate?)?;
        }
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(trust)
        .with_no_client_auth();
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .build();
    let web = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new())
        .build::<_, Empty<Bytes>>(connector);
    let answer = web.get(url.parse()?).await?;
    same(answer.status() == 200, format!("answered {}", answer.status()))?;
    Ok(answer.into_body().collect().await?.to_bytes())
}

fn same(holds: bool, otherwise: String) -> Outcome {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}

async fn step(name: &str, run: impl Future<Output = Outcome>) {
    match run.await {
        Ok(()) => println!("ok {name}"),
        Err(failure) => {
            eprintln!("{name}: {failure:?}");
            println!("fail {name}");
        }
    }
}
