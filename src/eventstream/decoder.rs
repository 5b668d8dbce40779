//! Pieces of a stream in, messages out.

use std::ops::Deref;
use std::{fmt, mem};

use bytes::{Bytes, BytesMut};

use super::known::{self, Known, Learned};
use super::message::validate;
use super::pieces::Pieces;
use super::prelude::Prelude;
use super::{DEFAULT_MAX_MESSAGE_LENGTH, Error, ErrorKind, Message, PRELUDE_LENGTH};

/// What is reserved on the word of a length alone. Of the frames that Bedrock
/// is known to send, none is a tenth as long, so they are gathered in one
/// reserve. A longer message grows its buffer as its bytes arrive: twelve
/// bytes that announce 24 MiB must not cost 24 MiB.
const TRUSTED_LENGTH: usize = 64 * 1024;

/// Room for several messages that straddle pieces, nearly all of which are
/// short. Small, since a message keeps all of it.
const ROOM: usize = 1024;

/// Cuts a stream of bytes, in pieces of any size, into [`Message`]s.
///
/// Call [`push`](Self::push) with each piece, [`next`](Self::next) until it
/// gives `None`, and [`finish`](Self::finish) at the end of input.
///
/// A message inside one piece is a slice of that piece. One that straddles
/// pieces is copied, once, into a buffer of its own, or, if it is short, into
/// one of 1 KiB for it and the next such messages; what follows it is not.
///
/// After an error the decoder stays in error, because there is no way to tell
/// where the next message starts; [`into_held`](Self::into_held) gives back
/// the bytes.
pub struct Decoder {
    max_message_length: usize,
    /// Of the message that comes next.
    offset: u64,
    pieces: Pieces,
    straddling: Option<Straddling>,
    room: Room,
    learned: Learned,
    failed: Option<Error>,
}

impl Decoder {
    /// A decoder for messages of up to [`DEFAULT_MAX_MESSAGE_LENGTH`].
    pub fn new() -> Self {
        Self::with_max_message_length(DEFAULT_MAX_MESSAGE_LENGTH)
    }

    /// A decoder for messages of up to `length` bytes, prelude and checksums
    /// included.
    ///
    /// This is a cap on memory and not a rule of the format: the
    /// specification asks clients not to reject messages over its own limits,
    /// so the default leaves room for every message within them.
    pub fn with_max_message_length(length: usize) -> Self {
        Self {
            max_message_length: length,
            offset: 0,
            pieces: Pieces::default(),
            straddling: None,
            room: Room::default(),
            learned: Learned::default(),
            failed: None,
        }
    }

    /// Takes in the next piece of the stream. It is not looked at yet, and no
    /// cap applies to it: what to hold of whole messages is up to the caller.
    ///
    /// After an error it is kept for [`into_held`](Self::into_held) only.
    pub fn push(&mut self, piece: Bytes) {
        self.pieces.push(piece);
    }

    /// The next message; `None` until more bytes are pushed.
    ///
    /// # Errors
    /// What is malformed, as soon as that is certain: the first 12 bytes of a
    /// message are checked before the rest is waited for. The same error
    /// again on every later call.
    #[expect(
        clippy::should_implement_trait,
        reason = "`None` means more input is needed, and an iterator's means the end"
    )]
    #[expect(clippy::inline_always, reason = "see `next_known`")]
    #[inline(always)]
    pub fn next(&mut self) -> Result<Option<Message>, Error> {
        match self.next_known() {
            Some(message) => Ok(Some(message)),
            None => self.next_otherwise(),
        }
    }

    /// The next message if it lies in one piece, behind a header block that is
    /// known, and is sound. Apart from what else [`next`](Self::next) may find,
    /// and part of who calls it, so that a message is made where it is used: one
    /// that is moved just after it was written has to be waited for.
    #[expect(clippy::inline_always, reason = "frames are an eighth faster so, events a sixth")]
    #[inline(always)]
    pub(crate) fn next_known(&mut self) -> Option<Message> {
        if self.failed.is_some() || self.straddling.is_some() {
            return None;
        }
        let candidate =
            known::candidate(self.pieces.front(), self.max_message_length, &self.learned)?;
        let frame = self.pieces.lift(candidate.total);
        if !candidate.is_sound(&frame) {
            self.pieces.put_back(frame);
            return None;
        }
        self.pieces.pass_over(candidate.total);
        self.offset += candidate.total as u64;
        Some(Message::sound(frame, candidate.headers_length(), candidate.known))
    }

    /// What is next where [`next_known`](Self::next_known) knew of none.
    #[inline]
    pub(crate) fn next_otherwise(&mut self) -> Result<Option<Message>, Error> {
        if self.is_drained() { Ok(None) } else { self.next_plain() }
    }

    /// Whether there is nothing to look at and nothing to tell.
    #[inline]
    pub(crate) fn is_drained(&self) -> bool {
        self.pieces.len() == 0 && self.failed.is_none() && self.straddling.is_none()
    }

    /// The next message, whatever it is like.
    #[cold]
    #[inline(never)]
    fn next_plain(&mut self) -> Result<Option<Message>, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        match self.decode() {
            Ok(message) => {
                self.offset += message.as_ref().map_or(0, |m| m.frame().len() as u64);
                Ok(message)
            }
            Err(error) => {
                let error = error.within(self.offset);
                self.failed = Some(error.clone());
                Err(error)
            }
        }
    }

    /// Checks that the input ended between two messages. Call it at the end
    /// of input, when [`next`](Self::next) gave `None`.
    ///
    /// # Errors
    /// [`ErrorKind::Incomplete`] if a single byte is held; the error that
    /// `next` gave, if it gave one; [`ErrorKind::Undecoded`] if `next` would
    /// give more.
    pub fn finish(&self) -> Result<(), Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let held = self.held();
        if held == 0 {
            return Ok(());
        }
        let needed = self.announced().map_err(|e| e.within(self.offset))?;
        let error = match needed {
            Some(total) if total <= held => Error::new(ErrorKind::Undecoded { held }, 0),
            needed => Error::new(ErrorKind::Incomplete { held, needed }, held),
        };
        Err(error.within(self.offset))
    }

    /// Offset in the stream, in bytes, of the message that comes next: the
    /// length of all messages given so far.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes pushed and not yet given out in a message.
    pub fn held(&self) -> usize {
        self.straddling.as_ref().map_or(0, |s| s.frame.len()) + self.pieces.len()
    }

    /// The bytes held, in order: from [`offset`](Self::offset) to the end of
    /// what was pushed. After an error they begin with the message it is in.
    pub fn into_held(self) -> impl Iterator<Item = Bytes> {
        let gathered = self.straddling.map(|s| s.frame.into_bytes());
        gathered.into_iter().chain(self.pieces)
    }

    fn decode(&mut self) -> Result<Option<Message>, Error> {
        if self.straddling.is_some() {
            return self.gather();
        }
        let Some(prelude) = self.peek_prelude()? else {
            return Ok(None);
        };
        let Some(frame) = self.pieces.in_one(prelude.total) else {
            let frame = self.room.take(&prelude, self.pieces.len());
            self.straddling = Some(Straddling { prelude, frame });
            return self.gather();
        };
        validate(&prelude, frame)?;
        self.learned.note(&frame[PRELUDE_LENGTH..][..prelude.headers]);
        let frame = self.pieces.split_to(prelude.total);
        Ok(Some(Message::validated(frame, &prelude)))
    }

    /// Goes on with the message that does not lie in one piece.
    fn gather(&mut self) -> Result<Option<Message>, Error> {
        let Some(straddling) = &mut self.straddling else {
            return Ok(None);
        };
        straddling.fill(&mut self.pieces);
        if straddling.missing() > 0 {
            return Ok(None);
        }
        let known = straddling.check(&mut self.learned)?;
        let headers_length = straddling.prelude.headers;
        let frame = mem::take(&mut straddling.frame).into_bytes();
        self.straddling = None;
        Ok(Some(Message::sound(frame, headers_length, known)))
    }

    fn peek_prelude(&self) -> Result<Option<Prelude>, Error> {
        let bytes = self.pieces.peek();
        bytes.map(|bytes| Prelude::parse(bytes, self.max_message_length)).transpose()
    }

    /// Total length of the message at hand, once its prelude is there.
    fn announced(&self) -> Result<Option<usize>, Error> {
        let prelude = match &self.straddling {
            Some(straddling) => Some(straddling.prelude),
            None => self.peek_prelude()?,
        };
        Ok(prelude.map(|prelude| prelude.total))
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows where the decoder is, and none of the bytes.
impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("offset", &self.offset)
            .field("held", &self.held())
            .field("max_message_length", &self.max_message_length)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

/// A message that does not lie in one piece, as far as it has arrived. Its
/// bytes leave their pieces as they come, so that many small pieces do not
/// keep many large buffers in memory.
struct Straddling {
    prelude: Prelude,
    frame: Gathered,
}

/// The bytes of a frame as they come.
enum Gathered {
    /// In a part of the room for short ones, which is as long as the frame.
    Short(BytesMut),
    /// In a buffer that may have to grow.
    Long(Vec<u8>),
}

impl Gathered {
    fn into_bytes(self) -> Bytes {
        match self {
            Self::Short(bytes) => bytes.freeze(),
            Self::Long(bytes) => bytes.into(),
        }
    }

    #[cfg(test)]
    fn capacity(&self) -> usize {
        match self {
            Self::Short(bytes) => bytes.capacity(),
            Self::Long(bytes) => bytes.capacity(),
        }
    }
}

impl Default for Gathered {
    fn default() -> Self {
        Self::Long(Vec::new())
    }
}

impl Deref for Gathered {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Short(bytes) => bytes,
            Self::Long(bytes) => bytes,
        }
    }
}

impl Straddling {
    fn missing(&self) -> usize {
        self.prelude.total - self.frame.len()
    }

    fn fill(&mut self, pieces: &mut Pieces) {
        let missing = self.missing();
        let count = missing.min(pieces.len());
        match &mut self.frame {
            Gathered::Short(frame) => pieces.copy_to(frame, count),
            Gathered::Long(frame) => {
                if count > frame.capacity() - frame.len() {
                    // Doubling keeps many small pieces linear; never over the total.
                    frame.reserve_exact(count.max(frame.len()).min(missing));
                }
                pieces.copy_to(frame, count);
            }
        }
    }

    /// Checks the message, which is whole, and says whose of Bedrock's it is.
    fn check(&self, learned: &mut Learned) -> Result<Option<Known>, Error> {
        match known::candidate(&self.frame, self.prelude.total, learned) {
            Some(candidate) if candidate.is_sound(&self.frame) => Ok(candidate.known),
            _ => {
                validate(&self.prelude, &self.frame)?;
                let headers = &self.frame[PRELUDE_LENGTH..][..self.prelude.headers];
                learned.note(headers);
                Ok(Known::of(headers))
            }
        }
    }
}

/// What is left of the buffer for short messages that straddle pieces: one
/// allocation for several of them.
#[derive(Default)]
struct Room(BytesMut);

impl Room {
    /// A buffer for the whole message if it is `held` or short, else for what is
    /// held or trusted.
    fn take(&mut self, prelude: &Prelude, held: usize) -> Gathered {
        let total = prelude.total;
        if total > ROOM / 2 {
            return Gathered::Long(Vec::with_capacity(total.min(held.max(TRUSTED_LENGTH))));
        }
        if self.0.capacity() < total {
            self.0 = BytesMut::with_capacity(ROOM);
        }
        let rest = self.0.split_off(total);
        Gathered::Short(mem::replace(&mut self.0, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::super::HeaderValue;
    use super::*;

    fn message(payload: &[u8]) -> Message {
        Message::encode([(":event-type", HeaderValue::String("x"))], payload).unwrap()
    }

    fn stream(payloads: &[&[u8]]) -> Bytes {
        let frames = payloads.iter().map(|payload| message(payload).frame().to_vec());
        frames.collect::<Vec<_>>().concat().into()
    }

    fn drain(decoder: &mut Decoder) -> Vec<Message> {
        std::iter::from_fn(|| decoder.next().unwrap()).collect()
    }

    fn held(decoder: Decoder) -> Vec<u8> {
        decoder.into_held().collect::<Vec<_>>().concat()
    }

    #[test]
    fn a_message_inside_one_piece_is_a_slice_of_it() {
        let piece = stream(&[b"one", b"two"]);
        let mut decoder = Decoder::new();
        decoder.push(piece.clone());
        let messages = drain(&mut decoder);
        assert_eq!(messages, [message(b"one"), message(b"two")]);
        assert_eq!(messages[0].frame().as_ptr(), piece.as_ptr());
        assert_eq!(messages[1].frame().as_ptr(), piece[messages[0].frame().len()..].as_ptr());
        assert_eq!(decoder.finish(), Ok(()));
        assert_eq!(decoder.offset(), piece.len() as u64);
    }

    #[test]
    fn a_message_across_pieces_is_copied_and_what_follows_is_not() {
        let bytes = stream(&[b"one", b"two", b"three"]);
        let length = message(b"one").frame().len();
        for cut in 1..length {
            let mut decoder = Decoder::new();
            let (first, second) = (bytes.slice(..cut), bytes.slice(cut..));
            decoder.push(first);
            assert_eq!(decoder.next(), Ok(None));
            decoder.push(second);
            let messages = drain(&mut decoder);
            assert_eq!(messages, [message(b"one"), message(b"two"), message(b"three")]);
            assert!(!bytes.as_ptr_range().contains(&messages[0].frame().as_ptr()));
            assert_eq!(messages[1].frame().as_ptr(), bytes[length..].as_ptr());
            assert_eq!(messages[2].frame().as_ptr(), bytes[2 * length..].as_ptr());
        }
    }

    #[test]
    fn a_straddling_message_is_gathered_in_one_reserve_of_its_length() {
        for length in [1, 100, ROOM / 2, ROOM, 5000] {
            let bytes = stream(&[&vec![b'x'; length]]);
            let mut decoder = Decoder::new();
            decoder.push(bytes.slice(..12));
            assert_eq!(decoder.next(), Ok(None));
            let frame = &decoder.straddling.as_ref().unwrap().frame;
            assert_eq!(frame.capacity(), bytes.len());
            let buffer = frame.as_ptr();
            for at in 12..bytes.len() {
                decoder.push(bytes.slice(at..=at));
                let message = decoder.next().unwrap();
                assert_eq!(message.is_some(), at + 1 == bytes.len());
                assert!(message.is_none_or(|m| m.frame().as_ptr() == buffer));
            }
        }
    }

    #[test]
    fn short_straddling_messages_lie_in_one_buffer_and_none_over_another() {
        let payloads: Vec<_> = (0..60).map(|at: u8| vec![at; 150]).collect();
        let payloads: Vec<_> = payloads.iter().map(Vec::as_slice).collect();
        let bytes = stream(&payloads);
        let mut decoder = Decoder::new();
        let mut messages = Vec::new();
        for piece in bytes.chunks(70) {
            decoder.push(bytes.slice_ref(piece));
            messages.extend(drain(&mut decoder));
        }
        let expected: Vec<_> = payloads.iter().map(|payload| message(payload)).collect();
        assert_eq!(messages, expected);
        let neighbours = messages.windows(2).filter(|pair| {
            let [one, next] = [&pair[0], &pair[1]].map(|message| message.frame().as_ptr_range());
            one.end == next.start
        });
        assert!(neighbours.count() >= messages.len() / 2);
    }

    #[test]
    fn a_length_alone_reserves_no_more_than_is_trusted() {
        let total = u32::try_from(DEFAULT_MAX_MESSAGE_LENGTH).unwrap();
        let (prelude, _) = Prelude::write(total, 0);
        let mut decoder = Decoder::new();
        decoder.push(Bytes::copy_from_slice(&prelude));
        assert_eq!(decoder.next(), Ok(None));
        assert_eq!(decoder.straddling.as_ref().unwrap().frame.capacity(), TRUSTED_LENGTH);
        assert_eq!(decoder.held(), 12);
    }

    #[test]
    fn a_long_message_byte_by_byte_grows_to_its_length_and_not_over_it() {
        let bytes = stream(&[&vec![b'x'; 300_000]]);
        let mut decoder = Decoder::new();
        let mut messages = Vec::new();
        for at in 0..bytes.len() {
            decoder.push(bytes.slice(at..=at));
            messages.extend(decoder.next().unwrap());
            let capacity = decoder.straddling.as_ref().map_or(0, |s| s.frame.capacity());
            assert!(capacity <= bytes.len(), "{capacity} reserved at byte {at}");
        }
        assert_eq!(messages, [message(&vec![b'x'; 300_000])]);
        assert_eq!(decoder.finish(), Ok(()));
    }

    #[test]
    fn a_million_pieces_pushed_at_once_are_decoded_too() {
        let bytes = stream(&[&vec![b'x'; 1_000_000], b"next"]);
        let mut decoder = Decoder::new();
        (0..bytes.len()).for_each(|at| decoder.push(bytes.slice(at..=at)));
        assert_eq!(drain(&mut decoder).len(), 2);
        assert_eq!(decoder.held(), 0);
    }

    #[test]
    fn the_end_of_input_inside_a_message_is_an_error_at_every_cut() {
        let bytes = stream(&[b"one", b"two"]);
        let length = message(b"one").frame().len();
        for cut in 0..=bytes.len() {
            let mut decoder = Decoder::new();
            decoder.push(bytes.slice(..cut));
            let given = drain(&mut decoder).len();
            let (start, held) = (given * length, cut - given * length);
            assert_eq!((decoder.offset(), decoder.held()), (start as u64, held));
            let Err(error) = decoder.finish() else {
                assert_eq!(held, 0, "cut at {cut}");
                continue;
            };
            let needed = (held >= 12).then_some(length);
            assert_eq!(*error.kind(), ErrorKind::Incomplete { held, needed }, "cut at {cut}");
            assert_eq!((error.offset(), error.message_offset()), (cut as u64, start as u64));
            assert_eq!(held, self::held(decoder).len());
        }
    }

    #[test]
    fn finishing_before_all_messages_were_taken_says_so() {
        let bytes = stream(&[b"one"]);
        let mut decoder = Decoder::new();
        decoder.push(bytes.clone());
        let error = decoder.finish().unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Undecoded { held: bytes.len() });
        assert!(decoder.next().unwrap().is_some());
        assert_eq!(decoder.finish(), Ok(()));
    }

    #[test]
    fn lengths_checksum_and_cap_are_checked_once_twelve_bytes_are_there() {
        let cap = 1000;
        let not_a_frame = *b"{\"message\": ";
        let mismatch = ErrorKind::PreludeCrcMismatch {
            expected: u32::from_be_bytes(*b"e\": "),
            computed: crc32fast::hash(b"{\"messag"),
        };
        let past_end = ErrorKind::HeadersPastEnd { headers_length: 5, length: 20 };
        let cases = [
            (Prelude::write(1001, 0).0, ErrorKind::TooLong { length: 1001, cap }),
            (Prelude::write(15, 0).0, ErrorKind::LengthTooSmall { length: 15 }),
            (Prelude::write(20, 5).0, past_end),
            (not_a_frame, mismatch),
        ];
        for (prelude, expected) in cases {
            let mut decoder = Decoder::with_max_message_length(cap);
            decoder.push(Bytes::copy_from_slice(&prelude[..11]));
            assert_eq!(decoder.next(), Ok(None));
            decoder.push(Bytes::copy_from_slice(&prelude[11..]));
            assert_eq!(*decoder.finish().unwrap_err().kind(), expected);
            assert_eq!(*decoder.next().unwrap_err().kind(), expected);
        }
    }

    #[test]
    fn a_message_as_long_as_the_cap_passes() {
        let one = message(b"one");
        let mut decoder = Decoder::with_max_message_length(one.frame().len());
        decoder.push(stream(&[b"one", b"longer"]));
        assert_eq!(decoder.next(), Ok(Some(one)));
        assert!(matches!(decoder.next().unwrap_err().kind(), ErrorKind::TooLong { .. }));
    }

    #[test]
    fn an_error_stays_and_the_bytes_held_can_be_had() {
        for name in ["x", "contentBlockDelta"] {
            assert_error_stays(name);
        }
    }

    fn assert_error_stays(event_type: &str) {
        let headers = [
            (":event-type", HeaderValue::String(event_type)),
            (":content-type", HeaderValue::String("application/json")),
            (":message-type", HeaderValue::String("event")),
        ];
        let message = |payload: &[u8]| Message::encode(headers, payload).unwrap();
        let good = message(b"one").frame().clone();
        let mut damaged = message(b"two").frame().to_vec();
        let last = damaged.len() - 1;
        damaged[last] ^= 1;
        // In one piece with another, a piece each, and cut.
        for size in [1, 5, good.len(), 1000] {
            let mut decoder = Decoder::new();
            let bytes = Bytes::from([&good[..], &damaged].concat());
            let mut outcome = Vec::new();
            for piece in bytes.chunks(size) {
                decoder.push(bytes.slice_ref(piece));
                outcome.extend(std::iter::from_fn(|| decoder.next().transpose()).take(2));
            }
            assert_eq!(outcome[0], Ok(message(b"one")));
            let error = outcome[1].clone().unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::MessageCrcMismatch { .. }));
            assert_eq!(error.message_offset(), good.len() as u64);
            assert_eq!(error.offset(), (bytes.len() - 4) as u64);
            decoder.push(good.clone());
            assert_eq!(decoder.next(), Err(error.clone()));
            assert_eq!(decoder.finish(), Err(error));
            assert_eq!(decoder.held(), damaged.len() + good.len());
            assert_eq!(decoder.offset(), good.len() as u64);
            assert_eq!(held(decoder), [&damaged[..], &good].concat());
        }
    }

    #[test]
    fn a_decoder_and_its_messages_can_be_sent_to_another_thread() {
        fn check<T: Send + Sync + 'static>() {}
        check::<Decoder>();
        check::<Message>();
        check::<Error>();
    }
}
