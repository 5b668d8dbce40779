//! Payloads as nearly all are, exactly as Bedrock writes them: compact, their
//! members sorted, with the padding `p` or without.
//!
//! ```text
//! {"contentBlockIndex":0,"delta":{"text":"..."},"p":"abc"}
//! {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"..."}},"p":"abc"}
//! {"contentBlockIndex":0,"delta":{"toolUse":{"input":"..."}},"p":"abc"}
//! {"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"..."}},"p":"abc"}
//! {"contentBlockIndex":0,"p":"abc"}
//! {"contentBlockIndex":0,"p":"abc","start":{"toolUse":{"name":"...","toolUseId":"..."}}}
//! {"p":"abc","role":"assistant"}
//! {"p":"abc","stopReason":"end_turn"}
//! {"metrics":{"latencyMs":1},"p":"abc","usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}
//! ```
//!
//! They are read in one pass, and their text is checked for UTF-8 once.
//! Whatever is not exactly this is left to serde, which finds out what it is.

use std::sync::LazyLock;

use super::json_string::JsonString;
use crate::eventstream::Message;
use crate::model::string::is_plain;
use crate::model::{
    ContentBlockDelta, ContentBlockDeltaEvent, ContentBlockStart, ContentBlockStartEvent,
    ContentBlockStopEvent, ConverseStreamMetadataEvent, ConverseStreamMetrics, Document, Extra,
    MessageStartEvent, MessageStopEvent, ReasoningContentBlockDelta, Text, TokenUsage,
    ToolUseBlockDelta, ToolUseBlockStart,
};

/// A piece of text, of reasoning, of its signature or of a tool's input. Small, because an event
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
    Signature,
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
    // Made before the rest is looked at: moved on as soon as it is written, it would have to be
    // waited for.
    let text = string.text(message.frame())?;
    is_end(rest.strip_prefix(kind.end())?).then_some(Delta { kind, index, text })
}

/// Reads the start of a tool's call; no other block has one in most streams.
pub(super) fn block_start(message: &Message) -> Option<ContentBlockStartEvent> {
    let (index, rest) = index(message)?;
    let rest = skip_padding(rest)?.strip_prefix(br#","start":{"toolUse":{"name":""#)?;
    let (name, rest) = JsonString::at_start_of(rest)?;
    let (id, rest) = JsonString::at_start_of(rest.strip_prefix(br#","toolUseId":""#)?)?;
    if rest != b"}}}" {
        return None;
    }
    let frame = message.frame();
    let start = ToolUseBlockStart::new(id.text(frame)?, name.text(frame)?);
    Some(ContentBlockStartEvent::new(ContentBlockStart::ToolUse(start), index))
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

/// Reads metrics and usage.
pub(super) fn metadata(message: &Message) -> Option<Box<ConverseStreamMetadataEvent>> {
    let json = message.payload().strip_prefix(br#"{"metrics":{"latencyMs":"#)?;
    let (latency, rest) = number(json)?;
    let rest = skip_padding(rest.strip_prefix(b"}")?)?;
    let (usage, rest) = usage(rest.strip_prefix(br#","usage":{"#)?)?;
    if rest != b"}" {
        return None;
    }
    let mut event = Box::new(ConverseStreamMetadataEvent::new());
    event.metrics = Some(ConverseStreamMetrics::new(i64::from(latency)));
    event.usage = Some(usage);
    Some(event)
}

/// The usage from its first member on, and what follows it.
fn usage(mut json: &[u8]) -> Option<(TokenUsage, &[u8])> {
    /// Sent beside what the service model has, and empty in nearly all answers, which share it.
    static SERVER_TOOL_USAGE: LazyLock<Extra> = LazyLock::new(|| {
        let mut extra = Extra::new();
        extra.insert(Text::from_static("serverToolUsage"), Document::default());
        extra
    });
    let (mut input, mut output, mut total) = (None, None, None);
    let (mut cache_read, mut cache_write) = (None, None);
    let mut extra = Extra::new();
    loop {
        let name = json.strip_prefix(b"\"")?;
        let (name, value) = name.split_at(name.iter().position(|byte| *byte == b'"')?);
        let value = value.strip_prefix(b"\":")?;
        let slot = match name {
            b"inputTokens" => Some(&mut input),
            b"outputTokens" => Some(&mut output),
            b"totalTokens" => Some(&mut total),
            b"cacheReadInputTokens" => Some(&mut cache_read),
            b"cacheWriteInputTokens" => Some(&mut cache_write),
            b"serverToolUsage" => None,
            _other => return None,
        };
        let (rest, is_new) = match slot {
            Some(slot) => {
                let (tokens, rest) = number(value)?;
                (rest, slot.replace(i64::from(tokens)).is_none())
            }
            None => {
                let is_new = extra.is_empty();
                extra.clone_from(&SERVER_TOOL_USAGE);
                (value.strip_prefix(b"{}")?, is_new)
            }
        };
        match rest.split_first()? {
            _ if !is_new => return None,
            (b',', rest) => json = rest,
            (b'}', rest) => {
                let mut usage = TokenUsage::new(input?, output?, total?);
                usage.cache_read_input_tokens = cache_read;
                usage.cache_write_input_tokens = cache_write;
                usage.extra = extra;
                return Some((usage, rest));
            }
            _other => return None,
        }
    }
}

/// The index that a payload begins with, and what follows.
fn index(message: &Message) -> Option<(i32, &[u8])> {
    number(message.payload().strip_prefix(br#"{"contentBlockIndex":"#)?)
}

/// A number without a sign and of few digits, and what follows.
#[inline]
fn number(json: &[u8]) -> Option<(i32, &[u8])> {
    const LONGEST: usize = 9;
    let digits = json.iter().take(LONGEST).take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = json.split_at_checked(digits)?;
    // A zero in front is no JSON, and a tenth digit may not fit.
    if digits.is_empty() || digits.len() > 1 && digits[0] == b'0' || digits.len() == LONGEST {
        return None;
    }
    Some((digits.iter().fold(0, |number, digit| number * 10 + i32::from(digit - b'0')), rest))
}

/// What is behind the member `p`, where that comes first.
fn skip_padding(json: &[u8]) -> Option<&[u8]> {
    match json.strip_prefix(br#","p":""#) {
        Some(padding) => behind_padding(padding),
        None => Some(json),
    }
}

/// What is behind the padding's quote.
fn behind_padding(padding: &[u8]) -> Option<&[u8]> {
    let (padding, rest) = JsonString::at_start_of(padding)?;
    padding.is_plain_ascii().then_some(rest)
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
        Some(padding) => behind_padding(padding)?.strip_prefix(b",")?,
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
        let signature =
            || Some((Self::Signature, json.strip_prefix(br#"reasoningContent":{"signature":""#)?));
        let tool_input = || Some((Self::ToolInput, json.strip_prefix(br#"toolUse":{"input":""#)?));
        text().or_else(reasoning).or_else(tool_input).or_else(signature)
    }

    /// What closes the delta behind the string.
    fn end(self) -> &'static [u8] {
        match self {
            Self::Text => b"}",
            Self::Reasoning | Self::Signature | Self::ToolInput => b"}}",
        }
    }

    #[inline]
    fn delta(self, text: Text) -> ContentBlockDelta {
        match self {
            Self::Text => ContentBlockDelta::Text(text),
            Self::Reasoning => {
                ContentBlockDelta::ReasoningContent(ReasoningContentBlockDelta::Text(text))
            }
            Self::Signature => {
                ContentBlockDelta::ReasoningContent(ReasoningContentBlockDelta::Signature(text))
            }
            Self::ToolInput => ContentBlockDelta::ToolUse(ToolUseBlockDelta::new(text)),
        }
    }
}
