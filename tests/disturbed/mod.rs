//! A replay server with one made stream, and clients that see its every byte.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::time::Duration;

use bedrock_wire::client::Client;
use bedrock_wire::eventstream::{HeaderValue, Message};
use bedrock_wire::replay::{ReplayBuilder, ReplayServer, Speed};
use bedrock_wire::serve::Fault;
use bedrock_wire::tape::{RecordedResponse, Tape};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Version, header};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const KEY: &str = "bedrock-api-key-example";
pub const MODEL: &str = "a.b-v1:0";
pub const STREAM: &str = "/model/a.b-v1%3A0/converse-stream";
pub const WHOLE: &str = "/model/a.b-v1%3A0/converse";
pub const ANSWER: &str = r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hi"}]}}}"#;
/// A failed test ends; a good one never waits for this.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The frames of the stream: `messageStop` is the fourth.
pub fn frames() -> Vec<Bytes> {
    [
        ("messageStart", r#"{"role":"assistant"}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hel"}}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"lo"}}"#),
        ("messageStop", r#"{"stopReason":"end_turn"}"#),
        ("metadata", r#"{"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":1}}"#),
    ]
    .into_iter()
    .map(|(event_type, payload)| {
        let headers = [
            (":event-type", HeaderValue::String(event_type)),
            (":content-type", HeaderValue::String("application/json")),
            (":message-type", HeaderValue::String("event")),
        ];
        Message::encode(headers, payload.as_bytes()).unwrap().frame().clone()
    })
    .collect()
}

pub fn body() -> Bytes {
    frames().concat().into()
}

/// Where a frame starts.
pub fn start(frame: usize) -> usize {
    frames()[..frame].iter().map(Bytes::len).sum()
}

fn tape(operation: &str, content_type: &'static str, body: &Bytes) -> Tape {
    let kind = http::HeaderValue::from_static(content_type);
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]);
    Tape::new(operation, MODEL, RecordedResponse::new(StatusCode::OK, &headers, body))
}

pub fn stream_tape() -> Tape {
    tape("ConverseStream", "application/vnd.amazon.eventstream", &body())
}

pub fn builder() -> ReplayBuilder {
    let whole = tape("Converse", "application/json", &ANSWER.into());
    ReplayServer::builder().tape("stream", stream_tape()).tape("whole", whole).speed(Speed::Max)
}

pub async fn server(faults: &[&str]) -> ReplayServer {
    let faults = faults.iter().map(|text| text.parse::<Fault>().unwrap());
    faults.fold(builder(), ReplayBuilder::fault).start().await.unwrap()
}

pub fn client(server: &ReplayServer) -> Client {
    Client::builder().ignore_environment().endpoint_url(server.url()).api_key(KEY).build().unwrap()
}

pub fn http(version: Version) -> reqwest::Client {
    // What reqwest needs where it has no TLS provider of its own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let builder = match version {
        Version::HTTP_2 => builder.http2_prior_knowledge(),
        _ => builder.http1_only(),
    };
    builder.build().unwrap()
}

pub async fn ask(http: &reqwest::Client, server: &ReplayServer, path: &str) -> reqwest::Response {
    let request = http.post(format!("{}{path}", server.url())).bearer_auth(KEY).body("{}");
    request.send().await.unwrap()
}

/// All that comes of a body, and whether it ended well.
pub async fn read(mut answer: reqwest::Response) -> (Bytes, bool) {
    let mut body = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            Ok(None) => return (body.into(), true),
            Err(_) => return (body.into(), false),
        }
    }
}

/// A request over a bare connection.
pub async fn raw(server: &ReplayServer, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {KEY}\r\n\
         content-length: 2\r\nconnection: close\r\n\r\n{{}}",
        server.addr()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// What comes over a bare connection, and how it ends.
pub async fn drain(mut stream: TcpStream) -> (Vec<u8>, std::io::Result<usize>) {
    let mut answer = Vec::new();
    let end = stream.read_to_end(&mut answer).await;
    (answer, end)
}

/// The control plane as any language asks it.
pub async fn control(server: &ReplayServer, path: &str, body: Option<Value>) -> (u16, Value) {
    let url = format!("{}/_bedrock-wire/{path}", server.url());
    let http = http(Version::HTTP_11);
    let request = match body {
        Some(body) => http.post(url).body(body.to_string()),
        None => http.get(url),
    };
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
}
