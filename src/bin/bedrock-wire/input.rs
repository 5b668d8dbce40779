//! Bytes from a file or from stdin.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use bytes::Bytes;

use crate::exit::Failure;

/// The whole of a file, or of stdin for `-`.
pub fn read(path: &Path) -> Result<Bytes, Failure> {
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        io::stdin().read_to_end(&mut bytes).map_err(Failure::io("stdin"))?;
    } else {
        let mut file = File::open(path).map_err(Failure::io(path.display()))?;
        file.read_to_end(&mut bytes).map_err(Failure::io(path.display()))?;
    }
    Ok(bytes.into())
}

/// What the first line of a tape begins with.
const TAPE: &[u8] = br#"{"tape":"#;

/// As [`read`], of what is no tape: `instead` says what to do with one.
pub fn read_no_tape(path: &Path, instead: &str) -> Result<Bytes, Failure> {
    let bytes = read(path)?;
    if bytes.starts_with(TAPE) {
        return Err(Failure::usage(format!("{}: this is a tape: {instead}", path.display())));
    }
    Ok(bytes)
}
