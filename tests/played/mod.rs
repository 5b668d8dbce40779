//! Answers that are played from memory in place of the network's, and frames as
//! AWS's own encoder writes them.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]
#![allow(clippy::needless_pass_by_value, reason = "texts and JSON are given alike")]

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bedrock_wire::client::{
    BoxFuture, Client, ClientBuilder, ResponseBody, Timer, Transport, TransportError,
    TransportErrorKind,
};
use bedrock_wire::operation::Body;
use bytes::Bytes;
use http::Request;

pub const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";
pub const JSON: &str = "application/json";

/// A frame of an event or, by its name, of an exception.
pub fn frame(kind: &str, payload: impl ToString) -> Bytes {
    let (message_type, name) = match kind {
        exception if exception.ends_with("Exception") => ("exception", ":exception-type"),
        _ => ("event", ":event-type"),
    };
    let string = |value: &str| HeaderValue::String(value.to_owned().into());
    let message = Message::new(Bytes::from(payload.to_string()))
        .add_header(Header::new(name, string(kind)))
        .add_header(Header::new(":message-type", string(message_type)));
    let mut frame = Vec::new();
    write_message_to(&message, &mut frame).unwrap();
    frame.into()
}

pub fn message_start() -> Bytes {
    frame("messageStart", r#"{"role":"assistant"}"#)
}

/// A delta of the first block.
pub fn text(text: &str) -> Bytes {
    let text = serde_json::json!({"contentBlockIndex": 0, "delta": {"text": text}});
    frame("contentBlockDelta", text)
}

pub fn message_stop() -> Bytes {
    frame("messageStop", r#"{"stopReason":"end_turn"}"#)
}

/// What a body does next.
#[derive(Clone, Debug)]
pub enum Step {
    Piece(Bytes),
    Wait(Duration),
    /// Nothing yet; to be asked again at once.
    Yield,
    Fail(TransportErrorKind),
    Hang,
}

impl From<Bytes> for Step {
    fn from(piece: Bytes) -> Self {
        Step::Piece(piece)
    }
}

/// An answer: when its head comes or why none does, what is in it, and what its
/// body does. Behind the last step it ends.
#[derive(Clone, Debug)]
pub struct Played {
    pub head: Duration,
    pub fails: Option<TransportErrorKind>,
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub steps: Vec<Step>,
    /// Whether its body says behind the last step that it has ended.
    pub shows_its_end: bool,
}

impl Played {
    pub fn new(
        status: u16,
        content_type: &str,
        steps: impl IntoIterator<Item = impl Into<Step>>,
    ) -> Self {
        let headers = vec![
            ("content-type", content_type.to_owned()),
            ("x-amzn-requestid", "request-1".to_owned()),
        ];
        let steps = steps.into_iter().map(Into::into).collect();
        let shows_its_end = false;
        Played { head: Duration::ZERO, fails: None, status, headers, steps, shows_its_end }
    }

    pub fn stream(steps: impl IntoIterator<Item = impl Into<Step>>) -> Self {
        Self::new(200, EVENT_STREAM, steps)
    }

    /// JSON, whole.
    pub fn json(status: u16, body: impl ToString) -> Self {
        Self::new(status, JSON, [Bytes::from(body.to_string())])
    }

    /// The service's error of this name.
    pub fn refusal(status: u16, name: &str, message: &str) -> Self {
        let body = serde_json::json!({ "message": message });
        Self::json(status, body).header("x-amzn-errortype", name)
    }

    /// With this header, in place of one of that name.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// With a head that comes that late.
    pub fn head_after(self, head: Duration) -> Self {
        Played { head, ..self }
    }

    pub fn response(self) -> http::Response<ResponseBody> {
        let mut response = http::Response::builder().status(self.status);
        for (name, value) in &self.headers {
            response = response.header(*name, value);
        }
        let steps =
            Steps { left: self.steps.into(), sleep: None, shows_its_end: self.shows_its_end };
        response.body(ResponseBody::new(steps)).unwrap()
    }
}

/// Plays one answer a request, the last for ever, and keeps what was sent.
#[derive(Clone, Debug)]
pub struct Script {
    answers: Arc<Mutex<VecDeque<Played>>>,
    sent: Arc<Mutex<Vec<Request<Body>>>>,
}

impl Script {
    pub fn new(answers: impl IntoIterator<Item = Played>) -> Self {
        let answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        Script { answers, sent: Arc::default() }
    }

    /// A client that asks with an API key, and waits by tokio's clock.
    pub fn builder(&self) -> ClientBuilder {
        Client::builder()
            .ignore_environment()
            .region("us-east-1")
            .api_key("bedrock-api-key-example")
            .timer(Tokio)
            .transport(self.clone())
    }

    /// The same; it sends nothing again.
    pub fn client(&self) -> Client {
        self.builder().no_retries().build().unwrap()
    }

    /// How many requests were sent.
    pub fn asked(&self) -> usize {
        self.sent.lock().unwrap().len()
    }

    /// What was sent last.
    pub fn last(&self) -> Request<Body> {
        self.sent.lock().unwrap().last().unwrap().clone()
    }

    /// A header of all that was sent.
    pub fn sent(&self, name: &str) -> Vec<String> {
        let sent = self.sent.lock().unwrap();
        sent.iter().map(|request| request.headers()[name].to_str().unwrap().to_owned()).collect()
    }
}

impl Transport for Script {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        self.sent.lock().unwrap().push(request);
        let mut answers = self.answers.lock().unwrap();
        let played = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        let played = played.expect("there is something to play");
        Box::pin(async move {
            // Off tokio there is nothing to wait by.
            if !played.head.is_zero() {
                tokio::time::sleep(played.head).await;
            }
            match played.fails {
                Some(kind) => Err(TransportError::new(kind, "as told")),
                None => Ok(played.response()),
            }
        })
    }
}

struct Steps {
    left: VecDeque<Step>,
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
    shows_its_end: bool,
}

impl http_body::Body for Steps {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, TransportError>>> {
        while let Some(Step::Wait(duration)) = self.left.front() {
            let duration = *duration;
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(duration)));
            std::task::ready!(sleep.as_mut().poll(cx));
            self.sleep = None;
            self.left.pop_front();
        }
        match self.left.pop_front() {
            Some(Step::Piece(piece)) => Poll::Ready(Some(Ok(http_body::Frame::data(piece)))),
            Some(Step::Fail(kind)) => Poll::Ready(Some(Err(TransportError::new(kind, "as told")))),
            Some(Step::Yield) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Step::Hang) => {
                self.left.push_front(Step::Hang);
                Poll::Pending
            }
            Some(Step::Wait(_)) => unreachable!("waited for above"),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.shows_its_end && self.left.is_empty()
    }
}

/// tokio's timer, named: a build without the feature `reqwest` has none.
#[derive(Debug)]
pub struct Tokio;

impl Timer for Tokio {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}
