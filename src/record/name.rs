//! The files that tapes are written to.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::tape::{RecordedRequest, Tape};

/// What all files end in.
const ENDING: &str = ".tape.jsonl";

/// How many characters of a model's name are in a file's.
const MODEL: usize = 80;

/// How many digits of the hash are: enough for no two of a directory's requests
/// to share them.
const HASH: usize = 12;

/// Digits of an ordinal.
const DIGITS: usize = 3;

/// Which file is whose.
///
/// A name is made of the request: operation, model, a hash, and how often the
/// same was asked before. So what is recorded anew comes into the file that it
/// was in, and files in the order of their names are in the order of play.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// How many tapes there are of each request.
    given: HashMap<String, u64>,
}

impl Names {
    /// Names behind those that are given in a directory already.
    pub(super) fn behind(dir: &Path) -> io::Result<Self> {
        let mut names = Names::default();
        for entry in fs::read_dir(dir)? {
            let name = entry?.file_name();
            if let Some((stem, ordinal)) = name.to_str().and_then(read) {
                let given = names.given.entry(stem.to_owned()).or_default();
                *given = ordinal.max(*given);
            }
        }
        Ok(names)
    }

    /// The name for the next tape of this request.
    pub(super) fn next(&mut self, tape: &Tape) -> String {
        self.next_of(&stem(tape))
    }

    /// The next name of the same request, where another recorder has a tape of
    /// this one.
    pub(super) fn after(&mut self, name: &str) -> String {
        // Names that were given can be read.
        let stem = read(name).map_or(name, |(stem, _)| stem);
        self.next_of(stem)
    }

    fn next_of(&mut self, stem: &str) -> String {
        let given = self.given.entry(stem.to_owned()).or_default();
        *given += 1;
        format!("{stem}-{}{ENDING}", ordinal(*given))
    }

    /// Whether it comes behind all names that were given for its request.
    pub(super) fn is_behind(&self, name: &str) -> bool {
        let given = read(name).and_then(|(stem, number)| Some((*self.given.get(stem)?, number)));
        given.is_some_and(|(given, number)| number > given)
    }
}

/// What the names of one request's tapes have in common.
pub(super) fn stem_of(name: &str) -> Option<&str> {
    read(name).map(|(stem, _)| stem)
}

/// An ordinal that sorts as text: `001` to `999`, then `z1000`, `zz10000`.
fn ordinal(number: u64) -> String {
    let digits = format!("{number:0DIGITS$}");
    format!("{}{digits}", "z".repeat(digits.len() - DIGITS))
}

fn read(name: &str) -> Option<(&str, u64)> {
    let (stem, written) = name.strip_suffix(ENDING)?.rsplit_once('-')?;
    let number = written.trim_start_matches('z').parse().ok()?;
    (ordinal(number) == written).then_some((stem, number))
}

fn stem(tape: &Tape) -> String {
    let readable = [tape.operation.clone(), readable(&tape.model), hash(tape)];
    let parts: Vec<_> = readable.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

/// What a model is called, without where it is.
fn readable(model: &str) -> String {
    let name = model.rsplit('/').next().unwrap_or(model);
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._".contains(c) { c } else { '-' };
    let text: String = name.chars().take(MODEL).map(plain).collect();
    text.trim_matches(['-', '.']).to_owned()
}

/// A hash of all that a tape is found by, the same for all writings of the
/// request.
fn hash(tape: &Tape) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(tape.operation.as_bytes());
    part(tape.model.as_bytes());
    if let Some(request) = &tape.request {
        asked(request, &mut part);
    }
    let digits: String = hash.finalize().iter().flat_map(|byte| hexadecimal(*byte)).collect();
    digits[..HASH].to_owned()
}

fn hexadecimal(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or_default())
}

fn asked(request: &RecordedRequest, part: &mut impl FnMut(&[u8])) {
    for (name, value) in request.canonical_query() {
        part(name.as_bytes());
        part(value.as_bytes());
    }
    match request.canonical_body() {
        Some(json) => part(json.as_bytes()),
        None => part(request.body()),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method, StatusCode};

    use super::*;
    use crate::tape::RecordedResponse;

    fn tape(operation: &str, model: &str, query: &str, body: &'static str) -> Tape {
        let response = RecordedResponse::new(StatusCode::OK, &HeaderMap::new(), &"".into());
        let path = format!("/model/m/converse{query}");
        let request = RecordedRequest::new(Method::POST, &path, &HeaderMap::new(), body.into());
        let mut tape = Tape::new(operation, model, response);
        tape.request = Some(request);
        tape
    }

    #[test]
    fn a_name_follows_from_the_request_however_it_is_written() {
        let mut names = Names::default();
        let (one, same) = (r#"{"a":1,"b":2}"#, "{\"b\":2.0, \"a\":1}");
        let first = names.next(&tape("ConverseStream", "a.b-v1:0", "", one));
        let (stem, ordinal) = first.rsplit_once('-').unwrap();
        assert_eq!(ordinal, "001.tape.jsonl");
        let hash = stem.strip_prefix("ConverseStream-a.b-v1-0-").unwrap();
        assert!(hash.len() == 12 && hash.bytes().all(|c| c.is_ascii_hexdigit()), "{hash}");
        let second = names.next(&tape("ConverseStream", "a.b-v1:0", "", same));
        assert_eq!(second, format!("{stem}-002.tape.jsonl"));
        for other in [
            tape("Converse", "a.b-v1:0", "", one),
            tape("ConverseStream", "a.b-v1.0", "", one),
            tape("ConverseStream", "a.b-v1:0", "?nextToken=1", one),
            tape("ConverseStream", "a.b-v1:0", "", r#"{"a":1,"b":3}"#),
            tape("ConverseStream", "a.b-v1:0", "", "no JSON"),
        ] {
            assert!(names.next(&other).ends_with("-001.tape.jsonl"), "{other:?}");
        }
    }

    #[test]
    fn any_model_makes_a_file_name() {
        let arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.a.b-v1:0";
        assert_eq!(readable(arn), "us.a.b-v1-0");
        assert_eq!(readable("../../é\0"), "");
        assert_eq!(readable(&"x".repeat(500)).len(), MODEL);
        assert!(stem(&tape("ListAsyncInvokes", "", "", "")).starts_with("ListAsyncInvokes-"));
    }

    #[test]
    fn ordinals_sort_as_text_and_are_read_back() {
        let numbers = [1, 2, 10, 99, 100, 999, 1000, 1001, 9999, 10_000, 123_456];
        let names = numbers.map(|number| format!("s-1-{}{ENDING}", ordinal(number)));
        assert!(names.is_sorted(), "{names:?}");
        for (name, number) in names.iter().zip(numbers) {
            assert_eq!(read(name), Some(("s-1", number)));
        }
        for other in ["a.tape.jsonl", "a-1.tape.jsonl", "a-z001.tape.jsonl", "a-001.jsonl", "001"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
