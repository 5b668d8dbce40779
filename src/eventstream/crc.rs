//! CRC-32 as in IEEE 802.3 by the laws of its arithmetic, for tables that the
//! compiler fills. At run time `crc32fast` does the work.
//!
//! A state is a polynomial over GF(2) of a degree below 32, modulo that of the
//! CRC, with the term of degree 0 in the highest bit. One more zero bit behind
//! the data multiplies it by x.

use super::MIN_MESSAGE_LENGTH;

/// Below it, a frame's checksum can be had by [`CORRECTION`]. Of the frames
/// that Bedrock is known to send, one in a thousand is as long.
pub(super) const LENGTHS: usize = 2048;

/// What a total length changes in the prelude's checksum, against a length of
/// 0: the entries of its lowest and its second lowest byte, added (xor).
static LENGTH: [[u32; 256]; 2] = LENGTH_TABLE;

/// What a total length changes in the message's checksum, against a length of
/// 0 and the prelude's checksum that belongs to it.
pub(super) static CORRECTION: [u32; LENGTHS] = {
    let mut table = [0; LENGTHS];
    // x to the power of 8 for each byte between prelude and checksum.
    let mut shift = ONE;
    let mut total = MIN_MESSAGE_LENGTH;
    while total < LENGTHS {
        table[total] = times(prelude_change(total), shift);
        shift = zero_byte(shift);
        total += 1;
    }
    table
};

/// CRC-32 of the two lengths of a prelude. By tables where both are usual:
/// `crc32fast` has no short way for eight bytes.
#[inline]
pub(super) fn of_lengths(total: u32, headers: u32) -> u32 {
    /// Of two lengths of 0.
    const ZERO: u32 = of(0, &[0; 8]);
    let [t0, t1, t2, t3] = total.to_be_bytes();
    let [h0, h1, h2, h3] = headers.to_be_bytes();
    if [t0, t1, h0, h1, h2] == [0; 5] {
        let total = LENGTH[0][usize::from(t3)] ^ LENGTH[1][usize::from(t2)];
        return ZERO ^ total ^ HEADERS_LENGTH[usize::from(h3)];
    }
    crc32fast::hash(&[t0, t1, t2, t3, h0, h1, h2, h3])
}

/// What the lowest byte of a headers length changes in the prelude's checksum.
static HEADERS_LENGTH: [u32; 256] = changes::<1>();

const POLYNOMIAL: u32 = 0xedb8_8320;

/// The polynomial 1.
const ONE: u32 = 1 << 31;

/// Behind the lowest byte there are four, the headers length.
const LENGTH_TABLE: [[u32; 256]; 2] = [changes::<5>(), changes::<6>()];

/// What each value of the first of so many bytes changes, the others being zero.
const fn changes<const BYTES: usize>() -> [u32; 256] {
    let mut table = [0; 256];
    let mut bytes = [0; BYTES];
    while bytes[0] < u8::MAX {
        bytes[0] += 1;
        table[bytes[0] as usize] = change(0, &bytes);
    }
    table
}

const fn x_times(state: u32) -> u32 {
    state >> 1 ^ if state & 1 == 1 { POLYNOMIAL } else { 0 }
}

const fn zero_byte(mut state: u32) -> u32 {
    let mut bit = 0;
    while bit < 8 {
        state = x_times(state);
        bit += 1;
    }
    state
}

const fn times(mut a: u32, b: u32) -> u32 {
    let (mut product, mut term) = (0, ONE);
    while term != 0 {
        if b & term != 0 {
            product ^= a;
        }
        a = x_times(a);
        term >>= 1;
    }
    product
}

/// What `bytes` of otherwise zero data change, going on from a change.
const fn change(mut state: u32, bytes: &[u8]) -> u32 {
    let mut at = 0;
    while at < bytes.len() {
        state = zero_byte(state ^ bytes[at] as u32);
        at += 1;
    }
    state
}

/// What a total length changes in the state behind the prelude.
const fn prelude_change(total: usize) -> u32 {
    let [high, low] = [total >> 8, total & 0xff];
    let crc = LENGTH_TABLE[0][low] ^ LENGTH_TABLE[1][high];
    // The change of the lengths is that of their checksum.
    change(crc, &crc.to_be_bytes())
}

/// CRC-32 of `bytes`, going on from that of what is before them.
pub(super) const fn of(crc: u32, bytes: &[u8]) -> u32 {
    !change(!crc, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_crc_that_others_compute() {
        assert_eq!(of(0, b"123456789"), 0xcbf4_3926);
        for bytes in [&b""[..], b"\0", b"\0\0\0\x80", b"any bytes at all"] {
            assert_eq!(of(0, bytes), crc32fast::hash(bytes));
            assert_eq!(of(of(0, b"before"), bytes), crc32fast::hash(&[b"before", bytes].concat()));
        }
    }

    #[test]
    fn two_lengths_have_the_checksum_of_their_bytes() {
        let lengths = (0..300).chain([65_535, 65_536, u32::MAX]);
        for total in lengths.clone().chain(16_000..16_600) {
            for headers in lengths.clone() {
                let bytes = [total.to_be_bytes(), headers.to_be_bytes()].concat();
                assert_eq!(of_lengths(total, headers), crc32fast::hash(&bytes));
            }
        }
    }

    #[test]
    fn the_length_tells_what_it_changes_in_both_checksums() {
        for total in MIN_MESSAGE_LENGTH..LENGTHS {
            let lengths =
                |total: usize| [total.to_be_bytes()[4..].to_vec(), vec![0, 0, 0, 7]].concat();
            let frame = |total_said: usize| {
                let mut frame = lengths(total_said);
                frame.extend(crc32fast::hash(&frame).to_be_bytes());
                frame.extend((12..total - 4).map(|at| at.to_be_bytes()[7]));
                frame
            };
            let prelude = |total| crc32fast::hash(&lengths(total));
            let changed = LENGTH[0][total & 0xff] ^ LENGTH[1][total >> 8];
            assert_eq!(prelude(total) ^ prelude(0), changed, "{total}");
            let changed = crc32fast::hash(&frame(total)) ^ crc32fast::hash(&frame(0));
            assert_eq!(CORRECTION[total], changed, "{total}");
        }
    }
}
