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
    /// A path into bodies is none, or of a kind that is not understood.
    #[error("the path `{path}` cannot be read at byte {at}: {mend}")]
    MatchPath {
        /// The path.
        path: String,
        /// Where, in bytes.
        at: usize,
        /// What to write there.
        mend: &'static str,
    },
    /// Every body was to match, and parts of it to be compared.
    #[error("`any_body` compares nothing of a body: leave it out, or `match_paths`")]
    AnyBodyAndPaths,
    /// Times cannot be made so.
    #[error("cannot make times with {value} for {what}: give {mend}")]
    Timing {
        /// Which setting.
        what: &'static str,
        /// What it is.
        value: f64,
        /// What it can be.
        mend: &'static str,
    },
    /// A stream cannot be made so.
    #[error(
        "cannot make a stream of {events} events of {bytes_of_text} bytes of text: give at most \
         1,000,000 events of at most 1,048,576 bytes"
    )]
    MadeStream {
        /// How many events of text.
        events: u32,
        /// How much text in each.
        bytes_of_text: u32,
    },
    /// The server does not start.
    #[error(transparent)]
    Serve(#[from] ServeError),
}
