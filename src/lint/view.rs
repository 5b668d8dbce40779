//! The parts of a request that rules look at and edits reach.

use super::path::Path;
use crate::model::{
    CachePointBlock, ContentBlock, ConversationRole, ConverseBody, DocumentBlock, Message,
    SystemContentBlock, Tool, ToolConfiguration, ToolResultContentBlock,
};

/// What rules look at: a request without its guardrail, the one part that
/// differs between Converse and ConverseStream.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) messages: &'a [Message],
    pub(super) system: &'a [SystemContentBlock],
    pub(super) tool_config: Option<&'a ToolConfiguration>,
}

/// The same parts, to be changed.
pub(super) struct Parts<'a> {
    pub(super) messages: &'a mut Option<Vec<Message>>,
    pub(super) system: &'a mut Option<Vec<SystemContentBlock>>,
    pub(super) tool_config: &'a mut Option<ToolConfiguration>,
}

impl<'a> View<'a> {
    pub(super) fn of<G>(request: &'a ConverseBody<G>) -> Self {
        View {
            messages: request.messages.as_deref().unwrap_or_default(),
            system: request.system.as_deref().unwrap_or_default(),
            tool_config: request.tool_config.as_ref(),
        }
    }

    pub(super) fn tools(self) -> &'a [Tool] {
        self.tool_config.map(|config| &*config.tools).unwrap_or_default()
    }

    /// Every content block, with its message's index and its own.
    pub(super) fn blocks(self) -> impl Iterator<Item = (usize, usize, &'a ContentBlock)> {
        self.messages.iter().enumerate().flat_map(|(m, message)| {
            message.content.iter().enumerate().map(move |(b, block)| (m, b, block))
        })
    }

    /// Every part of a tool's result, with the path of the part.
    pub(super) fn result_parts(self) -> impl Iterator<Item = (Path, &'a ToolResultContentBlock)> {
        self.blocks().flat_map(|(m, b, block)| {
            let parts: &[_] = match block {
                ContentBlock::ToolResult(result) => &result.content,
                _ => &[],
            };
            parts.iter().enumerate().map(move |(p, part)| (Path::result_part(m, b, p), part))
        })
    }

    /// Every document, in messages and in tools' results, in their order.
    pub(super) fn documents(self) -> impl Iterator<Item = (Path, &'a DocumentBlock)> {
        self.blocks().flat_map(|(m, b, block)| {
            let own = match block {
                ContentBlock::Document(document) => {
                    Some((Path::block(m, b).member("document"), document))
                }
                _ => None,
            };
            let parts: &[_] = match block {
                ContentBlock::ToolResult(result) => &result.content,
                _ => &[],
            };
            let inner = parts.iter().enumerate().filter_map(move |(p, part)| match part {
                ToolResultContentBlock::Document(document) => {
                    Some((Path::result_part(m, b, p).member("document"), document))
                }
                _ => None,
            });
            own.into_iter().chain(inner)
        })
    }

    /// Every cache point in the order that the service takes them in: tools,
    /// system, messages. The path is of the item that holds it.
    pub(super) fn cache_points(self) -> impl Iterator<Item = (Path, &'a CachePointBlock)> {
        let tools = self.tools().iter().enumerate().filter_map(|(i, tool)| match tool {
            Tool::CachePoint(point) => Some((Path::tool(i), point)),
            _ => None,
        });
        let system = self.system.iter().enumerate().filter_map(|(i, block)| match block {
            SystemContentBlock::CachePoint(point) => Some((Path::system(i), point)),
            _ => None,
        });
        let messages = self.blocks().filter_map(|(m, b, block)| match block {
            ContentBlock::CachePoint(point) => Some((Path::block(m, b), point)),
            _ => None,
        });
        tools.chain(system).chain(messages)
    }

    /// Whether message `m` is a last turn of the model's that can go: one that
    /// the model was to continue, with something before it.
    pub(super) fn is_prefill(self, m: usize) -> bool {
        m > 0
            && m + 1 == self.messages.len()
            && self.messages[m].role == ConversationRole::Assistant
    }
}

impl<'a> Parts<'a> {
    pub(super) fn of<G>(request: &'a mut ConverseBody<G>) -> Self {
        Parts {
            messages: &mut request.messages,
            system: &mut request.system,
            tool_config: &mut request.tool_config,
        }
    }

    pub(super) fn view(&self) -> View<'_> {
        View {
            messages: self.messages.as_deref().unwrap_or_default(),
            system: self.system.as_deref().unwrap_or_default(),
            tool_config: self.tool_config.as_ref(),
        }
    }
}
