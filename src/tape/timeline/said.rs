//! What an event says that its stream is told by.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;

use super::tokens::{Tokens, millis};
use crate::model::{
    ContentBlockDelta, ContentBlockDeltaEvent, ContentBlockStart, ContentBlockStartEvent,
    ConverseStreamMetadataEvent, DecodeError, MessageStopEvent, from_bytes,
};

/// What an event says that its stream is told by.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Said {
    /// The block it belongs to, by index, where that may begin with it.
    pub(super) block: Option<(i64, Block)>,
    /// Whether it has text.
    pub(super) has_text: bool,
    /// Whether the message ends.
    pub(super) stops: bool,
    /// Whether nothing of the answer is to come.
    pub(super) completes: bool,
    pub(super) stop_reason: Option<String>,
    pub(super) tokens: Option<Tokens>,
    pub(super) latency: Option<Duration>,
    pub(super) first_byte: Option<Duration>,
}

/// What a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// A call of the tool of this name.
    ToolCall(String),
    /// Anything else, by the name that its format has for it.
    Of(String),
}

impl Said {
    /// An event of ConverseStream.
    pub(super) fn of_event(event_type: &str, payload: &Bytes) -> Result<Self, DecodeError> {
        let payload = match payload {
            // An event without members, as for other decoders.
            empty if empty.is_empty() => Bytes::from_static(b"{}"),
            payload => payload.clone(),
        };
        match event_type {
            "contentBlockStart" => from_bytes(&payload).map(|event| start(&event)),
            "contentBlockDelta" => from_bytes(&payload).map(|event| delta(&event)),
            "messageStop" => from_bytes(&payload).map(stop),
            "metadata" => from_bytes(&payload).map(|event| metadata(&event)),
            // `messageStart`, `contentBlockStop`, and what is not known yet.
            _ => Ok(Self::default()),
        }
    }

    /// The headers of an InvokeModel answer.
    pub(super) fn of_headers(headers: &HeaderMap) -> Self {
        let number = |name| headers.get(name)?.to_str().ok()?.parse().ok();
        let (input, output) = (
            number("x-amzn-bedrock-input-token-count"),
            number("x-amzn-bedrock-output-token-count"),
        );
        let tokens = Tokens { input, output, ..Tokens::default() };
        Self {
            tokens: (input.is_some() || output.is_some()).then_some(tokens),
            latency: number("x-amzn-bedrock-invocation-latency").and_then(millis),
            ..Self::default()
        }
    }
}

fn start(event: &ContentBlockStartEvent) -> Said {
    let block = match &event.start {
        ContentBlockStart::ToolUse(tool) => Block::ToolCall(tool.name.to_string()),
        other => Block::Of(other.member().into()),
    };
    Said { block: Some((event.content_block_index.into(), block)), ..Said::default() }
}

fn delta(event: &ContentBlockDeltaEvent) -> Said {
    let has_text = matches!(&event.delta, ContentBlockDelta::Text(text) if !text.is_empty());
    let block = Block::Of(event.delta.member().into());
    Said { block: Some((event.content_block_index.into(), block)), has_text, ..Said::default() }
}

fn stop(event: MessageStopEvent) -> Said {
    let stop_reason = event.stop_reason.map(|reason| reason.as_str().to_owned());
    Said { stops: true, completes: true, stop_reason, ..Said::default() }
}

fn metadata(event: &ConverseStreamMetadataEvent) -> Said {
    Said {
        tokens: event.usage.as_ref().map(Tokens::from),
        latency: event.metrics.as_ref().and_then(|metrics| millis(metrics.latency_ms)),
        ..Said::default()
    }
}
