//! The store as its clients see it.

mod checksums;
mod completions;
mod conditions;
mod copies;
mod crash;
mod data;
mod limits;
mod lists;
mod names;
mod parts;
mod safety;
mod versions;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use tempfile::TempDir;

use super::Service;
use crate::{Body, Store};

/// A service over a store in a temporary folder, with the bucket `bkt`.
pub(super) struct Lab {
    pub(super) service: Service,
    pub(super) folder: TempDir,
}

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Reply {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(super) fn expect(self, status: u16) -> Reply {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    #[track_caller]
    pub(super) fn expect_error(self, status: u16, code: &str) -> Reply {
        let reply = self.expect(status);
        assert!(reply.text().contains(&format!("<Code>{code}</Code>")), "{}", reply.text());
        reply
    }

    /// The texts of all elements of a name.
    pub(super) fn all(&self, element: &str) -> Vec<String> {
        let text = self.text();
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        text.split(&open)
            .skip(1)
            .map(|rest| rest.split(&close).next().unwrap().to_owned())
            .collect()
    }

    pub(super) fn one(&self, element: &str) -> String {
        let mut all = self.all(element);
        assert_eq!(all.len(), 1, "{element} in {}", self.text());
        all.remove(0)
    }
}

impl Lab {
    pub(super) async fn new() -> Lab {
        let folder = tempfile::tempdir().unwrap();
        let lab = Lab { service: Service::new(Store::open(folder.path()).unwrap()), folder };
        lab.send(Method::PUT, "/bkt", &[], "").await.expect(200);
        lab
    }

    /// The same folder, opened again.
    pub(super) fn reopen(self) -> Lab {
        let Lab { service, folder } = self;
        drop(service);
        Lab { service: Service::new(Store::open(folder.path()).unwrap()), folder }
    }

    pub(super) async fn send(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Reply {
        let body = body.into();
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !headers.iter().any(|(name, _)| *name == "content-length") {
            request = request.header("content-length", body.len());
        }
        self.call(request.body(Body::from(body)).unwrap()).await
    }

    pub(super) async fn call(&self, request: Request<Body>) -> Reply {
        let (parts, body) = self.service.call(request).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    pub(super) async fn put(&self, target: &str, body: impl Into<Bytes>) -> Reply {
        self.send(Method::PUT, target, &[], body).await.expect(200)
    }

    pub(super) async fn get(&self, target: &str) -> Reply {
        self.send(Method::GET, target, &[], "").await
    }

    pub(super) async fn delete(&self, target: &str) -> Reply {
        self.send(Method::DELETE, target, &[], "").await
    }

    /// How many files hold bytes, finished or not.
    pub(super) fn files(&self) -> usize {
        let count = |folder: std::path::PathBuf| std::fs::read_dir(folder).unwrap().count();
        let finished: usize = std::fs::read_dir(self.folder.path().join("blobs"))
            .unwrap()
            .map(|folder| count(folder.unwrap().path()))
            .sum();
        finished + count(self.folder.path().join("incoming"))
    }
}
