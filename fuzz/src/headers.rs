//! The header block, against a reader that is written as plainly as the
//! specification and shares nothing with ours.

use std::collections::BTreeSet;

use bedrock_wire::eventstream::{HeaderValue, Message};

use crate::seal;

/// A header as the plain reader reads it: name, type and value's bytes.
type Plain<'a> = (&'a [u8], u8, &'a [u8]);

/// Any header block is accepted by both or refused by both, and reads the same.
pub fn check(data: &[u8]) {
    let block = data.get(..100_000).unwrap_or(data);
    let message = Message::decode(seal::frame(block, b"{}").into());
    match (plain(block), message) {
        (Some(expected), Ok(message)) => agree(&expected, &message),
        (None, Err(error)) => {
            assert!((12..=12 + block.len() as u64).contains(&error.offset()), "{error:?}");
        }
        (expected, message) => panic!("expected {expected:?}, got {message:?}"),
    }
}

fn agree(expected: &[Plain<'_>], message: &Message) {
    let headers = message.headers();
    assert_eq!(headers.iter().count(), expected.len());
    for ((name, value), expected) in headers.iter().zip(expected) {
        let (number, bytes) = wire(value);
        assert_eq!((name.as_bytes(), number, &bytes[..]), *expected);
    }
    // Each lookup reads the block from its start.
    for (name, value) in headers.iter().take(8) {
        assert_eq!(headers.get(name), Some(value));
    }
    assert!(format!("{headers:?}").len() < 64 * 1024, "Debug is bounded");
    assert_eq!(message.payload(), b"{}");
}

/// The headers of a block, or `None` where the specification has none. An empty
/// name is no error on reading, and lengths are limited by their fields alone.
fn plain(block: &[u8]) -> Option<Vec<Plain<'_>>> {
    let (mut rest, mut headers, mut names) = (block, Vec::new(), BTreeSet::new());
    while let Some((length, tail)) = rest.split_first() {
        let (name, tail) = tail.split_at_checked(usize::from(*length))?;
        let (number, mut tail) = tail.split_first()?;
        let width = match number {
            0 | 1 => 0,
            2 => 1,
            3 => 2,
            4 => 4,
            5 | 8 => 8,
            6 | 7 => {
                let (length, behind) = tail.split_first_chunk()?;
                tail = behind;
                usize::from(u16::from_be_bytes(*length))
            }
            9 => 16,
            _ => return None,
        };
        let (value, tail) = tail.split_at_checked(width)?;
        let is_text = |bytes| std::str::from_utf8(bytes).is_ok();
        if !is_text(name) || (*number == 7 && !is_text(value)) || !names.insert(name) {
            return None;
        }
        headers.push((name, *number, value));
        rest = tail;
    }
    Some(headers)
}

fn wire(value: HeaderValue<'_>) -> (u8, Vec<u8>) {
    match value {
        HeaderValue::Bool(value) => (u8::from(!value), Vec::new()),
        HeaderValue::Byte(value) => (2, value.to_be_bytes().into()),
        HeaderValue::Int16(value) => (3, value.to_be_bytes().into()),
        HeaderValue::Int32(value) => (4, value.to_be_bytes().into()),
        HeaderValue::Int64(value) => (5, value.to_be_bytes().into()),
        HeaderValue::Bytes(value) => (6, value.into()),
        HeaderValue::String(value) => (7, value.into()),
        HeaderValue::Timestamp(value) => (8, value.to_be_bytes().into()),
        HeaderValue::Uuid(value) => (9, value.into()),
        other => panic!("a type that is not in the specification: {other:?}"),
    }
}
