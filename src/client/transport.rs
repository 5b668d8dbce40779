//! The one seam to the network.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;

use super::ResponseBody;
use crate::operation::Body;

/// A future in a box, so that [`Transport`] can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends a request and gives back the answer.
///
/// The request is signed: an implementation must send method, path, query and
/// headers as they are, follow no redirect, and never send again by itself.
/// It adds `Host` and `Content-Length` where the protocol has them.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends one request; resolves with the head of the answer, whatever its
    /// status.
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>>;
}

/// What went wrong on the way.
#[derive(Debug, thiserror::Error)]
#[error("{kind}: {}", chain(source.as_ref()))]
#[non_exhaustive]
pub struct TransportError {
    /// What went wrong.
    pub kind: TransportErrorKind,
    /// The HTTP library's own account of it.
    source: Box<dyn StdError + Send + Sync>,
}

/// What can go wrong on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The request cannot be sent as it is; nothing was.
    Request,
    /// No connection was made; nothing was sent.
    Connect,
    /// A deadline passed.
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
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self { kind, source: source.into() }
    }
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TransportErrorKind::Request => "the request cannot be sent",
            TransportErrorKind::Connect => "no connection",
            TransportErrorKind::Timeout => "a deadline passed",
            TransportErrorKind::Broken => "the connection broke",
            TransportErrorKind::TooLarge => "the answer is too large",
        })
    }
}

/// HTTP libraries put the cause at the end of a chain of generalities.
fn chain(error: &(dyn StdError + 'static)) -> String {
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
