//! One directory to one tape.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use bytes::Bytes;
use http::Method;

use super::ImportError;
use super::meta::{RequestMeta, ResponseMeta, malformed, parse};
use crate::tape::{self, RecordedRequest, RecordedResponse, Tape};

const RESPONSE_BODY: &str = "response.bin";
const RESPONSE_META: &str = "response.meta.json";
const REQUEST_BODY: &str = "request.json";
const REQUEST_META: &str = "request.meta.json";

/// What a recording is made of.
pub(super) const FILES: [&str; 4] = [RESPONSE_BODY, RESPONSE_META, REQUEST_BODY, REQUEST_META];

/// Makes a tape of the recording in `dir`.
pub(super) fn import(dir: &Path) -> Result<Tape, ImportError> {
    let body = Bytes::from(required(dir, RESPONSE_BODY, beside(dir, RESPONSE_BODY))?);
    let path = dir.join(RESPONSE_META);
    let meta: ResponseMeta = parse(&path, &required(dir, RESPONSE_META, RESPONSE_BODY)?)?;
    meta.check(&path)?;
    let (status, headers) = (meta.status(&path)?, meta.headers(&path)?);
    let sizes = meta.read_sizes.as_deref();
    let pieces = sizes.and_then(|sizes| cut(&body, sizes));
    let fits = sizes.is_none() || pieces.is_some();
    let response = match pieces {
        Some(pieces) => {
            let pieces = pieces.into_iter().map(|piece| (piece, None));
            RecordedResponse::from_pieces(status, &headers, pieces)
        }
        None => RecordedResponse::new(status, &headers, &body),
    };
    let mut tape = Tape::new(&*meta.operation, &*meta.model, response);
    let request = request(dir)?;
    let (request, left_out) = request.map_or((None, Vec::new()), |(r, names)| (Some(r), names));
    tape.source = source(&meta, fits, &left_out);
    tape.request = request;
    check(&tape, &path)?;
    Ok(tape)
}

/// What the files say against each other is on no tape that can be read.
fn check(tape: &Tape, path: &Path) -> Result<(), ImportError> {
    let mut lines = Vec::new();
    let written = tape.write(&mut lines);
    written.map_err(|error| ImportError::Io { path: path.to_owned(), error })?;
    let read = Tape::read(&*lines, "as a tape");
    read.map(drop).map_err(|error| malformed(path, "operation", &error))
}

/// The pieces of `body` by their sizes; `None` if those do not add up to it.
fn cut(body: &Bytes, sizes: &[usize]) -> Option<Vec<Bytes>> {
    let (mut rest, mut pieces) = (body.clone(), Vec::with_capacity(sizes.len()));
    for size in sizes {
        let within = *size <= rest.len();
        pieces.push(within.then(|| rest.split_to(*size))?);
    }
    rest.is_empty().then_some(pieces)
}

/// Where the recording comes from, and what is to be known about it. Of what
/// was left out of the query the names alone are told.
fn source(meta: &ResponseMeta, sizes_fit: bool, left_out: &[String]) -> Option<String> {
    let mut parts: Vec<String> = origin(meta).into_iter().collect();
    parts.extend(meta.body_exactness.as_ref().map(|exactness| format!("body: {exactness}")));
    parts.extend(meta.notes.iter().cloned());
    if !sizes_fit {
        parts.push("read_sizes left out: they do not add up to the body".to_owned());
    }
    if !left_out.is_empty() {
        parts.push(format!("left out of the query: {}", left_out.join(", ")));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// `owner/name path/in/it at commit (licence)`, as far as it is told.
fn origin(meta: &ResponseMeta) -> Option<String> {
    let commit = meta.source_commit.as_ref().map(|commit| format!("at {commit}"));
    let licence = meta.licence.as_ref().map(|licence| format!("({licence})"));
    let told = [meta.source_repo.clone(), meta.source_path.clone(), commit, licence];
    let told: Vec<_> = told.into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join(" "))
}

/// The request, and the names of what of its query is not on the tape.
fn request(dir: &Path) -> Result<Option<(RecordedRequest, Vec<String>)>, ImportError> {
    let path = dir.join(REQUEST_META);
    let Some(json) = optional(&path)? else {
        return match optional(&dir.join(REQUEST_BODY))? {
            Some(_) => Err(ImportError::Missing { path, present: REQUEST_BODY }),
            None => Ok(None),
        };
    };
    let meta: RequestMeta = parse(&path, &json)?;
    if !meta.is_recorded() {
        return Ok(None);
    }
    let (method, headers) = (meta.method(&path)?, meta.headers(&path)?);
    let body = match method {
        // It has no body, so that there may be no file of it.
        Method::GET => optional(&dir.join(REQUEST_BODY))?.unwrap_or_default(),
        _ => required(dir, REQUEST_BODY, REQUEST_META)?,
    };
    let (target, body) = (meta.url_path(&path)?, Bytes::from(body));
    let request = RecordedRequest::new(method, &target, &headers, body);
    Ok(Some((request, tape::left_out_of_query(&target))))
}

fn required(dir: &Path, name: &str, present: &'static str) -> Result<Vec<u8>, ImportError> {
    let path = dir.join(name);
    optional(&path)?.ok_or(ImportError::Missing { path, present })
}

/// A file of the recording's other than `missing` that is there.
fn beside(dir: &Path, missing: &str) -> &'static str {
    let mut others = FILES.into_iter().filter(|name| *name != missing);
    others.find(|name| dir.join(name).exists()).unwrap_or(RESPONSE_META)
}

/// The content of a file, if it is there. Only of a file: a pipe would wait
/// for its writer, and a link may lead out of the directory.
fn optional(path: &Path) -> Result<Option<Vec<u8>>, ImportError> {
    let read = fs::symlink_metadata(path).and_then(|found| {
        let is_file = found.is_file();
        is_file.then(|| fs::read(path)).transpose()
    });
    match read {
        Ok(Some(bytes)) => Ok(Some(bytes)),
        Ok(None) => Err(ImportError::NoFile { path: path.to_owned() }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ImportError::Io { path: path.to_owned(), error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_do_not_add_up_are_no_pieces() {
        let body = Bytes::from_static(b"abcdef");
        assert_eq!(cut(&body, &[1, 0, 5]).unwrap(), ["a", "", "bcdef"]);
        for sizes in [&[1, 4][..], &[1, 6], &[7], &[]] {
            assert_eq!(cut(&body, sizes), None);
        }
    }
}
