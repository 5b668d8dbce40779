//! Why a recording could not be imported.

use std::io;
use std::path::PathBuf;

/// A recording that could not be made into a tape.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// A file or directory cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A directory is behind a symbolic link.
    #[error(
        "{}: a symbolic link to a directory, which is not followed: import that directory itself",
        path.display()
    )]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// What should be a file is a link, a pipe or something else.
    #[error("{}: no regular file: put a copy of what is meant in its place", path.display())]
    NoFile {
        /// What is there.
        path: PathBuf,
    },
    /// A file that a recording is made of is not there.
    #[error("{} is missing beside {present}", path.display())]
    Missing {
        /// The file that is missing.
        path: PathBuf,
        /// The file that is there and needs it.
        present: &'static str,
    },
    /// An exchange in a cassette is with another service.
    #[error("{}: {member}: `{host}` is another service, and no tape is made of it", path.display())]
    OtherService {
        /// The file.
        path: PathBuf,
        /// The path to the member, such as `interactions[1].request.uri`.
        member: String,
        /// The host that was asked.
        host: String,
    },
    /// A file is not as it should be.
    #[error("{}: {}{reason}", path.display(), within(member))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The path to the member, such as `headers[2][1]`; `.` for the whole.
        member: String,
        /// What is wrong.
        reason: String,
    },
}

/// Where a reason is, if it is not of the whole.
fn within(member: &str) -> String {
    if member == "." { String::new() } else { format!("{member}: ") }
}
