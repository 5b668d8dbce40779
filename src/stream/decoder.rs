//! Bytes of an answer in, events out.

use std::marker::PhantomData;

use bytes::Bytes;

use super::converse::ConverseStreamOutput;
use super::error::{StreamError, StreamErrorKind};
use super::event::{End, EventError, EventErrorKind, EventUnion, StreamEvent};
use super::invoke::ResponseStream;
#[cfg(feature = "client")]
use crate::eventstream::Message;
use crate::eventstream::{Decoder, ErrorKind};

/// Cuts the body of an answer into events and watches over its end: of a
/// ConverseStream answer ([`new`](EventDecoder::new)), or of an
/// InvokeModelWithResponseStream one
/// ([`of_chunks`](EventDecoder::of_chunks)).
///
/// Call [`push`](Self::push) with each piece of the body, [`next`](Self::next)
/// until it gives `None`, and [`finish`](Self::finish) at the body's end.
#[derive(Debug)]
pub struct EventDecoder<O = ConverseStreamOutput> {
    messages: Decoder,
    request_id: Option<String>,
    events: u64,
    stopped: bool,
    failed: Option<StreamError>,
    of: PhantomData<fn() -> O>,
}

impl EventDecoder {
    /// A decoder of a ConverseStream answer; `request_id` is told in its
    /// errors.
    pub fn new(request_id: Option<String>) -> Self {
        Self::with_decoder(Decoder::new(), request_id)
    }

    /// A decoder of a ConverseStream answer on a [`Decoder`] with limits of the
    /// caller's.
    pub fn with_decoder(messages: Decoder, request_id: Option<String>) -> Self {
        Self::on(messages, request_id)
    }
}

impl EventDecoder<ResponseStream> {
    /// A decoder of an InvokeModelWithResponseStream answer; `request_id` is
    /// told in its errors.
    pub fn of_chunks(request_id: Option<String>) -> Self {
        Self::on(Decoder::new(), request_id)
    }

    /// A decoder of an InvokeModelWithResponseStream answer on a [`Decoder`]
    /// with limits of the caller's.
    pub fn of_chunks_with_decoder(messages: Decoder, request_id: Option<String>) -> Self {
        Self::on(messages, request_id)
    }
}

impl<O: EventUnion> EventDecoder<O> {
    pub(crate) fn on(messages: Decoder, request_id: Option<String>) -> Self {
        Self { messages, request_id, events: 0, stopped: false, failed: None, of: PhantomData }
    }

    /// Takes in a piece of the body.
    pub fn push(&mut self, piece: Bytes) {
        self.messages.push(piece);
    }

    /// The next event; `None` until more bytes are pushed.
    ///
    /// # Errors
    /// Where the service broke off with an exception, or the bytes are no
    /// event stream. The same error again on every later call.
    #[expect(
        clippy::inline_always,
        reason = "as the client's `Events`: a call would move the event once more"
    )]
    #[inline(always)]
    #[expect(
        clippy::should_implement_trait,
        reason = "`None` means more input is needed, and an iterator's means the end"
    )]
    pub fn next(&mut self) -> Result<Option<StreamEvent<O>>, StreamError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        // Whoever waits for a piece is told so without a look at messages.
        if self.messages.is_drained() {
            return Ok(None);
        }
        let offset = self.messages.offset();
        let message = match self.messages.next_known() {
            Some(message) => message,
            None => match self.messages.next_otherwise() {
                Ok(Some(message)) => message,
                Ok(None) => return Ok(None),
                Err(error) => return Err(self.fail(StreamErrorKind::Corrupt(error), offset)),
            },
        };
        if let Some(usual) = O::usual(&message) {
            self.events += 1;
            return Ok(Some(StreamEvent::of_usual(usual, message)));
        }
        match StreamEvent::<O>::of_any(message) {
            Ok(event) => {
                self.events += 1;
                self.stopped |= event.output().completes();
                Ok(Some(event))
            }
            Err(error) => Err(self.fail(StreamErrorKind::Event(error), offset)),
        }
    }

    fn fail(&mut self, kind: StreamErrorKind, offset: u64) -> StreamError {
        let error = self.error(kind, offset);
        self.failed = Some(error.clone());
        error
    }

    fn error(&self, mut kind: StreamErrorKind, offset: u64) -> StreamError {
        if let StreamErrorKind::Event(EventError { kind: EventErrorKind::Service(error), .. }) =
            &mut kind
        {
            error.request_id.clone_from(&self.request_id);
        }
        StreamError { kind, offset, events: self.events, request_id: self.request_id.clone() }
    }

    /// Checks at the body's end that the answer is complete: no byte of an
    /// unfinished message is held, and a `messageStop` came, where the stream
    /// has one. Call it when [`next`](Self::next) gave `None`.
    ///
    /// A stream of chunks has no last event in the service model. One that ends
    /// between two messages is no error here unless it had none;
    /// [`is_stopped`](Self::is_stopped) says whether what the service adds to
    /// the last chunk came.
    ///
    /// # Errors
    /// How the stream ended, if it is not complete.
    pub fn finish(&mut self) -> Result<(), StreamError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let held = self.messages.held();
        let end = self.messages.offset() + held as u64;
        let error = match self.messages.finish() {
            Ok(()) if self.stopped => return Ok(()),
            Ok(()) => match (O::END, self.events) {
                (End::MessageStop, _) => return Err(self.fail(StreamErrorKind::NoMessageStop, end)),
                (End::Any, 0) => return Err(self.fail(StreamErrorKind::Empty, end)),
                (End::Any, _) => return Ok(()),
            },
            Err(error) => error,
        };
        match error.kind() {
            // Nothing is wrong with the stream: the caller is early.
            ErrorKind::Undecoded { .. } => {
                Err(self.error(StreamErrorKind::Undecoded { held }, end))
            }
            ErrorKind::Incomplete { .. } => Err(self.fail(StreamErrorKind::Cut { held }, end)),
            ErrorKind::PreludeCrcMismatch { .. }
            | ErrorKind::MessageCrcMismatch { .. }
            | ErrorKind::LengthTooSmall { .. }
            | ErrorKind::HeadersPastEnd { .. }
            | ErrorKind::TooLong { .. }
            | ErrorKind::HeaderNamePastEnd { .. }
            | ErrorKind::HeaderValuePastEnd { .. }
            | ErrorKind::UnknownHeaderType { .. }
            | ErrorKind::HeaderNameNotUtf8 { .. }
            | ErrorKind::HeaderValueNotUtf8 { .. }
            | ErrorKind::DuplicateHeader { .. }
            | ErrorKind::TrailingBytes { .. } => {
                Err(self.fail(StreamErrorKind::Corrupt(error), end))
            }
        }
    }

    /// Whether the answer is shown to be whole: `messageStop` came, or, in a
    /// stream of chunks, one with the invocation's metrics or with a guardrail's
    /// intervention.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// How many events came.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Offset in the stream, in bytes, of the message that comes next.
    pub fn offset(&self) -> u64 {
        self.messages.offset()
    }

    /// The id that errors tell.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// How many bytes were pushed and given out in no message.
    #[cfg(feature = "client")]
    pub(crate) fn held(&self) -> usize {
        self.messages.held()
    }

    /// The message that is no event and ended the stream.
    #[cfg(feature = "client")]
    pub(crate) fn message_at_fault(&self) -> Option<&Message> {
        self.failed.as_ref()?.message()
    }

    /// The bytes pushed and given out in no event. With the message that an
    /// error carries, nothing of a broken stream is lost.
    pub fn into_held(self) -> impl Iterator<Item = Bytes> {
        self.messages.into_held()
    }
}

impl Default for EventDecoder {
    fn default() -> Self {
        Self::new(None)
    }
}
