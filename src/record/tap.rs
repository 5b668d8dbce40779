//! What is kept of an exchange while it streams.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body as _, Frame, SizeHint};
use tokio::time::Instant;

use super::exchange::{Head, Rest};
use super::held::Held;
use super::recorder::Shared;
use super::writer::Job;
use crate::client::{ResponseBody, TransportError};
use crate::fault::ServiceError;
use crate::tape::{End, Micros};

/// What is beside the bytes of an exchange and of each piece, about.
const OF_EXCHANGE: u64 = 2048;
const OF_PIECE: u64 = size_of::<(Bytes, Option<Micros>)>() as u64;

/// Why what does not fit is on no tape.
const TOO_MUCH: &str = "too much waits in memory to be written (`max_held`)";

/// The body of an answer, each piece of which is kept as it passes.
pub(super) struct Tap {
    body: ResponseBody,
    exchange: Exchange,
}

impl Tap {
    pub(super) fn new(body: ResponseBody, exchange: Exchange) -> Self {
        Tap { body, exchange }
    }
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
pub(super) struct Exchange {
    shared: Arc<Shared>,
    number: u64,
    sent: Instant,
    /// `None` once it has ended or was given up.
    kept: Option<Kept>,
}

struct Kept {
    /// Of an error that may be a refusal of the proof: whether it takes a place
    /// among the tapes of its request is known at its end.
    undecided: Option<Box<Head>>,
    pieces: Vec<(Bytes, Option<Micros>)>,
    held: Held,
}

impl Exchange {
    pub(super) fn begin(shared: Arc<Shared>, sent: Instant, head: Head) -> Self {
        let number = shared.number();
        let room = shared.hold(OF_EXCHANGE + head.asked.body.len());
        let mut exchange = Exchange { shared, number, sent, kept: None };
        if room.is_too_much() {
            exchange.shared.log.failed(head.asked.shown(), TOO_MUCH);
            return exchange;
        }
        exchange.shared.log.note(|report| report.open += 1);
        let mut undecided = Some(Box::new(head));
        if !undecided.as_ref().is_some_and(|head| head.status.is_client_error()) {
            exchange.take_place(&mut undecided);
        }
        exchange.kept = Some(Kept { undecided, pieces: Vec::new(), held: room });
        exchange
    }

    fn take_place(&self, head: &mut Option<Box<Head>>) {
        if let Some(head) = head.take() {
            self.shared.send(Job::Begin(self.number, head));
        }
    }

    fn keep(&mut self, piece: &Bytes) {
        let Some(kept) = &mut self.kept else { return };
        kept.held.add(OF_PIECE + piece.len() as u64);
        if !kept.held.is_too_much() {
            kept.pieces.push((piece.clone(), Some(self.sent.elapsed().into())));
            return;
        }
        let Some(Kept { mut undecided, held, pieces: _ }) = self.kept.take() else { return };
        self.take_place(&mut undecided);
        self.shared.send(Job::Abandon(self.number, TOO_MUCH, held));
        self.shared.log.note(|report| report.open -= 1);
    }

    fn end(&mut self, end: End) {
        let Some(Kept { mut undecided, pieces, held }) = self.kept.take() else { return };
        let refused = undecided.as_ref().is_some_and(|head| refuses_proof(head, &pieces, end));
        if !refused {
            self.take_place(&mut undecided);
            self.shared.send(Job::End(self.number, Rest { pieces, end }, held));
        }
        self.shared.log.note(|report| {
            report.open -= 1;
            report.refused += u64::from(refused);
        });
    }
}

/// Whether an answer is about who asked, and not about what: on tape it would
/// stand in the way of the answer that comes once the proof, or the clock, is
/// right. One that was cut before it said why it denies is taken for one.
fn refuses_proof(head: &Head, pieces: &[(Bytes, Option<Micros>)], end: End) -> bool {
    let mut body = BytesMut::new();
    for (piece, _) in pieces {
        body.extend_from_slice(piece);
    }
    let error = ServiceError::from_response(head.status.as_u16(), &head.headers, body.freeze());
    let says_nothing = error.message.is_none() && matches!(error.status, 401 | 403);
    error.refuses_proof() || (end == End::Cut && says_nothing)
}
