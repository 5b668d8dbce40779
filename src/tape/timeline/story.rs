//! The events of a stream, one after the other.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::Duration;

use bytes::Bytes;

use super::super::body::{Clock, Frame, RecordedBody};
use super::super::exchange::RecordedResponse;
use super::super::piece::Micros;
use super::chunk;
use super::ending::{Ending, damaged};
use super::mark::{Mark, MarkKind};
use super::said::{Block, Said};
use super::tokens::Tokens;
use crate::eventstream::Message;

/// What the events of a stream say, up to what breaks it.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Story {
    pub(super) events: u64,
    pub(super) first_event: Option<Micros>,
    pub(super) first_text: Option<Micros>,
    /// By index.
    pub(super) blocks: BTreeSet<i64>,
    pub(super) tool_calls: u64,
    pub(super) tokens: Option<Tokens>,
    pub(super) latency: Option<Duration>,
    pub(super) first_byte: Option<Duration>,
    pub(super) marks: Vec<Mark>,
    pub(super) stop_reason: Option<String>,
    /// Whether what shows the answer to be whole came.
    pub(super) is_stopped: bool,
    /// Whether it is one of InvokeModelWithResponseStream.
    pub(super) is_of_chunks: bool,
    /// Whether it has chunks in a format that is not read.
    pub(super) is_foreign: bool,
    /// How many events cannot be read.
    pub(super) unread: u64,
    /// What broke the stream.
    pub(super) broken: Option<Ending>,
    has_text: bool,
}

impl Story {
    pub(super) fn of(response: &RecordedResponse) -> Self {
        let mut story = Story::default();
        let RecordedBody::Stream { frames, .. } = &response.body else { return story };
        let (mut clock, mut offset) = (Clock::new(response.pieces().unwrap_or_default()), 0);
        for frame in frames {
            let at = clock.after(frame.bytes.len());
            if let ControlFlow::Break(broken) = story.add(frame, frame.at.or(at), offset) {
                story.broken = Some(broken);
                return story;
            }
            offset += frame.bytes.len() as u64;
        }
        story
    }

    fn add(&mut self, frame: &Frame, at: Option<Micros>, offset: u64) -> ControlFlow<Ending> {
        let message = match Message::decode(frame.bytes.clone()) {
            Ok(message) => message,
            Err(error) => {
                return ControlFlow::Break(damaged(error.kind(), offset + error.offset()));
            }
        };
        let text = |name| message.headers().get(name).and_then(|value| value.as_str());
        if let Some(name) = text(":exception-type").or_else(|| text(":error-code")) {
            return ControlFlow::Break(Ending::Exception { name: name.to_owned() });
        }
        if self.events == 0 {
            self.first_event = at;
            self.mark(at, MarkKind::FirstEvent);
        }
        self.events += 1;
        let event_type = text(":event-type").unwrap_or_default();
        match self.read(event_type, &message.payload_bytes()) {
            Some(said) => self.tell(said, at),
            None => self.unread += 1,
        }
        ControlFlow::Continue(())
    }

    fn read(&mut self, event_type: &str, payload: &Bytes) -> Option<Said> {
        if event_type != "chunk" {
            return Said::of_event(event_type, payload).ok();
        }
        self.is_of_chunks = true;
        let chunk = chunk::read(payload)?;
        self.is_foreign |= !chunk.is_known;
        Some(chunk.said)
    }

    fn tell(&mut self, said: Said, at: Option<Micros>) {
        if let Some((index, block)) = said.block
            && self.blocks.insert(index)
        {
            self.begin(index, block, at);
        }
        if said.has_text && !self.has_text {
            self.has_text = true;
            self.first_text = at;
            self.mark(at, MarkKind::FirstText);
        }
        if said.stops {
            self.mark(at, MarkKind::MessageStop);
        }
        self.is_stopped |= said.completes;
        self.stop_reason = said.stop_reason.or_else(|| self.stop_reason.take());
        self.tokens = said.tokens.or(self.tokens);
        self.latency = said.latency.or(self.latency);
        self.first_byte = said.first_byte.or(self.first_byte);
    }

    fn begin(&mut self, index: i64, block: Block, at: Option<Micros>) {
        match block {
            Block::ToolCall(name) => {
                self.tool_calls += 1;
                self.mark(at, MarkKind::ToolCall { index, name });
            }
            Block::Of(kind) => self.mark(at, MarkKind::BlockStart { index, kind }),
        }
    }

    fn mark(&mut self, at: Option<Micros>, kind: MarkKind) {
        self.marks.push(Mark::new(at, kind));
    }
}
