//! The server as its clients see it: whom it turns away and how, what goes over
//! the wire and when, and how it ends.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]
#![cfg(all(feature = "replay", feature = "reqwest", feature = "http2"))]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bedrock_wire::auth::verify::{AccessKey, Caller, Verifier};
use bedrock_wire::operation::Operation;
use bedrock_wire::serve::{Call, Reply, ServeError, Server, ServerBuilder, Speed};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Version};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

const KEY: &str = "bedrock-api-key-example";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const PATH: &str = "/model/a.b-v1%3A0/converse-stream";
/// A failed test ends; a good one never waits for this.
const PATIENCE: Duration = Duration::from_mins(1);

/// 2026-01-02T03:04:05Z.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045)
}

fn verifier() -> Verifier {
    let expired = AccessKey::new("AKIDEXAMPLE", SECRET).session_token("expired").expires(now());
    let known = AccessKey::new("AKIDEXAMPLE", SECRET);
    Verifier::new().bearer_key(KEY).access_key(known).access_key(expired).region("us-east-1")
}

fn builder() -> ServerBuilder {
    Server::builder(verifier()).clock(now)
}

fn echo(call: &Call) -> Reply {
    Reply::whole(StatusCode::OK, call.body.clone())
}

fn client(version: Version) -> reqwest::Client {
    // What reqwest needs where it has no TLS provider of its own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().no_proxy();
    let builder = match version {
        Version::HTTP_2 => builder.http2_prior_knowledge(),
        _ => builder.http1_only(),
    };
    builder.build().unwrap()
}

async fn post(version: Version, url: &str, headers: HeaderMap) -> reqwest::Response {
    let sent = client(version).post(url).headers(headers).body("{}").send().await.unwrap();
    assert_eq!(sent.version(), version);
    sent
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

fn bearer() -> HeaderMap {
    headers(&[("authorization", &format!("Bearer {KEY}"))])
}

/// What is turned away, and how: the table in the documentation of `verify`,
/// as it comes over HTTP.
struct Row {
    path: &'static str,
    headers: HeaderMap,
    status: u16,
    name: &'static str,
    message: &'static str,
}

impl Row {
    fn new(headers: HeaderMap, status: u16, name: &'static str, message: &'static str) -> Self {
        Row { path: PATH, headers, status, name, message }
    }

    async fn check(self, server: &Server, version: Version) {
        let url = format!("{}{}", server.url(), self.path);
        let answer = post(version, &url, self.headers).await;
        let context = format!("{} over {version:?}", self.message);
        assert_eq!(answer.status().as_u16(), self.status, "{context}");
        let header = |name| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("x-amzn-errortype"), self.name, "{context}");
        assert_eq!(header("content-type"), "application/json", "{context}");
        assert_eq!(header("x-amzn-requestid").len(), 36, "{context}");
        assert_eq!(header("date"), "Fri, 02 Jan 2026 03:04:05 GMT", "{context}");
        let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let member = if self.name == "AccessDeniedException" { "Message" } else { "message" };
        match body[member].as_str() {
            Some(message) => assert!(message.starts_with(self.message), "{context}: {message}"),
            None => assert_eq!(body["Output"]["__type"], self.message, "{context}"),
        }
    }
}

fn unsigned_rows() -> Vec<Row> {
    let credential = "Credential=AKIDEXAMPLE/20260102/us-east-1/bedrock/aws4_request";
    let incomplete = format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host");
    let unsigned = format!("{incomplete}, Signature=00");
    let (incomplete, unsigned) = (incomplete.as_str(), unsigned.as_str());
    let auth = |value: &str| headers(&[("authorization", value)]);
    let dated =
        |value: &str| headers(&[("authorization", value), ("x-amz-date", "20260102T030405Z")]);
    let other = Row { path: "/model/a/b/converse", ..Row::new(HeaderMap::new(), 200, "", "") };
    let unknown = "com.amazon.coral.service#UnknownOperationException";
    vec![
        Row::new(
            HeaderMap::new(),
            403,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ),
        Row::new(
            dated(incomplete),
            400,
            "IncompleteSignatureException",
            "Authorization header requires 'Signature' parameter.",
        ),
        Row::new(
            auth(unsigned),
            400,
            "IncompleteSignatureException",
            "Authorization header requires existence of a 'X-Amz-Date' header.",
        ),
        Row::new(
            dated(&unsigned.replace("AKIDEXAMPLE", "AKIDOTHER")),
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        Row::new(
            dated(&unsigned.replace("/bedrock/", "/s3/")),
            403,
            "InvalidSignatureException",
            "Credential should be scoped to correct service: 'bedrock'.",
        ),
        Row::new(
            auth("Bearer bedrock-api-key-other"),
            403,
            "AccessDeniedException",
            "Authentication failed: Please make sure your API Key is valid.",
        ),
        Row::new(
            auth("Bearer "),
            403,
            "AccessDeniedException",
            "Authentication failed: Please make sure your API Key is valid.",
        ),
        Row { name: "UnknownOperationException", message: unknown, ..other },
    ]
}

#[tokio::test]
async fn callers_without_a_good_proof_are_turned_away_as_the_service_does() {
    let server = builder().start(echo).await.unwrap();
    for version in [Version::HTTP_11, Version::HTTP_2] {
        for row in unsigned_rows() {
            row.check(&server, version).await;
        }
    }
}

#[cfg(feature = "sigv4")]
mod signed {
    use bedrock_wire::auth::Credentials;
    use bedrock_wire::auth::{BodyHash, sign};

    use super::*;

    /// A request signed by AWS's own signer.
    struct Signed {
        secret: &'static str,
        token: Option<&'static str>,
        region: &'static str,
        at: SystemTime,
    }

    impl Default for Signed {
        fn default() -> Self {
            Signed { secret: SECRET, token: None, region: "us-east-1", at: now() }
        }
    }

    impl Signed {
        fn headers(&self, url: &str) -> HeaderMap {
            let (mut head, ()) = http::Request::post(url).body(()).unwrap().into_parts();
            let token = self.token.map(str::to_owned);
            let keys = Credentials::new("AKIDEXAMPLE", self.secret, token, None, "test");
            sign(&mut head, BodyHash::of(b"{}"), &keys, self.region, self.at).unwrap();
            head.headers
        }
    }

    #[tokio::test]
    async fn signed_requests_are_let_in_or_turned_away_as_the_service_does() {
        let server = builder().start(echo).await.unwrap();
        let url = format!("{}{PATH}", server.url());
        let minute = Duration::from_mins(1);
        let good = Signed::default;
        let invalid = "InvalidSignatureException";
        for version in [Version::HTTP_11, Version::HTTP_2] {
            for at in [now(), now() - 5 * minute, now() + 5 * minute] {
                let answer = post(version, &url, Signed { at, ..good() }.headers(&url)).await;
                assert_eq!(answer.status(), StatusCode::OK, "{version:?}");
                assert_eq!(answer.bytes().await.unwrap(), "{}");
            }
            for (signed, name, message) in [
                (
                    Signed { secret: "other", ..good() },
                    invalid,
                    "The request signature we calculated does not match the signature you provided.",
                ),
                (
                    Signed { at: now() - 5 * minute - Duration::from_secs(1), ..good() },
                    invalid,
                    "Signature expired: 20260102T025904Z is now earlier than 20260102T025905Z \
                     (20260102T030405Z - 5 min.)",
                ),
                (
                    Signed { at: now() + 6 * minute, ..good() },
                    invalid,
                    "Signature not yet current: 20260102T031005Z",
                ),
                (
                    Signed { region: "eu-west-1", ..good() },
                    invalid,
                    "Credential should be scoped to a valid Region, not 'eu-west-1'.",
                ),
                (
                    Signed { token: Some("other"), ..good() },
                    "UnrecognizedClientException",
                    "The security token included in the request is invalid.",
                ),
                (
                    Signed { token: Some("expired"), ..good() },
                    "ExpiredTokenException",
                    "The security token included in the request is expired",
                ),
            ] {
                let row = Row::new(signed.headers(&url), 403, name, message);
                row.check(&server, version).await;
            }
        }
    }
}

#[tokio::test]
async fn the_handler_sees_what_was_asked_and_by_whom_and_no_secret_is_printed() {
    let (seen, calls) = (Arc::new(Mutex::new(Vec::new())), Arc::default());
    let calls: Arc<Mutex<Vec<Call>>> = calls;
    let seen_by_handler = Arc::clone(&calls);
    let server = builder()
        .start(move |call: &Call| {
            seen_by_handler.lock().unwrap().push(call.clone());
            echo(call)
        })
        .await
        .unwrap();
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let query = "?X-Amz-Security-Token=secret-2&nextToken=secret-3&flag";
        let url = format!("{}/model/arn%3Aaws%3Ax%2Fy/converse{query}", server.url());
        let mut headers = bearer();
        headers.insert("x-amzn-bedrock-request-metadata", "secret-1".parse().unwrap());
        assert_eq!(post(version, &url, headers).await.bytes().await.unwrap(), "{}");
        seen.lock().unwrap().push(version);
    }
    let calls = calls.lock().unwrap();
    for (call, version) in calls.iter().zip(&*seen.lock().unwrap()) {
        assert_eq!(call.target.operation(), Operation::Converse);
        assert_eq!(call.target.resource(), "arn:aws:x/y");
        assert_eq!(call.body, "{}");
        assert_eq!(call.caller, Caller::BearerKey);
        assert_eq!(call.version, *version);
        assert_eq!(call.headers["x-amzn-bedrock-request-metadata"], "secret-1");
        let shown = format!("{call:?}");
        assert!(!shown.contains(KEY) && !shown.contains("secret"), "{shown}");
        let path = r#""/model/arn%3Aaws%3Ax%2Fy/converse?X-Amz-Security-Token&nextToken&flag""#;
        assert!(shown.contains(path), "{shown}");
    }
    assert_eq!(calls.len(), 2);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let server = builder().body_limit(1).start(echo).await.unwrap();
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let answer = post(version, &format!("{}{PATH}", server.url()), bearer()).await;
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(answer.headers()["x-amzn-errortype"], "RequestEntityTooLargeException");
    }
}

fn three_pieces(_: &Call) -> Reply {
    let piece = |at, piece: &'static str| (Duration::from_millis(at), Bytes::from(piece));
    Reply::timed(StatusCode::OK, vec![piece(0, "one"), piece(1000, ""), piece(9000, "three")])
}

#[tokio::test]
async fn over_http1_each_piece_is_a_chunk() {
    let server = builder().speed(Speed::Max).start(three_pieces).await.unwrap();
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    let request = format!(
        "POST {PATH} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {KEY}\r\ncontent-length: 2\r\n\
         connection: close\r\n\r\n{{}}",
        server.addr()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    assert_eq!(body, "3\r\none\r\n5\r\nthree\r\n0\r\n\r\n");
}

/// Time is virtual: it goes on when everybody waits, so that it can be too
/// late but never too early.
#[tokio::test(start_paused = true)]
async fn no_piece_comes_before_its_time() {
    for (version, speed, factor) in [
        (Version::HTTP_11, Speed::Recorded, 1),
        (Version::HTTP_2, Speed::Recorded, 1),
        (Version::HTTP_2, Speed::Times(0.5), 2),
    ] {
        let delayed = |call: &Call| {
            let mut reply = three_pieces(call);
            reply.head_delay = Duration::from_secs(5);
            reply
        };
        let server = builder().speed(speed).start(delayed).await.unwrap();
        let start = tokio::time::Instant::now();
        let mut answer = post(version, &format!("{}{PATH}", server.url()), bearer()).await;
        assert!(start.elapsed() >= factor * Duration::from_secs(5));
        assert_eq!(answer.chunk().await.unwrap().unwrap(), "one");
        assert_eq!(answer.chunk().await.unwrap().unwrap(), "three");
        assert!(start.elapsed() >= factor * Duration::from_secs(14));
        assert_eq!(answer.chunk().await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_reply_that_is_cut_breaks_the_connection_behind_its_last_piece() {
    let cut = |call: &Call| {
        let mut reply = three_pieces(call);
        reply.cut = true;
        reply
    };
    let server = builder().speed(Speed::Max).start(cut).await.unwrap();
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let mut answer = post(version, &format!("{}{PATH}", server.url()), bearer()).await;
        let mut body = Vec::new();
        let end = loop {
            match answer.chunk().await {
                Ok(Some(piece)) => body.extend_from_slice(&piece),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        assert!(end.is_some(), "{version:?} ended well");
        assert_eq!(body, b"onethree", "{version:?}");
    }
}

/// Tells when it is dropped.
struct Told(Option<oneshot::Sender<()>>);

impl AsRef<[u8]> for Told {
    fn as_ref(&self) -> &[u8] {
        b"never sent"
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        let _ = self.0.take().unwrap().send(());
    }
}

/// A handler whose second piece is due in an hour, and word of when it is dropped.
fn held() -> (impl Fn(&Call) -> Reply + Send + Sync, oneshot::Receiver<()>) {
    let (tell, told) = oneshot::channel();
    let piece = Mutex::new(Some(Bytes::from_owner(Told(Some(tell)))));
    let handler = move |_: &Call| {
        let held = piece.lock().unwrap().take().unwrap();
        let pieces = vec![(Duration::ZERO, "one".into()), (Duration::from_hours(1), held)];
        Reply::timed(StatusCode::OK, pieces)
    };
    (handler, told)
}

async fn dropped(told: oneshot::Receiver<()>) {
    tokio::time::timeout(PATIENCE, told).await.expect("still held").unwrap();
}

#[tokio::test]
async fn a_client_that_goes_away_ends_its_answer() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let (handler, told) = held();
        let server = builder().start(handler).await.unwrap();
        let mut answer = post(version, &format!("{}{PATH}", server.url()), bearer()).await;
        assert_eq!(answer.chunk().await.unwrap().unwrap(), "one");
        drop(answer);
        dropped(told).await;
    }
}

#[tokio::test]
async fn a_server_that_is_dropped_or_stopped_ends_its_answers_and_frees_its_port() {
    for (version, stop) in [
        (Version::HTTP_11, false),
        (Version::HTTP_2, false),
        (Version::HTTP_11, true),
        (Version::HTTP_2, true),
    ] {
        let (handler, told) = held();
        let server = builder().start(handler).await.unwrap();
        let addr = server.addr();
        let mut answer = post(version, &format!("{}{PATH}", server.url()), bearer()).await;
        assert_eq!(answer.chunk().await.unwrap().unwrap(), "one");
        if stop {
            server.stop().await;
            builder().listen(addr).start(echo).await.unwrap();
        } else {
            drop(server);
        }
        dropped(told).await;
        assert!(answer.chunk().await.is_err(), "{version:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_served_is_refused_at_start() {
    for addr in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0", "[2001:db8::1]:0"] {
        let addr: SocketAddr = addr.parse().unwrap();
        let error = builder().listen(addr).start(echo).await.unwrap_err();
        assert!(matches!(error, ServeError::NotLoopback(at) if at == addr), "{error}");
    }
    let error = builder().speed(Speed::Times(0.0)).start(echo).await.unwrap_err();
    assert!(error.to_string().contains("0 times"), "{error}");
    let server = builder().start(echo).await.unwrap();
    let error = builder().listen(server.addr()).start(echo).await.unwrap_err();
    assert!(error.to_string().contains(&server.addr().to_string()), "{error}");
}
