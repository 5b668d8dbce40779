//! The proxy between a client of any kind and an upstream.
#![cfg(all(feature = "record", feature = "reqwest", feature = "http2", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod corpus;
mod recordings;

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::SystemTime;

use bedrock_wire::auth::verify::{AccessKey, Caller, Verifier};
use bedrock_wire::auth::{BearerKey, Credentials};
use bedrock_wire::client::{Client, ClientBuilder};
use bedrock_wire::endpoint::Region;
use bedrock_wire::operation::Operation;
use bedrock_wire::record::{Mode, Proxy, RecordError, Recorder, RecorderBuilder};
use bedrock_wire::replay::Speed;
use bedrock_wire::serve::{Answer, Answering, Call, Handler, LiveBody, LiveError, Reply, Server};
use bedrock_wire::tape::{End, Scrub};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, Version};
use http_body::Frame;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use recordings::{Dir, streams};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};

const KEY: &str = "bedrock-api-key-example";
/// Good upstream alone, as real ones are.
const REAL_ID: &str = "AKIDREALLYREALEXAMPLE";
const REAL_SECRET: &str = "realrealreal/EXAMPLEKEY/realrealrealreal";
const REAL_TOKEN: &str = "IQoJb3JpZ2luX2VjREALEXAMPLE//a+token==";
const PATH: &str = "/model/a.b-v1:0/converse-stream";

fn upstream_verifier() -> Verifier {
    let real = AccessKey::new(REAL_ID, REAL_SECRET).session_token(REAL_TOKEN);
    Verifier::new().access_key(real).region("eu-central-1")
}

/// What asks the upstream, with credentials that are good there alone.
fn upstream(url: &str) -> ClientBuilder {
    let token = Some(REAL_TOKEN.to_owned());
    Client::builder()
        .ignore_environment()
        .region("eu-central-1")
        .endpoint_url(url)
        .control_plane_url(url)
        .credentials(Credentials::new(REAL_ID, REAL_SECRET, token, None, "test"))
}

fn recorder(dir: &Dir) -> RecorderBuilder {
    Recorder::builder(&dir.0).speed(Speed::Max)
}

async fn proxy(dir: &Dir, url: &str) -> Proxy {
    let recorder = recorder(dir).start().unwrap();
    Proxy::builder(recorder).client(upstream(url)).start().await.unwrap()
}

/// A connection of a client that knows HTTP and nothing of AWS.
enum Raw {
    One(hyper::client::conn::http1::SendRequest<Full<Bytes>>),
    Two(hyper::client::conn::http2::SendRequest<Full<Bytes>>),
}

impl Raw {
    async fn connect(addr: SocketAddr, version: Version) -> Self {
        let stream = TokioIo::new(TcpStream::connect(addr).await.unwrap());
        if version == Version::HTTP_2 {
            let executor = TokioExecutor::new();
            let shake = hyper::client::conn::http2::handshake(executor, stream).await;
            let (sender, connection) = shake.unwrap();
            tokio::spawn(connection);
            return Raw::Two(sender);
        }
        let (sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        Raw::One(sender)
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> http::Response<Incoming> {
        match self {
            Raw::One(sender) => sender.send_request(request).await.unwrap(),
            Raw::Two(sender) => sender.send_request(request).await.unwrap(),
        }
    }
}

/// A request with the key that is good at the proxy.
fn request(addr: SocketAddr, method: Method, path: &str, body: Bytes) -> Request<Full<Bytes>> {
    Request::builder()
        .method(method)
        .uri(format!("http://{addr}{path}"))
        .header("host", addr.to_string())
        .header("authorization", format!("Bearer {KEY}"))
        .header("content-type", "application/json")
        .body(Full::new(body))
        .unwrap()
}

fn post(addr: SocketAddr, path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    request(addr, Method::POST, path, body.into())
}

async fn ask(addr: SocketAddr, version: Version, path: &str, body: Bytes) -> (u16, Bytes) {
    let mut raw = Raw::connect(addr, version).await;
    let answer = raw.send(post(addr, path, body)).await;
    (answer.status().as_u16(), answer.into_body().collect().await.unwrap().to_bytes())
}

/// An upstream whose answers the test gives piece by piece.
struct Scripted {
    calls: mpsc::UnboundedSender<(Call, oneshot::Sender<Answer>)>,
}

impl Handler for Scripted {
    fn answer(&self, call: Call) -> Answering<'_> {
        let (sender, answer) = oneshot::channel();
        self.calls.send((call, sender)).unwrap();
        Box::pin(async move { answer.await.unwrap() })
    }
}

type Calls = mpsc::UnboundedReceiver<(Call, oneshot::Sender<Answer>)>;

async fn scripted() -> (Server, Calls) {
    let (calls, received) = mpsc::unbounded_channel();
    let server = Server::builder(upstream_verifier()).start(Scripted { calls }).await.unwrap();
    (server, received)
}

/// A body that is fed through a channel; it tells when it is dropped.
struct Fed {
    pieces: mpsc::UnboundedReceiver<Result<Bytes, LiveError>>,
    _held: oneshot::Sender<()>,
}

impl http_body::Body for Fed {
    type Data = Bytes;
    type Error = LiveError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, LiveError>>> {
        self.pieces.poll_recv(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

struct Feed {
    pieces: mpsc::UnboundedSender<Result<Bytes, LiveError>>,
    dropped: oneshot::Receiver<()>,
}

fn live(status: u16, headers: &[(&'static str, &'static str)]) -> (Answer, Feed) {
    let (sender, pieces) = mpsc::unbounded_channel();
    let (held, dropped) = oneshot::channel();
    let mut response = http::Response::new(LiveBody::new(Fed { pieces, _held: held }));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    (Answer::Live(response), Feed { pieces: sender, dropped })
}

#[tokio::test]
async fn every_recorded_stream_passes_to_the_byte_and_is_recorded_over_both_versions() {
    let Some(corpus) = corpus::find("recording the recorded streams by a proxy") else { return };
    let streams = streams(&corpus);
    for (stream, version) in
        streams.iter().zip([Version::HTTP_11, Version::HTTP_2].into_iter().cycle())
    {
        let dir = Dir::new("proxied");
        let server = stream.serve().await;
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let example = Credentials::new("AKIDEXAMPLE", secret, None, None, "test");
        let client = upstream(&server.url()).credentials(example);
        let recorder = recorder(&dir).no_scrub().start().unwrap();
        let proxy = Proxy::builder(recorder).client(client).start().await.unwrap();
        let (path, addr) = (stream.path(), proxy.addr());
        let (status, body) = ask(addr, version, &path, stream.asked.clone()).await;
        assert_eq!(status, stream.tape.response.status().as_u16(), "{}", stream.name);
        assert_eq!(body, stream.body, "{}", stream.name);
        let report = proxy.stop().await;
        assert_eq!((report.tapes(), report.failures(), report.cut), (1, 0, 0), "{report}");
        server.stop().await;
        let tape = dir.tape();
        assert_eq!(tape.body_bytes(), stream.body, "{}", stream.name);
        assert_eq!(tape.response.end(), Some(End::Complete));
        assert_eq!(tape.request.as_ref().unwrap().path(), path);
        assert_eq!(tape.request.as_ref().unwrap().body(), &stream.asked);

        // From the tape, with no upstream and no credentials.
        let player = self::recorder(&dir).mode(Mode::None).start().unwrap();
        let client = Client::builder().ignore_environment();
        let proxy = Proxy::builder(player).client(client).start().await.unwrap();
        let again = ask(proxy.addr(), version, &path, stream.asked.clone()).await;
        assert_eq!(again, (status, body), "{}", stream.name);
        assert_eq!(proxy.stop().await.played, 1);
    }
    eprintln!("{} streams recorded by a proxy and played", streams.len());
}

/// A call whose answer has begun, and what feeds it.
async fn begun(
    raw: &mut Raw,
    proxy: SocketAddr,
    calls: &mut Calls,
    headers: &[(&'static str, &'static str)],
) -> (http::Response<Incoming>, Feed) {
    let (answer, feed) = live(200, headers);
    let (response, ()) = tokio::join!(raw.send(post(proxy, PATH, "{}")), async {
        calls.recv().await.unwrap().1.send(answer).unwrap();
    });
    (response, feed)
}

#[tokio::test]
async fn each_piece_goes_out_before_the_upstream_sends_the_next() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let (dir, (server, mut calls)) = (Dir::new("live"), scripted().await);
        let proxy = proxy(&dir, &server.url()).await;
        let mut raw = Raw::connect(proxy.addr(), version).await;
        let (response, feed) = begun(
            &mut raw,
            proxy.addr(),
            &mut calls,
            &[("content-type", "application/vnd.amazon.eventstream")],
        )
        .await;
        let mut body = response.into_body();
        for text in ["one", "two", "three"] {
            // Sent only once the one before was received.
            feed.pieces.send(Ok(text.into())).unwrap();
            assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), text);
        }
        drop(feed.pieces);
        // Over HTTP/2 the end may come in an empty frame.
        assert!(body.collect().await.unwrap().to_bytes().is_empty());
        proxy.stop().await;
        let tape = dir.tape();
        let lengths = tape.response.pieces().unwrap().iter().map(|piece| piece.length);
        assert_eq!(lengths.collect::<Vec<_>>(), [3, 3, 5], "{version:?}");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_request_upstream_and_its_tape_is_cut() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let (dir, (server, mut calls)) = (Dir::new("gone"), scripted().await);
        let proxy = proxy(&dir, &server.url()).await;
        let mut raw = Raw::connect(proxy.addr(), version).await;
        let (response, feed) = begun(&mut raw, proxy.addr(), &mut calls, &[]).await;
        feed.pieces.send(Ok("one".into())).unwrap();
        let mut body = response.into_body();
        body.frame().await.unwrap().unwrap();
        drop((body, raw));
        feed.dropped.await.unwrap_err();
        let report = proxy.stop().await;
        assert_eq!((report.tapes(), report.cut), (1, 1), "{version:?}: {report}");
        let tape = dir.tape();
        assert_eq!((tape.body_bytes(), tape.response.end()), ("one".into(), Some(End::Cut)));
    }
}

#[tokio::test]
async fn an_upstream_that_breaks_breaks_the_client_behind_the_same_bytes() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let (dir, (server, mut calls)) = (Dir::new("broken"), scripted().await);
        let proxy = proxy(&dir, &server.url()).await;
        let mut raw = Raw::connect(proxy.addr(), version).await;
        let (response, feed) = begun(&mut raw, proxy.addr(), &mut calls, &[]).await;
        feed.pieces.send(Ok("all there is".into())).unwrap();
        feed.pieces.send(Err("broken".into())).unwrap();
        let mut body = response.into_body();
        let mut got = Vec::new();
        let broken = loop {
            match body.frame().await {
                Some(Ok(frame)) => got.extend_from_slice(&frame.into_data().unwrap()),
                end => break end,
            }
        };
        assert_eq!(got, b"all there is");
        assert!(broken.unwrap().is_err(), "{version:?}: it does not end well");
        proxy.stop().await;
        assert_eq!(dir.tape().response.end(), Some(End::Cut));
        assert_eq!(dir.tape().body_bytes(), "all there is");
    }
}

#[tokio::test]
async fn a_request_goes_on_to_the_byte_and_is_signed_anew() {
    let (dir, (server, mut calls)) = (Dir::new("passed"), scripted().await);
    let proxy = proxy(&dir, &server.url()).await;
    let addr = proxy.addr();
    // The colon as the client wrote it, and JSON as nobody would.
    let body = "{ \"messages\" :[] }\n";
    let mut asking = post(addr, PATH, body);
    for (name, value) in [
        ("accept", "application/vnd.amazon.eventstream"),
        ("x-amzn-bedrock-trace", "ENABLED"),
        ("x-amzn-bedrock-request-metadata", "{\"team\":\"very-private\"}"),
        ("amz-sdk-invocation-id", "4e0f"),
        ("accept-encoding", "gzip"),
        ("x-amzn-trace-id", "Root=1"),
        ("user-agent", "raw/1"),
        ("cookie", "c=very-secret"),
    ] {
        asking.headers_mut().insert(name, value.parse().unwrap());
    }
    let mut raw = Raw::connect(addr, Version::HTTP_11).await;
    let headers = &[
        ("x-amzn-errortype", "ThrottlingException:"),
        ("retry-after", "7"),
        ("x-amzn-requestid", "of-the-upstream"),
        ("x-new-header", "kept"),
    ];
    let (answer, feed) = live(429, headers);
    let (response, call) = tokio::join!(raw.send(asking), async {
        let (call, sender) = calls.recv().await.unwrap();
        feed.pieces.send(Ok(r#"{"message":"slow down"}"#.into())).unwrap();
        drop(feed);
        sender.send(answer).unwrap();
        call
    });
    assert_eq!((&*call.path, &call.body), (PATH, &Bytes::from(body)));
    let who = Caller::AccessKey { id: REAL_ID.to_owned(), region: "eu-central-1".to_owned() };
    assert_eq!(call.caller, who);
    let got = |name: &str| call.headers.get(name).map(|value| value.to_str().unwrap());
    assert_eq!(got("accept"), Some("application/vnd.amazon.eventstream"));
    assert_eq!(got("content-type"), Some("application/json"));
    assert_eq!(got("x-amzn-bedrock-trace"), Some("ENABLED"));
    assert_eq!(got("x-amzn-bedrock-request-metadata"), Some("{\"team\":\"very-private\"}"));
    for name in ["accept-encoding", "x-amzn-trace-id", "cookie"] {
        assert_eq!(got(name), None, "{name}");
    }
    assert_ne!(got("user-agent"), Some("raw/1"));
    assert_ne!(got("amz-sdk-invocation-id"), Some("4e0f"), "it is the proxy that asks");
    assert_eq!(got("amz-sdk-request"), Some("attempt=1; max=1"));

    assert_eq!(response.status(), 429);
    for (name, value) in headers {
        assert_eq!(response.headers()[*name], value);
    }
    let answered = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(answered, r#"{"message":"slow down"}"#);
    assert_eq!(proxy.stop().await.tapes(), 1);
    assert_eq!(dir.tape().request.unwrap().path(), PATH);
    let text = std::fs::read_to_string(dir.0.join(&dir.names()[0])).unwrap();
    let hidden = [REAL_ID, REAL_SECRET, REAL_TOKEN, KEY, "very-private", "very-secret"];
    for secret in hidden {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    assert!(bedrock_wire::tape::verify_file(dir.0.join(&dir.names()[0])).unwrap().is_empty());
}

#[tokio::test]
async fn a_session_token_in_the_upstreams_answer_is_on_no_tape() {
    let (dir, (server, mut calls)) = (Dir::new("token"), scripted().await);
    let proxy = proxy(&dir, &server.url()).await;
    let mut raw = Raw::connect(proxy.addr(), Version::HTTP_2).await;
    let asking = post(proxy.addr(), PATH, "{}");
    let said = format!("{{\"message\":\"x-amz-security-token:{REAL_TOKEN}\"}}");
    let (response, signature) = tokio::join!(raw.send(asking), async {
        let (call, sender) = calls.recv().await.unwrap();
        let proof = call.headers["authorization"].to_str().unwrap().to_owned();
        let (answer, feed) = live(400, &[("x-amzn-errortype", "ValidationException")]);
        feed.pieces.send(Ok(format!("{said}{proof}").into())).unwrap();
        sender.send(answer).unwrap();
        proof.rsplit('=').next().unwrap().to_owned()
    });
    let passed = response.into_body().collect().await.unwrap().to_bytes();
    assert!(passed.starts_with(said.as_bytes()), "to the client it goes as it is");
    proxy.stop().await;
    let text = std::fs::read_to_string(dir.0.join(&dir.names()[0])).unwrap();
    for secret in [REAL_TOKEN, "a+token", &signature, REAL_ID] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    assert_eq!(signature.len(), 64);
}

#[tokio::test]
async fn the_control_plane_is_asked_where_it_is() {
    let (dir, (runtime, _runtime_calls)) = (Dir::new("plane"), scripted().await);
    let (control, mut calls) = scripted().await;
    let client = upstream(&runtime.url()).control_plane_url(control.url());
    let recorder = recorder(&dir).start().unwrap();
    let proxy = Proxy::builder(recorder).client(client).start().await.unwrap();
    let mut raw = Raw::connect(proxy.addr(), Version::HTTP_11).await;
    let path = "/foundation-models?byProvider=An%74hropic";
    let asking = request(proxy.addr(), Method::GET, path, Bytes::new());
    let (response, call) = tokio::join!(raw.send(asking), async {
        let (call, sender) = calls.recv().await.unwrap();
        sender.send(Reply::whole(StatusCode::OK, "{}").into()).unwrap();
        call
    });
    assert_eq!(call.path, path);
    assert_eq!(call.target.operation(), Operation::ListFoundationModels);
    assert_eq!(response.headers()["content-length"], "2", "its length is told");
    response.into_body().collect().await.unwrap();
    proxy.stop().await;
    assert!(dir.names()[0].starts_with("ListFoundationModels-"), "{:?}", dir.names());
    assert_eq!(dir.tape().request.unwrap().path(), path);
}

fn message(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap();
    body["message"].as_str().unwrap().to_owned()
}

async fn refused(client: ClientBuilder) -> (u16, HeaderMap, String) {
    let dir = Dir::new("refused");
    let recorder = recorder(&dir).start().unwrap();
    let proxy = Proxy::builder(recorder).client(client).start().await.unwrap();
    let mut raw = Raw::connect(proxy.addr(), Version::HTTP_11).await;
    let response = raw.send(post(proxy.addr(), PATH, "{}")).await;
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let report = proxy.stop().await;
    assert_eq!(report.tapes() + report.failures(), 0, "{report}");
    (head.status.as_u16(), head.headers, message(&body))
}

#[tokio::test]
async fn where_there_is_no_answer_the_client_is_told_what_failed() {
    let (status, headers, said) = refused(upstream("http://127.0.0.1:1")).await;
    assert_eq!(
        (status, &headers["x-amzn-errortype"]),
        (502, &"UpstreamUnreachableException".parse().unwrap())
    );
    assert!(said.contains("no connection") && said.contains("upstream"), "{said}");

    let keyless = Client::builder().ignore_environment().endpoint_url("http://127.0.0.1:1");
    let closed = || std::io::Error::other("the vault is closed");
    let provider = move || async move { Err::<BearerKey, _>(closed()) };
    let (status, headers, said) = refused(keyless.api_key_provider(provider)).await;
    assert_eq!(
        (status, &headers["x-amzn-errortype"]),
        (502, &"UpstreamCredentialsException".parse().unwrap())
    );
    assert!(said.contains("the vault is closed"), "{said}");

    let nowhere = Client::builder().ignore_environment().api_key(KEY);
    let (status, headers, said) = refused(nowhere).await;
    assert_eq!(
        (status, &headers["x-amzn-errortype"]),
        (502, &"UpstreamConfigurationException".parse().unwrap())
    );
    assert!(said.contains("region"), "{said}");
}

#[tokio::test]
async fn who_may_not_ask_is_turned_away_and_nothing_goes_upstream() {
    let (dir, (server, mut calls)) = (Dir::new("who"), scripted().await);
    let proxy = proxy(&dir, &server.url()).await;
    let mut raw = Raw::connect(proxy.addr(), Version::HTTP_11).await;
    let mut asking = post(proxy.addr(), PATH, "{}");
    asking.headers_mut().insert("authorization", "Bearer another".parse().unwrap());
    assert_eq!(raw.send(asking).await.status(), 403);

    // Our own client, with the example's signature over HTTP/2 and over TLS.
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let region = Region::new("us-west-2").unwrap();
    let path = "/model/a.b-v1%3A0/converse-stream";
    let mut signed = recordings::request(&proxy.url(), path, "{}");
    let example = Credentials::new("AKIDEXAMPLE", secret, None, None, "test");
    signed.sign(&example, &region, SystemTime::now()).unwrap();
    let client = Client::builder().ignore_environment().endpoint_url(proxy.url()).api_key("unused");
    let client = client.build().unwrap();
    let (response, ()) = tokio::join!(client.send_signed(signed), async {
        let (_, sender) = calls.recv().await.unwrap();
        sender.send(Reply::whole(StatusCode::OK, "{}").into()).unwrap();
    });
    assert_eq!(response.unwrap().status(), 200);
    assert!(calls.try_recv().is_err());
}

#[tokio::test]
async fn over_tls_it_is_the_same() {
    let (dir, (server, mut calls)) = (Dir::new("tls"), scripted().await);
    let recorder = recorder(&dir).start().unwrap();
    let proxy = Proxy::builder(recorder).client(upstream(&server.url())).tls(true);
    let proxy = proxy.start().await.unwrap();
    let pem = proxy.certificate_pem().unwrap().as_bytes().to_vec();
    let client = Client::builder()
        .ignore_environment()
        .endpoint_url(proxy.url())
        .api_key(KEY)
        .configure_reqwest(move |builder| {
            builder.tls_certs_only([reqwest::Certificate::from_pem(&pem).unwrap()])
        })
        .build()
        .unwrap();
    let asking = recordings::request(&proxy.url(), PATH, "{}");
    let (response, ()) = tokio::join!(client.send(asking), async {
        let (_, sender) = calls.recv().await.unwrap();
        sender.send(Reply::whole(StatusCode::OK, "over TLS").into()).unwrap();
    });
    assert_eq!(response.unwrap().into_body().collect(99).await.unwrap(), "over TLS");
    proxy.stop().await;
    assert_eq!(dir.tape().body_bytes(), "over TLS");
}

#[tokio::test]
async fn a_proxy_that_would_ask_itself_does_not_start() {
    let dir = Dir::new("itself");
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = free.local_addr().unwrap();
    drop(free);
    let recorder = recorder(&dir).start().unwrap();
    let client = upstream(&format!("http://localhost:{}", addr.port()));
    let error = Proxy::builder(recorder).client(client).listen(addr).start().await.unwrap_err();
    assert!(matches!(error, RecordError::Itself(at) if at == addr), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_streams_at_once_pass_and_are_recorded() {
    let (dir, asked) = (Dir::new("many"), Arc::new(Mutex::new(0_u32)));
    let count = Arc::clone(&asked);
    let echo = move |call: &Call| {
        *count.lock().unwrap() += 1;
        let pieces = call
            .body
            .chunks(7)
            .map(|piece| (std::time::Duration::ZERO, Bytes::copy_from_slice(piece)));
        Reply::timed(StatusCode::OK, pieces.collect())
    };
    let server = Server::builder(upstream_verifier()).start(echo).await.unwrap();
    let proxy = proxy(&dir, &server.url()).await;
    let addr = proxy.addr();
    let asking: Vec<_> = (0..200)
        .map(|number: usize| {
            let body =
                Bytes::from(format!("{{\"n\":{number},\"text\":\"{}\"}}", "x".repeat(number)));
            let version = if number.is_multiple_of(2) { Version::HTTP_11 } else { Version::HTTP_2 };
            tokio::spawn(async move {
                let answer = ask(addr, version, PATH, body.clone()).await;
                assert_eq!(answer, (200, body));
            })
        })
        .collect();
    for asked in asking {
        asked.await.unwrap();
    }
    let report = proxy.stop().await;
    assert_eq!((report.tapes(), report.cut, report.failures()), (200, 0, 0), "{report}");
    assert_eq!(*asked.lock().unwrap(), 200);
    for tape in dir.tapes() {
        assert_eq!(tape.body_bytes(), tape.request.as_ref().unwrap().body());
    }
    assert_eq!(Scrub::new().apply(&dir.tapes()[0]).unwrap(), dir.tapes()[0], "it is scrubbed");
}

#[tokio::test]
async fn an_upstream_of_another_time_is_followed_and_its_time_is_not_passed_on() {
    let ten = std::time::Duration::from_mins(10);
    for ahead in [true, false] {
        let dir = Dir::new("clock");
        let theirs = move || {
            let now = SystemTime::now();
            if ahead { now + ten } else { now - ten }
        };
        let attempts = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&attempts);
        let answer = move |call: &Call| {
            let attempt = call.headers["amz-sdk-request"].to_str().unwrap().to_owned();
            seen.lock().unwrap().push(attempt);
            Reply::whole(StatusCode::OK, "{}")
        };
        let server = Server::builder(upstream_verifier()).clock(theirs).start(answer).await;
        let server = server.unwrap();
        let proxy = proxy(&dir, &server.url()).await;
        let mut raw = Raw::connect(proxy.addr(), Version::HTTP_11).await;
        for body in ["{\"a\":1}", "{\"a\":2}"] {
            let response = raw.send(post(proxy.addr(), PATH, body)).await;
            assert_eq!(response.status(), 200);
            let date = response.headers()["date"].to_str().unwrap();
            let date = httpdate::parse_http_date(date).unwrap();
            let now = SystemTime::now();
            let off = now.duration_since(date).unwrap_or_else(|error| error.duration());
            assert!(off < ten / 2, "{off:?}");
            response.into_body().collect().await.unwrap();
        }
        let report = proxy.stop().await;
        assert_eq!((report.tapes(), report.refused), (2, 1), "{report}");
        assert_eq!(*attempts.lock().unwrap(), ["attempt=2; max=2", "attempt=1; max=1"]);
        let date = dir.tapes()[0].response.headers().get("date").unwrap().to_owned();
        let date = httpdate::parse_http_date(&date).unwrap();
        assert_eq!(date > SystemTime::now(), ahead, "on tape it is as it was");
    }
}

#[tokio::test]
async fn it_has_no_control_plane() {
    let (dir, (server, _calls)) = (Dir::new("control"), scripted().await);
    let proxy = proxy(&dir, &server.url()).await;
    let mut raw = Raw::connect(proxy.addr(), Version::HTTP_11).await;
    let mut answers = Vec::new();
    for path in ["/_bedrock-wire/journal", "/_bedrock-wire/faults", "/no-such-path"] {
        let response = raw.send(request(proxy.addr(), Method::GET, path, Bytes::new())).await;
        let status = response.status();
        answers.push((status, response.into_body().collect().await.unwrap().to_bytes()));
    }
    assert!(String::from_utf8_lossy(&answers[0].1).contains("UnknownOperationException"));
    assert!(answers.iter().all(|answer| *answer == answers[2]), "{answers:?}");
}
