//! The pieces of a body, and when each goes out.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::chance::Gaps;

/// Pieces that many answers share: a clone is two pointers, however many pieces
/// there are.
#[derive(Clone, Debug)]
pub struct SharedPieces {
    bytes: Arc<[Bytes]>,
    times: Times,
}

#[derive(Clone, Debug)]
enum Times {
    At(Arc<[Duration]>),
    Every(Gaps),
}

impl SharedPieces {
    /// Pieces, each with its time since the head. Empty ones are left out.
    pub fn new(pieces: Vec<(Duration, Bytes)>) -> Self {
        let pieces = pieces.into_iter().filter(|(_, piece)| !piece.is_empty());
        let (times, bytes): (Vec<_>, Vec<_>) = pieces.unzip();
        Self { bytes: bytes.into(), times: Times::At(times.into()) }
    }

    /// The same pieces in times of this answer's own.
    pub(crate) fn every(self, gaps: Gaps) -> Self {
        Self { times: Times::Every(gaps), ..self }
    }

    /// The pieces with their times, as one answer has them.
    pub fn to_vec(&self) -> Vec<(Duration, Bytes)> {
        self.clone().into_timeline().collect()
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn into_timeline(self) -> Timeline {
        Timeline::new(Source::Shared { pieces: self, next: 0 })
    }
}

/// What is left of one answer's pieces.
pub(super) struct Timeline {
    source: Source,
    /// The time of the piece that is next.
    due: Option<Duration>,
}

enum Source {
    Own(std::vec::IntoIter<(Duration, Bytes)>),
    Shared { pieces: SharedPieces, next: usize },
    Cut(Box<Cut>),
}

/// Pieces of one size, made as they go out: there may be one for each byte.
struct Cut {
    of: Timeline,
    size: usize,
    held: BytesMut,
    /// When the last of what is held comes.
    at: Duration,
}

impl Timeline {
    fn new(mut source: Source) -> Self {
        Timeline { due: source.due(), source }
    }

    /// Pieces of this answer's alone, none of them empty.
    pub(super) fn own(pieces: Vec<(Duration, Bytes)>) -> Self {
        Self::new(Source::Own(pieces.into_iter()))
    }

    /// The same bytes in pieces of this size, the last one aside; each comes when
    /// all of its bytes have.
    pub(super) fn cut_into(self, size: usize) -> Self {
        let (held, at) = (BytesMut::new(), Duration::ZERO);
        Self::new(Source::Cut(Cut { of: self, size, held, at }.into()))
    }

    /// When the next piece goes out; `None` behind the last.
    pub(super) fn due(&self) -> Option<Duration> {
        self.due
    }
}

impl Iterator for Timeline {
    type Item = (Duration, Bytes);

    fn next(&mut self) -> Option<(Duration, Bytes)> {
        let piece = self.source.take()?;
        let at = self.due?;
        self.due = self.source.due();
        Some((at, piece))
    }
}

impl Source {
    fn due(&mut self) -> Option<Duration> {
        match self {
            Source::Own(pieces) => pieces.as_slice().first().map(|(at, _)| *at),
            Source::Shared { pieces: SharedPieces { bytes, times }, next } => {
                bytes.get(*next)?;
                match times {
                    Times::At(times) => times.get(*next).copied(),
                    Times::Every(gaps) => gaps.next(),
                }
            }
            Source::Cut(cut) => cut.due(),
        }
    }

    fn take(&mut self) -> Option<Bytes> {
        match self {
            Source::Own(pieces) => pieces.next().map(|(_, piece)| piece),
            Source::Shared { pieces, next } => {
                *next += 1;
                pieces.bytes.get(*next - 1).cloned()
            }
            Source::Cut(cut) => cut.take(),
        }
    }
}

impl Cut {
    fn due(&mut self) -> Option<Duration> {
        while self.held.len() < self.size {
            let Some((at, piece)) = self.of.next() else { break };
            self.held.extend_from_slice(&piece);
            self.at = at;
        }
        (!self.held.is_empty()).then_some(self.at)
    }

    fn take(&mut self) -> Option<Bytes> {
        let size = self.size.min(self.held.len());
        (size > 0).then(|| self.held.split_to(size).freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::chance::Jitter;

    const MS: Duration = Duration::from_millis(1);

    fn gaps() -> Gaps {
        Gaps { next: 5 * MS, gap: 10 * MS, jitter: Jitter::new(0.0, 0) }
    }

    #[test]
    fn shared_pieces_are_the_same_bytes_in_each_answer() {
        let piece = Bytes::from(vec![b'x'; 50]);
        let shared = SharedPieces::new(vec![
            (MS, piece.clone()),
            (MS, Bytes::new()),
            (3 * MS, piece.clone()),
        ]);
        for (pieces, times) in [(shared.clone(), [1, 3]), (shared.every(gaps()), [5, 15])] {
            let pieces = pieces.to_vec();
            assert_eq!(
                pieces.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
                times.map(|at| at * MS)
            );
            assert!(pieces.iter().all(|(_, bytes)| bytes.as_ptr() == piece.as_ptr()));
        }
    }

    #[test]
    fn a_piece_of_another_size_comes_with_its_last_byte() {
        let pieces = [(1, "abc"), (5, "de"), (9, "f")].map(|(at, piece)| (at * MS, piece.into()));
        for (size, expected) in [
            (1, vec![(1, "a"), (1, "b"), (1, "c"), (5, "d"), (5, "e"), (9, "f")]),
            (2, vec![(1, "ab"), (5, "cd"), (9, "ef")]),
            (4, vec![(5, "abcd"), (9, "ef")]),
            (usize::MAX, vec![(9, "abcdef")]),
        ] {
            let cut = Timeline::own(pieces.clone().into()).cut_into(size);
            let expected = expected.into_iter().map(|(at, piece)| (at * MS, Bytes::from(piece)));
            assert!(cut.eq(expected), "{size}");
        }
    }

    #[test]
    fn nothing_is_in_no_piece_of_any_size() {
        assert_eq!(Timeline::own(Vec::new()).cut_into(1).due(), None);
    }
}
