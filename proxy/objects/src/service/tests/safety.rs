//! What is acknowledged stays, what is not leaves nothing.

use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use http::{Method, Request};
use http_body_util::{BodyExt, StreamBody};

use super::Lab;
use crate::{Body, OpenError, Store};

/// A body that sends these chunks and then breaks off.
fn broken(chunks: &[&'static [u8]]) -> Body {
    let chunks: Vec<_> = chunks
        .iter()
        .map(|chunk| Ok(http_body::Frame::data(Bytes::from_static(chunk))))
        .chain([Err(std::io::Error::other("connection lost"))])
        .collect();
    Body::http_body_unsync(StreamBody::new(futures::stream::iter(chunks)))
}

fn put(length: usize, body: Body) -> Request<Body> {
    Request::put("/bkt/key").header("content-length", length).body(body).unwrap()
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_the_old_object_and_no_file() {
    let lab = Lab::new().await;
    lab.put("/bkt/key", "old").await;
    let reply = lab.call(put(10, broken(&[b"01234"]))).await;
    reply.expect_error(400, "IncompleteBody");
    assert_eq!(lab.get("/bkt/key").await.text(), "old");
    assert_eq!(lab.files(), 1);
}

#[tokio::test]
async fn a_body_that_is_shorter_or_longer_than_announced_is_refused() {
    let lab = Lab::new().await;
    for length in [4, 6, 0] {
        let reply = lab.call(put(length, Body::from(Bytes::from_static(b"01234")))).await;
        reply.expect_error(400, "IncompleteBody");
    }
    let request = Request::put("/bkt/key").body(Body::from(Bytes::from_static(b"x"))).unwrap();
    lab.call(request).await.expect_error(411, "MissingContentLength");
    lab.get("/bkt/key").await.expect(404);
    assert_eq!(lab.files(), 0);
}

#[tokio::test]
async fn an_upload_whose_caller_goes_away_leaves_no_file() {
    let lab = Lab::new().await;
    let big = Bytes::from(vec![7; 1 << 20]);
    let stalled = futures::stream::iter([Ok::<_, std::io::Error>(http_body::Frame::data(big))])
        .chain(futures::stream::pending());
    let upload = lab.call(put(2 << 20, Body::http_body_unsync(StreamBody::new(stalled))));
    tokio::time::timeout(Duration::from_millis(300), upload).await.unwrap_err();
    for _ in 0..100 {
        if lab.files() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} files are left", lab.files());
}

#[tokio::test]
async fn a_reader_finishes_though_its_object_is_replaced_and_deleted() {
    let lab = Lab::new().await;
    let old: Vec<u8> = (0..2_000_000u32).map(|n| (n % 241) as u8).collect();
    lab.put("/bkt/key", old.clone()).await;
    let request = Request::get("/bkt/key").body(Body::empty()).unwrap();
    let mut body = lab.service.call(request).await.into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    lab.put("/bkt/key", "new").await;
    lab.delete("/bkt/key").await.expect(204);
    let rest = BodyExt::collect(body).await.unwrap().to_bytes();
    assert_eq!([first, rest].concat(), old);
    assert_eq!(lab.files(), 0, "the file goes with its last reader");
}

#[tokio::test]
async fn a_store_that_is_opened_again_has_everything() {
    let lab = Lab::new().await;
    lab.put("/bkt/a", "one").await;
    let upload = lab.send(Method::POST, "/bkt/b?uploads", &[], "").await.one("UploadId");
    let target = format!("/bkt/b?partNumber=1&uploadId={upload}");
    lab.put(&target, "part").await;

    let lab = lab.reopen();
    assert!(lab.service.ready());
    assert_eq!(lab.get("/bkt/a").await.expect(200).text(), "one");
    let parts = lab.get(&format!("/bkt/b?uploadId={upload}")).await.expect(200);
    assert_eq!(parts.one("Size"), "4");
    assert_eq!(lab.files(), 2);
}

#[tokio::test]
async fn files_that_nothing_refers_to_are_removed_at_the_next_start() {
    let lab = Lab::new().await;
    lab.put("/bkt/a", "one").await;
    let orphan = "ab".repeat(16);
    let folder = lab.folder.path();
    std::fs::write(folder.join("blobs/ab").join(&orphan), "finished, never named").unwrap();
    std::fs::write(folder.join("incoming").join(&orphan), "half").unwrap();
    std::fs::write(folder.join("blobs/ab/notes.txt"), "somebody else's").unwrap();
    std::fs::create_dir(folder.join("blobs/lost+found")).unwrap();

    let lab = lab.reopen();
    assert_eq!(lab.files(), 2, "the object and the foreign file stay");
    assert_eq!(lab.get("/bkt/a").await.expect(200).text(), "one");
}

#[tokio::test]
async fn a_folder_serves_one_store_at_a_time() {
    let lab = Lab::new().await;
    let second = Store::open(lab.folder.path());
    assert!(matches!(second, Err(OpenError::InUse(_))));
    lab.put("/bkt/a", "the first goes on").await;
}

#[tokio::test]
async fn a_file_that_lost_bytes_breaks_the_transfer_off() {
    let lab = Lab::new().await;
    lab.put("/bkt/key", "0123456789").await;
    for folder in std::fs::read_dir(lab.folder.path().join("blobs")).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            std::fs::write(file.unwrap().path(), "012").unwrap();
        }
    }
    let request = Request::get("/bkt/key").body(Body::empty()).unwrap();
    let response = lab.service.call(request).await;
    assert!(BodyExt::collect(response.into_body()).await.is_err());
}

#[tokio::test]
async fn many_writers_at_once_are_all_kept() {
    let lab = Lab::new().await;
    let writes = (0..64).map(|n| {
        let lab = &lab;
        async move { lab.put(&format!("/bkt/key-{n:02}"), format!("body {n}")).await }
    });
    futures::future::join_all(writes).await;
    let lab = lab.reopen();
    assert_eq!(lab.get("/bkt").await.all("Key").len(), 64);
    assert_eq!(lab.get("/bkt/key-63").await.text(), "body 63");
    assert_eq!(lab.files(), 64);
}
