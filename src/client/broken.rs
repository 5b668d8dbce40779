//! Answers that broke off.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::response::Parts;

use super::error::{ErrorKind, service_kind};
use super::transport::{TransportError, TransportErrorKind};
use crate::fault::{self, Repeat, Start};
use crate::stream::{Accumulated, EventDecoder, EventUnion, StreamError, StreamErrorKind};

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
        }
    }

    /// The network's failure behind what was decoded.
    pub(super) fn transport<O: EventUnion>(
        error: TransportError,
        decoder: &EventDecoder<O>,
    ) -> Self {
        Interruption::Transport {
            error,
            offset: decoder.offset(),
            events: decoder.events(),
            request_id: decoder.request_id().map(str::to_owned),
        }
    }

    /// With the response's headers in the service's error: the decoder does not
    /// know of them.
    pub(super) fn with_headers(mut self, headers: &HeaderMap) -> Self {
        if let Interruption::Stream(error) = &mut self
            && let Some(service) = error.service_error_mut()
        {
            service.headers.clone_from(headers);
        }
        self
    }

    pub(super) fn request_id(&self) -> Option<&str> {
        match self {
            Interruption::Stream(error) => error.request_id.as_deref(),
            Interruption::Transport { request_id, .. } => request_id.as_deref(),
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
        }
    }
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
    /// The bytes that came and were given out in no event: of an unfinished
    /// message, or all from a corrupt one on.
    pub held: Vec<Bytes>,
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
