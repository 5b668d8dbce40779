//! Pieces of a body whose parts have other lengths now.

use bytes::Bytes;

use crate::tape::Piece;

/// The lengths of the frames of a body, or of all of it, before and after.
#[derive(Default)]
pub(super) struct Lengths(Vec<(u64, u64)>);

impl Lengths {
    pub(super) fn push(&mut self, before: &Bytes, after: &Bytes) {
        self.0.push((before.len() as u64, after.len() as u64));
    }

    /// The pieces of the new body.
    ///
    /// A boundary inside a frame keeps its distance from the frame's start, but
    /// stays before its last byte, and one between frames stays there. So each
    /// frame ends in the piece in which it ended, and comes when it came.
    pub(super) fn pieces(&self, pieces: &[Piece]) -> Vec<Piece> {
        let (mut before, mut after) = (0, 0);
        let moved = |piece: &Piece| {
            before += piece.length;
            let end = self.moved(before);
            let length = end - after;
            after = end;
            Piece::new(length, piece.at)
        };
        pieces.iter().map(moved).collect()
    }

    /// Where the boundary at `offset` of the old body is in the new one.
    fn moved(&self, offset: u64) -> u64 {
        let (mut inside, mut start) = (offset, 0);
        for (before, after) in &self.0 {
            if inside < *before {
                return start + inside.min(after.saturating_sub(1));
            }
            inside -= before;
            start += after;
        }
        start + inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(pieces: &[u64], parts: &[(u64, u64)]) -> Vec<u64> {
        let pieces: Vec<_> = pieces.iter().map(|length| Piece::new(*length, None)).collect();
        let moved = Lengths(parts.to_vec()).pieces(&pieces);
        let sum: u64 = moved.iter().map(|piece| piece.length).sum();
        assert_eq!(sum, parts.iter().map(|part| part.1).sum::<u64>());
        moved.iter().map(|piece| piece.length).collect()
    }

    #[test]
    fn pieces_add_up_to_the_new_body_and_frames_end_where_they_ended() {
        assert_eq!(lengths(&[10, 10], &[(10, 10), (10, 10)]), [10, 10]);
        assert_eq!(lengths(&[10, 10], &[(10, 7), (10, 12)]), [7, 12]);
        assert_eq!(lengths(&[5, 15], &[(10, 12), (10, 10)]), [5, 17]);
        // The first frame still ends in the second piece.
        assert_eq!(lengths(&[9, 11], &[(10, 4), (10, 10)]), [3, 11]);
        assert_eq!(lengths(&[9, 0, 1, 0, 10], &[(10, 4), (10, 10)]), [3, 0, 1, 0, 10]);
        assert_eq!(lengths(&[3, 17], &[(20, 0)]), [0, 0]);
        assert_eq!(lengths(&[0, 20, 0], &[(20, 25)]), [0, 25, 0]);
    }
}
