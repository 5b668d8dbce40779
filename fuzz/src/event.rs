//! The JSON of one event: read, written, read again.

use bedrock_wire::eventstream::{HeaderValue, Message};
use bedrock_wire::model::{DecodeError, from_bytes};
use bedrock_wire::stream::{ConverseStreamOutput, EventErrorKind, StreamEvent};
use bytes::Bytes;
use serde_json::Value;

use crate::loss::lost;

/// The events by number; the last two are no events.
pub(crate) const TYPES: [&str; 9] = [
    "contentBlockDelta",
    "contentBlockStart",
    "contentBlockStop",
    "messageStart",
    "messageStop",
    "metadata",
    "eventOfTheFuture",
    "throttlingException",
    "error",
];

/// Any payload of any event (the first byte says which): it is read as serde
/// alone reads it, what is read is written as what reads the same, and nothing
/// is lost.
pub fn check(data: &[u8]) {
    let Some((number, payload)) = data.split_first() else { return };
    let message = message(*number, payload);
    let read = StreamEvent::from_message(message.clone());
    match (&read, by_serde(*number, &message)) {
        (_, None) => {}
        (Ok(event), Some(Ok(by_serde))) => {
            // Told apart in words, since a document's number may be no number to compare.
            assert_eq!(format!("{:?}", event.output()), format!("{by_serde:?}"));
        }
        (Err(error), Some(Err(by_serde))) => {
            let EventErrorKind::Payload { error, .. } = &error.kind else { panic!("{error}") };
            assert_eq!(**error, by_serde);
        }
        (read, Some(by_serde)) => panic!("{read:?}, and by serde {by_serde:?}"),
    }
    let event = match read {
        Ok(event) => event,
        Err(error) => {
            assert_eq!(error.message, message);
            let _ = (error.to_string(), format!("{error:?}"));
            return;
        }
    };
    assert_eq!(event.message(), &message);
    let Some(written) = write(&event) else { return };
    let again = message_of(&message, &written);
    let again = StreamEvent::from_message(again).expect("what is written can be read");
    assert_eq!(write(&again), Some(written.clone()), "written anew it is another");
    assert_eq!(write(&event.detach()), Some(written.clone()), "detached it is another");
    check_loss(payload, &written);
}

/// The event as it is read without the short way for usual payloads; none of
/// what has no rule.
fn by_serde(number: u8, message: &Message) -> Option<Result<ConverseStreamOutput, DecodeError>> {
    let json = match message.payload() {
        // The members of an empty payload are those of an empty object.
        [] => Bytes::from_static(b"{}"),
        _ => message.payload_bytes(),
    };
    Some(match kind(number) {
        "contentBlockDelta" => from_bytes(&json).map(ConverseStreamOutput::ContentBlockDelta),
        "contentBlockStart" => {
            from_bytes(&json).map(|s| ConverseStreamOutput::ContentBlockStart(Box::new(s)))
        }
        "contentBlockStop" => from_bytes(&json).map(ConverseStreamOutput::ContentBlockStop),
        "messageStart" => from_bytes(&json).map(ConverseStreamOutput::MessageStart),
        "messageStop" => from_bytes(&json).map(ConverseStreamOutput::MessageStop),
        "metadata" => from_bytes(&json).map(|m| ConverseStreamOutput::Metadata(Box::new(m))),
        _ => return None,
    })
}

fn kind(number: u8) -> &'static str {
    TYPES[usize::from(number) % TYPES.len()]
}

fn check_loss(payload: &[u8], written: &[u8]) {
    // A tree has less room than a document: in depth, and in its numbers.
    let trees = [payload, written].map(serde_json::from_slice::<Value>);
    let [Ok(mut before), Ok(after)] = trees else { return };
    if let Some(members) = before.as_object_mut() {
        members.remove("p");
    }
    let lost = lost(&before, &after);
    assert_eq!(lost, None, "{before} became {after}");
}

pub(crate) fn message(number: u8, payload: &[u8]) -> Message {
    let kind = kind(number);
    let (header, message_type) = match kind {
        "error" => (":error-code", "error"),
        exception if exception.ends_with("Exception") => (":exception-type", "exception"),
        _ => (":event-type", "event"),
    };
    let headers = [
        (header, HeaderValue::String(kind)),
        (":content-type", HeaderValue::String("application/json")),
        (":message-type", HeaderValue::String(message_type)),
    ];
    Message::encode(headers, payload).expect("an input is short")
}

fn message_of(like: &Message, payload: &[u8]) -> Message {
    Message::encode(like.headers(), payload).expect("an input is short")
}

/// The event as JSON; none of one that is not known, which is its payload.
fn write(event: &StreamEvent) -> Option<Vec<u8>> {
    let written = match event.output() {
        ConverseStreamOutput::MessageStart(event) => serde_json::to_vec(event),
        ConverseStreamOutput::ContentBlockStart(event) => serde_json::to_vec(event),
        ConverseStreamOutput::ContentBlockDelta(event) => serde_json::to_vec(event),
        ConverseStreamOutput::ContentBlockStop(event) => serde_json::to_vec(event),
        ConverseStreamOutput::MessageStop(event) => serde_json::to_vec(event),
        ConverseStreamOutput::Metadata(event) => serde_json::to_vec(event),
        ConverseStreamOutput::Unknown(_) => return None,
        other => panic!("no rule for {other:?}"),
    };
    Some(written.expect("what is read can be written"))
}
