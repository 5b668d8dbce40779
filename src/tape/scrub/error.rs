//! Why a tape could not be scrubbed.

use crate::eventstream::EncodeError;

/// A pattern that is none, or a replacement that no tape can hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScrubError {
    /// A pattern is no regular expression.
    #[error("the pattern `{pattern}` is no regular expression: {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A replacement made something of a header's value that is none.
    #[error(
        "the value of header {name:?} would not be visible ASCII any more: choose another \
         replacement"
    )]
    Header {
        /// The header.
        name: String,
    },
    /// A replacement broke JSON.
    #[error(
        "{member}: it is JSON, and would not be any more: a pattern must not match a part of the \
         JSON's own signs, and a replacement must have them escaped"
    )]
    Json {
        /// The body, or which frame.
        member: String,
    },
    /// A frame cannot be encoded.
    #[error("frame {number} (counted from 1): {error}")]
    Frame {
        /// The frame, counted from 1.
        number: usize,
        /// Why not.
        error: EncodeError,
    },
}

impl ScrubError {
    pub(super) fn pattern(pattern: &str, reason: &regex_lite::Error) -> Self {
        Self::Pattern { pattern: pattern.to_owned(), reason: reason.to_string() }
    }
}
