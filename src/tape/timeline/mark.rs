//! What stands out in a stream.

use super::super::piece::Micros;

/// Something that stands out, and when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mark {
    /// When, if known.
    pub at: Option<Micros>,
    /// What.
    pub kind: MarkKind,
}

impl Mark {
    pub(super) fn new(at: Option<Micros>, kind: MarkKind) -> Self {
        Self { at, kind }
    }
}

/// What stands out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MarkKind {
    /// The first event, whatever it says.
    FirstEvent,
    /// The first text that is not empty.
    FirstText,
    /// A content block that calls no tool begins: with its `contentBlockStart`
    /// or, where the service sends none, with its first delta.
    BlockStart {
        /// The block's `contentBlockIndex`.
        index: i64,
        /// What the block is of, as its format has it: `text` and
        /// `reasoningContent` of Converse, `thinking` of the Messages API.
        kind: String,
    },
    /// A content block begins that calls a tool.
    ToolCall {
        /// The block's `contentBlockIndex`.
        index: i64,
        /// The tool's name.
        name: String,
    },
    /// The message ends.
    MessageStop,
    /// A gap begins that is [too long](super::Gaps::stall_over) for the stream.
    Stall {
        /// How long it lasts.
        length: Micros,
    },
}
