//! Tapes from files and directories.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::ReplayError;
use crate::tape::Tape;

/// A tape under the name that answers and reports call it by.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) tape: Tape,
}

/// The tape in a file, or all in a directory: those in files that end in
/// `.jsonl`, however deep, in the order of their paths.
///
/// A name is the path below the directory, with `/`, or the file's own.
pub(super) fn load(path: &Path) -> Result<Vec<Named>, ReplayError> {
    let is_dir = fs::metadata(path).map_err(|source| unreadable(path, source))?.is_dir();
    if !is_dir {
        let base = path.parent().unwrap_or(path);
        return Ok(vec![load_file(path, base)?]);
    }
    let mut files = Vec::new();
    walk(path, &mut files)?;
    if files.is_empty() {
        return Err(ReplayError::EmptyDirectory(path.to_owned()));
    }
    files.sort();
    files.iter().map(|file| load_file(file, path)).collect()
}

fn load_file(file: &Path, base: &Path) -> Result<Named, ReplayError> {
    Ok(Named { name: name(file, base), tape: Tape::load(file)? })
}

/// Directories behind symbolic links are left out: they may lead in a circle.
fn walk(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), ReplayError> {
    let unreadable = |source| unreadable(dir, source);
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        if entry.file_type().map_err(unreadable)?.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "jsonl") && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

fn name(file: &Path, base: &Path) -> String {
    let below = file.strip_prefix(base).unwrap_or(file);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn unreadable(path: &Path, source: std::io::Error) -> ReplayError {
    ReplayError::Io { path: path.to_owned(), source }
}
