//! The body of a request, in pieces.

use std::fmt;
use std::io::{self, Write};

use bytes::Bytes;

use crate::model::{Shape, to_writer};

/// How long the pieces of a long body are that is written here.
const PIECE: usize = 64 * 1024;

/// Room for a short body, which needs not grow.
const SHORT: usize = 1024;

/// A request's body: pieces that are sent one after the other and never
/// joined. `Debug` shows its length and nothing of what is asked.
#[derive(Clone, Default)]
pub struct Body {
    pieces: Vec<Bytes>,
    length: u64,
    #[cfg(feature = "sigv4")]
    sha256: Option<crate::auth::BodyHash>,
}

impl Body {
    /// A body of these pieces.
    pub fn from_pieces(pieces: impl IntoIterator<Item = Bytes>) -> Self {
        let pieces: Vec<_> = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        let length = pieces.iter().map(|piece| piece.len() as u64).sum();
        Body {
            pieces,
            length,
            #[cfg(feature = "sigv4")]
            sha256: None,
        }
    }

    /// A body of JSON: one piece if it is short. A long one is not moved as it
    /// grows, which would take up to three times its memory.
    pub(super) fn of_json(input: &impl Shape) -> Result<Self, serde_json::Error> {
        let mut writer = Writer::new();
        to_writer(input, &mut writer)?;
        Ok(writer.into_body())
    }

    /// A body of these pieces, whose hash is known.
    #[cfg(feature = "sigv4")]
    pub(super) fn hashed(
        pieces: impl IntoIterator<Item = Bytes>,
        sha256: crate::auth::BodyHash,
    ) -> Self {
        Body { sha256: Some(sha256), ..Body::from_pieces(pieces) }
    }

    /// The pieces in order; none is empty.
    pub fn pieces(&self) -> &[Bytes] {
        &self.pieces
    }

    /// The pieces, taken out.
    pub fn into_pieces(self) -> Vec<Bytes> {
        self.pieces
    }

    /// The exact length in bytes.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// All pieces joined: a copy, for looking at.
    pub fn to_bytes(&self) -> Bytes {
        match self.pieces.as_slice() {
            [one] => one.clone(),
            pieces => pieces.concat().into(),
        }
    }

    /// The SHA-256 of the whole, computed once.
    #[cfg(feature = "sigv4")]
    pub fn sha256(&mut self) -> crate::auth::BodyHash {
        let pieces = &self.pieces;
        *self.sha256.get_or_insert_with(|| crate::auth::BodyHash::of_pieces(pieces))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("length", &self.length).finish_non_exhaustive()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Body::from_pieces([bytes])
    }
}

/// What is written, in pieces of [`PIECE`] bytes.
struct Writer {
    whole: Vec<Bytes>,
    /// Grows up to a piece; those behind the first have their room from the
    /// start.
    open: Vec<u8>,
}

impl Writer {
    fn new() -> Self {
        Writer { whole: Vec::new(), open: Vec::with_capacity(SHORT) }
    }

    #[cold]
    fn begin_piece(&mut self) {
        let mut piece = std::mem::replace(&mut self.open, Vec::with_capacity(PIECE));
        // The first has grown, maybe beyond what it holds.
        piece.shrink_to_fit();
        self.whole.push(piece.into());
    }

    fn into_body(mut self) -> Body {
        self.open.shrink_to_fit();
        self.whole.push(self.open.into());
        Body::from_pieces(self.whole)
    }
}

impl Write for Writer {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    #[inline]
    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while bytes.len() > PIECE - self.open.len() {
            let (now, later) = bytes.split_at(PIECE - self.open.len());
            self.open.extend_from_slice(now);
            self.begin_piece();
            bytes = later;
        }
        self.open.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Text;

    #[test]
    fn json_of_any_length_is_what_serde_json_writes_in_pieces_of_one_size() {
        let texts = (0..200).map(|n: usize| Text::from("a\"\n\u{e9}".repeat(n * n / 10)));
        for input in [vec![], texts.clone().take(20).collect(), texts.collect::<Vec<_>>()] {
            let body = Body::of_json(&input).unwrap();
            let expected = serde_json::to_vec(&input).unwrap();
            assert_eq!(body.to_bytes(), expected);
            assert_eq!(body.len(), expected.len() as u64);
            let (last, others) = body.pieces().split_last().unwrap();
            assert!(others.iter().all(|piece| piece.len() == PIECE) && last.len() <= PIECE);
        }
    }

    #[test]
    fn a_body_that_ends_with_a_piece_has_no_empty_one() {
        let body = Body::of_json(&Text::from("x".repeat(2 * PIECE - 2))).unwrap();
        assert_eq!(body.pieces().len(), 2);
    }
}
