//! The corpus of recorded traffic, vectors and service models, found through
//! `BEDROCK_WIRE_CORPUS`.
//!
//! With the variable set, a missing file fails the test that wants it. Without
//! it, a test says what it skipped and passes.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "a module of its own in each test binary, which uses a part"
)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Name of the variable that says where the corpus is.
pub const VARIABLE: &str = "BEDROCK_WIRE_CORPUS";

/// Where the corpus is, or `None` after telling on stderr what is skipped.
pub fn find(skipped: &str) -> Option<Corpus> {
    let root = std::env::var_os(VARIABLE);
    if root.is_none() {
        // Past the capture of passing tests' output: a skip must be seen.
        let _ = writeln!(std::io::stderr(), "skipped: {skipped} (set {VARIABLE} to the corpus)");
    }
    root.map(|root| Corpus { root: root.into() })
}

/// A corpus that exists; every read fails loudly where a file is missing.
pub struct Corpus {
    root: PathBuf,
}

impl Corpus {
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn bytes(&self, path: &str) -> Vec<u8> {
        read(&self.root.join(path))
    }

    pub fn json(&self, path: &str) -> Value {
        parse(&self.root.join(path))
    }

    /// The recordings in the order of their index.
    pub fn recordings(&self) -> Vec<Recording> {
        let index = self.json("recordings/index.json");
        let rows = index.as_array().expect("recordings/index.json is an array");
        assert!(!rows.is_empty(), "recordings/index.json lists nothing");
        rows.iter().map(|row| self.recording(row)).collect()
    }

    /// The recordings of one operation that were answered with 200.
    pub fn answered(&self, operation: &str) -> Vec<Recording> {
        let found: Vec<_> = self
            .recordings()
            .into_iter()
            .filter(|r| r.operation == operation && r.status == 200)
            .collect();
        assert!(!found.is_empty(), "no recording of {operation} with status 200");
        found
    }

    fn recording(&self, row: &Value) -> Recording {
        let text =
            |key: &str| row[key].as_str().unwrap_or_else(|| panic!("{key} in {row}")).to_owned();
        let path = text("path");
        Recording {
            dir: self.root.join("recordings").join(&path),
            path,
            operation: text("operation"),
            model: text("model"),
            status: u16::try_from(row["status"].as_u64().expect("status")).expect("status"),
            has_request: row["has_request"].as_bool().expect("has_request"),
        }
    }
}

/// One recorded exchange.
pub struct Recording {
    pub dir: PathBuf,
    /// As the index names it.
    pub path: String,
    pub operation: String,
    pub model: String,
    pub status: u16,
    pub has_request: bool,
}

impl Recording {
    /// The request's body, byte for byte, where it was recorded.
    pub fn request(&self) -> Option<Vec<u8>> {
        self.has_request.then(|| read(&self.dir.join("request.json")))
    }

    /// The response's body, byte for byte.
    pub fn response(&self) -> Vec<u8> {
        read(&self.dir.join("response.bin"))
    }

    pub fn request_meta(&self) -> Value {
        parse(&self.dir.join("request.meta.json"))
    }

    pub fn response_meta(&self) -> Value {
        parse(&self.dir.join("response.meta.json"))
    }
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn parse(path: &Path) -> Value {
    serde_json::from_slice(&read(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Where two JSON values differ, numbers compared by value; `None` if nowhere.
pub fn difference(a: &Value, b: &Value) -> Option<String> {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            names.into_iter().find_map(|name| match (a.get(name), b.get(name)) {
                (Some(a), Some(b)) => difference(a, b).map(|at| format!(".{name}{at}")),
                (Some(_), None) => Some(format!(".{name}: lost")),
                (None, _) => Some(format!(".{name}: added")),
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .find_map(|(i, (a, b))| difference(a, b).map(|at| format!("[{i}]{at}"))),
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => None,
        _ if a == b => None,
        _ => Some(format!(": {a} became {b}")),
    }
}
