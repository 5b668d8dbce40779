//! Where things are, and how they come there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of this package.
pub fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A folder for what is made, under cargo's target folder.
pub fn folder(name: &str) -> PathBuf {
    let program = std::env::current_exe().expect("this program has a path");
    // It is in `target/release`.
    let target = program.ancestors().nth(2).expect("cargo builds into folders");
    let folder = target.join(name);
    fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    folder
}

pub fn copy(from: &Path, to: &Path) {
    fs::copy(from, to)
        .unwrap_or_else(|error| panic!("{} to {}: {error}", from.display(), to.display()));
}

/// Does what fills a folder, unless it was done for the same `what` before.
pub fn once(folder: &Path, what: &Path, fill: impl FnOnce()) {
    let (done, wanted) = (folder.join("done-for"), fs::read(what).expect("a file of this package"));
    if fs::read(&done).ok().as_ref() != Some(&wanted) {
        fill();
        fs::write(&done, wanted).unwrap_or_else(|error| panic!("{}: {error}", done.display()));
    }
}

/// Runs a command that must go well. What it has to say goes to standard error.
pub fn succeed(command: &mut Command) {
    let status = command.stdout(std::io::stderr()).status();
    let status = status.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}
