//! How a stream can fail, as facts.

use std::time::Duration;

use super::event::EventError;
use crate::eventstream;
use crate::fault::Repeat;

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
    #[error(transparent)]
    Event(#[from] EventError),
    /// Bytes that are no event stream.
    #[error("corrupt event stream: {0}")]
    Corrupt(#[from] eventstream::Error),
    /// The input ended within a message.
    #[error("the stream was cut short: {held} bytes of an unfinished message are held")]
    Cut {
        /// How many bytes of the unfinished message came.
        held: usize,
    },
    /// The input ended between two messages, but no `messageStop` came.
    #[error("the stream ended without `messageStop`")]
    NoMessageStop,
}

impl StreamError {
    /// Whether the same request may be sent again.
    ///
    /// After the first event it [`CostsAgain`](Repeat::CostsAgain): the input
    /// and the output so far are paid for.
    pub fn repeat(&self) -> Repeat {
        let repeat = match &self.kind {
            StreamErrorKind::Event(EventError::Service(error)) => error.repeat(),
            StreamErrorKind::Event(
                EventError::MissingHeader { .. }
                | EventError::HeaderType { .. }
                | EventError::UnknownMessageType(_)
                | EventError::Payload { .. },
            ) => Repeat::No,
            StreamErrorKind::Corrupt(_)
            | StreamErrorKind::Cut { .. }
            | StreamErrorKind::NoMessageStop => Repeat::After(Duration::ZERO),
        };
        match repeat {
            Repeat::After(_) if self.events > 0 => Repeat::CostsAgain,
            repeat => repeat,
        }
    }
}
