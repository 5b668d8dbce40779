//! Pieces of a body in the order in which they arrived.

use std::collections::VecDeque;

use bytes::{Buf, BufMut, Bytes};

/// A queue of pieces, read from its front. Empty pieces are never held.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// Apart from the others, so that one piece at a time needs no queue.
    front: Bytes,
    later: VecDeque<Bytes>,
    length: usize,
}

impl Pieces {
    pub(super) fn push(&mut self, piece: Bytes) {
        self.length += piece.len();
        if self.front.is_empty() {
            self.front = piece;
        } else if !piece.is_empty() {
            self.later.push_back(piece);
        }
    }

    /// Bytes in all pieces together.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// The first piece, as far as it is still there.
    #[inline]
    pub(super) fn front(&self) -> &[u8] {
        &self.front
    }

    /// The first `N` bytes, which may lie in several pieces; none is taken.
    pub(super) fn peek<const N: usize>(&self) -> Option<[u8; N]> {
        if let Some(chunk) = self.front.first_chunk() {
            return Some(*chunk);
        }
        if self.length < N {
            return None;
        }
        let mut chunk = [0; N];
        let bytes = self.front.iter().chain(self.later.iter().flatten());
        chunk.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Some(chunk)
    }

    /// The first `length` bytes if they lie in one piece; they are not taken.
    pub(super) fn in_one(&self, length: usize) -> Option<&[u8]> {
        self.front.get(..length)
    }

    /// Splits off the front piece, or its first `length` bytes if it has more, as
    /// a slice of it.
    #[inline]
    pub(super) fn split_to(&mut self, length: usize) -> Bytes {
        let taken = self.front.split_to(length.min(self.front.len()));
        self.length -= taken.len();
        self.advance();
        taken
    }

    /// The first `length` bytes of the front piece: itself, if that is all of
    /// it, which saves a count up and one down, or a slice of it. Until they are
    /// [passed over](Self::pass_over) or [put back](Self::put_back) nothing else
    /// is to be done here.
    #[inline]
    pub(super) fn lift(&mut self, length: usize) -> Bytes {
        if length == self.front.len() {
            return std::mem::take(&mut self.front);
        }
        self.front.slice(..length)
    }

    /// Goes on behind the bytes that were lifted.
    #[inline]
    pub(super) fn pass_over(&mut self, length: usize) {
        self.length -= length;
        if !self.front.is_empty() {
            self.front.advance(length);
            return;
        }
        self.advance();
    }

    /// Has the bytes that were lifted be there again.
    #[cold]
    pub(super) fn put_back(&mut self, lifted: Bytes) {
        if self.front.is_empty() {
            self.front = lifted;
        }
    }

    /// Copies out up to `length` bytes, from as many pieces as it takes.
    pub(super) fn copy_to(&mut self, out: &mut impl BufMut, length: usize) {
        let mut missing = length.min(self.length);
        while missing > 0 {
            let count = missing.min(self.front.len());
            out.put_slice(&self.front[..count]);
            self.front.advance(count);
            self.length -= count;
            missing -= count;
            self.advance();
        }
    }

    /// Brings the next piece to the front if that is used up. An emptied
    /// piece goes at once, so that it no longer keeps its memory.
    #[inline]
    fn advance(&mut self) {
        if self.front.is_empty() {
            self.front = self.later.pop_front().unwrap_or_default();
        }
    }
}

impl Iterator for Pieces {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        (self.length > 0).then(|| self.split_to(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(texts: &[&'static str]) -> Pieces {
        let mut pieces = Pieces::default();
        for text in texts {
            pieces.push(Bytes::from_static(text.as_bytes()));
        }
        pieces
    }

    #[test]
    fn bytes_come_out_in_the_order_they_went_in() {
        let mut pieces = pieces(&["", "ab", "", "c", "defg"]);
        assert_eq!(pieces.len(), 7);
        assert_eq!(pieces.peek(), Some(*b"abcd"));
        assert_eq!(pieces.peek::<8>(), None);
        assert_eq!(pieces.in_one(3), None);
        assert_eq!(pieces.split_to(1), "a");
        let mut out = Vec::new();
        pieces.copy_to(&mut out, 3);
        assert_eq!((&out[..], pieces.len()), (&b"bcd"[..], 3));
        assert_eq!(pieces.in_one(2), Some(&b"ef"[..]));
        pieces.push(Bytes::from_static(b"h"));
        assert_eq!(pieces.by_ref().collect::<Vec<_>>(), ["efg", "h"]);
        assert_eq!(pieces.len(), 0);
    }

    #[test]
    fn what_is_lifted_is_passed_over_or_put_back_whole() {
        let mut pieces = pieces(&["abc", "de"]);
        for (length, lifted) in [(2, "ab"), (3, "abc")] {
            let bytes = pieces.lift(length);
            assert_eq!(bytes, lifted);
            pieces.put_back(bytes);
            assert_eq!((pieces.len(), pieces.front()), (5, &b"abc"[..]));
        }
        assert_eq!(pieces.lift(1), "a");
        pieces.pass_over(1);
        assert_eq!((pieces.len(), pieces.front()), (4, &b"bc"[..]));
        assert_eq!(pieces.lift(2), "bc");
        pieces.pass_over(2);
        assert_eq!((pieces.len(), pieces.front()), (2, &b"de"[..]));
        assert_eq!(pieces.lift(2), "de");
        pieces.pass_over(2);
        assert_eq!((pieces.len(), pieces.next()), (0, None));
    }

    #[test]
    fn copying_stops_where_the_bytes_end() {
        let mut pieces = pieces(&["ab", "c"]);
        let mut out = Vec::new();
        pieces.copy_to(&mut out, 100);
        assert_eq!((&out[..], pieces.len(), pieces.next()), (&b"abc"[..], 0, None));
    }
}
