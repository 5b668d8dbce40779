//! The span of a call: its names and values, and what is not in it.
#![cfg(all(feature = "tracing", feature = "reqwest"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bedrock_wire::client::{
    BoxFuture, Client, ResponseBody, RetryPolicy, Transport, TransportError, TransportErrorKind,
};
use bedrock_wire::eventstream::{HeaderValue, Message as Frame};
use bedrock_wire::model::{
    ConverseRequest, ConverseStreamRequest, InvokeModelRequest, ListFoundationModelsRequest,
    Message,
};
use bedrock_wire::operation::Body;
use bytes::Bytes;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context as LayerContext, Layer, SubscriberExt};

const MODEL: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";

/// The fields of spans and events, as text.
type Fields = BTreeMap<String, String>;

#[derive(Clone, Default)]
struct Told {
    open: Arc<Mutex<HashMap<u64, Fields>>>,
    spans: Arc<Mutex<Vec<Fields>>>,
    events: Arc<Mutex<Vec<Fields>>>,
}

struct Add<'a>(&'a mut Fields);

impl Visit for Add<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

fn is_ours(metadata: &tracing::Metadata<'_>) -> bool {
    metadata.target().starts_with("bedrock_wire::client")
}

impl<S> Layer<S> for Told
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: LayerContext<'_, S>) {
        if is_ours(attributes.metadata()) {
            let mut fields = Fields::new();
            attributes.record(&mut Add(&mut fields));
            self.open.lock().unwrap().insert(id.into_u64(), fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: LayerContext<'_, S>) {
        if let Some(fields) = self.open.lock().unwrap().get_mut(&id.into_u64()) {
            values.record(&mut Add(fields));
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: LayerContext<'_, S>) {
        if is_ours(event.metadata()) {
            let mut fields = Fields::new();
            event.record(&mut Add(&mut fields));
            self.events.lock().unwrap().push(fields);
        }
    }

    fn on_close(&self, id: Id, _: LayerContext<'_, S>) {
        if let Some(fields) = self.open.lock().unwrap().remove(&id.into_u64()) {
            self.spans.lock().unwrap().push(fields);
        }
    }
}

impl Told {
    /// Told of until the guard is dropped.
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        tracing::subscriber::set_default(tracing_subscriber::registry().with(self.clone()))
    }

    /// The one span, which has ended.
    fn span(&self) -> Fields {
        assert!(self.open.lock().unwrap().is_empty(), "a span has not ended");
        let mut spans = std::mem::take(&mut *self.spans.lock().unwrap());
        assert_eq!(spans.len(), 1, "{spans:?}");
        spans.pop().unwrap()
    }
}

fn assert_has(fields: &Fields, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(fields.get(*name).map(String::as_str), Some(*value), "{name}: {fields:#?}");
    }
}

/// An answer: status, content type, error's name, pieces.
type Played = (u16, &'static str, Option<&'static str>, Vec<Bytes>);

#[derive(Clone, Debug)]
struct Script(Arc<Mutex<VecDeque<Played>>>);

impl Script {
    fn new(answers: impl IntoIterator<Item = Played>) -> Self {
        Script(Arc::new(Mutex::new(answers.into_iter().collect())))
    }

    fn client(&self) -> Client {
        Client::builder()
            .ignore_environment()
            .region("us-east-1")
            .api_key("bedrock-api-key-example")
            .retry(RetryPolicy::standard())
            .transport(self.clone())
            .build()
            .unwrap()
    }
}

impl Transport for Script {
    fn send(
        &self,
        _: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        let played = self.0.lock().unwrap().pop_front();
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let Some((status, content_type, name, pieces)) = played else {
                return Err(TransportError::new(TransportErrorKind::Request, "nothing to play"));
            };
            let mut response = http::Response::builder()
                .status(status)
                .header("content-type", content_type)
                .header("x-amzn-requestid", format!("request-{status}"));
            if let Some(name) = name {
                response = response.header("x-amzn-errortype", name);
            }
            Ok(response.body(ResponseBody::new(Pieces(pieces.into()))).unwrap())
        })
    }
}

struct Pieces(VecDeque<Bytes>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, TransportError>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(http_body::Frame::data(piece))))
    }
}

fn event(kind: &str, payload: &str) -> Bytes {
    let headers = [
        (":event-type", HeaderValue::String(kind)),
        (":message-type", HeaderValue::String("event")),
    ];
    Frame::encode(headers, payload.as_bytes()).unwrap().frame().clone()
}

const USAGE: &str = r#"{"inputTokens":10,"outputTokens":20,"totalTokens":37,"cacheReadInputTokens":4,"cacheWriteInputTokens":3}"#;

fn stream(last: bool) -> Played {
    let mut events = vec![
        event("messageStart", r#"{"role":"assistant"}"#),
        event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"SECRET-ANSWER"}}"#),
    ];
    if last {
        events.push(event("messageStop", r#"{"stopReason":"end_turn"}"#));
        let metadata = format!(r#"{{"usage":{USAGE},"metrics":{{"latencyMs":4}}}}"#);
        events.push(event("metadata", &metadata));
    }
    (200, "application/vnd.amazon.eventstream", None, events)
}

fn throttled() -> Played {
    let body = Bytes::from_static(br#"{"message":"SECRET-MESSAGE"}"#);
    (429, "application/json", Some("ThrottlingException"), vec![body])
}

fn whole() -> Played {
    let answer = format!(
        r#"{{"output":{{"message":{{"role":"assistant","content":[{{"text":"SECRET-ANSWER"}}]}}}},"stopReason":"max_tokens","usage":{USAGE}}}"#
    );
    (200, "application/json", None, vec![answer.into()])
}

fn ask() -> ConverseRequest {
    ConverseRequest::new().message(Message::user("SECRET-QUESTION"))
}

fn ask_stream() -> ConverseStreamRequest {
    ConverseStreamRequest::new().message(Message::user("SECRET-QUESTION"))
}

const USED: [(&str, &str); 4] = [
    ("gen_ai.usage.input_tokens", "17"),
    ("gen_ai.usage.output_tokens", "20"),
    ("gen_ai.usage.cache_read.input_tokens", "4"),
    ("gen_ai.usage.cache_write.input_tokens", "3"),
];

#[tokio::test(start_paused = true)]
async fn a_stream_s_span_has_who_what_how_long_and_what_it_cost() {
    let told = Told::default();
    let _guard = told.listen();
    let client = Script::new([throttled(), stream(true)]).client();
    let stream = client.converse_stream(MODEL, &ask_stream()).await.unwrap();
    stream.collect().await.unwrap();
    let span = told.span();
    let name = format!("chat {MODEL}");
    assert_has(
        &span,
        &[
            ("otel.name", &name),
            ("otel.kind", "client"),
            ("rpc.system", "aws-api"),
            ("rpc.service", "Bedrock Runtime"),
            ("rpc.method", "ConverseStream"),
            ("server.address", "bedrock-runtime.us-east-1.amazonaws.com"),
            ("gen_ai.provider.name", "aws.bedrock"),
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.request.model", MODEL),
            ("gen_ai.request.stream", "true"),
            ("gen_ai.response.finish_reasons", r#"["end_turn"]"#),
            ("http.response.status_code", "200"),
            ("http.request.resend_count", "1"),
            ("aws.request_id", "request-200"),
        ],
    );
    assert_has(&span, &USED);
    // Two attempts of 2 s, and up to 1 s between them.
    let first: f64 = span["gen_ai.response.time_to_first_chunk"].parse().unwrap();
    assert!((4.0..5.1).contains(&first), "{first}");
    assert!(!span.contains_key("error.type") && !span.contains_key("otel.status_code"));
    let events = told.events.lock().unwrap();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_has(
        &events[0],
        &[
            ("attempt", "1"),
            ("error.type", "ThrottlingException"),
            ("aws.request_id", "request-429"),
            ("message", "attempt failed"),
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn a_whole_answer_s_span_has_the_same_but_a_first_event() {
    let told = Told::default();
    let _guard = told.listen();
    Script::new([whole()]).client().converse(MODEL, &ask()).await.unwrap();
    let span = told.span();
    assert_has(
        &span,
        &[
            ("rpc.method", "Converse"),
            ("gen_ai.request.stream", "false"),
            ("gen_ai.response.finish_reasons", r#"["max_tokens"]"#),
            ("http.request.resend_count", "0"),
        ],
    );
    assert_has(&span, &USED);
    assert!(!span.contains_key("gen_ai.response.time_to_first_chunk"));
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_named() {
    let told = Told::default();
    let _guard = told.listen();
    let failed = |name| [("otel.status_code", "ERROR"), ("error.type", name)];

    let client = Script::new([throttled(), throttled(), throttled()]).client();
    client.converse(MODEL, &ask()).await.unwrap_err();
    let span = told.span();
    assert_has(&span, &failed("ThrottlingException"));
    assert_has(&span, &[("http.request.resend_count", "2"), ("aws.request_id", "request-429")]);

    let cut = Script::new([stream(false)]).client();
    let cut = cut.converse_stream(MODEL, &ask_stream()).await.unwrap();
    cut.collect().await.unwrap_err();
    assert_has(&told.span(), &failed("Incomplete"));

    Script::new([]).client().converse(MODEL, &ask()).await.unwrap_err();
    assert_has(&told.span(), &failed("Usage"));
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_asks_no_model_says_so_by_its_name() {
    let told = Told::default();
    let _guard = told.listen();
    let list = (200, "application/json", None, vec![Bytes::from_static(b"{}")]);
    let client = Script::new([list]).client();
    client.list_foundation_models(&ListFoundationModelsRequest::new()).await.unwrap();
    let span = told.span();
    assert_has(&span, &[("otel.name", "ListFoundationModels"), ("rpc.service", "Bedrock")]);
    assert!(!span.contains_key("gen_ai.operation.name"), "{span:?}");

    let client = Script::new([whole()]).client();
    client.invoke_model(MODEL, &InvokeModelRequest::new("{}")).await.unwrap();
    assert_has(&told.span(), &[("gen_ai.operation.name", "invoke_model")]);
}

#[tokio::test(start_paused = true)]
async fn nothing_that_is_asked_or_answered_is_told_and_no_key() {
    let told = Told::default();
    let _guard = told.listen();
    let client = Script::new([throttled(), stream(true), whole()]).client();
    let stream = client.converse_stream(MODEL, &ask_stream()).await.unwrap();
    stream.collect().await.unwrap();
    client.converse(MODEL, &ask()).await.unwrap();
    let all = format!("{:?} {:?}", told.spans.lock().unwrap(), told.events.lock().unwrap());
    assert!(all.contains("ThrottlingException"), "{all}");
    for secret in ["SECRET", "bedrock-api-key"] {
        assert!(!all.contains(secret), "{all}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_ends_its_span() {
    let told = Told::default();
    let _guard = told.listen();
    let client = Script::new([stream(true)]).client();
    let mut stream = client.converse_stream(MODEL, &ask_stream()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    assert_eq!(told.open.lock().unwrap().len(), 1);
    drop(stream);
    told.span();
}
