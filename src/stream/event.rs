//! One message to one event, exception or error.

use bytes::Bytes;

use super::converse::ConverseStreamOutput;
use crate::eventstream::{HeaderValue, Known, Message};
use crate::fault::ServiceError;
use crate::model::{DecodeError, Shape, from_bytes};

/// An event with the message it came in.
///
/// It owns what it holds (`'static`, [`Send`]): its texts are slices of the
/// message, and the message is a slice of the chunk that the network gave.
///
/// `O` says of which operation's stream it is: [`ConverseStreamOutput`] or
/// [`ResponseStream`](super::ResponseStream).
#[derive(Clone, Debug)]
pub struct StreamEvent<O = ConverseStreamOutput> {
    output: O,
    message: Message,
}

/// The union of a stream's events. It is for this crate alone to implement.
pub trait EventUnion: Sized + Send + Unpin + 'static + sealed::Sealed {
    /// What a message holds that is as nearly all are, and is read on a shorter
    /// way. It completes no stream.
    #[doc(hidden)]
    type Usual;

    /// Reads such a message.
    #[doc(hidden)]
    fn usual(message: &Message) -> Option<Self::Usual>;

    /// The event of such a message.
    #[doc(hidden)]
    fn of_usual(usual: Self::Usual) -> Self;

    /// Reads the event of this type from its message.
    #[doc(hidden)]
    fn read(known: Known, message: &Message) -> Result<Self, EventErrorKind>;

    /// An event of a type that is not known.
    #[doc(hidden)]
    fn unknown(event_type: &str) -> Self;

    /// Whether this is the event that shows the answer to be whole.
    #[doc(hidden)]
    fn completes(&self) -> bool;

    /// What a stream may end with.
    #[doc(hidden)]
    const END: End;

    /// Copies out what is shared with the message.
    #[doc(hidden)]
    fn unshare(&mut self);
}

/// What a stream may end with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub enum End {
    /// Only behind the event that completes it.
    MessageStop,
    /// Any event.
    Any,
}

pub(super) mod sealed {
    pub trait Sealed {}
}

/// A message that is no event.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{kind}")]
#[non_exhaustive]
pub struct EventError {
    /// Why it is none.
    pub kind: EventErrorKind,
    /// The message, with headers and payload as they were sent.
    pub message: Message,
}

/// Why a message is no event.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EventErrorKind {
    /// The service broke off with an exception or an error.
    #[error("{0}")]
    Service(Box<ServiceError>),
    /// A header is not there.
    #[error("the message has no `{name}` header")]
    MissingHeader {
        /// The header's name.
        name: &'static str,
    },
    /// A header that must be a string is of another type.
    #[error("the header `{name}` is no string")]
    HeaderType {
        /// The header's name.
        name: &'static str,
    },
    /// `:message-type` is not one of `event`, `exception` and `error`.
    #[error("`:message-type` is `{0}`, not `event`, `exception` or `error`")]
    UnknownMessageType(String),
    /// The payload of a known event is not what the service model says.
    #[error("the payload of {event_type} cannot be read: {error}")]
    Payload {
        /// The event's type.
        event_type: &'static str,
        /// What is wrong, and where in the payload.
        error: Box<DecodeError>,
    },
}

impl<O: EventUnion> StreamEvent<O> {
    pub(super) fn of(message: Message) -> Result<Self, EventError> {
        match O::usual(&message) {
            Some(usual) => Ok(Self::of_usual(usual, message)),
            None => Self::of_any(message),
        }
    }

    /// The event of a message that was read on the shorter way.
    #[inline]
    pub(super) fn of_usual(usual: O::Usual, message: Message) -> Self {
        StreamEvent { output: O::of_usual(usual), message }
    }

    /// The event of a message that may be anything.
    pub(super) fn of_any(message: Message) -> Result<Self, EventError> {
        match output(&message) {
            Ok(output) => Ok(StreamEvent { output, message }),
            Err(kind) => Err(EventError { kind, message }),
        }
    }

    /// The event.
    pub fn output(&self) -> &O {
        &self.output
    }

    /// The event, without its message.
    pub fn into_output(self) -> O {
        self.output
    }

    /// The event and the message it came in.
    pub fn into_parts(self) -> (O, Message) {
        (self.output, self.message)
    }

    /// The message it came in, with headers and payload as they were sent.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The payload as it was sent: JSON, with the padding `p` that the service
    /// adds.
    pub fn payload(&self) -> &[u8] {
        self.message.payload()
    }

    /// Copies out what is shared with the network's chunk, so that the chunk
    /// can go while the event stays.
    #[must_use]
    pub fn detach(mut self) -> Self {
        self.output.unshare();
        self.message = self.message.detach();
        self
    }
}

fn output<O: EventUnion>(message: &Message) -> Result<O, EventErrorKind> {
    if let Some(known) = message.known() {
        return O::read(known, message);
    }
    match header(message, ":message-type")? {
        "event" => {
            let event_type = header(message, ":event-type")?;
            match Known::named(event_type) {
                Some(known) => O::read(known, message),
                None => Ok(O::unknown(event_type)),
            }
        }
        "exception" => {
            let name = header(message, ":exception-type")?;
            Err(service(ServiceError::from_exception(name, message.payload_bytes())))
        }
        "error" => {
            let code = header(message, ":error-code")?;
            let text = message.headers().get(":error-message").and_then(|value| value.as_str());
            Err(service(ServiceError::from_error_message(code, text, message.payload_bytes())))
        }
        other => Err(EventErrorKind::UnknownMessageType(other.to_owned())),
    }
}

fn service(error: ServiceError) -> EventErrorKind {
    EventErrorKind::Service(Box::new(error))
}

/// Reads the payload of an event.
pub(super) fn read<T: Shape>(message: &Message, known: Known) -> Result<T, EventErrorKind> {
    let payload = match message.payload_bytes() {
        // Other decoders, too, take it for an event without members.
        empty if empty.is_empty() => Bytes::from_static(b"{}"),
        payload => payload,
    };
    from_bytes(&payload).map_err(|error| EventErrorKind::Payload {
        event_type: known.event_type(),
        error: Box::new(error),
    })
}

fn header<'m>(message: &'m Message, name: &'static str) -> Result<&'m str, EventErrorKind> {
    match message.headers().get(name) {
        Some(HeaderValue::String(value)) => Ok(value),
        Some(_) => Err(EventErrorKind::HeaderType { name }),
        None => Err(EventErrorKind::MissingHeader { name }),
    }
}
