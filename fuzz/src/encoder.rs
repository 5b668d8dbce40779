//! The encoder: what it writes reads back as what went in, and as the reference
//! writes it; what it refuses is over a limit.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::Message as Oracle;
use bedrock_wire::eventstream::{EncodeError, HeaderValue, Message};

use crate::bytes::Choices;
use crate::reference;

/// A header of an input. A long value is a short one repeated, for inputs are
/// short.
enum Value {
    Fixed(HeaderValue<'static>),
    Bytes(Vec<u8>),
    String(String),
}

impl Value {
    fn choose(choices: &mut Choices<'_>) -> Self {
        Self::Fixed(match choices.byte() % 9 {
            0 => HeaderValue::Bool(choices.byte() & 1 == 1),
            1 => HeaderValue::Byte(i8::from_be_bytes(choices.next())),
            2 => HeaderValue::Int16(i16::from_be_bytes(choices.next())),
            3 => HeaderValue::Int32(i32::from_be_bytes(choices.next())),
            4 => HeaderValue::Int64(i64::from_be_bytes(choices.next())),
            5 => return Self::Bytes(long(choices)),
            6 => return Self::String(String::from_utf8_lossy(&long(choices)).into()),
            7 => HeaderValue::Timestamp(i64::from_be_bytes(choices.next())),
            _ => HeaderValue::Uuid(choices.next()),
        })
    }

    fn as_header(&self) -> HeaderValue<'_> {
        match self {
            Self::Fixed(value) => *value,
            Self::Bytes(bytes) => HeaderValue::Bytes(bytes),
            Self::String(text) => HeaderValue::String(text),
        }
    }
}

fn long(choices: &mut Choices<'_>) -> Vec<u8> {
    let [times, length] = choices.next();
    choices.take(length.into()).repeat(usize::from(times).max(1))
}

/// Any headers and payload.
pub fn check(data: &[u8]) {
    let mut choices = Choices(data);
    let mut headers = Vec::new();
    for _ in 0..choices.byte() {
        if choices.is_empty() {
            break;
        }
        let name = String::from_utf8_lossy(&long(&mut choices)).into_owned();
        headers.push((name, Value::choose(&mut choices)));
    }
    let payload = long(&mut choices);
    let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.as_header())).collect();
    match Message::encode(headers.iter().copied(), &payload) {
        Ok(message) => reads_back(&message, &headers, &payload),
        Err(error) => is_over_a_limit(&error, &headers),
    }
}

fn reads_back(message: &Message, headers: &[(&str, HeaderValue<'_>)], payload: &[u8]) {
    let read = Message::decode(message.frame().clone()).expect("encoded by ourselves");
    assert!(read.headers().iter().eq(headers.iter().copied()));
    assert_eq!(read.payload(), payload);
    let headers = headers.iter().map(|(name, value)| reference::header(name, *value)).collect();
    let mut written = Vec::new();
    write_message_to(&Oracle::new_from_parts(headers, payload.to_vec()), &mut written)
        .expect("the reference writes it, too");
    assert!(written == *message.frame(), "the reference writes other bytes");
}

fn is_over_a_limit(error: &EncodeError, headers: &[(&str, HeaderValue<'_>)]) {
    let length = |value: &HeaderValue<'_>| match value {
        HeaderValue::Bytes(bytes) => bytes.len(),
        HeaderValue::String(text) => text.len(),
        _ => 0,
    };
    let is_over = match error {
        EncodeError::HeaderNameEmpty { index } => headers[*index].0.is_empty(),
        EncodeError::HeaderNameTooLong { name } => name.len() > 255,
        EncodeError::HeaderValueTooLong { name, .. } => {
            headers.iter().any(|(n, v)| **n == **name && length(v) > 32_767)
        }
        EncodeError::HeadersTooLong { .. } => {
            headers.iter().map(|(n, v)| n.len() + 20 + length(v)).sum::<usize>() > 128 * 1024
        }
        EncodeError::DuplicateHeader { name } => {
            headers.iter().filter(|(n, _)| **n == **name).count() > 1
        }
        other => panic!("no input is that long: {other}"),
    };
    assert!(is_over, "{error}");
}
