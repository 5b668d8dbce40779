//! The events of InvokeModelWithResponseStream.

use bytes::Bytes;

use super::event::{EventErrorKind, EventUnion, StreamEvent, read, sealed};
use crate::eventstream::Message;
use crate::model::{Document, InvocationMetrics, PayloadPart, Shape, Text, from_bytes};

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
    // The service model has no last event; the end of the body is the end.
    const HAS_END: bool = false;

    fn read(event_type: &str, message: &Message) -> Result<Self, EventErrorKind> {
        Ok(match event_type {
            "chunk" => ResponseStream::Chunk(read(message, "chunk")?),
            unknown => ResponseStream::Unknown(unknown.into()),
        })
    }

    fn completes(&self) -> bool {
        false
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

impl StreamEvent<ResponseStream> {
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
    pub fn invocation_metrics(&self) -> Option<InvocationMetrics> {
        let chunk = self.chunk()?;
        // The service writes them as the last member: most pieces need no look.
        if !chunk.ends_with(b"}}") {
            return None;
        }
        let members = from_bytes::<Document>(chunk).ok()?.members().ok()?;
        members.get(METRICS)?.to().ok()
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
        StreamEvent::from_message(message).unwrap()
    }

    #[test]
    fn a_chunk_is_the_json_behind_its_base64() {
        let event = event("chunk", r#"{"bytes":"eyJhIjoxfQ==","p":"abc"}"#);
        assert_eq!(event.chunk().unwrap(), r#"{"a":1}"#);
        assert_eq!(event.invocation_metrics(), None);
        assert_eq!(event.clone().detach().chunk(), event.chunk());
    }

    #[test]
    fn an_event_of_another_type_is_kept() {
        let event = event("newEvent", "{}");
        assert_eq!(event.output(), &ResponseStream::Unknown("newEvent".into()));
        assert_eq!((event.chunk(), event.payload()), (None, &b"{}"[..]));
    }
}
