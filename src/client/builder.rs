//! How a client is made.

mod build;

use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderName, HeaderValue};

use super::call::Clock;
use super::deadline::Deadlines;
use super::error::ConfigError;
use super::identity::{KeyProvider, Named};
use super::limits::Limits;
use super::plane::Hook;
use super::retry::{Attempt, AttemptHook, RetryPolicy};
use super::timer::{Timer, Waits};
use super::transport::Transport;
use super::whoami::AuthScheme;
use crate::auth::{BearerKey, ProvideBearerKey};
#[cfg(feature = "sigv4")]
use crate::auth::{ProvideCredentials, SharedCredentialsProvider};
use crate::operation::Request;

/// Makes a [`Client`](super::Client).
///
/// What is set here goes before the environment, and that before the profile of
/// AWS's shared files (see [`profile`](Self::profile)). Environment and files
/// are looked at when [`build`](Self::build) is called, and not at all after
/// [`ignore_environment`](Self::ignore_environment).
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    profile: Option<String>,
    region: Option<String>,
    default_region: Option<String>,
    endpoint_url: Option<String>,
    control_plane_url: Option<String>,
    hooks: Vec<Hook>,
    identity: Option<Result<Named, ConfigError>>,
    auth_scheme: Option<AuthScheme>,
    environment: bool,
    clock: Clock,
    transport: Option<Arc<dyn Transport>>,
    wraps: Vec<Wrap>,
    limits: Limits,
    retry: Option<RetryPolicy>,
    attempt_hooks: Vec<AttemptHook>,
    deadlines: Option<Deadlines>,
    waits: Waits,
    #[cfg(feature = "reqwest")]
    http1_only: bool,
    #[cfg(feature = "reqwest")]
    configure: Option<Configure>,
}

#[cfg(feature = "reqwest")]
type Configure = Arc<dyn Fn(::reqwest::ClientBuilder) -> ::reqwest::ClientBuilder + Send + Sync>;

/// What a transport is put into.
type Wrap = Box<dyn Fn(Arc<dyn Transport>) -> Arc<dyn Transport> + Send + Sync>;

impl ClientBuilder {
    pub(super) fn new() -> Self {
        Self {
            profile: None,
            region: None,
            default_region: None,
            endpoint_url: None,
            control_plane_url: None,
            hooks: Vec::new(),
            identity: None,
            auth_scheme: None,
            environment: true,
            clock: Arc::new(SystemTime::now),
            transport: None,
            wraps: Vec::new(),
            limits: Limits::default(),
            retry: None,
            attempt_hooks: Vec::new(),
            deadlines: None,
            waits: Waits::default(),
            #[cfg(feature = "reqwest")]
            http1_only: false,
            #[cfg(feature = "reqwest")]
            configure: None,
        }
    }

    /// The profile of AWS's shared files to take what is set neither here nor
    /// in the environment from: region, endpoint, and the keys
    /// `aws_access_key_id`, `aws_secret_access_key` and `aws_session_token`.
    ///
    /// Otherwise `AWS_PROFILE` or `AWS_DEFAULT_PROFILE`, which must not differ,
    /// then the profile `default` if there is one. The files are `~/.aws/config`
    /// and `~/.aws/credentials`, or those that `AWS_CONFIG_FILE` and
    /// `AWS_SHARED_CREDENTIALS_FILE` name; of a setting in both the one in
    /// credentials holds.
    ///
    /// The keys of a profile that is named here go before the environment's
    /// keys, which are then not looked at, as in AWS's SDK for Python, and before
    /// `AWS_BEARER_TOKEN_BEDROCK`. Any other profile goes behind both.
    ///
    /// [`build`](Self::build) fails if a profile that is named here or in the
    /// environment does not exist; and if a file cannot be read (regular files of
    /// at most 1 MiB), unless nobody names a profile and region, endpoint and who
    /// asks are all set without one. Without the feature `credential-chain` it
    /// fails too if the profile's credentials are needed and take more than the
    /// files: a role, single sign-on, a process. With it, nobody but this profile
    /// is asked, or if it says nothing of who asks, the container and the
    /// instance.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// The region to ask and to sign for, such as `eu-central-1`.
    ///
    /// Otherwise the region that the ARN in a request's path names, then
    /// `AWS_REGION`, then `AWS_DEFAULT_REGION`, then the profile's
    /// `region`, then the [`default_region`](Self::default_region) if one is
    /// set. There is none by itself.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The region to ask where nothing else names one, such as `us-east-1`.
    pub fn default_region(mut self, region: impl Into<String>) -> Self {
        self.default_region = Some(region.into());
        self
    }

    /// Where to send requests to the runtime, in place of the region's own
    /// endpoint: a VPC endpoint, a proxy, a local server. `https`, or `http` on
    /// loopback.
    ///
    /// Otherwise `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`, then `AWS_ENDPOINT_URL`,
    /// then the `endpoint_url` of `bedrock_runtime` in the profile's `services`,
    /// then the profile's own.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// Where to send requests to the control plane (models and inference
    /// profiles), in place of the region's own endpoint.
    ///
    /// Otherwise `AWS_ENDPOINT_URL_BEDROCK`, then `AWS_ENDPOINT_URL`, then the
    /// profile's as for the runtime, with `bedrock` in its `services`.
    pub fn control_plane_url(mut self, url: impl Into<String>) -> Self {
        self.control_plane_url = Some(url.into());
        self
    }

    /// Sets a header in every request, in place of one of that name. It is
    /// signed, unless it is one of those
    /// that HTTP clients and proxies change
    /// ([`is_signed`](crate::auth::is_signed)).
    pub fn header(self, name: HeaderName, value: HeaderValue) -> Self {
        self.before_signing(move |request| {
            request.headers_mut().insert(name.clone(), value.clone());
            Ok(())
        })
    }

    /// Takes every request through `hook` before it is signed: it sees head and
    /// body, can change both, and can turn the request away with an error
    /// ([`BuildError::Hook`](crate::operation::BuildError::Hook)). Hooks run in
    /// the order in which they were set, once for each request that is built or
    /// [signed](super::Client::sign); what is sent again is signed anew and does not go
    /// through them again.
    ///
    /// ```
    /// use bedrock_wire::client::Client;
    /// use bedrock_wire::model::Document;
    /// use bedrock_wire::operation::Operation;
    /// use serde_json::json;
    ///
    /// let seed = Document::from(json!({"inferenceConfig": {"seed": 7}}));
    /// let builder = Client::builder().before_signing(move |request| {
    ///     match request.operation() {
    ///         Operation::Converse | Operation::ConverseStream => Ok(request.merge(&seed)?),
    ///         _ => Ok(()),
    ///     }
    /// });
    /// # let _ = builder;
    /// ```
    pub fn before_signing(
        mut self,
        hook: impl Fn(&mut Request) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.hooks.push(Arc::new(hook));
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
    /// What it gives is kept until shortly before it expires, and of requests
    /// that find nothing kept one asks for all
    /// ([`CachedCredentials`](crate::auth::CachedCredentials)). Credentials
    /// that name no end are not kept.
    ///
    /// Otherwise `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and
    /// `AWS_SESSION_TOKEN`, then the profile's keys. With the feature
    /// `credential-chain` then what AWS's SDK finds: a profile's role, single
    /// sign-on, login session or process, a web identity, the container's role,
    /// the instance's role. These are looked up when the first request is
    /// signed, so that it is a call that fails where there are none.
    #[cfg(feature = "sigv4")]
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.identity = Some(Ok(Named::Credentials(SharedCredentialsProvider::new(provider))));
        self
    }

    /// Asks in this way only: to sign although `AWS_BEARER_TOKEN_BEDROCK` is set,
    /// which is then not looked at, or to send an API key and nothing else.
    ///
    /// Otherwise `AWS_AUTH_SCHEME_PREFERENCE`, or the profile's
    /// `auth_scheme_preference`, where its first scheme that Bedrock has is
    /// `httpBearerAuth`. Where that is `sigv4` a key in the environment goes
    /// first all the same, as in AWS's SDKs.
    pub fn auth_scheme(mut self, scheme: AuthScheme) -> Self {
        self.auth_scheme = Some(scheme);
        self
    }

    /// Reads no environment variable and no file: only what is set here counts.
    /// It does not go with [`profile`](Self::profile).
    pub fn ignore_environment(mut self) -> Self {
        self.environment = false;
        self
    }

    /// The time to sign with and to measure answers by; by default the system's
    /// clock. Where the service's clock is minutes away, the client signs by
    /// that ([`Client::clock_skew`](super::Client::clock_skew)).
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(now);
        self
    }

    /// The most bytes of an answer that is no stream; 64 MiB by default. A
    /// longer one is [`Error::Body`](super::Error::Body). Of an error's body the start is kept, of
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

    /// When a request is sent again.
    ///
    /// Otherwise [`RetryPolicy::standard`], with as many attempts as
    /// `AWS_MAX_ATTEMPTS` says, or the profile's `max_attempts`. Of the modes
    /// that `AWS_RETRY_MODE` and `retry_mode` can name, `adaptive` and `legacy`
    /// mean the standard one too.
    ///
    /// A retry waits, so it takes a [timer](Self::timer).
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Sends nothing again: [`RetryPolicy::none`].
    pub fn no_retries(self) -> Self {
        self.retry(RetryPolicy::none())
    }

    /// Has `hook` see each attempt when it has ended, the last one too, and
    /// whether it is sent again. Hooks run in the order in which they were set,
    /// within the call, and should not block.
    pub fn on_attempt(mut self, hook: impl Fn(&Attempt<'_>) + Send + Sync + 'static) -> Self {
        self.attempt_hooks.push(Arc::new(hook));
        self
    }

    /// How long to wait for what; by default [`Deadlines::new`]. They take a
    /// [timer](Self::timer).
    pub fn deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = Some(deadlines);
        self
    }

    /// What waits, for deadlines and before retries.
    ///
    /// With the feature `reqwest` it is tokio's by default, in a runtime with
    /// its time enabled: without, a call that has to wait panics
    /// ([`Deadlines`]). Without that feature there is none: no deadline passes
    /// then and nothing is sent again, and to ask for one in code is an error
    /// of [`build`](Self::build). The same holds for a
    /// [transport](Self::transport) that runs off tokio.
    pub fn timer(mut self, timer: impl Timer) -> Self {
        self.waits = Waits::Own(Arc::new(timer));
        self
    }

    /// Sends through this, in place of reqwest, to runtime and control plane. `AWS_CA_BUNDLE`,
    /// `http1_only` and `configure_reqwest` are not for it and are not looked
    /// at. What the feature `credential-chain` asks for credentials goes by
    /// reqwest all the same.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Puts what requests are sent by into another transport, which sees each
    /// request as it goes out and each answer as it comes, and hands both on:
    /// to record, to count, to log. It gets whatever the client would use: the
    /// built-in transport, which stays as safe as it is, or the one that was
    /// [set](Self::transport). Of several the last one called sees a request
    /// first.
    ///
    /// `wrap` is called once for each transport that is made: once, or twice
    /// where runtime and control plane have one each (see
    /// [`configure_reqwest`](Self::configure_reqwest)). What it makes takes on
    /// all that [`Transport`] asks for: requests are signed, and their headers
    /// are secrets. What the feature `credential-chain` asks for credentials
    /// does not go through it.
    pub fn wrap_transport(
        mut self,
        wrap: impl Fn(Arc<dyn Transport>) -> Arc<dyn Transport> + Send + Sync + 'static,
    ) -> Self {
        self.wraps.push(Box::new(wrap));
        self
    }

    /// Speaks HTTP/1.1 only, for proxies that break HTTP/2.
    #[cfg(feature = "reqwest")]
    pub fn http1_only(mut self) -> Self {
        self.http1_only = true;
        self
    }

    /// Changes how the built-in transport's reqwest client is made: root
    /// certificates, proxies. Its one deadline is the one for connecting
    /// ([`deadlines`](Self::deadlines)), which this can change. It is called once for each client
    /// that is made: a second one is for a control plane that is on loopback
    /// while the runtime is not, or the other way round.
    ///
    /// What keeps a signed request safe is set afterwards and cannot be
    /// changed: no redirects, no retries, no plain http off loopback, no proxy
    /// on loopback, no other address for `localhost`, no decompression.
    ///
    /// With the feature `rustls-ring` alone the process's default crypto
    /// provider is in use; see [`ReqwestTransport`](super::ReqwestTransport).
    #[cfg(feature = "reqwest")]
    pub fn configure_reqwest(
        mut self,
        configure: impl Fn(::reqwest::ClientBuilder) -> ::reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.configure = Some(Arc::new(configure));
        self
    }
}

impl std::fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("profile", &self.profile)
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
