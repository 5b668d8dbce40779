//! The streaming decoder: raw bytes, frames with right checksums, pieces of
//! any size, and one decoder for many frames.

use bedrock_wire::eventstream::{
    Decoder, EncodeError, Error, ErrorKind, MAX_HEADER_VALUE_LENGTH, Message, MessageRef,
};
use bytes::Bytes;

use crate::bytes::Choices;
use crate::seal;

/// Any bytes: the messages and what is held are the stream, and a message is
/// the same however it is decoded.
pub fn raw(data: &[u8]) {
    check(&Bytes::copy_from_slice(data));
}

/// The same where checksums are right.
pub fn sealed(data: &[u8]) {
    check(&seal::sealed(data).into());
}

/// In pieces of any size a stream gives the same messages and the same end.
pub fn pieces(data: &[u8]) {
    let mut choices = Choices(data);
    let sizes: [u8; 8] = choices.next();
    let is_sealed = sizes[0] & 1 == 0;
    let rest = choices.0;
    let stream: Bytes = if is_sealed { seal::sealed(rest) } else { rest.to_vec() }.into();
    let whole = Decoded::of(&stream, || usize::MAX);
    // Small, medium and large pieces take turns; 0 is an empty piece.
    let mut turns = sizes.iter().cycle().zip([1, 1, 4, 32].into_iter().cycle());
    let sizes = || turns.next().map_or(1, |(size, unit)| usize::from(*size) * unit);
    assert_eq!(Decoded::of_pieces(&stream, sizes), whole);
    assert_eq!(Decoded::of(&stream, || 1), whole, "byte by byte");
}

/// A decoder that has seen other frames, the same frame among them, decodes as
/// one that has not; and it notices a flipped bit.
pub fn warm(data: &[u8]) {
    let mut choices = Choices(data);
    let bit = usize::from(u16::from_be_bytes(choices.next()));
    let stream = Bytes::from(seal::sealed(choices.0));
    let mut decoder = Decoder::new();
    decoder.push(stream.clone());
    let mut frames = Vec::new();
    while let Ok(Some(message)) = decoder.next() {
        assert_eq!(cold(message.frame()), Ok(Some(message.clone())));
        frames.push(message.frame().clone());
    }
    let mut decoder = Decoder::new();
    for frame in frames.iter().chain(frames.iter().rev()) {
        let offset = decoder.offset();
        decoder.push(frame.clone());
        assert_eq!(decoder.next(), cold(frame), "at {offset}");
        assert_eq!(decoder.finish(), Ok(()));
    }
    let Some(frame) = frames.first() else { return };
    let mut damaged = frame.to_vec();
    let bit = bit % (damaged.len() * 8);
    damaged[bit / 8] ^= 1 << (bit % 8);
    let offset = decoder.offset();
    decoder.push(damaged.into());
    let error = decoder.next().expect_err("a flipped bit passes");
    let is_prelude = matches!(error.kind(), ErrorKind::PreludeCrcMismatch { .. });
    let is_message = matches!(error.kind(), ErrorKind::MessageCrcMismatch { .. });
    assert!(if bit / 8 < 12 { is_prelude } else { is_message }, "{error}");
    assert!((offset..offset + frame.len() as u64).contains(&error.offset()), "{error}");
    assert_eq!(decoder.offset(), offset);
    assert_eq!(decoder.finish(), Err(error));
}

fn cold(frame: &Bytes) -> Result<Option<Message>, Error> {
    Message::decode(frame.clone()).map(Some)
}

/// What a decoder made of a stream.
#[derive(Debug, PartialEq)]
struct Decoded {
    messages: Vec<Message>,
    end: Result<(), Error>,
    held: Vec<u8>,
}

impl Decoded {
    fn of(stream: &Bytes, size: impl Fn() -> usize) -> Self {
        Self::of_pieces(stream, size)
    }

    /// Takes the messages out behind every piece, and goes on pushing after an
    /// error, so that all is held.
    fn of_pieces(stream: &Bytes, mut size: impl FnMut() -> usize) -> Self {
        let (mut decoder, mut rest, mut messages) = (Decoder::new(), stream.clone(), Vec::new());
        let mut empty = 0;
        while !rest.is_empty() {
            let length = size().min(rest.len());
            empty = if length == 0 { empty + 1 } else { 0 };
            // A stream of empty pieces has no end.
            decoder.push(rest.split_to(if empty > 8 { 1 } else { length }));
            while let Ok(Some(message)) = decoder.next() {
                messages.push(message);
            }
        }
        let end = decoder.finish();
        if let Err(error) = &end {
            let again = decoder.next().map_err(|again| again == *error);
            assert!(matches!(again, Ok(None) | Err(true)), "{error} and then {again:?}");
        }
        let given = usize::try_from(decoder.offset()).expect("an input is short");
        assert_eq!(decoder.held(), stream.len() - given);
        Self { messages, end, held: decoder.into_held().collect::<Vec<_>>().concat() }
    }
}

fn check(stream: &Bytes) {
    let Decoded { messages, end, held } = Decoded::of(stream, || usize::MAX);
    let mut rest = &stream[..];
    for message in &messages {
        assert_eq!(cold(message.frame()), Ok(Some(message.clone())));
        let borrowed = MessageRef::decode(rest).expect("decoded before").expect("whole");
        assert_eq!(borrowed, message.as_ref());
        assert_eq!(message.frame().as_ptr(), rest.as_ptr(), "copied out of its piece");
        rest = &rest[borrowed.frame().len()..];
        check_encoding(message);
    }
    assert_eq!(rest, held, "bytes are lost");
    let given = (stream.len() - rest.len()) as u64;
    let Err(error) = end else {
        assert!(held.is_empty());
        return;
    };
    assert!((given..=stream.len() as u64).contains(&error.offset()), "{error:?}");
    let borrowed = MessageRef::decode(rest);
    match error.kind() {
        ErrorKind::Incomplete { held, .. } => {
            assert_eq!((*held, borrowed), (rest.len(), Ok(None)));
        }
        // A cap of the decoder's alone.
        ErrorKind::TooLong { .. } => {}
        kind => assert_eq!(borrowed.expect_err("refused before").kind(), kind),
    }
}

/// There is one way only to write a message, so that it is encoded to the frame
/// that it was decoded from, unless that is over the limits for senders.
fn check_encoding(message: &Message) {
    match Message::encode(message.headers(), message.payload()) {
        Ok(encoded) => assert_eq!(encoded, *message),
        Err(EncodeError::HeaderNameEmpty { .. }) => {
            assert!(message.headers().get("").is_some());
        }
        Err(EncodeError::HeaderValueTooLong { length, .. }) => {
            assert!(length > MAX_HEADER_VALUE_LENGTH);
        }
        Err(EncodeError::HeadersTooLong { .. }) => {
            assert!(message.headers().as_bytes().len() > 128 * 1024);
        }
        Err(error) => panic!("{message:?}: {error}"),
    }
}
