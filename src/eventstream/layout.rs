//! A frame taken apart, for people who look at bytes: also of one that is
//! damaged or cut.

use std::ops::Range;

use super::value::ValueType;
use super::{Error, ErrorKind, MESSAGE_CRC_LENGTH, MIN_MESSAGE_LENGTH, MessageRef, PRELUDE_LENGTH};

/// The parts of a frame, in order, as far as they can be told apart.
///
/// A [`Decoder`](super::Decoder) gives whole messages or an error; this shows
/// what is there. It goes on behind a checksum that is wrong as long as the
/// lengths lead somewhere, so that one sees what the damage did.
///
/// ```
/// use bedrock_wire::eventstream::{HeaderValue, Layout, Message, PartKind};
///
/// let message = Message::encode([("a", HeaderValue::Byte(5))], b"{}")?;
/// let layout = Layout::of(message.frame());
/// let payload = layout.parts.iter().find(|part| part.kind == PartKind::Payload);
/// assert_eq!(payload.unwrap().range, 16..18);
/// assert_eq!(layout.error, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Layout {
    /// The parts, one behind the other from the first byte on and none of them
    /// empty.
    pub parts: Vec<Part>,
    /// What a decoder finds wrong with the frame; offsets are those in the
    /// frame.
    pub error: Option<Error>,
}

/// Some bytes of a frame, and what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// Where in the frame.
    pub range: Range<usize>,
    /// What.
    pub kind: PartKind,
}

/// What some bytes of a frame are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartKind {
    /// The length of the whole frame in bytes.
    TotalLength(u32),
    /// The length of the headers in bytes.
    HeadersLength(u32),
    /// The checksum of the two lengths.
    PreludeCrc {
        /// As the frame has it.
        expected: u32,
        /// Of the bytes that are there.
        computed: u32,
    },
    /// The length of a header's name in bytes.
    NameLength(u8),
    /// A header's name.
    Name,
    /// The number of the type of a header's value.
    ValueType(u8),
    /// The length of a header's value in bytes, where its type has one.
    ValueLength(u16),
    /// A header's value.
    Value {
        /// The number of its type.
        value_type: u8,
    },
    /// The payload.
    Payload,
    /// The checksum of all that is before it.
    MessageCrc {
        /// As the frame has it.
        expected: u32,
        /// Of the bytes that are there.
        computed: u32,
    },
    /// Bytes that cannot be told apart: of a part that does not end, or behind
    /// what makes no sense.
    Unread,
}

impl Layout {
    /// Takes the frame at the start of `bytes` apart. What follows it is left
    /// alone; where its lengths lead nowhere, nothing behind them is a part.
    pub fn of(bytes: &[u8]) -> Self {
        let error = match MessageRef::decode(bytes) {
            Ok(Some(_)) => None,
            Ok(None) => {
                let (held, needed) = (bytes.len(), announced(bytes));
                Some(Error::new(ErrorKind::Incomplete { held, needed }, held))
            }
            Err(error) => Some(error),
        };
        let mut cursor = Cursor { bytes, at: 0, parts: Vec::new() };
        cursor.frame();
        Self { parts: cursor.parts, error }
    }
}

fn announced(bytes: &[u8]) -> Option<usize> {
    let total = bytes.first_chunk().map(|bytes| u32::from_be_bytes(*bytes) as usize);
    total.filter(|_| bytes.len() >= PRELUDE_LENGTH)
}

/// Cuts parts off the bytes of a frame.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    parts: Vec<Part>,
}

impl Cursor<'_> {
    fn frame(&mut self) {
        let Some((total, headers)) = self.prelude() else {
            return self.unread(self.bytes.len().min(PRELUDE_LENGTH));
        };
        let fits = total.checked_sub(MIN_MESSAGE_LENGTH).is_some_and(|room| headers <= room);
        let is_damaged = self.parts.iter().any(Part::is_wrong);
        if !fits || is_damaged && total > self.bytes.len() {
            return;
        }
        // A frame that is cut is read up to the cut.
        let covered = total - MESSAGE_CRC_LENGTH;
        self.bytes = self.bytes.get(..total).unwrap_or(self.bytes);
        let block = self.bytes.len().min(PRELUDE_LENGTH + headers);
        while self.at < block && self.header(block).is_some() {}
        self.unread(block);
        self.part(self.bytes.len().min(covered), PartKind::Payload);
        if self.message_crc(covered).is_none() {
            self.unread(self.bytes.len());
        }
    }

    /// The two lengths, if all of the prelude is there.
    fn prelude(&mut self) -> Option<(usize, usize)> {
        let total = self.number(PartKind::TotalLength)?;
        let headers = self.number(PartKind::HeadersLength)?;
        let computed = crc32fast::hash(&self.bytes[..self.at]);
        self.number(|expected| PartKind::PreludeCrc { expected, computed })?;
        Some((total as usize, headers as usize))
    }

    fn message_crc(&mut self, covered: usize) -> Option<()> {
        let computed = crc32fast::hash(self.bytes.get(..covered)?);
        self.number(|expected| PartKind::MessageCrc { expected, computed })?;
        Some(())
    }

    /// One header of the block that ends at `end`; `None` where it does not
    /// end there.
    fn header(&mut self, end: usize) -> Option<()> {
        let [length] = self.chunk(end, |[length]| PartKind::NameLength(length))?;
        self.take(end, length.into(), PartKind::Name)?;
        let [number] = self.chunk(end, |[number]| PartKind::ValueType(number))?;
        let length = match ValueType::from_wire(number)?.width() {
            Some(width) => width,
            None => {
                let kind = |length| PartKind::ValueLength(u16::from_be_bytes(length));
                u16::from_be_bytes(self.chunk(end, kind)?).into()
            }
        };
        self.take(end, length, PartKind::Value { value_type: number })
    }

    fn number(&mut self, kind: impl FnOnce(u32) -> PartKind) -> Option<u32> {
        let kind = |bytes| kind(u32::from_be_bytes(bytes));
        self.chunk(self.bytes.len(), kind).map(u32::from_be_bytes)
    }

    fn chunk<const N: usize>(
        &mut self,
        end: usize,
        kind: impl FnOnce([u8; N]) -> PartKind,
    ) -> Option<[u8; N]> {
        let chunk = *self.bytes.get(self.at..end)?.first_chunk::<N>()?;
        self.part(self.at + N, kind(chunk));
        Some(chunk)
    }

    fn take(&mut self, end: usize, length: usize, kind: PartKind) -> Option<()> {
        let until = self.at.checked_add(length).filter(|until| *until <= end)?;
        self.part(until, kind);
        Some(())
    }

    /// Ends a part at `end`, unless it would be empty.
    fn part(&mut self, end: usize, kind: PartKind) {
        if self.at < end {
            self.parts.push(Part { range: self.at..end, kind });
            self.at = end;
        }
    }

    fn unread(&mut self, end: usize) {
        self.part(end, PartKind::Unread);
    }
}

impl Part {
    /// Whether it is a checksum that does not fit.
    pub fn is_wrong(&self) -> bool {
        match self.kind {
            PartKind::PreludeCrc { expected, computed }
            | PartKind::MessageCrc { expected, computed } => expected != computed,
            PartKind::TotalLength(_)
            | PartKind::HeadersLength(_)
            | PartKind::NameLength(_)
            | PartKind::Name
            | PartKind::ValueType(_)
            | PartKind::ValueLength(_)
            | PartKind::Value { .. }
            | PartKind::Payload
            | PartKind::Unread => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{HeaderValue, Message};
    use super::*;

    fn frame() -> Vec<u8> {
        let headers = [("s", HeaderValue::String("xyz")), ("b", HeaderValue::Bool(true))];
        Message::encode(headers, b"{}").unwrap().frame().to_vec()
    }

    fn ranges(layout: &Layout) -> Vec<Range<usize>> {
        layout.parts.iter().map(|part| part.range.clone()).collect()
    }

    fn is_gapless(layout: &Layout) -> bool {
        let mut at = 0;
        layout.parts.iter().all(|part| {
            let fits = part.range.start == at && part.range.end > at;
            at = part.range.end;
            fits
        })
    }

    #[test]
    fn every_part_of_a_sound_frame_is_where_the_wire_picture_has_it() {
        let layout = Layout::of(&frame());
        let starts = [0, 4, 8, 12, 13, 14, 15, 17, 20, 21, 22, 23, 25];
        let found: Vec<_> = ranges(&layout).iter().map(|range| range.start).collect();
        assert_eq!(found, starts);
        assert_eq!(layout.parts[0].kind, PartKind::TotalLength(29));
        assert_eq!(layout.parts[1].kind, PartKind::HeadersLength(11));
        assert_eq!(layout.parts[6].kind, PartKind::ValueLength(3));
        assert_eq!(layout.parts[7].kind, PartKind::Value { value_type: 7 });
        assert_eq!(layout.parts[10].kind, PartKind::ValueType(0));
        assert_eq!(layout.parts[11].kind, PartKind::Payload);
        assert!(!layout.parts.iter().any(Part::is_wrong));
        let followed = [frame(), b"more".to_vec()].concat();
        assert_eq!(Layout::of(&followed), layout);
    }

    #[test]
    fn a_cut_frame_is_read_up_to_every_cut_and_the_error_is_the_decoders() {
        let frame = frame();
        for cut in 0..frame.len() {
            let layout = Layout::of(&frame[..cut]);
            assert!(is_gapless(&layout), "cut at {cut}: {layout:?}");
            assert_eq!(layout.parts.last().map_or(0, |part| part.range.end), cut);
            let error = Message::decode(frame[..cut].to_vec().into()).unwrap_err();
            assert_eq!(layout.error, Some(error));
        }
        assert_eq!(Layout::of(&frame[..6]).parts[1].kind, PartKind::Unread);
    }

    #[test]
    fn every_flipped_bit_leaves_parts_and_a_checksum_that_is_wrong() {
        let frame = frame();
        for bit in 0..frame.len() * 8 {
            let mut damaged = frame.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let layout = Layout::of(&damaged);
            assert!(is_gapless(&layout), "bit {bit}: {layout:?}");
            assert!(layout.parts.iter().any(Part::is_wrong), "bit {bit}: {layout:?}");
            assert!(layout.error.is_some());
        }
        let mut damaged = frame;
        damaged[8] ^= 1;
        assert_eq!(Layout::of(&damaged).parts.len(), 13, "read behind the checksum");
        damaged[0] ^= 1;
        assert_eq!(Layout::of(&damaged).parts.len(), 3, "the length leads nowhere");
    }

    #[test]
    fn headers_that_make_no_sense_are_unread_and_the_payload_is_found() {
        let mut frame = frame();
        frame[14] = 10;
        let layout = Layout::of(&frame);
        let kinds: Vec<_> = layout.parts.iter().map(|part| (part.range.start, part.kind)).collect();
        assert_eq!(
            kinds[3..7],
            [
                (12, PartKind::NameLength(1)),
                (13, PartKind::Name),
                (14, PartKind::ValueType(10)),
                (15, PartKind::Unread),
            ]
        );
        assert_eq!(kinds[7], (23, PartKind::Payload));
    }
}
