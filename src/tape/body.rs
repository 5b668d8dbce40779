//! The body of an answer: whole, or cut into frames.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};

use super::piece::{Micros, Piece};
use crate::eventstream::{Error, MessageRef};

/// The body of a recorded response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordedBody {
    /// Of an answer that is no event stream.
    Whole(Bytes),
    /// Of an event stream.
    Stream {
        /// The frames, in order.
        frames: Vec<Frame>,
        /// What follows the last whole frame: the start of a frame that was
        /// cut, or all that follows damage. Empty if the stream is sound.
        rest: Bytes,
    },
}

/// One encoded message of an event stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame {
    /// The message as on the wire.
    pub bytes: Bytes,
    /// When its last byte came, if known.
    pub at: Option<Micros>,
}

impl Frame {
    /// A frame; any bytes can be one, so that a damaged one can be replayed.
    pub fn new(bytes: Bytes, at: Option<Micros>) -> Self {
        Self { bytes, at }
    }
}

impl RecordedBody {
    /// Cuts a stream into frames, each at the time of the piece that it ends
    /// in.
    pub(super) fn cut(body: &Bytes, pieces: &[Piece]) -> Self {
        let (mut frames, mut rest) = (Vec::new(), body.clone());
        let mut clock = Clock::new(pieces);
        // What is malformed or cut ends the frames, and all of it is kept.
        while let Ok(Some(length)) = frame_length(&rest) {
            let bytes = rest.split_to(length);
            frames.push(Frame::new(bytes, clock.after(length)));
        }
        RecordedBody::Stream { frames, rest }
    }

    /// All bytes, in order. Copies a stream's together.
    pub fn bytes(&self) -> Bytes {
        match self {
            RecordedBody::Whole(bytes) => bytes.clone(),
            RecordedBody::Stream { frames, rest } => {
                let mut all = BytesMut::with_capacity(self.len());
                for frame in frames {
                    all.extend_from_slice(&frame.bytes);
                }
                all.extend_from_slice(rest);
                all.freeze()
            }
        }
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        match self {
            RecordedBody::Whole(bytes) => bytes.len(),
            RecordedBody::Stream { frames, rest } => {
                frames.iter().map(|frame| frame.bytes.len()).sum::<usize>() + rest.len()
            }
        }
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Length of the frame at the start of `bytes`; `None` where it is not whole.
fn frame_length(bytes: &[u8]) -> Result<Option<usize>, Error> {
    MessageRef::decode(bytes).map(|message| message.map(|message| message.frame().len()))
}

/// Whether the headers of a response announce an event stream.
pub(super) fn is_event_stream(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next());
    essence
        .is_some_and(|text| text.trim().eq_ignore_ascii_case("application/vnd.amazon.eventstream"))
}

/// Tells when the body had come up to some byte.
pub(super) struct Clock<'a> {
    pieces: std::slice::Iter<'a, Piece>,
    /// Bytes in the pieces taken so far and not passed yet.
    ahead: u64,
    at: Option<Micros>,
}

impl<'a> Clock<'a> {
    pub(super) fn new(pieces: &'a [Piece]) -> Self {
        Self { pieces: pieces.iter(), ahead: 0, at: None }
    }

    /// When the last of the next `length` bytes came.
    pub(super) fn after(&mut self, length: usize) -> Option<Micros> {
        let length = length as u64;
        while self.ahead < length {
            let piece = self.pieces.next()?;
            self.ahead += piece.length;
            self.at = piece.at;
        }
        self.ahead -= length;
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eventstream::{HeaderValue, Message};

    fn message(payload: &[u8]) -> Bytes {
        let header = (":event-type", HeaderValue::String("x"));
        Message::encode([header], payload).unwrap().frame().clone()
    }

    fn pieces(list: &[(usize, u64)]) -> Vec<Piece> {
        let piece = |(length, at): &(usize, u64)| Piece::new(*length as u64, Some(Micros(*at)));
        list.iter().map(piece).collect()
    }

    #[test]
    fn a_frame_comes_when_the_piece_with_its_last_byte_comes() {
        let (one, two, three) = (message(b"1"), message(b"2"), message(b"3"));
        let body = Bytes::from([&one[..], &two, &three].concat());
        let length = one.len();
        let pieces =
            pieces(&[(length + 1, 10), (0, 15), (length - 1, 20), (length - 1, 30), (1, 40)]);
        let RecordedBody::Stream { frames, rest } = RecordedBody::cut(&body, &pieces) else {
            panic!("not cut");
        };
        let times: Vec<_> = frames.iter().map(|frame| frame.at.unwrap().0).collect();
        assert_eq!(times, [10, 20, 40]);
        assert!(rest.is_empty());
        assert_eq!(frames[1].bytes, two);
    }

    #[test]
    fn damage_and_cuts_are_kept_as_the_rest() {
        let body = Bytes::from([&message(b"1")[..], &message(b"2")].concat());
        let length = body.len() / 2;
        let mut damaged = body.to_vec();
        damaged[length + 20] ^= 1;
        for stream in [body.slice(..body.len() - 1), damaged.into(), body.slice(..length + 3)] {
            let cut = RecordedBody::cut(&stream, &[]);
            assert_eq!(cut.bytes(), stream);
            let RecordedBody::Stream { frames, rest } = cut else {
                panic!("not cut");
            };
            assert_eq!(frames, [Frame::new(message(b"1"), None)]);
            assert_eq!(rest, stream[length..]);
        }
    }
}
