//! What fuzzing starts from: the fixtures, and the recordings and vectors of the
//! corpus where `BEDROCK_WIRE_CORPUS` says where it is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use bedrock_wire::auth::{BodyHash, Credentials, sign};
use bedrock_wire::eventstream::{Decoder, Message};
use bedrock_wire::tape::{RecordedRequest, RecordedResponse, Tape};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use serde_json::Value;

use crate::{event, signature};

/// Longer seeds slow every run of them down and show nothing new.
const LONGEST: usize = 4096;

/// Seeds by the name of their target; none twice.
#[must_use]
pub fn all() -> BTreeSet<(&'static str, Vec<u8>)> {
    let exchanges = exchanges();
    let streams = exchanges.iter().filter(|e| e.is_stream()).map(|e| e.body.clone());
    let mut seeds = BTreeSet::new();
    for stream in streams.chain(vectors()) {
        of_stream(&stream, &mut seeds);
    }
    for exchange in &exchanges {
        seeds.extend(exchange.tape().map(|tape| ("tape", tape)));
        seeds.extend(exchange.error_body().map(|error| ("error_body", error)));
        seeds.extend(exchange.signed().map(|request| ("signature", request)));
    }
    seeds.extend(fixtures().into_iter().map(|tape| ("tape", tape)));
    seeds.insert(("signature", bearer()));
    seeds.retain(|(_, seed)| seed.len() <= 2 * LONGEST);
    seeds
}

fn of_stream(stream: &Bytes, seeds: &mut BTreeSet<(&'static str, Vec<u8>)>) {
    let messages = messages(stream);
    let start = match stream.len() {
        short if short <= LONGEST => stream.to_vec(),
        _ => first(&messages, |message| message.frame().to_vec(), ""),
    };
    let behind = |choices: &[u8]| [choices, &start].concat();
    seeds.insert(("decoder_raw", start.clone()));
    seeds.insert(("decoder_sealed", start.clone()));
    seeds.insert(("decoder_pieces", behind(&[2, 1, 7, 64, 3, 0, 200, 11])));
    seeds.insert(("decoder_warm", behind(&[1, 7])));
    seeds.insert(("differential", behind(&[0])));
    for message in &messages {
        let headers = message.headers().as_bytes();
        seeds.insert(("headers", headers.to_vec()));
        seeds.insert(("encoder", [&[1, 1], &headers[..headers.len().min(64)]].concat()));
        seeds.extend(line(message).map(|line| ("event", line)));
    }
    let lines = first(&messages, |message| line(message).unwrap_or_default(), "\n");
    seeds.insert(("accumulator", lines));
}

/// The first messages, in some form, that are not too long together.
fn first(messages: &[Message], form: impl Fn(&Message) -> Vec<u8>, between: &str) -> Vec<u8> {
    let mut all: Vec<u8> = Vec::new();
    for message in messages {
        let next = form(message);
        if all.len() + next.len() > LONGEST {
            break;
        }
        all.extend(next);
        all.extend_from_slice(between.as_bytes());
    }
    all
}

/// The number of the event's type and its payload.
fn line(message: &Message) -> Option<Vec<u8>> {
    let headers = [":event-type", ":exception-type"].map(|name| message.headers().get(name));
    let name = headers.into_iter().flatten().next()?.as_str()?;
    let number = event::TYPES.iter().position(|known| *known == name).or_else(|| {
        name.ends_with("Exception")
            .then(|| event::TYPES.iter().position(|known| known.ends_with("Exception")))
            .flatten()
    })?;
    // A digit, which is the number modulo the count of the types.
    let digit = (b'0'..=b'9').find(|digit| usize::from(*digit) % event::TYPES.len() == number)?;
    Some([&[digit], message.payload()].concat())
}

fn messages(stream: &Bytes) -> Vec<Message> {
    let mut decoder = Decoder::new();
    decoder.push(stream.clone());
    std::iter::from_fn(|| decoder.next().ok().flatten()).collect()
}

/// A recorded exchange of the corpus, or of a fixture.
struct Exchange {
    operation: String,
    model: String,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    request: Option<(String, Bytes)>,
}

impl Exchange {
    fn is_stream(&self) -> bool {
        self.status == StatusCode::OK && self.operation.ends_with("Stream")
    }

    fn tape(&self) -> Option<Vec<u8>> {
        let response = RecordedResponse::new(self.status, &self.headers, &self.body);
        let mut tape = Tape::new(&*self.operation, &*self.model, response);
        tape.request = self.request.as_ref().map(|(path, body)| {
            RecordedRequest::new(Method::POST, path, &HeaderMap::new(), body.clone())
        });
        let mut written = Vec::new();
        tape.write(&mut written).ok()?;
        Some(written)
    }

    fn error_body(&self) -> Option<Vec<u8>> {
        let head = format!("{}\n{}", self.status.as_str(), written(&self.headers));
        let is_error = !self.status.is_success();
        is_error.then(|| [head.as_bytes(), b"\n", &self.body].concat())
    }

    fn signed(&self) -> Option<Vec<u8>> {
        let (path, body) = self.request.as_ref().filter(|(_, body)| body.len() < 1024)?;
        let host = "bedrock-runtime.us-east-1.amazonaws.com";
        let request = Request::post(format!("https://{host}{path}"))
            .header("content-type", "application/json");
        let (mut head, ()) = request.body(()).ok()?.into_parts();
        let key = Credentials::new(signature::ID, signature::SECRET, None, None, "example");
        sign(&mut head, BodyHash::of(body), &key, "us-east-1", signature::now()).ok()?;
        let text = format!("POST {path}\nhost: {host}\n{}\n", written(&head.headers));
        Some([text.as_bytes(), body].concat())
    }
}

fn written(headers: &HeaderMap) -> String {
    let line = |(name, value): (&HeaderName, &HeaderValue)| {
        format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()))
    };
    headers.iter().map(line).collect()
}

fn bearer() -> Vec<u8> {
    let authorization = format!("authorization: Bearer {}", signature::BEARER);
    format!("POST /model/a.b-v1%3A0/converse\nhost: localhost:8080\n{authorization}\n\n{{}}").into()
}

fn exchanges() -> Vec<Exchange> {
    let of_tape = |bytes: &Vec<u8>| {
        let tape = Tape::read(&**bytes, "fixture").expect("a fixture is a tape");
        Exchange {
            operation: tape.operation.clone(),
            model: tape.model.clone(),
            status: tape.response.status(),
            headers: tape.response.headers().to_map(),
            body: tape.body_bytes(),
            request: tape.request.as_ref().map(|r| (r.path().to_owned(), r.body().clone())),
        }
    };
    let mut exchanges: Vec<_> = fixtures().iter().map(of_tape).collect();
    if let Some(corpus) = corpus() {
        let index = json(&corpus.join("recordings/index.json"));
        exchanges.extend(index.as_array().into_iter().flatten().map(|row| recorded(&corpus, row)));
    }
    exchanges
}

fn recorded(corpus: &Path, row: &Value) -> Exchange {
    let text = |row: &Value, member: &str| row[member].as_str().expect(member).to_owned();
    let dir = corpus.join("recordings").join(text(row, "path"));
    let meta = json(&dir.join("response.meta.json"));
    let status = meta["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let request = row["has_request"].as_bool().unwrap_or_default().then(|| {
        let url = text(&json(&dir.join("request.meta.json")), "url");
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        (format!("/{path}"), read(&dir.join("request.json")).into())
    });
    Exchange {
        operation: text(row, "operation"),
        model: text(row, "model"),
        status: StatusCode::from_u16(status.unwrap_or_default()).expect("a status"),
        headers: headers(&meta["headers"]),
        body: read(&dir.join("response.bin")).into(),
        request,
    }
}

fn headers(pairs: &Value) -> HeaderMap {
    let pairs = pairs.as_array().into_iter().flatten();
    let header = |pair: &Value| {
        Some((pair[0].as_str()?.parse().ok()?, HeaderValue::from_str(pair[1].as_str()?).ok()?))
    };
    pairs.filter_map(header).collect()
}

/// The streams of the codec suites, good and malformed.
fn vectors() -> Vec<Bytes> {
    let Some(corpus) = corpus() else { return Vec::new() };
    let dir = corpus.join("vectors/eventstream");
    let mut streams = Vec::new();
    for row in json(&dir.join("index.json")).as_array().into_iter().flatten() {
        let name = |member: &str| row[member].as_str().unwrap_or_default();
        let path = dir.join(name("suite")).join(format!("{}.bin", name("name")));
        // One is but described, for its 24 MiB.
        streams.extend(fs::read(path).ok().filter(|s| s.len() <= LONGEST).map(Bytes::from));
    }
    for row in json(&dir.join("frames.json")).as_object().into_iter().flat_map(|o| o.values()) {
        let digits = row["hex"].as_str().unwrap_or_default();
        let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        streams.push((0..digits.len()).step_by(2).map_while(byte).collect());
    }
    streams
}

fn fixtures() -> Vec<Vec<u8>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let files = fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let paths = files.map(|file| file.expect("a directory can be read").path());
    let tapes = paths.filter(|path| path.extension().is_some_and(|e| e == "jsonl"));
    tapes.map(|path| read(&path)).collect()
}

fn corpus() -> Option<PathBuf> {
    env::var_os("BEDROCK_WIRE_CORPUS").map(PathBuf::from)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&read(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
