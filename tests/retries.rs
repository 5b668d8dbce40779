//! What is sent again and what is not, counted at a server.
#![cfg(all(feature = "reqwest", feature = "replay", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod played;

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::provider::future;
use bedrock_wire::auth::verify::{AccessKey, Verifier};
use bedrock_wire::auth::{Credentials, ProvideCredentials};
use bedrock_wire::client::{Client, ClientBuilder, Error, ErrorKind, RetryPolicy};
use bedrock_wire::fault::Repeat;
use bedrock_wire::model::{ConverseRequest, ConverseStreamRequest, InvokeModelRequest, Message};
use bedrock_wire::serve::{Call, Reply, Server};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use played::{EVENT_STREAM, Played, Script, frame, message_start, message_stop, text};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE";
const ANSWER: &str = r#"{"output":{"message":{"role":"assistant","content":[{"text":"hello"}]}}}"#;

/// A server that verifies each signature, answers what it is told in turn, the
/// last for ever, and keeps the headers of what it is asked.
struct Scripted {
    server: Server,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    asked: Arc<Mutex<Vec<HeaderMap>>>,
}

impl Scripted {
    async fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies = Arc::new(Mutex::new(VecDeque::from_iter(replies)));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (headers, script) = (Arc::clone(&asked), Arc::clone(&replies));
        let key = || AccessKey::new("AKIDEXAMPLE", SECRET);
        let verifier = Verifier::new().access_key(key()).access_key(key().session_token(TOKEN));
        let server = Server::builder(verifier)
            .start(move |call: &Call| {
                headers.lock().unwrap().push(call.headers.clone());
                let mut replies = script.lock().unwrap();
                if replies.len() > 1 { replies.pop_front().unwrap() } else { replies[0].clone() }
            })
            .await
            .unwrap();
        Scripted { server, replies, asked }
    }

    /// From the start, with other answers.
    fn play(&self, replies: impl IntoIterator<Item = Reply>) {
        *self.replies.lock().unwrap() = VecDeque::from_iter(replies);
        self.asked.lock().unwrap().clear();
    }

    /// A client that does not wait, so that a test is done at once.
    fn builder(&self) -> ClientBuilder {
        Client::builder()
            .ignore_environment()
            .region("us-east-1")
            .endpoint_url(self.server.url())
            .credentials(Credentials::new("AKIDEXAMPLE", SECRET, None, None, "test"))
            .retry(at_once())
    }

    fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// The values of a header in all that was asked.
    fn sent(&self, name: &str) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|headers| headers[name].to_str().unwrap().to_owned()).collect()
    }
}

fn at_once() -> RetryPolicy {
    RetryPolicy::standard().base_delay(Duration::ZERO).throttling_base_delay(Duration::ZERO)
}

fn with_headers(mut reply: Reply, headers: &[(&'static str, &'static str)]) -> Reply {
    for (name, value) in headers {
        reply.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    reply
}

fn refusal(status: u16, name: &'static str, message: &str) -> Reply {
    let body = serde_json::json!({ "message": message }).to_string();
    let reply = Reply::whole(StatusCode::from_u16(status).unwrap(), body);
    with_headers(reply, &[("content-type", "application/json"), ("x-amzn-errortype", name)])
}

fn throttled() -> Reply {
    refusal(429, "ThrottlingException", "Too many requests, please wait before trying again.")
}

fn whole() -> Reply {
    with_headers(Reply::whole(StatusCode::OK, ANSWER), &[("content-type", "application/json")])
}

fn hello() -> Vec<Bytes> {
    vec![message_start(), text("hello"), message_stop()]
}

fn stream(pieces: Vec<Bytes>, cut: bool) -> Reply {
    let pieces = pieces.into_iter().map(|piece| (Duration::ZERO, piece)).collect();
    let mut reply = Reply::timed(StatusCode::OK, pieces);
    reply.cut = cut;
    with_headers(reply, &[("content-type", EVENT_STREAM)])
}

fn ask() -> ConverseRequest {
    ConverseRequest::new().message(Message::user("hi"))
}

fn ask_stream() -> ConverseStreamRequest {
    ConverseStreamRequest::new().message(Message::user("hi"))
}

#[tokio::test]
async fn what_may_go_well_the_next_time_is_sent_again_and_signed_anew() {
    let server = Scripted::new([]).await;
    let client = server.client();
    for failure in [
        throttled(),
        refusal(500, "InternalServerException", "m"),
        refusal(503, "ServiceUnavailableException", "Model is getting throttled."),
        refusal(429, "ModelNotReadyException", "m"),
        Reply::whole(StatusCode::BAD_GATEWAY, "<html>"),
        Reply::whole(StatusCode::GATEWAY_TIMEOUT, ""),
    ] {
        server.play([failure.clone(), failure, whole()]);
        client.converse("m", &ask()).await.unwrap();
        assert_eq!(
            server.sent("amz-sdk-request"),
            ["attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3"]
        );
        let signatures: HashSet<_> = server.sent("authorization").into_iter().collect();
        assert_eq!(signatures.len(), 3, "each attempt has a signature of its own");
        let invocations: HashSet<_> = server.sent("amz-sdk-invocation-id").into_iter().collect();
        assert_eq!(invocations.len(), 1, "all of them are one call");
    }
}

/// Credentials of a session the first time, and lasting ones after that.
#[derive(Debug, Default)]
struct Rotating(AtomicUsize);

impl ProvideCredentials for Rotating {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let is_first = self.0.fetch_add(1, Ordering::Relaxed) == 0;
        let token = is_first.then(|| TOKEN.to_owned());
        let credentials = Credentials::new("AKIDEXAMPLE", SECRET, token, None, "test");
        future::ProvideCredentials::ready(Ok(credentials))
    }
}

#[tokio::test]
async fn nothing_of_the_last_attempt_s_proof_stays_where_the_credentials_change() {
    let server = Scripted::new([throttled(), whole()]).await;
    let client = server.builder().credentials(Rotating::default()).build().unwrap();
    client.converse("m", &ask()).await.unwrap();
    let asked = server.asked.lock().unwrap();
    let tokens: Vec<_> = asked.iter().map(|sent| sent.get("x-amz-security-token")).collect();
    assert_eq!(tokens, [Some(&HeaderValue::from_static(TOKEN)), None]);
}

#[tokio::test]
async fn the_last_attempt_s_error_is_the_call_s() {
    let server = Scripted::new([throttled()]).await;
    let error = server.client().converse("m", &ask()).await.unwrap_err();
    assert_eq!((server.asked(), error.kind()), (3, ErrorKind::Throttled));
    let service = error.service_error().unwrap();
    assert!(service.raw.starts_with(b"{\"message\":\"Too many requests"), "{error}");
    assert_eq!(error.repeat(), Repeat::After(Duration::ZERO));
}

#[tokio::test]
async fn what_would_fail_again_is_asked_once() {
    let server = Scripted::new([]).await;
    let client = server.client();
    for failure in [
        refusal(
            429,
            "ThrottlingException",
            "Too many tokens per day, please wait before trying again.",
        ),
        refusal(400, "ValidationException", "m"),
        refusal(400, "ServiceQuotaExceededException", "m"),
        refusal(403, "AccessDeniedException", "m"),
        refusal(403, "ExpiredTokenException", "m"),
        refusal(404, "ResourceNotFoundException", "m"),
        refusal(408, "ModelTimeoutException", "m"),
        refusal(424, "ModelErrorException", "m"),
        Reply::whole(StatusCode::OK, "not JSON"),
    ] {
        server.play([failure]);
        let error = client.converse("m", &ask()).await.unwrap_err();
        assert_eq!((server.asked(), error.repeat()), (1, Repeat::No), "{error}");
    }
}

#[tokio::test]
async fn a_stream_is_asked_for_again_until_its_first_event_and_not_behind_it() {
    let server = Scripted::new([]).await;
    let client = server.client();
    let exception = |name| frame(name, r#"{"message":"m"}"#);
    let first = hello()[0].clone();
    let mut damaged = first.to_vec();
    damaged[20] ^= 1;
    let damaged = Bytes::from(damaged);
    let unreadable = frame("messageStart", r#"{"role":1}"#);
    for (reply, asked) in [
        (stream(vec![exception("throttlingException")], false), 3),
        (stream(vec![exception("internalServerException")], false), 3),
        (stream(vec![exception("validationException")], false), 1),
        (stream(vec![exception("modelStreamErrorException")], false), 1),
        (stream(vec![], true), 3),
        (stream(vec![], false), 3),
        (stream(vec![first.slice(..11)], true), 3),
        (stream(vec![first.slice(..first.len() - 1)], false), 3),
        (stream(vec![damaged.clone()], false), 3),
        (stream(vec![first.clone(), damaged], false), 1),
        (stream(vec![unreadable], false), 1),
        (stream(vec![first.clone()], true), 1),
        (stream(vec![first.clone()], false), 1),
        (stream(vec![first.clone(), exception("throttlingException")], false), 1),
        (stream(vec![first.clone(), first.slice(..11)], true), 1),
    ] {
        server.play([reply]);
        let error = match client.converse_stream("m", &ask_stream()).await {
            Ok(stream) => stream.collect().await.unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(server.asked(), asked, "{error}");
    }
}

#[tokio::test]
async fn a_stream_that_went_well_the_second_time_is_whole() {
    let server = Scripted::new([]).await;
    let client = server.client();
    let exception = frame("throttlingException", r#"{"message":"m"}"#);
    let failures =
        [stream(vec![exception], false), stream(vec![hello()[0].slice(..20)], true), throttled()];
    for failure in failures {
        server.play([failure, stream(hello(), false)]);
        let answer = client.converse_stream("m", &ask_stream()).await.unwrap();
        let answer = answer.collect().await.unwrap();
        assert_eq!((server.asked(), answer.stopped), (2, true));
        let text = serde_json::to_value(&answer.response.output).unwrap();
        assert_eq!(text["message"]["content"][0]["text"], "hello");
    }
    let chunk = frame("chunk", r#"{"bytes":"e30="}"#);
    server.play([stream(vec![], false), stream(vec![chunk], false)]);
    let input = InvokeModelRequest::new("{}");
    let mut chunks = client.invoke_model_with_response_stream("m", &input).await.unwrap();
    chunks.next().await.unwrap().unwrap();
    assert!(chunks.next().await.is_none());
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_head_is_made_anew() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        for _ in 0..2 {
            let (mut socket, _) = listener.accept().await.unwrap();
            assert_ne!(socket.read(&mut [0; 64]).await.unwrap(), 0);
        }
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        while !asked.ends_with(b"]}") {
            assert_ne!(socket.read_buf(&mut asked).await.unwrap(), 0);
        }
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            ANSWER.len()
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(ANSWER.as_bytes()).await.unwrap();
        String::from_utf8(asked).unwrap()
    });
    let scripted = Scripted::new([whole()]).await;
    scripted.builder().endpoint_url(url).build().unwrap().converse("m", &ask()).await.unwrap();
    let asked = server.await.unwrap();
    assert!(asked.contains("amz-sdk-request: attempt=3; max=3\r\n"), "{asked}");
}

#[tokio::test]
async fn retries_can_be_off_for_a_client_or_a_clone_and_be_more() {
    let server = Scripted::new([throttled()]).await;
    let off = server.builder().no_retries().build().unwrap();
    off.converse("m", &ask()).await.unwrap_err();
    assert_eq!(server.sent("amz-sdk-request"), ["attempt=1; max=1"]);
    let more = server
        .client()
        .with_retry(RetryPolicy::standard().max_attempts(5).throttling_base_delay(Duration::ZERO));
    more.converse("m", &ask()).await.unwrap_err();
    assert_eq!(server.asked(), 1 + 5);
    more.with_retry(RetryPolicy::none()).converse("m", &ask()).await.unwrap_err();
    assert_eq!(server.asked(), 1 + 5 + 1);
}

#[tokio::test]
async fn a_storm_gets_as_many_retries_as_the_bucket_has_for_all_clones_together() {
    const CALLS: usize = 500;
    for (reply, retries) in
        [(throttled(), 500 / 5), (refusal(500, "InternalServerException", "m"), 500 / 14)]
    {
        let server = Scripted::new([reply]).await;
        let client = server.client();
        let calls = (0..CALLS).map(|i| {
            let client = if i % 2 == 0 { client.clone() } else { client.with_retry(at_once()) };
            tokio::spawn(async move { client.converse("m", &ask()).await.map(drop) })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap().unwrap_err();
        }
        assert_eq!(server.asked(), CALLS + retries);
        let journal = server.server.journal();
        let requests = journal.requests();
        assert_eq!((requests.len(), journal.dropped()), (CALLS + retries, 0));
        let attempts = requests.iter().map(|entry| entry.headers["amz-sdk-request"].as_str());
        let again = attempts.filter(|attempt| !attempt.starts_with("attempt=1;")).count();
        assert_eq!(again, retries, "what the server has in its journal");
    }
}

/// What a hook saw of an attempt.
#[derive(Debug, PartialEq)]
struct Seen {
    number: u32,
    kind: Option<ErrorKind>,
    has_id: bool,
    delay: Option<Duration>,
}

#[tokio::test(start_paused = true)]
async fn a_hook_sees_each_attempt_and_the_wait_behind_it_is_what_the_service_asks_for() {
    let asked = |milliseconds| {
        let mut reply = throttled();
        let value = HeaderValue::from_static(milliseconds);
        reply.headers.insert("x-amz-retry-after", value);
        reply
    };
    let server = Scripted::new([asked("2000"), asked("3500"), whole()]).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&seen);
    let standard = server.builder().retry(RetryPolicy::standard()).on_attempt(move |attempt| {
        hook.lock().unwrap().push(Seen {
            number: attempt.number,
            kind: attempt.error.map(Error::kind),
            has_id: attempt.request_id.is_some(),
            delay: attempt.delay,
        });
    });
    let began = tokio::time::Instant::now();
    standard.build().unwrap().converse("m", &ask()).await.unwrap();
    let seen = seen.lock().unwrap();
    let throttled = |number, milliseconds| Seen {
        number,
        kind: Some(ErrorKind::Throttled),
        has_id: true,
        delay: Some(Duration::from_millis(milliseconds)),
    };
    let last = Seen { number: 3, kind: None, has_id: true, delay: None };
    assert_eq!(*seen, [throttled(1, 2000), throttled(2, 3500), last]);
    let waited = began.elapsed();
    assert!(waited >= Duration::from_millis(5500), "{waited:?}");
}

#[tokio::test]
async fn the_body_of_the_last_error_is_whole_though_it_was_looked_at() {
    use bedrock_wire::operation::{ModelId, converse};

    let long = "x".repeat(3 << 20);
    let server = Scripted::new([Reply::whole(StatusCode::SERVICE_UNAVAILABLE, long.clone())]).await;
    let client = server.client();
    let request =
        converse::build(&client.endpoint().unwrap(), &ModelId::new("m").unwrap(), &ask()).unwrap();
    let response = client.send(request).await.unwrap();
    assert_eq!((server.asked(), response.status().as_u16()), (3, 503));
    let body = response.into_body().collect(4 << 20).await.unwrap();
    assert_eq!(body.len(), long.len());
}

#[test]
fn off_tokio_nothing_waits_so_nothing_is_sent_again_and_nothing_panics() {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    let script = Script::new([Played::json(429, "{}")]);
    let client = Client::builder()
        .ignore_environment()
        .region("us-east-1")
        .api_key("bedrock-api-key-example")
        .transport(script.clone())
        .build()
        .unwrap();
    let input = ask();
    let mut call = pin!(client.converse("m", &input));
    let Poll::Ready(answer) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("there is nothing to wait for")
    };
    assert_eq!((answer.unwrap_err().kind(), script.asked()), (ErrorKind::Throttled, 1));
}
