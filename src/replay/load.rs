//! Tapes from files and directories.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::error::ReplayError;
use crate::tape::Tape;

/// A tape under the name that answers and reports call it by.
pub(super) struct Named {
    pub(super) name: String,
    /// What of its path is before the name, the nearest part last.
    pub(super) before: Vec<String>,
    pub(super) tape: Tape,
}

/// The tape in a file, or all in a directory: those in files that end in
/// `.jsonl`, however deep, in the order of their paths.
///
/// A name is the path below the directory, with `/`, or the file's own.
pub(super) fn load(path: &Path) -> Result<Vec<Named>, ReplayError> {
    let is_dir = fs::metadata(path).map_err(|source| unreadable(path, source))?.is_dir();
    if !is_dir {
        let base = match path.parent() {
            Some(base) if base.as_os_str().is_empty() => Path::new("."),
            Some(base) => base,
            None => path,
        };
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
    // `.` and `..` would tell nothing apart.
    let full = base.canonicalize().unwrap_or_else(|_| base.to_owned());
    let normal = full.components().filter(|part| matches!(part, Component::Normal(_)));
    let before = normal.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    Ok(Named { name: name(file, base), before, tape: Tape::load(file)? })
}

/// Gives those of the same name more of their path, or a number where that is
/// the same, too.
pub(super) fn tell_apart(tapes: &mut [Named]) {
    loop {
        let places = places(tapes);
        let mut longer = false;
        for Named { name, before, .. } in tapes.iter_mut().filter(|tape| places[&tape.name] > 1) {
            if let Some(part) = before.pop() {
                *name = format!("{part}/{name}");
                longer = true;
            }
        }
        if !longer {
            return number(tapes);
        }
    }
}

/// In how many places the tapes of each name are.
fn places(tapes: &[Named]) -> HashMap<String, usize> {
    let mut places = HashMap::<_, HashSet<_>>::new();
    for Named { name, before, .. } in tapes {
        places.entry(name.clone()).or_default().insert(before.clone());
    }
    places.into_iter().map(|(name, places)| (name, places.len())).collect()
}

fn number(tapes: &mut [Named]) {
    let mut taken: HashSet<String> = tapes.iter().map(|tape| tape.name.clone()).collect();
    let mut seen = HashMap::<String, usize>::new();
    for Named { name, .. } in tapes {
        let count = seen.entry(name.clone()).or_default();
        while *count > 0 && !taken.insert(format!("{name}#{}", *count + 1)) {
            *count += 1;
        }
        *count += 1;
        if *count > 1 {
            *name = format!("{name}#{count}");
        }
    }
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
    ReplayError::Io { path: path.to_owned(), error: source }
}
