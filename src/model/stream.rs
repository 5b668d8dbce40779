//! The events of a ConverseStream answer.

use super::citation::{Citation, CitationLocation, CitationSourceContent};
use super::content::ErrorBlock;
use super::converse::{ConverseMetrics, ConverseTrace, PromptRouterTrace, StopReason, TokenUsage};
use super::guardrail_trace::GuardrailTraceAssessment;
use super::inference::{PerformanceConfiguration, ServiceTier};
use super::media::{ImageFormat, ImageSource};
use super::message::ConversationRole;
use super::shape::{Blob, Document, Text, structure, union};
use super::tool::{ToolResultStatus, ToolUseType};

structure! {
    /// The answer begins.
    ///
    /// AWS: [`MessageStartEvent`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_MessageStartEvent.html).
    MessageStartEvent {
        required {
            /// Who speaks.
            role: ConversationRole = "role",
        }
        ignored { "p" }
    }
}

structure! {
    /// A content block begins.
    ///
    /// Sent for tool use, tool results and images only: text, reasoning and
    /// citations begin with their first delta.
    ///
    /// AWS: [`ContentBlockStartEvent`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlockStartEvent.html).
    ContentBlockStartEvent {
        required {
            /// What kind of block begins.
            start: ContentBlockStart = "start",
            /// The `contentBlockIndex` of AWS's model.
            ///
            /// Constraints: 0 or more.
            content_block_index: i32 = "contentBlockIndex",
        }
        ignored { "p" }
    }
}

union! {
    /// What kind of block begins.
    ///
    /// AWS: [`ContentBlockStart`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlockStart.html).
    ContentBlockStart {
        /// A call of a tool begins.
        ToolUse(ToolUseBlockStart) = "toolUse",
        /// A tool's result begins.
        ToolResult(ToolResultBlockStart) = "toolResult",
        /// An image begins.
        Image(ImageBlockStart) = "image",
    }
}

structure! {
    /// A call of a tool begins.
    ///
    /// AWS: [`ToolUseBlockStart`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlockStart.html).
    ToolUseBlockStart {
        required {
            /// The `toolUseId` of AWS's model.
            ///
            /// Constraints: 1 to 64 characters; pattern `[a-zA-Z0-9_.:-]+`.
            tool_use_id: Text = "toolUseId",
            /// The `name` of AWS's model.
            ///
            /// Constraints: 1 to 64 characters; pattern `[a-zA-Z0-9_-]+`.
            name: Text = "name",
        }
        optional {
            /// Who runs a called tool.
            r#type: ToolUseType = "type",
        }
    }
}

structure! {
    /// A tool's result begins.
    ///
    /// AWS: [`ToolResultBlockStart`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultBlockStart.html).
    ToolResultBlockStart {
        required {
            /// The `toolUseId` of AWS's model.
            ///
            /// Constraints: 1 to 64 characters; pattern `[a-zA-Z0-9_.:-]+`.
            tool_use_id: Text = "toolUseId",
        }
        optional {
            /// The `type` of AWS's model.
            r#type: Text = "type",
            /// Whether a called tool succeeded.
            status: ToolResultStatus = "status",
        }
    }
}

structure! {
    /// An image begins.
    ///
    /// AWS: [`ImageBlockStart`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageBlockStart.html).
    ImageBlockStart {
        required {
            /// The format of an image.
            format: ImageFormat = "format",
        }
    }
}

structure! {
    /// A piece of a content block.
    ///
    /// AWS: [`ContentBlockDeltaEvent`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlockDeltaEvent.html).
    ContentBlockDeltaEvent {
        required {
            /// What is added to a content block.
            delta: ContentBlockDelta = "delta",
            /// The `contentBlockIndex` of AWS's model.
            ///
            /// Constraints: 0 or more.
            content_block_index: i32 = "contentBlockIndex",
        }
        ignored { "p" }
    }
}

union! {
    /// What is added to a content block.
    ///
    /// AWS: [`ContentBlockDelta`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlockDelta.html).
    ContentBlockDelta {
        /// Text.
        Text(Text) = "text",
        /// A piece of a tool's input.
        ToolUse(ToolUseBlockDelta) = "toolUse",
        /// Pieces of a tool's result.
        ToolResult(Vec<ToolResultBlockDelta>) = "toolResult",
        /// Reasoning.
        ReasoningContent(ReasoningContentBlockDelta) = "reasoningContent",
        /// A citation; it can come before its text. In a box, as the next, for
        /// its size: an event is moved often.
        Citation(Box<CitationsDelta>) = "citation",
        /// A piece of an image.
        Image(Box<ImageBlockDelta>) = "image",
    }
}

structure! {
    /// A piece of a tool's input.
    ///
    /// AWS: [`ToolUseBlockDelta`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlockDelta.html).
    ToolUseBlockDelta {
        required {
            /// A piece of the JSON text of the input.
            input: Text = "input",
        }
    }
}

union! {
    /// A piece of a tool's result.
    ///
    /// AWS: [`ToolResultBlockDelta`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultBlockDelta.html).
    ToolResultBlockDelta {
        /// The `text` of AWS's model.
        Text(Text) = "text",
        /// The `json` of AWS's model.
        Json(Document) = "json",
    }
}

union! {
    /// A piece of reasoning.
    ///
    /// AWS: [`ReasoningContentBlockDelta`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ReasoningContentBlockDelta.html).
    ReasoningContentBlockDelta {
        /// Reasoning in words.
        Text(Text) = "text",
        /// Encrypted reasoning.
        RedactedContent(Blob) = "redactedContent",
        /// A piece of the signature.
        Signature(Text) = "signature",
    }
}

structure! {
    /// A citation.
    ///
    /// AWS: [`CitationsDelta`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CitationsDelta.html).
    CitationsDelta {
        optional {
            /// The `title` of AWS's model.
            title: Text = "title",
            /// The `source` of AWS's model.
            source: Text = "source",
            /// The `sourceContent`.
            source_content: Vec<CitationSourceContentDelta> = "sourceContent",
            /// Where in its source the cited text is.
            location: CitationLocation = "location",
        }
    }
}

structure! {
    /// A piece of the cited text.
    ///
    /// AWS: [`CitationSourceContentDelta`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CitationSourceContentDelta.html).
    CitationSourceContentDelta {
        optional {
            /// The `text` of AWS's model.
            text: Text = "text",
        }
    }
}

structure! {
    /// A piece of an image.
    ///
    /// AWS: [`ImageBlockDelta`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageBlockDelta.html).
    ImageBlockDelta {
        optional {
            /// Where the bytes of an image are.
            source: ImageSource = "source",
            /// Why a part of an answer could not be made.
            error: ErrorBlock = "error",
        }
    }
}

structure! {
    /// A content block ends.
    ///
    /// AWS: [`ContentBlockStopEvent`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlockStopEvent.html).
    ContentBlockStopEvent {
        required {
            /// The `contentBlockIndex` of AWS's model.
            ///
            /// Constraints: 0 or more.
            content_block_index: i32 = "contentBlockIndex",
        }
        ignored { "p" }
    }
}

structure! {
    /// The answer ends. The usage comes after it.
    ///
    /// AWS: [`MessageStopEvent`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_MessageStopEvent.html).
    MessageStopEvent {
        optional {
            /// Why the model stopped. Required in the service model; an empty payload
            /// is let pass, as other decoders do.
            stop_reason: StopReason = "stopReason",
            /// The `additionalModelResponseFields` of AWS's model.
            additional_model_response_fields: Document = "additionalModelResponseFields",
        }
        ignored { "p" }
    }
}

structure! {
    /// Usage and metrics, after the answer's end.
    ///
    /// AWS: [`ConverseStreamMetadataEvent`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamMetadataEvent.html).
    ConverseStreamMetadataEvent {
        optional {
            /// The tokens that were used. Required in the service model; a whole
            /// answer is not to fail for want of it.
            usage: TokenUsage = "usage",
            /// Metrics of a ConverseStream call. Required in the service model, as
            /// `usage` is.
            metrics: ConverseStreamMetrics = "metrics",
            /// The trace of a ConverseStream call.
            trace: ConverseStreamTrace = "trace",
            /// Performance settings.
            performance_config: PerformanceConfiguration = "performanceConfig",
            /// The service tier of a request.
            service_tier: ServiceTier = "serviceTier",
        }
        ignored { "p" }
    }
}

structure! {
    /// Metrics of a ConverseStream call.
    ///
    /// AWS: [`ConverseStreamMetrics`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamMetrics.html).
    ConverseStreamMetrics {
        required {
            /// Milliseconds from the call to the stream's end, measured by the service.
            latency_ms: i64 = "latencyMs",
        }
    }
}

structure! {
    /// The trace of a ConverseStream call.
    ///
    /// AWS: [`ConverseStreamTrace`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamTrace.html).
    ConverseStreamTrace {
        optional {
            /// What a guardrail found in input and output.
            guardrail: GuardrailTraceAssessment = "guardrail",
            /// Which model a prompt router chose.
            prompt_router: PromptRouterTrace = "promptRouter",
        }
    }
}

impl From<ConverseStreamMetrics> for ConverseMetrics {
    fn from(metrics: ConverseStreamMetrics) -> Self {
        Self { latency_ms: metrics.latency_ms, extra: metrics.extra }
    }
}

impl From<ConverseStreamTrace> for ConverseTrace {
    fn from(trace: ConverseStreamTrace) -> Self {
        Self { guardrail: trace.guardrail, prompt_router: trace.prompt_router, extra: trace.extra }
    }
}

impl From<CitationsDelta> for Citation {
    fn from(delta: CitationsDelta) -> Self {
        let source_content =
            delta.source_content.map(|parts| parts.into_iter().map(Into::into).collect());
        Self {
            title: delta.title,
            source: delta.source,
            source_content,
            location: delta.location,
            extra: delta.extra,
        }
    }
}

impl From<CitationSourceContentDelta> for CitationSourceContent {
    fn from(delta: CitationSourceContentDelta) -> Self {
        match delta.text {
            Some(text) if delta.extra.is_empty() => CitationSourceContent::Text(text),
            text => {
                let delta = CitationSourceContentDelta { text, extra: delta.extra };
                // Keeps what is more than a text; its members can be written.
                CitationSourceContent::Unknown(Document::from_serialize(&delta).unwrap_or_default())
            }
        }
    }
}
