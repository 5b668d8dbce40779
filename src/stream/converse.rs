//! The events of ConverseStream.

use super::event::{End, EventError, EventErrorKind, EventUnion, StreamEvent, read, sealed};
use super::usual;
use crate::eventstream::{Known, Message};
use crate::model::{
    ContentBlockDelta, ContentBlockDeltaEvent, ContentBlockStartEvent, ContentBlockStopEvent,
    ConverseStreamMetadataEvent, MessageStartEvent, MessageStopEvent, Shape, Text,
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
    /// A content block begins. In a box, for its size: an event is moved often.
    ContentBlockStart(Box<ContentBlockStartEvent>),
    /// A piece of a content block.
    ContentBlockDelta(ContentBlockDeltaEvent),
    /// A content block ends.
    ContentBlockStop(ContentBlockStopEvent),
    /// The answer ends.
    MessageStop(MessageStopEvent),
    /// Usage and metrics. In a box, for it is the largest, and comes once.
    Metadata(Box<ConverseStreamMetadataEvent>),
    /// An event of a type that this version of the crate does not know; its
    /// payload is in [`StreamEvent::payload`].
    Unknown(Text),
}

impl sealed::Sealed for ConverseStreamOutput {}

impl EventUnion for ConverseStreamOutput {
    const END: End = End::MessageStop;

    type Usual = usual::Delta;

    #[inline]
    fn usual(message: &Message) -> Option<usual::Delta> {
        if message.is(Known::ContentBlockDelta) { usual::delta(message) } else { None }
    }

    #[inline]
    fn of_usual(delta: usual::Delta) -> Self {
        ConverseStreamOutput::ContentBlockDelta(delta.into_event())
    }

    fn read(known: Known, message: &Message) -> Result<Self, EventErrorKind> {
        use ConverseStreamOutput as Output;
        Ok(match known {
            Known::ContentBlockDelta => Output::ContentBlockDelta(read(message, known)?),
            Known::ContentBlockStart => {
                Output::ContentBlockStart(Box::new(match usual::block_start(message) {
                    Some(event) => event,
                    None => read(message, known)?,
                }))
            }
            Known::ContentBlockStop => Output::ContentBlockStop(match usual::block_stop(message) {
                Some(event) => event,
                None => read(message, known)?,
            }),
            Known::MessageStart => Output::MessageStart(match usual::message_start(message) {
                Some(event) => event,
                None => read(message, known)?,
            }),
            Known::MessageStop => Output::MessageStop(match usual::message_stop(message) {
                Some(event) => event,
                None => read(message, known)?,
            }),
            Known::Metadata => Output::Metadata(match usual::metadata(message) {
                Some(event) => event,
                None => Box::new(read(message, known)?),
            }),
            Known::Chunk => Self::unknown(known.event_type()),
        })
    }

    fn unknown(event_type: &str) -> Self {
        ConverseStreamOutput::Unknown(event_type.into())
    }

    fn completes(&self) -> bool {
        matches!(self, ConverseStreamOutput::MessageStop(_))
    }

    fn unshare(&mut self) {
        match self {
            ConverseStreamOutput::MessageStart(event) => event.unshare(),
            ConverseStreamOutput::ContentBlockStart(event) => event.unshare(),
            ConverseStreamOutput::ContentBlockDelta(event) => event.unshare(),
            ConverseStreamOutput::ContentBlockStop(event) => event.unshare(),
            ConverseStreamOutput::MessageStop(event) => event.unshare(),
            ConverseStreamOutput::Metadata(event) => event.unshare(),
            ConverseStreamOutput::Unknown(event_type) => event_type.unshare(),
        }
    }
}

impl StreamEvent<ConverseStreamOutput> {
    /// Reads the event in a message of a ConverseStream answer.
    ///
    /// # Errors
    /// Where the message is an exception or an error of the service's, lacks a
    /// header, or has a payload that is not the event's.
    pub fn from_message(message: Message) -> Result<Self, EventError> {
        Self::of(message)
    }

    /// The text, where the event is a piece of text.
    pub fn text(&self) -> Option<&Text> {
        let ConverseStreamOutput::ContentBlockDelta(event) = self.output() else { return None };
        let ContentBlockDelta::Text(text) = &event.delta else { return None };
        Some(text)
    }
}
