//! The events of InvokeModelWithResponseStream.

use std::convert::Infallible;

use bytes::Bytes;
use memchr::memmem;

use super::event::{End, EventError, EventErrorKind, EventUnion, StreamEvent, read, sealed};
use crate::eventstream::{Known, Message};
use crate::model::{
    DecodeError, InvocationMetrics, LastPiece, PayloadPart, Shape, Text, from_bytes,
};

/// An event of an InvokeModelWithResponseStream answer.
///
/// AWS: [`ResponseStream`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html),
/// without its exceptions: those are errors.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ResponseStream {
    /// A piece of the answer in the model's own format.
    Chunk(PayloadPart),
    /// An event of a type that this version of the crate does not know; its
    /// payload is in [`StreamEvent::payload`].
    Unknown(Text),
}

impl sealed::Sealed for ResponseStream {}

impl EventUnion for ResponseStream {
    // The service model has no last event.
    const END: End = End::Any;

    type Usual = Infallible;

    fn usual(_: &Message) -> Option<Infallible> {
        None
    }

    fn of_usual(usual: Infallible) -> Self {
        match usual {}
    }

    fn read(known: Known, message: &Message) -> Result<Self, EventErrorKind> {
        match known {
            Known::Chunk => Ok(ResponseStream::Chunk(read(message, known)?)),
            Known::ContentBlockDelta
            | Known::ContentBlockStop
            | Known::MessageStart
            | Known::MessageStop
            | Known::Metadata
            | Known::ContentBlockStart => Ok(Self::unknown(known.event_type())),
        }
    }

    fn unknown(event_type: &str) -> Self {
        ResponseStream::Unknown(event_type.into())
    }

    fn completes(&self) -> bool {
        let ResponseStream::Chunk(part) = self else { return false };
        let chunk = part.bytes.as_deref().unwrap_or_default();
        LAST.iter().any(|name| memmem::find(chunk, name.as_bytes()).is_some())
    }

    fn unshare(&mut self) {
        match self {
            ResponseStream::Chunk(part) => part.unshare(),
            ResponseStream::Unknown(event_type) => event_type.unshare(),
        }
    }
}

/// What the service adds to the JSON of a stream's last piece.
const METRICS: &str = "amazon-bedrock-invocationMetrics";

/// What only the last piece has: the metrics, or that a guardrail blocked the
/// answer, which then may lack them.
const LAST: [&str; 2] =
    ["\"amazon-bedrock-invocationMetrics\"", "\"amazon-bedrock-guardrailAction\":\"INTERVENED\""];

impl StreamEvent<ResponseStream> {
    /// Reads the event in a message of an InvokeModelWithResponseStream answer.
    ///
    /// # Errors
    /// As [`from_message`](StreamEvent::from_message).
    pub fn of_chunk(message: Message) -> Result<Self, EventError> {
        Self::of(message)
    }

    /// The piece of the answer: raw JSON in the model's own format, decoded
    /// from the base64 that is on the wire.
    pub fn chunk(&self) -> Option<&Bytes> {
        match self.output() {
            ResponseStream::Chunk(part) => part.bytes.as_ref().map(|bytes| &bytes.0),
            ResponseStream::Unknown(_) => None,
        }
    }

    /// The metrics that the service adds to the last piece, whoever made the
    /// model; an answer that a guardrail blocked may lack them. `None` in every
    /// other piece.
    ///
    /// # Errors
    /// Where the piece has metrics that cannot be read.
    pub fn invocation_metrics(&self) -> Result<Option<InvocationMetrics>, DecodeError> {
        let Some(chunk) = self.chunk() else { return Ok(None) };
        // Most pieces have none, and need not be read.
        if memmem::find(chunk, METRICS.as_bytes()).is_none() {
            return Ok(None);
        }
        Ok(from_bytes::<LastPiece>(chunk)?.metrics)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eventstream::HeaderValue;

    fn event(event_type: &str, payload: &str) -> StreamEvent<ResponseStream> {
        let headers = [
            (":event-type", HeaderValue::String(event_type)),
            (":message-type", HeaderValue::String("event")),
        ];
        let message = Message::encode(headers, payload.as_bytes()).unwrap();
        StreamEvent::of_chunk(message).unwrap()
    }

    fn chunk(json: &str) -> StreamEvent<ResponseStream> {
        let part = PayloadPart::new().bytes(json.as_bytes());
        event("chunk", &serde_json::to_string(&part).unwrap())
    }

    #[test]
    fn a_chunk_is_the_json_behind_its_base64() {
        let event = event("chunk", r#"{"bytes":"eyJhIjoxfQ==","p":"abc"}"#);
        assert_eq!(event.chunk().unwrap(), r#"{"a":1}"#);
        assert_eq!(event.invocation_metrics(), Ok(None));
        assert_eq!(event.clone().detach().chunk(), event.chunk());
    }

    #[test]
    fn metrics_are_found_wherever_they_stand_and_told_if_they_cannot_be_read() {
        for (json, count) in [
            (r#"{"a":1,"amazon-bedrock-invocationMetrics":{"inputTokenCount":7}}"#, 7),
            ("{\"amazon-bedrock-invocationMetrics\" : {\"inputTokenCount\":7},\"b\":{}} \n", 7),
        ] {
            let chunk = chunk(json);
            assert!(chunk.output().completes());
            assert_eq!(chunk.invocation_metrics().unwrap().unwrap().input_token_count, Some(count));
        }
        let bad = chunk(r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":1.5}}"#);
        assert!(bad.invocation_metrics().unwrap_err().to_string().contains("inputTokenCount"));
        let said = chunk(r#"{"text":"amazon-bedrock-invocationMetrics"}"#);
        assert_eq!(said.invocation_metrics(), Ok(None));
    }

    #[test]
    fn an_event_of_another_type_is_kept() {
        let event = event("newEvent", "{}");
        assert_eq!(event.output(), &ResponseStream::Unknown("newEvent".into()));
        assert_eq!((event.chunk(), event.payload()), (None, &b"{}"[..]));
    }
}
