//! Recorded answers to ConverseStream, damaged in every way there is one of:
//! cut at every byte, and with every bit flipped.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bedrock_wire::eventstream::{Decoder, ErrorKind};
use bedrock_wire::model::{ContentBlock, ConverseOutput};
use bedrock_wire::stream::{
    Accumulated, Accumulator, EventDecoder, StreamError, StreamErrorKind, StreamEvent,
};
use bytes::Bytes;
use serde_json::{Value, json};

/// A recorded stream, cut into its frames by our decoder, which other tests
/// hold against the reference.
struct Recorded {
    path: String,
    stream: Bytes,
    frames: Vec<Bytes>,
    events: Vec<StreamEvent>,
    /// How it ends; with an exception in some recordings.
    end: Result<(), StreamError>,
}

fn recorded(skipped: &str) -> Option<Vec<Recorded>> {
    let recordings = corpus::find(skipped)?.answered("ConverseStream");
    let read = |recording: corpus::Recording| {
        let stream = Bytes::from(recording.response());
        let (events, end) = decode(&[&stream]);
        let frames = frames(&stream);
        Recorded { path: recording.path, stream, frames, events, end }
    };
    Some(recordings.into_iter().map(read).collect())
}

fn frames(stream: &Bytes) -> Vec<Bytes> {
    let mut decoder = Decoder::new();
    decoder.push(stream.clone());
    std::iter::from_fn(|| decoder.next().unwrap()).map(|m| m.frame().clone()).collect()
}

/// The events of a stream in pieces, and how it ends.
fn decode(pieces: &[&Bytes]) -> (Vec<StreamEvent>, Result<(), StreamError>) {
    let (mut decoder, mut events) = (EventDecoder::new(None), Vec::new());
    for piece in pieces {
        decoder.push(Bytes::clone(piece));
        while let Ok(Some(event)) = decoder.next() {
            events.push(event);
        }
    }
    (events, decoder.finish())
}

fn same(events: &[StreamEvent], expected: &[StreamEvent]) -> bool {
    let parts = |event: &StreamEvent| (event.output().clone(), event.message().clone());
    events.iter().map(parts).eq(expected.iter().map(parts))
}

fn is_stopped(events: &[StreamEvent]) -> bool {
    let is_stop = |event: &StreamEvent| {
        event.message().headers().get(":event-type").unwrap().as_str() == Some("messageStop")
    };
    events.iter().any(is_stop)
}

fn accumulate(events: &[StreamEvent]) -> Accumulated {
    let mut accumulator = Accumulator::new();
    for event in events {
        accumulator.add(event);
    }
    accumulator.finish()
}

#[test]
fn a_stream_cut_between_two_frames_keeps_its_events_and_is_whole_behind_its_stop_only() {
    let Some(all) = recorded("streams cut between their frames") else { return };
    let mut cuts = 0;
    for Recorded { path, stream, frames, events, end } in &all {
        let whole = accumulate(events);
        let mut at = 0;
        for count in 0..=frames.len() {
            let (before, ended) = decode(&[&stream.slice(..at)]);
            let expected = &events[..count.min(events.len())];
            assert!(same(&before, expected), "{path} cut at {at}");
            match ended {
                _ if count > events.len() => assert_eq!(ended, *end, "{path}: the exception"),
                Ok(()) => assert!(is_stopped(expected), "{path} cut at {at}"),
                Err(error) => {
                    assert_eq!(error.kind, StreamErrorKind::NoMessageStop, "{path} cut at {at}");
                    assert!(!is_stopped(expected), "{path} cut at {at}");
                    assert_eq!((error.offset, error.events), (at as u64, count as u64));
                }
            }
            assert_begins(&whole, &accumulate(&before), &format!("{path} cut at {at}"));
            at += frames.get(count).map_or(0, Bytes::len);
            cuts += 1;
        }
        assert_eq!(at, stream.len());
    }
    println!("{cuts} cuts between frames of {} recordings", all.len());
    assert!(cuts > 2000, "only {cuts} cuts");
}

/// What stands before the frame that is cut was decoded in the test above, so
/// that here the frame before it, which leaves the decoder warm, is enough.
#[test]
fn a_stream_cut_within_a_frame_is_incomplete_at_every_byte() {
    let Some(all) = recorded("streams cut within their frames") else { return };
    let mut cuts = 0;
    for Recorded { path, frames, events, .. } in &all {
        let first = Bytes::new();
        for (count, frame) in frames.iter().enumerate() {
            let before = count.checked_sub(1).map_or(&first, |last| &frames[last]);
            for held in 1..frame.len() {
                let mut decoder = EventDecoder::new(None);
                decoder.push(before.clone());
                let event = decoder.next().unwrap();
                let is_same = event.as_ref().map(StreamEvent::message)
                    == count.checked_sub(1).map(|last| events[last].message());
                decoder.push(frame.slice(..held));
                let (next, ended) = (decoder.next(), decoder.finish());
                let at = before.len() + held;
                assert!(is_same && matches!(next, Ok(None)), "{path}: frame {count} at {held}");
                let error = ended.expect_err(path);
                assert_eq!(error.kind, StreamErrorKind::Cut { held }, "{path}: frame {count}");
                assert_eq!(error.offset, at as u64, "{path}: frame {count}");
                cuts += 1;
            }
        }
    }
    println!("{cuts} cuts within frames of {} recordings", all.len());
    assert!(cuts > 400_000, "only {cuts} cuts");
}

/// Checks that `part` is what `whole` begins with: all blocks but the last are
/// the same, and the last one goes on.
fn assert_begins(whole: &Accumulated, part: &Accumulated, at: &str) {
    let (whole, mut part) = (content(whole), content(part));
    let Some(last) = part.pop() else { return };
    let count = part.len();
    assert_eq!(part[..], whole[..count], "{at}");
    let next = whole.get(count).unwrap_or_else(|| panic!("{at}: {last} is not in the whole"));
    assert!(begins(next, &last), "{at}: {last} does not begin {next}");
}

/// The blocks, each with its texts in one form only: those with citations as
/// those without, a tool's input as the text that was sent, bytes as bytes.
fn content(all: &Accumulated) -> Vec<Value> {
    let ConverseOutput::Message(message) = &all.response.output else { panic!("no message") };
    message.content.iter().map(plain).collect()
}

fn plain(block: &ContentBlock) -> Value {
    let mut value = serde_json::to_value(block).unwrap();
    match block {
        ContentBlock::Text(text) => {
            value = json!({ "citationsContent": { "content": [{ "text": text.as_str() }] } });
        }
        ContentBlock::ToolUse(tool) => {
            // Where it is cut and no JSON, it is kept as a string.
            let cut = tool.input.to::<String>();
            value["toolUse"]["input"] = cut.unwrap_or_else(|_| tool.input.as_json().into()).into();
        }
        _ => {}
    }
    if let Some(bytes) = value.pointer_mut("/reasoningContent/redactedContent") {
        *bytes = json!(STANDARD.decode(bytes.as_str().unwrap()).unwrap());
    }
    value
}

fn begins(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::String(whole), Value::String(part)) => whole.starts_with(part),
        (Value::Array(whole), Value::Array(part)) => {
            part.len() <= whole.len() && whole.iter().zip(part).all(|(w, p)| begins(w, p))
        }
        (Value::Object(whole), Value::Object(part)) => {
            // The input of a tool of which no piece came.
            let none_came = |name: &str, value: &Value| name == "input" && value == "{}";
            let mut members = part.iter().filter(|(name, value)| !none_came(name, value));
            members.all(|(name, p)| whole.get(name).is_some_and(|w| begins(w, p)))
        }
        _ => whole == part,
    }
}

/// Flips bits of every frame, one at a time, for a decoder that has just
/// decoded the frame before it; gives how many. The frame comes in `pieces`.
fn flip(all: &[Recorded], pieces: usize, is_chosen: impl Fn(usize) -> bool) -> usize {
    let mut count = 0;
    for Recorded { path, frames, .. } in all {
        let first = Bytes::new();
        for (before, frame) in [&first].into_iter().chain(frames).zip(frames) {
            let mut damaged = frame.to_vec();
            for bit in (0..frame.len() * 8).filter(|bit| is_chosen(*bit)) {
                damaged[bit / 8] ^= 1 << (bit % 8);
                let cut = frame.len() / pieces;
                assert_noticed(before, Bytes::copy_from_slice(&damaged), cut, bit, path);
                damaged[bit / 8] ^= 1 << (bit % 8);
                count += 1;
            }
            assert_eq!(damaged, *frame);
        }
    }
    count
}

fn assert_noticed(before: &Bytes, mut damaged: Bytes, cut: usize, bit: usize, path: &str) {
    let (mut decoder, length) = (Decoder::new(), damaged.len());
    decoder.push(before.clone());
    let warm = decoder.next().unwrap();
    assert_eq!(warm.as_ref().map_or(&b""[..], |message| message.frame()), before);
    decoder.push(damaged.split_to(cut));
    if !damaged.is_empty() {
        // Of a prelude it is noticed at once.
        let is_told = decoder.next().is_err();
        assert_eq!(is_told, bit / 8 < 12, "{path}, bit {bit}");
        decoder.push(damaged);
    }
    let offset = before.len() as u64;
    let error = decoder.next().expect_err(path);
    let is_expected = match error.kind() {
        ErrorKind::PreludeCrcMismatch { .. } => bit / 8 < 12,
        ErrorKind::MessageCrcMismatch { .. } => bit / 8 >= 12,
        _ => false,
    };
    assert!(is_expected, "{path}, bit {bit}: {error}");
    assert!((offset..offset + length as u64).contains(&error.offset()), "{path}: {error}");
    assert_eq!((decoder.offset(), decoder.held()), (offset, length));
    assert_eq!(decoder.finish(), Err(error));
}

/// One bit of each byte, for the time of it; the next test has all.
#[test]
fn a_flipped_bit_in_any_byte_is_an_error_at_its_frame() {
    let Some(all) = recorded("a flipped bit in every byte") else { return };
    // Each byte another bit: those of the first are 0, 3, 6, 1, ...
    let is_chosen = |bit| bit % 8 == (bit / 8 * 3) % 8;
    let count = flip(&all, 1, is_chosen);
    assert_eq!(flip(&all, 2, is_chosen), count, "in two pieces");
    println!("{count} bits of {} recordings", all.len());
    assert!(count > 400_000, "only {count} bits");
}

/// `cargo test --release --test damaged_streams -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes where nothing is optimised"]
fn every_flipped_bit_is_an_error_at_its_frame() {
    let Some(all) = recorded("every flipped bit") else { return };
    let count = flip(&all, 1, |_| true);
    println!("{count} bits of {} recordings", all.len());
    assert_eq!(count, all.iter().map(|r| r.stream.len() * 8).sum::<usize>());
}

#[test]
fn the_events_before_a_damaged_frame_are_the_same_and_none_comes_behind_it() {
    let Some(all) = recorded("the events before damage") else { return };
    let mut count = 0;
    for Recorded { path, stream, frames, events, .. } in &all {
        let mut at = 0;
        for (number, frame) in frames.iter().enumerate() {
            let mut damaged = stream.to_vec();
            let bit = number * 13 % (frame.len() * 8);
            damaged[at + bit / 8] ^= 1 << (bit % 8);
            let (before, ended) = decode(&[&damaged.into()]);
            assert!(same(&before, &events[..number]), "{path}: frame {number}");
            let error = ended.expect_err(path);
            assert!(matches!(error.kind, StreamErrorKind::Corrupt(_)), "{path}: {error}");
            assert_eq!((error.offset, error.events), (at as u64, number as u64), "{path}");
            at += frame.len();
            count += 1;
        }
    }
    println!("{count} frames of {} recordings", all.len());
    assert!(count > 2000, "only {count} frames");
}
