//! One message: decoded from a frame, encoded to a frame.

use std::fmt;

use bytes::Bytes;

use super::headers::{self, Headers, Lossy};
use super::known::Known;
use super::prelude::{Prelude, message_crc};
use super::{
    EncodeError, Error, ErrorKind, HeaderValue, MAX_PAYLOAD_LENGTH, MESSAGE_CRC_LENGTH,
    MIN_MESSAGE_LENGTH, PRELUDE_LENGTH,
};

/// Room that is made for all but the payload of a message to encode, before its
/// headers are known: Bedrock's have up to 87 bytes of them.
const USUAL_OVERHEAD: usize = MIN_MESSAGE_LENGTH + 112;

/// One whole, validated message.
///
/// Holds the frame as it was on the wire, in one [`Bytes`]; headers and
/// payload are views of it, and a clone shares it. Out of a
/// [`Decoder`](super::Decoder), the frame is a slice of the piece it came in
/// and keeps that piece in memory: [`detach`](Self::detach) copies it out.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Message {
    frame: Bytes,
    head: Head,
}

/// The length of a message's headers, and whose of Bedrock's they are. In one
/// word, for a message is moved often: of two parts that are written one by one
/// and read together the second has to wait for the first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Head(u64);

impl Head {
    /// The length is a prelude's, which has 32 bits for it.
    #[inline]
    fn new(headers_length: usize, known: Option<Known>) -> Self {
        let known = known.map_or(0, |known| known as u64 + 1);
        Head((headers_length as u64) << 8 | known)
    }

    #[inline]
    fn headers_length(self) -> usize {
        (self.0 >> 8) as usize
    }

    #[inline]
    fn known(self) -> Option<Known> {
        let [known, ..] = self.0.to_le_bytes();
        Known::ALL.get(usize::from(known).checked_sub(1)?).copied()
    }

    #[inline]
    fn is(self, known: Known) -> bool {
        let [own, ..] = self.0.to_le_bytes();
        own == known as u8 + 1
    }
}

impl Message {
    /// Decodes exactly one whole frame, without copying it.
    ///
    /// No cap on the length applies: the bytes are in memory already.
    ///
    /// # Errors
    /// What is malformed; [`ErrorKind::Incomplete`] if bytes are missing;
    /// [`ErrorKind::TrailingBytes`] if bytes follow.
    pub fn decode(frame: Bytes) -> Result<Self, Error> {
        let held = frame.len();
        let Some(prelude) = prelude_of(&frame)? else {
            return Err(Error::new(ErrorKind::Incomplete { held, needed: None }, held));
        };
        let total = prelude.total;
        if held < total {
            let kind = ErrorKind::Incomplete { held, needed: Some(total) };
            return Err(Error::new(kind, held));
        }
        if held > total {
            let kind = ErrorKind::TrailingBytes { count: held - total };
            return Err(Error::new(kind, total));
        }
        validate(&prelude, &frame)?;
        Ok(Self::validated(frame, &prelude))
    }

    /// Encodes a message, with the headers in the order given.
    ///
    /// # Errors
    /// What the specification does not let a sender write: a name that is
    /// empty, over 255 bytes or given twice; a string or bytes over 32,767
    /// bytes; headers over 128 KiB together; a payload over 24 MiB.
    pub fn encode<'h>(
        headers: impl IntoIterator<Item = (&'h str, HeaderValue<'h>)>,
        payload: &[u8],
    ) -> Result<Self, EncodeError> {
        let too_long = || EncodeError::PayloadTooLong { length: payload.len() };
        if payload.len() > MAX_PAYLOAD_LENGTH {
            return Err(too_long());
        }
        let mut frame = Vec::with_capacity(USUAL_OVERHEAD + payload.len());
        frame.resize(PRELUDE_LENGTH, 0);
        headers::write(headers, &mut frame)?;
        let headers_length = frame.len() - PRELUDE_LENGTH;
        frame.reserve_exact(payload.len() + MESSAGE_CRC_LENGTH);
        frame.extend_from_slice(payload);
        // Within the limits just checked both lengths fit easily.
        let total = u32::try_from(frame.len() + MESSAGE_CRC_LENGTH).map_err(|_| too_long())?;
        let headers = u32::try_from(headers_length).map_err(|_| too_long())?;
        let (prelude, crc) = Prelude::write(total, headers);
        frame[..PRELUDE_LENGTH].copy_from_slice(&prelude);
        frame.extend_from_slice(&message_crc(crc, &frame).to_be_bytes());
        let known = Known::of(&frame[PRELUDE_LENGTH..][..headers_length]);
        Ok(Self::sound(frame.into(), headers_length, known))
    }

    /// A message whose frame passed [`validate`].
    pub(super) fn validated(frame: Bytes, prelude: &Prelude) -> Self {
        let known = Known::of(&frame[PRELUDE_LENGTH..][..prelude.headers]);
        Self::sound(frame, prelude.headers, known)
    }

    /// A message whose frame was found sound, and whose header block it has.
    #[inline]
    pub(super) fn sound(frame: Bytes, headers_length: usize, known: Option<Known>) -> Self {
        Self { frame, head: Head::new(headers_length, known) }
    }

    /// Whose of Bedrock's events the header block is, if it is exactly that.
    #[inline]
    pub(crate) fn known(&self) -> Option<Known> {
        self.head.known()
    }

    /// Whether the header block is exactly that of this event of Bedrock's.
    #[inline]
    pub(crate) fn is(&self, known: Known) -> bool {
        self.head.is(known)
    }

    /// The headers.
    #[inline]
    pub fn headers(&self) -> Headers<'_> {
        self.as_ref().headers()
    }

    /// The payload.
    #[inline]
    pub fn payload(&self) -> &[u8] {
        self.as_ref().payload()
    }

    /// The payload as a slice of the frame; nothing is copied.
    pub fn payload_bytes(&self) -> Bytes {
        self.frame.slice_ref(self.payload())
    }

    /// The whole message as on the wire, checksums included.
    #[inline]
    pub fn frame(&self) -> &Bytes {
        &self.frame
    }

    /// The same message in memory of its own, so that the piece it came in
    /// can go.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self { frame: Bytes::copy_from_slice(&self.frame), ..*self }
    }

    /// The borrowed form.
    #[inline]
    pub fn as_ref(&self) -> MessageRef<'_> {
        MessageRef { frame: &self.frame, headers_length: self.head.headers_length() }
    }
}

/// Shows headers and payload as text, both cut to a bounded length.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().debug("Message", f)
    }
}

/// One whole, validated message in borrowed bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MessageRef<'a> {
    frame: &'a [u8],
    headers_length: usize,
}

impl<'a> MessageRef<'a> {
    /// Decodes the message at the start of `bytes`; the next one starts
    /// behind its [`frame`](Self::frame).
    ///
    /// `Ok(None)` says that `bytes` end inside the message. The first 12
    /// bytes are checked as soon as they are there. No cap on the length
    /// applies: who gathers bytes until there are enough sets one, or uses a
    /// [`Decoder`](super::Decoder).
    ///
    /// # Errors
    /// What is malformed.
    pub fn decode(bytes: &'a [u8]) -> Result<Option<Self>, Error> {
        let Some(prelude) = prelude_of(bytes)? else {
            return Ok(None);
        };
        let Some(frame) = bytes.get(..prelude.total) else {
            return Ok(None);
        };
        validate(&prelude, frame)?;
        Ok(Some(Self { frame, headers_length: prelude.headers }))
    }

    /// The headers.
    #[inline]
    pub fn headers(&self) -> Headers<'a> {
        Headers::validated(self.split().0)
    }

    /// The payload.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        self.split().1
    }

    /// The whole message as on the wire, checksums included.
    #[inline]
    pub fn frame(&self) -> &'a [u8] {
        self.frame
    }

    /// The same message in memory of its own.
    pub fn to_message(self) -> Message {
        let known = Known::of(self.headers().as_bytes());
        Message::sound(Bytes::copy_from_slice(self.frame), self.headers_length, known)
    }

    /// Headers and payload. The lengths were checked against each other.
    #[inline]
    fn split(&self) -> (&'a [u8], &'a [u8]) {
        let end = self.frame.len() - MESSAGE_CRC_LENGTH;
        self.frame[PRELUDE_LENGTH..end].split_at(self.headers_length)
    }

    fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("headers", &self.headers())
            .field("payload", &Lossy(self.payload()))
            .finish()
    }
}

/// Shows headers and payload as text, both cut to a bounded length.
impl fmt::Debug for MessageRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.debug("MessageRef", f)
    }
}

/// Checks the whole `frame` of `prelude`: its checksum and its headers.
pub(super) fn validate(prelude: &Prelude, frame: &[u8]) -> Result<(), Error> {
    prelude.check_message_crc(frame)?;
    headers::validate(&frame[PRELUDE_LENGTH..][..prelude.headers])
}

fn prelude_of(bytes: &[u8]) -> Result<Option<Prelude>, Error> {
    bytes.first_chunk().map(|chunk| Prelude::parse(*chunk, usize::MAX)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: (&str, HeaderValue<'_>) = (":event-type", HeaderValue::String("messageStop"));

    fn message() -> Message {
        Message::encode([TYPE], b"{\"stopReason\":\"end_turn\"}").unwrap()
    }

    fn refused(frame: &[u8]) -> (ErrorKind, u64) {
        let error = Message::decode(Bytes::copy_from_slice(frame)).unwrap_err();
        (error.kind().clone(), error.offset())
    }

    #[test]
    fn headers_and_payload_are_slices_of_the_frame() {
        let message = Message::decode(message().frame().clone()).unwrap();
        let frame = message.frame().as_ptr_range();
        assert_eq!(message.headers().as_bytes().as_ptr(), frame.start.wrapping_add(12));
        assert!(frame.contains(&message.payload_bytes().as_ptr()));
        assert_eq!(message.payload_bytes(), message.payload());
        assert!(!frame.contains(&message.detach().frame().as_ptr()));
        assert_eq!(message.detach(), message);
    }

    #[test]
    fn every_cut_of_a_frame_is_incomplete_and_says_what_it_needs() {
        let message = message();
        let total = message.frame().len();
        for held in 0..total {
            let cut = &message.frame()[..held];
            assert_eq!(MessageRef::decode(cut), Ok(None));
            let needed = (held >= 12).then_some(total);
            assert_eq!(refused(cut), (ErrorKind::Incomplete { held, needed }, held as u64));
        }
    }

    #[test]
    fn what_follows_is_left_to_the_next_message_or_refused() {
        let two = [&message().frame()[..], message().frame()].concat();
        let first = MessageRef::decode(&two).unwrap().unwrap();
        assert_eq!(first.to_message(), message());
        let second = MessageRef::decode(&two[first.frame().len()..]).unwrap().unwrap();
        assert_eq!(first, second);
        let total = message().frame().len();
        assert_eq!(refused(&two), (ErrorKind::TrailingBytes { count: total }, total as u64));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let frame = message().frame().to_vec();
        for bit in 0..frame.len() * 8 {
            let mut damaged = frame.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let (kind, _) = refused(&damaged);
            match bit / 8 {
                0..12 => assert!(matches!(kind, ErrorKind::PreludeCrcMismatch { .. })),
                _ => assert!(matches!(kind, ErrorKind::MessageCrcMismatch { .. })),
            }
        }
    }

    #[test]
    fn an_error_in_the_headers_is_told_at_its_byte_of_the_frame() {
        let mut frame = message().frame().to_vec();
        frame[24] = 10; // the value's type, behind 12 + 1 + 11 bytes
        let end = frame.len() - 4;
        let crc = crc32fast::hash(&frame[..end]).to_be_bytes();
        frame[end..].copy_from_slice(&crc);
        let kind = ErrorKind::UnknownHeaderType { name: ":event-type".into(), value_type: 10 };
        assert_eq!(refused(&frame), (kind, 24));
    }

    #[test]
    fn a_sender_is_held_to_the_limits_and_no_further() {
        let long = "n".repeat(256);
        let encode = |name, value| Message::encode([(name, value)], b"");
        assert!(encode(&long[..255], HeaderValue::Bool(true)).is_ok());
        let name = long.as_str().into();
        let refused = encode(&long, HeaderValue::Bool(true)).unwrap_err();
        assert_eq!(refused, EncodeError::HeaderNameTooLong { name });
        let bytes = vec![0; 32_768];
        assert!(encode("b", HeaderValue::Bytes(&bytes[1..])).is_ok());
        let refused = encode("b", HeaderValue::Bytes(&bytes)).unwrap_err();
        assert_eq!(refused, EncodeError::HeaderValueTooLong { name: "b".into(), length: 32_768 });
        let refused = Message::encode([TYPE, TYPE], b"").unwrap_err();
        assert_eq!(refused, EncodeError::DuplicateHeader { name: TYPE.0.into() });
        let payload = vec![0; MAX_PAYLOAD_LENGTH + 1];
        assert!(Message::encode([TYPE], &payload[1..]).is_ok());
        let refused = Message::encode([TYPE], &payload).unwrap_err();
        assert_eq!(refused, EncodeError::PayloadTooLong { length: payload.len() });
    }

    #[test]
    fn the_header_that_goes_over_128_kib_is_named() {
        // Each of the first four has 4 + 32,764 bytes: 128 KiB together.
        let text = "x".repeat(32_763);
        let four = ["a", "b", "c", "d"].map(|name| (name, HeaderValue::String(&text)));
        let block = |headers: &[_]| Message::encode(headers.iter().copied(), b"");
        assert_eq!(block(&four).unwrap().headers().as_bytes().len(), 128 * 1024);
        let five = [&four[..], &[("e", HeaderValue::Bool(true))]].concat();
        let name = "e".into();
        assert_eq!(block(&five), Err(EncodeError::HeadersTooLong { name, length: 131_075 }));
    }

    #[test]
    fn debug_shows_headers_and_payload_as_text() {
        assert_eq!(
            format!("{:?}", message()),
            r#"Message { headers: {":event-type": "messageStop"}, "#.to_owned()
                + r#"payload: "{\"stopReason\":\"end_turn\"}" }"#
        );
    }
}
