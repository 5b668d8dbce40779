//! All that a call can end in.

use std::time::Duration;

use bytes::Bytes;

use super::broken::{BodyError, Incomplete, Interruption, transport_kind, transport_repeat};
use super::deadline::DeadlinePassed;
use super::send::Took;
use super::transport::{TransportError, chain};
use crate::auth::ProvideBearerKeyError;
use crate::eventstream::Message;
use crate::fault::{Repeat, ServiceError, ServiceErrorKind};
use crate::operation::{AnswerError, BuildError};
use crate::stream::Accumulated;

/// Why a call failed.
///
/// Its text is the whole account, causes included, so it has no
/// [`source`](std::error::Error::source) that would tell them again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client cannot be made from what it was given; nothing was sent.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The request cannot be built; nothing was sent.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The provider has no API key to ask with; nothing was sent.
    #[error("no API key: {}", chain(.0))]
    ApiKey(ProvideBearerKeyError),
    /// There are no credentials to sign with; nothing was sent.
    #[cfg(feature = "sigv4")]
    #[error("no credentials: {}", chain(.0))]
    Credentials(aws_credential_types::provider::error::CredentialsError),
    /// The request cannot be signed; nothing was sent.
    #[cfg(feature = "sigv4")]
    #[error("the request cannot be signed: {}", chain(.0))]
    Signing(crate::auth::SigningError),
    /// The call's own deadline passed before there were credentials or a key to
    /// ask with; nothing was sent.
    #[error("no credentials or API key yet: {0}")]
    AuthTimeout(DeadlinePassed),
    /// The network failed before the answer's head was there.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The head of an answer that is no stream came, but not all of its body.
    #[error(transparent)]
    Body(Box<BodyError>),
    /// The service answered with an error, or with what is no output.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// A stream broke off; each of its events has been handed out.
    #[error(transparent)]
    Stream(Box<Interruption>),
    /// A stream broke off while it was collected.
    #[error(transparent)]
    Incomplete(Box<Incomplete>),
}

/// What the client was given and cannot use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
#[non_exhaustive]
pub struct ConfigError {
    /// What is at fault: what sets it in code, an environment variable, a
    /// setting of a profile with its file and line, or a file; `credentials`
    /// where nobody is named who asks.
    pub what: String,
    /// What is wrong with it and how to mend it.
    pub why: String,
    /// Whether it is about who asks. `what` cannot tell: a file can have any
    /// name.
    is_auth: bool,
}

impl ConfigError {
    pub(super) fn new(what: &str, why: impl std::fmt::Display) -> Self {
        ConfigError { what: what.to_owned(), why: why.to_string(), is_auth: false }
    }

    /// Nobody was named who asks, or not in full.
    pub(super) fn no_credentials(why: impl std::fmt::Display) -> Self {
        ConfigError { is_auth: true, ..ConfigError::new("credentials", why) }
    }
}

/// What kind of failure it is, for those who must act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client or the request is not right; nothing was sent.
    Usage,
    /// Credentials, key, signature or permission.
    Auth,
    /// The signature was too old when the service looked at it: the answer took
    /// longer than a signature holds, or the clock is behind.
    SignatureExpired,
    /// The clock that signed is too far from the service's.
    ClockSkew,
    /// Too many requests or tokens.
    Throttled,
    /// A quota is used up.
    QuotaExceeded,
    /// The service does not take the request as it is.
    Validation,
    /// The request is too long for the model's context.
    ContextTooLong,
    /// A filter of the model's turned away the request or the answer.
    ContentFiltered,
    /// The model is being made ready.
    ModelNotReady,
    /// The model took too long.
    ModelTimeout,
    /// The service or the model failed or refused otherwise.
    Service,
    /// The network.
    Network,
    /// A deadline of this client's passed.
    Timeout,
    /// What came cannot be read.
    Corrupt,
    /// A stream ended too soon.
    Incomplete,
    /// The caller wanted no more of a stream.
    Cancelled,
}

#[cfg(feature = "sigv4")]
impl From<aws_credential_types::provider::error::CredentialsError> for Error {
    fn from(error: aws_credential_types::provider::error::CredentialsError) -> Self {
        Error::Credentials(error)
    }
}

#[cfg(feature = "sigv4")]
impl From<crate::auth::SigningError> for Error {
    fn from(error: crate::auth::SigningError) -> Self {
        Error::Signing(error)
    }
}

impl From<ProvideBearerKeyError> for Error {
    fn from(error: ProvideBearerKeyError) -> Self {
        Error::ApiKey(error)
    }
}

impl Error {
    /// The error in an answer, which took that long and of whose body not all
    /// came if `broken`.
    pub(super) fn answered(
        mut error: AnswerError,
        took: Option<Took>,
        broken: Option<&TransportError>,
    ) -> Self {
        if let AnswerError::Service(service) = &mut error {
            service.took = took.map(|Took(took)| took);
            service.truncated = broken.map(TransportError::to_string);
        }
        Error::Answer(error)
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            // Nobody was named who asks: that is for who has the credentials.
            Error::Config(error) if error.is_auth => ErrorKind::Auth,
            Error::Config(_) | Error::Build(_) => ErrorKind::Usage,
            Error::ApiKey(_) => ErrorKind::Auth,
            #[cfg(feature = "sigv4")]
            Error::Credentials(_) | Error::Signing(_) => ErrorKind::Auth,
            Error::AuthTimeout(_) => ErrorKind::Timeout,
            Error::Transport(error) => transport_kind(error),
            Error::Body(body) => transport_kind(&body.error),
            Error::Answer(AnswerError::Service(error)) => service_kind(error),
            Error::Answer(
                AnswerError::Decode { .. }
                | AnswerError::ContentType(_)
                | AnswerError::RepeatedPage { .. },
            ) => ErrorKind::Corrupt,
            Error::Stream(how) => how.kind(),
            Error::Incomplete(incomplete) => incomplete.how.kind(),
        }
    }

    /// Whether the same request may be sent again.
    pub fn repeat(&self) -> Repeat {
        match self {
            Error::Config(_)
            | Error::Build(_)
            | Error::ApiKey(_)
            | Error::Answer(
                AnswerError::Decode { .. }
                | AnswerError::ContentType(_)
                | AnswerError::RepeatedPage { .. },
            ) => Repeat::No,
            #[cfg(feature = "sigv4")]
            Error::Credentials(_) | Error::Signing(_) => Repeat::No,
            Error::AuthTimeout(_) => Repeat::After(Duration::ZERO),
            Error::Transport(error) => transport_repeat(error),
            Error::Body(body) => transport_repeat(&body.error),
            Error::Answer(AnswerError::Service(error)) => error.repeat(),
            Error::Stream(how) => how.repeat(),
            Error::Incomplete(incomplete) => incomplete.how.repeat(),
        }
    }

    /// The error that the service answered with, if it is one.
    pub fn service_error(&self) -> Option<&ServiceError> {
        if let Error::Answer(AnswerError::Service(error)) = self {
            return Some(error);
        }
        self.interruption()?.service_error()
    }

    /// How a stream broke off, if that is what happened.
    pub fn interruption(&self) -> Option<&Interruption> {
        match self {
            Error::Stream(how) => Some(how),
            Error::Incomplete(incomplete) => Some(&incomplete.how),
            #[cfg(feature = "sigv4")]
            Error::Credentials(_) | Error::Signing(_) => None,
            Error::Config(_)
            | Error::Build(_)
            | Error::ApiKey(_)
            | Error::AuthTimeout(_)
            | Error::Transport(_)
            | Error::Body(_)
            | Error::Answer(_) => None,
        }
    }

    /// The deadline that passed, if that is what happened.
    pub fn deadline(&self) -> Option<DeadlinePassed> {
        match self {
            Error::AuthTimeout(passed) => Some(*passed),
            Error::Transport(error) => error.deadline(),
            Error::Body(body) => body.error.deadline(),
            Error::Stream(_) | Error::Incomplete(_) => match self.interruption()? {
                Interruption::Transport { error, .. } => error.deadline(),
                Interruption::Stream(_) | Interruption::Cancelled { .. } => None,
            },
            #[cfg(feature = "sigv4")]
            Error::Credentials(_) | Error::Signing(_) => None,
            Error::Config(_) | Error::Build(_) | Error::ApiKey(_) | Error::Answer(_) => None,
        }
    }

    /// What broke a stream off before its first event.
    pub(super) fn into_break(self) -> Option<TransportError> {
        match self {
            Error::Stream(how) => match *how {
                Interruption::Transport { error, .. } => Some(error),
                Interruption::Stream(_) | Interruption::Cancelled { .. } => None,
            },
            #[cfg(feature = "sigv4")]
            Error::Credentials(_) | Error::Signing(_) => None,
            Error::Config(_)
            | Error::Build(_)
            | Error::ApiKey(_)
            | Error::AuthTimeout(_)
            | Error::Transport(_)
            | Error::Body(_)
            | Error::Answer(_)
            | Error::Incomplete(_) => None,
        }
    }

    /// `x-amzn-RequestId`, where an answer came.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Error::Answer(AnswerError::Service(error)) => error.request_id.as_deref(),
            Error::Answer(
                AnswerError::Decode { request_id, .. } | AnswerError::RepeatedPage { request_id },
            ) => request_id.as_deref(),
            Error::Answer(AnswerError::ContentType(error)) => error.request_id.as_deref(),
            Error::Body(body) => body.request_id.as_deref(),
            Error::Stream(how) => how.request_id(),
            Error::Incomplete(incomplete) => incomplete.how.request_id(),
            #[cfg(feature = "sigv4")]
            Error::Credentials(_) | Error::Signing(_) => None,
            Error::Config(_)
            | Error::Build(_)
            | Error::ApiKey(_)
            | Error::AuthTimeout(_)
            | Error::Transport(_) => None,
        }
    }

    /// The HTTP status, where an answer came: 200 for a stream.
    pub fn status(&self) -> Option<u16> {
        match self {
            Error::Answer(AnswerError::Service(error)) => Some(error.status),
            Error::Answer(AnswerError::ContentType(error)) => Some(error.status),
            Error::Body(body) => Some(body.status),
            // With any other status it would be the service's error.
            Error::Answer(AnswerError::Decode { .. } | AnswerError::RepeatedPage { .. })
            | Error::Stream(_)
            | Error::Incomplete(_) => Some(200),
            #[cfg(feature = "sigv4")]
            Error::Credentials(_) | Error::Signing(_) => None,
            Error::Config(_)
            | Error::Build(_)
            | Error::ApiKey(_)
            | Error::AuthTimeout(_)
            | Error::Transport(_) => None,
        }
    }

    /// The message of the stream that is at fault, where it could be decoded:
    /// an exception, or an event that cannot be read.
    pub fn message(&self) -> Option<&Message> {
        match self.interruption()? {
            Interruption::Stream(error) => error.message(),
            Interruption::Transport { .. } | Interruption::Cancelled { .. } => None,
        }
    }

    /// With what the stream had said before it broke off, for who adds its
    /// events up alone: [`Error::Stream`] becomes [`Error::Incomplete`], with
    /// nothing held. Any other error stays as it is.
    #[must_use]
    pub fn with_content(self, so_far: Accumulated) -> Self {
        match self {
            Error::Stream(how) => {
                Error::Incomplete(Box::new(Incomplete { how: *how, so_far, held: Vec::new() }))
            }
            other => other,
        }
    }

    /// What came, as received: an error's body, an exception's payload, a body
    /// that cannot be read, or as much as came of one.
    pub fn raw(&self) -> Option<&Bytes> {
        match self {
            Error::Answer(AnswerError::Decode { raw, .. }) => Some(raw),
            Error::Answer(AnswerError::ContentType(error)) => Some(&error.raw),
            Error::Body(body) => Some(&body.received),
            Error::Answer(AnswerError::Service(_)) | Error::Stream(_) | Error::Incomplete(_) => {
                self.service_error().map(|error| &error.raw)
            }
            #[cfg(feature = "sigv4")]
            Error::Credentials(_) | Error::Signing(_) => None,
            Error::Config(_)
            | Error::Build(_)
            | Error::ApiKey(_)
            | Error::AuthTimeout(_)
            | Error::Transport(_)
            | Error::Answer(AnswerError::RepeatedPage { .. }) => None,
        }
    }
}

impl From<ServiceErrorKind> for ErrorKind {
    fn from(kind: ServiceErrorKind) -> Self {
        match kind {
            ServiceErrorKind::Throttled => ErrorKind::Throttled,
            ServiceErrorKind::QuotaExceeded => ErrorKind::QuotaExceeded,
            ServiceErrorKind::AccessDenied => ErrorKind::Auth,
            ServiceErrorKind::SignatureExpired => ErrorKind::SignatureExpired,
            ServiceErrorKind::ClockSkew => ErrorKind::ClockSkew,
            ServiceErrorKind::Validation => ErrorKind::Validation,
            ServiceErrorKind::ContextTooLong => ErrorKind::ContextTooLong,
            ServiceErrorKind::ContentFiltered => ErrorKind::ContentFiltered,
            ServiceErrorKind::ModelNotReady => ErrorKind::ModelNotReady,
            ServiceErrorKind::ModelTimeout => ErrorKind::ModelTimeout,
            ServiceErrorKind::NotFound
            | ServiceErrorKind::Conflict
            | ServiceErrorKind::UnknownOperation
            | ServiceErrorKind::Model
            | ServiceErrorKind::Internal
            | ServiceErrorKind::Unavailable
            | ServiceErrorKind::Other => ErrorKind::Service,
        }
    }
}

pub(super) fn service_kind(error: &ServiceError) -> ErrorKind {
    error.kind().into()
}
