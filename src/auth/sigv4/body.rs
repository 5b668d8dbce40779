//! A body known by its hash.

use std::fmt;

use sha2::{Digest, Sha256};

/// The SHA-256 of a request's body: all that signing needs of it.
///
/// `Display` writes 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BodyHash([u8; 32]);

impl BodyHash {
    /// Hashes a body that is in one piece.
    pub fn of(body: &[u8]) -> Self {
        Self(Sha256::digest(body).into())
    }

    /// Hashes a body that is in several pieces, without joining them.
    pub fn of_pieces<P: AsRef<[u8]>>(pieces: impl IntoIterator<Item = P>) -> Self {
        let mut hasher = BodyHasher::new();
        for piece in pieces {
            hasher.update(piece.as_ref());
        }
        hasher.finish()
    }

    /// Takes a hash that was computed elsewhere.
    pub fn from_sha256(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// In lower-case hexadecimal digits. By a table: formatters take many times
    /// as long.
    pub(super) fn to_hex(self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        let mut text = String::with_capacity(2 * self.0.len());
        text.extend(digits.map(|digit| char::from(DIGITS[usize::from(digit)])));
        text
    }

    /// The 32 bytes of the hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The SHA-256 of a body that is not all there yet. A clone goes on from here by
/// itself, so that bodies which begin alike need not be hashed from the start.
#[derive(Clone, Default)]
pub struct BodyHasher(Sha256);

impl BodyHasher {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what comes next.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all that was taken in.
    pub fn finish(self) -> BodyHash {
        BodyHash(self.0.finalize().into())
    }
}

impl fmt::Debug for BodyHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BodyHasher")
    }
}

impl fmt::Display for BodyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1, and the well-known hash of nothing.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn pieces_hash_as_the_whole_does() {
        assert_eq!(BodyHash::of(b"abc").to_string(), ABC);
        assert_eq!(BodyHash::of_pieces(["a", "", "bc"]).to_string(), ABC);
        assert_eq!(BodyHash::of_pieces::<&[u8]>([]).to_string(), NOTHING);
        let mut so_far = BodyHasher::new();
        so_far.update(b"a");
        let mut other = so_far.clone();
        other.update(b"x");
        so_far.update(b"bc");
        assert_eq!(so_far.finish().to_string(), ABC);
        assert_ne!(other.finish().to_string(), ABC);
        assert_eq!(BodyHash::from_sha256(*BodyHash::of(b"abc").as_bytes()).to_string(), ABC);
    }
}
