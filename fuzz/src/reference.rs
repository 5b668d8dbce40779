//! AWS's own codec, and our messages in its terms.

use aws_smithy_types::DateTime;
use aws_smithy_types::event_stream::{Header, HeaderValue as Reference, Message as Oracle};
use bedrock_wire::eventstream::{HeaderValue, Message};
use bytes::Bytes;

/// Our message as the reference decoder would have given it.
pub(crate) fn in_its_terms(message: &Message) -> Oracle {
    let headers = message.headers().iter();
    let headers = headers.map(|(name, value)| header(name, value)).collect();
    Oracle::new_from_parts(headers, message.payload_bytes())
}

pub(crate) fn header(name: &str, value: HeaderValue<'_>) -> Header {
    let value = match value {
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
    };
    Header::new(name.to_owned(), value)
}
