//! How a stream can fail, as facts.

use super::event::{EventError, EventErrorKind};
use crate::eventstream::{self, Message};
use crate::fault::{Repeat, ServiceError};

/// A stream that failed or ended too soon.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{kind}{}", place(*offset, request_id.as_deref()))]
#[non_exhaustive]
pub struct StreamError {
    /// What happened.
    pub kind: StreamErrorKind,
    /// Where in the stream, in bytes from its start: the message at fault, or
    /// the end of what came.
    pub offset: u64,
    /// How many events came before it.
    pub events: u64,
    /// `x-amzn-RequestId` of the response.
    pub request_id: Option<String>,
}

fn place(offset: u64, request_id: Option<&str>) -> String {
    let request = request_id.map(|id| format!(", request {id}")).unwrap_or_default();
    format!(" (at byte {offset} of the stream{request})")
}

/// What happened to a stream.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamErrorKind {
    /// A message that is no event: most often an exception of the service's.
    #[error("{0}")]
    Event(EventError),
    /// Bytes that are no event stream.
    #[error("corrupt event stream: {}", .0.kind())]
    Corrupt(eventstream::Error),
    /// The input ended within a message.
    #[error("the stream was cut short: {held} bytes of an unfinished message are held")]
    Cut {
        /// How many bytes of the unfinished message came.
        held: usize,
    },
    /// The input ended between two messages, but no `messageStop` came.
    #[error("the stream ended without `messageStop`")]
    NoMessageStop,
    /// The input ended before any event.
    #[error("the stream ended without an event")]
    Empty,
    /// The end was asked for while messages are still to be taken out.
    #[error("{held} bytes of the stream are not decoded yet: call `next` until it gives none")]
    Undecoded {
        /// How many bytes are held.
        held: usize,
    },
}

impl StreamError {
    /// Whether the same request may be sent again.
    ///
    /// The service had taken the request and answered 200, so input and output
    /// so far are paid for: [`CostsAgain`](Repeat::CostsAgain) where it can
    /// help at all, also where nothing was handed out yet: not where a message
    /// passes its checksums and is none. An exception that
    /// comes first is as free as an error is.
    pub fn repeat(&self) -> Repeat {
        match &self.kind {
            StreamErrorKind::Event(EventError { kind: EventErrorKind::Service(error), .. }) => {
                match error.repeat() {
                    Repeat::After(_) if self.events > 0 => Repeat::CostsAgain,
                    repeat => repeat,
                }
            }
            StreamErrorKind::Event(_) | StreamErrorKind::Undecoded { .. } => Repeat::No,
            StreamErrorKind::Corrupt(error) if !is_damage(error) => Repeat::No,
            StreamErrorKind::Corrupt(_)
            | StreamErrorKind::Cut { .. }
            | StreamErrorKind::NoMessageStop
            | StreamErrorKind::Empty => Repeat::CostsAgain,
        }
    }

    /// The service's error, if it is one.
    pub fn service_error(&self) -> Option<&ServiceError> {
        let StreamErrorKind::Event(event) = &self.kind else { return None };
        let EventErrorKind::Service(error) = &event.kind else { return None };
        Some(error)
    }

    /// The service's error, to be completed by who has the response's head.
    #[cfg(feature = "client")]
    pub(crate) fn service_error_mut(&mut self) -> Option<&mut ServiceError> {
        let StreamErrorKind::Event(event) = &mut self.kind else { return None };
        let EventErrorKind::Service(error) = &mut event.kind else { return None };
        Some(error)
    }

    /// The message at fault, where it could be decoded.
    pub fn message(&self) -> Option<&Message> {
        let StreamErrorKind::Event(error) = &self.kind else { return None };
        Some(&error.message)
    }
}

/// Whether it happened on the way. What passes its checksums was sent as it is,
/// and would be the next time.
fn is_damage(error: &eventstream::Error) -> bool {
    use eventstream::ErrorKind as Kind;
    match error.kind() {
        Kind::MessageCrcMismatch { .. } | Kind::Incomplete { .. } => true,
        // Without one sound message before it, it speaks no event stream.
        Kind::PreludeCrcMismatch { .. } => error.message_offset() > 0,
        Kind::LengthTooSmall { .. }
        | Kind::HeadersPastEnd { .. }
        | Kind::TooLong { .. }
        | Kind::HeaderNamePastEnd { .. }
        | Kind::HeaderValuePastEnd { .. }
        | Kind::UnknownHeaderType { .. }
        | Kind::HeaderNameNotUtf8 { .. }
        | Kind::HeaderValueNotUtf8 { .. }
        | Kind::DuplicateHeader { .. }
        | Kind::TrailingBytes { .. }
        | Kind::Undecoded { .. } => false,
    }
}
