//! Whole calls through the client, over a transport that answers from memory.
#![cfg(all(feature = "client", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bedrock_wire::client::{
    BoxFuture, Client, Error, ErrorKind, Interruption, ResponseBody, Transport, TransportError,
    TransportErrorKind,
};
use bedrock_wire::eventstream::{HeaderValue, Message as Frame};
use bedrock_wire::fault::Repeat;
use bedrock_wire::model::{ConverseOutput, ConverseRequest, ConverseStreamRequest, Message};
use bedrock_wire::operation::Body;
use bytes::Bytes;

const MODEL: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";

/// What a body does next.
#[derive(Clone)]
enum Step {
    Piece(Bytes),
    Break,
}

/// Answers every request alike and keeps what was sent.
#[derive(Debug, Clone)]
struct Script {
    status: u16,
    content_type: &'static str,
    steps: Vec<Step>,
    sent: Arc<Mutex<Vec<http::Request<Body>>>>,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Step")
    }
}

impl Script {
    fn new(status: u16, content_type: &'static str, steps: impl IntoIterator<Item = Step>) -> Self {
        Script { status, content_type, steps: steps.into_iter().collect(), sent: Arc::default() }
    }

    fn events(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::new(200, "application/vnd.amazon.eventstream", steps)
    }

    fn client(&self) -> Client {
        let credentials = bedrock_wire::auth::Credentials::new(
            "AKIDEXAMPLE",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            None,
            None,
            "test",
        );
        Client::builder()
            .ignore_environment()
            .region("us-east-1")
            .credentials(credentials)
            .transport(self.clone())
            .build()
            .unwrap()
    }
}

impl Transport for Script {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        self.sent.lock().unwrap().push(request);
        let response = http::Response::builder()
            .status(self.status)
            .header("content-type", self.content_type)
            .header("x-amzn-requestid", "request-1")
            .body(ResponseBody::new(Steps(self.steps.clone().into())))
            .unwrap();
        Box::pin(async { Ok(response) })
    }
}

struct Steps(VecDeque<Step>);

impl http_body::Body for Steps {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, TransportError>>> {
        Poll::Ready(self.0.pop_front().map(|step| match step {
            Step::Piece(piece) => Ok(http_body::Frame::data(piece)),
            Step::Break => Err(TransportError::new(TransportErrorKind::Broken, "connection reset")),
        }))
    }
}

fn frame(kind: &str, payload: &str) -> Step {
    let (message_type, name) = match kind {
        exception if exception.ends_with("Exception") => ("exception", ":exception-type"),
        _ => ("event", ":event-type"),
    };
    let headers =
        [(name, HeaderValue::String(kind)), (":message-type", HeaderValue::String(message_type))];
    Step::Piece(Frame::encode(headers, payload.as_bytes()).unwrap().frame().clone())
}

fn hello() -> Vec<Step> {
    vec![
        frame("messageStart", r#"{"role":"assistant"}"#),
        frame("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hel"}}"#),
        frame("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"lo"}}"#),
        frame("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        frame("messageStop", r#"{"stopReason":"end_turn"}"#),
        frame(
            "metadata",
            r#"{"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":4}}"#,
        ),
    ]
}

fn ask() -> ConverseStreamRequest {
    ConverseStreamRequest::new().messages([Message::user("hi")])
}

fn text_of(output: &ConverseOutput) -> String {
    serde_json::to_value(output).unwrap()["message"]["content"][0]["text"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_stream_hands_out_its_events_and_collects_to_the_response() {
    let script = Script::events(hello());
    let mut stream = script.client().converse_stream(MODEL, &ask()).await.unwrap();
    assert_eq!(stream.request_id(), Some("request-1"));
    let mut text = String::new();
    while let Some(event) = stream.next().await {
        text.extend(event.unwrap().text().map(|piece| piece.as_str().to_owned()));
    }
    assert_eq!(text, "Hello");
    assert!(stream.next().await.is_none(), "a stream that ended stays ended");

    let accumulated =
        script.client().converse_stream(MODEL, &ask()).await.unwrap().collect().await.unwrap();
    assert_eq!(text_of(&accumulated.response.output), "Hello");
    assert_eq!(accumulated.response.usage.unwrap().total_tokens, 3);
}

#[tokio::test]
async fn the_request_goes_out_signed_with_its_model_in_one_segment() {
    let script = Script::events(hello());
    script.client().converse_stream(MODEL, &ask()).await.unwrap();
    let sent = script.sent.lock().unwrap();
    assert_eq!(
        sent[0].uri(),
        "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream"
    );
    assert_eq!(sent[0].headers()["accept"], "application/vnd.amazon.eventstream");
    let authorization = &sent[0].headers()["authorization"];
    assert!(authorization.is_sensitive());
    assert!(
        authorization
            .to_str()
            .unwrap()
            .contains("SignedHeaders=accept;content-type;host;x-amz-date,")
    );
    assert_eq!(
        sent[0].body().to_bytes(),
        r#"{"messages":[{"role":"user","content":[{"text":"hi"}]}]}"#
    );
}

#[tokio::test]
async fn a_stream_that_breaks_is_incomplete_with_what_it_had_said() {
    let mut steps = hello();
    steps.truncate(2);
    steps.push(Step::Break);
    let error = Script::events(steps)
        .client()
        .converse_stream(MODEL, &ask())
        .await
        .unwrap()
        .collect()
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.repeat()), (ErrorKind::Incomplete, Repeat::CostsAgain));
    assert_eq!(error.request_id(), Some("request-1"));
    let Error::Incomplete(incomplete) = error else { panic!("{error}") };
    assert!(
        matches!(incomplete.how, Interruption::Transport { events: 2, .. }),
        "{}",
        incomplete.how
    );
    assert_eq!(text_of(&incomplete.so_far.response.output), "Hel");
    assert!(!incomplete.so_far.stopped);
}

#[tokio::test]
async fn a_stream_without_message_stop_or_cut_in_a_frame_is_never_a_clean_end() {
    for cut_in_frame in [false, true] {
        let mut steps = hello();
        steps.truncate(4);
        if cut_in_frame {
            steps.push(Step::Piece(Bytes::from_static(&[0, 0, 0])));
        }
        let mut stream =
            Script::events(steps).client().converse_stream(MODEL, &ask()).await.unwrap();
        let mut last = None;
        while let Some(event) = stream.next().await {
            last = Some(event);
        }
        let error = last.unwrap().unwrap_err();
        assert_eq!(
            (error.kind(), error.repeat()),
            (ErrorKind::Incomplete, Repeat::CostsAgain),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_exception_in_a_stream_is_the_services_error_with_the_requests_id() {
    let mut steps = hello();
    steps.truncate(1);
    steps.push(frame("throttlingException", r#"{"message":"slow down"}"#));
    let mut stream = Script::events(steps).client().converse_stream(MODEL, &ask()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.repeat()), (ErrorKind::Throttled, Repeat::CostsAgain));
    let service = error.service_error().unwrap();
    assert_eq!(service.message.as_deref(), Some("slow down"));
    assert_eq!((error.request_id(), error.status()), (Some("request-1"), Some(200)));
    assert_eq!(&error.raw().unwrap()[..], br#"{"message":"slow down"}"#);
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn json_in_place_of_a_stream_is_read_as_an_error_and_not_as_frames() {
    let body = Step::Piece(Bytes::from_static(br#"{"message":"from a proxy"}"#));
    for status in [200, 503] {
        let script = Script::new(status, "application/json", [body.clone()]);
        let error = script.client().converse_stream(MODEL, &ask()).await.unwrap_err();
        let service = error.service_error().unwrap();
        assert_eq!((service.status, service.message.as_deref()), (status, Some("from a proxy")));
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_keeps_its_bytes_and_says_where() {
    let body = Step::Piece(Bytes::from_static(br#"{"output":{"message":{"role":"assistant"}}}"#));
    let script = Script::new(200, "application/json", [body]);
    let input = ConverseRequest::new().messages([Message::user("hi")]);
    let error = script.client().converse(MODEL, &input).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("Message lacks its required member `content`"), "{error}");
    assert!(error.raw().unwrap().starts_with(b"{\"output\""));
}

#[tokio::test]
async fn what_cannot_be_sent_safely_is_refused_before_anything_is_sent() {
    let script = Script::events([]);
    for model in ["", ".", ".."] {
        let error = script.client().converse_stream(model, &ask()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{model}: {error}");
    }
    assert!(script.sent.lock().unwrap().is_empty());
    let refused = [
        Client::builder().endpoint_url("http://bedrock.example"),
        Client::builder().region("us-east-1.evil.com/"),
        Client::builder().region("us-east-1").api_key("two\nlines"),
        Client::builder().region("us-east-1").api_key(""),
        Client::builder(),
    ];
    for builder in refused {
        let error = builder.ignore_environment().transport(script.clone()).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    }
}
