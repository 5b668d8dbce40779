//! Frames behind a header block that is known: one checksum each, over little
//! more than the payload, and no walk through the headers.
//!
//! Known are the blocks that Bedrock sends, from the start and at no cost to a
//! decoder, and of others the one that came last, once it came twice in a row.
//!
//! CRC-32 is linear: what a change of some bytes changes in the checksum
//! depends on that change and on how many bytes follow, not on the bytes
//! themselves. Behind the same header block two frames differ before their
//! payloads in the total length and, through it, in the prelude's checksum. So
//! the checksum of a frame is that of the same frame with a total length of 0,
//! whose state is known at every byte of the block, and a [`CORRECTION`] that
//! is known for every total length.
//!
//! That state also lets the checksum start anywhere in the block: where a
//! whole number of 64-byte groups is left to the end. How many bytes are left
//! over behind such groups cannot be predicted, and those branches cost about
//! as much as the checksum itself.
//!
//! Whatever is not exactly as expected here is left to the plain path, which
//! finds out what it is.

use super::crc::{self, CORRECTION, LENGTHS};
use super::{MESSAGE_CRC_LENGTH, MIN_MESSAGE_LENGTH, PRELUDE_LENGTH};

/// Bytes that `crc32fast` takes in one step of its main loop.
const GROUP: usize = 64;

/// Below two groups `crc32fast` takes another way; one way for all is faster.
const LEAST: usize = 2 * GROUP;

/// Room for a header block. Those that Bedrock sends have 75 to 87 bytes.
const ROOM: usize = 96;

/// The header block of an event of Bedrock's streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Known {
    ContentBlockDelta,
    ContentBlockStop,
    MessageStart,
    MessageStop,
    Metadata,
    ContentBlockStart,
    Chunk,
}

impl Known {
    /// The most frequent first, as they are searched in this order.
    pub(super) const ALL: [Self; 7] = [
        Self::ContentBlockDelta,
        Self::ContentBlockStop,
        Self::MessageStart,
        Self::MessageStop,
        Self::Metadata,
        Self::ContentBlockStart,
        Self::Chunk,
    ];

    /// Whose header block this is.
    pub(super) fn of(block: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.block().bytes() == block)
    }

    /// The one whose `:event-type` this is.
    pub(crate) fn named(event_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.event_type() == event_type)
    }

    /// The value of `:event-type`.
    pub(crate) const fn event_type(self) -> &'static str {
        match self {
            Self::ContentBlockDelta => "contentBlockDelta",
            Self::ContentBlockStop => "contentBlockStop",
            Self::MessageStart => "messageStart",
            Self::MessageStop => "messageStop",
            Self::Metadata => "metadata",
            Self::ContentBlockStart => "contentBlockStart",
            Self::Chunk => "chunk",
        }
    }

    fn block(self) -> &'static Block {
        &BLOCKS[self as usize]
    }
}

/// Each at the place of its [`Known`].
static BLOCKS: [Block; Known::ALL.len()] = {
    let mut blocks = [const { Block::empty() }; Known::ALL.len()];
    let mut at = 0;
    while at < blocks.len() {
        blocks[at] = Block::of_event(Known::ALL[at].event_type());
        at += 1;
    }
    blocks
};

/// A frame that begins with a prelude that is right and a header block that is
/// known.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'b> {
    block: &'b Block,
    /// Whose block it is, if it is one of Bedrock's.
    pub(super) known: Option<Known>,
    pub(super) total: usize,
}

/// The frame at the start of `bytes` if it is whole, not over `cap` and behind
/// a known header block. Its checksum is still to be compared.
#[inline]
pub(super) fn candidate<'b>(
    bytes: &[u8],
    cap: usize,
    learned: &'b Learned,
) -> Option<Candidate<'b>> {
    let [t0, t1, t2, t3, h0, h1, h2, h3, c0, c1, c2, c3] =
        *bytes.first_chunk::<PRELUDE_LENGTH>()?;
    let lengths = [[t0, t1, t2, t3], [h0, h1, h2, h3]].map(u32::from_be_bytes);
    let [total, headers] = lengths.map(|length| length as usize);
    let crc = u32::from_be_bytes([c0, c1, c2, c3]);
    let fits = headers <= total.saturating_sub(MIN_MESSAGE_LENGTH);
    if !fits || total > bytes.len().min(cap).min(LENGTHS - 1) {
        return None;
    }
    let headers = bytes.get(PRELUDE_LENGTH..)?.get(..headers)?;
    let (block, known) =
        match BLOCKS.iter().zip(Known::ALL).find(|(block, _)| block.bytes() == headers) {
            Some((block, known)) => (block, Some(known)),
            None => (learned.block(headers)?, None),
        };
    let computed = crc::of_lengths(lengths[0], lengths[1]);
    (crc == computed).then_some(Candidate { block, known, total })
}

impl Candidate<'_> {
    /// Whether the message's checksum is that of `frame`.
    #[inline]
    pub(super) fn is_sound(self, frame: &[u8]) -> bool {
        self.block.crc(frame).is_some_and(|(computed, said)| computed == said)
    }

    pub(super) fn headers_length(self) -> usize {
        self.block.length
    }
}

/// The header block of the last message that was none of Bedrock's.
#[derive(Default)]
pub(super) struct Learned {
    /// In a box that a decoder of Bedrock's streams has no need of.
    block: Option<Box<Block>>,
    /// Whether it came again and its states were computed.
    ready: bool,
}

impl Learned {
    fn block(&self, headers: &[u8]) -> Option<&Block> {
        self.block.as_deref().filter(|block| self.ready && block.bytes() == headers)
    }

    /// Takes note of a header block that was found sound.
    pub(super) fn note(&mut self, headers: &[u8]) {
        // A message of Bedrock's comes here too if it is very long.
        if headers.len() > ROOM || Known::of(headers).is_some() {
            return;
        }
        let block = self.block.get_or_insert_with(|| Box::new(Block::empty()));
        if block.bytes() != headers {
            block.length = headers.len();
            block.bytes[..headers.len()].copy_from_slice(headers);
            self.ready = false;
        } else if !self.ready {
            block.compute_states();
            self.ready = true;
        }
    }
}

/// A header block with the checksum's state at each of its bytes.
struct Block {
    length: usize,
    bytes: [u8; ROOM],
    /// CRC-32 of the prelude with this headers length and a total length of 0,
    /// and of the block up to here.
    states: [u32; ROOM + 1],
}

impl Block {
    const fn empty() -> Self {
        Self { length: 0, bytes: [0; ROOM], states: [0; ROOM + 1] }
    }

    /// The three headers of an event as Bedrock writes them.
    const fn of_event(event_type: &str) -> Self {
        let mut block = Self::empty()
            .with_string(b":event-type", event_type.as_bytes())
            .with_string(b":content-type", b"application/json")
            .with_string(b":message-type", b"event");
        block.compute_states();
        block
    }

    /// With one more header, a string.
    const fn with_string(self, name: &[u8], value: &[u8]) -> Self {
        const STRING: u8 = 7;
        #[expect(clippy::cast_possible_truncation, reason = "constants of a few bytes")]
        let (name_length, value_length) = ([name.len() as u8], [STRING, 0, value.len() as u8]);
        self.with(&name_length).with(name).with(&value_length).with(value)
    }

    const fn with(mut self, bytes: &[u8]) -> Self {
        let mut at = 0;
        while at < bytes.len() {
            self.bytes[self.length] = bytes[at];
            self.length += 1;
            at += 1;
        }
        self
    }

    const fn compute_states(&mut self) {
        #[expect(clippy::cast_possible_truncation, reason = "at most `ROOM`")]
        let lengths = [0, 0, 0, 0, 0, 0, 0, self.length as u8];
        let prelude_crc = crc::of(0, &lengths);
        self.states[0] = crc::of(prelude_crc, &prelude_crc.to_be_bytes());
        let mut at = 0;
        while at < self.length {
            self.states[at + 1] = crc::of(self.states[at], &[self.bytes[at]]);
            at += 1;
        }
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The checksum of `frame`, which is behind this block, and the one that it
    /// says itself.
    #[inline]
    fn crc(&self, frame: &[u8]) -> Option<(u32, u32)> {
        let correction = *CORRECTION.get(frame.len())?;
        let at = self.start(frame.len().checked_sub(self.length + MIN_MESSAGE_LENGTH)?);
        let (covered, said) = frame.split_last_chunk::<MESSAGE_CRC_LENGTH>()?;
        let mut hasher = crc32fast::Hasher::new_with_initial(*self.states.get(at)?);
        hasher.update(covered.get(PRELUDE_LENGTH + at..)?);
        Some((hasher.finalize() ^ correction, u32::from_be_bytes(*said)))
    }

    /// Where in the block to start, so that `payload` bytes behind it end a
    /// group, and two groups are filled if possible.
    #[inline]
    fn start(&self, payload: usize) -> usize {
        let back = payload.wrapping_neg() % GROUP;
        let back =
            if payload + back < LEAST && back + GROUP <= self.length { back + GROUP } else { back };
        self.length.saturating_sub(back)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{HeaderValue, Message};
    use super::*;

    fn frame(event_type: &str, payload: usize) -> Vec<u8> {
        let headers = [
            (":event-type", HeaderValue::String(event_type)),
            (":content-type", HeaderValue::String("application/json")),
            (":message-type", HeaderValue::String("event")),
        ];
        Message::encode(headers, &vec![b'x'; payload]).unwrap().frame().to_vec()
    }

    fn is_found_sound(frame: &[u8], learned: &Learned) -> bool {
        candidate(frame, usize::MAX, learned).is_some_and(|candidate| candidate.is_sound(frame))
    }

    #[test]
    fn bedrock_s_frames_are_known_at_every_length_up_to_the_longest() {
        let none = Learned::default();
        for known in Known::ALL {
            let longest = LENGTHS - 1 - frame(known.event_type(), 0).len();
            for payload in (0..400).chain([longest - 1, longest]) {
                let frame = frame(known.event_type(), payload);
                let found = candidate(&frame, usize::MAX, &none).unwrap();
                assert_eq!((found.known, found.total), (Some(known), frame.len()));
                assert!(found.is_sound(&frame), "{known:?} with {payload} bytes");
            }
            assert!(
                candidate(&frame(known.event_type(), longest + 1), usize::MAX, &none).is_none()
            );
        }
    }

    #[test]
    fn another_header_block_is_known_once_it_came_twice_in_a_row() {
        let (one, other) = (frame("one", 50), frame("a longer name of an event", 10));
        let headers = |frame: &[u8]| frame[PRELUDE_LENGTH..][..usize::from(frame[7])].to_vec();
        let mut learned = Learned::default();
        for (came, known) in [(&one, false), (&one, true), (&other, false), (&other, true)] {
            learned.note(&headers(came));
            assert_eq!(is_found_sound(came, &learned), known);
        }
        assert!(!is_found_sound(&one, &learned));
        for payload in 0..300 {
            assert!(is_found_sound(&frame("a longer name of an event", payload), &learned));
        }
    }

    #[test]
    fn no_header_block_is_learned_that_is_known_or_long() {
        let mut learned = Learned::default();
        for event_type in ["contentBlockDelta", &"x".repeat(ROOM)] {
            let frame = frame(event_type, 0);
            learned.note(&frame[PRELUDE_LENGTH..][..usize::from(frame[7])]);
            assert!(learned.block.is_none());
        }
    }

    #[test]
    fn a_short_or_empty_header_block_is_learned_too() {
        for headers in [&[][..], &[("x", HeaderValue::Bool(true))]] {
            for payload in [0, 1, 63, 64, 65, 200] {
                let headers = headers.iter().copied();
                let message = Message::encode(headers, &vec![1; payload]).unwrap();
                let mut learned = Learned::default();
                learned.note(message.headers().as_bytes());
                learned.note(message.headers().as_bytes());
                let frame = message.frame();
                assert!(is_found_sound(frame, &learned));
            }
        }
    }
}
