//! What a tape does not tell.

use std::fmt;

use super::super::exchange::Tape;
use super::Timeline;

/// What a tape does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unknown {
    /// When the head came.
    Head,
    /// When all of the body came.
    Arrivals,
    /// The pieces of the body with their times; frames have theirs.
    Pieces,
    /// When what follows the last whole frame came.
    Rest,
    /// What the chunks of a stream in a model's own format say.
    Format,
    /// What events say that cannot be read.
    Events {
        /// How many there are.
        count: u64,
    },
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unknown::Head => f.write_str("when the head came is not on the tape"),
            Unknown::Arrivals => f.write_str(
                "when the body came is not on the tape: gaps, duration and rates are unknown",
            ),
            Unknown::Pieces => f.write_str(
                "the pieces of the body and their times are not on the tape: frames of one time are \
                 taken for one arrival",
            ),
            Unknown::Rest => f.write_str(
                "when the bytes behind the last whole frame came is not on the tape: the duration is \
                 unknown",
            ),
            Unknown::Format => f.write_str(
                "the stream is in a format that is not read: first text, blocks and tool calls are \
                 unknown",
            ),
            Unknown::Events { count } => {
                write!(f, "{count} events cannot be read: what they say is left out")
            }
        }
    }
}

/// What the events of a stream leave open.
pub(super) fn of_events(unread: u64, is_foreign: bool) -> Vec<Unknown> {
    let unread = (unread > 0).then_some(Unknown::Events { count: unread });
    let format = is_foreign.then_some(Unknown::Format);
    [unread, format].into_iter().flatten().collect()
}

/// What the times on the tape leave open, before what is known to be.
pub(super) fn of(timeline: &Timeline, tape: &Tape) -> Vec<Unknown> {
    let pieces = tape.response.pieces.as_deref().unwrap_or_default();
    let without_times = pieces.is_empty() || pieces.iter().any(|piece| piece.at.is_none());
    let body = match (&timeline.arrivals, timeline.duration) {
        _ if tape.response.body.is_empty() => None,
        (None, _) => Some(Unknown::Arrivals),
        (Some(_), None) => Some(Unknown::Rest),
        (Some(_), Some(_)) => without_times.then_some(Unknown::Pieces),
    };
    let head = timeline.head.is_none().then_some(Unknown::Head);
    head.into_iter().chain(body).chain(timeline.unknown.iter().copied()).collect()
}
