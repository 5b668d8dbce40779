//! Answers that broke off.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::response::Parts;

use super::error::{ErrorKind, service_kind};
use super::send::Took;
use super::transport::{TransportError, TransportErrorKind};
use crate::fault::{self, Repeat, ServiceError, Start};
use crate::model::{ConverseOutput, TokenUsage};
use crate::stream::{Accumulated, StreamError, StreamErrorKind};

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
    /// By the caller, who wanted no more.
    #[error("cancelled (after {events} events, at byte {offset} of the stream{})", request(request_id.as_deref()))]
    Cancelled {
        /// Bytes of the stream whose events have been handed out.
        offset: u64,
        /// How many events came before it.
        events: u64,
        /// `x-amzn-RequestId` of the response.
        request_id: Option<String>,
    },
}

/// Which way a stream ended that did not come in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// It ended too soon, or its connection broke.
    Cut,
    /// Nothing came before a deadline.
    Stalled,
    /// The service broke off with an exception or an error.
    Exception,
    /// What came cannot be read.
    Corrupt,
    /// The caller wanted no more.
    Cancelled,
}

/// Where in a stream, by what has been handed out.
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) events: u64,
    pub(super) request_id: Option<String>,
}

fn request(id: Option<&str>) -> String {
    id.map(|id| format!(", request {id}")).unwrap_or_default()
}

impl Interruption {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Interruption::Transport { error, .. } => match error.kind {
                // Once a stream has begun, a lost connection is an early end.
                TransportErrorKind::Connect
                | TransportErrorKind::Tls
                | TransportErrorKind::Broken => ErrorKind::Incomplete,
                TransportErrorKind::Request
                | TransportErrorKind::ConnectTimeout
                | TransportErrorKind::Timeout
                | TransportErrorKind::TooLarge => transport_kind(error),
            },
            Interruption::Stream(error) => match &error.kind {
                StreamErrorKind::Event(_) | StreamErrorKind::Corrupt(_) => {
                    error.service_error().map_or(ErrorKind::Corrupt, service_kind)
                }
                StreamErrorKind::Cut { .. }
                | StreamErrorKind::NoMessageStop
                | StreamErrorKind::Empty
                | StreamErrorKind::Undecoded { .. } => ErrorKind::Incomplete,
            },
            Interruption::Cancelled { .. } => ErrorKind::Cancelled,
        }
    }

    /// Which way the stream ended.
    pub fn ending(&self) -> Ending {
        match self {
            Interruption::Stream(error) => match &error.kind {
                StreamErrorKind::Event(_) | StreamErrorKind::Corrupt(_) => {
                    match error.service_error() {
                        Some(_) => Ending::Exception,
                        None => Ending::Corrupt,
                    }
                }
                StreamErrorKind::Cut { .. }
                | StreamErrorKind::NoMessageStop
                | StreamErrorKind::Empty
                | StreamErrorKind::Undecoded { .. } => Ending::Cut,
            },
            Interruption::Transport { error, .. } => match error.kind {
                TransportErrorKind::ConnectTimeout | TransportErrorKind::Timeout => Ending::Stalled,
                TransportErrorKind::TooLarge => Ending::Corrupt,
                TransportErrorKind::Request
                | TransportErrorKind::Connect
                | TransportErrorKind::Tls
                | TransportErrorKind::Broken => Ending::Cut,
            },
            Interruption::Cancelled { .. } => Ending::Cancelled,
        }
    }

    /// The service's error, if it is one.
    pub fn service_error(&self) -> Option<&ServiceError> {
        match self {
            Interruption::Stream(error) => error.service_error(),
            Interruption::Transport { .. } | Interruption::Cancelled { .. } => None,
        }
    }

    /// How many events came before.
    pub fn events(&self) -> u64 {
        match self {
            Interruption::Stream(error) => error.events,
            Interruption::Transport { events, .. } | Interruption::Cancelled { events, .. } => {
                *events
            }
        }
    }

    /// The caller wanted no more.
    pub(super) fn cancelled(at: Place) -> Self {
        let Place { offset, events, request_id } = at;
        Interruption::Cancelled { offset, events, request_id }
    }

    /// The network's failure.
    pub(super) fn transport(error: TransportError, at: Place) -> Self {
        let Place { offset, events, request_id } = at;
        Interruption::Transport { error, offset, events, request_id }
    }

    /// With what the response's head tells in the service's error: the decoder
    /// does not know of it.
    pub(super) fn with_head(mut self, headers: &HeaderMap, took: Option<Took>) -> Self {
        if let Interruption::Stream(error) = &mut self
            && let Some(service) = error.service_error_mut()
        {
            service.complete(headers);
            service.took = took.map(|Took(took)| took);
        }
        self
    }

    /// `x-amzn-RequestId` of the response.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Interruption::Stream(error) => error.request_id.as_deref(),
            Interruption::Transport { request_id, .. }
            | Interruption::Cancelled { request_id, .. } => request_id.as_deref(),
        }
    }

    /// Whether the same request may be sent again.
    pub fn repeat(&self) -> Repeat {
        match self {
            Interruption::Stream(error) => error.repeat(),
            Interruption::Transport { events, error, .. } => match transport_repeat(error) {
                Repeat::After(_) if *events > 0 => Repeat::CostsAgain,
                repeat => repeat,
            },
            // The service had taken the request.
            Interruption::Cancelled { .. } => Repeat::CostsAgain,
        }
    }
}

/// A stream that broke off, with what it had said so far. `Debug` shows how much
/// that is, and not what.
#[derive(thiserror::Error)]
#[error("{how}")]
#[non_exhaustive]
pub struct Incomplete {
    /// How it broke off.
    pub how: Interruption,
    /// What the events before that add up to. The input of a tool call that
    /// did not come in full is a JSON string of its text so far
    /// ([`malformed_inputs`](Accumulated::malformed_inputs)).
    pub so_far: Accumulated,
    /// The bytes that came and were given out in no event: of an unfinished
    /// message, or all from a corrupt one on.
    pub held: Vec<Bytes>,
}

impl fmt::Debug for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blocks = match &self.so_far.response.output {
            ConverseOutput::Message(message) => message.content.len(),
            ConverseOutput::Unknown(_) => 0,
        };
        f.debug_struct("Incomplete")
            .field("how", &self.how)
            .field("content_blocks", &blocks)
            .field("usage", &self.so_far.response.usage)
            .field("held_bytes", &self.held.iter().map(Bytes::len).sum::<usize>())
            .finish_non_exhaustive()
    }
}

impl Incomplete {
    /// Which way it ended.
    pub fn ending(&self) -> Ending {
        self.how.ending()
    }

    /// What it cost, if that was told before: it comes last, behind the
    /// content.
    pub fn usage(&self) -> Option<&TokenUsage> {
        self.so_far.response.usage.as_ref()
    }

    /// `x-amzn-RequestId` of the response.
    pub fn request_id(&self) -> Option<&str> {
        self.how.request_id()
    }

    /// Whether the same request may be sent again.
    pub fn repeat(&self) -> Repeat {
        self.how.repeat()
    }
}

/// An answer that is no stream, whose head came and told of no error, and whose
/// body did not come in full. `Debug` shows the length and the start of what
/// came only.
#[derive(thiserror::Error)]
#[error(
    "the answer (HTTP {status}{}) broke off after {} bytes: {error}{}",
    request(self.request_id.as_deref()), self.received.len(), self.remedy()
)]
#[non_exhaustive]
pub struct BodyError {
    /// What the network did, or that the body is over the client's limit.
    pub error: TransportError,
    /// The status of the response.
    pub status: u16,
    /// `x-amzn-RequestId` of the response.
    pub request_id: Option<String>,
    /// The headers of the response.
    pub headers: HeaderMap,
    /// What came of the body.
    pub received: Bytes,
}

impl BodyError {
    pub(super) fn new(head: Parts, received: Bytes, error: TransportError) -> Self {
        BodyError {
            error,
            status: head.status.as_u16(),
            request_id: fault::request_id(&head.headers),
            headers: head.headers,
            received,
        }
    }

    fn remedy(&self) -> &'static str {
        match self.error.kind {
            TransportErrorKind::TooLarge => "; raise the limit with ClientBuilder::max_body",
            TransportErrorKind::Request
            | TransportErrorKind::Connect
            | TransportErrorKind::ConnectTimeout
            | TransportErrorKind::Tls
            | TransportErrorKind::Timeout
            | TransportErrorKind::Broken => "",
        }
    }
}

impl fmt::Debug for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyError")
            .field("error", &self.error)
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("headers", &self.headers)
            .field("received", &Start(&self.received))
            .finish()
    }
}

pub(super) fn transport_kind(error: &TransportError) -> ErrorKind {
    match error.kind {
        TransportErrorKind::Request => ErrorKind::Usage,
        TransportErrorKind::ConnectTimeout | TransportErrorKind::Timeout => ErrorKind::Timeout,
        TransportErrorKind::TooLarge => ErrorKind::Corrupt,
        TransportErrorKind::Connect | TransportErrorKind::Tls | TransportErrorKind::Broken => {
            ErrorKind::Network
        }
    }
}

pub(super) fn transport_repeat(error: &TransportError) -> Repeat {
    match error.kind {
        TransportErrorKind::Request | TransportErrorKind::Tls | TransportErrorKind::TooLarge => {
            Repeat::No
        }
        TransportErrorKind::Connect | TransportErrorKind::ConnectTimeout => {
            Repeat::After(Duration::ZERO)
        }
        // The service may have answered in full: it may be paid for twice.
        TransportErrorKind::Timeout | TransportErrorKind::Broken => Repeat::CostsAgain,
    }
}
