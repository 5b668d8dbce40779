//! What keeps a request safe on its way, seen from the other end: TLS, no
//! redirect, no plain http off this machine, nothing for a proxy.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]
#![cfg(all(
    feature = "replay",
    feature = "reqwest",
    feature = "http2",
    any(feature = "rustls", feature = "rustls-ring")
))]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use bedrock_wire::auth::verify::{AccessKey, Verifier};
use bedrock_wire::client::{Client, ClientBuilder, Error, ErrorKind as Kind};
use bedrock_wire::endpoint::Endpoint;
use bedrock_wire::eventstream::{HeaderValue as FrameValue, Message};
use bedrock_wire::fault::Repeat;
use bedrock_wire::model::{ConverseRequest, ConverseStreamRequest};
use bedrock_wire::operation::{ModelId, converse};
use bedrock_wire::replay::ReplayServer;
use bedrock_wire::serve::{Call, Reply, Server, ServerBuilder, Speed};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, Version, header};

const KEY: &str = "bedrock-api-key-example";
const MODEL: &str = "a.b-v1:0";
/// In every request's body.
const PROMPT: &str = "a prompt that is nobody's";

fn server() -> ServerBuilder {
    let key = AccessKey::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    let verifier = Verifier::new().bearer_key(KEY).access_key(key);
    Server::builder(verifier).speed(Speed::Max)
}

fn client(url: String) -> ClientBuilder {
    let builder = Client::builder().ignore_environment().region("us-east-1").endpoint_url(url);
    prove(builder)
}

#[cfg(feature = "sigv4")]
fn prove(builder: ClientBuilder) -> ClientBuilder {
    use bedrock_wire::auth::Credentials;
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    builder.credentials(Credentials::new("AKIDEXAMPLE", secret, None, None, "test"))
}

#[cfg(not(feature = "sigv4"))]
fn prove(builder: ClientBuilder) -> ClientBuilder {
    builder.api_key(KEY)
}

fn trusting(builder: ClientBuilder, server: &Server) -> ClientBuilder {
    let pem = server.certificate_pem().expect("TLS is on");
    let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
    builder.configure_reqwest(move |reqwest| reqwest.tls_certs_merge([certificate.clone()]))
}

fn input<T: serde::de::DeserializeOwned>() -> T {
    let json = format!(r#"{{"messages":[{{"role":"user","content":[{{"text":"{PROMPT}"}}]}}]}}"#);
    serde_json::from_str(&json).unwrap()
}

fn frame(event: &str, payload: &str) -> Bytes {
    let headers = [
        (":event-type", FrameValue::String(event)),
        (":content-type", FrameValue::String("application/json")),
        (":message-type", FrameValue::String("event")),
    ];
    Message::encode(headers, payload.as_bytes()).unwrap().frame().clone()
}

fn short_answer() -> Reply {
    let pieces = [
        frame("messageStart", r#"{"role":"assistant"}"#),
        frame("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hello"}}"#),
        frame("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        frame("messageStop", r#"{"stopReason":"end_turn"}"#),
    ];
    let timed = pieces.into_iter().map(|piece| (std::time::Duration::ZERO, piece));
    let mut reply = Reply::timed(StatusCode::OK, timed.collect());
    let kind = HeaderValue::from_static("application/vnd.amazon.eventstream");
    reply.headers.insert(header::CONTENT_TYPE, kind);
    reply
}

/// A server that answers with a short stream and notes the versions it is asked in.
async fn noting(builder: ServerBuilder) -> (Server, Arc<Mutex<Vec<Version>>>) {
    let versions = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&versions);
    let handler = move |call: &Call| {
        noted.lock().unwrap().push(call.version);
        short_answer()
    };
    (builder.start(handler).await.unwrap(), versions)
}

async fn stream(client: &Client) -> Result<usize, Error> {
    let mut stream = client.converse_stream(MODEL, &input::<ConverseStreamRequest>()).await?;
    let mut events = 0;
    while let Some(event) = stream.next().await {
        event?;
        events += 1;
    }
    Ok(events)
}

#[tokio::test]
async fn the_client_streams_over_tls_in_the_version_that_alpn_gives() {
    let (server, versions) = noting(server().tls(true)).await;
    let port = server.addr().port();
    for (host, http1_only) in
        [("127.0.0.1", false), ("localhost", false), ("127.0.0.1", true), ("localhost", true)]
    {
        let builder = trusting(client(format!("https://{host}:{port}")), &server);
        let builder = if http1_only { builder.http1_only() } else { builder };
        assert_eq!(stream(&builder.build().unwrap()).await.unwrap(), 4, "{host}");
    }
    let (h1, h2) = (Version::HTTP_11, Version::HTTP_2);
    assert_eq!(*versions.lock().unwrap(), [h2, h2, h1, h1]);
}

/// Tapes behind the same listener: what `bedrock-wire replay --tls` starts.
#[tokio::test]
async fn the_client_streams_tapes_over_tls_by_alpn_and_over_http1_only() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/text.tape.jsonl");
    let replay = ReplayServer::builder().path(path).any_body(true).speed(Speed::Max).tls(true);
    let replay = replay.start().await.unwrap();
    let pem = replay.certificate_pem().unwrap().to_owned();
    for http1_only in [false, true] {
        let root = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
        let builder = client(replay.url())
            .configure_reqwest(move |ours| ours.tls_certs_merge([root.clone()]));
        let builder = if http1_only { builder.http1_only() } else { builder };
        let input = input::<ConverseStreamRequest>();
        let stream = builder.build().unwrap().converse_stream(FIXTURE_MODEL, &input).await.unwrap();
        assert!(stream.collect().await.unwrap().stopped);
    }
    assert_eq!(replay.stop().await.tapes[0].played, 2);
}

const FIXTURE_MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

#[tokio::test]
async fn the_client_streams_in_clear_on_loopback_in_either_version() {
    let (server, versions) = noting(server()).await;
    let prior_knowledge = client(server.url())
        .configure_reqwest(reqwest::ClientBuilder::http2_prior_knowledge)
        .build();
    for client in [client(server.url()).build(), prior_knowledge] {
        assert_eq!(stream(&client.unwrap()).await.unwrap(), 4);
    }
    assert_eq!(*versions.lock().unwrap(), [Version::HTTP_11, Version::HTTP_2]);
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_or_another_servers_ends_the_call_before_it_is_sent() {
    let (other, _) = noting(server().tls(true)).await;
    let (server, versions) = noting(server().tls(true)).await;
    for builder in [client(server.url()), trusting(client(server.url()), &other)] {
        let error = stream(&builder.build().unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.repeat()), (Kind::Network, Repeat::No), "{error}");
        assert!(error.to_string().starts_with("no TLS connection: "), "{error}");
    }
    assert!(versions.lock().unwrap().is_empty());
}

/// A listener that nobody must come to. Who comes is noted and sent away.
struct Trap {
    addr: SocketAddr,
    came: Receiver<SocketAddr>,
}

impl Trap {
    fn new(addr: &str) -> Self {
        let listener = TcpListener::bind(addr).unwrap();
        let addr = listener.local_addr().unwrap();
        let (note, came) = mpsc::channel();
        std::thread::spawn(move || {
            while listener.accept().is_ok_and(|(_, from)| note.send(from).is_ok()) {}
        });
        Trap { addr, came }
    }

    /// Comes itself: who came before stands before it in the queue.
    fn assert_untouched(self) {
        let last = TcpStream::connect((Ipv4Addr::LOCALHOST, self.addr.port())).unwrap();
        assert_eq!(self.came.recv().unwrap(), last.local_addr().unwrap());
    }
}

#[tokio::test]
async fn plain_http_off_loopback_is_refused_before_anything_is_sent() {
    let trap = Trap::new("0.0.0.0:0");
    let port = trap.addr.port();
    for host in ["0.0.0.0", "localhost.localdomain", "192.0.2.1", "bedrock-runtime.example"] {
        let error = client(format!("http://{host}:{port}")).build().unwrap_err();
        assert_eq!(error.kind(), Kind::Usage, "{error}");
        assert!(error.to_string().starts_with("endpoint_url: "), "{error}");
    }
    trap.assert_untouched();
}

#[tokio::test]
async fn a_redirect_is_not_followed_not_even_on_this_machine() {
    let trap = Trap::new("127.0.0.1:0");
    let location = format!("http://{}/model/m/converse", trap.addr);
    for status in [301, 302, 303, 307, 308] {
        let location = HeaderValue::try_from(&location).unwrap();
        let redirect = move |_: &Call| {
            let mut reply = Reply::whole(StatusCode::from_u16(status).unwrap(), "");
            reply.headers.insert(header::LOCATION, location.clone());
            reply
        };
        let server = server().start(redirect).await.unwrap();
        let follow = |reqwest: reqwest::ClientBuilder| {
            reqwest.redirect(reqwest::redirect::Policy::limited(3))
        };
        for builder in [client(server.url()), client(server.url()).configure_reqwest(follow)] {
            let client = builder.build().unwrap();
            let error = client.converse(MODEL, &input::<ConverseRequest>()).await.unwrap_err();
            assert_eq!(error.status(), Some(status));
            let error = stream(&client).await.unwrap_err();
            assert_eq!(error.status(), Some(status));
        }
    }
    trap.assert_untouched();
}

/// Where a child finds the URL to ask.
const CHILD_URL: &str = "BEDROCK_WIRE_TEST_URL";

/// Runs a test of this file's in a process that has proxies set.
fn run_child(test: &str, url: &str, proxy: &str) -> Output {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--ignored", "--nocapture"]).env(CHILD_URL, url);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        child.env(name, proxy).env(name.to_lowercase(), proxy);
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy").env_remove("REQUEST_METHOD");
    child.output().unwrap()
}

fn assert_ran(output: &Output) {
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "{out}\n{err}");
}

#[tokio::test]
#[ignore = "run by the tests on proxies, with the variables set"]
async fn child_that_streams() {
    let Ok(url) = std::env::var(CHILD_URL) else { return };
    assert_eq!(stream(&client(url).build().unwrap()).await.unwrap(), 4);
}

#[tokio::test]
#[ignore = "run by the tests on proxies, with the variables set"]
async fn child_that_gets_nowhere() {
    let Ok(url) = std::env::var(CHILD_URL) else { return };
    let error = stream(&client(url).build().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Network, "{error}");
}

#[tokio::test]
async fn on_loopback_a_request_goes_past_the_proxy() {
    let trap = Trap::new("127.0.0.1:0");
    let proxy = format!("http://{}", trap.addr);
    let (server, versions) = noting(server()).await;
    let port = server.addr().port();
    for host in ["127.0.0.1", "localhost"] {
        let (url, proxy) = (format!("http://{host}:{port}"), proxy.clone());
        let child = move || run_child("child_that_streams", &url, &proxy);
        assert_ran(&tokio::task::spawn_blocking(child).await.unwrap());
    }
    assert_eq!(versions.lock().unwrap().len(), 2);
    trap.assert_untouched();
}

/// A proxy that lets one client through to nowhere, and keeps what it said.
fn listening_proxy() -> (String, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut heard = read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let mut hello = [0; 4096];
        let length = stream.read(&mut hello).unwrap();
        heard.extend_from_slice(&hello[..length]);
        heard
    });
    (url, heard)
}

fn read_head(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "{:?}", head.escape_ascii().to_string());
        head.push(byte[0]);
    }
    head
}

#[test]
fn off_loopback_a_proxy_sees_host_and_port_and_then_only_tls() {
    let (proxy, heard) = listening_proxy();
    let host = "bedrock-runtime.us-east-1.amazonaws.com";
    assert_ran(&run_child("child_that_gets_nowhere", &format!("https://{host}"), &proxy));
    let heard = heard.join().unwrap();
    let end = heard.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
    let (request, rest) = heard.split_at(end);
    let asked = String::from_utf8(request.to_vec()).unwrap().to_lowercase();
    let mut lines = asked.lines();
    assert_eq!(lines.next(), Some(format!("connect {host}:443 http/1.1").as_str()));
    for line in lines.filter(|line| !line.is_empty()) {
        let name = line.split_once(':').unwrap().0;
        assert!(["host", "user-agent", "proxy-connection"].contains(&name), "{line}");
    }
    // RFC 8446 §5.1 and §4: a record of a handshake, which begins with a ClientHello.
    assert_eq!((rest[0], rest[5]), (22, 1));
    let hello = String::from_utf8_lossy(rest);
    for secret in ["authorization", "Bearer", "AKIDEXAMPLE", "x-amz", "/model/", PROMPT] {
        assert!(!hello.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn on_loopback_a_request_goes_past_the_callers_own_proxy() {
    let trap = Trap::new("127.0.0.1:0");
    let proxy = reqwest::Proxy::all(format!("http://{}", trap.addr)).unwrap();
    let (server, _) = noting(server()).await;
    let client =
        client(server.url()).configure_reqwest(move |reqwest| reqwest.proxy(proxy.clone()));
    assert_eq!(stream(&client.build().unwrap()).await.unwrap(), 4);
    trap.assert_untouched();
}

/// Says of every name that it is at this address, or nothing ever.
struct Names(Option<SocketAddr>);

impl reqwest::dns::Resolve for Names {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        match self.0 {
            Some(addr) => Box::pin(async move {
                Ok(Box::new(std::iter::once(addr)) as Box<dyn Iterator<Item = _> + Send>)
            }),
            None => Box::pin(std::future::pending()),
        }
    }
}

#[tokio::test]
async fn localhost_is_this_machine_whatever_a_resolver_or_the_caller_says() {
    let (server, versions) = noting(server()).await;
    // The port is the URL's, so another address is what tells them apart.
    let elsewhere = SocketAddr::from(([127, 0, 0, 2], server.addr().port()));
    for host in ["localhost", "LOCALHOST"] {
        let url = || format!("http://{host}:{}", server.addr().port());
        let resolver =
            client(url()).configure_reqwest(move |r| r.dns_resolver(Names(Some(elsewhere))));
        let pinned = client(url()).configure_reqwest(move |r| r.resolve("localhost", elsewhere));
        for builder in [resolver, pinned] {
            assert_eq!(stream(&builder.build().unwrap()).await.unwrap(), 4);
        }
    }
    assert_eq!(versions.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn a_client_for_https_sends_nothing_in_clear_whatever_the_caller_sets() {
    let trap = Trap::new("127.0.0.1:0");
    let client = client("https://bedrock-runtime.example".to_owned())
        .configure_reqwest(|reqwest| reqwest.https_only(false))
        .build()
        .unwrap();
    let plain = Endpoint::custom(&format!("http://{}", trap.addr)).unwrap();
    let model = ModelId::new(MODEL).unwrap();
    let request = converse::build(&plain, &model, &input::<ConverseRequest>()).unwrap();
    let error = client.send(request).await.unwrap_err();
    assert_eq!((error.kind(), error.repeat()), (Kind::Usage, Repeat::No), "{error}");
    trap.assert_untouched();
}

#[tokio::test]
async fn a_deadline_that_passes_before_there_is_a_connection_says_that_nothing_was_sent() {
    let client = client("https://bedrock-runtime.example".to_owned())
        .configure_reqwest(|reqwest| {
            reqwest
                .no_proxy()
                .dns_resolver(Names(None))
                .connect_timeout(std::time::Duration::from_millis(1))
        })
        .build()
        .unwrap();
    let error = stream(&client).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout, "{error}");
    assert_eq!(error.repeat(), Repeat::After(std::time::Duration::ZERO), "{error}");
}

#[tokio::test(start_paused = true)]
async fn connecting_is_given_up_after_ten_seconds_unless_the_caller_says_otherwise() {
    for (own, seconds) in [(None, 10), (Some(60), 60)] {
        let client = client("https://bedrock-runtime.example".to_owned())
            .no_retries()
            .configure_reqwest(move |reqwest| {
                let reqwest = reqwest.no_proxy().dns_resolver(Names(None));
                match own {
                    None => reqwest,
                    Some(own) => reqwest.connect_timeout(std::time::Duration::from_secs(own)),
                }
            })
            .build()
            .unwrap();
        let begun = tokio::time::Instant::now();
        // Of the paused clock's time, so that no deadline fails the test at once.
        let hour = std::time::Duration::from_hours(1);
        let answer = tokio::time::timeout(hour, stream(&client)).await.expect("a deadline");
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), Kind::Timeout, "{error}");
        assert_eq!(begun.elapsed().as_secs(), seconds);
    }
}

/// Where a child finds certificates to trust.
const BUNDLE: &str = "AWS_CA_BUNDLE";

#[test]
#[ignore = "run by the test on bundles, with the variable set"]
fn child_that_trusts() {
    let Ok(path) = std::env::var(BUNDLE) else { return };
    let builder = Client::builder().region("us-east-1").api_key(KEY);
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    let text = error.to_string();
    assert!(text.starts_with("AWS_CA_BUNDLE: ") && text.contains(&path), "{text}");
}

#[test]
fn a_bundle_without_a_certificate_is_refused() {
    let no_pem = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for path in [no_pem, "/dev/null", "/nowhere/bundle.pem"] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "child_that_trusts", "--ignored", "--nocapture"]).env(BUNDLE, path);
        assert_ran(&child.output().unwrap());
    }
}
