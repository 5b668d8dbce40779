//! The recordings below a directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::ImportError;
use super::recording::{RESPONSE_BODY, RESPONSE_META, import};
use crate::tape::Tape;

/// Makes a tape of every recording in `dir` and below it, at any depth.
///
/// Gives the path of each recording, relative to `dir`, with its tape or the
/// reason why there is none; the rest goes on. Directories come in the order
/// of their names, one that is a recording before those in it. Symbolic links
/// to directories are not followed.
pub fn recordings(
    dir: impl Into<PathBuf>,
) -> impl Iterator<Item = (PathBuf, Result<Tape, ImportError>)> {
    Walk { root: dir.into(), open: vec![PathBuf::new()] }
}

/// The path of the tape of a recording: its own with `.tape.jsonl` behind it,
/// so that directories stay as they are. The empty path, which is that of a
/// recording in the directory itself, gives `recording.tape.jsonl`.
pub fn tape_path(recording: &Path) -> PathBuf {
    let mut path = recording.as_os_str().to_owned();
    if path.is_empty() {
        path.push("recording");
    }
    path.push(".tape.jsonl");
    path.into()
}

struct Walk {
    root: PathBuf,
    /// Directories to go through, the next one last.
    open: Vec<PathBuf>,
}

impl Iterator for Walk {
    type Item = (PathBuf, Result<Tape, ImportError>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let relative = self.open.pop()?;
            let dir = self.root.join(&relative);
            let listed = match list(&dir) {
                Ok(listed) => listed,
                Err(source) => {
                    return Some((relative, Err(ImportError::Io { path: dir, source })));
                }
            };
            self.open.extend(listed.directories.iter().rev().map(|name| relative.join(name)));
            if listed.is_recording {
                return Some((relative, import(&dir)));
            }
        }
    }
}

struct Listed {
    is_recording: bool,
    /// Their names, sorted.
    directories: Vec<PathBuf>,
}

fn list(dir: &Path) -> io::Result<Listed> {
    let mut listed = Listed { is_recording: false, directories: Vec::new() };
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        listed.is_recording |= name == RESPONSE_BODY || name == RESPONSE_META;
        if entry.file_type()?.is_dir() {
            listed.directories.push(name.into());
        }
    }
    listed.directories.sort();
    Ok(listed)
}
