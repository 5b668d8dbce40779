//! A transport that keeps what goes through it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body as _, Frame, SizeHint};
use tokio::time::Instant;

use super::exchange::{Asked, Head, Rest};
use super::recorder::Shared;
use super::writer::Job;
use crate::client::{BoxFuture, ResponseBody, Transport, TransportError};
use crate::operation::Body;
use crate::tape::{End, Micros};

/// Sends by another transport, and records; or answers from tapes, as the
/// [`Recorder`](super::Recorder) that made it has it.
///
/// What comes is handed on as it comes: to the reader it makes no difference.
/// An answer that breaks, or that its reader drops before its end, is on its
/// tape as far as it came, and as cut. Where no answer came at all there is no
/// tape. Whatever its status, an answer is recorded, unless it refuses the proof
/// of who asks: `ExpiredTokenException`, `InvalidSignatureException` and their
/// kin say nothing of the request.
#[derive(Clone, Debug)]
pub struct RecordingTransport {
    inner: Arc<dyn Transport>,
    shared: Arc<Shared>,
    plays: bool,
}

impl RecordingTransport {
    pub(super) fn new(inner: Arc<dyn Transport>, shared: Arc<Shared>) -> Self {
        Self { inner, shared, plays: true }
    }

    /// One that plays nothing, for what was looked for before.
    pub(super) fn recording(inner: Arc<dyn Transport>, shared: Arc<Shared>) -> Self {
        Self { inner, shared, plays: false }
    }

    async fn record(
        &self,
        request: http::Request<Body>,
    ) -> Result<http::Response<ResponseBody>, TransportError> {
        let unanswered = Unanswered(Some(&self.shared));
        let (asked, sent) = (Asked::of(&request), Instant::now());
        let response = self.inner.send(request).await?;
        unanswered.answered();
        let (head, body) = response.into_parts();
        if refuses_proof(&head.headers) {
            self.shared.log.note(|report| report.refused += 1);
            return Ok(http::Response::from_parts(head, body));
        }
        let exchange = Exchange::begin(Arc::clone(&self.shared), sent, |at| Head {
            asked,
            status: head.status,
            headers: head.headers.clone(),
            at,
        });
        let body = ResponseBody::new(Tap { body, exchange });
        Ok(http::Response::from_parts(head, body))
    }
}

impl Transport for RecordingTransport {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin(async move {
            if self.plays
                && let Some(answer) = self.shared.play(&request).await?
            {
                return Ok(answer);
            }
            self.record(request).await
        })
    }
}

/// What the service calls a proof that it does not take.
const REFUSALS: [&str; 9] = [
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "RequestTimeTooSkewed",
    "UnrecognizedClientException",
];

/// Whether an answer is about who asked, and not about what: on tape it would
/// stand in the way of the answer that comes once the proof, or the clock, is
/// right, which the client sees to by itself.
fn refuses_proof(headers: &HeaderMap) -> bool {
    let name = headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    let name = name.and_then(|name| name.split(':').next()).unwrap_or_default();
    REFUSALS.contains(&name)
}

/// Counts a request whose answer does not come, unless it came.
struct Unanswered<'a>(Option<&'a Shared>);

impl Unanswered<'_> {
    fn answered(mut self) {
        self.0 = None;
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if let Some(shared) = self.0 {
            shared.log.note(|report| report.unanswered += 1);
        }
    }
}

/// The body of an answer, each piece of which is kept as it passes.
struct Tap {
    body: ResponseBody,
    exchange: Exchange,
}

impl http_body::Body for Tap {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let polled = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &polled {
            Some(Ok(frame)) => {
                if let Some(piece) = frame.data_ref() {
                    self.exchange.keep(piece);
                }
            }
            Some(Err(_)) => self.exchange.end(End::Cut),
            None => self.exchange.end(End::Complete),
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Tap {
    /// A reader that sees that there is no more need not ask for it.
    fn drop(&mut self) {
        let end = if self.body.is_end_stream() { End::Complete } else { End::Cut };
        self.exchange.end(end);
    }
}

/// What came of an answer so far.
struct Exchange {
    shared: Arc<Shared>,
    number: u64,
    sent: Instant,
    held: u64,
    /// `None` once it has ended or was given up.
    pieces: Option<Vec<(Bytes, Option<Micros>)>>,
}

impl Exchange {
    fn begin(shared: Arc<Shared>, sent: Instant, head: impl FnOnce(Micros) -> Head) -> Self {
        let number = shared.number();
        shared.log.note(|report| report.open += 1);
        shared.send(Job::Begin(number, Box::new(head(sent.elapsed().into()))));
        Exchange { shared, number, sent, held: 0, pieces: Some(Vec::new()) }
    }

    fn keep(&mut self, piece: &Bytes) {
        let Some(pieces) = &mut self.pieces else { return };
        let length = piece.len() as u64;
        self.held += length;
        if self.shared.hold(length) {
            pieces.push((piece.clone(), Some(self.sent.elapsed().into())));
            return;
        }
        self.pieces = None;
        self.shared.release(self.held);
        let why = "too much waits in memory to be written (`max_held`)";
        self.shared.send(Job::Abandon(self.number, why));
        self.shared.log.note(|report| report.open -= 1);
    }

    fn end(&mut self, end: End) {
        if let Some(pieces) = self.pieces.take() {
            self.shared.send(Job::End(self.number, Rest { pieces, end }));
            self.shared.log.note(|report| report.open -= 1);
        }
    }
}
