//! Why a replay server does not start.

use std::io;
use std::path::PathBuf;

use crate::serve::ServeError;
use crate::tape::TapeError;

/// Why a replay server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// There is nothing to replay.
    #[error("there is no tape: give a tape, or a path to one")]
    NoTape,
    /// A directory has no tape in it, however deep.
    #[error("{}: no file in it ends in `.jsonl`", .0.display())]
    EmptyDirectory(PathBuf),
    /// A path cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A tape is malformed.
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// A tape cannot be an answer of this server's.
    #[error("the tape {name} cannot be served: {why}; correct it, or leave it out")]
    Unservable {
        /// The tape's name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// The server does not start.
    #[error(transparent)]
    Serve(#[from] ServeError),
}
