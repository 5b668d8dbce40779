//! A body as one row of bytes, each of which has its time.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;

use crate::serve::handler::ReplyBody;

/// All bytes of a body, and up to where they come when.
pub(super) struct Flat {
    pub(super) bytes: Vec<u8>,
    /// Where each piece ends, in order, and its time.
    pieces: Vec<(usize, Duration)>,
    /// Whether it goes out with its length.
    pub(super) has_length: bool,
}

impl Flat {
    pub(super) fn new(body: &ReplyBody) -> Self {
        let (pieces, has_length): (Cow<'_, [(Duration, Bytes)]>, _) = match body {
            ReplyBody::Whole(bytes) => (vec![(Duration::ZERO, bytes.clone())].into(), true),
            ReplyBody::TimedWhole(pieces) => (pieces.into(), true),
            ReplyBody::Timed(pieces) => (pieces.into(), false),
            ReplyBody::Shared(pieces) => (pieces.to_vec().into(), false),
        };
        let mut flat = Flat { bytes: Vec::new(), pieces: Vec::new(), has_length };
        for (at, piece) in &*pieces {
            flat.push(*at, piece);
        }
        flat
    }

    /// A piece behind the last one; never before it.
    pub(super) fn push(&mut self, at: Duration, piece: &[u8]) {
        if piece.is_empty() {
            return;
        }
        let last = self.pieces.last().map_or(Duration::ZERO, |(_, last)| *last);
        self.bytes.extend_from_slice(piece);
        self.pieces.push((self.bytes.len(), at.max(last)));
    }

    /// When the byte at a position comes; behind the end, the last one.
    pub(super) fn at(&self, position: usize) -> Duration {
        let piece = self.pieces.iter().find(|(end, _)| *end > position);
        piece.or(self.pieces.last()).map_or(Duration::ZERO, |(_, at)| *at)
    }

    /// Ends behind so many bytes.
    pub(super) fn truncate(&mut self, length: usize) {
        self.split(length);
        self.pieces.retain(|(end, _)| *end <= length);
        self.bytes.truncate(length);
    }

    /// All bytes come so much later from each of these positions on: twice as
    /// much behind the second, and so on. The positions are in order.
    pub(super) fn delay(&mut self, from: impl Iterator<Item = usize>, by: Duration) {
        let from: Vec<_> = from.collect();
        for position in &from {
            self.split(*position);
        }
        let mut passed = from.into_iter().peekable();
        let mut late = Duration::ZERO;
        for (end, at) in &mut self.pieces {
            while passed.next_if(|position| position < end).is_some() {
                late = late.saturating_add(by);
            }
            *at = at.saturating_add(late);
        }
    }

    /// Lets a piece end here.
    fn split(&mut self, position: usize) {
        let next = self.pieces.partition_point(|(end, _)| *end < position);
        match self.pieces.get(next) {
            Some(&(end, at)) if end > position && position > 0 => {
                self.pieces.insert(next, (position, at));
            }
            Some(_) | None => {}
        }
    }

    pub(super) fn into_body(self) -> ReplyBody {
        let mut bytes = Bytes::from(self.bytes);
        let mut start = 0;
        let piece = |(end, at): (usize, Duration)| {
            let piece = bytes.split_to(end - start);
            start = end;
            (at, piece)
        };
        let pieces = self.pieces.into_iter().map(piece).collect();
        if self.has_length { ReplyBody::TimedWhole(pieces) } else { ReplyBody::Timed(pieces) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn flat() -> Flat {
        let pieces = [(1, "abc"), (1, ""), (5, "de"), (9, "f")];
        let pieces = pieces.map(|(at, piece)| (at * MS, Bytes::from(piece)));
        Flat::new(&ReplyBody::Timed(pieces.into()))
    }

    fn pieces(flat: Flat) -> Vec<(u128, Bytes)> {
        match flat.into_body() {
            ReplyBody::Timed(pieces) => {
                pieces.into_iter().map(|(at, piece)| (at.as_millis(), piece)).collect()
            }
            other => panic!("no stream: {other:?}"),
        }
    }

    #[test]
    fn bytes_keep_their_pieces_and_times() {
        assert_eq!(pieces(flat()), [(1, "abc".into()), (5, "de".into()), (9, "f".into())]);
        assert_eq!([0, 2, 3, 5, 6].map(|at| flat().at(at).as_millis()), [1, 1, 5, 9, 9]);
    }

    #[test]
    fn what_is_truncated_keeps_what_is_before() {
        for (length, expected) in [(0, vec![]), (2, vec!["ab"]), (3, vec!["abc"])] {
            let mut flat = flat();
            flat.truncate(length);
            let expected: Vec<_> =
                expected.into_iter().map(|text| (1, Bytes::from(text))).collect();
            assert_eq!(pieces(flat), expected, "{length}");
        }
        let mut whole = flat();
        whole.truncate(6);
        assert_eq!(pieces(whole).len(), 3);
    }

    #[test]
    fn a_delay_adds_up_from_each_position_on() {
        let mut late = flat();
        late.delay([2, 3, 4].into_iter(), 10 * MS);
        let expected = [(1, "ab"), (11, "c"), (25, "d"), (35, "e"), (39, "f")];
        assert_eq!(pieces(late), expected.map(|(at, piece)| (at, Bytes::from(piece))));
    }
}
