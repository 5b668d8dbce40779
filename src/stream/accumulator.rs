//! Events added up to the response that Converse would have given.

use std::collections::BTreeMap;

use super::block::Block;
use super::event::{ConverseStreamOutput, StreamEvent};
use crate::model::{
    ConversationRole, ConverseOutput, ConverseResponse, ConverseStreamMetadataEvent, Document,
    Extra, Message, MessageStopEvent, Shape,
};

/// Adds the events of a stream up to a [`ConverseResponse`].
///
/// It copies what it keeps, so that the network's chunks can go.
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    role: Option<ConversationRole>,
    /// By `contentBlockIndex`.
    blocks: BTreeMap<i32, Block>,
    stop: Option<MessageStopEvent>,
    metadata: Option<ConverseStreamMetadataEvent>,
    extra: Extra,
}

/// What the events of a stream added up to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Accumulated {
    /// The response. From a stream without `metadata` it has neither usage nor
    /// metrics; from one without `messageStop` no stop reason.
    pub response: ConverseResponse,
    /// Whether `messageStop` came: without it the answer is not whole.
    pub stopped: bool,
    /// Whether `metadata` came. A stream without it is complete, but nobody
    /// knows what it cost.
    pub metadata: bool,
    /// The `contentBlockIndex` of each tool call whose input is no JSON, as
    /// happens at the token limit: it is kept as a JSON string.
    pub malformed_inputs: Vec<i32>,
}

impl Accumulator {
    /// With nothing added yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event.
    ///
    /// The payload of an event of unknown type goes to the response's `extra`,
    /// under the event's type.
    pub fn add(&mut self, event: &StreamEvent) {
        match event.output() {
            ConverseStreamOutput::MessageStart(event) => {
                self.role = Some(event.role.detached());
                self.keep(&event.extra);
            }
            ConverseStreamOutput::ContentBlockStart(event) => {
                self.block(event.content_block_index).start(event.start.detached());
            }
            ConverseStreamOutput::ContentBlockDelta(event) => {
                self.block(event.content_block_index).add(&event.delta);
            }
            ConverseStreamOutput::ContentBlockStop(event) => {
                // A block without a delta is a block all the same.
                self.block(event.content_block_index);
            }
            ConverseStreamOutput::MessageStop(event) => self.stop = Some(event.detached()),
            ConverseStreamOutput::Metadata(event) => self.metadata = Some((**event).detached()),
            ConverseStreamOutput::Unknown(event_type) => {
                let payload = String::from_utf8_lossy(event.payload());
                let value =
                    Document::from_json(&*payload).unwrap_or_else(|_| Document::string(&payload));
                self.extra.insert(event_type.as_str(), value);
            }
        }
    }

    fn block(&mut self, index: i32) -> &mut Block {
        self.blocks.entry(index).or_default()
    }

    fn keep(&mut self, extra: &Extra) {
        let mut extra = extra.clone();
        extra.unshare();
        self.extra.merge(extra);
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
        let mut malformed_inputs = Vec::new();
        for (index, block) in self.blocks {
            let (blocks, malformed) = block.finish();
            content.extend(blocks);
            malformed_inputs.extend(malformed.then_some(index));
        }
        let role = self.role.unwrap_or(ConversationRole::Assistant);
        let mut response =
            ConverseResponse::new(ConverseOutput::Message(Message::new(role, content)));
        response.extra = self.extra;
        if let Some(stop) = self.stop {
            stop_to(&mut response, stop);
        }
        if let Some(metadata) = self.metadata {
            metadata_to(&mut response, metadata);
        }
        Accumulated { response, stopped, metadata, malformed_inputs }
    }
}

fn stop_to(response: &mut ConverseResponse, event: MessageStopEvent) {
    response.stop_reason = event.stop_reason;
    response.additional_model_response_fields = event.additional_model_response_fields;
    response.extra.merge(event.extra);
}

fn metadata_to(response: &mut ConverseResponse, event: ConverseStreamMetadataEvent) {
    response.usage = Some(event.usage);
    response.metrics = Some(event.metrics.into());
    response.trace = event.trace.map(Into::into);
    response.performance_config = event.performance_config;
    response.service_tier = event.service_tier;
    response.extra.merge(event.extra);
}
