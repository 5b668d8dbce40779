//! Tapes as a client's transport.

use std::fmt;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use tokio::runtime::Handle;

use super::builder::ReplayBuilder;
use super::report::Report;
use super::server::Player;
#[cfg(feature = "record")]
use crate::auth::verify::Caller;
use crate::client::{BoxFuture, ResponseBody, Transport, TransportError, TransportErrorKind};
use crate::operation::Body;
#[cfg(feature = "record")]
use crate::operation::Target;
#[cfg(feature = "record")]
use crate::serve::Call;
use crate::serve::{AppliedFault, Fault, FaultError, Journal, Local};

/// Answers a client from tapes, within the process and without a socket.
///
/// What comes back is what a [`ReplayServer`](super::ReplayServer) of the same
/// [`ReplayBuilder`] would answer: it checks who asks, keeps the times, breaks
/// where a tape breaks, and sets `date` and `x-amzn-requestid`. Whichever
/// endpoint the client has, nothing leaves the process. It needs a tokio runtime
/// with its timer.
///
/// Clones are the same transport, so that one can be kept for its
/// [`report`](Self::report).
///
/// ```
/// use bedrock_wire::client::Client;
/// use bedrock_wire::replay::{ReplayTransport, Speed};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let tapes = ReplayTransport::builder().path("fixtures/text.tape.jsonl").any_body(true);
/// let transport = tapes.speed(Speed::Max).transport()?;
/// let client = Client::builder()
///     .ignore_environment()
///     .region("us-east-1")
///     .api_key("bedrock-api-key-example")
///     .transport(transport.clone())
///     .build()?;
/// # let model = bedrock_wire::tape::Tape::load("fixtures/text.tape.jsonl")?.model;
/// # let request = bedrock_wire::model::ConverseStreamRequest::new();
/// let answer = client.converse_stream(&*model, &request).await?;
/// println!("{:?}", answer.collect().await?.response);
/// assert_eq!(transport.report().unplayed().count(), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ReplayTransport {
    local: Local,
    player: Arc<Player>,
}

impl ReplayTransport {
    /// A transport of the caller's making:
    /// [`ReplayBuilder::transport`] makes it.
    pub fn builder() -> ReplayBuilder {
        ReplayBuilder::new()
    }

    pub(super) fn new(local: Local, player: Arc<Player>) -> Self {
        Self { local, player }
    }

    /// What was played so far, and what was asked for in vain.
    pub fn report(&self) -> Report {
        self.player.report()
    }

    /// What was asked, which tape answered, and how that ended.
    pub fn journal(&self) -> Journal {
        self.local.journal()
    }

    /// The faults there are now, and how often each was applied.
    pub fn faults(&self) -> Vec<AppliedFault> {
        self.local.faults()
    }

    /// Sets other faults in place of all there are; none of them is applied yet.
    ///
    /// # Errors
    /// Where one of them cannot be done. Then nothing changes.
    pub fn set_faults(&self, faults: Vec<Fault>) -> Result<(), FaultError> {
        self.local.set_faults(faults)
    }

    /// Begins anew, as [`ReplayServer::reset`](super::ReplayServer::reset) does.
    pub fn reset(&self) {
        self.local.reset();
    }
}

impl ReplayTransport {
    /// Whether a tape answers this, which is neither counted nor explained if
    /// not: for who asks another then.
    #[cfg(feature = "record")]
    pub(crate) fn knows(&self, request: &http::Request<Body>) -> bool {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let Some(target) = Target::of_request(request.method(), request.uri().path()) else {
            return false;
        };
        self.player.knows(&Call {
            target,
            path: path.to_owned(),
            headers: http::HeaderMap::new(),
            body: request.body().to_bytes(),
            caller: Caller::Unverified,
            version: request.version(),
        })
    }
}

impl Transport for ReplayTransport {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        let broken = |error: std::io::Error| TransportError::new(TransportErrorKind::Broken, error);
        // The gate keeps bodies in one piece, too.
        let request = request.map(|body| Full::new(body.to_bytes()));
        Box::pin(async move {
            // Without a runtime nothing is sent; whatever breaks later was.
            Handle::try_current()
                .map_err(|error| TransportError::new(TransportErrorKind::Request, error))?;
            let response = self.local.call(request).await.map_err(broken)?;
            Ok(response.map(|body| ResponseBody::new(body.map_err(broken))))
        })
    }
}

impl fmt::Debug for ReplayTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayTransport").field("local", &self.local).finish_non_exhaustive()
    }
}
