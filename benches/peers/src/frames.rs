//! Frames: validated, headers and payload at hand.

use std::hint::black_box;

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder, read_message_from};
use aws_smithy_types::event_stream::Message as SmithyMessage;
use bedrock_wire::eventstream::{Decoder, HeaderValue, Message, MessageRef};
use bytes::Bytes;
use bytes_utils::SegmentedBuf;

use crate::measure::Comparison;
use crate::mix::{self, Found, Mix};
use crate::table::{Goal, Table};

pub fn run(rounds: usize) -> Vec<Table> {
    let mut tables = of(&mix::real(), true, rounds);
    tables.extend(of(&mix::escapes(), false, rounds));
    tables
}

fn of(mix: &Mix, has_goals: bool, rounds: usize) -> Vec<Table> {
    let mut tables = vec![whole(mix, rounds)];
    for size in [16 * 1024, 1400] {
        let pieces = mix.pieces(size);
        let mut comparison = in_pieces(mix, &format!("pieces of {size} bytes"), &pieces);
        if has_goals {
            comparison = comparison
                .goal(Goal::at_most("bedrock-wire", 1.0 / 15.0, "aws-smithy-eventstream"))
                .goal(Goal::at_most("bedrock-wire", 2.0, "crc32fast alone"));
        }
        tables.push(comparison.run(rounds));
    }
    tables.push(in_pieces(mix, "a frame a piece", &mix.by_frame()).run(rounds));
    tables
}

fn whole(mix: &Mix, rounds: usize) -> Table {
    Comparison::new(format!("Frames of {}, in one buffer", mix.name), "ns a frame")
        .subject("bedrock-wire", || {
            let mut rest = &mix.bytes[..];
            while let Ok(Some(message)) = MessageRef::decode(rest) {
                rest = &rest[message.frame().len()..];
                black_box(message.payload());
            }
            mix.frames()
        })
        .subject("aws-smithy-eventstream", || {
            let mut rest = mix.bytes.clone();
            while !rest.is_empty() {
                black_box(read_message_from(&mut rest).expect("a good frame"));
            }
            mix.frames()
        })
        .subject("crc32fast alone", || crc(mix))
        .run(rounds)
}

/// All that decode in Rust, once they are seen to find the same.
pub fn in_pieces<'w>(mix: &'w Mix, how: &str, pieces: &'w [Bytes]) -> Comparison<'w> {
    let (mut ours, mut smithys) = (Found::default(), Found::default());
    decode(pieces, |message| note(&mut ours, &message));
    decode_by_smithy(pieces, |message| {
        let name = message.headers().iter().find(|h| h.name().as_str() == ":event-type");
        let event_type = name.expect("a header").value().as_string().expect("a string");
        smithys.add(event_type.as_str().as_bytes(), message.payload());
    });
    assert_eq!(ours.finish(), smithys.finish(), "{}, {how}: the same frames", mix.name);
    Comparison::new(format!("Frames of {}, {how}", mix.name), "ns a frame")
        .subject("bedrock-wire", || {
            decode(pieces, |message| {
                black_box((message.headers(), message.payload()));
            });
            mix.frames()
        })
        .subject("aws-smithy-eventstream", || {
            decode_by_smithy(pieces, |message| {
                black_box(message);
            });
            mix.frames()
        })
        .subject("crc32fast alone", || crc(mix))
}

/// Notes what a message is.
pub fn note(found: &mut Found, message: &Message) {
    match message.headers().get(":event-type") {
        Some(HeaderValue::String(name)) => found.add(name.as_bytes(), message.payload()),
        other => panic!("`:event-type` is {other:?}"),
    }
}

pub fn decode(pieces: &[Bytes], mut each: impl FnMut(Message)) {
    let mut decoder = Decoder::new();
    for piece in pieces {
        decoder.push(piece.clone());
        while let Some(message) = decoder.next().expect("a good frame") {
            each(message);
        }
    }
}

fn decode_by_smithy(pieces: &[Bytes], mut each: impl FnMut(SmithyMessage)) {
    let (mut decoder, mut buffer) = (MessageFrameDecoder::new(), SegmentedBuf::new());
    for piece in pieces {
        buffer.push(piece.clone());
        while let DecodedFrame::Complete(message) =
            decoder.decode_frame(&mut buffer).expect("a good frame")
        {
            each(message);
        }
    }
}

/// The least that any decoder does: one checksum over each frame.
fn crc(mix: &Mix) -> u64 {
    let mut start = 0;
    for &end in &mix.ends {
        black_box(crc32fast::hash(&mix.bytes[start..end - 4]));
        start = end;
    }
    mix.frames()
}
