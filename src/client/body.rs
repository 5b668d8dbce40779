//! The body of an answer, as it comes in.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::Body;

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
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, TransportError> {
        let Some(first) = self.next().await.transpose()? else { return Ok(Bytes::new()) };
        let Some(second) = self.next().await.transpose()? else { return within(first, limit) };
        let mut whole = BytesMut::from(first);
        let mut next = Some(second);
        while let Some(piece) = next {
            if whole.len() + piece.len() > limit {
                return Err(too_large(limit));
            }
            whole.extend_from_slice(&piece);
            next = self.next().await.transpose()?;
        }
        Ok(whole.freeze())
    }
}

fn within(body: Bytes, limit: usize) -> Result<Bytes, TransportError> {
    if body.len() > limit { Err(too_large(limit)) } else { Ok(body) }
}

fn too_large(limit: usize) -> TransportError {
    TransportError::new(TransportErrorKind::TooLarge, format!("its body has over {limit} bytes"))
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseBody")
    }
}
