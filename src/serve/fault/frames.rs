//! Frames in the bytes of a body: where they are, how to damage one, and new
//! ones.

use std::ops::Range;

use serde_json::json;

use crate::eventstream::{EncodeError, HeaderValue, Message, MessageRef};

/// Total length, headers length, and their checksum.
const PRELUDE: usize = 12;

/// A prelude and a checksum.
const SHORTEST: usize = 16;

/// No type of a header's value: they go up to 9.
const NO_TYPE: u8 = 10;

/// Where each frame is, by the lengths that the frames say. Bytes at the end
/// that are no whole frame count as one.
pub(super) fn ranges(body: &[u8]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < body.len() {
        let end = at.saturating_add(length(&body[at..])).min(body.len());
        ranges.push(at..end);
        at = end;
    }
    ranges
}

fn length(rest: &[u8]) -> usize {
    match rest.first_chunk() {
        Some(total) if u32::from_be_bytes(*total) as usize >= SHORTEST => {
            u32::from_be_bytes(*total) as usize
        }
        // What is no frame has no end.
        Some(_) | None => rest.len(),
    }
}

/// Whether a frame is an event of this type.
pub(super) fn is_event(frame: &[u8], event_type: &str) -> bool {
    let Ok(Some(message)) = MessageRef::decode(frame) else { return false };
    let found = message.headers().get(":event-type");
    found.is_some_and(|value| value.as_str() == Some(event_type))
}

/// One thing that is wrong with a frame.
#[derive(Clone, Copy, Debug)]
pub(super) enum Damage {
    PreludeCrc,
    MessageCrc,
    Length(u32),
    HeaderType,
}

/// Damages a frame in its place. Only that one thing is wrong: what other
/// checksums cover is summed anew.
///
/// `None` where it is no whole frame, or has no header that could be damaged.
pub(super) fn damage(frame: &mut [u8], damage: Damage) -> Option<()> {
    if frame.len() < SHORTEST || length(frame) != frame.len() {
        return None;
    }
    match damage {
        Damage::PreludeCrc => {
            flip(&mut frame[8..PRELUDE]);
            sum_message(frame);
        }
        Damage::MessageCrc => {
            let end = frame.len();
            flip(&mut frame[end - 4..]);
        }
        Damage::Length(total) => {
            frame[..4].copy_from_slice(&total.to_be_bytes());
            let crc = crc32fast::hash(&frame[..8]);
            frame[8..PRELUDE].copy_from_slice(&crc.to_be_bytes());
            sum_message(frame);
        }
        Damage::HeaderType => {
            *first_type(frame)? = NO_TYPE;
            sum_message(frame);
        }
    }
    Some(())
}

/// Every bit, so that no other value can be meant.
fn flip(crc: &mut [u8]) {
    for byte in crc {
        *byte = !*byte;
    }
}

/// The type of the first header's value: behind the name and its length.
fn first_type(frame: &mut [u8]) -> Option<&mut u8> {
    let headers = u32::from_be_bytes(*frame[4..].first_chunk()?) as usize;
    let name = usize::from(*frame.get(PRELUDE)?);
    if name + 2 > headers {
        return None;
    }
    frame.get_mut(PRELUDE + 1 + name)
}

fn sum_message(frame: &mut [u8]) {
    let (covered, crc) = frame.split_at_mut(frame.len() - 4);
    crc.copy_from_slice(&crc32fast::hash(covered).to_be_bytes());
}

/// An exception as the service sends it.
pub(super) fn exception(name: &str, message: Option<&str>) -> Result<Message, EncodeError> {
    let headers = [
        (":exception-type", HeaderValue::String(name)),
        (":content-type", HeaderValue::String("application/json")),
        (":message-type", HeaderValue::String("exception")),
    ];
    let payload = json!({ "message": message.unwrap_or(super::apply::MESSAGE) }).to_string();
    Message::encode(headers, payload.as_bytes())
}

/// An error of the event stream itself.
pub(super) fn error_message(code: &str, message: Option<&str>) -> Result<Message, EncodeError> {
    let headers = [
        (":message-type", HeaderValue::String("error")),
        (":error-code", HeaderValue::String(code)),
    ];
    let message = message.map(|text| (":error-message", HeaderValue::String(text)));
    Message::encode(headers.into_iter().chain(message), b"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(headers: &[(&'static str, HeaderValue<'static>)]) -> Vec<u8> {
        Message::encode(headers.iter().copied(), b"{}").unwrap().frame().to_vec()
    }

    #[test]
    fn frames_are_found_by_their_lengths_and_the_rest_counts_as_one() {
        let one = frame(&[(":event-type", HeaderValue::String("messageStop"))]);
        let two = frame(&[]);
        let body = [&one[..], &two, &one[..20]].concat();
        let (first, second) = (one.len(), one.len() + two.len());
        assert_eq!(ranges(&body), [0..first, first..second, second..body.len()]);
        assert!(is_event(&one, "messageStop") && !is_event(&one, "metadata"));
        assert!(!is_event(&two, "messageStop") && !is_event(&one[..20], "messageStop"));
        for junk in [&b""[..], b"abc", b"{\"message\":1}", &[0; 40]] {
            let expected: Vec<_> =
                (!junk.is_empty()).then_some(0..junk.len()).into_iter().collect();
            assert_eq!(ranges(junk), expected, "{junk:?}");
        }
    }

    #[test]
    fn what_has_no_such_part_is_not_damaged() {
        let mut bare = frame(&[]);
        assert!(damage(&mut bare, Damage::HeaderType).is_none());
        assert_eq!(bare, frame(&[]));
        let mut rest = bare[..15].to_vec();
        for kind in [Damage::PreludeCrc, Damage::MessageCrc, Damage::Length(1)] {
            assert!(damage(&mut rest, kind).is_none(), "{kind:?}");
            assert!(damage(&mut frame(&[]), kind).is_some(), "{kind:?}");
        }
    }
}
