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
        let mut hasher = Sha256::new();
        for piece in pieces {
            hasher.update(piece);
        }
        Self(hasher.finalize().into())
    }

    /// Takes a hash that was computed elsewhere.
    pub fn from_sha256(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// The 32 bytes of the hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for BodyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
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
        assert_eq!(
            BodyHash::from_sha256(*BodyHash::of(b"abc").as_bytes()).to_string(),
            ABC
        );
    }
}
