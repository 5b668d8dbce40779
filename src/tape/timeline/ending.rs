//! How an answer ended.

use std::fmt;

use super::super::exchange::RecordedResponse;
use super::super::piece::End;
use super::RecordedBody;
use super::story::Story;
use crate::eventstream::{ErrorKind, Message};
use crate::fault::ServiceError;

/// How an answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// Whole.
    Complete {
        /// Why the model stopped, where the answer says.
        stop_reason: Option<String>,
    },
    /// The service answered with an error, and no stream began.
    Refused {
        /// The error's name, if it has one.
        name: Option<String>,
    },
    /// The service broke the stream off with an exception or an error.
    Exception {
        /// Its name.
        name: String,
    },
    /// A frame is damaged.
    Damaged {
        /// What is wrong with it, and where in the body.
        why: String,
    },
    /// The connection ended before the answer did.
    Cut,
    /// The answer of ConverseStream ended between two frames, and without a
    /// `messageStop`.
    NoMessageStop,
    /// The tape does not tell.
    Unknown,
}

impl Ending {
    pub(super) fn of_whole(response: &RecordedResponse, stop_reason: Option<String>) -> Self {
        match response.end {
            Some(End::Cut) => Ending::Cut,
            Some(End::Complete) | None if !response.status.is_success() => refused(response),
            Some(End::Complete) => Ending::Complete { stop_reason },
            None => Ending::Unknown,
        }
    }

    pub(super) fn of_stream(response: &RecordedResponse, story: &Story) -> Self {
        if !response.status.is_success() {
            return refused(response);
        }
        if let Some(broken) = &story.broken {
            return broken.clone();
        }
        if let Some(end) = of_rest(response) {
            return end;
        }
        let complete = || Ending::Complete { stop_reason: story.stop_reason.clone() };
        match response.end {
            Some(End::Cut) => Ending::Cut,
            Some(End::Complete) | None if story.is_stopped => complete(),
            // A stream of chunks has no last event in the service model.
            Some(End::Complete) if story.is_of_chunks => complete(),
            None if story.is_of_chunks => Ending::Unknown,
            Some(End::Complete) | None => Ending::NoMessageStop,
        }
    }
}

fn refused(response: &RecordedResponse) -> Ending {
    let (status, headers) = (response.status.as_u16(), response.headers.to_map());
    let error = ServiceError::from_response(status, &headers, response.body.bytes());
    Ending::Refused { name: error.name.as_deref().map(str::to_owned) }
}

/// How the bytes behind the last whole frame end the stream, if there are any.
fn of_rest(response: &RecordedResponse) -> Option<Ending> {
    let RecordedBody::Stream { frames, rest } = &response.body else { return None };
    let error = (!rest.is_empty()).then(|| Message::decode(rest.clone()).err())??;
    if matches!(error.kind(), ErrorKind::Incomplete { .. }) {
        return Some(Ending::Cut);
    }
    let before: usize = frames.iter().map(|frame| frame.bytes.len()).sum();
    Some(damaged(error.kind(), before as u64 + error.offset()))
}

pub(super) fn damaged(kind: &ErrorKind, offset: u64) -> Ending {
    Ending::Damaged { why: format!("{kind} (byte {offset} of the body)") }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Complete { stop_reason: Some(reason) } => write!(f, "complete, {reason}"),
            Ending::Complete { stop_reason: None } => f.write_str("complete"),
            Ending::Refused { name: Some(name) } => write!(f, "refused, {name}"),
            Ending::Refused { name: None } => f.write_str("refused"),
            Ending::Exception { name } => write!(f, "broken off, {name}"),
            Ending::Damaged { why } => write!(f, "damaged: {why}"),
            Ending::Cut => f.write_str("cut"),
            Ending::NoMessageStop => f.write_str("incomplete, no messageStop"),
            Ending::Unknown => f.write_str("unknown"),
        }
    }
}
