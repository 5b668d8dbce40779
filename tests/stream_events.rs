//! Whole streams through the event layer: the recorded ones against the
//! reference codec, and streams that are not as they should be against what
//! other decoders did with them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;

use std::collections::BTreeMap;

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use bedrock_wire::fault::ServiceErrorKind;
use bedrock_wire::stream::{
    Accumulated, Accumulator, ConverseStreamOutput, EventDecoder, EventError, EventErrorKind,
    StreamError, StreamErrorKind, StreamEvent,
};
use bytes::Bytes;
use serde_json::{Value, json};

/// All events of a stream, and how it ended.
fn events(stream: &[u8]) -> (Vec<StreamEvent>, Result<(), StreamError>) {
    let mut decoder = EventDecoder::new(None);
    decoder.push(Bytes::copy_from_slice(stream));
    let mut events = Vec::new();
    loop {
        match decoder.next() {
            Ok(Some(event)) => events.push(event),
            Ok(None) => return (events, decoder.finish()),
            Err(error) => return (events, Err(error)),
        }
    }
}

fn accumulate(events: &[StreamEvent]) -> Accumulated {
    let mut accumulator = Accumulator::new();
    for event in events {
        accumulator.add(event);
    }
    accumulator.finish()
}

/// Event type and payload of each frame, by the reference codec.
fn reference_events(stream: &[u8]) -> Vec<(String, Value)> {
    let (mut decoder, mut rest, mut events) = (MessageFrameDecoder::new(), stream, Vec::new());
    while let DecodedFrame::Complete(message) = decoder.decode_frame(&mut rest).unwrap() {
        let header = |name: &str| {
            let header = message.headers().iter().find(|h| h.name().as_str() == name)?;
            Some(header.value().as_string().unwrap().as_str().to_owned())
        };
        let event_type = header(":event-type").or_else(|| header(":exception-type")).unwrap();
        events.push((event_type, serde_json::from_slice(message.payload()).unwrap()));
    }
    events
}

/// What the events of a recording add up to, by the plainest means: strings of
/// the same kind joined, block by block.
#[derive(Default)]
struct Expected {
    role: Value,
    stop: Value,
    metadata: Value,
    blocks: BTreeMap<u64, Plain>,
}

/// A content block as the JSON of its deltas.
#[derive(Default)]
struct Plain {
    start: Value,
    results: Vec<Value>,
    joined: BTreeMap<&'static str, String>,
    citations: Vec<Value>,
}

const KINDS: [(&str, &str); 5] = [
    ("/text", "text"),
    ("/toolUse/input", "input"),
    ("/reasoningContent/text", "reasoning"),
    ("/reasoningContent/signature", "signature"),
    ("/reasoningContent/redactedContent", "redacted"),
];

fn expect(frames: &[(String, Value)]) -> Expected {
    let mut expected = Expected { role: json!("assistant"), ..Expected::default() };
    for (event_type, payload) in frames {
        let index = payload["contentBlockIndex"].as_u64().unwrap_or_default();
        match event_type.as_str() {
            "messageStart" => expected.role = payload["role"].clone(),
            "contentBlockStart" => {
                expected.blocks.entry(index).or_default().start = payload["start"].clone();
            }
            "contentBlockDelta" => expected.blocks.entry(index).or_default().add(&payload["delta"]),
            "contentBlockStop" => {
                expected.blocks.entry(index).or_default();
            }
            "messageStop" => expected.stop = payload.clone(),
            "metadata" => expected.metadata = payload.clone(),
            other => panic!("no rule for {other}"),
        }
    }
    expected
}

impl Plain {
    fn add(&mut self, delta: &Value) {
        let mut known = delta.get("citation").is_some() || delta.get("toolResult").is_some();
        self.results.extend(delta["toolResult"].as_array().cloned().unwrap_or_default());
        self.citations.extend(delta.get("citation").cloned());
        for (pointer, kind) in KINDS {
            if let Some(piece) = delta.pointer(pointer) {
                self.joined.entry(kind).or_default().push_str(piece.as_str().unwrap());
                known = true;
            }
        }
        assert!(known, "no rule for {delta}");
    }

    /// The one block that Converse would have given; none where nothing came.
    fn block(mut self) -> Option<Value> {
        let joined = |kind: &str| self.joined.get(kind).cloned();
        if let Some(result) = self.start.get_mut("toolResult") {
            assert!(
                self.results.iter().all(|part| part.get("json").is_some()),
                "texts would be joined"
            );
            result["content"] = Value::from(self.results);
            return Some(self.start);
        }
        if let Some(mut tool) = self.start.get("toolUse").cloned() {
            let input = joined("input").unwrap_or_default();
            tool["input"] = match input.as_str() {
                "" => json!({}),
                text => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            };
            return Some(json!({ "toolUse": tool }));
        }
        if let Some(redacted) = joined("redacted") {
            return Some(json!({ "reasoningContent": { "redactedContent": redacted } }));
        }
        if joined("reasoning").is_some() || joined("signature").is_some() {
            let mut text = json!({ "text": joined("reasoning").unwrap_or_default() });
            if let Some(signature) = joined("signature") {
                text["signature"] = json!(signature);
            }
            return Some(json!({ "reasoningContent": { "reasoningText": text } }));
        }
        let text = json!({ "text": joined("text")? });
        match self.citations.as_slice() {
            [] => Some(text),
            citations => {
                Some(json!({ "citationsContent": { "content": [text], "citations": citations } }))
            }
        }
    }
}

fn assert_adds_up(accumulated: &Accumulated, expected: Expected, path: &str) {
    let response = serde_json::to_value(&accumulated.response).unwrap();
    assert_eq!(response["output"]["message"]["role"], expected.role, "{path}");
    assert_eq!(response.get("stopReason"), expected.stop.get("stopReason"), "{path}");
    for member in ["usage", "metrics", "trace", "performanceConfig", "serviceTier"] {
        assert_eq!(response.get(member), expected.metadata.get(member), "{path}: {member}");
    }
    let content: Vec<_> = expected.blocks.into_values().filter_map(Plain::block).collect();
    assert_eq!(response["output"]["message"]["content"], Value::from(content), "{path}");
    assert_eq!(accumulated.leftovers, [], "{path}");
}

#[test]
fn recorded_streams_add_up_to_what_their_frames_say() {
    let Some(corpus) = corpus::find("the recorded ConverseStream answers") else {
        return;
    };
    let (mut complete, mut without_metadata, mut broken_off) = (0, 0, 0);
    for recording in corpus.answered("ConverseStream") {
        let stream = recording.response();
        let mut frames = reference_events(&stream);
        let exception = frames.last().is_some_and(|(name, _)| name.ends_with("Exception"));
        let raised = exception.then(|| frames.pop().unwrap());
        let (events, end) = events(&stream);
        assert_eq!(events.len(), frames.len(), "{}: every event before the end", recording.path);
        let accumulated = accumulate(&events);
        assert_adds_up(&accumulated, expect(&frames), &recording.path);
        match raised {
            Some((name, payload)) => {
                broken_off += 1;
                let error = end.expect_err(&recording.path);
                let Some(service) = error.service_error() else {
                    panic!("{}: {error}", recording.path)
                };
                assert_eq!(error.message().unwrap().payload(), &service.raw[..]);
                assert_eq!(service.name.as_deref(), Some(name.as_str()));
                assert_eq!(service.message.as_deref(), payload["message"].as_str());
                assert_ne!(service.kind(), ServiceErrorKind::Other);
                assert_eq!(error.events, events.len() as u64);
            }
            None => {
                complete += 1;
                end.unwrap_or_else(|error| panic!("{}: {error}", recording.path));
                assert!(accumulated.stopped);
                without_metadata += usize::from(!accumulated.metadata);
            }
        }
    }
    eprintln!("{complete} complete ({without_metadata} without metadata), {broken_off} broken off");
    assert!(complete > 75 && broken_off > 0);
}

#[test]
fn a_recorded_text_without_escapes_is_a_slice_of_the_chunk_it_came_in() {
    let Some(corpus) = corpus::find("the recorded ConverseStream answers") else {
        return;
    };
    let (mut shared, mut copied) = (0, 0);
    for recording in corpus.answered("ConverseStream") {
        let stream = Bytes::from(recording.response());
        let chunk = stream.as_ptr_range();
        let mut decoder = EventDecoder::new(None);
        decoder.push(stream.clone());
        while let Ok(Some(event)) = decoder.next() {
            assert!(chunk.contains(&event.payload().as_ptr()));
            let Some(text) = event.text().filter(|text| !text.is_empty()) else {
                continue;
            };
            let escaped = serde_json::to_string(text).unwrap().len() > text.len() + 2;
            assert_eq!(chunk.contains(&text.as_bytes().as_ptr()), !escaped, "{text:?}");
            *(if escaped { &mut copied } else { &mut shared }) += 1;
            let detached = event.clone().detach();
            assert!(!chunk.contains(&detached.text().unwrap().as_bytes().as_ptr()));
            assert!(!chunk.contains(&detached.payload().as_ptr()));
            assert_eq!(detached.output(), event.output());
        }
    }
    eprintln!("{shared} texts are slices, {copied} had escapes");
    assert!(shared > 500 && copied > 50);
}

/// What our decoder makes of each stream in `frames.json`.
enum Verdict {
    /// All events, and a clean end.
    Complete,
    /// A clean end to the bytes, but not to the answer: no `messageStop`.
    NotWhole,
    /// An error of this kind.
    Error(fn(&StreamErrorKind) -> bool),
}
use Verdict::{Complete, Error, NotWhole};

/// Name, verdict, and where the reference decoders disagree the reason for it.
const FRAMES: &[(&str, Verdict, &str)] = &[
    ("good_two", Complete, ""),
    ("bad_prelude_crc", Error(is_corrupt), ""),
    ("bad_message_crc", Error(is_corrupt), ""),
    ("unknown_header_type_10", Error(is_corrupt), ""),
    ("eof_at_0", NotWhole, "all end cleanly; the bytes are whole and the answer is not"),
    ("eof_3_bytes", Error(is_cut), "one says so: bytes held at the end are lost bytes"),
    ("eof_after_prelude_12", Error(is_cut), "one says so: bytes held at the end are lost bytes"),
    ("eof_mid_headers", Error(is_cut), "two say so"),
    ("eof_minus_1", Error(is_cut), "two say so"),
    ("unknown_event_type", Complete, "two drop the event in silence; here it comes out as unknown"),
    ("initial_response", Complete, "two drop it in silence; here it comes out as unknown"),
    ("exception_modeled", Error(is_service), ""),
    ("exception_unmodeled", Error(is_service), ""),
    ("exception_modeled_nonjson", Error(is_service), "all raise; only one loses the name"),
    ("error_type", Error(is_service), "all raise"),
    ("error_no_message", Error(is_service), "all raise; the message may be missing"),
    ("unknown_message_type", Error(is_event), "two refuse; botocore takes it for an event"),
    ("no_message_type", Error(is_event), "two refuse; botocore takes it for an event"),
    ("no_headers", Error(is_event), "two refuse; botocore drops it in silence"),
    ("total_len_0", Error(is_corrupt), ""),
    ("total_len_15", Error(is_corrupt), ""),
    ("header_len_over_total", Error(is_corrupt), ""),
    (
        "huge_total_valid_prelude_crc",
        Error(is_corrupt),
        "botocore refuses; the others wait for 4 GiB",
    ),
    (
        "huge_total_bad_prelude_crc",
        Error(is_corrupt),
        "botocore refuses; the others wait for 4 GiB",
    ),
    ("len_25MiB_plus", Error(is_corrupt), "over our cap on memory; botocore refuses it too"),
    (
        "headers_129KiB",
        Complete,
        "only botocore refuses, against the spec: clients must not reject by size",
    ),
    ("dup_header", Error(is_corrupt), "botocore refuses; the spec says that names are unique"),
    ("header_value_40000", Complete, "all accept, though the spec says 32,767"),
    ("header_name_empty", Complete, "all accept, though the spec says 1 to 255"),
    ("header_value_len_past_end", Error(is_corrupt), "two refuse; botocore cuts the value"),
    ("header_short_int64", Error(is_corrupt), "two refuse; JavaScript's reads into the payload"),
    ("header_bad_utf8", Error(is_corrupt), "two refuse; JavaScript's puts a replacement character"),
    ("payload_bad_json", Error(is_event), "JavaScript's refuses, the others had not parsed it yet"),
    ("payload_empty", Complete, "all accept: an event without members"),
    ("all_header_types", Complete, ""),
];

fn is_corrupt(kind: &StreamErrorKind) -> bool {
    matches!(kind, StreamErrorKind::Corrupt(_))
}

fn is_cut(kind: &StreamErrorKind) -> bool {
    matches!(kind, StreamErrorKind::Cut { .. })
}

fn is_exception(error: &EventError) -> bool {
    matches!(error.kind, EventErrorKind::Service(_))
}

fn is_service(kind: &StreamErrorKind) -> bool {
    matches!(kind, StreamErrorKind::Event(error) if is_exception(error))
}

fn is_event(kind: &StreamErrorKind) -> bool {
    matches!(kind, StreamErrorKind::Event(error) if !is_exception(error))
}

fn unhex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks_exact(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A stream of `frames.json` and what the three reference decoders did.
fn decoder_accepts(outcome: &Value) -> bool {
    outcome.as_array().unwrap().last().unwrap() == "CLEAN_EOF"
}

#[test]
fn malformed_streams_are_taken_as_the_strictest_decoder_takes_them() {
    let Some(corpus) = corpus::find("the good and malformed streams") else {
        return;
    };
    let frames = corpus.json("vectors/eventstream/frames.json");
    let frames = frames.as_object().unwrap();
    assert_eq!(frames.len(), FRAMES.len(), "each stream has its row in the table");
    for (name, verdict, reason) in FRAMES {
        let frame = &frames[*name];
        let (events, end) = events(&unhex(frame["hex"].as_str().unwrap()));
        let accepts: Vec<bool> = frame
            .as_object()
            .unwrap()
            .iter()
            .filter(|(k, _)| *k != "hex")
            .map(|(_, v)| decoder_accepts(v))
            .collect();
        assert_eq!(accepts.len(), 3);
        let agreed = accepts.iter().all(|a| *a) || accepts.iter().all(|a| !a);
        assert!(agreed || !reason.is_empty(), "{name}: a disputed case needs its reason");
        match (verdict, &end) {
            (Complete, Ok(())) => {}
            (NotWhole, Err(error)) => {
                assert_eq!(error.kind, StreamErrorKind::NoMessageStop, "{name}");
            }
            (Error(is_kind), Err(error)) => {
                assert!(is_kind(&error.kind), "{name}: {error}");
                assert!(!accepts.iter().all(|a| *a), "{name}: all accept it");
            }
            _ => panic!("{name}: {} events, {end:?}", events.len()),
        }
    }
}

#[test]
fn an_unknown_event_comes_through_and_adds_up_under_its_name() {
    let Some(corpus) = corpus::find("a stream with an unknown event") else {
        return;
    };
    let frames = corpus.json("vectors/eventstream/frames.json");
    let (events, end) = events(&unhex(frames["unknown_event_type"]["hex"].as_str().unwrap()));
    end.unwrap();
    let ConverseStreamOutput::Unknown(name) = events[1].output() else { panic!("{:?}", events[1]) };
    assert_eq!(*name, "futureEvent");
    assert_eq!(events[1].payload(), br#"{"a":1}"#);
    let leftovers = accumulate(&events).leftovers;
    assert_eq!(leftovers[0].event_type, "futureEvent");
    assert_eq!(leftovers[0].value.as_json(), r#"{"a":1}"#);
}

#[test]
fn a_stream_of_chunks_says_whether_it_is_whole_and_is_none_without_an_event() {
    use bedrock_wire::eventstream::{HeaderValue as Value, Message};
    let frame = |event_type: &str, json: &str| {
        let part = bedrock_wire::model::PayloadPart::new().bytes(json.as_bytes());
        let headers =
            [(":event-type", Value::String(event_type)), (":message-type", Value::String("event"))];
        let payload = serde_json::to_vec(&part).unwrap();
        Message::encode(headers, &payload).unwrap().frame().clone()
    };
    let last = r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":7}}"#;
    let blocked = r#"{"a":1,"amazon-bedrock-guardrailAction":"INTERVENED"}"#;
    for (chunks, is_whole) in
        [(vec!["{}", last], true), (vec![blocked], true), (vec!["{}", "{}"], false)]
    {
        let mut decoder = EventDecoder::of_chunks(None);
        for chunk in chunks {
            decoder.push(frame("chunk", chunk));
        }
        while decoder.next().unwrap().is_some() {}
        decoder.finish().unwrap();
        assert_eq!(decoder.is_stopped(), is_whole);
    }
    let error = EventDecoder::of_chunks(None).finish().unwrap_err();
    assert_eq!(error.kind, StreamErrorKind::Empty);
}
