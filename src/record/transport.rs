//! A transport that keeps what goes through it.

use std::sync::Arc;

use tokio::time::Instant;

use super::exchange::{Asked, Head};
use super::recorder::Shared;
use super::tap::{Exchange, Tap};
use crate::client::{BoxFuture, ResponseBody, Transport, TransportError};
use crate::operation::Body;

/// Sends by another transport, and records; or answers from tapes, as the
/// [`Recorder`](super::Recorder) that made it has it.
///
/// What comes is handed on as it comes: to the reader it makes no difference.
/// An answer that breaks, or that its reader drops before its end, is on its
/// tape as far as it came, and as cut. Where no answer came at all there is no
/// tape. Whatever its status, an answer is recorded, unless it refuses the proof
/// of who asks: `ExpiredTokenException`, `InvalidSignatureException` and their
/// kin, and what an API key that is not taken gets, say nothing of the request.
/// That a model may not be asked does, and is recorded.
#[derive(Clone, Debug)]
pub struct RecordingTransport {
    inner: Arc<dyn Transport>,
    shared: Arc<Shared>,
    plays: bool,
}

impl RecordingTransport {
    pub(super) fn new(inner: Arc<dyn Transport>, shared: Arc<Shared>) -> Self {
        Self { inner, shared, plays: true }
    }

    /// One that plays nothing, for what was looked for before.
    pub(super) fn recording(inner: Arc<dyn Transport>, shared: Arc<Shared>) -> Self {
        Self { inner, shared, plays: false }
    }

    async fn record(
        &self,
        request: http::Request<Body>,
    ) -> Result<http::Response<ResponseBody>, TransportError> {
        let unanswered = Unanswered(Some(&self.shared));
        let (asked, sent) = (Asked::of(&request), Instant::now());
        let response = self.inner.send(request).await?;
        unanswered.answered();
        let (head, body) = response.into_parts();
        let begun = Head {
            asked,
            status: head.status,
            headers: head.headers.clone(),
            at: sent.elapsed().into(),
        };
        let exchange = Exchange::begin(Arc::clone(&self.shared), sent, begun);
        let body = ResponseBody::new(Tap::new(body, exchange));
        Ok(http::Response::from_parts(head, body))
    }
}

impl Transport for RecordingTransport {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin(async move {
            if self.plays
                && let Some(answer) = self.shared.play(&request).await?
            {
                return Ok(answer);
            }
            self.record(request).await
        })
    }
}

/// Counts a request whose answer does not come, unless it came.
struct Unanswered<'a>(Option<&'a Shared>);

impl Unanswered<'_> {
    fn answered(mut self) {
        self.0 = None;
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if let Some(shared) = self.0 {
            shared.log.note(|report| report.unanswered += 1);
        }
    }
}
