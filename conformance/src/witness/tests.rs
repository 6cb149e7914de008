//! The witness against a scripted store, over literal bytes.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::Witness;

const LIMIT: Duration = Duration::from_secs(60);

/// A store that reads `expected` bytes of request (or to the end), answers `answer` and hangs up,
/// then hands over what it read.
async fn store(
    until: &'static str,
    answer: &'static str,
) -> (SocketAddr, oneshot::Receiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (tell, told) = oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        while !String::from_utf8_lossy(&read).ends_with(until) {
            let mut piece = [0; 1024];
            match stream.read(&mut piece).await {
                Ok(0) | Err(_) => break,
                Ok(n) => read.extend_from_slice(&piece[..n]),
            }
        }
        let _ = stream.write_all(answer.as_bytes()).await;
        drop(stream);
        let _ = tell.send(String::from_utf8_lossy(&read).into_owned());
    });
    (addr, told)
}

async fn talk(addr: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(LIMIT, stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn host_path_query_and_headers_pass_unchanged() {
    let (addr, told) =
        store("body", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nETag: \"x\"\r\n\r\nok").await;
    let witness = Witness::start(addr).await.unwrap();
    let answer = talk(
        witness.addr(),
        "PUT /cf-1/a//b/..%2Fc+d?x=%2F&y HTTP/1.1\r\nHost: store.example\r\nX-Amz-Meta-A: 1\r\n\
         Content-Length: 4\r\nConnection: close\r\n\r\nbody",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.ends_with("ok"), "{answer}");
    let seen_by_store = told.await.unwrap();
    assert!(seen_by_store.starts_with("PUT /cf-1/a//b/..%2Fc+d?x=%2F&y HTTP/1.1\r\n"));
    assert!(seen_by_store.contains("Host: store.example\r\n"), "{seen_by_store}");
    assert!(seen_by_store.contains("X-Amz-Meta-A: 1\r\n"), "{seen_by_store}");
    let seen = witness.recorder().since(0, "cf-1");
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].path(), "/cf-1/a//b/..%2Fc+d");
    assert_eq!(seen[0].query(), "x=%2F&y");
    assert_eq!((seen[0].body_bytes, seen[0].complete, seen[0].status), (4, true, Some(200)));
}

#[tokio::test]
async fn a_body_that_the_subject_cuts_short_is_never_completed() {
    let (addr, told) = store("never", "").await;
    let witness = Witness::start(addr).await.unwrap();
    let mut stream = TcpStream::connect(witness.addr()).await.unwrap();
    stream
        .write_all(b"PUT /cf-2/k HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(stream);
    let read = tokio::time::timeout(LIMIT, told).await.unwrap().unwrap();
    assert!(read.ends_with("half"), "{read}");
    let seen = witness.recorder().since(0, "cf-2");
    assert!(!seen[0].complete);
}

#[tokio::test]
async fn a_chunked_body_keeps_no_end_when_it_is_cut() {
    let (addr, told) = store("never", "").await;
    let witness = Witness::start(addr).await.unwrap();
    let mut stream = TcpStream::connect(witness.addr()).await.unwrap();
    stream
        .write_all(
            b"PUT /cf-3/k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        )
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(stream);
    let read = tokio::time::timeout(LIMIT, told).await.unwrap().unwrap();
    assert!(!read.contains("0\r\n\r\n"), "{read}");
}

#[tokio::test]
async fn an_answer_that_the_store_cuts_short_stays_short() {
    let (addr, _) =
        store("\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npartial").await;
    let witness = Witness::start(addr).await.unwrap();
    let answer = talk(witness.addr(), "GET /cf-4/k HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert!(answer.contains("Content-Length: 100"), "{answer}");
    assert!(answer.ends_with("partial"), "{answer}");
}

#[tokio::test]
async fn a_store_that_is_down_gives_the_subject_no_answer() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let addr = listener.local_addr().unwrap();
    drop(listener);
    let witness = Witness::start(addr).await.unwrap();
    let answer = talk(witness.addr(), "GET /cf-5/k HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(answer, "");
    assert_eq!(witness.recorder().since(0, "cf-5").len(), 1);
}

#[tokio::test]
async fn only_requests_after_the_mark_that_name_the_bucket_are_told() {
    let (addr, _) = store("\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n").await;
    let witness = Witness::start(addr).await.unwrap();
    let mark = witness.recorder().mark();
    talk(
        witness.addr(),
        "PUT /other/k HTTP/1.1\r\nHost: h\r\nx-amz-copy-source: /cf-6/k\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n",
    )
    .await;
    assert_eq!(witness.recorder().since(mark, "cf-6").len(), 1);
    assert_eq!(witness.recorder().since(mark, "cf-7").len(), 0);
    assert_eq!(witness.recorder().since(witness.recorder().mark(), "cf-6").len(), 0);
}
