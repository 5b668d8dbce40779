//! Streams without a tape, for load.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::error::ReplayError;
use crate::eventstream::{HeaderValue as FrameValue, Message};
use crate::serve::{Reply, ReplyBody, SharedPieces};

/// The most events of text: each takes some tens of bytes of memory, once.
const MAX_EVENTS: u32 = 1_000_000;

/// The most bytes of text in an event.
const MAX_TEXT: u32 = 1 << 20;

/// What the service pads its events with: the first 2 to 61 of these.
const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345678";

/// The lengths of padding there are.
const PADDINGS: usize = PADDING.len() - 1;

/// What a made model says, over and over.
const SAYING: &[u8] = b"To be made is to be played. ";

/// An answer to ConverseStream that is made and not recorded: so many events of
/// text between what the service sends before and after.
///
/// The frames are those of the service in form: headers, compact JSON with
/// sorted keys, padding `p` of 2 to 61 characters, `messageStart`, text deltas,
/// `contentBlockStop`, `messageStop`, `metadata` with the usage (an output
/// token for each event). They are encoded once and shared by all answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MadeStream {
    events: u32,
    bytes_of_text: u32,
}

impl MadeStream {
    /// A stream with this many events of text, at most 1,000,000, of this many
    /// bytes of text each, at most 1 MiB.
    pub fn new(events: u32, bytes_of_text: u32) -> Self {
        Self { events, bytes_of_text }
    }

    /// All frames of the stream, in order: what every answer consists of.
    ///
    /// # Errors
    /// Where there are too many events, or too long ones.
    pub fn frames(self) -> Result<Vec<Bytes>, ReplayError> {
        let Self { events, bytes_of_text } = self;
        if events > MAX_EVENTS || bytes_of_text > MAX_TEXT {
            return Err(ReplayError::MadeStream { events, bytes_of_text });
        }
        let frame = |event_type, payload: String| {
            let text = |text| FrameValue::String(text);
            let headers = [
                (":event-type", text(event_type)),
                (":content-type", text("application/json")),
                (":message-type", text("event")),
            ];
            Message::encode(headers, payload.as_bytes())
                .map(|message| message.frame().clone())
                .map_err(|_| ReplayError::MadeStream { events, bytes_of_text })
        };
        let deltas = (0..PADDINGS.min(events as usize))
            .map(|i| frame("contentBlockDelta", delta(i, bytes_of_text)))
            .collect::<Result<Vec<_>, _>>()?;
        let text = deltas.iter().cycle().take(events as usize).cloned();
        let mut frames = vec![frame("messageStart", start())?];
        frames.extend(text);
        frames.push(frame("contentBlockStop", block_stop())?);
        frames.push(frame("messageStop", stop())?);
        frames.push(frame("metadata", metadata(events))?);
        Ok(frames)
    }

    /// The reply, to be cloned.
    pub(super) fn reply(self) -> Result<Reply, ReplayError> {
        let pieces = self.frames()?.into_iter().map(|frame| (std::time::Duration::ZERO, frame));
        let body = ReplyBody::Shared(SharedPieces::new(pieces.collect()));
        let mut reply = Reply::new(StatusCode::OK, body);
        let kind = HeaderValue::from_static("application/vnd.amazon.eventstream");
        reply.headers.insert(header::CONTENT_TYPE, kind);
        reply.source = Some("made".into());
        Ok(reply)
    }
}

/// Of the `i`th event: all lengths of padding come, and the saying goes on.
fn delta(i: usize, bytes_of_text: u32) -> String {
    let begin = (i * bytes_of_text as usize) % SAYING.len();
    let text = SAYING.iter().cycle().skip(begin).take(bytes_of_text as usize);
    let text: String = text.copied().map(char::from).collect();
    json!({"contentBlockIndex": 0, "delta": {"text": text}, "p": padding(i * 7)}).to_string()
}

fn start() -> String {
    json!({"p": padding(10), "role": "assistant"}).to_string()
}

fn block_stop() -> String {
    json!({"contentBlockIndex": 0, "p": padding(30)}).to_string()
}

fn stop() -> String {
    json!({"p": padding(50), "stopReason": "end_turn"}).to_string()
}

fn metadata(events: u32) -> String {
    let usage = json!({"inputTokens": 1, "outputTokens": events, "totalTokens": events + 1});
    json!({"metrics": {"latencyMs": 1}, "p": padding(20), "usage": usage}).to_string()
}

fn padding(i: usize) -> &'static str {
    &PADDING[..2 + i % PADDINGS]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use super::*;
    use crate::stream::{Accumulator, EventDecoder};

    #[test]
    fn a_made_stream_is_one_that_our_decoder_takes_to_its_end() {
        for (events, bytes) in [(0, 5), (1, 0), (200, 33), (2, MAX_TEXT)] {
            let frames = MadeStream::new(events, bytes).frames().unwrap();
            assert_eq!(frames.len(), events as usize + 4);
            let (mut decoder, mut answer) = (EventDecoder::new(None), Accumulator::new());
            let mut length = 0;
            for frame in frames {
                decoder.push(frame);
                while let Some(event) = decoder.next().unwrap() {
                    length += event.text().map_or(0, |text| text.len());
                    answer.add(&event);
                }
            }
            decoder.finish().unwrap();
            assert_eq!(length, events as usize * bytes as usize);
            let usage = answer.finish().response.usage.unwrap();
            assert_eq!(usage.output_tokens, i64::from(events));
        }
    }

    #[test]
    fn keys_are_sorted_and_paddings_have_all_lengths_of_the_service() {
        let mut lengths = HashSet::new();
        for frame in MadeStream::new(200, 10).frames().unwrap() {
            let message = Message::decode(frame).unwrap();
            let payload: Value = serde_json::from_slice(message.payload()).unwrap();
            // Without the feature `preserve_order` it writes them sorted.
            assert_eq!(payload.to_string().as_bytes(), message.payload());
            lengths.insert(payload["p"].as_str().unwrap().len());
        }
        assert!(lengths.iter().all(|length| (2..=61).contains(length)), "{lengths:?}");
        assert_eq!(lengths.len(), PADDINGS);
    }

    #[test]
    fn frames_that_are_the_same_are_so_in_memory() {
        let frames = MadeStream::new(10_000, 100).frames().unwrap();
        let places: HashSet<_> = frames.iter().map(|frame| frame.as_ptr()).collect();
        assert_eq!(places.len(), PADDINGS + 4);
    }

    #[test]
    fn one_that_is_too_large_is_refused() {
        for (events, bytes) in [(MAX_EVENTS + 1, 1), (1, MAX_TEXT + 1)] {
            let error = MadeStream::new(events, bytes).frames().unwrap_err().to_string();
            assert!(error.contains("at most"), "{error}");
        }
    }
}
