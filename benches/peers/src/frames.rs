//! Frames: validated, headers and payload at hand.

use std::hint::black_box;

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder, read_message_from};
use bedrock_wire::eventstream::{Decoder, MessageRef};
use bytes::Bytes;
use bytes_utils::SegmentedBuf;
use serde_json::Value;

use crate::measure::Comparison;
use crate::mix::Mix;

pub fn run(mix: &Mix, rounds: usize) -> Vec<Value> {
    let mut tables = vec![whole(mix, rounds)];
    for size in [16 * 1024, 1400] {
        tables.push(in_pieces(mix, &format!("pieces of {size} bytes"), &mix.pieces(size), rounds));
    }
    tables.push(in_pieces(mix, "a frame a piece", &mix.by_frame(), rounds));
    tables
}

fn whole(mix: &Mix, rounds: usize) -> Value {
    Comparison::new(format!("Frames of {}, in one buffer", mix.name), "a frame")
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

fn in_pieces(mix: &Mix, how: &str, pieces: &[Bytes], rounds: usize) -> Value {
    Comparison::new(format!("Frames of {}, {how}", mix.name), "a frame")
        .subject("bedrock-wire", || {
            let mut decoder = Decoder::new();
            for piece in pieces {
                decoder.push(piece.clone());
                while let Some(message) = decoder.next().expect("a good frame") {
                    black_box((message.headers(), message.payload()));
                }
            }
            mix.frames()
        })
        .subject("aws-smithy-eventstream", || {
            let (mut decoder, mut buffer) = (MessageFrameDecoder::new(), SegmentedBuf::new());
            for piece in pieces {
                buffer.push(piece.clone());
                while let DecodedFrame::Complete(message) =
                    decoder.decode_frame(&mut buffer).expect("a good frame")
                {
                    black_box(message);
                }
            }
            mix.frames()
        })
        .subject("crc32fast alone", || crc(mix))
        .run(rounds)
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
