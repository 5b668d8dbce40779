//! What a chunk of InvokeModelWithResponseStream says, in a format that is
//! known.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::said::{Block, Said};
use super::tokens::{Tokens, millis};
use crate::model::{LastPiece, PayloadPart, from_bytes};

/// What a chunk says.
pub(super) struct Chunk {
    pub(super) said: Said,
    /// Whether its format is known.
    pub(super) is_known: bool,
}

/// Reads the payload of a chunk; `None` where it cannot be read.
pub(super) fn read(payload: &Bytes) -> Option<Chunk> {
    let part: PayloadPart = from_bytes(payload).ok()?;
    let json = part.bytes.unwrap_or_default().0;
    let said = messages_api(&json).or_else(|| nova(&json));
    let is_known = said.is_some();
    let mut said = said.unwrap_or_default();
    if let Some(metrics) = from_bytes::<LastPiece>(&json).ok()?.metrics {
        said.completes = true;
        said.tokens = Some(Tokens::from(&metrics));
        said.latency = metrics.invocation_latency.and_then(millis);
        said.first_byte = metrics.first_byte_latency.and_then(millis);
    }
    Some(Chunk { said, is_known })
}

/// An event of Claude's Messages API, as far as it is told of.
///
/// Anthropic: [Streaming Messages](https://docs.anthropic.com/en/docs/build-with-claude/streaming).
#[derive(Deserialize)]
struct Event {
    r#type: String,
    #[serde(default)]
    index: i64,
    content_block: Option<ContentBlock>,
    #[serde(default)]
    delta: Delta,
}

#[derive(Deserialize)]
struct ContentBlock {
    r#type: String,
    name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Delta {
    text: String,
    stop_reason: Option<String>,
}

fn messages_api(json: &[u8]) -> Option<Said> {
    let event: Event = serde_json::from_slice(json).ok()?;
    let block = event.content_block.map(|block| (event.index, Block::from(block)));
    let stops = event.r#type == "message_stop";
    Some(Said {
        block,
        has_text: event.r#type == "content_block_delta" && !event.delta.text.is_empty(),
        stops,
        completes: stops,
        stop_reason: event.delta.stop_reason,
        ..Said::default()
    })
}

impl From<ContentBlock> for Block {
    fn from(block: ContentBlock) -> Self {
        match block.name {
            Some(name) if block.r#type.ends_with("tool_use") => Block::ToolCall(name),
            Some(_) | None => Block::Of(block.r#type),
        }
    }
}

/// An event of Converse's under its name, as Amazon Nova has it.
///
/// AWS: [Complete request schema](https://docs.aws.amazon.com/nova/latest/userguide/complete-request-schema.html).
fn nova(json: &[u8]) -> Option<Said> {
    let events = [
        "messageStart",
        "contentBlockStart",
        "contentBlockDelta",
        "contentBlockStop",
        "messageStop",
        // Its usage is that of the metrics beside it.
        "metadata",
    ];
    let members: BTreeMap<&str, &RawValue> = serde_json::from_slice(json).ok()?;
    let name = events.into_iter().find(|name| members.contains_key(name))?;
    if name == "metadata" {
        return Some(Said::default());
    }
    let payload = Bytes::copy_from_slice(members.get(name)?.get().as_bytes());
    Said::of_event(name, &payload).ok()
}
