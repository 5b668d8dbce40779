//! The codec suites of botocore, aws-c-event-stream and Smithy's restJson1.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;
mod frames;

use std::collections::BTreeMap;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::Message as Oracle;
use bedrock_wire::eventstream::{EncodeError, ErrorKind, HeaderValue, Message};
use bytes::Bytes;
use corpus::Corpus;
use frames::{by_reference, decode, decode_every_way, encoded, in_its_terms};
use serde_json::{Map, Value, json};

/// A vector that its suite refuses: its name and the suite's error, and what
/// ours has to be.
type Refused = (&'static str, &'static str, fn(&ErrorKind) -> bool);

/// botocore has one error for both checksums; the name of the vector says
/// which field was damaged, and so which checksum it is.
const REFUSED: [Refused; 8] = [
    ("corrupted_length", "ChecksumMismatch", |k| matches!(k, ErrorKind::PreludeCrcMismatch { .. })),
    ("corrupted_header_length", "ChecksumMismatch", |k| {
        matches!(k, ErrorKind::PreludeCrcMismatch { .. })
    }),
    ("corrupted_headers", "ChecksumMismatch", |k| {
        matches!(k, ErrorKind::MessageCrcMismatch { .. })
    }),
    ("corrupted_payload", "ChecksumMismatch", |k| {
        matches!(k, ErrorKind::MessageCrcMismatch { .. })
    }),
    (
        "duplicate_header",
        "DuplicateHeader",
        |k| matches!(k, ErrorKind::DuplicateHeader { name } if **name == *"test"),
    ),
    // botocore refuses it for being over 128 KiB. We would not, but these
    // headers are also longer than their message.
    ("invalid_headers_length", "InvalidHeadersLength", |k| {
        matches!(k, ErrorKind::HeadersPastEnd { headers_length: 0xff00_0102, length: 61 })
    }),
    (
        "message_streaming_decoder.test_streaming_decoder_incoming_illegal_header_length_relationship_fails.test_data",
        "AWS_ERROR_EVENT_STREAM_MESSAGE_INVALID_HEADERS_LEN",
        |k| matches!(k, ErrorKind::HeadersPastEnd { headers_length: 8, length: 20 }),
    ),
    (
        "message_streaming_decoder.test_streaming_decoder_incoming_message_too_short.test_data",
        "AWS_ERROR_EVENT_STREAM_BUFFER_LENGTH_MISMATCH",
        |k| matches!(k, ErrorKind::LengthTooSmall { length: 12 }),
    ),
];

/// Refused by botocore on its first 12 bytes, for a payload of over 24 MiB.
/// The specification has clients not reject a message for that, so we do not;
/// and that is as far as this vector goes, for it ends 16 bytes before the
/// length that it announces.
const OVER_24_MIB: &str = "invalid_payload_length";

struct Vector {
    suite: String,
    name: String,
    expect: String,
    row: Value,
}

fn vectors(corpus: &Corpus) -> Vec<Vector> {
    let index = corpus.json("vectors/eventstream/index.json");
    let text = |row: &Value, key: &str| row[key].as_str().expect(key).to_owned();
    let rows = index.as_array().expect("index.json is an array");
    let vector = |row: &Value| Vector {
        suite: text(row, "suite"),
        name: text(row, "name"),
        expect: text(row, "expect"),
        row: row.clone(),
    };
    rows.iter().map(vector).collect()
}

impl Vector {
    fn bytes(&self, corpus: &Corpus) -> Bytes {
        let path = format!("vectors/eventstream/{}/{}.bin", self.suite, self.name);
        let bytes = corpus.bytes(&path);
        assert_eq!(Some(bytes.len() as u64), self.row["bytes"].as_u64(), "{path}");
        bytes.into()
    }
}

#[test]
fn what_the_suites_accept_is_decoded_as_they_say_and_encoded_to_the_same_bytes() {
    let Some(corpus) = corpus::find("good vectors") else {
        return;
    };
    let (mut counts, mut messages, mut described) = (BTreeMap::new(), 0, 0);
    for (seed, vector) in (0..).zip(vectors(&corpus)).filter(|(_, v)| v.expect == "ok") {
        let bytes = vector.bytes(&corpus);
        let decoded =
            decode_every_way(&bytes, seed).unwrap_or_else(|e| panic!("{}: {e}", vector.name));
        let expected = by_reference(&bytes).into_iter().map(|(message, _)| message);
        assert!(decoded.iter().map(in_its_terms).eq(expected), "{}", vector.name);
        let again: Vec<u8> = decoded.iter().flat_map(encoded).collect();
        assert_eq!(again, bytes, "{}", vector.name);
        if let Some(headers) = vector.row["headers"].as_object() {
            assert_eq!(decoded.len(), 1);
            assert_eq!(as_the_index_has_it(&decoded[0]), *headers, "{}", vector.name);
            let payload = vector.row["payload"].as_str().expect("payload");
            assert_eq!(decoded[0].payload(), payload.as_bytes(), "{}", vector.name);
            described += 1;
        }
        messages += decoded.len();
        *counts.entry(vector.suite).or_insert(0) += 1;
    }
    println!("accepted: {counts:?}, {messages} messages, {described} described in the index");
    assert_eq!(counts.len(), 3, "a suite is missing: {counts:?}");
    assert!(described > 0, "the index describes no message");
}

#[test]
fn what_the_suites_refuse_is_refused_for_the_same_reason() {
    let Some(corpus) = corpus::find("bad vectors") else {
        return;
    };
    let mut count = 0;
    let refused = vectors(&corpus).into_iter().filter(|v| v.expect != "ok");
    for vector in refused.filter(|v| v.name != OVER_24_MIB) {
        let row = REFUSED.iter().find(|(name, ..)| *name == vector.name);
        let (name, theirs, ours) = row.unwrap_or_else(|| panic!("no row for {}", vector.name));
        assert_eq!(vector.expect, *theirs, "{name}");
        let error = decode_every_way(&vector.bytes(&corpus), 0).expect_err(name);
        assert!(ours(error.kind()), "{name}: {error}");
        count += 1;
    }
    println!("refused: {count}");
    assert_eq!(count, REFUSED.len());
}

#[test]
fn the_vector_over_24_mib_is_refused_for_its_missing_bytes_and_not_for_its_length() {
    let Some(corpus) = corpus::find("the vector over 24 MiB") else {
        return;
    };
    let vector =
        vectors(&corpus).into_iter().find(|v| v.name == OVER_24_MIB).expect("in the index");
    assert_eq!(vector.expect, "InvalidPayloadLength");
    let bytes = over_24_mib();
    let held = bytes.len();
    assert_eq!(vector.row["bytes"], json!(held));
    let mut random = frames::Random::new(24);
    for decoded in [decode(&bytes, || usize::MAX), decode(&bytes, || random.up_to(100_000))] {
        let error = decoded.expect_err("it ends 16 bytes early");
        let needed = Some(held + 16);
        assert_eq!(*error.kind(), ErrorKind::Incomplete { held, needed });
    }
}

#[test]
fn a_payload_one_byte_over_24_mib_is_decoded_and_not_encoded() {
    let length = 24 * 1024 * 1024 + 1;
    let mut frame = Vec::with_capacity(length + 16);
    write_message_to(&Oracle::new(vec![b'0'; length]), &mut frame)
        .expect("the reference writes it");
    let frame = Bytes::from(frame);
    let mut random = frames::Random::new(24);
    for decoded in [decode(&frame, || usize::MAX), decode(&frame, || random.up_to(100_000))] {
        let messages = decoded.expect("clients must not reject it for its length");
        let [message] = &messages[..] else { panic!("{} messages", messages.len()) };
        assert_eq!(message.payload().len(), length);
        assert!(*message.frame() == frame);
        let refused = Message::encode(message.headers(), message.payload());
        assert_eq!(refused, Err(EncodeError::PayloadTooLong { length }));
    }
}

/// As the index gives its recipe: prelude, 24 MiB and one byte of `0`, CRC.
fn over_24_mib() -> Bytes {
    let mut frame = vec![0x01, 0x80, 0x00, 0x21, 0, 0, 0, 0, 0xdd, 0x3f, 0x33, 0xb1];
    frame.resize(12 + 24 * 1024 * 1024 + 1, b'0');
    frame.extend([0x2a, 0xb4, 0xc5, 0xa5]);
    frame.into()
}

/// The headers in the index's form: bytes and UUIDs as `hex:`, numbers and
/// timestamps as numbers.
fn as_the_index_has_it(message: &Message) -> Map<String, Value> {
    let value = |value| match value {
        HeaderValue::Bool(value) => json!(value),
        HeaderValue::Byte(value) => json!(value),
        HeaderValue::Int16(value) => json!(value),
        HeaderValue::Int32(value) => json!(value),
        HeaderValue::Int64(value) | HeaderValue::Timestamp(value) => json!(value),
        HeaderValue::String(value) => json!(value),
        HeaderValue::Bytes(value) => json!(hex(value)),
        HeaderValue::Uuid(value) => json!(hex(&value)),
        other => panic!("the index has no form for {other:?}"),
    };
    message.headers().iter().map(|(name, v)| (name.to_owned(), value(v))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("hex:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}
