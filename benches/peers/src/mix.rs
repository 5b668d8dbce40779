//! What is decoded: streams with the shape of real traffic.

use std::fs;
use std::path::{Path, PathBuf};

use bedrock_wire::eventstream::{HeaderValue, Message, MessageRef};
use bytes::Bytes;
use crc32fast::Hasher;
use serde_json::{Value, json};

/// A stream, and what is in it.
pub struct Mix {
    pub name: &'static str,
    pub bytes: Bytes,
    /// Where each frame ends.
    pub ends: Vec<usize>,
}

impl Mix {
    fn new(name: &'static str, bytes: Vec<u8>) -> Self {
        let (mut ends, mut at) = (Vec::new(), 0);
        while let Ok(Some(message)) = MessageRef::decode(&bytes[at..]) {
            at += message.frame().len();
            ends.push(at);
        }
        assert_eq!(at, bytes.len(), "{name}: whole frames");
        Mix { name, bytes: bytes.into(), ends }
    }

    pub fn frames(&self) -> u64 {
        self.ends.len() as u64
    }

    /// In pieces of this size, all of one allocation.
    pub fn pieces(&self, size: usize) -> Vec<Bytes> {
        let mut rest = self.bytes.clone();
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            pieces.push(rest.split_to(size.min(rest.len())));
        }
        pieces
    }

    /// A frame a piece.
    pub fn by_frame(&self) -> Vec<Bytes> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| self.bytes.slice(start..end)).collect()
    }

    /// The payload of each frame: no checks.
    pub fn payloads(&self) -> impl Iterator<Item = &[u8]> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| {
            let headers = self.bytes[start + 4..start + 8].try_into().expect("4 bytes");
            &self.bytes[start + 12 + u32::from_be_bytes(headers) as usize..end - 4]
        })
    }

    /// All texts behind one another, by serde_json alone: what each client must
    /// give.
    pub fn text(&self) -> String {
        self.payloads()
            .filter_map(|payload| {
                let value: Value = serde_json::from_slice(payload).expect("JSON");
                Some(value["delta"]["text"].as_str()?.to_owned())
            })
            .collect()
    }
}

/// What a decoder found: how many frames, and a checksum over the event types
/// and payloads of all.
#[derive(Clone, Default)]
pub struct Found {
    frames: u64,
    checksum: Hasher,
}

impl Found {
    pub fn add(&mut self, event_type: &[u8], payload: &[u8]) {
        self.frames += 1;
        self.checksum.update(event_type);
        self.checksum.update(payload);
    }

    pub fn finish(self) -> String {
        format!("{} {}", self.frames, self.checksum.finalize())
    }
}

/// The recorded answers to ConverseStream that end well, one behind the other;
/// without the corpus the tapes in `fixtures/`.
pub fn real() -> Mix {
    match std::env::var_os("BEDROCK_WIRE_CORPUS") {
        Some(corpus) => Mix::new("recorded traffic", recorded(Path::new(&corpus))),
        None => Mix::new("fixtures", fixtures().repeat(40)),
    }
}

fn recorded(corpus: &Path) -> Vec<u8> {
    let root = corpus.join("recordings");
    let index = fs::read(root.join("index.json")).expect("the corpus has an index");
    let rows: Vec<Value> = serde_json::from_slice(&index).expect("the index is JSON");
    let mut bytes = Vec::new();
    for row in rows {
        if row["operation"] == "ConverseStream" && row["status"] == 200 {
            let path: PathBuf = root.join(row["path"].as_str().expect("a path"));
            let stream = fs::read(path.join("response.bin")).expect("a recording");
            if !String::from_utf8_lossy(&stream).contains(":exception-type") {
                bytes.extend(stream);
            }
        }
    }
    bytes
}

fn fixtures() -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    ["text", "reasoning", "tool"].iter().flat_map(|name| frames_of(&root, name)).collect()
}

/// The frames of a tape, encoded from its lines.
fn frames_of(root: &Path, name: &str) -> Vec<u8> {
    let tape = fs::read_to_string(root.join(format!("{name}.tape.jsonl"))).expect("a fixture");
    let lines = tape.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let frames = lines.filter_map(|line| line.get("frame").cloned());
    frames
        .flat_map(|frame| {
            let kind = frame["headers"][":event-type"].as_str().expect("an event").to_owned();
            event(&kind, &frame["payload"])
        })
        .collect()
}

/// Texts of 1 to 4 KB of which every fifth character is escaped: what code and
/// quotes in an answer look like.
pub fn escapes() -> Mix {
    let text = "if (a < \"b\") {\n\treturn \"\\d+\";\n}\n";
    let mut bytes = event("messageStart", &json!({"role": "assistant"}));
    for index in 0..400 {
        let text = text.repeat(30 + index % 90);
        let delta = json!({"contentBlockIndex": 0, "delta": {"text": text}, "p": "abcdefgh"});
        bytes.extend(event("contentBlockDelta", &delta));
    }
    bytes.extend(event("messageStop", &json!({"stopReason": "end_turn"})));
    Mix::new("long texts full of escapes", bytes)
}

/// A stream of so many events, and in each a text as models write them: a word
/// or two, padded as the service pads.
pub fn made(events: usize) -> Mix {
    const WORDS: [&str; 8] =
        ["The sky", " looks", " blue", " because", " air molecules", " scatter", ",", " say, blue"];
    const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut bytes = event("messageStart", &json!({"role": "assistant"}));
    for index in 0..events - 4 {
        let (text, padding) = (WORDS[index % WORDS.len()], &PADDING[..index * 7 % PADDING.len()]);
        let delta = json!({"contentBlockIndex": 0, "delta": {"text": text}, "p": padding});
        bytes.extend(event("contentBlockDelta", &delta));
    }
    let usage = json!({"inputTokens": 9, "outputTokens": events, "totalTokens": events + 9});
    let metadata = json!({"usage": usage, "metrics": {"latencyMs": 1000}});
    bytes.extend(event("contentBlockStop", &json!({"contentBlockIndex": 0})));
    bytes.extend(event("messageStop", &json!({"stopReason": "end_turn"})));
    bytes.extend(event("metadata", &metadata));
    Mix::new("a made stream", bytes)
}

pub fn event(kind: &str, payload: &Value) -> Vec<u8> {
    let headers = [
        (":event-type", HeaderValue::String(kind)),
        (":content-type", HeaderValue::String("application/json")),
        (":message-type", HeaderValue::String("event")),
    ];
    let payload = payload.to_string();
    Message::encode(headers, payload.as_bytes()).expect("within the limits").frame().to_vec()
}
