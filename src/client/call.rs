//! The client, and what its methods share.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::response::Parts;

use super::body::ResponseBody;
use super::broken::BodyError;
use super::builder::ClientBuilder;
use super::deadline::Deadlines;
use super::error::Error;
use super::identity::{Identity, no_region};
use super::limits::Limits;
use super::plane::{Hook, Planes};
use super::retry::{Retries, RetryPolicy};
use super::send::Took;
use super::skew::{ClockSkew, Skew};
use super::stream::{ConverseStream, EventStream, InvokeModelStream};
use super::telemetry::CallSpan;
use super::timer::Waits;
use crate::endpoint::{Endpoint, Region};
use crate::operation::{
    Answer, AnswerError, BuildError, ModelId, ModelIdError, Operation, Request, is_error,
};
use crate::stream::EventUnion;

/// What signs read the time from.
pub(super) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Asks Amazon Bedrock.
///
/// Clones share their connections, what is known of the service's clock, and
/// the tokens that retries cost. Cloning is cheap.
#[derive(Clone)]
pub struct Client {
    pub(super) inner: Arc<Inner>,
}

/// What clones have in common.
#[derive(Clone)]
pub(super) struct Inner {
    pub(super) planes: Planes,
    pub(super) identity: Identity,
    pub(super) source: String,
    pub(super) region: Option<Region>,
    pub(super) region_in_code: bool,
    pub(super) clock: Clock,
    pub(super) limits: Limits,
    pub(super) hooks: Vec<Hook>,
    pub(super) skew: Skew,
    pub(super) retries: Retries,
    pub(super) deadlines: Deadlines,
    pub(super) waits: Waits,
}

impl Client {
    /// A client from the environment: `AWS_REGION` or `AWS_DEFAULT_REGION`;
    /// `AWS_BEARER_TOKEN_BEDROCK`, or `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`;
    /// `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` or `AWS_ENDPOINT_URL`;
    /// `AWS_MAX_ATTEMPTS`; else from the profile. With the feature `credential-chain` credentials come from
    /// wherever AWS's SDK finds them.
    ///
    /// # Errors
    /// [`ConfigError`](super::ConfigError) that names the variable at fault or
    /// missing.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// A client of the caller's making.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// Where requests to the runtime go that name no region themselves.
    ///
    /// # Errors
    /// [`ConfigError`](super::ConfigError) where neither a region nor a URL
    /// says.
    pub fn endpoint(&self) -> Result<Endpoint, Error> {
        self.endpoint_for(Operation::Converse, "")
    }

    /// Where a request goes, by its operation and what it is asked of. Of a
    /// resource whose ARN names a region that is the region's endpoint, unless
    /// code set the region or a URL is set.
    ///
    /// # Errors
    /// [`ConfigError`](super::ConfigError) where neither a region nor a URL
    /// says.
    pub fn endpoint_for(&self, operation: Operation, resource: &str) -> Result<Endpoint, Error> {
        let named = Region::of_arn(resource).filter(|_| !self.inner.region_in_code);
        let site = &self.inner.planes.of(operation.service())?.site;
        Ok(site.endpoint(named.as_ref()).ok_or_else(no_region)?)
    }

    /// The region that a request is signed for.
    pub(super) fn region_of<'a>(&'a self, request: &'a Request) -> Option<&'a Region> {
        let service = request.operation().service();
        let at_url = self.inner.planes.of(service).is_ok_and(|plane| plane.site.url().is_some());
        let named = request.resource_region().filter(|_| !self.inner.region_in_code);
        // An endpoint that was set is of the region that was set with it.
        if at_url {
            self.inner.region.as_ref().or(named)
        } else {
            named.or(self.inner.region.as_ref())
        }
    }

    /// How far the service's clock is from this client's, as far as answers
    /// have shown it. Requests are signed by the service's.
    pub fn clock_skew(&self) -> ClockSkew {
        self.inner.skew.get()
    }

    /// A client that sends again as this policy has it. It shares with this one
    /// the tokens that retries cost. Without a
    /// [timer](ClientBuilder::timer) nothing is sent again, whatever the policy.
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        self.changed(|inner| inner.retries.policy = policy)
    }

    /// A client with these deadlines, but for the one for connecting, which
    /// goes with the connections that it shares with this one. Without a
    /// [timer](ClientBuilder::timer) there are none, whatever is set.
    #[must_use]
    pub fn with_deadlines(&self, deadlines: Deadlines) -> Self {
        self.changed(|inner| inner.deadlines = deadlines)
    }

    /// A client whose requests go through `hook` too, behind the hooks that
    /// this one has: see
    /// [`ClientBuilder::before_signing`](ClientBuilder::before_signing).
    #[must_use]
    pub fn before_signing(
        &self,
        hook: impl Fn(&mut Request) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.changed(|inner| inner.hooks.push(Arc::new(hook)))
    }

    fn changed(&self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Inner::clone(&self.inner);
        change(&mut inner);
        Self { inner: Arc::new(inner) }
    }

    /// The model's id, and where an operation of it is.
    pub(super) fn model<M>(
        &self,
        operation: Operation,
        model: M,
    ) -> Result<(ModelId, Endpoint), Error>
    where
        M: TryInto<ModelId>,
        ModelIdError: From<M::Error>,
    {
        let model = model.try_into().map_err(ModelIdError::from).map_err(BuildError::from)?;
        let endpoint = self.endpoint_for(operation, model.as_str())?;
        Ok((model, endpoint))
    }

    pub(super) async fn call<T: 'static>(
        &self,
        request: Request,
        parse: fn(Parts, Bytes) -> Result<Answer<T>, AnswerError>,
    ) -> Result<Answer<T>, Error> {
        self.read(self.send(request).await?, parse).await
    }

    /// As [`open_stream`](Self::open_stream) and `open_chunks`, whose futures
    /// would hold the response in the caller's.
    pub(super) async fn stream<O: EventUnion>(
        &self,
        request: Request,
    ) -> Result<EventStream<O>, Error> {
        match EventStream::begin(self.send(request).await?, self.inner.limits) {
            Ok(stream) => Ok(stream),
            Err(refusal) => Err(refusal.await),
        }
    }

    /// Reads a response that is no stream with its operation's `parse`, under
    /// the limits of this client.
    ///
    /// # Errors
    /// Where the response is an error of the service's, does not come in full,
    /// or cannot be read.
    pub async fn read<T: 'static>(
        &self,
        response: http::Response<ResponseBody>,
        parse: fn(Parts, Bytes) -> Result<Answer<T>, AnswerError>,
    ) -> Result<Answer<T>, Error> {
        let (head, mut body) = response.into_parts();
        body.take_under_way();
        let (is_error, took) = (is_error(&head), Took::of(&head.extensions));
        let span = CallSpan::of(&head.extensions);
        let limit = if is_error { self.inner.limits.error_body() } else { self.inner.limits.body };
        let result = match span.over(body.collect_up_to(limit)).await {
            (body, Some(error)) if !is_error => {
                Err(Error::Body(Box::new(BodyError::new(head, body, error))))
            }
            (body, broken) => {
                parse(head, body).map_err(|error| Error::answered(error, took, broken.as_ref()))
            }
        };
        match &result {
            Ok(answer) => span.output(&answer.value),
            Err(error) => span.failed(error.service_error(), error.kind()),
        }
        result
    }

    /// The stream in a response to a ConverseStream request, under the limits
    /// of this client.
    ///
    /// # Errors
    /// Where the response is an error of the service's, of which at most 1 MiB
    /// of the body is kept, or no event stream.
    pub async fn open_stream(
        &self,
        response: http::Response<ResponseBody>,
    ) -> Result<ConverseStream, Error> {
        EventStream::open_within(response, self.inner.limits).await
    }

    /// The stream in a response to an InvokeModelWithResponseStream request,
    /// under the limits of this client.
    ///
    /// # Errors
    /// As [`open_stream`](Self::open_stream).
    pub async fn open_chunks(
        &self,
        response: http::Response<ResponseBody>,
    ) -> Result<InvokeModelStream, Error> {
        EventStream::open_within(response, self.inner.limits).await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("planes", &self.inner.planes)
            .field("identity", &self.inner.identity)
            .finish_non_exhaustive()
    }
}
