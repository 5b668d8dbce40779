//! Tapes that are named on the command line.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::exit::Failure;

/// All tapes that the paths name, those of a directory in the order of their
/// names; fails where there are none.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut tapes = Vec::new();
    for path in paths {
        collect(path, &mut tapes).map_err(Failure::io(path.display()))?;
    }
    if tapes.is_empty() {
        return Err(Failure::usage("no tapes there: their names end in .jsonl"));
    }
    Ok(tapes)
}

/// All tapes below a directory, in the order of their names.
pub fn below(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut tapes = Vec::new();
    collect(dir, &mut tapes).map(|()| tapes)
}

/// Whether it has the name of a tape.
pub fn is_named_so(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "jsonl")
}

/// A file as it is; of a directory, all tapes below it by their names, those
/// behind symbolic links left out.
fn collect(path: &Path, tapes: &mut Vec<PathBuf>) -> io::Result<()> {
    if !fs::metadata(path)?.is_dir() {
        tapes.push(path.to_owned());
        return Ok(());
    }
    let mut open = vec![path.to_owned()];
    while let Some(dir) = open.pop() {
        let mut entries = fs::read_dir(&dir)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (kind, path) = (entry.file_type()?, entry.path());
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() && is_named_so(&path) {
                tapes.push(path);
            }
        }
    }
    Ok(())
}
