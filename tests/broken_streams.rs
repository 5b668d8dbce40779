//! Streams that end in any other way than in full: which way it was, what is
//! kept of them, and what becomes of the connection.
#![cfg(all(feature = "reqwest", feature = "replay"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod played;

use std::collections::VecDeque;
use std::future::ready;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bedrock_wire::auth::verify::Verifier;
use bedrock_wire::client::{
    BoxFuture, Client, ClientBuilder, ConverseStream, Ending, Error, ErrorKind, Incomplete,
    ResponseBody, Transport, TransportError, TransportErrorKind,
};
use bedrock_wire::fault::Repeat;
use bedrock_wire::model::{ConverseStreamRequest, Message};
use bedrock_wire::operation::{Body, ModelId, converse_stream};
use bedrock_wire::serve::{Answer, Answering, Call, Ended, Handler, LiveBody, Reply, Server};
use bedrock_wire::stream::Accumulator;
use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use played::{EVENT_STREAM, Played, Script, Step, frame, message_start, text};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Text, then a tool call whose input is not there in full.
fn half_an_answer() -> Vec<Bytes> {
    let tool = json!({"toolUse": {"toolUseId": "t1", "name": "get_weather"}});
    let input = json!({"toolUse": {"input": "{\"city\": \"Par"}});
    vec![
        message_start(),
        text("Let me "),
        text("look."),
        frame("contentBlockStop", json!({"contentBlockIndex": 0})),
        frame("contentBlockStart", json!({"contentBlockIndex": 1, "start": tool})),
        frame("contentBlockDelta", json!({"contentBlockIndex": 1, "delta": input})),
    ]
}

fn ask() -> ConverseStreamRequest {
    ConverseStreamRequest::new().message(Message::user("hi"))
}

fn after_half_an_answer(last: Step) -> Played {
    Played::stream(half_an_answer().into_iter().map(Step::Piece).chain([last]))
}

async fn asked(played: Played) -> ConverseStream {
    let client = Script::new([played]).builder().build().unwrap();
    client.converse_stream("m", &ask()).await.unwrap()
}

fn builder() -> ClientBuilder {
    Client::builder().ignore_environment().api_key("bedrock-api-key-example")
}

fn stream_of<B>(body: B) -> http::Response<B> {
    http::Response::builder()
        .header("content-type", EVENT_STREAM)
        .header("x-amzn-requestid", "request-1")
        .body(body)
        .unwrap()
}

fn corrupt() -> Bytes {
    let mut frame = text("corrupt").to_vec();
    *frame.last_mut().unwrap() ^= 1;
    frame.into()
}

fn assert_half_an_answer(incomplete: &Incomplete) {
    assert_eq!(incomplete.request_id(), Some("request-1"));
    assert_eq!(incomplete.repeat(), Repeat::CostsAgain, "{incomplete}");
    assert_eq!(incomplete.usage(), None, "it comes last");
    let so_far = &incomplete.so_far;
    let output = serde_json::to_value(&so_far.response.output).unwrap();
    assert_eq!(
        output["message"]["content"],
        json!([
            {"text": "Let me look."},
            {"toolUse": {"toolUseId": "t1", "name": "get_weather", "input": "{\"city\": \"Par"}}
        ])
    );
    assert!(!so_far.stopped);
    assert_eq!((&so_far.malformed_inputs[..], &so_far.unfinished_blocks[..]), (&[1][..], &[1][..]));
}

#[tokio::test(start_paused = true)]
async fn each_way_a_stream_can_end_is_told_with_all_that_came() {
    let exception = frame("modelStreamErrorException", json!({"message": "m"}));
    let throttled = frame("throttlingException", json!({"message": "m"}));
    for (last, ending, kind) in [
        (Step::Fail(TransportErrorKind::Broken), Ending::Cut, ErrorKind::Incomplete),
        (Step::Piece(text("cut").slice(..30)), Ending::Cut, ErrorKind::Incomplete),
        (Step::Hang, Ending::Stalled, ErrorKind::Timeout),
        (Step::Piece(throttled), Ending::Exception, ErrorKind::Throttled),
        (Step::Piece(corrupt()), Ending::Corrupt, ErrorKind::Corrupt),
    ] {
        let stream = asked(after_half_an_answer(last)).await;
        let error = stream.collect().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        let Error::Incomplete(incomplete) = error else { panic!("{error}") };
        assert_eq!((incomplete.ending(), incomplete.how.events()), (ending, 6), "{incomplete}");
        assert_half_an_answer(&incomplete);
    }
    // The model broke off: the same request may well do so again.
    let stream = asked(after_half_an_answer(Step::Piece(exception))).await;
    let error = stream.collect().await.unwrap_err();
    assert_eq!((error.kind(), error.repeat()), (ErrorKind::Service, Repeat::No));
    assert_eq!(error.interruption().unwrap().ending(), Ending::Exception);
}

#[tokio::test(start_paused = true)]
async fn a_collection_can_be_stopped_and_keeps_what_came() {
    let stream = asked(after_half_an_answer(Step::Hang)).await;
    let stop = tokio::time::sleep(Duration::from_secs(9));
    let error = stream.collect_until(stop).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert!(error.to_string().starts_with("cancelled (after 6 events"), "{error}");
    let Error::Incomplete(incomplete) = error else { panic!("{error}") };
    assert_eq!(incomplete.ending(), Ending::Cancelled);
    assert_half_an_answer(&incomplete);

    let at_once = asked(Played::stream([message_start()])).await;
    let error = at_once.collect_until(ready(())).await.unwrap_err();
    assert_eq!(error.interruption().unwrap().events(), 0);
    let Error::Incomplete(incomplete) = error else { panic!("{error}") };
    assert_eq!(incomplete.held.concat(), message_start(), "what was looked at is not lost");
    assert!(!format!("{incomplete:?}").contains("assistant"), "how much came, and not what");
    let unreadable = frame("messageStart", "[");
    let at_once = asked(Played::stream([unreadable.clone()])).await;
    let error = at_once.collect_until(ready(())).await.unwrap_err();
    assert!(error.to_string().starts_with("cancelled (after 0 events, at byte 0 "), "{error}");
    let Error::Incomplete(incomplete) = error else { panic!("{error}") };
    assert_eq!(incomplete.held.concat(), unreadable, "nor what is no event");
    let unread = asked(Played::stream([message_start()])).await;
    assert_eq!(unread.into_held().collect::<Vec<_>>().concat(), message_start());
}

#[tokio::test]
async fn usage_that_came_is_there_though_the_end_did_not() {
    let usage = json!({"inputTokens": 3, "outputTokens": 4, "totalTokens": 7});
    let metadata = frame("metadata", json!({"usage": usage, "metrics": {"latencyMs": 1}}));
    let stream = asked(after_half_an_answer(Step::Piece(metadata))).await;
    let Err(Error::Incomplete(incomplete)) = stream.collect().await else { panic!("it is cut") };
    assert_eq!(incomplete.usage().unwrap().total_tokens, 7);
    assert_eq!(incomplete.ending(), Ending::Cut);
}

#[tokio::test]
async fn who_adds_events_up_alone_can_add_them_to_the_error() {
    let mut stream = asked(after_half_an_answer(Step::Fail(TransportErrorKind::Broken))).await;
    let mut accumulator = Accumulator::new();
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(event) => accumulator.add(&event),
            Err(error) => break error.with_content(accumulator.finish()),
        }
    };
    let Error::Incomplete(incomplete) = error else { panic!("{error}") };
    assert_half_an_answer(&incomplete);
}

/// Bytes that say when nobody holds them any more.
struct Held(Vec<u8>, Arc<AtomicUsize>);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn of_a_first_event_that_is_there_and_not_read_its_bytes_are_held_once() {
    let first = message_start();
    let held = Arc::new(AtomicUsize::new(first.len()));
    let small = first.iter().map(|byte| Held(vec![*byte], Arc::clone(&held)));
    let empty = std::iter::repeat_n(Bytes::new(), 1000);
    let pieces = empty.chain(small.map(Bytes::from_owner)).map(Step::Piece).chain([Step::Hang]);
    let script = Script::new([Played::stream(pieces), Played::stream([text("next")])]);
    let client = script.builder().build().unwrap();
    let stream = client.converse_stream("m", &ask()).await.unwrap();
    assert_eq!(held.load(Ordering::SeqCst), 0, "the pieces are gone");
    let held: Vec<_> = stream.into_held().collect();
    assert_eq!((held.len(), held.concat()), (1, first.to_vec()));
}

#[tokio::test]
async fn a_stream_that_was_looked_at_has_all_its_bytes_for_who_reads_it_raw() {
    let answer = half_an_answer();
    let exception = frame("validationException", json!({"message": "m"}));
    for frames in [answer.clone(), vec![exception, message_start()], vec![corrupt(), text("x")]] {
        let bytes = Bytes::from(frames.concat());
        for size in [7, bytes.len() - 3, bytes.len()] {
            let mut rest = bytes.clone();
            let pieces = std::iter::from_fn(|| {
                (!rest.is_empty()).then(|| rest.split_to(size.min(rest.len())))
            });
            let script = Script::new([Played::stream(pieces)]);
            let client = script.builder().no_retries().build().unwrap();
            let (endpoint, model) = (client.endpoint().unwrap(), ModelId::new("m").unwrap());
            let request = converse_stream::build(&endpoint, &model, &ask()).unwrap();
            let mut body = client.send(request).await.unwrap().into_body();
            let first = body.next().await.unwrap().unwrap();
            if size > 7 {
                assert_eq!(first.len(), size, "a piece as it came");
            }
            let rest = body.collect(1 << 20).await.unwrap();
            assert_eq!([first, rest].concat(), bytes);
        }
    }
}

#[tokio::test]
async fn a_stream_that_was_looked_at_can_be_opened_under_another_limit() {
    let script = Script::new([Played::stream(half_an_answer())]);
    let limited = script.builder().max_message_length(64).no_retries().build().unwrap();
    let (endpoint, model) = (limited.endpoint().unwrap(), ModelId::new("m").unwrap());
    let request = converse_stream::build(&endpoint, &model, &ask()).unwrap();
    let response = limited.send(request).await.unwrap();
    let Err(Error::Incomplete(incomplete)) =
        ConverseStream::open(response).await.unwrap().collect().await
    else {
        panic!("it has no end")
    };
    assert_half_an_answer(&incomplete);
}

/// A body without end that counts what was taken out of it.
struct Endless {
    taken: Arc<AtomicUsize>,
    pieces: VecDeque<Bytes>,
}

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, TransportError>>> {
        let piece = self.pieces.pop_front().unwrap();
        self.pieces.push_back(piece.clone());
        self.taken.fetch_add(piece.len(), Ordering::SeqCst);
        Poll::Ready(Some(Ok(http_body::Frame::data(piece))))
    }
}

#[derive(Clone, Debug)]
struct Flood {
    piece: usize,
    taken: Arc<AtomicUsize>,
}

impl Transport for Flood {
    fn send(
        &self,
        _: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        let frames = text("flood").repeat(self.piece);
        let mut whole = Bytes::from(frames);
        let mut pieces = VecDeque::new();
        while !whole.is_empty() {
            pieces.push_back(whole.split_to(self.piece.min(whole.len())));
        }
        let body = Endless { taken: Arc::clone(&self.taken), pieces };
        Box::pin(async { Ok(stream_of(ResponseBody::new(body))) })
    }
}

#[tokio::test]
async fn however_slow_a_reader_one_frame_and_one_piece_are_held_at_most() {
    let frame = text("flood").len();
    for piece in [1, 7, frame - 1, frame, frame + 1, 10 * frame + 3] {
        let flood = Flood { piece, taken: Arc::default() };
        let client = builder().region("us-east-1").transport(flood.clone()).build().unwrap();
        let mut stream = client.converse_stream("m", &ask()).await.unwrap();
        let mut handed_out = 0;
        for _ in 0..1000 {
            let event = stream.next().await.unwrap().unwrap();
            handed_out += event.message().frame().len();
            let held = flood.taken.load(Ordering::SeqCst) - handed_out;
            assert!(held < frame + piece, "{held} bytes held with pieces of {piece}");
        }
    }
}

#[tokio::test]
async fn a_dropped_stream_closes_its_http_1_connection_and_leaves_no_task() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (told, closed) = oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let listener = listener.into_std().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut asked = Vec::new();
            while !asked.ends_with(b"]}") {
                assert_ne!(socket.read_buf(&mut asked).await.unwrap(), 0);
            }
            let head =
                "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\n\r\n";
            socket.write_all(head.as_bytes()).await.unwrap();
            socket.write_all(&message_start()).await.unwrap();
            // The end, or a reset: both are a close.
            let end = socket.read(&mut [0; 64]).await;
            told.send(matches!(end, Ok(0) | Err(_))).unwrap();
        });
    });
    let client = builder().region("us-east-1").endpoint_url(url).build().unwrap();
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let mut stream = client.converse_stream("m", &ask()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    assert!(closed.await.unwrap());
    // The connection's task ends by itself, on the thread that runs this test.
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(tasks(), before);
}

/// A server that has nothing more to say behind the first event.
async fn silent(runtime: &tokio::runtime::Runtime) -> Server {
    let verifier = Verifier::new().bearer_key("bedrock-api-key-example");
    let reply = |_: &Call| {
        let pieces =
            vec![(Duration::ZERO, message_start()), (Duration::from_hours(1), text("late"))];
        let mut reply = Reply::timed(StatusCode::OK, pieces);
        let kind = HeaderValue::from_static(EVENT_STREAM);
        reply.headers.insert("content-type", kind);
        reply
    };
    runtime.spawn(Server::builder(verifier).start(reply)).await.unwrap().unwrap()
}

#[tokio::test]
async fn who_drops_streams_half_read_is_seen_to_leave_and_no_task_outlives_them() {
    const STREAMS: u64 = 10;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let until_fewer_than = |limit| async move {
        let fewer = async {
            while tasks() >= limit {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_mins(1), fewer).await.expect("tasks end");
    };
    for http2 in [false, true] {
        // On a runtime of its own: the tasks of the test's are the client's.
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let server = silent(&runtime).await;
        let before = tasks();
        let client = builder().region("us-east-1").endpoint_url(server.url());
        let client = client.configure_reqwest(move |http| {
            if http2 { http.http2_prior_knowledge() } else { http.http1_only() }
        });
        let client = client.build().unwrap();
        let mut streams = Vec::new();
        for _ in 0..STREAMS {
            let mut stream = client.converse_stream("m", &ask()).await.unwrap();
            stream.next().await.unwrap().unwrap();
            streams.push(stream);
        }
        let journal = server.journal();
        assert!(journal.requests().iter().all(|entry| entry.ended == Ended::Open));
        drop(streams);
        for number in 1..=STREAMS {
            let ended = timeout(Duration::from_mins(1), journal.ended(number)).await;
            let entry = ended.unwrap().unwrap();
            let expected = (Ended::ClosedByClient, if http2 { "2" } else { "1.1" });
            assert_eq!((entry.ended, entry.http), expected);
            assert_eq!(entry.bytes_sent, message_start().len() as u64);
        }
        assert_eq!(journal.requests().len() as u64, STREAMS, "none is asked for again");
        // Of HTTP/2 the one connection is there for the next stream.
        let of_connections = if http2 { usize::try_from(STREAMS).unwrap() } else { 1 };
        until_fewer_than(before + of_connections).await;
        drop(client);
        until_fewer_than(before + 1).await;
        runtime.shutdown_background();
    }
}

/// A body that says when it is dropped, and has one piece and no end.
struct Watched {
    piece: Option<Bytes>,
    dropped: Option<oneshot::Sender<()>>,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        match self.piece.take() {
            Some(piece) => Poll::Ready(Some(Ok(http_body::Frame::data(piece)))),
            None => Poll::Pending,
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(dropped) = self.dropped.take() {
            let _ = dropped.send(());
        }
    }
}

/// Answers with such bodies, and says of the first when it is dropped.
#[derive(Clone)]
struct Watching {
    first: Arc<Mutex<Option<oneshot::Sender<()>>>>,
    version: Arc<Mutex<Option<http::Version>>>,
}

impl Handler for Watching {
    fn answer(&self, call: Call) -> Answering<'_> {
        *self.version.lock().unwrap() = Some(call.version);
        let body =
            Watched { piece: Some(message_start()), dropped: self.first.lock().unwrap().take() };
        let answer = Answer::Live(stream_of(LiveBody::new(body)));
        Box::pin(ready(answer))
    }
}

#[tokio::test]
async fn a_dropped_stream_resets_its_http_2_stream_and_the_connection_goes_on() {
    let (sender, dropped) = oneshot::channel();
    let watching = Watching { first: Arc::new(Mutex::new(Some(sender))), version: Arc::default() };
    let verifier = Verifier::new().bearer_key("bedrock-api-key-example");
    let server = Server::builder(verifier).start(watching.clone()).await.unwrap();
    let client = builder()
        .region("us-east-1")
        .endpoint_url(server.url())
        .configure_reqwest(reqwest::ClientBuilder::http2_prior_knowledge)
        .build()
        .unwrap();
    let mut stream = client.converse_stream("m", &ask()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    dropped.await.unwrap();
    assert_eq!(*watching.version.lock().unwrap(), Some(http::Version::HTTP_2));
    let mut next = client.converse_stream("m", &ask()).await.unwrap();
    next.next().await.unwrap().unwrap();
}

#[tokio::test]
async fn a_call_that_is_dropped_before_its_head_is_cancelled_too() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let client = builder().region("us-east-1").endpoint_url(url).build().unwrap();
    let call = tokio::spawn(async move { client.converse_stream("m", &ask()).await.map(drop) });
    let (mut socket, _) = listener.accept().await.unwrap();
    let mut asked = Vec::new();
    while !asked.ends_with(b"]}") {
        assert_ne!(socket.read_buf(&mut asked).await.unwrap(), 0);
    }
    call.abort();
    assert!(matches!(socket.read(&mut [0; 64]).await, Ok(0) | Err(_)));
    assert!(call.await.unwrap_err().is_cancelled());
}
