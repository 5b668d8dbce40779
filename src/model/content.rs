//! The blocks that a message and a system prompt are made of.

use super::citation::{CitationsConfig, CitationsContentBlock};
use super::guardrail::GuardrailConverseContentBlock;
use super::media::{AudioBlock, DocumentBlock, ImageBlock, VideoBlock};
use super::shape::{Blob, Text, enumeration, structure, union};
use super::tool::{ToolAdditionBlock, ToolRemovalBlock, ToolResultBlock, ToolUseBlock};

union! {
    /// A part of a message.
    ///
    /// AWS: [`ContentBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html).
    ContentBlock {
        /// Text.
        Text(Text) = "text",
        /// An image.
        Image(ImageBlock) = "image",
        /// A document.
        Document(DocumentBlock) = "document",
        /// A video.
        Video(VideoBlock) = "video",
        /// Audio.
        Audio(AudioBlock) = "audio",
        /// A call of a tool.
        ToolUse(ToolUseBlock) = "toolUse",
        /// A tool's result.
        ToolResult(ToolResultBlock) = "toolResult",
        /// Content that the guardrail is to look at.
        GuardContent(GuardrailConverseContentBlock) = "guardContent",
        /// Cache the prompt up to here.
        CachePoint(CachePointBlock) = "cachePoint",
        /// Reasoning.
        ReasoningContent(ReasoningContentBlock) = "reasoningContent",
        /// Text with its citations.
        CitationsContent(CitationsContentBlock) = "citationsContent",
        /// A search result.
        SearchResult(SearchResultBlock) = "searchResult",
        /// A tool is added.
        ToolAddition(ToolAdditionBlock) = "toolAddition",
        /// A tool is taken away.
        ToolRemoval(ToolRemovalBlock) = "toolRemoval",
    }
}

union! {
    /// A part of the system prompt.
    ///
    /// AWS: [`SystemContentBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_SystemContentBlock.html).
    SystemContentBlock {
        /// The `text` of AWS's model.
        ///
        /// Constraints: at least 1 character.
        Text(Text) = "text",
        /// Content that a guardrail is to look at.
        GuardContent(GuardrailConverseContentBlock) = "guardContent",
        /// A point up to which the prompt is cached.
        CachePoint(CachePointBlock) = "cachePoint",
    }
}

structure! {
    /// A point up to which the prompt is cached.
    ///
    /// AWS: [`CachePointBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CachePointBlock.html).
    CachePointBlock {
        required {
            /// The kind of a cache point.
            r#type: CachePointType = "type",
        }
        optional {
            /// How long a cached prompt is kept.
            ttl: CacheTTL = "ttl",
        }
    }
}

enumeration! {
    /// The kind of a cache point.
    CachePointType {
        Default = "default",
    }
}

enumeration! {
    /// How long a cached prompt is kept.
    CacheTTL {
        FiveMinutes = "5m",
        OneHour = "1h",
    }
}

union! {
    /// Reasoning of the model, readable or redacted.
    ///
    /// AWS: [`ReasoningContentBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ReasoningContentBlock.html).
    ReasoningContentBlock {
        /// Reasoning in words.
        ReasoningText(ReasoningTextBlock) = "reasoningText",
        /// Encrypted reasoning; send it back unchanged.
        RedactedContent(Blob) = "redactedContent",
    }
}

structure! {
    /// Reasoning in words.
    ///
    /// AWS: [`ReasoningTextBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ReasoningTextBlock.html).
    ReasoningTextBlock {
        required {
            /// The reasoning.
            text: Text = "text",
        }
        optional {
            /// The signature; send it back unchanged with the text.
            signature: Text = "signature",
        }
    }
}

structure! {
    /// A search result given to the model.
    ///
    /// AWS: [`SearchResultBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_SearchResultBlock.html).
    SearchResultBlock {
        required {
            /// The `source` of AWS's model.
            source: Text = "source",
            /// The `title` of AWS's model.
            title: Text = "title",
            /// The `content`.
            content: Vec<SearchResultContentBlock> = "content",
        }
        optional {
            /// Whether the model is to cite a document or search result.
            citations: CitationsConfig = "citations",
        }
    }
}

structure! {
    /// A part of a search result.
    ///
    /// AWS: [`SearchResultContentBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_SearchResultContentBlock.html).
    SearchResultContentBlock {
        required {
            /// The `text` of AWS's model.
            text: Text = "text",
        }
    }
}

structure! {
    /// Why a part of an answer could not be made.
    ///
    /// AWS: [`ErrorBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ErrorBlock.html).
    ErrorBlock {
        optional {
            /// The `message` of AWS's model.
            message: Text = "message",
        }
    }
}

union! {
    /// The value of a variable of a managed prompt.
    ///
    /// AWS: [`PromptVariableValues`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_PromptVariableValues.html).
    PromptVariableValues {
        /// The `text` of AWS's model.
        Text(Text) = "text",
    }
}

impl From<&str> for ContentBlock {
    /// A text block.
    fn from(text: &str) -> Self {
        ContentBlock::Text(text.into())
    }
}

impl From<String> for ContentBlock {
    /// A text block.
    fn from(text: String) -> Self {
        ContentBlock::Text(text.into())
    }
}

impl From<&str> for SystemContentBlock {
    /// A text block.
    fn from(text: &str) -> Self {
        SystemContentBlock::Text(text.into())
    }
}

impl From<String> for SystemContentBlock {
    /// A text block.
    fn from(text: String) -> Self {
        SystemContentBlock::Text(text.into())
    }
}
