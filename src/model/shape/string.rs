//! A string of JSON, sixteen bytes at a time: what is special in it, and how it
//! is written.

use std::io::{self, Write};

/// How many bytes are looked at together: two words.
pub(crate) const WIDE: usize = 16;

/// Whether these are bytes of ASCII that stand in a string for themselves.
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    bytes.is_ascii() && special(bytes, 0) == bytes.len()
}

/// Where, from `at` on, the first byte is that has a meaning in a string: a
/// quote, a backslash, or a control character, which may not stand there.
#[inline]
pub(crate) fn special(bytes: &[u8], mut at: usize) -> usize {
    while let Some(words) = chunk::<WIDE>(bytes, at) {
        let [low, high] = halves(words).map(specials);
        if low | high != 0 {
            return at + first(low, high);
        }
        at += WIDE;
    }
    at + bytes[at..].iter().take_while(|byte| !is_special(**byte)).count()
}

/// Copies what is before the first special byte, and says how much that is.
#[inline]
pub(crate) fn copy_plain(from: &[u8], to: &mut [u8]) -> usize {
    let mut at = 0;
    while let (Some(words), Some(room)) = (chunk::<WIDE>(from, at), to.get_mut(at..at + WIDE)) {
        room.copy_from_slice(words);
        let [low, high] = halves(words).map(specials);
        if low | high != 0 {
            return at + first(low, high);
        }
        at += WIDE;
    }
    let rest = from[at..].iter().zip(&mut to[at..]).take_while(|(byte, _)| !is_special(**byte));
    at + rest.map(|(byte, out)| *out = *byte).count()
}

/// Writes a text as a string with its quotes, escaped as by `serde_json`.
pub(super) fn write(text: &str, out: &mut impl Write) -> io::Result<()> {
    let bytes = text.as_bytes();
    let plain = special(bytes, 0);
    out.write_all(b"\"")?;
    out.write_all(&bytes[..plain])?;
    if plain < bytes.len() {
        write_escaped(&bytes[plain..], out)?;
    }
    out.write_all(b"\"")
}

fn write_escaped(mut bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
    // Few texts fill it, and each makes one.
    let (mut room, mut length) = ([0; 16 * WIDE], 0);
    while let Some(byte) = bytes.first() {
        let free = &mut room[length..];
        length += if is_special(*byte) {
            bytes = &bytes[1..];
            escape(*byte, free)
        } else {
            let copied = copy_plain(bytes, free);
            bytes = &bytes[copied..];
            copied
        };
        // An escape needs 6, and with less than two words the copy goes byte by byte.
        if room.len() - length < 4 * WIDE {
            out.write_all(&room[..length])?;
            length = 0;
        }
    }
    out.write_all(&room[..length])
}

/// Writes the escape of a special byte to the start of `room`, and says how long
/// it is.
#[inline]
fn escape(byte: u8, room: &mut [u8]) -> usize {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let letter = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        _ => {
            let [high, low] = [byte >> 4, byte & 0xf].map(|digit| DIGITS[usize::from(digit)]);
            let escape = [b'\\', b'u', b'0', b'0', high, low];
            room[..escape.len()].copy_from_slice(&escape);
            return escape.len();
        }
    };
    room[..2].copy_from_slice(&[b'\\', letter]);
    2
}

#[inline]
fn chunk<const N: usize>(bytes: &[u8], at: usize) -> Option<&[u8; N]> {
    bytes.get(at..)?.first_chunk()
}

#[inline]
fn halves(words: &[u8; WIDE]) -> [u64; 2] {
    let both = u128::from_le_bytes(*words);
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of it")]
    [both as u64, (both >> 64) as u64]
}

#[inline]
fn is_special(byte: u8) -> bool {
    matches!(byte, 0..0x20 | b'"' | b'\\')
}

/// The special bytes of a word by their highest bits.
///
/// Subtracting borrows from the bytes above one that is below what is
/// subtracted, so bits above the lowest may be wrong, and that one is not.
#[inline]
fn specials(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES << 7;
    let equal = |byte: u8| word ^ (ONES * u64::from(byte));
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    (below(equal(b'"'), 1) | below(equal(b'\\'), 1) | below(word, 0x20)) & HIGH
}

/// The place of the first special byte of two words, one of which has one.
#[inline]
fn first(low: u64, high: u64) -> usize {
    let bits = if low == 0 { 64 + high.trailing_zeros() } else { low.trailing_zeros() };
    bits as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_as_serde_json(text: &str) {
        let mut written = Vec::new();
        write(text, &mut written).unwrap();
        assert_eq!(str::from_utf8(&written).unwrap(), serde_json::to_string(text).unwrap());
    }

    #[test]
    fn every_character_is_escaped_as_by_serde_json_wherever_it_stands() {
        for character in (0..=0x80).chain([0xe9, 0x2028, 0xd7ff, 0x1f600]).map_while(char::from_u32)
        {
            for before in 0..=WIDE + 1 {
                for after in [0, 1, WIDE] {
                    let (before, after) = ("x".repeat(before), "y".repeat(after));
                    assert_as_serde_json(&format!("{before}{character}{after}"));
                }
            }
        }
    }

    #[test]
    fn long_texts_are_as_by_serde_json_however_many_escapes_they_have() {
        for unit in ["\0", "\"", "\n\u{1}", "line\n", "\u{e9}\"", "say \"no\" to \\ and \u{1f}\t"] {
            for count in (0..40).chain([159, 160, 161, 480, 481, 511, 512, 1000, 5000]) {
                assert_as_serde_json(&unit.repeat(count));
            }
        }
        for length in 900..1100 {
            assert_as_serde_json(&format!("\n{}\u{7}{}", "x".repeat(length), "\u{1}".repeat(30)));
        }
    }
}
