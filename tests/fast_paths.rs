//! The two short ways of the decode path against the plain ones: frames behind
//! a known header block, and the payload of a piece of text. Each has to come
//! to the same, errors and their offsets included, whatever comes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;
mod frames;

use bedrock_wire::eventstream::{Decoder, Error, ErrorKind, HeaderValue, Message, MessageRef};
use bedrock_wire::model::{Text, from_bytes};
use bedrock_wire::stream::{
    ConverseStreamOutput, EventDecoder, EventErrorKind, StreamErrorKind, StreamEvent,
};
use bytes::Bytes;
use frames::Random;

const EVENTS: [&str; 7] = [
    "contentBlockDelta",
    "contentBlockStop",
    "messageStart",
    "messageStop",
    "metadata",
    "contentBlockStart",
    "chunk",
];

/// Messages, and how the stream ended.
type Outcome = (Vec<Message>, Result<(), Error>);

/// By the decoder, in pieces.
fn decoded(stream: &Bytes, mut size: impl FnMut() -> usize) -> Outcome {
    let mut decoder = Decoder::new();
    let (mut messages, mut rest) = (Vec::new(), stream.clone());
    loop {
        match decoder.next() {
            Ok(Some(message)) => messages.push(message),
            Err(error) => return (messages, Err(error)),
            Ok(None) if rest.is_empty() => return (messages, decoder.finish()),
            Ok(None) => decoder.push(rest.split_to(size().min(rest.len()))),
        }
    }
}

/// The errors that the plain path has for `stream`, with their offsets in it.
fn assert_as_the_plain_path(stream: &Bytes, (messages, end): &Outcome, what: &str) {
    let mut start = 0;
    for message in messages {
        let plain = MessageRef::decode(&stream[start..]).unwrap().unwrap();
        assert_eq!(message.frame(), plain.frame(), "{what}");
        assert_eq!(message.headers(), plain.headers(), "{what}");
        assert_eq!(message.payload(), plain.payload(), "{what}");
        assert_eq!(*message, plain.to_message(), "{what}");
        start += plain.frame().len();
    }
    let rest = &stream[start..];
    let Err(error) = end else {
        assert!(rest.is_empty(), "{what}: {} bytes are left", rest.len());
        return;
    };
    assert_eq!(error.message_offset(), start as u64, "{what}");
    match MessageRef::decode(rest) {
        Err(plain) => {
            assert_eq!(error.kind(), plain.kind(), "{what}");
            assert_eq!(error.offset(), start as u64 + plain.offset(), "{what}");
        }
        Ok(None) => {
            let ErrorKind::Incomplete { held, .. } = *error.kind() else {
                panic!("{what}: {error} where bytes are missing");
            };
            assert_eq!((held, error.offset()), (rest.len(), stream.len() as u64), "{what}");
        }
        Ok(Some(plain)) => panic!("{what}: {error} at a message that is sound: {plain:?}"),
    }
}

fn bytes(random: &mut Random, length: usize) -> Vec<u8> {
    (0..length).map(|_| u8::try_from(random.up_to(256) - 1).unwrap()).collect()
}

/// A frame like those of Bedrock's, or with headers that differ in little.
fn frame(random: &mut Random) -> Vec<u8> {
    let choice = random.up_to(1000);
    frame_behind(choice, random)
}

/// The same `choice` makes the same headers.
fn frame_behind(choice: usize, random: &mut Random) -> Vec<u8> {
    let event_type = EVENTS[choice % EVENTS.len()];
    let long = "x".repeat(choice % 30);
    let longest = [1, 64, 130, 300, 3000][random.up_to(5) - 1];
    let length = random.up_to(longest) - 1;
    let payload = bytes(random, length);
    let mut headers = vec![
        (":event-type", HeaderValue::String(event_type)),
        (":content-type", HeaderValue::String("application/json")),
        (":message-type", HeaderValue::String("event")),
    ];
    match choice % 13 {
        1 => headers.swap(0, 1),
        2 => headers[0].1 = HeaderValue::String("contentBlockDeltb"),
        3 => headers[0].1 = HeaderValue::Bytes(event_type.as_bytes()),
        4 => headers[2].1 = HeaderValue::String("evens"),
        5 => drop(headers.pop()),
        6 => headers.push((":date", HeaderValue::Timestamp(1))),
        7 => headers[0].1 = HeaderValue::String(&long),
        8 => headers = vec![("x", HeaderValue::Bool(true))],
        9 => headers.clear(),
        _ => {}
    }
    Message::encode(headers, &payload).unwrap().frame().to_vec()
}

fn with_checksums(frame: &mut [u8]) {
    let prelude = crc32fast::hash(&frame[..8]).to_be_bytes();
    frame[8..12].copy_from_slice(&prelude);
    let end = frame.len() - 4;
    let crc = crc32fast::hash(&frame[..end]).to_be_bytes();
    frame[end..].copy_from_slice(&crc);
}

/// Damage somewhere, with checksums that fit it now and then.
fn damage(frame: &mut Vec<u8>, random: &mut Random) {
    // Where the interesting bytes are, as often as anywhere.
    let end = frame.len();
    let places = [
        random.up_to(12) - 1,
        random.up_to(end.min(110)) - 1,
        end - random.up_to(4),
        random.up_to(end) - 1,
    ];
    let at = places[random.up_to(4) - 1];
    match random.up_to(5) {
        1 => frame[at] ^= 1 << (random.up_to(8) - 1),
        2 => frame[at] = u8::try_from(random.up_to(256) - 1).unwrap(),
        3 => drop(frame.remove(at)),
        4 => frame.truncate(at),
        _ => frame.insert(at, 0),
    }
    // A length that says more than the cap is for another test.
    if frame.len() >= 16 && frame[0] == 0 && random.up_to(2) == 1 {
        with_checksums(frame);
    }
}

#[test]
fn frames_behind_known_headers_come_out_as_from_the_plain_path_and_so_do_damaged_ones() {
    let mut errors = std::collections::BTreeMap::<String, u32>::new();
    for seed in 0..3000 {
        let mut random = Random::new(seed);
        let mut stream = Vec::new();
        // Often the same headers again and again, sometimes two in turn.
        let choices = [random.up_to(1000), random.up_to(1000)];
        let pattern = random.up_to(4);
        for at in 0..random.up_to(8) {
            let mut frame = match pattern {
                1 | 2 => frame_behind(choices[0], &mut random),
                3 => frame_behind(choices[at / 2 % 2], &mut random),
                _ => frame(&mut random),
            };
            if random.up_to(6) == 1 {
                damage(&mut frame, &mut random);
            }
            stream.extend(frame);
        }
        let stream = Bytes::from(stream);
        let whole = decoded(&stream, || usize::MAX);
        assert_as_the_plain_path(&stream, &whole, &format!("seed {seed}"));
        let longest = [1, 20, 200, 2000][random.up_to(4) - 1];
        let pieces = decoded(&stream, || random.up_to(longest));
        assert_eq!(pieces, whole, "seed {seed} in pieces of up to {longest} bytes");
        if let Err(error) = whole.1 {
            let kind = format!("{:?}", error.kind());
            *errors.entry(kind.split([' ', '{']).next().unwrap().to_owned()).or_default() += 1;
        }
    }
    println!("{errors:?}");
    assert!(errors.len() >= 6, "only these errors were met: {errors:?}");
}

#[test]
fn every_flipped_bit_of_a_known_frame_is_told_as_the_plain_path_tells_it() {
    for event_type in EVENTS {
        let headers = [
            (":event-type", HeaderValue::String(event_type)),
            (":content-type", HeaderValue::String("application/json")),
            (":message-type", HeaderValue::String("event")),
        ];
        let message = Message::encode(headers, &[b'x'; 60]).unwrap();
        for bit in 0..message.frame().len() * 8 {
            let mut damaged = message.frame().to_vec();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let stream = Bytes::from([&message.frame()[..], &damaged].concat());
            let outcome = decoded(&stream, || usize::MAX);
            assert!(outcome.1.is_err(), "{event_type}, bit {bit}");
            assert_as_the_plain_path(&stream, &outcome, &format!("{event_type}, bit {bit}"));
        }
    }
}

#[test]
fn the_cap_holds_for_known_frames_too() {
    let mut random = Random::new(1);
    let frame = Bytes::from(frame(&mut random));
    for (cap, fits) in [(frame.len(), true), (frame.len() - 1, false)] {
        let mut decoder = Decoder::with_max_message_length(cap);
        decoder.push(frame.clone());
        match decoder.next() {
            Ok(message) => assert_eq!((message.is_some(), fits), (true, true)),
            Err(error) => assert!(!fits && matches!(error.kind(), ErrorKind::TooLong { .. })),
        }
    }
}

/// The event of a payload by the way that a program takes, and by serde alone.
/// Says whether it is one.
fn assert_read_alike(event_type: &str, payload: &[u8]) -> bool {
    let headers = [
        (":event-type", HeaderValue::String(event_type)),
        (":content-type", HeaderValue::String("application/json")),
        (":message-type", HeaderValue::String("event")),
    ];
    let message = Message::encode(headers, payload).unwrap();
    let json = match payload {
        [] => Bytes::from_static(b"{}"),
        _ => message.payload_bytes(),
    };
    let plain = match event_type {
        "contentBlockDelta" => from_bytes(&json).map(ConverseStreamOutput::ContentBlockDelta),
        "contentBlockStop" => from_bytes(&json).map(ConverseStreamOutput::ContentBlockStop),
        "contentBlockStart" => {
            from_bytes(&json).map(|s| ConverseStreamOutput::ContentBlockStart(Box::new(s)))
        }
        "messageStart" => from_bytes(&json).map(ConverseStreamOutput::MessageStart),
        "messageStop" => from_bytes(&json).map(ConverseStreamOutput::MessageStop),
        "metadata" => from_bytes(&json).map(|m| ConverseStreamOutput::Metadata(Box::new(m))),
        other => panic!("no rule for {other}"),
    };
    let shown = String::from_utf8_lossy(payload).into_owned();
    let read = StreamEvent::from_message(message.clone());
    let by_decoder = {
        let mut decoder = EventDecoder::new(None);
        decoder.push(message.frame().clone());
        let event = decoder.next();
        let stopped = matches!(plain, Ok(ConverseStreamOutput::MessageStop(_)));
        assert_eq!(decoder.is_stopped(), stopped, "{shown}");
        event.map(Option::unwrap)
    };
    match (read, by_decoder, plain) {
        (Ok(event), Ok(by_decoder), Ok(plain)) => {
            assert_eq!(*event.output(), plain, "{shown}");
            assert_eq!(*by_decoder.output(), plain, "{shown}");
            assert_eq!(format!("{:?}", event.output()), format!("{plain:?}"), "{shown}");
            true
        }
        (Err(error), Err(by_decoder), Err(plain)) => {
            assert_eq!(by_decoder.kind, StreamErrorKind::Event(error.clone()), "{shown}");
            let EventErrorKind::Payload { error, .. } = error.kind else {
                panic!("{shown}: {error}");
            };
            assert_eq!(*error, plain, "{shown}");
            false
        }
        (read, by_decoder, plain) => {
            panic!("{shown}: {read:?}, {by_decoder:?}, and by serde {plain:?}")
        }
    }
}

/// Pieces of payloads, the first of each right.
const PARTS: [&[&str]; 5] = [
    &[
        "{\"contentBlockIndex\":",
        "{ \"contentBlockIndex\":",
        "{\"contentBlockIndex\" :",
        "{\"q\":1,\"contentBlockIndex\":",
    ],
    &[
        "0",
        "7",
        "12",
        "01",
        "-1",
        "00",
        "123456789",
        "2147483647",
        "2147483648",
        "1.0",
        "1e0",
        "\"0\"",
        "",
    ],
    &[
        ",\"delta\":{\"text\":\"",
        ",\"delta\":{\"reasoningContent\":{\"text\":\"",
        ",\"delta\":{\"toolUse\":{\"input\":\"",
        ",\"delta\":{\"toolUse\":{\"new\":1,\"input\":\"",
        ",\"delta\":{\"reasoningContent\":{\"signature\":\"",
        ",\"delta\":{\"citation\":{\"title\":\"",
        ",\"delta\":{\"new\":1,\"text\":\"",
        ", \"delta\":{\"text\":\"",
        ",\"delta\":{\"text\":\"x\"},\"delta\":{\"text\":\"",
    ],
    &["\"}", "\"}}", "\"},", "\",\"new\":{}}", "\"", "\"} ", "\",\"text\":\"again\"}"],
    &[
        ",\"p\":\"abc\"}",
        ",\"p\":\"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789\"}",
        ",\"p\":\"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789a\"}",
        "}",
        ",\"p\":\"\"}",
        ",\"p\":\"not of the alphabet\"}",
        ",\"p\":\"a\\\"b\"}",
        ",\"p\":\"a\"b\"}",
        ",\"p\":\"\u{e9}\"}",
        ",\"p\":1}",
        ",\"p\":\"abc\",\"p\":\"ab\"}",
        ",\"p\":\"abc\",\"new\":[\"}\"]}",
        ",\"new\":1,\"p\":\"abc\"}",
        ",\"p\":\"abc\"}}",
        ",\"p\":\"abc\"} ",
        "",
    ],
];

/// Which of [`PARTS`] these are.
const INDEX: usize = 1;
const DELTA: usize = 2;

/// Pieces of the inside of a string, right and wrong.
const WORDS: [&str; 34] = [
    // These are right.
    "a",
    " the",
    "longer than a word",
    "eight by",
    "sixteen bytes is",
    "\u{e9}",
    "\u{1f600}",
    "\u{7f}",
    "\\n",
    "\\\"",
    "\\\\",
    "\\/",
    "\\b",
    "\\f",
    "\\r",
    "\\t",
    "\\u0041",
    "\\u00e9",
    "\\u20AC",
    "\\ud83d\\ude00",
    // These are not, or only where nothing follows or comes before.
    "\\ud83d",
    "\\ude00",
    "\\ud83dx",
    "\\ud83d\\n",
    "\\ud83d\\u0041",
    "\\u12",
    "\\u12g4",
    "\\x",
    "\\",
    "\"",
    "\n",
    "\u{1}",
    "\\u0000",
    "\\u+041",
];

/// How many of [`WORDS`] are right by themselves.
const VALID_WORDS: usize = 20;

fn made(random: &mut Random) -> Vec<u8> {
    let mut payload = Vec::new();
    let mut right = 1;
    for (at, part) in PARTS.iter().enumerate() {
        // Often all of them are right.
        let choice = if random.up_to(6) == 1 { random.up_to(part.len()) } else { right };
        payload.extend(part[choice - 1].bytes());
        right = 1;
        if at == DELTA {
            let known = if random.up_to(4) > 1 { VALID_WORDS } else { WORDS.len() };
            let most = [12, 12, 12, 150][random.up_to(4) - 1];
            for _ in 1..random.up_to(most) {
                payload.extend(WORDS[random.up_to(known) - 1].bytes());
            }
            // One more brace closes what one more has opened.
            right = if matches!(choice, 2..=6) { 2 } else { 1 };
        }
        if at == INDEX && random.up_to(2) == 1 {
            right = random.up_to(3);
        }
    }
    payload
}

fn mutate(payload: &mut Vec<u8>, random: &mut Random) {
    if payload.is_empty() {
        return;
    }
    let at = random.up_to(payload.len()) - 1;
    match random.up_to(5) {
        1 => payload[at] = u8::try_from(random.up_to(256) - 1).unwrap(),
        2 => drop(payload.remove(at)),
        3 => payload.insert(at, b"\"\\{}:, 0n\xc3\xff\n"[random.up_to(12) - 1]),
        4 => payload.truncate(at),
        _ => payload[at] ^= 1 << (random.up_to(8) - 1),
    }
}

#[test]
fn payloads_made_of_right_and_wrong_parts_are_read_as_serde_reads_them() {
    let (mut read, mut refused) = (0, 0);
    for seed in 0..40_000 {
        let mut random = Random::new(seed);
        let mut payload = made(&mut random);
        if random.up_to(4) == 1 {
            mutate(&mut payload, &mut random);
        }
        *(if assert_read_alike("contentBlockDelta", &payload) {
            &mut read
        } else {
            &mut refused
        }) += 1;
    }
    println!("{read} read, {refused} refused");
    assert!(read > 4000 && refused > 4000, "{read} read, {refused} refused");
}

/// Payloads of the other events, as Bedrock writes them and otherwise.
const OTHERS: [(&str, &str); 38] = [
    ("contentBlockStop", "{\"contentBlockIndex\":0,\"p\":\"abc\"}"),
    ("contentBlockStop", "{\"contentBlockIndex\":0}"),
    ("contentBlockStop", "{\"contentBlockIndex\":0,\"new\":1,\"p\":\"abc\"}"),
    ("contentBlockStop", "{\"p\":\"abc\",\"contentBlockIndex\":0}"),
    ("contentBlockStop", "{\"p\":\"abc\"}"),
    ("messageStart", "{\"p\":\"abcdefgh\",\"role\":\"assistant\"}"),
    ("messageStart", "{\"role\":\"assistant\"}"),
    ("messageStart", "{\"role\":\"somebody\",\"p\":\"abc\"}"),
    ("messageStart", "{\"p\":\"abc\",\"role\":\"some\\nbody\"}"),
    ("messageStart", "{\"p\":\"a\\nc\",\"role\":\"user\"}"),
    ("messageStart", "{\"p\":\"abc\",\"role\":null}"),
    ("messageStart", "{\"p\":\"abc\",\"role\":\"user\",\"role\":\"user\"}"),
    ("messageStart", "{\"p\":\"abc\",\"new\":{},\"role\":\"user\"}"),
    ("messageStart", "{}"),
    ("messageStop", "{\"p\":\"abcdefgh\",\"stopReason\":\"end_turn\"}"),
    ("messageStop", "{\"stopReason\":\"tool_use\"}"),
    ("messageStop", "{\"p\":\"abc\",\"stopReason\":\"of a kind to come\"}"),
    ("messageStop", "{\"p\":\"abc\",\"stopReason\":null}"),
    (
        "messageStop",
        "{\"additionalModelResponseFields\":{},\"p\":\"abc\",\"stopReason\":\"end_turn\"}",
    ),
    ("messageStop", "{}"),
    ("messageStop", ""),
    ("messageStop", "{\"p\":\"\u{e9}\",\"stopReason\":\"end_turn\"}"),
    (
        "contentBlockStart",
        r#"{"contentBlockIndex":1,"p":"abc","start":{"toolUse":{"name":"n","toolUseId":"tooluse_1"}}}"#,
    ),
    (
        "contentBlockStart",
        r#"{"contentBlockIndex":1,"start":{"toolUse":{"name":"\u006e","toolUseId":""}}}"#,
    ),
    (
        "contentBlockStart",
        r#"{"contentBlockIndex":1,"p":"a","start":{"toolUse":{"name":"n","toolUseId":"i","type":"server_tool_use"}}}"#,
    ),
    (
        "contentBlockStart",
        r#"{"contentBlockIndex":1,"p":"a","start":{"toolUse":{"name":"n","name":"m","toolUseId":"i"}}}"#,
    ),
    (
        "contentBlockStart",
        r#"{"contentBlockIndex":1,"p":"a","start":{"toolUse":{"name":"n","toolUseId":"i"}},"p":"a"}"#,
    ),
    ("contentBlockStart", r#"{"contentBlockIndex":1,"p":"a","start":{"image":{"format":"png"}}}"#),
    (
        "metadata",
        r#"{"metrics":{"latencyMs":1234},"p":"abc","usage":{"inputTokens":5,"outputTokens":67,"totalTokens":72}}"#,
    ),
    (
        "metadata",
        r#"{"metrics":{"latencyMs":1},"usage":{"inputTokens":5,"outputTokens":6,"serverToolUsage":{},"totalTokens":11}}"#,
    ),
    (
        "metadata",
        r#"{"metrics":{"latencyMs":1},"p":"a","usage":{"cacheReadInputTokens":0,"cacheWriteInputTokens":7,"inputTokens":5,"outputTokens":6,"totalTokens":11}}"#,
    ),
    (
        "metadata",
        r#"{"metrics":{"latencyMs":1},"p":"a","usage":{"inputTokens":5,"outputTokens":6,"serverToolUsage":{"a":1},"totalTokens":11}}"#,
    ),
    (
        "metadata",
        r#"{"metrics":{"latencyMs":1},"p":"a","usage":{"serverToolUsage":{},"inputTokens":5,"outputTokens":6,"serverToolUsage":{},"totalTokens":11}}"#,
    ),
    (
        "metadata",
        r#"{"metrics":{"latencyMs":1},"p":"a","usage":{"inputTokens":5,"inputTokens":5,"outputTokens":6,"totalTokens":11}}"#,
    ),
    (
        "metadata",
        r#"{"metrics":{"latencyMs":123456789012},"p":"a","usage":{"inputTokens":5,"outputTokens":6,"totalTokens":-1}}"#,
    ),
    (
        "metadata",
        r#"{"metrics":{"latencyMs":1,"new":2},"p":"a","usage":{"inputTokens":5,"outputTokens":6}}"#,
    ),
    (
        "metadata",
        r#"{"metrics":{"latencyMs":1},"p":"a","serviceTier":{"type":"flex"},"usage":{"inputTokens":5,"outputTokens":6,"totalTokens":11}}"#,
    ),
    ("metadata", r#"{"metrics":{"latencyMs":01},"usage":{}}"#),
];

#[test]
fn the_other_events_are_read_as_serde_reads_them_damaged_too() {
    let (mut read, mut refused) = (0, 0);
    for (seed, (event_type, payload)) in (0..).zip(OTHERS) {
        let mut random = Random::new(seed);
        assert_read_alike(event_type, payload.as_bytes());
        for _ in 0..500 {
            let mut payload = payload.as_bytes().to_vec();
            (0..random.up_to(2)).for_each(|_| mutate(&mut payload, &mut random));
            *(if assert_read_alike(event_type, &payload) { &mut read } else { &mut refused }) += 1;
        }
    }
    println!("{read} read, {refused} refused");
    assert!(read > 1000 && refused > 1000, "{read} read, {refused} refused");
}

#[test]
fn every_character_and_escape_at_every_place_of_a_word_is_read_as_serde_reads_it() {
    for before in 0..20 {
        for word in WORDS {
            let before = &"abcdefghijklmnopqrst"[..before];
            for after in ["", "x", "and a long end of it"] {
                let payload = format!(
                    "{{\"contentBlockIndex\":0,\"delta\":{{\"text\":\"{before}{word}{after}\"}},\"p\":\"ab\"}}"
                );
                assert_read_alike("contentBlockDelta", payload.as_bytes());
            }
        }
        for byte in 0..=u8::MAX {
            let mut payload = b"{\"contentBlockIndex\":0,\"delta\":{\"text\":\"".to_vec();
            payload.extend(&b"abcdefghijklmnopqrst"[..before]);
            payload.push(byte);
            payload.extend(b"\"},\"p\":\"ab\"}");
            assert_read_alike("contentBlockDelta", &payload);
        }
    }
}

#[test]
fn recorded_payloads_and_damaged_ones_are_read_as_serde_reads_them() {
    let Some(corpus) = corpus::find("recorded payloads by both ways") else {
        return;
    };
    let (mut read, mut refused) = (0, 0);
    for (seed, recording) in (0..).zip(corpus.answered("ConverseStream")) {
        let mut random = Random::new(seed);
        let (messages, end) = decoded(&recording.response().into(), || usize::MAX);
        end.unwrap_or_else(|e| panic!("{}: {e}", recording.path));
        for message in messages {
            let event_type = message.headers().get(":event-type").and_then(|value| value.as_str());
            // An exception has none.
            let Some(event_type) = event_type else { continue };
            assert!(assert_read_alike(event_type, message.payload()), "{}", recording.path);
            for _ in 0..20 {
                let mut payload = message.payload().to_vec();
                (0..random.up_to(3)).for_each(|_| mutate(&mut payload, &mut random));
                *(if assert_read_alike(event_type, &payload) {
                    &mut read
                } else {
                    &mut refused
                }) += 1;
            }
        }
    }
    println!("{read} damaged payloads read, {refused} refused");
    assert!(read > 1000 && refused > 1000, "{read} read, {refused} refused");
}

#[test]
fn a_text_is_a_slice_of_its_piece_or_a_copy_of_its_own() {
    let text = |inside: &str| -> (Text, Bytes) {
        let payload = format!(
            "{{\"contentBlockIndex\":0,\"delta\":{{\"text\":\"{inside}\"}},\"p\":\"abc\"}}"
        );
        let headers = [
            (":event-type", HeaderValue::String("contentBlockDelta")),
            (":message-type", HeaderValue::String("event")),
        ];
        let message = Message::encode(headers, payload.as_bytes()).unwrap();
        let event = StreamEvent::from_message(message).unwrap();
        (event.text().unwrap().clone(), event.message().frame().clone())
    };
    let (plain, frame) = text("as it stands");
    assert!(frame.as_ptr_range().contains(&plain.as_bytes().as_ptr()));
    let (escaped, frame) = text("one\\ntwo");
    assert_eq!(escaped, "one\ntwo");
    assert!(!frame.as_ptr_range().contains(&escaped.as_bytes().as_ptr()));
}
