//! What the server refuses before it looks at a body, and how it ends.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]
#![cfg(all(feature = "replay", feature = "reqwest", feature = "http2"))]

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bedrock_wire::auth::verify::Verifier;
use bedrock_wire::serve::{Call, Reply, Server, ServerBuilder};
use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const KEY: &str = "bedrock-api-key-example";
const PATH: &str = "/model/a.b-v1%3A0/converse";

fn builder() -> ServerBuilder {
    Server::builder(Verifier::new().bearer_key(KEY))
}

fn echo(call: &Call) -> Reply {
    Reply::whole(StatusCode::OK, call.body.clone())
}

fn client(http2: bool) -> reqwest::Client {
    // What reqwest needs where it has no TLS provider of its own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().no_proxy();
    let builder = if http2 { builder.http2_prior_knowledge() } else { builder.http1_only() };
    builder.build().unwrap()
}

/// The answer to these bytes, up to its end or the connection's.
async fn raw(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut answer, mut buffer) = (Vec::new(), [0; 1024]);
    while !answer.ends_with(b"}") {
        match stream.read(&mut buffer).await.unwrap() {
            0 => break,
            length => answer.extend_from_slice(&buffer[..length]),
        }
    }
    String::from_utf8(answer).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_too_much_comes_to_read_so_over_both_versions() {
    let server = builder().body_limit(1_000_000).start(echo).await.unwrap();
    for http2 in [false, true] {
        let client = client(http2);
        for known_length in [true, false] {
            let body = vec![b'x'; 8_000_000];
            let body = if known_length { body.into() } else { unknown_length(body) };
            let sent = client.post(format!("{}{PATH}", server.url())).bearer_auth(KEY).body(body);
            let answer = sent.send().await.unwrap();
            let context = format!("HTTP/2: {http2}, length: {known_length}");
            assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE, "{context}");
            assert!(answer.text().await.unwrap().contains("over 1000000 bytes"), "{context}");
            // And a connection that is good for more.
            let sent = client.post(format!("{}{PATH}", server.url())).bearer_auth(KEY).body("{}");
            assert_eq!(sent.send().await.unwrap().text().await.unwrap(), "{}", "{context}");
        }
    }
}

fn unknown_length(body: Vec<u8>) -> reqwest::Body {
    use http_body_util::BodyExt;
    let body = http_body_util::Full::new(bytes::Bytes::from(body));
    reqwest::Body::wrap(body.map_frame(|frame| frame).map_err(|never| match never {}).boxed())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_proof_or_route_is_told_so_whatever_the_body() {
    let server = builder().start(echo).await.unwrap();
    for http2 in [false, true] {
        let (client, body) = (client(http2), vec![b'x'; 8_000_000]);
        let sent = client.post(format!("{}{PATH}", server.url())).body(body.clone());
        assert_eq!(sent.send().await.unwrap().status(), StatusCode::FORBIDDEN);
        let sent = client.post(format!("{}/x", server.url())).body(body).send().await.unwrap();
        assert_eq!(sent.headers()["x-amzn-errortype"], "UnknownOperationException");
    }
}

/// The bodies that are announced here are never sent.
#[tokio::test]
async fn what_the_head_is_refused_for_is_told_before_the_body_comes() {
    let server = builder().start(echo).await.unwrap();
    for (path, proof, length, expected) in [
        (PATH, "", 10, "HTTP/1.1 403 Forbidden"),
        (PATH, "authorization: AWS4-HMAC-SHA256 junk\r\n", 10, "HTTP/1.1 400 Bad Request"),
        ("/x", "", 10, "HTTP/1.1 200 OK"),
        (PATH, "authorization: Bearer x\r\n", 30_000_000, "HTTP/1.1 413 Payload Too Large"),
    ] {
        let request =
            format!("POST {path} HTTP/1.1\r\nhost: h\r\n{proof}content-length: {length}\r\n\r\n");
        let answer = raw(&server, &request).await;
        assert!(answer.starts_with(expected), "{path} {proof}: {answer}");
    }
}

#[tokio::test]
async fn a_request_for_no_host_two_hosts_or_a_tunnel_is_refused() {
    let server = builder().start(echo).await.unwrap();
    let rest = format!("authorization: Bearer {KEY}\r\ncontent-length: 2\r\n\r\n{{}}");
    let post = format!("POST {PATH} HTTP/1.1\r\n");
    let absolute = format!("POST http://h{PATH} HTTP/1.1\r\n");
    for (head, expected) in [
        (format!("{post}host: h\r\n"), "HTTP/1.1 200 OK"),
        (format!("{absolute}host: h\r\n"), "HTTP/1.1 200 OK"),
        (post.clone(), "HTTP/1.1 400 Bad Request"),
        (absolute.clone(), "HTTP/1.1 400 Bad Request"),
        (format!("{post}host: h\r\nhost: h\r\n"), "HTTP/1.1 400 Bad Request"),
        (format!("{absolute}host: h\r\nhost: other\r\n"), "HTTP/1.1 400 Bad Request"),
        (format!("{absolute}host: other\r\n"), "HTTP/1.1 400 Bad Request"),
        ("CONNECT h:1 HTTP/1.1\r\nhost: h:1\r\n".to_owned(), "HTTP/1.1 405 Method Not Allowed"),
    ] {
        let answer = raw(&server, &format!("{head}{rest}")).await;
        assert!(answer.starts_with(expected), "{head}: {answer}");
        assert!(answer.contains("x-amzn-requestid: "), "{answer}");
    }
}

#[tokio::test]
async fn over_http2_a_host_beside_another_authority_is_refused() {
    let server = builder().start(echo).await.unwrap();
    let sent = client(true).post(format!("{}{PATH}", server.url())).bearer_auth(KEY);
    let answer = sent.header("host", "other").body("{}").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(answer.headers()["x-amzn-errortype"], "MalformedHttpRequestException");
}

/// Time is virtual: it goes on when everybody waits.
#[tokio::test(start_paused = true)]
async fn a_connection_that_asks_for_nothing_is_closed() {
    for tls in [false, true] {
        let server = builder().tls(tls).start(echo).await.unwrap();
        for begun in ["", "PRI * HT", "POST /x HTTP/1.1\r\nhost:"] {
            let mut stream = TcpStream::connect(server.addr()).await.unwrap();
            stream.write_all(begun.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            // Closed, well or not, and with nothing but an error on it.
            let _ = stream.read_to_end(&mut answer).await;
            assert!(!answer.starts_with(b"HTTP/1.1 200"), "{begun}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_port_of_a_server_that_was_dropped_is_free_at_once() {
    for _ in 0..100 {
        let server = builder().start(echo).await.unwrap();
        let addr = server.addr();
        // So that it is accepting on another thread.
        client(false).post(server.url()).send().await.unwrap();
        drop(server);
        TcpListener::bind(addr).unwrap();
    }
}

#[tokio::test]
async fn a_call_is_printed_without_its_prompt_and_secrets() {
    let printed = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&printed);
    let server = builder()
        .start(move |call: &Call| {
            let text = format!("{call:?}");
            for hidden in ["a prompt", KEY, "of a proxy"] {
                assert!(!text.contains(hidden), "{text}");
            }
            assert!(text.contains("body: 8 bytes"), "{text}");
            seen.fetch_add(1, Ordering::Relaxed);
            echo(call)
        })
        .await
        .unwrap();
    let sent = client(false).post(format!("{}{PATH}", server.url())).bearer_auth(KEY);
    let sent = sent.header("proxy-authorization", "of a proxy").body("a prompt");
    assert_eq!(sent.send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(printed.load(Ordering::Relaxed), 1);
}
