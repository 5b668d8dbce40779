//! The body of an answer, as it comes in.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};

use super::transport::{TransportError, TransportErrorKind};

type BoxBody = Pin<Box<dyn Body<Data = Bytes, Error = TransportError> + Send>>;

/// The body of an answer: pieces as the HTTP library hands them out.
///
/// Dropping it closes the HTTP/2 stream or the HTTP/1.1 connection it comes
/// on.
pub struct ResponseBody(BoxBody);

impl ResponseBody {
    /// Takes a body of any HTTP library's.
    pub fn new(body: impl Body<Data = Bytes, Error = TransportError> + Send + 'static) -> Self {
        ResponseBody(Box::pin(body))
    }

    /// A body that was read already, and what kept its rest away.
    pub(super) fn read(start: Bytes, broken: Option<TransportError>) -> Self {
        ResponseBody(Box::pin(AlreadyRead { start, broken }))
    }

    /// The next piece; `None` at the end.
    pub fn poll_piece(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        loop {
            return match std::task::ready!(self.0.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(piece) => Poll::Ready(Some(Ok(piece))),
                    // Trailers say nothing that is asked for.
                    Err(_trailers) => continue,
                },
                Some(Err(error)) => Poll::Ready(Some(Err(error))),
                None => Poll::Ready(None),
            };
        }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// Where the connection breaks.
    pub async fn next(&mut self) -> Option<Result<Bytes, TransportError>> {
        std::future::poll_fn(|cx| self.poll_piece(cx)).await
    }

    /// The whole body, of at most `limit` bytes.
    ///
    /// # Errors
    /// Where the connection breaks or there is more than `limit`.
    pub async fn collect(self, limit: usize) -> Result<Bytes, TransportError> {
        match self.collect_up_to(limit).await {
            (body, None) => Ok(body),
            (_, Some(error)) => Err(error),
        }
    }

    /// The body as far as it comes and has no more than `limit` bytes, and what
    /// kept the rest away if there is a rest.
    pub async fn collect_up_to(mut self, limit: usize) -> (Bytes, Option<TransportError>) {
        let mut body = Joined::default();
        loop {
            match self.next().await {
                Some(Ok(piece)) => {
                    let room = limit - body.len();
                    if piece.len() > room {
                        body.add(piece.slice(..room));
                        return (body.into(), Some(too_large(limit)));
                    }
                    body.add(piece);
                }
                Some(Err(error)) => return (body.into(), Some(error)),
                None => return (body.into(), None),
            }
        }
    }
}

/// A body that was read already.
struct AlreadyRead {
    start: Bytes,
    broken: Option<TransportError>,
}

impl Body for AlreadyRead {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let start = std::mem::take(&mut self.start);
        if !start.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(start))));
        }
        Poll::Ready(self.broken.take().map(Err))
    }
}

/// For HTTP libraries, to pass the answer on; trailers come too.
impl Body for ResponseBody {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        self.0.as_mut().poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

/// Pieces joined; a single one is not copied.
#[derive(Default)]
struct Joined {
    first: Bytes,
    /// All of them, once there are two.
    joined: BytesMut,
}

impl Joined {
    fn len(&self) -> usize {
        self.first.len() + self.joined.len()
    }

    fn add(&mut self, piece: Bytes) {
        if self.len() == 0 {
            self.first = piece;
            return;
        }
        if self.joined.is_empty() {
            self.joined = BytesMut::from(std::mem::take(&mut self.first));
        }
        self.joined.extend_from_slice(&piece);
    }
}

impl From<Joined> for Bytes {
    fn from(body: Joined) -> Self {
        if body.joined.is_empty() { body.first } else { body.joined.freeze() }
    }
}

fn too_large(limit: usize) -> TransportError {
    TransportError::new(TransportErrorKind::TooLarge, format!("its body has over {limit} bytes"))
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseBody")
    }
}
