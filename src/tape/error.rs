//! What is wrong with a tape, and on which line.

use std::io;

use crate::model::{in_member, reason_of};

/// A tape that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TapeError {
    /// Its file cannot be read.
    #[error("{origin}: {error}")]
    Io {
        /// The name that the tape was to be read under.
        origin: String,
        /// What the system says.
        error: io::Error,
    },
    /// A line is not as the format has it.
    #[error("{origin}:{line}: {problem}")]
    Line {
        /// The name that the tape was read under.
        origin: String,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        problem: TapeProblem,
    },
}

/// What is wrong with a line of a tape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TapeProblem {
    /// It is not JSON, or a member is not as it should be.
    #[error("{}{reason} (column {column})", in_member(member))]
    Json {
        /// The path to the member, such as `response.status`; empty for the
        /// whole line.
        member: String,
        /// What is wrong.
        reason: String,
        /// Where reading stopped, in bytes, counted from 1.
        column: usize,
    },
    /// The tape is of another version of the format.
    #[error(
        "the tape is of version {found} and this build reads version {}: use a release of \
         bedrock-wire that reads version {found}, or record the exchange anew",
        super::VERSION
    )]
    Version {
        /// The version it is of.
        found: u64,
    },
    /// The line is of no kind that a tape has.
    #[error(
        "a line of a tape has one of the members `tape`, `request`, `response`, `frame`, `rest`, \
         `body`, `body_text`, `body_base64` and `pieces`; this one has {members}"
    )]
    UnknownLine {
        /// The members it has, as a list to read.
        members: String,
    },
    /// The line is not the one that comes here.
    #[error("{expected} comes here, not {found}")]
    Misplaced {
        /// What comes here.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// The tape ends too soon.
    #[error(
        "the tape ends here, where {expected} comes: it was cut off, and what is missing cannot \
         be told; restore it, or record the exchange anew"
    )]
    Ended {
        /// What comes here.
        expected: &'static str,
    },
    /// The pieces do not make up the body.
    #[error(
        "pieces: they are {pieces} bytes together, and the body has {body}; correct them, or \
         write \"pieces\":null"
    )]
    Pieces {
        /// Bytes in all pieces together.
        pieces: u64,
        /// Bytes in the body.
        body: u64,
    },
    /// The request's path names another model or operation than the head.
    #[error(
        "request.path: its {member} is `{named}`, and that of the head `{head}`: correct one of \
         them"
    )]
    Path {
        /// `model` or `operation`.
        member: &'static str,
        /// What the path names.
        named: String,
        /// What the head names.
        head: String,
    },
    /// A time is before one that came before it.
    #[error(
        "a time of {at} us comes behind one of {last} us: times are since the request and never \
         run backwards; correct it, or write null"
    )]
    Backwards {
        /// In microseconds.
        at: u64,
        /// The time before it, in microseconds.
        last: u64,
    },
    /// A frame came at another time than the piece that its last byte is in.
    #[error(
        "frame {number} (counted from 1) is said to come at {frame} us, and the piece with its \
         last byte at {piece} us: correct one of them, or write null"
    )]
    FrameTime {
        /// The frame, counted from 1.
        number: usize,
        /// Its time, in microseconds.
        frame: u64,
        /// The time of the piece, in microseconds.
        piece: u64,
    },
}

impl TapeProblem {
    /// What serde says of a line, without the line number that it counts.
    pub(super) fn json(member: &str, error: &serde_json::Error) -> Self {
        TapeProblem::Json {
            // `?` and `.` stand for what broke off before it had a name.
            member: member.trim_end_matches(['?', '.']).to_owned(),
            reason: reason_of(error),
            // An error of the whole line has no column of its own.
            column: error.column().max(1),
        }
    }
}
