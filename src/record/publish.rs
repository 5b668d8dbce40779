//! Tapes as files that others may read, or write, meanwhile.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::tape::{End, Tape};
use crate::unique;

/// A tape beside where it is to be, in a file that is gone with it.
pub(super) struct Unpublished(PathBuf);

impl Unpublished {
    pub(super) fn write(dir: &Path, tape: &Tape) -> io::Result<Self> {
        let path = dir.join(format!(".{}.unfinished", unique::uuid()));
        let file = File::create_new(&path)?;
        let unpublished = Unpublished(path);
        let mut out = BufWriter::new(file);
        tape.write(&mut out)?;
        out.flush()?;
        Ok(unpublished)
    }

    /// Moves there, so that whoever reads it finds all of the tape, or what was
    /// there before.
    pub(super) fn replace(&self, path: &Path) -> io::Result<()> {
        fs::rename(&self.0, path)
    }

    /// Appears there, as a whole, unless there is a file: `false` then.
    pub(super) fn appear(&self, path: &Path) -> io::Result<bool> {
        match fs::hard_link(&self.0, path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            // Not all file systems have links.
            Err(_) => self.claim(path),
        }
    }

    /// Takes the place with an empty file first, which is no tape for a moment.
    fn claim(&self, path: &Path) -> io::Result<bool> {
        match File::create_new(path) {
            Ok(_) => self.replace(path).map(|()| true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Unpublished {
    fn drop(&mut self) {
        // It may have been moved, and has no use where it is.
        let _ = fs::remove_file(&self.0);
    }
}

/// Whether there is a tape whose answer came to its end.
pub(super) fn is_complete(path: &Path) -> bool {
    Tape::load(path).is_ok_and(|tape| tape.response.end() != Some(End::Cut))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::tape::RecordedResponse;

    type Way = fn(&Unpublished, &Path) -> io::Result<bool>;

    #[test]
    fn what_is_there_stays_with_links_and_without() {
        let dir = std::env::temp_dir().join(format!("bedrock-wire-publish-{}", unique::uuid()));
        fs::create_dir(&dir).unwrap();
        let tape = |body: &'static str| {
            let response = RecordedResponse::new(StatusCode::OK, &HeaderMap::new(), &body.into());
            Unpublished::write(&dir, &Tape::new("Converse", "m", response)).unwrap()
        };
        let ways: [Way; 2] = [Unpublished::appear, Unpublished::claim];
        for (number, way) in ways.into_iter().enumerate() {
            let path = dir.join(number.to_string());
            assert!(way(&tape("first"), &path).unwrap());
            assert!(!way(&tape("second"), &path).unwrap());
            assert_eq!(Tape::load(&path).unwrap().body_bytes(), "first");
            tape("third").replace(&path).unwrap();
            assert_eq!(Tape::load(&path).unwrap().body_bytes(), "third");
            assert!(is_complete(&path));
        }
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 2, "nothing unfinished is left");
        fs::remove_dir_all(&dir).unwrap();
    }
}
