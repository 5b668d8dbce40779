//! Why nothing can be recorded.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::client;
use crate::replay::ReplayError;
use crate::serve::ServeError;

/// Why a recorder or a proxy does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The directory of the tapes cannot be made or read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The tapes that are there cannot be replayed.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The system gives no thread to write with.
    #[error("no thread to write tapes with: {0}")]
    Thread(io::Error),
    /// The proxy does not listen.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The upstream is the proxy: what it sends on would come back to it.
    #[error(
        "the upstream is this proxy itself, {0}: set another one, and leave `AWS_ENDPOINT_URL*` \
         out of the proxy's own environment"
    )]
    Itself(SocketAddr),
    /// The client to the upstream cannot be made.
    #[error(transparent)]
    Client(#[from] client::Error),
}
