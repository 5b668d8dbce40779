//! Recordings and fixtures as tapes: to the byte there and back, and malformed
//! ones told by line and member.
#![cfg(feature = "replay")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;
mod frames;

use std::fs;
use std::path::{Path, PathBuf};

use bedrock_wire::eventstream::{HeaderValue, Message};
use bedrock_wire::import::{self, ImportError, tape_path};
use bedrock_wire::model::{ContentBlock, ConverseOutput, Document};
use bedrock_wire::stream::{Accumulated, Accumulator, EventDecoder};
use bedrock_wire::tape::{
    End, Frame, Micros, Piece, RecordedBody, RecordedRequest, RecordedResponse, Tape,
};
use bytes::Bytes;
use frames::{by_reference, in_its_terms};
use http::{HeaderMap, HeaderValue as Value, Method, StatusCode};
use serde_json::json;

/// The one recorded request body that is not JSON: a comma is missing.
const NOT_JSON: &str = "pydantic__pydantic-ai/test_bedrock_model_other_parameters-0";

fn written(tape: &Tape) -> String {
    let mut bytes = Vec::new();
    tape.write(&mut bytes).expect("memory takes it");
    String::from_utf8(bytes).expect("a tape is UTF-8")
}

fn read(text: &str) -> Tape {
    Tape::read(text.as_bytes(), "test.tape.jsonl").unwrap_or_else(|e| panic!("{e}"))
}

/// The tape as text, after checking that it comes back from that as it was.
fn there_and_back(tape: &Tape) -> String {
    let text = written(tape);
    let again = read(&text);
    assert_eq!(again, *tape);
    assert_eq!(written(&again), text);
    text
}

fn stream_headers() -> HeaderMap {
    let value = Value::from_static("application/vnd.amazon.eventstream");
    HeaderMap::from_iter([(http::header::CONTENT_TYPE, value)])
}

fn stream_tape(body: &Bytes) -> Tape {
    let response = RecordedResponse::new(StatusCode::OK, &stream_headers(), body);
    Tape::new("ConverseStream", "amazon.nova-lite-v1:0", response)
}

fn frames_of(tape: &Tape) -> (&[Frame], &Bytes) {
    match tape.response.body() {
        RecordedBody::Stream { frames, rest } => (frames, rest),
        other => panic!("not a stream: {other:?}"),
    }
}

fn fixture(name: &str) -> (String, Tape) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
    (text, Tape::load(&path).unwrap_or_else(|e| panic!("{e}")))
}

#[test]
fn every_recording_becomes_a_tape_that_brings_back_its_bytes() {
    let Some(corpus) = corpus::find("recordings as tapes") else {
        return;
    };
    let mut tapes: Vec<_> = import::recordings(corpus.root().join("recordings")).collect();
    let (mut frames, mut pieces, mut bodies) = (0, 0, 0);
    let recordings = corpus.recordings();
    assert_eq!(tapes.len(), recordings.len());
    for recording in &recordings {
        let at = tapes.iter().position(|(path, _)| path == Path::new(&recording.path));
        let (path, tape) = tapes.swap_remove(at.unwrap_or_else(|| panic!("{}", recording.path)));
        let tape = tape.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let text = there_and_back(&tape);
        let meta = recording.response_meta();
        assert!(tape.body_bytes() == recording.response(), "{}", recording.path);
        assert_eq!((&tape.operation, &tape.model), (&recording.operation, &recording.model));
        assert_eq!(tape.response.status().as_u16(), recording.status);
        assert!(tape.source.as_ref().unwrap().starts_with(meta["source_repo"].as_str().unwrap()));
        let body = tape.request.as_ref().map(|request| request.body().to_vec());
        assert_eq!(body, recording.request(), "{}", recording.path);
        if let Some(request) = &tape.request {
            let url = recording.request_meta()["url"].as_str().unwrap().to_owned();
            assert!(url.ends_with(request.path()) && request.path().contains("/model/"));
            bodies += 1;
        }
        if let RecordedBody::Stream { frames: cut, rest } = tape.response.body() {
            assert!(rest.is_empty());
            frames += cut.len();
            let base64 = text.lines().filter(|line| line.starts_with(r#"{"frame":{"base64""#));
            assert_eq!(base64.count(), 0, "{}", recording.path);
        }
        assert_eq!(tape.response.pieces().is_some(), !meta["read_sizes"].is_null());
        pieces += usize::from(tape.response.pieces().is_some());
    }
    println!(
        "{} tapes, {bodies} requests, {frames} frames, {pieces} with pieces",
        recordings.len()
    );
    assert!(tapes.is_empty());
    assert!(recordings.len() >= 646 && bodies >= 640 && frames > 3000 && pieces >= 44);
}

#[test]
fn a_tape_of_a_recording_has_the_frames_that_the_reference_reads() {
    let Some(corpus) = corpus::find("frames of tapes") else {
        return;
    };
    let mut count = 0;
    for recording in corpus.answered("ConverseStream") {
        let tape = stream_tape(&recording.response().into());
        let (again, expected) = (read(&written(&tape)), by_reference(&recording.response()));
        let frames = frames_of(&again).0;
        assert_eq!(frames.len(), expected.len(), "{}", recording.path);
        for (frame, (expected, _)) in frames.iter().zip(expected) {
            let message = Message::decode(frame.bytes.clone()).unwrap();
            assert_eq!(in_its_terms(&message), expected, "{}", recording.path);
            count += 1;
        }
    }
    println!("{count} frames");
    assert!(count > 2000, "only {count} frames");
}

#[test]
fn a_recorded_request_that_is_not_json_is_kept_as_text() {
    let Some(corpus) = corpus::find("the recorded request that is not JSON") else {
        return;
    };
    let mut tapes = import::recordings(corpus.root().join("recordings"));
    let (_, tape) = tapes.find(|(path, _)| path == Path::new(NOT_JSON)).unwrap();
    let tape = tape.unwrap();
    assert!(written(&tape).lines().nth(1).unwrap().contains(r#","body_text":"{\"messages\""#));
    assert_eq!(tape.request.unwrap().canonical_body(), None);
}

#[test]
fn no_header_of_a_recorded_request_but_those_listed_is_on_its_tape() {
    let Some(corpus) = corpus::find("headers of recorded requests") else {
        return;
    };
    for (path, tape) in import::recordings(corpus.root().join("recordings")) {
        let tape = tape.unwrap();
        let kept = tape.request.iter().flat_map(|request| request.headers().iter());
        for (name, _) in kept {
            let known = ["accept", "content-type"].contains(&name.as_str());
            assert!(known || name.as_str().starts_with("x-amzn-bedrock-"), "{}", path.display());
        }
    }
}

#[test]
fn malformed_streams_come_back_to_the_byte() {
    let Some(corpus) = corpus::find("malformed streams as tapes") else {
        return;
    };
    let vectors = corpus.json("vectors/eventstream/frames.json");
    let vectors = vectors.as_object().unwrap();
    let (mut with_rest, mut as_base64) = (Vec::new(), Vec::new());
    for (name, vector) in vectors {
        let hex = vector["hex"].as_str().unwrap();
        let bytes = (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16));
        let body = Bytes::from(bytes.collect::<Result<Vec<_>, _>>().unwrap());
        let tape = stream_tape(&body);
        let text = there_and_back(&tape);
        assert!(read(&text).body_bytes() == body, "{name}");
        if !frames_of(&tape).1.is_empty() {
            with_rest.push(name.as_str());
        }
        if text.contains(r#"{"frame":{"base64""#) {
            as_base64.push(name.as_str());
        }
    }
    println!("{} streams; a rest: {with_rest:?}; base64: {as_base64:?}", vectors.len());
    assert!(vectors.len() >= 35);
    // What decodes here, but would not be encoded or is no JSON.
    for name in ["headers_129KiB", "header_name_empty", "header_value_40000", "payload_bad_json"] {
        assert!(as_base64.contains(&name), "{name}");
    }
    for name in ["bad_prelude_crc", "bad_message_crc", "dup_header", "total_len_15"] {
        assert!(with_rest.contains(&name), "{name}");
    }
    for name in ["all_header_types", "error_no_message", "payload_empty", "no_headers"] {
        assert!(!as_base64.contains(&name) && !with_rest.contains(&name), "{name}");
    }
}

#[test]
fn secrets_of_a_request_never_reach_a_tape() {
    let mut headers = HeaderMap::new();
    let secrets = [
        ("authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/secret-1"),
        ("x-amz-security-token", "secret-2"),
        ("cookie", "secret-3"),
        ("proxy-authorization", "secret-4"),
        ("x-api-key", "secret-5"),
        ("user-agent", "secret-6"),
        ("x-amzn-bedrock-request-metadata", r#"{"team":"secret-9"}"#),
    ];
    for (name, value) in secrets {
        headers.insert(name, Value::from_static(value));
    }
    headers.insert("content-type", Value::from_static("application/json"));
    let path = "/model/amazon.nova-lite-v1%3A0/converse-stream?X-Amz-Security-Token=secret-7";
    let request = RecordedRequest::new(Method::POST, path, &headers, Bytes::from_static(b"{}"));
    let mut answered = stream_headers();
    answered.insert("set-cookie", Value::from_static("secret-8"));
    let mut tape = stream_tape(&Bytes::new());
    tape.response = RecordedResponse::new(StatusCode::OK, &answered, &Bytes::new());
    tape.request = Some(request);
    let text = there_and_back(&tape);
    for hidden in ["secret", "AKIDEXAMPLE", "authorization", "token", "cookie"] {
        assert!(!text.to_lowercase().contains(&hidden.to_lowercase()), "{hidden} in {text}");
    }
    assert!(
        text.contains(r#""headers":[["content-type","application/json"]],"body":{}"#),
        "{text}"
    );
}

#[test]
fn pieces_and_times_are_kept_and_a_cut_stream_loses_nothing() {
    let header = [(":event-type", HeaderValue::String("x"))];
    let message = Message::encode(header, b"{}").unwrap();
    let frame = message.frame();
    let pieces = [
        (frame.slice(..10), Some(Micros(10))),
        (Bytes::from([&frame[10..], frame].concat()), Some(Micros(20))),
        (frame.slice(..5), None),
    ];
    let response = RecordedResponse::from_pieces(StatusCode::OK, &stream_headers(), pieces)
        .with_at(Micros(5))
        .with_end(End::Cut);
    let tape = Tape::new("ConverseStream", "m", response);
    let text = there_and_back(&tape);
    let lines: Vec<_> = text.lines().skip(2).collect();
    let frame_line = r#"{"frame":{"headers":{":event-type":"x"},"payload":{}},"at":20}"#;
    assert_eq!(
        lines,
        [
            r#"{"response":{"status":200,"headers":[["content-type","application/vnd.amazon.eventstream"]],"at":5}}"#,
            frame_line,
            frame_line,
            r#"{"rest":{"base64":"AAAAIgA=","why":"the input ends inside a message: 5 bytes arrived, fewer than the 12 of a prelude"}}"#,
            r#"{"pieces":[[10,10],[58,20],[5,null]],"end":"cut"}"#,
        ]
    );
    let last = Piece::new(5, None);
    assert_eq!(tape.response.pieces().and_then(<[Piece]>::last), Some(&last));
}

/// Six good lines, to be broken one by one.
const GOOD: [&str; 6] = [
    r#"{"tape":1,"operation":"ConverseStream","model":"m","source":null}"#,
    r#"{"request":{"method":"POST","path":"/model/m/converse-stream","headers":[],"body":{}}}"#,
    r#"{"response":{"status":200,"headers":[],"at":5}}"#,
    r#"{"frame":{"headers":{":event-type":"x"},"payload":{}},"at":6}"#,
    r#"{"rest":{"base64":"AAAA","why":"cut"}}"#,
    r#"{"pieces":[[34,6],[3,7]],"end":"cut"}"#,
];

/// A line to put in place of a good one, and how its error begins.
const BROKEN: [(usize, &str, &str); 23] = [
    (
        1,
        r#"{"tape":2,"anything":1}"#,
        "the tape is of version 2 and this build reads version 1: use a release of bedrock-wire that reads version 2",
    ),
    (1, r#"{"tape":"1"}"#, "tape: invalid type: string \"1\", expected u64 (column 11)"),
    (1, r#"{"tape":1,"operation":"x"}"#, "missing field `model` (column 26)"),
    (
        1,
        r#"{"tape":1,"operation":"x","model":"m","modle":"m"}"#,
        "modle: unknown field `modle`, expected one of `tape`, `operation`, `model`, `source` (column 45)",
    ),
    (1, "{", "EOF while parsing an object (column 1)"),
    (1, r#"{"request":null}"#, "the head (`tape`) comes here, not the request (`request`)"),
    (
        1,
        "{}",
        "a line of a tape has one of the members `tape`, `request`, `response`, `frame`, `rest`, `body`, `body_text`, `body_base64` and `pieces`; this one has none",
    ),
    (
        2,
        r#"{"requset":null}"#,
        "a line of a tape has one of the members `tape`, `request`, `response`, `frame`, `rest`, `body`, `body_text`, `body_base64` and `pieces`; this one has \"requset\"",
    ),
    (
        2,
        r#"{"request":{"method":"POST","path":"/","headers":[["Authorization","x"]],"body":{}}}"#,
        "request.headers: header \"Authorization\" may not be on a tape: take it out (those that may are accept, content-type and x-amzn-bedrock-* but for x-amzn-bedrock-request-metadata)",
    ),
    (
        2,
        r#"{"request":{"method":"POST","path":"/","headers":[["x-amzn-bedrock-request-metadata","{}"]],"body":{}}}"#,
        "request.headers: header \"x-amzn-bedrock-request-metadata\" may not be on a tape: take it out",
    ),
    (
        2,
        r#"{"request":{"method":"POST","path":"/?token=x","headers":[],"body":{}}}"#,
        "request.path: \"/?token=x\" is not a path that starts with /, with a query of members of operations alone",
    ),
    (
        2,
        r#"{"request":{"method":"P T","path":"/","headers":[],"body":{}}}"#,
        "request.method: \"P T\" is no method of HTTP",
    ),
    (
        2,
        r#"{"request":{"method":"POST","path":"/","headers":[]}}"#,
        "request: just one of `body`, `body_text` and `body_base64` is to be here",
    ),
    (
        2,
        r#"{"request":{"method":"POST","path":"/","headers":[],"body":{},"body_text":""}}"#,
        "request: just one of",
    ),
    (
        3,
        r#"{"response":{"status":99,"headers":[],"at":5}}"#,
        "response.status: 99 is no status: it is 100 to 999 (column 24)",
    ),
    (
        3,
        r#"{"response":{"status":200,"headers":[],"at":-5}}"#,
        "response.at: invalid value: integer `-5`, expected u64 (column 46)",
    ),
    (
        4,
        r#"{"frame":{"headers":{"a":"1","a":"2"},"payload":{}},"at":6}"#,
        "frame: header \"a\" is given twice; each name may be there once (column 51)",
    ),
    (
        4,
        r#"{"frame":{"headers":{"a":{"type":"int32","value":"1"}},"payload":{}},"at":6}"#,
        "frame.headers.a: \"1\" is no value of the type \"int32\"",
    ),
    (
        4,
        r#"{"frame":{"headers":{"a":"1"},"payload":{]},"at":6}"#,
        "frame: key must be a string (column 42)",
    ),
    (5, r#"{"rest":{"base64":"AA","why":""}}"#, "rest.base64: not base64: Invalid padding"),
    (
        6,
        r#"{"pieces":[[34,6]],"end":"cut"}"#,
        "pieces: they are 34 bytes together, and the body has 37; correct them, or write \"pieces\":null",
    ),
    (
        6,
        r#"{"pieces":null,"end":"torn"}"#,
        "end: unknown variant `torn`, expected `complete` or `cut` (column 27)",
    ),
    (
        6,
        "{\"pieces\":null}\n{\"pieces\":null}",
        "the end of the tape comes here, not the line of pieces (`pieces`)",
    ),
];

fn refused(lines: &[&str]) -> String {
    let tape = Tape::read(lines.join("\n").as_bytes(), "a.jsonl");
    tape.expect_err("it is malformed").to_string()
}

#[test]
fn a_broken_line_is_told_with_its_file_line_member_and_mending() {
    assert_eq!(written(&read(&GOOD.join("\r\n\r\n"))).lines().count(), GOOD.len());
    for (number, line, expected) in BROKEN {
        let mut lines = GOOD;
        lines[number - 1] = line;
        let error = refused(&lines);
        let number = number + usize::from(line.contains('\n'));
        let start = format!("a.jsonl:{number}: {expected}");
        assert!(error.starts_with(&start), "\n{error}\n{start}");
    }
}

#[test]
fn a_tape_that_was_cut_off_is_refused_at_its_last_line() {
    let expected = [
        "the head (`tape`)",
        "the request (`request`)",
        "the response (`response`)",
        "a body (`body`, `body_text` or `body_base64`)",
        "the line of pieces (`pieces`)",
        "the line of pieces (`pieces`)",
    ];
    for (lines, expected) in expected.into_iter().enumerate() {
        let error = refused(&GOOD[..lines]);
        let start = format!(
            "a.jsonl:{}: the tape ends here, where {expected} comes: it was cut off",
            lines.max(1)
        );
        assert!(error.starts_with(&start), "{error}");
    }
    let missing = Tape::load("no/such.tape.jsonl").unwrap_err().to_string();
    assert!(missing.starts_with("no/such.tape.jsonl: "), "{missing}");
}

#[test]
fn lines_that_contradict_each_other_are_refused() {
    const JSON: &str =
        r#"{"response":{"status":200,"headers":[["content-type","application/json"]],"at":5}}"#;
    let other_model = path_line("/model/n/converse-stream");
    let other_operation = path_line("/model/m/converse");
    let with_query = path_line("/model/m/converse?nextToken=/model/m/converse-stream");
    for (changed, at, expected) in [
        (
            vec![(2, JSON), (3, ""), (4, ""), (5, r#"{"pieces":null}"#)],
            6,
            "a body (`body`, `body_text` or `body_base64`) comes here, not the line of pieces",
        ),
        (vec![(1, &*other_model)], 2, "request.path: its model is `n`, and that of the head `m`"),
        (
            vec![(1, &*other_operation)],
            2,
            "request.path: its operation is `Converse`, and that of the head `ConverseStream`",
        ),
        (
            vec![(1, &*with_query)],
            2,
            "request.path: its operation is `Converse`, and that of the head `ConverseStream`",
        ),
        (
            vec![(3, r#"{"frame":{"headers":{":event-type":"x"},"payload":{}},"at":4}"#)],
            4,
            "a time of 4 us comes behind one of 5 us",
        ),
        (vec![(5, r#"{"pieces":[[34,6],[3,5]]}"#)], 6, "a time of 5 us comes behind one of 6 us"),
        (
            vec![(5, r#"{"pieces":[[34,7],[3,7]]}"#)],
            6,
            "frame 1 (counted from 1) is said to come at 6 us, and the piece with its last byte at \
             7 us",
        ),
    ] {
        let mut lines = GOOD;
        for (index, line) in changed {
            lines[index] = line;
        }
        let error = refused(&lines);
        assert!(error.starts_with(&format!("a.jsonl:{at}: {expected}")), "{error}");
    }
}

#[test]
fn a_gateways_prefix_an_empty_stream_and_unknown_times_are_good() {
    let path = path_line("/bedrock/model/m/converse-stream");
    let mut lines = GOOD;
    lines[1] = &path;
    lines[3] = r#"{"frame":{"headers":{":event-type":"x"},"payload":{}}}"#;
    assert_eq!(frames_of(&read(&lines.join("\n"))).0.len(), 1);
    let text = there_and_back(&stream_tape(&Bytes::new()));
    assert_eq!(text.lines().count(), 4);
}

fn path_line(path: &str) -> String {
    format!(r#"{{"request":{{"method":"POST","path":"{path}","headers":[],"body":{{}}}}}}"#)
}

#[test]
fn an_error_of_the_system_is_told_once() {
    let mut error: &dyn std::error::Error = &Tape::load("no/such.tape.jsonl").unwrap_err();
    let mut chain = vec![error.to_string()];
    while let Some(source) = error.source() {
        chain.push(source.to_string());
        error = source;
    }
    assert_eq!(chain.join(": ").matches("os error").count(), 1, "{chain:?}");
}

#[test]
fn every_body_of_an_answer_comes_back_in_its_form() {
    let bodies: [&'static [u8]; 5] =
        [br#"{"message":"No."}"#, b"{\n}", b"<html>", b"", b"\x1f\x8b\xff"];
    for (body, member) in
        bodies.into_iter().zip(["body", "body_text", "body_text", "body_text", "body_base64"])
    {
        let body = Bytes::from_static(body);
        let response = RecordedResponse::new(StatusCode::BAD_GATEWAY, &HeaderMap::new(), &body);
        let text = there_and_back(&Tape::new("Converse", "m", response));
        assert!(text.lines().nth(3).unwrap().starts_with(&format!("{{\"{member}\":")), "{text}");
        assert_eq!(read(&text).body_bytes(), body);
    }
}

fn accumulate(tape: &Tape) -> Accumulated {
    let mut decoder = EventDecoder::new(None);
    let mut accumulator = Accumulator::new();
    for frame in frames_of(tape).0 {
        decoder.push(frame.bytes.clone());
        while let Some(event) = decoder.next().expect("it is an event") {
            accumulator.add(&event);
        }
    }
    decoder.finish().expect("the stream is complete");
    accumulator.finish()
}

fn content(accumulated: Accumulated) -> Vec<ContentBlock> {
    match accumulated.response.output {
        ConverseOutput::Message(message) => message.content,
        other => panic!("no message: {other:?}"),
    }
}

#[test]
fn the_fixtures_are_tapes_as_they_are_written_and_streams_to_the_reference() {
    for name in ["text", "reasoning", "tool"] {
        let (text, tape) = fixture(&format!("{name}.tape.jsonl"));
        assert_eq!(there_and_back(&tape), text, "{name} is not as it would be written");
        assert!(tape.source.as_ref().unwrap().contains("made by hand"));
        let messages = by_reference(&tape.body_bytes());
        let (frames, rest) = frames_of(&tape);
        assert!(messages.len() == frames.len() && rest.is_empty() && frames.len() > 15);
        let times: Vec<_> = frames.iter().map(|frame| frame.at.unwrap()).collect();
        assert!(times.is_sorted() && times[0] > tape.response.at().unwrap());
        assert!((1_200_000..2_000_000).contains(&times.last().unwrap().0), "{times:?}");
        // Cut anew at the times of its pieces, the body is the same frames.
        let (mut body, mut pieces) = (tape.body_bytes(), Vec::new());
        for piece in tape.response.pieces().unwrap() {
            pieces.push((body.split_to(usize::try_from(piece.length).unwrap()), piece.at));
        }
        let headers = tape.response.headers().to_map();
        let again = RecordedResponse::from_pieces(StatusCode::OK, &headers, pieces);
        assert_eq!(again.body(), tape.response.body());
    }
}

#[test]
fn the_payloads_of_the_fixtures_are_as_the_service_writes_them() {
    const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for name in ["text", "reasoning", "tool"] {
        let (_, tape) = fixture(&format!("{name}.tape.jsonl"));
        for frame in frames_of(&tape).0 {
            let message = Message::decode(frame.bytes.clone()).unwrap();
            let names: Vec<_> = message.headers().iter().map(|(name, _)| name).collect();
            assert_eq!(names, [":event-type", ":content-type", ":message-type"]);
            let payload: serde_json::Value = serde_json::from_slice(message.payload()).unwrap();
            // A tree of serde_json's has its members sorted.
            assert_eq!(payload.to_string().as_bytes(), message.payload());
            let padding = payload["p"].as_str().unwrap();
            assert!(PADDING.starts_with(padding) && (2..=61).contains(&padding.len()));
        }
    }
}

#[test]
fn the_fixtures_add_up_to_what_they_say() {
    let (_, tape) = fixture("text.tape.jsonl");
    let text = "A binary event stream is a row of messages, each in a frame that says how long it \
                is before it says anything else. A checksum covers those lengths, and a second \
                one covers the whole frame, so a reader can tell \"damaged\" from \"not here \
                yet\".\n\nIn each frame, headers such as `:event-type` say what it is, and a \
                payload of JSON says the rest. Joined in order, the pieces become the answer \
                \u{2014} as these just did.";
    let accumulated = accumulate(&tape);
    assert!(accumulated.stopped && accumulated.metadata);
    let usage = accumulated.response.usage.clone().unwrap();
    assert_eq!(usage.total_tokens, usage.input_tokens + usage.output_tokens);
    assert_eq!(content(accumulated), [ContentBlock::Text(text.into())]);

    let (_, tape) = fixture("reasoning.tape.jsonl");
    let response = serde_json::to_value(&accumulate(&tape).response).unwrap();
    assert_eq!(
        response["output"]["message"]["content"],
        json!([
            {"reasoningContent": {"reasoningText": {
                "text": "The user asks how a reader finds the start of the second message. Every \
                         frame begins with its total length in four bytes, so the second starts \
                         where the first ends: at that many bytes. 150 in this case.",
                "signature": "bWFkZSBmb3IgYmVkcm9jay13aXJlLCBhbmQgbm8gbW9kZWwncyBzaWduYXR1cm\
                              U7IGEgcmVhbCBvbmUgaXMgbG9uZ2VyIHRoYW4gdGhpcw==",
            }}},
            {"text": "At byte 150, counting from zero: the first frame says \"150 bytes in all\" \
                      in its first four bytes, and the next one follows without a gap."},
        ])
    );

    let (_, tape) = fixture("tool.tape.jsonl");
    let content = content(accumulate(&tape));
    assert_eq!(
        content[0],
        ContentBlock::Text("I'll look up the weather in Z\u{fc}rich for you.".into())
    );
    let ContentBlock::ToolUse(tool) = &content[1] else {
        panic!("no tool call: {content:?}");
    };
    assert_eq!(tool.name, "get_weather");
    let input = json!({"city": "Z\u{fc}rich", "unit": "celsius", "days": 2});
    assert_eq!(tool.input, Document::from(input));
}

/// A directory under cargo's own, emptied first.
fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("cargo's directory can be written");
    dir
}

fn recording(dir: &Path, files: &[(&str, &str)]) {
    fs::create_dir_all(dir).expect("cargo's directory can be written");
    for (name, content) in files {
        fs::write(dir.join(name), content).expect("cargo's directory can be written");
    }
}

#[test]
fn what_cannot_be_imported_is_named_and_the_rest_goes_on() {
    const META: &str =
        r#"{"status":200,"headers":[],"operation":"Converse","model":"m","read_sizes":[1,2]}"#;
    const REQUEST: &str = r#"{"method":"POST","url":"https://h/model/m/converse?x=secret&X-Amz-Signature=secret","headers":[["Accept","a/b"],["Authorization","secret"]]}"#;
    let root = scratch("import");
    recording(&root.join("a/deep/er"), &[("response.bin", "abc"), ("response.meta.json", META)]);
    recording(&root.join("b"), &[("response.bin", "abcd"), ("response.meta.json", META)]);
    recording(&root.join("c"), &[("response.bin", "abc")]);
    recording(
        &root.join("d"),
        &[("response.bin", "abc"), ("response.meta.json", "{\"status\":\"\"}")],
    );
    recording(
        &root.join("e"),
        &[("response.bin", "abc"), ("response.meta.json", META), ("request.json", "{}")],
    );
    recording(
        &root.join("f"),
        &[
            ("response.bin", "abc"),
            ("response.meta.json", META),
            ("request.json", "{}"),
            ("request.meta.json", REQUEST),
        ],
    );
    let imported: Vec<_> = import::recordings(&root).collect();
    let names: Vec<_> = imported.iter().map(|(path, _)| path.to_str().unwrap()).collect();
    assert_eq!(names, ["a/deep/er", "b", "c", "d", "e", "f"]);
    assert_eq!(tape_path(&imported[0].0), Path::new("a/deep/er.tape.jsonl"));

    let tape = |index: usize| imported[index].1.as_ref().unwrap();
    let lengths: Vec<_> = tape(0).response.pieces().unwrap().iter().map(|p| p.length).collect();
    assert_eq!((lengths, &tape(0).request, &tape(0).source), (vec![1, 2], &None, &None));
    assert_eq!((tape(1).response.pieces(), tape(1).body_bytes()), (None, Bytes::from("abcd")));
    assert!(tape(1).source.as_ref().unwrap().starts_with("read_sizes left out"));
    let request = tape(5).request.as_ref().unwrap();
    assert_eq!(
        (request.path(), request.headers().get("accept")),
        ("/model/m/converse", Some("a/b"))
    );
    assert!(!written(tape(5)).contains("secret"));
    let source = tape(5).source.as_deref();
    assert_eq!(source, Some("left out of the query: x, X-Amz-Signature"));

    let error = |index: usize| imported[index].1.as_ref().unwrap_err().to_string();
    assert!(matches!(imported[2].1, Err(ImportError::Missing { .. })));
    assert!(
        error(2).ends_with("c/response.meta.json is missing beside response.bin"),
        "{}",
        error(2)
    );
    assert!(
        error(3).contains("d/response.meta.json: status: invalid type: string"),
        "{}",
        error(3)
    );
    assert!(
        error(4).ends_with("e/request.meta.json is missing beside request.json"),
        "{}",
        error(4)
    );

    let gone: Vec<_> = import::recordings(root.join("gone")).collect();
    assert!(matches!(gone[..], [(_, Err(ImportError::Io { .. }))]));
}

#[test]
fn no_two_recordings_have_one_tape() {
    let paths = ["", "recording", "a", "a/recording", "recording.tape"];
    let tapes: std::collections::HashSet<_> =
        paths.iter().map(|path| tape_path(Path::new(path))).collect();
    assert_eq!(tapes.len(), paths.len());
    assert_eq!(tape_path(Path::new("")), Path::new("recording.jsonl"));
}

#[test]
fn a_recording_that_no_server_could_answer_with_is_refused() {
    let root = scratch("unservable");
    let meta = |operation: &str, model: &str, status: u16| {
        json!({"status": status, "headers": [], "operation": operation, "model": model}).to_string()
    };
    for (name, meta) in [
        ("a", meta("Nope", "m", 200)),
        ("b", meta("Converse", "", 200)),
        ("c", meta("Converse", "m", 100)),
        ("d", meta("Converse", "m", 200)),
    ] {
        recording(&root.join(name), &[("response.bin", "{}"), ("response.meta.json", &meta)]);
    }
    let imported: Vec<_> = import::recordings(&root).map(|(_, tape)| tape).collect();
    for (index, expected) in [
        (0, "a/response.meta.json: operation: `Nope` is no operation that is known"),
        (1, "b/response.meta.json: model: the modelId is empty"),
        (2, "c/response.meta.json: status: 100 is no final status"),
    ] {
        let error = imported[index].as_ref().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert!(imported[3].is_ok());
}

#[cfg(unix)]
#[test]
fn what_is_left_out_of_an_import_is_named() {
    const META: &str = r#"{"status":200,"headers":[],"operation":"Converse","model":"m"}"#;
    let root = scratch("left_out");
    recording(&root.join("a"), &[("request.json", "{}"), ("request.meta.json", "{}")]);
    recording(&root.join("b"), &[("response.meta.json", META)]);
    std::os::unix::fs::symlink("/dev/null", root.join("b/response.bin")).unwrap();
    recording(&root.join("c"), &[("response.meta.json", META)]);
    let made = std::process::Command::new("mkfifo").arg(root.join("c/response.bin")).status();
    assert!(made.unwrap().success());
    std::os::unix::fs::symlink(&root, root.join("d")).unwrap();
    let imported: Vec<_> = import::recordings(&root).collect();
    let names: Vec<_> = imported.iter().map(|(path, _)| path.to_str().unwrap()).collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
    for ((_, tape), expected) in imported.iter().zip([
        "a/response.bin is missing beside request.json",
        "b/response.bin: no regular file",
        "c/response.bin: no regular file",
        "d: a symbolic link to a directory, which is not followed",
    ]) {
        let error = tape.as_ref().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
