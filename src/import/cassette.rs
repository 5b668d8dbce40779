//! Cassettes in files.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::exchange;
use super::recording::FILES;
use super::{ImportError, req_llm, vcr};
use crate::tape::Tape;

/// What the interactions of a cassette are: tapes, or why not.
type Tapes = Vec<Result<Tape, ImportError>>;

/// Makes a tape of each interaction in a cassette, in order: of vcrpy where the
/// name ends in `.yaml` or `.yml`, else of ReqLLM.
///
/// An interaction with another service, such as the download of an image, is
/// given with [`ImportError::OtherService`].
///
/// # Errors
/// Where the file cannot be read or is no cassette.
///
/// # Examples
///
/// ```no_run
/// for tape in bedrock_wire::import::cassette("test_stream.yaml")? {
///     println!("{} bytes", tape?.body_bytes().len());
/// }
/// # Ok::<(), bedrock_wire::import::ImportError>(())
/// ```
pub fn cassette(path: impl AsRef<Path>) -> Result<Tapes, ImportError> {
    let path = path.as_ref();
    let no_cassette = || ImportError::Malformed {
        path: path.to_owned(),
        member: ".".to_owned(),
        reason: "no cassette: one of vcrpy has `interactions`, one of ReqLLM `model_spec`, \
                 `request` and `response`"
            .to_owned(),
    };
    read(path)?.ok_or_else(no_cassette)
}

/// Makes tapes of all cassettes in `dir` and below it, at any depth.
///
/// Gives the path of each file, relative to `dir`, with what [`cassette`]
/// makes of it. Files come in the order of their names. YAML and JSON that is
/// no cassette is passed over, and so are symbolic links and the files of
/// [`recordings`](super::recordings). A directory that cannot be read is given
/// in the place of a file.
pub fn cassettes(
    dir: impl Into<PathBuf>,
) -> impl Iterator<Item = (PathBuf, Result<Tapes, ImportError>)> {
    let root = dir.into();
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(relative) = open.pop() {
        let path = root.join(&relative);
        if let Err(error) = list(&path, &relative, &mut open, &mut found) {
            found.push((relative, Some(ImportError::Io { path, error })));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found.into_iter().filter_map(move |(file, error)| {
        let tapes = error.map_or_else(|| read(&root.join(&file)), Err).transpose()?;
        Some((file, tapes))
    })
}

/// The path of the tape of an interaction, counted from 0: that of the
/// cassette with the number and `.tape.jsonl` behind it.
pub fn interaction_path(cassette: &Path, number: usize) -> PathBuf {
    let mut path = cassette.as_os_str().to_owned();
    path.push(format!(".{number}.tape.jsonl"));
    path.into()
}

/// Makes a tape of the raw body in a file, answered with 200 by `operation`,
/// such as `ConverseStream`, of `model`. Of the request nothing is known, so
/// that only `any_body` of the replay server finds it.
///
/// # Errors
/// Where the file cannot be read, or there is no such operation or model.
pub fn raw_body(path: impl AsRef<Path>, operation: &str, model: &str) -> Result<Tape, ImportError> {
    let path = path.as_ref();
    let body = fs::read(path).map_err(|error| ImportError::Io { path: path.to_owned(), error })?;
    exchange::of_body(operation, model, &Bytes::from(body), path)
}

fn list(
    dir: &Path,
    relative: &Path,
    open: &mut Vec<PathBuf>,
    found: &mut Vec<(PathBuf, Option<ImportError>)>,
) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name());
        let path = relative.join(&name);
        let is_named = is_yaml(&path) || path.extension() == Some(OsStr::new("json"));
        if kind.is_dir() {
            open.push(path);
        } else if kind.is_file() && is_named && !FILES.iter().any(|file| name == *file) {
            found.push((path, None));
        }
    }
    Ok(())
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "yaml" || end == "yml")
}

/// The tapes in a file, if it is a cassette.
fn read(path: &Path) -> Result<Option<Tapes>, ImportError> {
    let bytes = fs::read(path).map_err(|error| ImportError::Io { path: path.to_owned(), error })?;
    if !is_yaml(path) {
        return Ok(req_llm::tape(path, &bytes)?.map(|tape| vec![Ok(tape)]));
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| ImportError::Malformed {
        path: path.to_owned(),
        member: ".".to_owned(),
        reason: format!("no YAML: {error}"),
    })?;
    vcr::tapes(path, text)
}
