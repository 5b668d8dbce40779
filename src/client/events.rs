//! Events out of a body, the first of which may be looked at before anybody
//! reads.

use std::collections::VecDeque;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::body::{Look, ResponseBody};
use super::broken::{Interruption, Place};
use super::deadline::EventWaits;
use crate::eventstream::{Decoder, Message};
use crate::stream::{EventDecoder, EventUnion, StreamEvent};

/// The events of a stream, under their deadlines.
pub(super) struct Events<O> {
    decoder: EventDecoder<O>,
    waits: EventWaits,
    /// The first event, if it was looked at and not handed out.
    first: Option<StreamEvent<O>>,
    /// The piece that it came in, while that is all that came.
    piece: Option<Bytes>,
    max_message_length: usize,
}

impl<O: EventUnion> Events<O> {
    pub(super) fn new(
        max_message_length: usize,
        request_id: Option<String>,
        waits: EventWaits,
    ) -> Self {
        let messages = Decoder::with_max_message_length(max_message_length);
        let decoder = EventDecoder::on(messages, request_id);
        Events { decoder, waits, first: None, piece: None, max_message_length }
    }

    /// Waits for the first event and keeps it; how the stream failed before.
    /// Whoever reads on is told so too.
    pub(super) async fn look(&mut self, body: &mut ResponseBody) -> Option<Interruption> {
        // This reader is never away.
        match std::future::poll_fn(|cx| self.poll_event(body, false, cx)).await? {
            Ok(event) => {
                self.first = Some(event);
                None
            }
            Err(how) => Some(how),
        }
    }

    /// The next event; `None` once the answer is complete.
    pub(super) fn poll_next(
        &mut self,
        body: &mut ResponseBody,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<StreamEvent<O>, Interruption>>> {
        self.poll_event(body, true, cx)
    }

    #[expect(
        clippy::inline_always,
        reason = "a call would move the event once more: whole streams are an eighth faster so"
    )]
    #[inline(always)]
    fn poll_event(
        &mut self,
        body: &mut ResponseBody,
        may_be_late: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<StreamEvent<O>, Interruption>>> {
        // Asked before it is taken: that would move an event, if only to see that there is none.
        if self.piece.is_some() || self.first.is_some() {
            self.piece = None;
            if let Some(event) = self.first.take() {
                return Poll::Ready(Some(Ok(event)));
            }
        }
        let mut came = false;
        loop {
            match self.decoder.next() {
                Ok(Some(event)) => {
                    self.waits.over();
                    return Poll::Ready(Some(Ok(event)));
                }
                Ok(None) => {}
                Err(error) => return Poll::Ready(Some(Err(Interruption::Stream(error)))),
            }
            let error = match body.poll_for_events(cx) {
                Poll::Ready(Some(Ok(piece))) => {
                    if self.decoder.offset() == 0 {
                        self.piece = (self.decoder.held() == 0).then(|| piece.clone());
                    }
                    self.decoder.push(piece);
                    came = may_be_late;
                    continue;
                }
                Poll::Ready(Some(Err(error))) => error,
                Poll::Ready(None) => {
                    let how = self.decoder.finish().err().map(Interruption::Stream);
                    return Poll::Ready(how.map(Err));
                }
                Poll::Pending => std::task::ready!(self.waits.poll(came, cx)).into(),
            };
            return Poll::Ready(Some(Err(Interruption::transport(error, self.place()))));
        }
    }

    /// How far it is handed out.
    pub(super) fn place(&self) -> Place {
        let kept = self.kept().map_or(0, |message| message.frame().len() as u64);
        Place {
            offset: self.decoder.offset() - kept,
            events: self.decoder.events() - u64::from(self.first.is_some()),
            request_id: self.request_id().map(str::to_owned),
        }
    }

    /// The message that was decoded and not handed out: of the first event, or
    /// one that is none and goes out with its error.
    fn kept(&self) -> Option<&Message> {
        self.first.as_ref().map(StreamEvent::message).or_else(|| self.decoder.message_at_fault())
    }

    /// Whether what was handed out shows that the answer is whole.
    pub(super) fn is_stopped(&self) -> bool {
        self.first.is_none() && self.decoder.is_stopped()
    }

    pub(super) fn request_id(&self) -> Option<&str> {
        self.decoder.request_id()
    }

    /// Whether it reads messages of up to this length.
    pub(super) fn has_limit(&self, max_message_length: usize) -> bool {
        self.max_message_length == max_message_length
    }

    /// The bytes that were given out in no event; nor, where its failure was
    /// `told`, with that.
    pub(super) fn into_held(self, told: bool) -> impl Iterator<Item = Bytes> {
        // Where a failure was told, the first event was handed out before.
        let kept = self.kept().filter(|_| !told).map(|message| message.frame().clone());
        kept.into_iter().chain(self.decoder.into_held())
    }
}

impl<O: EventUnion> Look for Events<O> {
    fn held(&self) -> usize {
        if let Some(piece) = &self.piece {
            return piece.len();
        }
        self.kept().map_or(0, |message| message.frame().len()) + self.decoder.held()
    }

    /// As it came, if it came in one; else the first message is one of them.
    fn into_pieces(mut self: Box<Self>) -> VecDeque<Bytes> {
        if let Some(piece) = self.piece.take() {
            return VecDeque::from([piece]);
        }
        self.into_held(false).collect()
    }
}
