//! How much of an answer is held in memory.

use crate::eventstream::DEFAULT_MAX_MESSAGE_LENGTH;

/// Bytes that are kept of an error's body.
const MAX_ERROR_BODY: usize = 1024 * 1024;

/// How much of an answer is held in memory, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Of the body of an answer that is no stream.
    pub(super) body: usize,
    /// Of one message of a stream.
    pub(super) message: usize,
}

impl Limits {
    /// Of an error's body, which is cut there.
    pub(super) fn error_body(self) -> usize {
        self.body.min(MAX_ERROR_BODY)
    }
}

impl Default for Limits {
    /// 64 MiB of a body: far above what a model can write.
    fn default() -> Self {
        Limits { body: 64 * 1024 * 1024, message: DEFAULT_MAX_MESSAGE_LENGTH }
    }
}
