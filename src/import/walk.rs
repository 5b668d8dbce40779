//! The recordings below a directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::ImportError;
use super::recording::{FILES, import};
use crate::tape::Tape;

/// Makes a tape of every recording in `dir` and below it, at any depth. A
/// directory is a recording if it has any of the four files.
///
/// Gives the path of each recording, relative to `dir`, with its tape or the
/// reason why there is none; the rest goes on. Directories come in the order
/// of their names, one that is a recording before those in it. Symbolic links
/// to directories are not followed, for they may lead in a circle; each is
/// given with [`ImportError::Link`].
pub fn recordings(
    dir: impl Into<PathBuf>,
) -> impl Iterator<Item = (PathBuf, Result<Tape, ImportError>)> {
    Walk { root: dir.into(), open: vec![Open::Directory(PathBuf::new())] }
}

/// The path of the tape of a recording: its own with `.tape.jsonl` behind it,
/// so that directories stay as they are. The empty path, which is that of a
/// recording in the directory itself, gives `recording.jsonl`, which is that
/// of no other.
pub fn tape_path(recording: &Path) -> PathBuf {
    if recording.as_os_str().is_empty() {
        return "recording.jsonl".into();
    }
    let mut path = recording.as_os_str().to_owned();
    path.push(".tape.jsonl");
    path.into()
}

struct Walk {
    root: PathBuf,
    /// What is to go through, the next one last.
    open: Vec<Open>,
}

enum Open {
    Directory(PathBuf),
    Link(PathBuf),
}

impl Open {
    fn path(&self) -> &Path {
        match self {
            Open::Directory(path) | Open::Link(path) => path,
        }
    }

    fn below(&self, dir: &Path) -> Self {
        match self {
            Open::Directory(name) => Open::Directory(dir.join(name)),
            Open::Link(name) => Open::Link(dir.join(name)),
        }
    }
}

impl Iterator for Walk {
    type Item = (PathBuf, Result<Tape, ImportError>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let relative = match self.open.pop()? {
                Open::Directory(path) => path,
                Open::Link(link) => {
                    let path = self.root.join(&link);
                    return Some((link, Err(ImportError::Link { path })));
                }
            };
            let dir = self.root.join(&relative);
            let listed = match list(&dir) {
                Ok(listed) => listed,
                Err(error) => return Some((relative, Err(ImportError::Io { path: dir, error }))),
            };
            self.open.extend(listed.open.iter().rev().map(|open| open.below(&relative)));
            if listed.is_recording {
                return Some((relative, import(&dir)));
            }
        }
    }
}

struct Listed {
    is_recording: bool,
    /// By name, sorted.
    open: Vec<Open>,
}

fn list(dir: &Path) -> io::Result<Listed> {
    let mut listed = Listed { is_recording: false, open: Vec::new() };
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let (name, kind) = (entry.file_name(), entry.file_type()?);
        listed.is_recording |= FILES.iter().any(|file| name == *file);
        if kind.is_dir() {
            listed.open.push(Open::Directory(name.into()));
        } else if kind.is_symlink() && entry.path().is_dir() {
            listed.open.push(Open::Link(name.into()));
        }
    }
    listed.open.sort_by(|one, other| one.path().cmp(other.path()));
    Ok(listed)
}
