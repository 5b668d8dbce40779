//! What is measured: streams to decode, and the work over them, ours and that
//! of others.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "a module of each bench, which uses a part"
)]
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a bench fails by panicking")]

#[path = "../../tests/corpus/mod.rs"]
mod corpus;

use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use bedrock_wire::endpoint::Endpoint;
use bedrock_wire::eventstream::{Decoder, HeaderValue, Message};
use bedrock_wire::model::{
    self, ContentBlock, ContentBlockDeltaEvent, ConversationRole, ConverseRequest, from_bytes,
};
use bedrock_wire::operation::{ModelId, Request, converse};
use bedrock_wire::stream::{Accumulator, EventDecoder, StreamEvent};
use bytes::{Bytes, BytesMut};
use serde_json::value::RawValue;

/// Does the work and says of how many items; calls what it is given right before
/// and right after.
type Run<'a> = Box<dyn Fn(&mut dyn FnMut()) -> usize + 'a>;

/// Something to do over and over. What it is done to is made anew each time, and
/// that is not measured.
pub struct Work<'a> {
    pub name: String,
    run: Run<'a>,
}

impl<'a> Work<'a> {
    pub fn new<T>(
        name: impl Into<String>,
        prepare: impl Fn() -> T + 'a,
        work: impl Fn(T) -> usize + 'a,
    ) -> Self {
        let run = move |look: &mut dyn FnMut()| {
            let prepared = prepare();
            look();
            let items = counted(&work, prepared);
            look();
            items
        };
        Self { name: name.into(), run: Box::new(run) }
    }

    /// Looks at a gauge right before and right after the work, and says what
    /// it showed and how many items were done.
    pub fn run_by<G>(&self, gauge: impl Fn() -> G) -> ([G; 2], usize) {
        let mut seen = Vec::with_capacity(2);
        let items = (self.run)(&mut || seen.push(gauge()));
        let seen = seen.try_into().unwrap_or_else(|_| panic!("{} was not run once", self.name));
        (seen, items)
    }

    /// How long it took, and how many items were done.
    pub fn run(&self) -> (Duration, usize) {
        let ([start, end], items) = self.run_by(Instant::now);
        (end - start, items)
    }
}

/// What callgrind looks at.
#[inline(never)]
fn counted<T>(work: &impl Fn(T) -> usize, prepared: T) -> usize {
    black_box(work(black_box(prepared)))
}

/// Streams under a name.
pub struct Corpus {
    pub name: &'static str,
    pub streams: Vec<Bytes>,
}

/// What a plain clone has, and the recordings where they are.
pub fn corpora() -> Vec<Corpus> {
    let mut corpora = vec![fixtures(), escapes()];
    if let Some(corpus) = corpus::find("the recordings") {
        let recordings = corpus.answered("ConverseStream");
        let streams = recordings.iter().map(|recording| recording.response().into());
        corpora.push(Corpus { name: "recordings", streams: streams.collect() });
    }
    corpora
}

/// The streams of the tapes in `fixtures/`.
pub fn fixtures() -> Corpus {
    let tapes = [
        include_str!("../../fixtures/text.tape.jsonl"),
        include_str!("../../fixtures/reasoning.tape.jsonl"),
        include_str!("../../fixtures/tool.tape.jsonl"),
    ];
    let streams =
        tapes.iter().map(|tape| tape.lines().filter_map(frame).flatten().collect::<Vec<u8>>());
    Corpus { name: "fixtures", streams: streams.map(Bytes::from).collect() }
}

/// The frame of a tape's line, if the line is one.
fn frame(line: &str) -> Option<Vec<u8>> {
    #[derive(serde::Deserialize)]
    struct Line<'a> {
        #[serde(borrow)]
        frame: Option<Frame<'a>>,
    }
    #[derive(serde::Deserialize)]
    struct Frame<'a> {
        headers: serde_json::Map<String, serde_json::Value>,
        #[serde(borrow)]
        payload: &'a RawValue,
    }
    let frame = serde_json::from_str::<Line<'_>>(line).unwrap().frame?;
    // In the order of the wire.
    let names = [":event-type", ":content-type", ":message-type"];
    let headers =
        names.map(|name| (name, HeaderValue::String(frame.headers[name].as_str().unwrap())));
    Some(encode(&headers, frame.payload.get().as_bytes()))
}

/// Pieces of text with more escapes than real ones have: code, quotes, text in
/// ASCII alone; short and long.
pub fn escapes() -> Corpus {
    let code = "fn main() {\\n    println!(\\\"{}\\\", \\\"a\\\\tb\\\");\\n}\\n";
    let spelled = "\\u00fcber \\u20ac5 \\ud83d\\ude00 caf\\u00e9 ";
    let texts = [
        "\\n".to_owned(),
        "\\n\\n".to_owned(),
        "one\\ntwo".to_owned(),
        "said \\\"so\\\"".to_owned(),
        code.to_owned(),
        spelled.to_owned(),
        "\\\"".repeat(100),
        "a long line that has nothing of the kind in it, and goes on. ".repeat(8) + "\\n",
        code.repeat(20),
        code.repeat(200),
        spelled.repeat(40),
    ];
    let headers = [
        (":event-type", HeaderValue::String("contentBlockDelta")),
        (":content-type", HeaderValue::String("application/json")),
        (":message-type", HeaderValue::String("event")),
    ];
    let frames = texts.iter().map(|text| {
        let payload = format!(
            "{{\"contentBlockIndex\":0,\"delta\":{{\"text\":\"{text}\"}},\"p\":\"abcdefghijkl\"}}"
        );
        encode(&headers, payload.as_bytes())
    });
    Corpus { name: "escapes", streams: vec![frames.collect::<Vec<_>>().concat().into()] }
}

fn encode(headers: &[(&str, HeaderValue<'_>)], payload: &[u8]) -> Vec<u8> {
    Message::encode(headers.iter().copied(), payload).unwrap().frame().to_vec()
}

/// How a stream arrives.
#[derive(Clone, Copy)]
pub enum Arrival {
    Whole,
    Pieces(usize),
    FrameByFrame,
}

/// The pieces in which each stream arrives. Each has been shared before, as
/// those of an HTTP client are that cuts them off its buffer.
pub fn pieces(streams: &[Bytes], arrival: Arrival) -> Vec<Vec<Bytes>> {
    let pieces = |stream: &Bytes| match arrival {
        Arrival::Whole => vec![stream.clone()],
        Arrival::Pieces(size) => stream.chunks(size).map(|piece| stream.slice_ref(piece)).collect(),
        Arrival::FrameByFrame => messages(stream).iter().map(|m| m.frame().clone()).collect(),
    };
    streams.iter().map(pieces).collect()
}

/// The messages of a stream.
pub fn messages(stream: &Bytes) -> Vec<Message> {
    let mut decoder = Decoder::new();
    decoder.push(stream.clone());
    let messages = std::iter::from_fn(|| decoder.next().unwrap()).collect();
    decoder.finish().unwrap();
    messages
}

/// All messages, in the order of the streams.
pub fn all_messages(streams: &[Bytes]) -> Vec<Message> {
    streams.iter().flat_map(messages).collect()
}

/// Decodes every frame of pieces that are handed over, validated, with headers and payload at hand.
pub fn decode(streams: Vec<Vec<Bytes>>) -> usize {
    let mut count = 0;
    for pieces in streams {
        let mut decoder = Decoder::new();
        for piece in pieces {
            decoder.push(piece);
            while let Some(message) = decoder.next().unwrap() {
                black_box((message.headers(), message.payload()));
                count += 1;
            }
        }
    }
    count
}

/// The same by `aws-smithy-eventstream`.
pub fn decode_by_smithy(streams: Vec<Vec<Bytes>>) -> usize {
    let mut count = 0;
    for pieces in streams {
        let (mut decoder, mut buffer) = (MessageFrameDecoder::new(), BytesMut::new());
        for piece in pieces {
            buffer.extend_from_slice(&piece);
            while let DecodedFrame::Complete(message) = decoder.decode_frame(&mut buffer).unwrap() {
                black_box((message.headers(), message.payload()));
                count += 1;
            }
        }
    }
    count
}

/// The least that a validated frame costs: its checksum.
pub fn checksums(messages: &[Message]) -> usize {
    for message in messages {
        black_box(crc32fast::hash(message.frame()));
    }
    messages.len()
}

/// Every event typed, with its text.
pub fn events(streams: Vec<Vec<Bytes>>) -> usize {
    let mut count = 0;
    for pieces in streams {
        let mut decoder = EventDecoder::new(None);
        for piece in pieces {
            decoder.push(piece);
            // Two of the recordings end with an exception.
            while let Ok(Some(event)) = decoder.next() {
                black_box(event.text());
                count += 1;
            }
        }
    }
    count
}

/// The messages of pieces of content.
pub fn deltas(messages: &[Message]) -> Vec<Message> {
    let delta = Some(HeaderValue::String("contentBlockDelta"));
    messages.iter().filter(|m| m.headers().get(":event-type") == delta).cloned().collect()
}

/// The payloads of pieces of content as the event layer reads them.
pub fn read(deltas: &[Message]) -> usize {
    for message in deltas {
        black_box(StreamEvent::from_message(message.clone()).unwrap());
    }
    deltas.len()
}

/// The same into the same types by serde alone.
pub fn read_by_serde(deltas: &[Message]) -> usize {
    for message in deltas {
        black_box(from_bytes::<ContentBlockDeltaEvent>(&message.payload_bytes()).unwrap());
    }
    deltas.len()
}

/// The same by `serde_json` at its best: derived types of what is wanted alone,
/// a string of its own, and none of the message kept.
pub fn read_by_derived_serde(deltas: &[Message]) -> usize {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code, reason = "read to be measured")]
    struct Event {
        content_block_index: i32,
        delta: Delta,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code, reason = "read to be measured")]
    enum Delta {
        Text(String),
        ToolUse {
            input: String,
        },
        ReasoningContent(Reasoning),
        #[serde(untagged)]
        Other(Box<RawValue>),
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code, reason = "read to be measured")]
    enum Reasoning {
        Text(String),
        Signature(String),
        RedactedContent(String),
    }
    for message in deltas {
        black_box(serde_json::from_slice::<Event>(message.payload()).ok());
    }
    deltas.len()
}

/// Every event added up to the response.
pub fn accumulate(streams: &[Vec<StreamEvent>]) -> usize {
    for events in streams {
        let mut accumulator = Accumulator::new();
        for event in events {
            accumulator.add(event);
        }
        black_box(accumulator.finish());
    }
    streams.iter().map(Vec::len).sum()
}

/// A conversation as an agent has it: many messages of a few blocks.
pub fn request() -> ConverseRequest {
    let block = |n| ContentBlock::from(format!("Paragraph {n}: \"text\" of a few words."));
    let messages = (0..20).map(|_| {
        model::Message::new(ConversationRole::User, (0..5).map(block).collect::<Vec<_>>())
    });
    ConverseRequest::new().messages(messages.collect::<Vec<_>>())
}

/// A history of 1 MiB of code and prose, with as many escapes.
pub fn long_request() -> ConverseRequest {
    let text = "He said: \"no\".\nThen he went on, for a while, and sat down. ".repeat(35);
    let count = (1 << 20) / text.len();
    ConverseRequest::new().messages(vec![model::Message::user(text); count])
}

/// Bytes of its body.
pub fn length(request: &ConverseRequest) -> u64 {
    built(request).body().len()
}

/// A request's body by serde; an item is a block.
pub fn write(request: &ConverseRequest) -> usize {
    black_box(serde_json::to_vec(request).expect("it has a form in JSON"));
    blocks(request)
}

/// The request, built and not signed; an item is a block.
pub fn build(request: &ConverseRequest) -> usize {
    black_box(built(request));
    blocks(request)
}

/// The request, built and signed; an item is a block.
#[cfg(feature = "sigv4")]
pub fn sign(request: &ConverseRequest) -> usize {
    use bedrock_wire::{auth::Credentials, endpoint::Region};

    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let credentials = Credentials::new("AKIDEXAMPLE", secret, None, None, "example");
    let (mut built, region) = (built(request), Region::new("us-east-1").expect("a region"));
    built.sign(&credentials, &region, std::time::SystemTime::now()).expect("a signature");
    black_box(built);
    blocks(request)
}

fn built(request: &ConverseRequest) -> Request {
    let endpoint = Endpoint::custom("https://bedrock.example").expect("a URL");
    let model = ModelId::new("a.b-v1:0").expect("a model's id");
    converse::build(&endpoint, &model, request).expect("a request")
}

fn blocks(request: &ConverseRequest) -> usize {
    request.messages.iter().flatten().map(|message| message.content.len()).sum()
}

/// The events of each stream.
pub fn stream_events(streams: &[Bytes]) -> Vec<Vec<StreamEvent>> {
    let events =
        |stream| messages(stream).into_iter().filter_map(|m| StreamEvent::from_message(m).ok());
    streams.iter().map(|stream| events(stream).collect()).collect()
}

/// Every frame encoded anew from headers and payload.
pub fn encode_all(messages: &[Message]) -> usize {
    for message in messages {
        black_box(Message::encode(message.headers(), message.payload()).unwrap());
    }
    messages.len()
}
