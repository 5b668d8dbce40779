//! The answer of Converse: message, stop reason, usage, trace.

use super::content::CacheTTL;
use super::guardrail_trace::GuardrailTraceAssessment;
use super::inference::{PerformanceConfiguration, ServiceTier};
use super::message::Message;
use super::shape::{Document, Text, enumeration, structure, union};

structure! {
    /// The answer to Converse; also what the events of a stream add up to.
    ///
    /// AWS: [`Converse`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).
    ConverseResponse {
        required {
            /// The message of the model.
            output: ConverseOutput = "output",
        }
        optional {
            /// Why the model stopped. The service always says; absent from a stream
            /// that broke off.
            stop_reason: StopReason = "stopReason",
            /// The tokens used. The service always says; absent from a stream that
            /// ended without its `metadata`.
            usage: TokenUsage = "usage",
            /// Metrics of the call. The service always says; absent from a stream
            /// that ended without its `metadata`.
            metrics: ConverseMetrics = "metrics",
            /// The fields asked for with `additionalModelResponseFieldPaths`.
            additional_model_response_fields: Document = "additionalModelResponseFields",
            /// The trace of guardrail and prompt router.
            trace: ConverseTrace = "trace",
            /// Performance settings.
            performance_config: PerformanceConfiguration = "performanceConfig",
            /// The service tier of a request.
            service_tier: ServiceTier = "serviceTier",
        }
    }
}

union! {
    /// The output of the model.
    ///
    /// AWS: [`ConverseOutput`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseOutput.html).
    ConverseOutput {
        /// A turn of the conversation.
        Message(Message) = "message",
    }
}

enumeration! {
    /// Why the model stopped.
    StopReason {
        EndTurn = "end_turn",
        ToolUse = "tool_use",
        MaxTokens = "max_tokens",
        StopSequence = "stop_sequence",
        GuardrailIntervened = "guardrail_intervened",
        ContentFiltered = "content_filtered",
        MalformedModelOutput = "malformed_model_output",
        MalformedToolUse = "malformed_tool_use",
        ModelContextWindowExceeded = "model_context_window_exceeded",
    }
}

structure! {
    /// The tokens that were used.
    ///
    /// AWS: [`TokenUsage`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html).
    TokenUsage {
        required {
            /// Tokens of the input.
            ///
            /// Constraints: 0 or more.
            input_tokens: i64 = "inputTokens",
            /// Tokens of the output.
            ///
            /// Constraints: 0 or more.
            output_tokens: i64 = "outputTokens",
            /// Both together.
            ///
            /// Constraints: 0 or more.
            total_tokens: i64 = "totalTokens",
        }
        optional {
            /// Tokens read from the cache.
            ///
            /// Constraints: 0 or more.
            cache_read_input_tokens: i64 = "cacheReadInputTokens",
            /// Tokens written to the cache.
            ///
            /// Constraints: 0 or more.
            cache_write_input_tokens: i64 = "cacheWriteInputTokens",
            /// Tokens written to the cache, by time to live.
            cache_details: Vec<CacheDetail> = "cacheDetails",
        }
    }
}

structure! {
    /// The tokens written to the cache with one time to live.
    ///
    /// AWS: [`CacheDetail`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CacheDetail.html).
    CacheDetail {
        required {
            /// How long a cached prompt is kept.
            ttl: CacheTTL = "ttl",
            /// The `inputTokens` of AWS's model.
            ///
            /// Constraints: 0 or more.
            input_tokens: i64 = "inputTokens",
        }
    }
}

structure! {
    /// Metrics of a Converse call.
    ///
    /// AWS: [`ConverseMetrics`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseMetrics.html).
    ConverseMetrics {
        required {
            /// Milliseconds from the call to the answer's end, measured by the service.
            latency_ms: i64 = "latencyMs",
        }
    }
}

structure! {
    /// The trace of a Converse call.
    ///
    /// AWS: [`ConverseTrace`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseTrace.html).
    ConverseTrace {
        optional {
            /// What a guardrail found in input and output.
            guardrail: GuardrailTraceAssessment = "guardrail",
            /// Which model a prompt router chose.
            prompt_router: PromptRouterTrace = "promptRouter",
        }
    }
}

structure! {
    /// Which model a prompt router chose.
    ///
    /// AWS: [`PromptRouterTrace`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_PromptRouterTrace.html).
    PromptRouterTrace {
        optional {
            /// The `invokedModelId` of AWS's model.
            invoked_model_id: Text = "invokedModelId",
        }
    }
}
