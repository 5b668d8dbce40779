//! Events added up to the response that Converse would have given.

use std::collections::BTreeMap;

use serde::Serialize;

use super::block::{Block, can_begin_with, has_place_for, take_clashes};
use super::converse::ConverseStreamOutput;
use super::event::StreamEvent;
use crate::model::{
    ContentBlockDelta, ConversationRole, ConverseOutput, ConverseResponse,
    ConverseStreamMetadataEvent, Document, Extra, Message, MessageStopEvent, Shape,
};

/// Adds the events of a stream up to a [`ConverseResponse`].
///
/// It copies what it keeps, so that the network's chunks can go.
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    role: Option<ConversationRole>,
    /// By `contentBlockIndex`; more than one where a block was started anew.
    blocks: BTreeMap<i32, Vec<Block>>,
    stop: Option<MessageStopEvent>,
    metadata: Option<ConverseStreamMetadataEvent>,
    extra: Extra,
    leftovers: Vec<Leftover>,
}

/// What the events of a stream added up to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Accumulated {
    /// The response. From a stream without `metadata` it has neither usage nor
    /// metrics; from one without `messageStop` no stop reason; and the role is
    /// the assistant's where no `messageStart` came.
    pub response: ConverseResponse,
    /// Whether `messageStop` came: without it the answer is not whole.
    pub stopped: bool,
    /// Whether `metadata` came. A stream without it is complete, but nobody
    /// knows what it cost.
    pub metadata: bool,
    /// The `contentBlockIndex` of each tool call whose input is no JSON, as
    /// happens at the token limit: it is kept as a JSON string.
    pub malformed_inputs: Vec<i32>,
    /// The `contentBlockIndex` of each block that was begun and not ended, in
    /// an answer that broke off: a tool call among them is not to be made,
    /// whatever its input looks like.
    pub unfinished_blocks: Vec<i32>,
    /// What came and has no place in a response.
    pub leftovers: Vec<Leftover>,
}

/// Something of a stream's that has no place in a response: an event of a type
/// that is not known, or members of an event that are not.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Leftover {
    /// The event's type.
    pub event_type: String,
    /// The `contentBlockIndex` of the event, if it has one.
    pub content_block_index: Option<i32>,
    /// The event's payload, or an object of the members.
    pub value: Document,
}

impl Accumulator {
    /// With nothing added yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event.
    pub fn add(&mut self, event: &StreamEvent) {
        match event.output() {
            ConverseStreamOutput::MessageStart(event) => {
                self.role = Some(event.role.detached());
                self.keep("messageStart", &event.extra);
            }
            ConverseStreamOutput::ContentBlockStart(event) => {
                let index = event.content_block_index;
                let mut start = event.start.detached();
                let clashes = take_clashes(&mut start);
                if can_begin_with(&start) {
                    self.block_to_start(index).start(start);
                } else {
                    self.leave_whole("contentBlockStart", Some(index), &start);
                }
                self.leave("contentBlockStart", Some(index), &event.extra);
                self.leave("contentBlockStart", Some(index), &clashes);
            }
            ConverseStreamOutput::ContentBlockDelta(event) => {
                let index = event.content_block_index;
                if has_place_for(&event.delta) {
                    self.block(index).add(&event.delta);
                } else {
                    self.leave_whole("contentBlockDelta", Some(index), &event.delta);
                }
                self.leave("contentBlockDelta", Some(index), &event.extra);
                match &event.delta {
                    ContentBlockDelta::ToolUse(delta) => {
                        self.leave("contentBlockDelta", Some(index), &delta.extra);
                    }
                    ContentBlockDelta::Image(delta) => {
                        self.leave("contentBlockDelta", Some(index), &delta.extra);
                    }
                    ContentBlockDelta::Text(_)
                    | ContentBlockDelta::ToolResult(_)
                    | ContentBlockDelta::ReasoningContent(_)
                    | ContentBlockDelta::Citation(_)
                    | ContentBlockDelta::Unknown(_) => {}
                }
            }
            ConverseStreamOutput::ContentBlockStop(event) => {
                // A block without a delta is a block all the same.
                self.block(event.content_block_index).stop();
                self.leave("contentBlockStop", Some(event.content_block_index), &event.extra);
            }
            ConverseStreamOutput::MessageStop(event) => {
                self.keep("messageStop", &event.extra);
                if let Some(first) = self.stop.replace(event.detached()) {
                    self.leave_whole("messageStop", None, &first);
                }
            }
            ConverseStreamOutput::Metadata(event) => {
                self.keep("metadata", &event.extra);
                if let Some(first) = self.metadata.replace((**event).detached()) {
                    self.leave_whole("metadata", None, &first);
                }
            }
            ConverseStreamOutput::Unknown(event_type) => {
                let payload = String::from_utf8_lossy(event.payload());
                let value =
                    Document::from_json(&*payload).unwrap_or_else(|_| Document::string(&payload));
                let event_type = event_type.as_str().to_owned();
                self.leftovers.push(Leftover { event_type, content_block_index: None, value });
            }
        }
    }

    fn block(&mut self, index: i32) -> &mut Block {
        let blocks = self.blocks.entry(index).or_default();
        if blocks.is_empty() {
            blocks.push(Block::default());
        }
        let last = blocks.len() - 1;
        &mut blocks[last]
    }

    /// A start opens a block of its own, also under an index that has one.
    fn block_to_start(&mut self, index: i32) -> &mut Block {
        self.blocks.entry(index).or_default().push(Block::default());
        self.block(index)
    }

    /// Unknown members that the response has a place for, unless it knows a
    /// member of that name itself.
    fn keep(&mut self, event_type: &str, extra: &Extra) {
        let mut clashes = Extra::new();
        for (name, value) in extra.iter() {
            let known = ConverseResponse::MEMBERS.contains(&name) || self.extra.get(name).is_some();
            let to = if known { &mut clashes } else { &mut self.extra };
            to.insert(name, value.detach());
        }
        self.leave(event_type, None, &clashes);
    }

    /// An event, or its delta or start, that nothing has a place for: such as one
    /// that a later one of its type stands in place of.
    fn leave_whole(&mut self, event_type: &str, index: Option<i32>, value: &impl Serialize) {
        self.leftovers.push(Leftover {
            event_type: event_type.to_owned(),
            content_block_index: index,
            value: Document::from_serialize(value).unwrap_or_default(),
        });
    }

    /// Unknown members that nothing has a place for.
    fn leave(&mut self, event_type: &str, index: Option<i32>, extra: &Extra) {
        if extra.is_empty() {
            return;
        }
        self.leftovers.push(Leftover {
            event_type: event_type.to_owned(),
            content_block_index: index,
            value: detached(extra).into(),
        });
    }

    /// Whether `messageStop` came.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_some()
    }

    /// What has been added so far; the accumulator can go on.
    pub fn so_far(&self) -> Accumulated {
        self.clone().finish()
    }

    /// What was added.
    pub fn finish(self) -> Accumulated {
        let (stopped, metadata) = (self.stop.is_some(), self.metadata.is_some());
        let mut content = Vec::with_capacity(self.blocks.len());
        let (mut malformed_inputs, mut unfinished_blocks) = (Vec::new(), Vec::new());
        for (index, blocks) in self.blocks {
            for block in blocks {
                unfinished_blocks.extend((!block.is_stopped()).then_some(index));
                let (parts, malformed) = block.finish();
                content.extend(parts);
                malformed_inputs.extend(malformed.then_some(index));
            }
        }
        let role = self.role.unwrap_or(ConversationRole::Assistant);
        let mut response =
            ConverseResponse::new(ConverseOutput::Message(Message::new(role, content)));
        response.extra = self.extra;
        if let Some(event) = self.stop {
            response.stop_reason = event.stop_reason;
            response.additional_model_response_fields = event.additional_model_response_fields;
        }
        if let Some(event) = self.metadata {
            metadata_to(&mut response, event);
        }
        let leftovers = self.leftovers;
        Accumulated { response, stopped, metadata, malformed_inputs, unfinished_blocks, leftovers }
    }
}

fn detached(extra: &Extra) -> Extra {
    let mut copy = extra.clone();
    copy.unshare();
    copy
}

fn metadata_to(response: &mut ConverseResponse, event: ConverseStreamMetadataEvent) {
    response.usage = event.usage;
    response.metrics = event.metrics.map(Into::into);
    response.trace = event.trace.map(Into::into);
    response.performance_config = event.performance_config;
    response.service_tier = event.service_tier;
}
