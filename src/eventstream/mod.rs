//! AWS event-stream messages: bytes in, messages out.
//!
//! The framing of every streaming answer of Bedrock's, as in Smithy's
//! [Amazon Event Stream specification]. No IO, no JSON, no async: push the
//! pieces of a body into a [`Decoder`] as they arrive, and take out
//! [`Message`]s.
//!
//! ```text
//!  byte 0          4          8          12                            total-4
//!  +----------+----------+----------+------------- ~ -+------- ~ -+----------+
//!  |  total   | headers  | CRC-32   | headers         | payload   | CRC-32   |
//!  |  length  | length   | of 0..8  |                 |           | of all   |
//!  |          |          |          |                 |           | before   |
//!  +----------+----------+----------+------------- ~ -+------- ~ -+----------+
//!  `----------- prelude -----------'
//!
//!  one header:   name length (1) | name | value type (1) | value
//!  value types:  0 true   1 false   2 byte (1)   3 int16 (2)   4 int32 (4)
//!                5 int64 (8)        6 bytes and 7 string: length (2) | value
//!                8 timestamp (8, ms since 1970)  9 uuid (16)
//! ```
//!
//! All numbers are big-endian; lengths are unsigned, values signed. Both checksums are CRC-32 as in IEEE 802.3.
//!
//! ```
//! use bedrock_wire::eventstream::{Decoder, HeaderValue, Message};
//! use bytes::Bytes;
//!
//! let sent = Message::encode([(":event-type", HeaderValue::String("messageStart"))], b"{}")?;
//! let (first, second) = sent.frame().split_at(20);
//!
//! let mut decoder = Decoder::new();
//! decoder.push(Bytes::copy_from_slice(first));
//! assert_eq!(decoder.next()?, None); // incomplete: a value, not an error
//! decoder.push(Bytes::copy_from_slice(second));
//! let message = decoder.next()?.expect("a whole message is there");
//! assert_eq!(message.headers().get(":event-type"), Some(HeaderValue::String("messageStart")));
//! assert_eq!(message.payload(), b"{}");
//! decoder.finish()?; // the input ended here; not one byte was held
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [Amazon Event Stream specification]: https://smithy.io/2.0/aws/amazon-eventstream.html

mod crc;
mod decoder;
mod error;
mod field;
mod headers;
mod known;
mod layout;
mod message;
mod pieces;
mod prelude;
mod value;

pub use decoder::Decoder;
pub use error::{EncodeError, Error, ErrorKind};
pub use headers::{Headers, HeadersIter};
pub(crate) use known::Known;
pub use layout::{Layout, Part, PartKind};
pub use message::{Message, MessageRef};
pub use value::HeaderValue;

/// Bytes of the prelude: total length, headers length and their CRC.
pub const PRELUDE_LENGTH: usize = 12;

/// Bytes of the shortest frame, which has neither headers nor payload.
pub const MIN_MESSAGE_LENGTH: usize = PRELUDE_LENGTH + MESSAGE_CRC_LENGTH;

/// Longest header block that a sender may write: 128 KiB. Not a limit on
/// decoding: the specification has services validate it and clients not.
pub const MAX_HEADERS_LENGTH: usize = 128 * 1024;

/// Longest payload that a sender may write: 24 MiB. Not a limit on decoding.
pub const MAX_PAYLOAD_LENGTH: usize = 24 * 1024 * 1024;

/// Longest header name, in bytes of UTF-8. The wire has no room for more.
pub const MAX_HEADER_NAME_LENGTH: usize = u8::MAX as usize;

/// Longest value of a bytes or string header that a sender may write. On
/// decoding, all that the two bytes of length can say (65,535) is accepted.
pub const MAX_HEADER_VALUE_LENGTH: usize = 32_767;

/// Longest message that a [`Decoder`] gathers unless told otherwise: what the
/// limits for senders add up to, 25,296,912 bytes.
pub const DEFAULT_MAX_MESSAGE_LENGTH: usize =
    MIN_MESSAGE_LENGTH + MAX_HEADERS_LENGTH + MAX_PAYLOAD_LENGTH;

const MESSAGE_CRC_LENGTH: usize = 4;
