//! Answers that are cut: every byte that was to be sent comes, and then no end.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]
#![cfg(all(feature = "replay", feature = "reqwest", feature = "http2"))]

use std::time::Duration;

use bedrock_wire::auth::verify::Verifier;
use bedrock_wire::serve::{Call, Reply, Server, Speed};
use bytes::Bytes;
use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

const KEY: &str = "bedrock-api-key-example";
const PATH: &str = "/model/a.b-v1%3A0/converse-stream";
const MEGABYTES: usize = 8 << 20;

/// Bodies by their pieces: many small ones, one that no buffer takes, none.
fn bodies() -> Vec<Vec<Bytes>> {
    let small = (0..60).map(|i| Bytes::from(vec![i; 150 + usize::from(i)])).collect();
    let large = (0..=250).cycle().take(MEGABYTES).collect::<Bytes>();
    vec![small, vec![large.clone()], vec![large.slice(..9), large], Vec::new()]
}

/// A server whose answers are these pieces, cut behind the last one.
async fn cutting(pieces: &[Bytes], tls: bool) -> Server {
    let pieces: Vec<_> = pieces.iter().map(|piece| (Duration::ZERO, piece.clone())).collect();
    let cut = move |_: &Call| {
        let mut reply = Reply::timed(StatusCode::OK, pieces.clone());
        reply.cut = true;
        reply
    };
    let verifier = Verifier::new().bearer_key(KEY);
    Server::builder(verifier).tls(tls).speed(Speed::Max).start(cut).await.unwrap()
}

fn client(server: &Server, http2: bool) -> reqwest::Client {
    // What reqwest needs where it has no TLS provider of its own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder().no_proxy();
    if let Some(pem) = server.certificate_pem() {
        builder = builder.tls_certs_only([reqwest::Certificate::from_pem(pem.as_bytes()).unwrap()]);
    }
    let builder = if http2 { builder.http2_prior_knowledge() } else { builder.http1_only() };
    builder.build().unwrap()
}

/// What a client reads, which lets others go first before each piece.
async fn read(client: &reqwest::Client, server: &Server) -> (Vec<u8>, Option<reqwest::Error>) {
    let request = client.post(format!("{}{PATH}", server.url())).bearer_auth(KEY).body("{}");
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let mut body = Vec::new();
    loop {
        tokio::task::yield_now().await;
        match answer.chunk().await {
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            Ok(None) => return (body, None),
            Err(error) => return (body, Some(error)),
        }
    }
}

async fn every_byte_comes(http2: bool, tls: bool) {
    for pieces in bodies() {
        let server = cutting(&pieces, tls).await;
        let client = client(&server, http2);
        let expected = pieces.concat();
        for _ in 0..if expected.len() < MEGABYTES { 50 } else { 3 } {
            let (body, error) = read(&client, &server).await;
            assert_eq!(body.len(), expected.len(), "HTTP/2: {http2}, TLS: {tls}");
            assert!(body == expected);
            assert!(error.is_some(), "it ended well");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http1_every_byte_comes_before_the_break() {
    every_byte_comes(false, false).await;
    every_byte_comes(false, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http2_every_byte_comes_before_the_break() {
    every_byte_comes(true, false).await;
    every_byte_comes(true, true).await;
}

#[tokio::test]
async fn the_answers_of_one_connection_break_each_behind_its_own_bytes() {
    let pieces = vec![Bytes::from(vec![b'x'; 300_000]); 5];
    let server = cutting(&pieces, false).await;
    let client = client(&server, true);
    let asked: Vec<_> = (0..8)
        .map(|_| {
            let (client, url) = (client.clone(), format!("{}{PATH}", server.url()));
            tokio::spawn(async move {
                let mut answer = client.post(url).bearer_auth(KEY).send().await.unwrap();
                let mut length = 0;
                let end = loop {
                    match answer.chunk().await {
                        Ok(Some(piece)) => length += piece.len(),
                        end => break end,
                    }
                };
                end.expect_err("the answer breaks and does not end");
                length
            })
        })
        .collect();
    for answer in asked {
        assert_eq!(answer.await.unwrap(), 1_500_000);
    }
}

/// The system takes little of the answer at a time, so that it waits in the
/// server for its reader.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_with_a_small_window_gets_every_byte_too() {
    let piece = Bytes::from(vec![b'x'; MEGABYTES]);
    let server = cutting(&[piece], false).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(server.addr()).await.unwrap();
    let request = format!(
        "POST {PATH} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {KEY}\r\n\
         content-length: 0\r\n\r\n",
        server.addr()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut answer, mut buffer) = (Vec::new(), [0; 2048]);
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        answer.extend_from_slice(&buffer[..length]);
    }
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
    let body = &answer[head..];
    let start = format!("{MEGABYTES:X}\r\n");
    assert!(body.starts_with(start.as_bytes()));
    assert!(body.ends_with(b"x\r\n"), "no last chunk");
    assert_eq!(body.len(), start.len() + MEGABYTES + 2);
}
