//! How a client is made.

use std::sync::Arc;
use std::time::SystemTime;

use super::call::{Client, Clock};
use super::error::{ConfigError, Error};
use super::identity::{Identity, KeyProvider, Named};
use super::limits::Limits;
#[cfg(feature = "reqwest")]
use super::reqwest::ReqwestTransport;
use super::settings::{self, Environment};
use super::transport::Transport;
use crate::auth::{BearerKey, ProvideBearerKey};
#[cfg(feature = "sigv4")]
use crate::auth::{ProvideCredentials, SharedCredentialsProvider};
use crate::endpoint::Endpoint;

/// Makes a [`Client`].
///
/// What is set here goes before the environment. The environment is looked at
/// when [`build`](Self::build) is called, and not at all after
/// [`ignore_environment`](Self::ignore_environment).
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    region: Option<String>,
    endpoint_url: Option<String>,
    identity: Option<Result<Named, ConfigError>>,
    environment: bool,
    clock: Clock,
    transport: Option<Arc<dyn Transport>>,
    limits: Limits,
    #[cfg(feature = "reqwest")]
    http1_only: bool,
    #[cfg(feature = "reqwest")]
    configure: Option<Configure>,
}

#[cfg(feature = "reqwest")]
type Configure =
    Box<dyn FnOnce(::reqwest::ClientBuilder) -> ::reqwest::ClientBuilder + Send + Sync>;

impl ClientBuilder {
    pub(super) fn new() -> Self {
        Self {
            region: None,
            endpoint_url: None,
            identity: None,
            environment: true,
            clock: Arc::new(SystemTime::now),
            transport: None,
            limits: Limits::default(),
            #[cfg(feature = "reqwest")]
            http1_only: false,
            #[cfg(feature = "reqwest")]
            configure: None,
        }
    }

    /// The region to ask and to sign for, such as `eu-central-1`.
    ///
    /// Otherwise `AWS_REGION`, then `AWS_DEFAULT_REGION`.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Where to send requests, in place of the region's own endpoint: a VPC
    /// endpoint, a proxy, a local server. `https`, or `http` on loopback.
    ///
    /// Otherwise `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`, then `AWS_ENDPOINT_URL`.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// Asks with a Bedrock API key.
    ///
    /// Otherwise `AWS_BEARER_TOKEN_BEDROCK`. Of this,
    /// [`api_key_provider`](Self::api_key_provider) and `credentials` the last
    /// one called holds.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        let key = BearerKey::new(key.into()).map_err(|error| ConfigError::new("api_key", error));
        self.identity = Some(key.map(Named::Key));
        self
    }

    /// Asks with the Bedrock API key of a provider that is asked before each
    /// request: a closure that returns a future, or `ShortTermKeys`, which
    /// makes keys from credentials.
    pub fn api_key_provider(mut self, keys: impl ProvideBearerKey + 'static) -> Self {
        self.identity = Some(Ok(Named::KeyProvider(KeyProvider(Arc::new(keys)))));
        self
    }

    /// Signs with AWS credentials: fixed ones, or a provider that is asked
    /// before each request.
    ///
    /// Otherwise `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and
    /// `AWS_SESSION_TOKEN`.
    #[cfg(feature = "sigv4")]
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.identity = Some(Ok(Named::Credentials(SharedCredentialsProvider::new(provider))));
        self
    }

    /// Reads no environment variable: only what is set here counts.
    pub fn ignore_environment(mut self) -> Self {
        self.environment = false;
        self
    }

    /// The time to sign with; by default the system's clock.
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(now);
        self
    }

    /// The most bytes of an answer that is no stream; 64 MiB by default. A
    /// longer one is [`Error::Body`]. Of an error's body the start is kept, of
    /// at most this and 1 MiB.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.limits.body = bytes;
        self
    }

    /// The most bytes of one message of a stream, prelude and checksums
    /// included; by default
    /// [`DEFAULT_MAX_MESSAGE_LENGTH`](crate::eventstream::DEFAULT_MAX_MESSAGE_LENGTH).
    /// A longer one ends the stream with an error.
    pub fn max_message_length(mut self, bytes: usize) -> Self {
        self.limits.message = bytes;
        self
    }

    /// Sends through this, in place of reqwest. `AWS_CA_BUNDLE`,
    /// `http1_only` and `configure_reqwest` are not for it and are not looked
    /// at.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Speaks HTTP/1.1 only, for proxies that break HTTP/2.
    #[cfg(feature = "reqwest")]
    pub fn http1_only(mut self) -> Self {
        self.http1_only = true;
        self
    }

    /// Changes how the built-in transport's reqwest client is made: root
    /// certificates, proxies, timeouts. Its one deadline is 10 s for
    /// connecting, which this can change.
    ///
    /// What keeps a signed request safe is set afterwards and cannot be
    /// changed: no redirects, no retries, no plain http off loopback, no proxy
    /// on loopback, no other address for `localhost`, no decompression.
    ///
    /// With the feature `rustls-ring` alone the process's default crypto
    /// provider is in use; see [`ReqwestTransport`].
    #[cfg(feature = "reqwest")]
    pub fn configure_reqwest(
        mut self,
        configure: impl FnOnce(::reqwest::ClientBuilder) -> ::reqwest::ClientBuilder
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.configure = Some(Box::new(configure));
        self
    }

    /// The client.
    ///
    /// Without a [`transport`](Self::transport) it is reqwest that sends. It
    /// trusts the certificates in the file that `AWS_CA_BUNDLE` names beside
    /// the system's; a build without TLS reaches `http` on loopback only, and
    /// does not look at that variable.
    ///
    /// # Errors
    /// [`ConfigError`] that names the setting at fault; for an `https`
    /// endpoint in a build without TLS, the features that have it.
    pub fn build(mut self) -> Result<Client, Error> {
        let lookup: Environment =
            if self.environment { |name| std::env::var_os(name) } else { |_| None };
        let region = settings::region(self.region.as_deref(), &lookup)?;
        let endpoint = settings::endpoint(self.endpoint_url.as_deref(), region.as_ref(), &lookup)?;
        let identity =
            Identity::resolve(self.identity.take().transpose()?, region.as_ref(), lookup)?;
        let (clock, limits) = (Arc::clone(&self.clock), self.limits);
        let transport = self.into_transport(&endpoint, &lookup)?;
        Ok(Client::new(endpoint, identity, clock, transport, limits))
    }

    #[cfg(feature = "reqwest")]
    fn into_transport(
        self,
        endpoint: &Endpoint,
        lookup: settings::Lookup<'_>,
    ) -> Result<Arc<dyn Transport>, ConfigError> {
        if let Some(transport) = self.transport {
            return Ok(transport);
        }
        let configure = self.configure.unwrap_or_else(|| Box::new(|builder| builder));
        let bundle = settings::variable("AWS_CA_BUNDLE", lookup)?;
        let transport =
            ReqwestTransport::new(endpoint, self.http1_only, bundle.as_deref(), configure)?;
        Ok(Arc::new(transport))
    }

    #[cfg(not(feature = "reqwest"))]
    fn into_transport(
        self,
        _: &Endpoint,
        _: settings::Lookup<'_>,
    ) -> Result<Arc<dyn Transport>, ConfigError> {
        let why = "none is set: call `transport`, or build with the feature `reqwest`";
        self.transport.ok_or_else(|| ConfigError::new("transport", why))
    }
}

impl std::fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("region", &self.region)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_builder_goes_to_other_threads_whatever_features_are_on() {
        fn assert_send_and_sync<T: Send + Sync>() {}
        assert_send_and_sync::<ClientBuilder>();
    }
}
