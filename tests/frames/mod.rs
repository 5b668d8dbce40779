//! Frames through our decoder and through AWS's own, in terms of the latter.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use aws_smithy_eventstream::frame::read_message_from;
use aws_smithy_types::DateTime;
use aws_smithy_types::event_stream::{Header, HeaderValue as Reference, Message as Oracle};
use bedrock_wire::eventstream::{Decoder, Error, HeaderValue, Message};
use bytes::Bytes;

/// The messages of `stream` as `aws-smithy-eventstream` reads them, and where
/// each of them ends.
pub fn by_reference(stream: &[u8]) -> Vec<(Oracle, usize)> {
    let mut rest = stream;
    let mut messages = Vec::new();
    while !rest.is_empty() {
        let message = read_message_from(&mut rest).expect("the reference decoder accepts it");
        messages.push((message, stream.len() - rest.len()));
    }
    messages
}

/// Our message as the reference decoder would have given it.
pub fn in_its_terms(message: &Message) -> Oracle {
    let headers = message.headers().iter();
    let headers =
        headers.map(|(name, value)| Header::new(name.to_owned(), value_in_its_terms(value)));
    Oracle::new_from_parts(headers.collect(), message.payload_bytes())
}

fn value_in_its_terms(value: HeaderValue<'_>) -> Reference {
    match value {
        HeaderValue::Bool(value) => Reference::Bool(value),
        HeaderValue::Byte(value) => Reference::Byte(value),
        HeaderValue::Int16(value) => Reference::Int16(value),
        HeaderValue::Int32(value) => Reference::Int32(value),
        HeaderValue::Int64(value) => Reference::Int64(value),
        HeaderValue::Bytes(value) => Reference::ByteArray(Bytes::copy_from_slice(value)),
        HeaderValue::String(value) => Reference::String(value.to_owned().into()),
        HeaderValue::Timestamp(value) => Reference::Timestamp(DateTime::from_millis(value)),
        HeaderValue::Uuid(value) => Reference::Uuid(u128::from_be_bytes(value)),
        other => panic!("no such value in the reference: {other:?}"),
    }
}

/// Decodes `stream` in pieces of the sizes that `size` gives, taking out the
/// messages after every piece. The error may be that of the end of input.
pub fn decode(stream: &Bytes, mut size: impl FnMut() -> usize) -> Result<Vec<Message>, Error> {
    let mut decoder = Decoder::new();
    let mut messages = Vec::new();
    let mut rest = stream.clone();
    while !rest.is_empty() {
        decoder.push(rest.split_to(size().min(rest.len())));
        while let Some(message) = decoder.next()? {
            messages.push(message);
        }
    }
    decoder.finish()?;
    Ok(messages)
}

/// Decodes `stream` whole, byte by byte and in random pieces, which must all
/// come to the same.
pub fn decode_every_way(stream: &Bytes, seed: u64) -> Result<Vec<Message>, Error> {
    let whole = decode(stream, || usize::MAX);
    assert_eq!(decode(stream, || 1), whole, "byte by byte");
    for (round, longest) in (1..).zip([3, 20, 200, 2000]) {
        let mut random = Random::new(seed.wrapping_add(round));
        let pieces = decode(stream, || random.up_to(longest));
        assert_eq!(pieces, whole, "pieces of up to {longest} bytes, seed {seed}");
    }
    whole
}

/// The frame that our encoder makes of a message's headers and payload.
pub fn encoded(message: &Message) -> Bytes {
    let encoded = Message::encode(message.headers(), message.payload());
    encoded.expect("within the limits for senders").frame().clone()
}

/// Marsaglia's xorshift64: the same numbers on every run.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number from 1 to `most`.
    pub fn up_to(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        1 + usize::try_from(self.0 % most as u64).expect("less than most")
    }
}
