//! Payloads as nearly all are, exactly as Bedrock writes them: compact, their
//! members sorted, with the padding `p` or without.
//!
//! ```text
//! {"contentBlockIndex":0,"delta":{"text":"..."},"p":"abc"}
//! {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"..."}},"p":"abc"}
//! {"contentBlockIndex":0,"delta":{"toolUse":{"input":"..."}},"p":"abc"}
//! {"contentBlockIndex":0,"p":"abc"}
//! {"p":"abc","role":"assistant"}
//! {"p":"abc","stopReason":"end_turn"}
//! ```
//!
//! They are read in one pass, and their text is checked for UTF-8 once.
//! Whatever is not exactly this is left to serde, which finds out what it is.

use super::json_string::{JsonString, is_plain};
use crate::eventstream::Message;
use crate::model::{
    ContentBlockDelta, ContentBlockDeltaEvent, ContentBlockStopEvent, MessageStartEvent,
    MessageStopEvent, ReasoningContentBlockDelta, Text, ToolUseBlockDelta,
};

/// A piece of text, of reasoning or of a tool's input. Small, because an event
/// is large: that is made where it is to stay, and not moved there.
pub struct Delta {
    kind: Kind,
    index: i32,
    text: Text,
}

/// Whose string a delta is.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Reasoning,
    ToolInput,
}

impl Delta {
    #[inline]
    pub(super) fn into_event(self) -> ContentBlockDeltaEvent {
        ContentBlockDeltaEvent::new(self.kind.delta(self.text), self.index)
    }
}

/// Reads a delta.
pub(super) fn delta(message: &Message) -> Option<Delta> {
    let (index, delta) = index(message)?;
    let (kind, string) = Kind::of(delta.strip_prefix(br#","delta":{""#)?)?;
    let (string, rest) = JsonString::at_start_of(string)?;
    if !is_end(rest.strip_prefix(kind.end())?) {
        return None;
    }
    Some(Delta { kind, index, text: string.text(message.frame())? })
}

/// Reads the end of a block.
pub(super) fn block_stop(message: &Message) -> Option<ContentBlockStopEvent> {
    let (index, rest) = index(message)?;
    is_end(rest).then(|| ContentBlockStopEvent::new(index))
}

/// Reads the start of an answer.
pub(super) fn message_start(message: &Message) -> Option<MessageStartEvent> {
    only_member(message, b"role").map(MessageStartEvent::new)
}

/// Reads the end of an answer.
pub(super) fn message_stop(message: &Message) -> Option<MessageStopEvent> {
    only_member(message, b"stopReason").map(|reason| MessageStopEvent::new().stop_reason(reason))
}

/// The index that a payload begins with, and what follows: a number without a
/// sign and of few digits.
fn index(message: &Message) -> Option<(i32, &[u8])> {
    const LONGEST: usize = 9;
    let json = message.payload().strip_prefix(br#"{"contentBlockIndex":"#)?;
    let digits = json.iter().take(LONGEST).take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = json.split_at_checked(digits)?;
    // A zero in front is no JSON, and a tenth digit may not fit.
    if digits.is_empty() || digits.len() > 1 && digits[0] == b'0' || digits.len() == LONGEST {
        return None;
    }
    Some((digits.iter().fold(0, |number, digit| number * 10 + i32::from(digit - b'0')), rest))
}

/// Nothing but the padding, and the end.
fn is_end(json: &[u8]) -> bool {
    /// What Bedrock pads with, from its start.
    const PADDING: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let padding = json.strip_prefix(br#","p":""#).and_then(|json| json.strip_suffix(b"\"}"));
    match padding {
        Some(padding) => PADDING.starts_with(padding) || is_plain(padding),
        None => json == b"}",
    }
}

/// The text of the member `name`, which stands alone or behind the padding.
fn only_member(message: &Message, name: &[u8]) -> Option<Text> {
    let payload = message.payload();
    let member = match payload.strip_prefix(br#"{"p":""#) {
        Some(padding) => {
            let (padding, rest) = JsonString::at_start_of(padding)?;
            if !padding.is_plain_ascii() {
                return None;
            }
            rest.strip_prefix(b",")?
        }
        None => payload.strip_prefix(b"{")?,
    };
    let value = member.strip_prefix(b"\"")?.strip_prefix(name)?.strip_prefix(br#"":""#)?;
    let (value, rest) = JsonString::at_start_of(value)?;
    if rest == b"}" { value.text(message.frame()) } else { None }
}

impl Kind {
    /// By what is between the delta's brace and the string's first byte.
    fn of(json: &[u8]) -> Option<(Self, &[u8])> {
        let text = || Some((Self::Text, json.strip_prefix(br#"text":""#)?));
        let reasoning =
            || Some((Self::Reasoning, json.strip_prefix(br#"reasoningContent":{"text":""#)?));
        let tool_input = || Some((Self::ToolInput, json.strip_prefix(br#"toolUse":{"input":""#)?));
        text().or_else(reasoning).or_else(tool_input)
    }

    /// What closes the delta behind the string.
    fn end(self) -> &'static [u8] {
        match self {
            Self::Text => b"}",
            Self::Reasoning | Self::ToolInput => b"}}",
        }
    }

    #[inline]
    fn delta(self, text: Text) -> ContentBlockDelta {
        match self {
            Self::Text => ContentBlockDelta::Text(text),
            Self::Reasoning => {
                ContentBlockDelta::ReasoningContent(ReasoningContentBlockDelta::Text(text))
            }
            Self::ToolInput => ContentBlockDelta::ToolUse(ToolUseBlockDelta::new(text)),
        }
    }
}
