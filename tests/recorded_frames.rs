//! Recorded streams of Bedrock's through our codec and through AWS's own.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;
mod frames;

use std::collections::BTreeSet;

use aws_smithy_eventstream::frame::write_message_to;
use bedrock_wire::eventstream::{Decoder, ErrorKind, HeaderValue, Message, MessageRef};
use bytes::Bytes;
use corpus::{Corpus, Recording};
use frames::{by_reference, decode_every_way, encoded, in_its_terms};

fn streams(corpus: &Corpus) -> Vec<Recording> {
    let operations = ["ConverseStream", "InvokeModelWithResponseStream"];
    operations.into_iter().flat_map(|operation| corpus.answered(operation)).collect()
}

#[test]
fn recorded_frames_decode_as_the_reference_decodes_them_and_encode_to_the_same_bytes() {
    let Some(corpus) = corpus::find("recorded frames") else {
        return;
    };
    let (mut count, mut longest) = (0, 0);
    let recordings = streams(&corpus);
    for (seed, recording) in (0..).zip(&recordings) {
        let stream = Bytes::from(recording.response());
        let expected = by_reference(&stream);
        let messages =
            decode_every_way(&stream, seed).unwrap_or_else(|e| panic!("{}: {e}", recording.path));
        let decoded: Vec<_> = messages.iter().map(in_its_terms).collect();
        let expected: Vec<_> = expected.into_iter().map(|(message, _)| message).collect();
        assert_eq!(decoded, expected, "{}", recording.path);
        let again: Vec<u8> = messages.iter().flat_map(encoded).collect();
        assert!(again == stream, "{} encodes to other bytes", recording.path);
        count += messages.len();
        longest = messages.iter().map(|m| m.frame().len()).fold(longest, usize::max);
    }
    println!("{count} frames of {} recordings, up to {longest} bytes", recordings.len());
    assert!(count > 1000, "only {count} frames");
}

/// One decoder gets each stream byte by byte, and is asked behind each of them:
/// `finish` changes nothing.
#[test]
fn a_stream_cut_anywhere_but_between_two_frames_is_incomplete() {
    let Some(corpus) = corpus::find("cut streams") else {
        return;
    };
    let (mut cuts, recordings) = (0, streams(&corpus));
    for recording in &recordings {
        let (path, stream) = (&recording.path, Bytes::from(recording.response()));
        let ends: BTreeSet<_> = by_reference(&stream).into_iter().map(|(_, end)| end).collect();
        let mut decoder = Decoder::new();
        assert_eq!(decoder.finish(), Ok(()));
        for at in 0..stream.len() {
            decoder.push(stream.slice(at..=at));
            let (cut, message) = (at + 1, decoder.next().unwrap());
            assert_eq!(message.is_some(), ends.contains(&cut), "{path} cut at {cut}");
            match decoder.finish() {
                Ok(()) => assert!(ends.contains(&cut), "{path} cut at {cut}"),
                Err(e) => {
                    assert!(!ends.contains(&cut), "{path} cut at {cut}: {e}");
                    assert!(matches!(e.kind(), ErrorKind::Incomplete { .. }), "{e}");
                    assert_eq!(e.offset(), cut as u64);
                }
            }
        }
        cuts += stream.len() + 1;
    }
    println!("{cuts} cuts of {} recordings", recordings.len());
    assert!(recordings.len() > 150, "only {} recordings", recordings.len());
}

#[test]
fn a_stream_read_by_slices_is_the_stream_read_by_the_decoder() {
    let Some(corpus) = corpus::find("frames read by slices") else {
        return;
    };
    for recording in streams(&corpus) {
        let stream = Bytes::from(recording.response());
        let mut decoder = Decoder::new();
        decoder.push(stream.clone());
        let mut rest = &stream[..];
        while let Some(message) = decoder.next().unwrap() {
            let borrowed = MessageRef::decode(rest).unwrap().unwrap();
            assert_eq!(borrowed, message.as_ref());
            assert_eq!(message.frame().as_ptr(), rest.as_ptr(), "copied out of its piece");
            assert_eq!(Message::decode(message.frame().clone()), Ok(message));
            rest = &rest[borrowed.frame().len()..];
        }
        assert!(rest.is_empty() && decoder.finish().is_ok());
    }
}

#[test]
fn every_type_of_header_goes_to_the_reference_and_back() {
    let headers = [
        ("true", HeaderValue::Bool(true)),
        ("false", HeaderValue::Bool(false)),
        ("byte", HeaderValue::Byte(i8::MIN)),
        ("int16", HeaderValue::Int16(i16::MIN)),
        ("int32", HeaderValue::Int32(i32::MIN)),
        ("int64", HeaderValue::Int64(i64::MIN)),
        ("bytes", HeaderValue::Bytes(b"\xff\0\x80")),
        ("string", HeaderValue::String("gr\u{fc}n \u{1f33f}")),
        ("timestamp", HeaderValue::Timestamp(-1)),
        ("uuid", HeaderValue::Uuid(*b"0123456789abcdef")),
        ("no bytes", HeaderValue::Bytes(b"")),
        ("no text", HeaderValue::String("")),
        ("n\u{e4}me", HeaderValue::Timestamp(1_763_361_502_123)),
    ];
    for payload in [&b""[..], b"{}", &vec![0xff; 100_000]] {
        let message = Message::encode(headers, payload).unwrap();
        let read = by_reference(message.frame());
        assert_eq!(read, [(in_its_terms(&message), message.frame().len())]);

        let mut written = Vec::new();
        write_message_to(&read[0].0, &mut written).unwrap();
        assert!(written == *message.frame(), "the reference writes other bytes");
        let again = Message::decode(written.into()).unwrap();
        assert!(again.headers().iter().eq(headers));
        assert_eq!(again.payload(), payload);
    }
}
