//! What holds for all messages and tapes, tried with some that chance makes: the
//! same on every run. `fuzz/` has the same and more under a fuzzer.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod frames;

use aws_smithy_eventstream::frame::read_message_from;
use bedrock_wire::eventstream::{Decoder, ErrorKind, HeaderValue, Message};
use bytes::Bytes;
use frames::{Random, by_reference, decode_every_way, encoded, in_its_terms};

/// Bytes of a length up to `most`, or none.
fn bytes(random: &mut Random, most: usize) -> Vec<u8> {
    let length = random.up_to(most + 1) - 1;
    (0..length).map(|_| byte(random)).collect()
}

fn byte(random: &mut Random) -> u8 {
    u8::try_from(random.up_to(256) - 1).unwrap()
}

fn text(random: &mut Random, most: usize) -> String {
    let length = random.up_to(most + 1) - 1;
    let characters = ['a', 'Z', '0', ':', '-', '"', '\\', '\n', '\0', '\u{e4}', '\u{1f33f}'];
    (0..length).map(|_| characters[random.up_to(characters.len()) - 1]).collect()
}

/// A value of any type, in memory of its own.
enum Value {
    Fixed(HeaderValue<'static>),
    Bytes(Vec<u8>),
    String(String),
}

impl Value {
    fn any(random: &mut Random) -> Self {
        let eight: [u8; 8] = std::array::from_fn(|_| byte(random));
        let number = i64::from_be_bytes(eight) >> (random.up_to(64) - 1);
        let [.., a, b, c, d] = eight;
        Self::Fixed(match random.up_to(10) {
            1 => HeaderValue::Bool(true),
            2 => HeaderValue::Bool(false),
            3 => HeaderValue::Byte(i8::from_be_bytes([a])),
            4 => HeaderValue::Int16(i16::from_be_bytes([a, b])),
            5 => HeaderValue::Int32(i32::from_be_bytes([a, b, c, d])),
            6 => HeaderValue::Int64(number),
            7 => return Self::Bytes(bytes(random, 300)),
            8 => return Self::String(text(random, 300)),
            9 => HeaderValue::Timestamp(number),
            _ => HeaderValue::Uuid(std::array::from_fn(|_| byte(random))),
        })
    }

    fn as_header(&self) -> HeaderValue<'_> {
        match self {
            Self::Fixed(value) => *value,
            Self::Bytes(bytes) => HeaderValue::Bytes(bytes),
            Self::String(text) => HeaderValue::String(text),
        }
    }
}

/// A message of up to a dozen headers, whose names differ by their numbers.
fn message(random: &mut Random) -> Message {
    let count = random.up_to(13) - 1;
    let header = |n| (format!("{n}{}", text(random, 20)), Value::any(random));
    let headers: Vec<_> = (0..count).map(header).collect();
    let payload = bytes(random, 2000);
    let views = headers.iter().map(|(name, value)| (name.as_str(), value.as_header()));
    let message = Message::encode(views.clone(), &payload).unwrap();
    assert!(message.headers().iter().eq(views), "headers read back");
    assert_eq!(message.payload(), payload);
    message
}

fn joined(messages: &[Message]) -> Bytes {
    messages.iter().flat_map(|message| message.frame().to_vec()).collect()
}

#[test]
fn any_messages_read_back_in_any_pieces_and_by_the_reference() {
    let mut random = Random::new(1);
    for seed in 0..200 {
        let count = random.up_to(5);
        let messages: Vec<_> = (0..count).map(|_| message(&mut random)).collect();
        let stream = joined(&messages);
        assert_eq!(decode_every_way(&stream, seed), Ok(messages.clone()));
        let read: Vec<_> = by_reference(&stream).into_iter().map(|(message, _)| message).collect();
        assert_eq!(messages.iter().map(in_its_terms).collect::<Vec<_>>(), read);
        assert!(messages.iter().all(|message| encoded(message) == message.frame()));
    }
}

/// Changes one byte of the headers, and puts the checksums right.
fn changed(message: &Message, random: &mut Random) -> Vec<u8> {
    let mut frame = message.frame().to_vec();
    let length = message.headers().as_bytes().len();
    frame[11 + random.up_to(length)] = byte(random);
    let end = frame.len() - 4;
    let crc = crc32fast::hash(&frame[..end]).to_be_bytes();
    frame[end..].copy_from_slice(&crc);
    frame
}

#[test]
fn changed_headers_are_taken_and_refused_as_by_the_reference_but_for_a_name_given_twice() {
    let mut random = Random::new(2);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..400 {
        let message = message(&mut random);
        if message.headers().is_empty() {
            continue;
        }
        for _ in 0..25 {
            let frame = changed(&message, &mut random);
            let theirs = read_message_from(&mut &frame[..]);
            match (Message::decode(frame.into()), theirs) {
                (Ok(ours), Ok(theirs)) => {
                    assert_eq!(in_its_terms(&ours), theirs);
                    taken += 1;
                }
                (Err(_), Err(_)) => refused += 1,
                (Err(error), Ok(_)) => {
                    let is_twice = matches!(error.kind(), ErrorKind::DuplicateHeader { .. });
                    assert!(is_twice, "{error}");
                }
                (Ok(ours), Err(theirs)) => panic!("{ours:?}: {theirs}"),
            }
        }
    }
    println!("{taken} taken, {refused} refused");
    assert!(taken > 1000 && refused > 1000, "{taken} taken, {refused} refused");
}

#[test]
fn of_damaged_bytes_none_is_lost_and_what_came_before_stays() {
    let mut random = Random::new(3);
    for _ in 0..500 {
        let messages = [message(&mut random), message(&mut random), message(&mut random)];
        let mut stream = joined(&messages).to_vec();
        let at = random.up_to(stream.len()) - 1;
        let mut held = stream.split_off(at);
        held.splice(..random.up_to(held.len()).min(8), bytes(&mut random, 8));
        stream.append(&mut held);
        let mut decoder = Decoder::new();
        decoder.push(stream.clone().into());
        let given: Vec<_> = std::iter::from_fn(|| decoder.next().ok().flatten()).collect();
        let sound = messages.iter().scan(0, |end, message| {
            *end += message.frame().len();
            Some(*end)
        });
        let sound = sound.take_while(|end| *end <= at).count();
        assert!(given.len() >= sound && given[..sound] == messages[..sound]);
        let mut all = joined(&given).to_vec();
        all.extend(decoder.into_held().flatten());
        assert!(all == stream);
    }
}

#[cfg(feature = "replay")]
mod tapes {
    use super::{Random, bytes, joined, message, text};
    use bedrock_wire::eventstream::{HeaderValue, Message};
    use bedrock_wire::tape::{End, Micros, RecordedRequest, RecordedResponse, Tape};
    use bytes::Bytes;
    use http::{HeaderMap, Method, StatusCode};

    /// JSON as written, JSON in several lines, text, or any bytes.
    fn body(random: &mut Random) -> Bytes {
        let text = text(random, 60);
        let json = serde_json::json!({ "n": 1.5, "text": text });
        match random.up_to(5) {
            1 => json.to_string().into(),
            2 => serde_json::to_vec_pretty(&json).unwrap().into(),
            3 => text.into(),
            4 => Bytes::new(),
            _ => bytes(random, 100).into(),
        }
    }

    fn event(random: &mut Random) -> Message {
        let headers = [
            (":event-type", HeaderValue::String("contentBlockDelta")),
            (":message-type", HeaderValue::String("event")),
        ];
        Message::encode(headers, &body(random)).unwrap()
    }

    /// A stream of events and other messages, which may be cut.
    fn stream(random: &mut Random) -> Bytes {
        let count = random.up_to(6) - 1;
        let one = |_| if random.up_to(2) == 1 { event(random) } else { message(random) };
        let messages: Vec<_> = (0..count).map(one).collect();
        let stream = joined(&messages);
        let cut = random.up_to(3 * (stream.len() + 1)).min(stream.len());
        stream.slice(..cut)
    }

    /// In pieces, none of them empty, whose times go on where they are known.
    fn pieces(mut body: Bytes, random: &mut Random) -> Vec<(Bytes, Option<Micros>)> {
        let (mut pieces, mut clock) = (Vec::new(), 0);
        while !body.is_empty() {
            let length = random.up_to(400).min(body.len());
            clock += random.up_to(1000) as u64 - 1;
            let at = (random.up_to(4) > 1).then_some(Micros(clock));
            pieces.push((body.split_to(length), at));
        }
        pieces
    }

    fn tape(random: &mut Random) -> Tape {
        let is_stream = random.up_to(2) == 1;
        let media = if is_stream { "application/vnd.amazon.eventstream" } else { "text/plain" };
        let mut headers = HeaderMap::new();
        headers.insert("content-type", media.parse().unwrap());
        let body_bytes = if is_stream { stream(random) } else { body(random) };
        let mut response = if random.up_to(2) == 1 {
            RecordedResponse::new(StatusCode::OK, &headers, &body_bytes)
        } else {
            RecordedResponse::from_pieces(StatusCode::OK, &headers, pieces(body_bytes, random))
        };
        if random.up_to(2) == 1 {
            response =
                response.with_end(if random.up_to(2) == 1 { End::Cut } else { End::Complete });
        }
        let mut tape = Tape::new("ConverseStream", "a.b", response);
        tape.source = (random.up_to(2) == 1).then(|| text(random, 30));
        tape.request = (random.up_to(2) == 1).then(|| {
            let path = "/model/a.b/converse-stream";
            RecordedRequest::new(Method::POST, path, &HeaderMap::new(), body(random))
        });
        tape
    }

    #[test]
    fn any_tape_is_read_as_it_was_and_written_as_the_same_bytes() {
        let mut random = Random::new(4);
        for _ in 0..500 {
            let tape = tape(&mut random);
            let (mut written, mut again) = (Vec::new(), Vec::new());
            tape.write(&mut written).unwrap();
            let text = String::from_utf8(written).unwrap();
            let read = Tape::read(text.as_bytes(), "any").unwrap_or_else(|e| panic!("{e}\n{text}"));
            assert_eq!(read, tape, "{text}");
            assert_eq!(read.body_bytes(), tape.body_bytes());
            read.write(&mut again).unwrap();
            assert_eq!(again, text.as_bytes());
        }
    }
}
