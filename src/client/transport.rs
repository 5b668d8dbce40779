//! The one seam to the network.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;

use super::ResponseBody;
use super::deadline::DeadlinePassed;
use crate::operation::Body;

/// A future in a box, so that [`Transport`] can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends a request and gives back the answer.
///
/// The request is signed, and its headers are secrets. What the client promises
/// of it rests on the implementation, which must
///
/// - send method, path, query and headers as they are; it adds `Host` and
///   `Content-Length` where the protocol has them;
/// - follow no redirect, and never send again by itself;
/// - check the certificate of an `https` URL, and send nothing in clear where
///   the URL says `https`;
/// - for an `http` URL, which is always of this machine, connect to loopback
///   addresses only, also where a resolver gives `localhost` another one, and
///   through no proxy;
/// - hand out the body as it was sent, without decompressing it;
/// - close the connection or reset the stream when the [`ResponseBody`] or the
///   future is dropped.
///
/// The environment's `AWS_CA_BUNDLE` and the settings of the client that are
/// named after reqwest are for the built-in transport alone.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends one request; resolves with the head of the answer, whatever its
    /// status.
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>>;
}

/// What went wrong on the way.
///
/// Its text has the whole chain of causes in it, so it has no
/// [`source`](StdError::source); [`cause`](Self::cause) is there to be looked
/// into.
#[derive(Debug, thiserror::Error)]
#[error("{kind}: {}", chain(cause.as_ref()))]
#[non_exhaustive]
pub struct TransportError {
    /// What went wrong.
    pub kind: TransportErrorKind,
    /// The HTTP library's own account of it.
    cause: Box<dyn StdError + Send + Sync>,
}

/// What can go wrong on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The request cannot be sent as it is; nothing was.
    Request,
    /// No connection was made; nothing was sent.
    Connect,
    /// A deadline passed before there was a connection; nothing was sent.
    ConnectTimeout,
    /// The other end and TLS do not agree: most often a certificate that is
    /// not trusted. Nothing was sent, and trying again does not help.
    Tls,
    /// A deadline passed once something may have been sent.
    Timeout,
    /// The connection failed once something was sent.
    Broken,
    /// The answer is over a limit of ours.
    TooLarge,
}

impl TransportError {
    /// An error of a kind, with its cause.
    pub fn new(
        kind: TransportErrorKind,
        cause: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self { kind, cause: cause.into() }
    }

    /// The same kind of error with this cause, which the HTTP library's own
    /// account stands behind.
    pub(super) fn behind(self, passed: DeadlinePassed) -> Self {
        TransportError { kind: self.kind, cause: Box::new(Timed { passed, cause: self.cause }) }
    }

    /// The deadline that passed, if that is what happened.
    pub(super) fn deadline(&self) -> Option<DeadlinePassed> {
        let timed = || self.cause.downcast_ref::<Timed>().map(|timed| timed.passed);
        self.cause.downcast_ref::<DeadlinePassed>().copied().or_else(timed)
    }

    /// The HTTP library's own error: for the built-in transport most often a
    /// `reqwest::Error`.
    pub fn cause(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self.cause.downcast_ref::<Timed>().map_or(self.cause.as_ref(), |timed| timed.cause.as_ref())
    }
}

/// A deadline of the HTTP library's that passed, and its account of it.
#[derive(Debug, thiserror::Error)]
#[error("{passed}: {}", chain(cause.as_ref()))]
struct Timed {
    passed: DeadlinePassed,
    cause: Box<dyn StdError + Send + Sync>,
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TransportErrorKind::Request => "the request cannot be sent",
            TransportErrorKind::Connect => "no connection",
            TransportErrorKind::ConnectTimeout => "no connection before the deadline",
            TransportErrorKind::Tls => "no TLS connection",
            TransportErrorKind::Timeout => "a deadline passed",
            TransportErrorKind::Broken => "the connection broke",
            TransportErrorKind::TooLarge => "the answer is too large",
        })
    }
}

/// Libraries put the cause at the end of a chain of generalities.
pub(super) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}
