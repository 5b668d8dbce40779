//! The span of a call: its names and values, and what is not in it.
#![cfg(all(feature = "tracing", feature = "reqwest"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod played;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bedrock_wire::client::{
    BoxFuture, Client, ResponseBody, RetryPolicy, Transport, TransportError, TransportErrorKind,
};
use bedrock_wire::model::{
    ConverseRequest, ConverseStreamRequest, InvokeModelRequest, ListFoundationModelsRequest,
    Message,
};
use bedrock_wire::operation::{Body, ModelId, converse, converse_stream};
use played::{Played, Script, Step, frame, message_start, message_stop, text};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

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
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        if is_ours(attributes.metadata()) {
            let mut fields = Fields::new();
            attributes.record(&mut Add(&mut fields));
            self.open.lock().unwrap().insert(id.into_u64(), fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        if let Some(fields) = self.open.lock().unwrap().get_mut(&id.into_u64()) {
            values.record(&mut Add(fields));
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if is_ours(event.metadata()) {
            let mut fields = Fields::new();
            event.record(&mut Add(&mut fields));
            self.events.lock().unwrap().push(fields);
        }
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
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

/// A client of answers that take two seconds each.
fn answering(answers: impl IntoIterator<Item = Played>) -> Client {
    let late = |played: Played| played.head_after(Duration::from_secs(2));
    let script = Script::new(answers.into_iter().map(late));
    script.builder().retry(RetryPolicy::standard()).build().unwrap()
}

const USAGE: &str = r#"{"inputTokens":10,"outputTokens":20,"totalTokens":37,"cacheReadInputTokens":4,"cacheWriteInputTokens":3}"#;

fn stream(last: bool) -> Played {
    let mut events = vec![message_start(), text("SECRET-ANSWER")];
    if last {
        let metadata = format!(r#"{{"usage":{USAGE},"metrics":{{"latencyMs":4}}}}"#);
        events.extend([message_stop(), frame("metadata", metadata)]);
    }
    Played::stream(events)
}

fn throttled() -> Played {
    let refusal = Played::refusal(429, "ThrottlingException", "SECRET-MESSAGE");
    refusal.header("x-amzn-requestid", "request-429")
}

fn whole() -> Played {
    let answer = format!(
        r#"{{"output":{{"message":{{"role":"assistant","content":[{{"text":"SECRET-ANSWER"}}]}}}},"stopReason":"max_tokens","usage":{USAGE}}}"#
    );
    Played::json(200, answer)
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
    let client = answering([throttled(), stream(true)]);
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
            ("aws.request_id", "request-1"),
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
    answering([whole()]).converse(MODEL, &ask()).await.unwrap();
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

    let client = answering([throttled(), throttled(), throttled()]);
    client.converse(MODEL, &ask()).await.unwrap_err();
    let span = told.span();
    assert_has(&span, &failed("ThrottlingException"));
    assert_has(&span, &[("http.request.resend_count", "2"), ("aws.request_id", "request-429")]);

    let cut = answering([stream(false)]);
    let cut = cut.converse_stream(MODEL, &ask_stream()).await.unwrap();
    cut.collect().await.unwrap_err();
    assert_has(&told.span(), &failed("Incomplete"));

    let mut unsendable = whole();
    unsendable.fails = Some(TransportErrorKind::Request);
    answering([unsendable]).converse(MODEL, &ask()).await.unwrap_err();
    assert_has(&told.span(), &failed("Usage"));
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_asks_no_model_says_so_by_its_name() {
    let told = Told::default();
    let _guard = told.listen();
    let list = Played::json(200, "{}");
    let client = answering([list]);
    client.list_foundation_models(&ListFoundationModelsRequest::new()).await.unwrap();
    let span = told.span();
    assert_has(&span, &[("otel.name", "ListFoundationModels"), ("rpc.service", "Bedrock")]);
    assert!(!span.contains_key("gen_ai.operation.name"), "{span:?}");

    let client = answering([whole()]);
    client.invoke_model(MODEL, &InvokeModelRequest::new("{}")).await.unwrap();
    assert_has(&told.span(), &[("gen_ai.operation.name", "invoke_model")]);
}

#[tokio::test(start_paused = true)]
async fn nothing_that_is_asked_or_answered_is_told_and_no_key() {
    let told = Told::default();
    let _guard = told.listen();
    let client = answering([throttled(), stream(true), whole()]);
    let stream = client.converse_stream(MODEL, &ask_stream()).await.unwrap();
    stream.collect().await.unwrap();
    client.converse(MODEL, &ask()).await.unwrap();
    let all = format!("{:?} {:?}", told.spans.lock().unwrap(), told.events.lock().unwrap());
    assert!(all.contains("ThrottlingException"), "{all}");
    for secret in ["SECRET", "bedrock-api-key"] {
        assert!(!all.contains(secret), "{all}");
    }
}

const CANCELLED: [(&str, &str); 2] = [("otel.status_code", "ERROR"), ("error.type", "Cancelled")];

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_ends_its_span_and_says_so() {
    let told = Told::default();
    let _guard = told.listen();
    let client = answering([stream(true)]);
    let mut stream = client.converse_stream(MODEL, &ask_stream()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    assert_eq!(told.open.lock().unwrap().len(), 1);
    drop(stream);
    assert_has(&told.span(), &CANCELLED);

    let stream = client.converse_stream(MODEL, &ask_stream()).await.unwrap();
    stream.collect_until(std::future::ready(())).await.unwrap_err();
    assert_has(&told.span(), &CANCELLED);

    let short = Duration::from_secs(1);
    let input = ask_stream();
    let call = client.converse_stream(MODEL, &input);
    tokio::time::timeout(short, call).await.unwrap_err();
    assert_has(&told.span(), &CANCELLED);

    let slow = Played::new(200, played::JSON, [Step::Hang]);
    let (client, input) = (answering([slow]), ask());
    let call = client.converse(MODEL, &input);
    tokio::time::timeout(3 * short, call).await.unwrap_err();
    let span = told.span();
    assert_has(&span, &CANCELLED);
    assert_has(&span, &[("aws.request_id", "request-1")]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_behind_its_stop_was_not_given_up() {
    let told = Told::default();
    let _guard = told.listen();
    let client = answering([stream(true)]);
    let mut stream = client.converse_stream(MODEL, &ask_stream()).await.unwrap();
    while !stream.is_stopped() {
        stream.next().await.unwrap().unwrap();
    }
    drop(stream);
    assert!(!told.span().contains_key("error.type"));
}

/// The body of the answer to a request that is built and sent by its caller.
async fn send(client: &Client) -> ResponseBody {
    let model = ModelId::new(MODEL).unwrap();
    let request = converse_stream::build(&client.endpoint().unwrap(), &model, &ask_stream());
    client.send(request.unwrap()).await.unwrap().into_body()
}

#[tokio::test(start_paused = true)]
async fn a_body_that_its_caller_reads_ends_the_span_by_how_it_was_read() {
    let told = Told::default();
    let _guard = told.listen();
    let client = answering([stream(true)]);
    let mut body = send(&client).await;
    body.next().await.unwrap().unwrap();
    drop(body);
    assert_has(&told.span(), &CANCELLED);

    let mut body = send(&client).await;
    while let Some(piece) = body.next().await {
        piece.unwrap();
    }
    drop(body);
    assert!(!told.span().contains_key("error.type"));

    let broken = [Step::from(message_start()), Step::Fail(TransportErrorKind::Broken)];
    let client = answering([Played::stream(broken)]).with_retry(RetryPolicy::none());
    send(&client).await.collect(usize::MAX).await.unwrap_err();
    let failed = [("otel.status_code", "ERROR"), ("error.type", "Network")];
    assert_has(&told.span(), &failed);

    let client = answering([stream(true)]);
    send(&client).await.collect(10).await.unwrap_err();
    assert_has(&told.span(), &[("error.type", "Corrupt")]);

    // Some bodies show their end; behind it nobody need ask again.
    let model = ModelId::new(MODEL).unwrap();
    for (answer, pieces) in [(whole(), 1), (Played::new(200, played::JSON, Vec::<Step>::new()), 0)]
    {
        let client = answering([Played { shows_its_end: true, ..answer }]);
        let request = converse::build(&client.endpoint().unwrap(), &model, &ask()).unwrap();
        let mut body = client.send(request).await.unwrap().into_body();
        for _ in 0..pieces {
            body.next().await.unwrap().unwrap();
        }
        drop(body);
        assert!(!told.span().contains_key("error.type"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_its_caller_reads_or_not_is_named() {
    let told = Told::default();
    let _guard = told.listen();
    let mut exception = stream(true);
    exception.steps.insert(0, frame("throttlingException", r#"{"message":"SECRET"}"#).into());
    for answer in [throttled(), exception] {
        let client = answering([answer]).with_retry(RetryPolicy::none());
        for is_read in [true, false] {
            let body = send(&client).await;
            if is_read {
                body.collect(usize::MAX).await.unwrap();
            } else {
                drop(body);
            }
            let span = told.span();
            assert_has(&span, &[("otel.status_code", "ERROR")]);
            assert!(span["error.type"].ends_with("hrottlingException"), "{span:?}");
        }
    }
}

/// In which span each event of this file's happens.
#[derive(Clone, Default)]
struct Parents(Arc<Mutex<Vec<Option<&'static str>>>>);

impl<S> Layer<S> for Parents
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() == module_path!() {
            self.0.lock().unwrap().push(context.event_span(event).map(|span| span.name()));
        }
    }
}

/// A transport without an answer, which says when it is given up.
#[derive(Debug)]
struct Stuck;

struct GivenUp;

impl Drop for GivenUp {
    fn drop(&mut self) {
        tracing::info!("given up");
    }
}

impl Transport for Stuck {
    fn send(
        &self,
        _: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin(async {
            let _given_up = GivenUp;
            std::future::pending().await
        })
    }
}

#[test]
fn what_a_transport_says_as_its_call_is_given_up_is_in_the_span() {
    let parents = Parents::default();
    let subscriber = tracing_subscriber::registry().with(parents.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let builder = Client::builder().ignore_environment().region("us-east-1").api_key("EXAMPLE");
    let client = builder.transport(Stuck).build().unwrap();
    let request = ConverseRequest::new();
    let mut call = Box::pin(client.converse(MODEL, &request));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(call.as_mut().poll(&mut context).is_pending());
    drop(call);
    assert_eq!(*parents.0.lock().unwrap(), [Some("bedrock")]);
}
