//! A body that goes out piece by piece, each at its time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::error::ServeError;
use super::handler::ReplyBody;
use super::pieces::Timeline;
use super::wire::{Chunk, Sent};

/// How fast timed answers are played.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Speed {
    /// At the times they have.
    #[default]
    Recorded,
    /// This many times as fast: above 1 faster, between 0 and 1 slower.
    Times(f64),
    /// At once.
    Max,
}

impl Speed {
    pub(super) fn check(self) -> Result<Self, ServeError> {
        match self {
            Speed::Times(factor) if !(factor.is_finite() && factor > 0.0) => {
                Err(ServeError::Speed(factor))
            }
            Speed::Recorded | Speed::Times(_) | Speed::Max => Ok(self),
        }
    }

    /// A time of the recording at this speed.
    pub(super) fn scale(self, at: Duration) -> Duration {
        match self {
            Speed::Recorded => at,
            Speed::Times(factor) => {
                Duration::try_from_secs_f64(at.as_secs_f64() / factor).unwrap_or(Duration::MAX)
            }
            Speed::Max => Duration::ZERO,
        }
    }
}

/// Later than this is never: times are added to the clock's.
pub(super) const NEVER: Duration = Duration::from_hours(24 * 365 * 10);

/// The body of an answer. Its clock starts when it is made.
///
/// A piece is ready at its time, as exactly as tokio's timer has it (1 ms), and
/// never waits for another. Dropped with the connection, it ends its timer.
pub(super) struct Paced {
    pieces: Timeline,
    speed: Speed,
    /// What is left, for a body that goes out with its length.
    left: Option<u64>,
    start: Instant,
    timer: Option<Pin<Box<Sleep>>>,
    end: End,
}

/// What is left to do behind the last piece.
pub(super) enum End {
    /// To end.
    Clean,
    /// To break, once all of it is sent: an error discards what is not.
    Break(Arc<Sent>),
    /// To reset the connection, once all of it is sent.
    Reset(Arc<Sent>),
    /// To wait for ever.
    Stall,
}

impl Paced {
    pub(super) fn new(body: ReplyBody, end: End, speed: Speed) -> Self {
        let (mut pieces, has_length) = match body {
            ReplyBody::Whole(bytes) => (vec![(Duration::ZERO, bytes)], true),
            ReplyBody::TimedWhole(pieces) => (pieces, true),
            ReplyBody::Timed(pieces) => (pieces, false),
            ReplyBody::Shared(pieces) if !pieces.is_empty() => {
                return Self::of(pieces.into_timeline(), None, end, speed);
            }
            ReplyBody::Shared(_) => (Vec::new(), false),
        };
        let length = pieces.iter().map(|(_, piece)| piece.len() as u64).sum();
        pieces.retain(|(_, piece)| !piece.is_empty());
        if matches!(end, End::Break(_) | End::Reset(_)) && pieces.is_empty() {
            // Even a head alone must be out before the break: this follows it.
            pieces.push((Duration::ZERO, Bytes::new()));
        }
        let left = (has_length && matches!(end, End::Clean)).then_some(length);
        Self::of(Timeline::own(pieces), left, end, speed)
    }

    fn of(pieces: Timeline, left: Option<u64>, end: End, speed: Speed) -> Self {
        Paced { pieces, speed, left, start: Instant::now(), timer: None, end }
    }

    /// Lets the head say this length, which is more than will come.
    pub(super) fn announcing(self, length: Option<u64>) -> Self {
        Self { left: length.or(self.left), ..self }
    }

    /// Sends the same bytes in pieces of this size. There are some: the empty
    /// piece that lets a head out before a break would be lost.
    pub(super) fn in_pieces(self, size: Option<usize>) -> Self {
        match size {
            Some(size) => Self { pieces: self.pieces.cut_into(size), ..self },
            None => self,
        }
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Error>> {
        match &self.end {
            End::Clean => return Poll::Ready(None),
            // Whoever polls is dropped with the connection.
            End::Stall => return Poll::Pending,
            End::Break(sent) => ready!(sent.poll_all(cx)),
            End::Reset(sent) => {
                ready!(sent.poll_all(cx));
                sent.reset();
            }
        }
        self.end = End::Clean;
        Poll::Ready(Some(io::ErrorKind::ConnectionAborted.into()))
    }

    fn chunk(&self, piece: Bytes) -> Chunk {
        match &self.end {
            End::Clean | End::Stall => piece.into(),
            End::Break(sent) | End::Reset(sent) => sent.chunk(piece),
        }
    }

    fn poll_due(&mut self, due: Instant, cx: &mut Context<'_>) -> Poll<()> {
        if due <= Instant::now() {
            return Poll::Ready(());
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        timer.as_mut().poll(cx)
    }
}

impl http_body::Body for Paced {
    type Data = Chunk;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, io::Error>>> {
        let Some(at) = self.pieces.due() else {
            return self.poll_end(cx).map(|end| end.map(Err));
        };
        let due = self.start + self.speed.scale(at).min(NEVER);
        ready!(self.poll_due(due, cx));
        let piece = self.pieces.next().map(|(_, piece)| piece);
        if let (Some(left), Some(piece)) = (&mut self.left, &piece) {
            *left = left.saturating_sub(piece.len() as u64);
        }
        Poll::Ready(piece.map(|piece| Ok(Frame::data(self.chunk(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.due().is_none() && matches!(self.end, End::Clean)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Buf;
    use http_body_util::BodyExt;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn bytes(frame: Result<Frame<Chunk>, io::Error>) -> Bytes {
        let mut chunk = frame.unwrap().into_data().unwrap();
        chunk.copy_to_bytes(chunk.remaining())
    }

    async fn played(pieces: &[(u32, &'static str)], speed: Speed) -> Vec<(Duration, Bytes)> {
        let pieces = pieces.iter().map(|&(at, piece)| (at * MS, piece.into())).collect();
        let mut body = Paced::new(ReplyBody::Timed(pieces), End::Clean, speed);
        let start = Instant::now();
        let mut played = Vec::new();
        while let Some(frame) = body.frame().await {
            played.push((start.elapsed(), bytes(frame)));
        }
        played
    }

    #[tokio::test(start_paused = true)]
    async fn each_piece_goes_out_at_its_time() {
        let recorded = [(0, "a"), (1000, "b"), (1000, "c"), (7000, "d")];
        for (speed, times) in [
            (Speed::Recorded, [0, 1000, 1000, 7000]),
            (Speed::Times(2.0), [0, 500, 500, 3500]),
            (Speed::Times(0.5), [0, 2000, 2000, 14000]),
            (Speed::Max, [0, 0, 0, 0]),
        ] {
            let played = played(&recorded, speed).await;
            let at: Vec<_> = played.iter().map(|(at, _)| *at).collect();
            assert_eq!(at, times.map(|at| at * MS), "{speed:?}");
            let pieces: Vec<_> = played.iter().map(|(_, piece)| piece.as_ref()).collect();
            assert_eq!(pieces, [b"a", b"b", b"c", b"d"]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_piece_that_is_late_or_out_of_order_goes_out_at_once() {
        let played = played(&[(5, "a"), (3, "b"), (6, "c")], Speed::Recorded).await;
        let at: Vec<_> = played.iter().map(|(at, _)| *at).collect();
        assert_eq!(at, [5 * MS, 5 * MS, 6 * MS]);
    }

    #[tokio::test(start_paused = true)]
    async fn empty_pieces_are_left_out_and_only_a_whole_body_has_a_length() {
        let timed =
            Paced::new(ReplyBody::Timed(vec![(MS, Bytes::new())]), End::Clean, Speed::Recorded);
        assert!(http_body::Body::is_end_stream(&timed));
        assert_eq!(http_body::Body::size_hint(&timed).exact(), None);
        let whole = Paced::new(ReplyBody::Whole("abc".into()), End::Clean, Speed::Recorded);
        assert_eq!(http_body::Body::size_hint(&whole).exact(), Some(3));
        assert_eq!(whole.collect().await.unwrap().to_bytes(), "abc");
    }

    #[tokio::test(start_paused = true)]
    async fn a_whole_body_with_times_has_them_and_its_length() {
        let pieces = vec![(MS, "ab".into()), (5 * MS, "c".into())];
        let mut body = Paced::new(ReplyBody::TimedWhole(pieces), End::Clean, Speed::Recorded);
        let start = Instant::now();
        assert_eq!(http_body::Body::size_hint(&body).exact(), Some(3));
        assert_eq!(bytes(body.frame().await.unwrap()), "ab");
        assert_eq!(http_body::Body::size_hint(&body).exact(), Some(1));
        assert_eq!(bytes(body.frame().await.unwrap()), "c");
        assert_eq!(start.elapsed(), 5 * MS);
        assert!(body.frame().await.is_none());
    }

    #[tokio::test]
    async fn a_body_that_is_cut_breaks_behind_its_last_piece_and_has_no_length() {
        for text in ["abc", ""] {
            let cut = End::Break(Sent::new(Arc::default(), false));
            let mut body = Paced::new(ReplyBody::Whole(text.into()), cut, Speed::Max);
            assert_eq!(http_body::Body::size_hint(&body).exact(), None);
            let piece = body.frame().await.unwrap().unwrap().into_data().unwrap();
            assert!(!http_body::Body::is_end_stream(&body));
            let early = tokio::time::timeout(Duration::ZERO, body.frame()).await;
            assert!(early.is_err(), "breaks while the piece is held");
            drop(piece);
            assert!(body.frame().await.unwrap().is_err());
            assert!(body.frame().await.is_none());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stalls_never_ends_and_may_say_how_long_it_was_to_be() {
        let mut body = Paced::new(ReplyBody::Whole("abc".into()), End::Stall, Speed::Max);
        assert_eq!(http_body::Body::size_hint(&body).exact(), None);
        body = body.announcing(Some(9));
        assert_eq!(http_body::Body::size_hint(&body).exact(), Some(9));
        assert_eq!(bytes(body.frame().await.unwrap()), "abc");
        assert!(!http_body::Body::is_end_stream(&body));
        assert!(tokio::time::timeout(Duration::from_hours(1), body.frame()).await.is_err());
    }

    #[test]
    fn a_speed_that_is_none_is_refused_and_no_time_overflows() {
        for factor in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Speed::Times(factor).check().is_err(), "{factor}");
        }
        let slow = Speed::Times(f64::MIN_POSITIVE).check().unwrap();
        assert_eq!(slow.scale(Duration::MAX), Duration::MAX);
    }
}
