//! A body that comes from elsewhere, on its way out.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::handler::LiveBody;
use super::wire::{Chunk, Sent};

/// Passes pieces on as they come, trailers left out. A failure of where they
/// come from waits until all of them are sent, for it discards what is not.
pub(super) struct Passed {
    body: LiveBody,
    sent: Arc<Sent>,
    broken: Option<io::Error>,
    /// Whether anything was passed on behind the head.
    begun: bool,
}

impl Passed {
    pub(super) fn new(body: LiveBody, sent: Arc<Sent>) -> Self {
        Passed { body, sent, broken: None, begun: false }
    }
}

impl Body for Passed {
    type Data = Chunk;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, io::Error>>> {
        while self.broken.is_none() {
            match ready!(self.body.0.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) => {
                    if let Ok(piece) = frame.into_data() {
                        self.begun = true;
                        return Poll::Ready(Some(Ok(Frame::data(self.sent.chunk(piece)))));
                    }
                }
                Some(Err(error)) => self.broken = Some(io::Error::other(error)),
                None => return Poll::Ready(None),
            }
        }
        if !self.begun {
            // Over HTTP/2 a head alone is discarded, too: this follows it.
            self.begun = true;
            return Poll::Ready(Some(Ok(Frame::data(self.sent.chunk(Bytes::new())))));
        }
        ready!(self.sent.poll_all(cx));
        Poll::Ready(self.broken.take().map(Err))
    }

    fn is_end_stream(&self) -> bool {
        self.broken.is_none() && self.body.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.0.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use http_body_util::{BodyExt, StreamBody};

    use super::*;

    type Piece = Result<Frame<Bytes>, io::Error>;

    struct Pieces(VecDeque<Piece>);

    impl futures_core::Stream for Pieces {
        type Item = Piece;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Piece>> {
            Poll::Ready(self.0.pop_front())
        }
    }

    #[tokio::test]
    async fn a_failure_comes_behind_the_pieces_that_came_before_it() {
        let pieces = [Ok(Frame::data("abc".into())), Err(io::ErrorKind::ConnectionReset.into())];
        let body = LiveBody::new(StreamBody::new(Pieces(pieces.into())));
        let mut passed = Passed::new(body, Sent::new(Arc::default(), false));
        let piece = passed.frame().await.unwrap().unwrap().into_data().unwrap();
        let mut next = std::pin::pin!(passed.frame());
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(next.as_mut().poll(&mut cx).is_pending(), "the piece is held");
        drop(piece);
        assert!(next.await.unwrap().is_err());
        assert!(passed.frame().await.is_none());
    }
}
