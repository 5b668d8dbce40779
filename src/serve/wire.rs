//! What of an answer has been written, so that a cut comes behind the bytes.
//!
//! HTTP libraries discard what they have queued as soon as a body fails. A body
//! that is to break therefore waits until its bytes are out of their hands:
//! each [`Chunk`] tells when it was taken, and [`Watched`] when the connection
//! was flushed. One that is to be reset rather than closed is so by [`Watched`].

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::journal::Exchange;

/// A connection, as far as its answers wait for it.
#[derive(Debug, Default)]
pub(super) struct Wire(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Whether the connection is to end by a reset.
    reset: bool,
    /// How often everything written was handed to the system.
    flushes: u64,
    waiting: Vec<Waker>,
}

impl Wire {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A counter and a list, that a panic elsewhere leaves whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn flushed(&self) {
        let mut state = self.lock();
        state.flushes += 1;
        wake(state);
    }

    /// Lets the connection end by a TCP RST, whenever it ends.
    pub(super) fn reset(&self) {
        self.lock().reset = true;
    }

    fn is_reset(&self) -> bool {
        self.lock().reset
    }
}

/// Wakes without the lock, which who is woken takes.
fn wake(mut state: MutexGuard<'_, State>) {
    let waiting = std::mem::take(&mut state.waiting);
    drop(state);
    waiting.into_iter().for_each(Waker::wake);
}

/// One answer on a connection: how many of its chunks the HTTP library holds.
#[derive(Debug)]
pub(super) struct Sent {
    wire: Arc<Wire>,
    /// Whether what was taken must be flushed, too. HTTP/1.1 loses what it has
    /// buffered when a body fails; HTTP/2 only what it has not put into frames.
    flush: bool,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    chunks: usize,
    /// How many flushes there were when the last one was taken.
    taken_at: u64,
}

impl Sent {
    pub(super) fn new(wire: Arc<Wire>, flush: bool) -> Arc<Self> {
        Arc::new(Sent { wire, flush, held: Mutex::default() })
    }

    /// A chunk that is waited for.
    pub(super) fn chunk(self: &Arc<Self>, bytes: Bytes) -> Chunk {
        self.held().chunks += 1;
        Chunk { bytes, sent: Some(Arc::clone(self)), exchange: None }
    }

    /// Lets the connection be reset, if the answer has it for itself.
    pub(super) fn reset(&self) {
        if self.flush {
            self.wire.reset();
        }
    }

    /// Waits until every chunk is where a failure of the body cannot reach it.
    pub(super) fn poll_all(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.wire.lock();
        let held = self.held();
        if held.chunks == 0 && (!self.flush || state.flushes > held.taken_at) {
            return Poll::Ready(());
        }
        if !state.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            state.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    /// The order of the locks is the connection's, then the answer's.
    fn taken(&self) {
        let state = self.wire.lock();
        {
            let mut held = self.held();
            held.chunks = held.chunks.saturating_sub(1);
            held.taken_at = state.flushes;
        }
        wake(state);
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of a body. One that is waited for tells when it has been read to its
/// end, or was dropped; one that is counted, what of it was thrown away.
#[derive(Debug)]
pub(super) struct Chunk {
    bytes: Bytes,
    sent: Option<Arc<Sent>>,
    exchange: Option<Arc<Exchange>>,
}

impl Chunk {
    /// Counts it as sent.
    pub(super) fn counted(mut self, exchange: &Arc<Exchange>) -> Self {
        exchange.sent(self.bytes.len());
        self.exchange = Some(Arc::clone(exchange));
        self
    }

    /// The bytes, which count as read.
    pub(super) fn into_bytes(mut self) -> Bytes {
        std::mem::take(&mut self.bytes)
    }

    fn tell(&mut self) {
        if let Some(sent) = self.sent.take() {
            sent.taken();
        }
    }
}

impl From<Bytes> for Chunk {
    /// A chunk that nobody waits for.
    fn from(bytes: Bytes) -> Self {
        Chunk { bytes, sent: None, exchange: None }
    }
}

impl Buf for Chunk {
    fn remaining(&self) -> usize {
        self.bytes.len()
    }

    fn chunk(&self) -> &[u8] {
        &self.bytes
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
        if self.bytes.is_empty() {
            self.tell();
        }
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        if let Some(exchange) = self.exchange.take()
            && !self.bytes.is_empty()
        {
            exchange.lost(self.bytes.len());
        }
        self.tell();
    }
}

/// What a connection is made of.
pub(super) trait Socket: AsyncRead + AsyncWrite + Unpin {
    /// The TCP connection under it.
    fn tcp(&self) -> &TcpStream;
}

impl Socket for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Socket for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// A stream that tells its [`Wire`] of every flush, and ends as that says.
pub(super) struct Watched<S: Socket> {
    stream: S,
    wire: Arc<Wire>,
}

impl<S: Socket> Watched<S> {
    pub(super) fn new(stream: S, wire: Arc<Wire>) -> Self {
        Watched { stream, wire }
    }
}

impl<S: Socket> Drop for Watched<S> {
    fn drop(&mut self) {
        if self.wire.is_reset() {
            // A connection that cannot be reset is closed all the same.
            let _ = self.stream.tcp().set_zero_linger();
        }
    }
}

impl<S: Socket> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: Socket> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.wire.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.wire.is_reset() {
            // A reset says no farewell, neither TLS's nor TCP's.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    fn is_ready(sent: &Sent) -> bool {
        sent.poll_all(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn over_http2_an_answer_is_out_when_its_chunks_are_taken() {
        let sent = Sent::new(Arc::default(), false);
        let mut chunks: VecDeque<_> =
            ["one", "", "three"].map(|text| sent.chunk(text.into())).into();
        let mut one = chunks.pop_front().unwrap();
        one.advance(2);
        assert!(!is_ready(&sent));
        one.advance(1);
        drop(chunks.pop_front());
        assert!(!is_ready(&sent), "one is held");
        chunks.clear();
        assert!(is_ready(&sent));
    }

    #[test]
    fn over_http1_it_must_be_flushed_after_that() {
        let wire = Arc::<Wire>::default();
        let sent = Sent::new(Arc::clone(&wire), true);
        let mut chunk = sent.chunk("one".into());
        wire.flushed();
        chunk.advance(3);
        assert!(!is_ready(&sent));
        wire.flushed();
        assert!(is_ready(&sent));
        drop(chunk);
        assert!(is_ready(&sent), "told once");
    }
}
