//! The client, and one method an operation.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::response::Parts;

use super::body::ResponseBody;
use super::broken::BodyError;
use super::builder::ClientBuilder;
use super::error::Error;
use super::identity::Identity;
use super::limits::Limits;
use super::stream::ConverseStream;
use super::transport::Transport;
use crate::endpoint::Endpoint;
use crate::model::{
    ConverseRequest, ConverseResponse, ConverseStreamRequest, CountTokensRequest,
    CountTokensResponse,
};
use crate::operation::{
    Answer, AnswerError, BuildError, ModelId, ModelIdError, Request, converse, converse_stream,
    count_tokens, is_error,
};

/// What signs read the time from.
pub(super) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Asks Amazon Bedrock.
///
/// Clones share their connections.
#[derive(Clone)]
pub struct Client {
    endpoint: Endpoint,
    identity: Identity,
    clock: Clock,
    transport: Arc<dyn Transport>,
    limits: Limits,
}

impl Client {
    pub(super) fn new(
        endpoint: Endpoint,
        identity: Identity,
        clock: Clock,
        transport: Arc<dyn Transport>,
        limits: Limits,
    ) -> Self {
        Self { endpoint, identity, clock, transport, limits }
    }

    /// A client from the environment: `AWS_REGION` or `AWS_DEFAULT_REGION`;
    /// `AWS_BEARER_TOKEN_BEDROCK`, or `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`;
    /// `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` or `AWS_ENDPOINT_URL`.
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

    /// Where requests go.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Asks and waits for the whole answer.
    ///
    /// AWS: [`Converse`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`].
    pub async fn converse<M>(
        &self,
        model: M,
        input: &ConverseRequest,
    ) -> Result<Answer<ConverseResponse>, Error>
    where
        M: TryInto<ModelId>,
        ModelIdError: From<M::Error>,
    {
        let request = converse::build(&self.endpoint, &model_id(model)?, input)?;
        self.read(self.send(request).await?, converse::parse).await
    }

    /// Counts the tokens of a request without asking the model.
    ///
    /// AWS: [`CountTokens`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html).
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`].
    pub async fn count_tokens<M>(
        &self,
        model: M,
        input: &CountTokensRequest,
    ) -> Result<Answer<CountTokensResponse>, Error>
    where
        M: TryInto<ModelId>,
        ModelIdError: From<M::Error>,
    {
        let request = count_tokens::build(&self.endpoint, &model_id(model)?, input)?;
        self.read(self.send(request).await?, count_tokens::parse).await
    }

    /// Reads a response that is no stream with its operation's `parse`, under
    /// the limits of this client.
    ///
    /// # Errors
    /// Where the response is an error of the service's, does not come in full,
    /// or cannot be read.
    pub async fn read<T>(
        &self,
        response: http::Response<ResponseBody>,
        parse: fn(Parts, Bytes) -> Result<Answer<T>, AnswerError>,
    ) -> Result<Answer<T>, Error> {
        let (head, body) = response.into_parts();
        let is_error = is_error(&head);
        let limit = if is_error { self.limits.error_body() } else { self.limits.body };
        match body.collect_up_to(limit).await {
            (body, Some(error)) if !is_error => {
                Err(Error::Body(Box::new(BodyError::new(head, body, error))))
            }
            (body, broken) => {
                parse(head, body).map_err(|error| Error::answered(error, broken.as_ref()))
            }
        }
    }

    /// Asks and gives the answer as it is written. Dropping the stream cancels
    /// the call.
    ///
    /// AWS: [`ConverseStream`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html).
    ///
    /// # Errors
    /// Every way a call can fail before its first event: see [`Error::kind`].
    pub async fn converse_stream<M>(
        &self,
        model: M,
        input: &ConverseStreamRequest,
    ) -> Result<ConverseStream, Error>
    where
        M: TryInto<ModelId>,
        ModelIdError: From<M::Error>,
    {
        let request = converse_stream::build(&self.endpoint, &model_id(model)?, input)?;
        self.open_stream(self.send(request).await?).await
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
        ConverseStream::open_within(response, self.limits).await
    }

    /// Proves who asks and sends, whatever the request: with
    /// [`operation`](crate::operation) it can be built and changed first.
    ///
    /// # Errors
    /// Where the request cannot be signed or the network fails. An error of
    /// the service's is an answer like any other here.
    pub async fn send(&self, request: Request) -> Result<http::Response<ResponseBody>, Error> {
        let signed = self.sign(request).await?;
        self.send_signed(signed).await
    }

    /// Proves who asks, as of now, and sends nothing: to look at what would go
    /// out.
    ///
    /// # Errors
    /// Where there are no credentials or the request cannot be signed.
    pub async fn sign(&self, mut request: Request) -> Result<Request, Error> {
        self.identity.prove(&mut request, &*self.clock).await?;
        Ok(request)
    }

    /// Sends a request as it is.
    ///
    /// # Errors
    /// Where the network fails.
    pub async fn send_signed(
        &self,
        request: Request,
    ) -> Result<http::Response<ResponseBody>, Error> {
        Ok(self.transport.send(request.into_http()).await?)
    }
}

fn model_id<M>(model: M) -> Result<ModelId, BuildError>
where
    M: TryInto<ModelId>,
    ModelIdError: From<M::Error>,
{
    Ok(model.try_into().map_err(ModelIdError::from)?)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.endpoint)
            .field("identity", &self.identity)
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}
