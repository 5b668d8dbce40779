//! All that a call can end in.

use std::time::Duration;

use bytes::Bytes;

use super::transport::{TransportError, TransportErrorKind};
use crate::fault::{Repeat, ServiceError, ServiceErrorKind};
use crate::operation::{AnswerError, BuildError};
use crate::stream::{Accumulated, StreamError, StreamErrorKind};

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client cannot be made from what it was given; nothing was sent.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The request cannot be built; nothing was sent.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// There are no credentials to sign with; nothing was sent.
    #[cfg(feature = "sigv4")]
    #[error("no credentials: {0}")]
    Credentials(#[from] aws_credential_types::provider::error::CredentialsError),
    /// The request cannot be signed; nothing was sent.
    #[cfg(feature = "sigv4")]
    #[error("the request cannot be signed: {0}")]
    Signing(#[from] crate::auth::SigningError),
    /// The network failed before the answer's head was there, or while the
    /// body of an answer that is no stream came in.
    #[error(transparent)]
    Transport(#[from] TransportError),
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
#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
#[non_exhaustive]
pub struct ConfigError {
    /// The setting: what sets it in code, or the environment variable.
    pub what: String,
    /// What is wrong with it and how to mend it.
    pub why: String,
}

impl ConfigError {
    pub(super) fn new(what: &str, why: impl std::fmt::Display) -> Self {
        ConfigError { what: what.to_owned(), why: why.to_string() }
    }
}

/// How a stream broke off.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Interruption {
    /// By what came: an exception, corrupt bytes, an end too soon.
    #[error(transparent)]
    Stream(StreamError),
    /// By the network.
    #[error("{error} (after {events} events, at byte {offset} of the stream{})", request(request_id.as_deref()))]
    Transport {
        /// What the network did.
        error: TransportError,
        /// Bytes of the stream whose events have been handed out.
        offset: u64,
        /// How many events came before it.
        events: u64,
        /// `x-amzn-RequestId` of the response.
        request_id: Option<String>,
    },
}

fn request(id: Option<&str>) -> String {
    id.map(|id| format!(", request {id}")).unwrap_or_default()
}

/// A stream that broke off, with what it had said so far.
#[derive(Debug, thiserror::Error)]
#[error("{how}")]
#[non_exhaustive]
pub struct Incomplete {
    /// How it broke off.
    pub how: Interruption,
    /// What the events before that add up to.
    pub so_far: Accumulated,
}

/// What kind of failure it is, for those who must act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client or the request is not right; nothing was sent.
    Usage,
    /// Credentials, key, signature or permission.
    Auth,
    /// Too many requests or tokens.
    Throttled,
    /// A quota is used up.
    QuotaExceeded,
    /// The service or the model failed or refused.
    Service,
    /// The network.
    Network,
    /// A deadline passed.
    Timeout,
    /// What came cannot be read.
    Corrupt,
    /// A stream ended too soon.
    Incomplete,
}

impl Error {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::Config(_) | Error::Build(_) => ErrorKind::Usage,
            #[cfg(feature = "sigv4")]
            Error::Credentials(_) | Error::Signing(_) => ErrorKind::Auth,
            Error::Transport(error) => transport_kind(error),
            Error::Answer(AnswerError::Service(error)) => service_kind(error),
            Error::Answer(AnswerError::Decode { .. }) => ErrorKind::Corrupt,
            Error::Stream(how) => how.kind(),
            Error::Incomplete(incomplete) => incomplete.how.kind(),
        }
    }

    /// Whether the same request may be sent again.
    pub fn repeat(&self) -> Repeat {
        match self {
            Error::Config(_) | Error::Build(_) | Error::Answer(AnswerError::Decode { .. }) => {
                Repeat::No
            }
            #[cfg(feature = "sigv4")]
            Error::Credentials(_) | Error::Signing(_) => Repeat::No,
            Error::Transport(error) => transport_repeat(error),
            Error::Answer(AnswerError::Service(error)) => error.repeat(),
            Error::Stream(how) => how.repeat(),
            Error::Incomplete(incomplete) => incomplete.how.repeat(),
        }
    }

    /// The error that the service answered with, if it is one.
    pub fn service_error(&self) -> Option<&ServiceError> {
        match self {
            Error::Answer(AnswerError::Service(error)) => Some(error),
            _ => match self.interruption()? {
                Interruption::Stream(error) => error.service_error(),
                Interruption::Transport { .. } => None,
            },
        }
    }

    /// How a stream broke off, if that is what happened.
    pub fn interruption(&self) -> Option<&Interruption> {
        match self {
            Error::Stream(how) => Some(how),
            Error::Incomplete(incomplete) => Some(&incomplete.how),
            _ => None,
        }
    }

    /// `x-amzn-RequestId`, where an answer came.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Error::Answer(AnswerError::Service(error)) => error.request_id.as_deref(),
            Error::Answer(AnswerError::Decode { request_id, .. }) => request_id.as_deref(),
            _ => match self.interruption()? {
                Interruption::Stream(error) => error.request_id.as_deref(),
                Interruption::Transport { request_id, .. } => request_id.as_deref(),
            },
        }
    }

    /// The HTTP status of the service's error: 200 for one in a stream.
    pub fn status(&self) -> Option<u16> {
        self.service_error().map(|error| error.status)
    }

    /// What the service sent, as received: an error's body, an exception's
    /// payload, or a body that cannot be read.
    pub fn raw(&self) -> Option<&Bytes> {
        match self {
            Error::Answer(AnswerError::Decode { raw, .. }) => Some(raw),
            _ => self.service_error().map(|error| &error.raw),
        }
    }
}

impl Interruption {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Interruption::Transport { error, .. } => match error.kind {
                TransportErrorKind::Timeout => ErrorKind::Timeout,
                _ => ErrorKind::Incomplete,
            },
            Interruption::Stream(error) => match &error.kind {
                StreamErrorKind::Event(_) | StreamErrorKind::Corrupt(_) => {
                    error.service_error().map_or(ErrorKind::Corrupt, service_kind)
                }
                StreamErrorKind::Cut { .. }
                | StreamErrorKind::NoMessageStop
                | StreamErrorKind::Undecoded { .. } => ErrorKind::Incomplete,
            },
        }
    }

    /// Whether the same request may be sent again.
    pub fn repeat(&self) -> Repeat {
        match self {
            Interruption::Stream(error) => error.repeat(),
            Interruption::Transport { events: 0, error, .. } => transport_repeat(error),
            Interruption::Transport { .. } => Repeat::CostsAgain,
        }
    }
}

fn service_kind(error: &ServiceError) -> ErrorKind {
    match error.kind() {
        ServiceErrorKind::Throttled => ErrorKind::Throttled,
        ServiceErrorKind::QuotaExceeded => ErrorKind::QuotaExceeded,
        ServiceErrorKind::AccessDenied => ErrorKind::Auth,
        _ => ErrorKind::Service,
    }
}

fn transport_kind(error: &TransportError) -> ErrorKind {
    match error.kind {
        TransportErrorKind::Request => ErrorKind::Usage,
        TransportErrorKind::Timeout => ErrorKind::Timeout,
        TransportErrorKind::TooLarge => ErrorKind::Corrupt,
        TransportErrorKind::Connect | TransportErrorKind::Broken => ErrorKind::Network,
    }
}

fn transport_repeat(error: &TransportError) -> Repeat {
    match error.kind {
        TransportErrorKind::Request | TransportErrorKind::TooLarge => Repeat::No,
        TransportErrorKind::Connect => Repeat::After(Duration::ZERO),
        // The service may have answered in full: it may be paid for twice.
        TransportErrorKind::Timeout | TransportErrorKind::Broken => Repeat::CostsAgain,
    }
}
