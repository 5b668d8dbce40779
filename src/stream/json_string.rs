//! A string of JSON, eight bytes at a time.

use bytes::Bytes;

use crate::model::Text;

/// A string whose end was found and whose escapes were understood. It was not
/// yet checked for UTF-8.
pub(super) struct JsonString<'a> {
    /// Between the quotes.
    raw: &'a [u8],
    /// Bytes of the text: one less than in `raw` for each short escape.
    length: usize,
    rest: &'a [u8],
}

impl<'a> JsonString<'a> {
    /// The string whose first byte, behind the quote, is the first of `json`.
    /// `None` if it does not end, or is none that could be read here.
    #[inline]
    pub(super) fn at_start_of(json: &'a [u8]) -> Option<Self> {
        let (mut at, mut saved) = (0, 0);
        loop {
            at += special(json.get(at..)?);
            match json.get(at)? {
                b'"' => break,
                b'\\' => {
                    let escape = Escape::at_start_of(&json[at..])?;
                    at += escape.width;
                    saved += escape.width - escape.char.len_utf8();
                }
                _ => return None,
            }
        }
        let (raw, rest) = (&json[..at], &json[at + 1..]);
        Some(Self { raw, length: raw.len() - saved, rest })
    }

    /// Between its quotes.
    pub(super) fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// What is behind its closing quote.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The text: a slice of `frame`, in which it is, if it has no escapes.
    #[inline]
    pub(super) fn text(&self, frame: &Bytes) -> Option<Text> {
        let text = if self.length == self.raw.len() {
            frame.slice_ref(self.raw)
        } else {
            self.unescaped()?.into()
        };
        Text::from_utf8(text).ok()
    }

    /// In one allocation of the right length.
    fn unescaped(&self) -> Option<Vec<u8>> {
        let mut text = vec![0; self.length];
        let (mut from, mut to) = (self.raw, &mut text[..]);
        while !from.is_empty() {
            let plain = copy_plain(from, to);
            (from, to) = (from.get(plain..)?, to.get_mut(plain..)?);
            if !from.is_empty() {
                let Escape { char, width } = Escape::at_start_of(from)?;
                let (encoded, rest) = to.split_at_mut_checked(char.len_utf8())?;
                char.encode_utf8(encoded);
                (from, to) = (from.get(width..)?, rest);
            }
        }
        Some(text)
    }
}

/// Whether these are bytes of ASCII that stand in a string for themselves.
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    bytes.is_ascii() && special(bytes) == bytes.len()
}

/// Copies what is before the first special byte, and says how much that is.
/// More may be written behind it, as far as there is room.
#[inline]
fn copy_plain(from: &[u8], to: &mut [u8]) -> usize {
    let mut at = 0;
    while let (Some(word), Some(out)) = (word(from, at), to.get_mut(at..at + WIDTH)) {
        out.copy_from_slice(&word.to_le_bytes());
        match first_special(word) {
            Some(plain) => return at + plain,
            None => at += WIDTH,
        }
    }
    let rest = from[at..].iter().zip(&mut to[at..]).take_while(|(byte, _)| !is_special(**byte));
    at + rest.map(|(byte, out)| *out = *byte).count()
}

/// How many bytes come before the first that has a meaning in a string: a
/// quote, a backslash, or a control character, which may not stand there.
#[inline]
fn special(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(word) = word(bytes, at) {
        match first_special(word) {
            Some(plain) => return at + plain,
            None => at += WIDTH,
        }
    }
    at + bytes[at..].iter().take_while(|byte| !is_special(**byte)).count()
}

const WIDTH: usize = 8;

#[inline]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

#[inline]
fn is_special(byte: u8) -> bool {
    matches!(byte, 0..0x20 | b'"' | b'\\')
}

/// The place of the first special byte of eight, the lowest first.
///
/// Subtracting borrows from the bytes above one that is below what is
/// subtracted, so bits above the lowest may be wrong, and that one is not.
#[inline]
fn first_special(word: u64) -> Option<usize> {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES << 7;
    let equal = |byte: u8| word ^ (ONES * u64::from(byte));
    let (quote, backslash) = (equal(b'"'), equal(b'\\'));
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    let found = (below(quote, 1) | below(backslash, 1) | below(word, 0x20)) & HIGH;
    (found != 0).then(|| found.trailing_zeros() as usize / 8)
}

/// A character that stands as an escape.
struct Escape {
    char: char,
    /// Bytes of the escape.
    width: usize,
}

impl Escape {
    #[inline]
    fn at_start_of(json: &[u8]) -> Option<Self> {
        let char = match json.get(1)? {
            b'n' => '\n',
            b'"' => '"',
            b'\\' => '\\',
            b't' => '\t',
            b'r' => '\r',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => return Self::of_unit(json),
            _ => return None,
        };
        Some(Self { char, width: 2 })
    }

    /// One unit of UTF-16, or a pair.
    fn of_unit(json: &[u8]) -> Option<Self> {
        let first = unit(json)?;
        if let Some(char) = char::from_u32(first.into()) {
            return Some(Self { char, width: 6 });
        }
        let pair = [first, unit(json.get(6..)?)?];
        let char = char::decode_utf16(pair).next()?.ok()?;
        Some(Self { char, width: 12 })
    }
}

fn unit(json: &[u8]) -> Option<u16> {
    let digits = json.strip_prefix(b"\\u")?.first_chunk::<4>()?;
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let unit = digits.iter().try_fold(0, |unit, byte| Some(unit << 4 | digit(*byte)?))?;
    u16::try_from(unit).ok()
}
