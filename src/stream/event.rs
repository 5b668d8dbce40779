//! One message to one event, exception or error.

use bytes::Bytes;

use crate::eventstream::{HeaderValue, Message};
use crate::fault::ServiceError;
use crate::model::{
    ContentBlockDelta, ContentBlockDeltaEvent, ContentBlockStartEvent, ContentBlockStopEvent,
    ConverseStreamMetadataEvent, DecodeError, MessageStartEvent, MessageStopEvent, Shape, Text,
    from_bytes,
};

/// An event of a ConverseStream answer.
///
/// AWS: [`ConverseStreamOutput`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html),
/// without its exceptions: those are errors.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ConverseStreamOutput {
    /// The answer begins.
    MessageStart(MessageStartEvent),
    /// A content block begins.
    ContentBlockStart(ContentBlockStartEvent),
    /// A piece of a content block.
    ContentBlockDelta(ContentBlockDeltaEvent),
    /// A content block ends.
    ContentBlockStop(ContentBlockStopEvent),
    /// The answer ends.
    MessageStop(MessageStopEvent),
    /// Usage and metrics. In a box because it is five times the size of all
    /// others and comes once.
    Metadata(Box<ConverseStreamMetadataEvent>),
    /// An event of a type that this version of the crate does not know; its
    /// payload is in [`StreamEvent::payload`].
    Unknown(Text),
}

/// An event with the message it came in.
///
/// It owns what it holds (`'static`, [`Send`]): its texts are slices of the
/// message, and the message is a slice of the chunk that the network gave.
#[derive(Clone, Debug)]
pub struct StreamEvent {
    output: ConverseStreamOutput,
    message: Message,
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

impl StreamEvent {
    /// Reads the event in a message.
    ///
    /// # Errors
    /// Where the message is an exception or an error of the service's, lacks a
    /// header, or has a payload that is not the event's.
    pub fn from_message(message: Message) -> Result<Self, EventError> {
        match output(&message) {
            Ok(output) => Ok(StreamEvent { output, message }),
            Err(kind) => Err(EventError { kind, message }),
        }
    }

    /// The event.
    pub fn output(&self) -> &ConverseStreamOutput {
        &self.output
    }

    /// The event, without its message.
    pub fn into_output(self) -> ConverseStreamOutput {
        self.output
    }

    /// The event and the message it came in.
    pub fn into_parts(self) -> (ConverseStreamOutput, Message) {
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

    /// The text, where the event is a piece of text.
    pub fn text(&self) -> Option<&Text> {
        let ConverseStreamOutput::ContentBlockDelta(event) = &self.output else { return None };
        let ContentBlockDelta::Text(text) = &event.delta else { return None };
        Some(text)
    }

    /// Copies out what is shared with the network's chunk, so that the chunk
    /// can go while the event stays.
    #[must_use]
    pub fn detach(mut self) -> Self {
        match &mut self.output {
            ConverseStreamOutput::MessageStart(event) => event.unshare(),
            ConverseStreamOutput::ContentBlockStart(event) => event.unshare(),
            ConverseStreamOutput::ContentBlockDelta(event) => event.unshare(),
            ConverseStreamOutput::ContentBlockStop(event) => event.unshare(),
            ConverseStreamOutput::MessageStop(event) => event.unshare(),
            ConverseStreamOutput::Metadata(event) => event.unshare(),
            ConverseStreamOutput::Unknown(event_type) => event_type.unshare(),
        }
        self.message = self.message.detach();
        self
    }
}

fn output(message: &Message) -> Result<ConverseStreamOutput, EventErrorKind> {
    match header(message, ":message-type")? {
        "event" => event(message),
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

fn event(message: &Message) -> Result<ConverseStreamOutput, EventErrorKind> {
    use ConverseStreamOutput as Output;
    Ok(match header(message, ":event-type")? {
        "contentBlockDelta" => Output::ContentBlockDelta(read(message, "contentBlockDelta")?),
        "contentBlockStart" => Output::ContentBlockStart(read(message, "contentBlockStart")?),
        "contentBlockStop" => Output::ContentBlockStop(read(message, "contentBlockStop")?),
        "messageStart" => Output::MessageStart(read(message, "messageStart")?),
        "messageStop" => Output::MessageStop(read(message, "messageStop")?),
        "metadata" => Output::Metadata(Box::new(read(message, "metadata")?)),
        unknown => Output::Unknown(unknown.into()),
    })
}

fn read<T: Shape>(message: &Message, event_type: &'static str) -> Result<T, EventErrorKind> {
    let payload = match message.payload_bytes() {
        // Other decoders, too, take it for an event without members.
        empty if empty.is_empty() => Bytes::from_static(b"{}"),
        payload => payload,
    };
    from_bytes(&payload)
        .map_err(|error| EventErrorKind::Payload { event_type, error: Box::new(error) })
}

fn header<'m>(message: &'m Message, name: &'static str) -> Result<&'m str, EventErrorKind> {
    match message.headers().get(name) {
        Some(HeaderValue::String(value)) => Ok(value),
        Some(_) => Err(EventErrorKind::HeaderType { name }),
        None => Err(EventErrorKind::MissingHeader { name }),
    }
}
