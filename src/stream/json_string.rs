//! A string of JSON that is read.

use bytes::Bytes;

use crate::model::Text;
use crate::model::string::{WIDE, copy_plain, special};

/// A string whose end was found and whose escapes were undone. It was not yet
/// checked for UTF-8.
pub(super) enum JsonString<'a> {
    /// As it stands between its quotes.
    Plain(&'a [u8]),
    /// One with escapes, without them.
    Unescaped(Bytes),
}

impl<'a> JsonString<'a> {
    /// The string whose first byte, behind the quote, is the first of `json`,
    /// and what is behind its closing quote. `None` if it does not end, or is
    /// none that could be read here.
    #[inline]
    pub(super) fn at_start_of(json: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let plain = special(json, 0);
        if *json.get(plain)? == b'"' {
            return Some((Self::Plain(&json[..plain]), &json[plain + 1..]));
        }
        Self::unescape(json, plain)
    }

    /// The same where the first `plain` bytes stand for themselves and the next
    /// one may be an escape.
    fn unescape(json: &'a [u8], plain: usize) -> Option<(Self, &'a [u8])> {
        /// Enough for real events. The text is made here and then copied, for
        /// its length is not known before.
        const SHORT: usize = 512;
        let room = json.len() + WIDE;
        let (text, end) = if room <= SHORT {
            let mut text = [0; SHORT];
            let (length, end) = unescape(json, plain, &mut text)?;
            (Bytes::copy_from_slice(text.get(..length)?), end)
        } else {
            let mut text = vec![0; room];
            let (length, end) = unescape(json, plain, &mut text)?;
            text.truncate(length);
            // `Bytes` has no room of its own for a capacity.
            (text.into_boxed_slice().into(), end)
        };
        Some((Self::Unescaped(text), json.get(end + 1..)?))
    }

    /// The text: a slice of `frame`, in which the string is, if it has no
    /// escapes.
    #[inline]
    pub(super) fn text(self, frame: &Bytes) -> Option<Text> {
        let text = match self {
            Self::Plain(raw) => frame.slice_ref(raw),
            Self::Unescaped(text) => text,
        };
        Text::from_utf8(text).ok()
    }

    /// Whether it is of ASCII without escapes.
    pub(super) fn is_plain_ascii(&self) -> bool {
        match self {
            Self::Plain(raw) => raw.is_ascii(),
            Self::Unescaped(_) => false,
        }
    }
}

/// Undoes the escapes of the string at the start of `json`, up to its quote.
/// Gives the length of what it wrote and where the quote is. Within `text` it
/// may write more, and there must be [`WIDE`] bytes more of it than of `json`.
fn unescape(json: &[u8], plain: usize, text: &mut [u8]) -> Option<(usize, usize)> {
    text.get_mut(..plain)?.copy_from_slice(json.get(..plain)?);
    let (mut from, mut to) = (plain, plain);
    loop {
        match *json.get(from)? {
            b'"' => return Some((to, from)),
            b'\\' => {
                if let Some(byte) = short(json, from) {
                    *text.get_mut(to)? = byte;
                    (from, to) = (from + SHORT_WIDTH, to + 1);
                } else {
                    let (char, width) = unit(json, from)?;
                    let room = text.get_mut(to..to + char.len_utf8())?;
                    (from, to) = (from + width, to + char.encode_utf8(room).len());
                }
            }
            0..0x20 => return None,
            _ => {
                let copied = copy_plain(json.get(from..)?, text.get_mut(to..)?);
                (from, to) = (from + copied, to + copied);
            }
        }
    }
}

/// Bytes of an escape of one letter.
const SHORT_WIDTH: usize = 2;

/// What the escape at `at` stands for, if it is one of one letter.
#[inline]
fn short(json: &[u8], at: usize) -> Option<u8> {
    /// By its letter; 0 is none of them.
    static MEANING: [u8; 256] = {
        let mut meaning = [0; 256];
        let known = *b"\"\"\\\\//b\x08f\x0cn\nr\rt\t";
        let mut at = 0;
        while at < known.len() {
            meaning[known[at] as usize] = known[at + 1];
            at += 2;
        }
        meaning
    };
    let meaning = MEANING[usize::from(*json.get(at + 1)?)];
    (meaning != 0).then_some(meaning)
}

/// The character at `at` that stands as one unit of UTF-16, or as a pair, and
/// the bytes of its escape.
fn unit(json: &[u8], at: usize) -> Option<(char, usize)> {
    let first = hex(json, at)?;
    if let Some(char) = char::from_u32(first.into()) {
        return Some((char, UNIT_WIDTH));
    }
    let second = hex(json, at + UNIT_WIDTH)?;
    let char = char::decode_utf16([first, second]).next()?.ok()?;
    Some((char, 2 * UNIT_WIDTH))
}

/// Bytes of an escape of four digits.
const UNIT_WIDTH: usize = 6;

/// The number in the escape of four digits at `at`.
#[inline]
fn hex(json: &[u8], at: usize) -> Option<u16> {
    const NONE: u16 = 0x10;
    static DIGITS: [u16; 256] = {
        let mut digits = [NONE; 256];
        let mut digit = 0;
        while digit < NONE {
            digits[b"0123456789abcdef"[digit as usize] as usize] = digit;
            digits[b"0123456789ABCDEF"[digit as usize] as usize] = digit;
            digit += 1;
        }
        digits
    };
    let [b'\\', b'u', digits @ ..] = json.get(at..)?.first_chunk::<UNIT_WIDTH>()? else {
        return None;
    };
    let [a, b, c, d] = digits.map(|digit| DIGITS[usize::from(digit)]);
    ((a | b | c | d) & NONE == 0).then_some(a << 12 | b << 8 | c << 4 | d)
}
