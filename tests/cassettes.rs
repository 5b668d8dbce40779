//! Cassettes as their owners keep them become tapes with the bytes of their
//! recordings, which others took out of the same files.
#![cfg(feature = "import")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bedrock_wire::import::{self, ImportError};
use bedrock_wire::tape::{RecordedBody, Tape};
use corpus::{Corpus, Recording, difference};
use serde_json::Value;

/// A file of our own in the directory of this test.
fn file(name: &str, text: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cassettes");
    fs::create_dir_all(&dir).unwrap();
    let path = dir.join(name);
    fs::write(&path, text).unwrap();
    path
}

/// The files of the corpus, each with where it comes from.
fn sources(corpus: &Corpus) -> Vec<(String, String)> {
    let readme = String::from_utf8(corpus.bytes("cassettes/README.md")).unwrap();
    let rows = readme.lines().filter(|line| line.starts_with("| ") && line.contains("__"));
    let cells = rows.map(|row| row.split('|').map(|cell| cell.trim().to_owned()).collect());
    cells.map(|cells: Vec<_>| (cells[1].clone(), cells[2].clone())).collect()
}

/// The recordings of a cassette with the number of their interaction, of all
/// versions of it that its owners had.
fn recordings(corpus: &Corpus, source: &str) -> Vec<(usize, Recording)> {
    let index = corpus.json("recordings/index.json");
    let rows = index.as_array().unwrap().iter().filter(|row| row["source"] == *source);
    let paths: Vec<_> = rows.map(|row| row["path"].as_str().unwrap()).collect();
    let recordings = corpus.recordings().into_iter().filter(|r| paths.contains(&&*r.path));
    let number = |recording: &Recording| {
        let name = recording.path.strip_suffix(".v2").unwrap_or(&recording.path);
        name.rsplit_once('-').unwrap().1.parse().unwrap()
    };
    recordings.map(|recording| (number(&recording), recording)).collect()
}

fn assert_is(tape: &Tape, recording: &Recording, exactness: &mut BTreeMap<String, usize>) {
    let meta = recording.response_meta();
    assert_eq!((&tape.operation, &tape.model), (&recording.operation, &recording.model));
    assert_eq!(tape.response.status().as_u16(), recording.status);
    let told = meta["body_exactness"].as_str().unwrap();
    let kind = told.split(' ').next().unwrap();
    let source = tape.source.as_ref().unwrap();
    assert!(source.ends_with(&format!("; body: {kind}")), "{source}: {told}");
    let (ours, theirs) = (tape.body_bytes(), recording.response());
    if kind == "reserialised" {
        let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
        assert_eq!(difference(&read(&ours), &read(&theirs)), None, "{}", recording.path);
    }
    assert!(ours == theirs, "{}: {ours:?}", recording.path);
    *exactness.entry(kind.to_owned()).or_default() += 1;
    let request = tape.request.as_ref().unwrap();
    assert_eq!(Some(request.body().to_vec()), recording.request(), "{}", recording.path);
    let url = recording.request_meta()["url"].as_str().unwrap().to_owned();
    assert!(url.ends_with(request.path()), "{url}");
    let sizes = tape
        .response
        .pieces()
        .map(|pieces| pieces.iter().map(|piece| Value::from(piece.length)).collect::<Vec<_>>());
    assert_eq!(sizes.map_or(Value::Null, Value::from), meta["read_sizes"], "{}", recording.path);
    // What is known of both by the importer of recordings is the same, too.
    let (_, theirs) = import::recordings(&recording.dir).next().unwrap();
    let mut theirs = theirs.unwrap();
    theirs.source.clone_from(&tape.source);
    assert_eq!(*tape, theirs, "{}", recording.path);
}

#[test]
fn every_cassette_becomes_the_tapes_of_its_recordings() {
    let Some(corpus) = corpus::find("cassettes as tapes") else {
        return;
    };
    let (mut tapes, mut others, mut frames) = (0, 0, 0);
    let mut exactness = BTreeMap::new();
    let sources = sources(&corpus);
    for (name, source) in &sources {
        let recordings = recordings(&corpus, source);
        let results = import::cassette(corpus.root().join("cassettes").join(name)).unwrap();
        for (number, result) in results.into_iter().enumerate() {
            match result {
                Ok(tape) => {
                    let of_number = recordings.iter().filter(|found| found.0 == number);
                    let mut versions = of_number.map(|(_, recording)| recording);
                    let date = tape.response.headers().get("date");
                    let is_version = |r: &&Recording| {
                        let (_, theirs) = import::recordings(&r.dir).next().unwrap();
                        theirs.unwrap().response.headers().get("date") == date
                    };
                    let recording = versions.find(is_version);
                    let recording = recording.unwrap_or_else(|| panic!("{name} {number}"));
                    assert_is(&tape, recording, &mut exactness);
                    if let RecordedBody::Stream { frames: cut, rest } = tape.response.body() {
                        assert!(rest.is_empty(), "{name}");
                        frames += cut.len();
                    }
                    tapes += 1;
                }
                Err(ImportError::OtherService { host, .. }) => {
                    assert!(recordings.iter().all(|found| found.0 != number));
                    assert_eq!(host, "pdfobject.com");
                    others += 1;
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert!(!recordings.is_empty(), "{name}");
    }
    println!(
        "{} cassettes, {tapes} tapes, {frames} frames, {others} others, {exactness:?}",
        sources.len()
    );
    assert_eq!((sources.len(), tapes, others), (19, 21, 1));
}

#[test]
fn cassettes_of_a_directory_are_found_by_their_names() {
    let Some(corpus) = corpus::find("a directory of cassettes") else {
        return;
    };
    let found: Vec<_> = import::cassettes(corpus.root().join("cassettes")).collect();
    assert_eq!(found.len(), 19);
    assert!(found.is_sorted_by(|one, other| one.0 < other.0));
    assert!(found.iter().all(|(path, tapes)| tapes.is_ok() && path.is_relative()));
    // Recordings are no cassettes, and neither is their index.
    let found = import::cassettes(corpus.root().join("recordings"));
    assert_eq!(found.count(), 0);
}

const INTERACTION: &str = "interactions:
- request:
    method: POST
    uri: https://bedrock-runtime.us-east-1.amazonaws.com/model/a.b-v1%3A0/converse
    body: '{}'
    headers:
      authorization: [AWS4-HMAC-SHA256 secret]
      content-type: application/json
  response:
    status: {code: 200, message: OK}
    headers:
      content-type: [application/json]
    body: {string: '{}'}
";

#[test]
fn a_body_is_taken_in_every_form_that_recorders_write() {
    for (body, expected) in [
        ("{string: '{}'}", "{}"),
        ("{string: !!binary 'eyJhIjoxfQ=='}", r#"{"a":1}"#),
        ("{base64_string: 'eyJhIjox\n      fQ=='}", r#"{"a":1}"#),
        ("{encoding: null, string: ''}", ""),
        ("'{}'", "{}"),
        ("null", ""),
        ("{}", ""),
    ] {
        let text = INTERACTION.replace("body: {string: '{}'}", &format!("body: {body}"));
        let path = file("forms.yaml", &text);
        let tape = import::cassette(path).unwrap().remove(0).unwrap();
        assert_eq!(tape.body_bytes(), expected, "{body}");
        let mut written = Vec::new();
        tape.write(&mut written).unwrap();
        assert!(!String::from_utf8(written).unwrap().contains("secret"));
    }
}

#[test]
fn an_error_names_file_interaction_and_member() {
    for (from, to, member) in [
        ("    method: POST\n", "", "interactions[0].request.method: it is missing (line 3)"),
        (
            "code: 200",
            "code: x",
            "interactions[0].response.status.code: no status of HTTP (line 10)",
        ),
        ("code: 200", "code: 100", "interactions[0].response.status: no final status"),
        (
            "string: '{}'",
            "string: [a]",
            "interactions[0].response.body: a list, where text or !!binary is to be (line 13)",
        ),
        ("string: '{}'", "string: !!binary '*'", "interactions[0].response.body: not base64"),
        ("[application/json]", "[[a]]", "interactions[0].response.headers.content-type: a list"),
        (
            "/converse\n",
            "/chat\n",
            "interactions[0].request.uri: POST /model/a.b-v1%3A0/chat is of no",
        ),
        (
            "bedrock-runtime.us-east-1.amazonaws.com/model/a.b-v1%3A0/converse",
            "user:pass@example.org/x?token=secret",
            "interactions[0].request.uri: `example.org` is another service",
        ),
    ] {
        let path = file("broken.yaml", &INTERACTION.replace(from, to));
        let error = import::cassette(&path).unwrap().remove(0).unwrap_err().to_string();
        let expected = format!("{}: {member}", path.display());
        assert!(error.starts_with(&expected), "{error}");
        assert!(!error.contains("secret") && !error.contains("pass"), "{error}");
    }
}

#[test]
fn what_is_no_cassette_is_an_error_where_it_is_named_and_passed_over_in_a_directory() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-cassettes");
    fs::create_dir_all(&dir).unwrap();
    for (name, text, reason) in [
        ("a.yaml", "a: 1\n", "no cassette: one of vcrpy has `interactions`"),
        ("b.json", "{\"a\":1}", "no cassette: one of vcrpy has `interactions`"),
        ("c.yaml", "a: [\n", "no YAML: "),
        ("d.json", "{", "EOF"),
        ("e.yml", "interactions: 5\n", "interactions: no list (line 1)"),
    ] {
        let path = dir.join(name);
        fs::write(&path, text).unwrap();
        let error = import::cassette(&path).unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains(name), "{error}");
    }
    let found: Vec<_> = import::cassettes(&dir).map(|(path, _)| path).collect();
    assert_eq!(found, ["c.yaml", "d.json", "e.yml"].map(PathBuf::from));
    let found: Vec<_> = import::cassettes(dir.join("none")).collect();
    assert!(matches!(&*found, [(_, Err(ImportError::Io { .. }))]), "{found:?}");
    let error = import::cassette(dir.join("none.yaml")).unwrap_err();
    assert!(matches!(error, ImportError::Io { .. }), "{error}");
}

#[test]
fn raw_bytes_become_a_tape_of_the_operation_that_is_named() {
    let Some(corpus) = corpus::find("raw bytes as a tape") else {
        return;
    };
    let recording = corpus.answered("ConverseStream").remove(0);
    let path = recording.dir.join("response.bin");
    let tape = import::raw_body(&path, "ConverseStream", "a.b-v1:0").unwrap();
    assert_eq!(tape.body_bytes(), recording.response());
    assert!(matches!(tape.response.body(), RecordedBody::Stream { rest, .. } if rest.is_empty()));
    assert!(tape.request.is_none());
    let error = import::raw_body(&path, "Chat", "a").unwrap_err().to_string();
    assert!(error.ends_with("operation: `Chat` is no operation that is known"), "{error}");
    let error = import::raw_body(&path, "Converse", "").unwrap_err().to_string();
    assert!(error.contains(": model: "), "{error}");
}

#[cfg(feature = "cli")]
mod command {
    use std::process::{Command, Output};

    use super::*;

    fn run(args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-wire"));
        command.env_clear().args(args).output().unwrap()
    }

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    /// An empty directory for the tapes of one test.
    fn out(name: &str) -> PathBuf {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&dir);
        dir
    }

    #[test]
    fn a_cassette_is_imported_scrubbed_verified_and_exported() {
        let arn = "arn:aws:bedrock:us-east-1:210987654321:inference-profile/a.b-v1:0";
        let encoded = arn.replace(':', "%3A").replace('/', "%2F");
        let answer = format!("{{\"arn\":\"{arn}\",\"name\":\"our name\"}}");
        let cassette = INTERACTION
            .replace("a.b-v1%3A0", &encoded)
            .replace("body: {string: '{}'}", &format!("body: {{string: '{answer}'}}"));
        let cassette = file("account.yaml", &cassette);
        let (cassette, dir) = (cassette.to_str().unwrap(), out("scrubbed-tapes"));
        let dir = dir.to_str().unwrap();
        let done = run(&["import", cassette, "--out", dir]);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        let tape = format!("{dir}/account.yaml.0.tape.jsonl");
        let verified = run(&["verify", dir]);
        assert_eq!(verified.status.code(), Some(0));
        assert!(text(&verified.stderr).ends_with("0 errors, 3 warnings\n"), "{verified:?}");
        fs::remove_file(&tape).unwrap();
        let scrub = ["--scrub", "--replace", "our (name)", "a $1"];
        let done = run(&[&["import", cassette, "--out", dir][..], &scrub].concat());
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        let verified = run(&["verify", dir]);
        assert!(text(&verified.stderr).ends_with("0 errors, 0 warnings\n"), "{verified:?}");
        let raw = run(&["export", &tape, "--raw", "-"]);
        let expected = answer.replace("210987654321", "123456789012").replace("our name", "a name");
        assert_eq!(text(&raw.stdout), expected);
        let url = ["--endpoint-url", "http://127.0.0.1:9"];
        let curl = run(&[&["export", &*tape, "--curl"][..], &url].concat());
        let encoded = encoded.replace("210987654321", "123456789012");
        assert_eq!(
            text(&curl.stdout),
            format!(
                "printf %s '{{}}' |\n  curl -X POST 'http://127.0.0.1:9/model/{encoded}/converse' \\\n  \
                 -H 'content-type: application/json' \\\n  \
                 -H \"authorization: Bearer $AWS_BEARER_TOKEN_BEDROCK\" \\\n  --data-binary @-\n"
            )
        );
    }

    #[test]
    fn raw_bytes_go_in_and_come_out_as_they_were() {
        let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/text.tape.jsonl");
        let dir = out("raw-tapes");
        fs::create_dir_all(&dir).unwrap();
        let (raw, dir) = (dir.join("text.bin"), dir.to_str().unwrap());
        let raw = raw.to_str().unwrap();
        let done = run(&["export", fixture, "--raw", raw]);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        let tape = Tape::load(fixture).unwrap();
        assert_eq!(tape.body_bytes(), fs::read(raw).unwrap());
        let named = ["--operation", "ConverseStream", "--model", "a.b-v1:0"];
        let done = run(&[&["import", raw, "--out", dir][..], &named].concat());
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        let imported = Tape::load(format!("{dir}/text.bin.tape.jsonl")).unwrap();
        assert_eq!(imported.body_bytes(), tape.body_bytes());
        let url = ["--endpoint-url", "http://127.0.0.1:9"];
        let imported = format!("{dir}/text.bin.tape.jsonl");
        let curl = run(&[&["export", &*imported, "--curl"][..], &url].concat());
        assert_eq!(curl.status.code(), Some(2));
        assert!(text(&curl.stderr).contains("the tape has no request to show"), "{curl:?}");
    }

    #[test]
    fn what_is_asked_for_wrongly_is_a_usage_error() {
        for args in [
            &["export", "x.jsonl"][..],
            &["export", "x.jsonl", "--curl"],
            &["export", "x.jsonl", "--raw", "-", "--curl", "--endpoint-url", "http://localhost"],
            &["import", "x", "--out", "y", "--operation", "Converse"],
            &["import", "x", "--out", "y", "--replace", "a", "b"],
            &["import", "x", "--out", "y", "--scrub", "--replace", "(", "b"],
            &["verify"],
        ] {
            assert_eq!(run(args).status.code(), Some(2), "{args:?}");
        }
        assert_eq!(run(&["import", "none.yaml", "--out", "y"]).status.code(), Some(1));
    }
}
