//! The bodies of Converse and ConverseStream.

use std::collections::BTreeMap;

use super::content::{PromptVariableValues, SystemContentBlock};
use super::guardrail::{GuardrailConfiguration, GuardrailStreamConfiguration};
use super::inference::{
    InferenceConfiguration, OutputConfig, PerformanceConfiguration, ServiceTier,
};
use super::message::Message;
use super::shape::{Document, Text, structure};
use super::tool::ToolConfiguration;

/// The body of a Converse request. The model's id stands beside it, in the
/// path.
///
/// AWS: [`Converse`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).
pub type ConverseRequest = ConverseBody<GuardrailConfiguration>;

/// The body of a ConverseStream request. The model's id stands beside it, in
/// the path.
///
/// AWS: [`ConverseStream`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html).
pub type ConverseStreamRequest = ConverseBody<GuardrailStreamConfiguration>;

structure! {
    /// What [`ConverseRequest`] and [`ConverseStreamRequest`] share: all but
    /// the guardrail's configuration, `G`.
    ConverseBody<G> {
        optional {
            /// The conversation so far. A request may lack it only where the
            /// model's id names a managed prompt.
            messages: Vec<Message> = "messages",
            /// The system prompt.
            system: Vec<SystemContentBlock> = "system",
            /// The inference parameters that all models share.
            inference_config: InferenceConfiguration = "inferenceConfig",
            /// The tools the model may call.
            tool_config: ToolConfiguration = "toolConfig",
            /// The guardrail to apply.
            guardrail_config: G = "guardrailConfig",
            /// Inference parameters of this model's own.
            additional_model_request_fields: Document = "additionalModelRequestFields",
            /// The variables of a managed prompt.
            prompt_variables: BTreeMap<String, PromptVariableValues> = "promptVariables",
            /// JSON pointers (RFC 6901) to fields of the model's own answer to
            /// give back.
            ///
            /// Constraints: at most 10 items of 1 to 256 characters.
            additional_model_response_field_paths: Vec<Text> = "additionalModelResponseFieldPaths",
            /// Keys and values for filtering invocation logs.
            ///
            /// Constraints: 1 to 16 entries; keys of 1 to 256 and values of at
            /// most 256 characters, pattern `[a-zA-Z0-9\s:_@$#=/+,-.]`.
            request_metadata: BTreeMap<String, Text> = "requestMetadata",
            /// Performance settings.
            performance_config: PerformanceConfiguration = "performanceConfig",
            /// The service tier.
            service_tier: ServiceTier = "serviceTier",
            /// The form of the answer.
            output_config: OutputConfig = "outputConfig",
        }
    }
}

impl From<ConverseRequest> for ConverseStreamRequest {
    fn from(request: ConverseRequest) -> Self {
        let ConverseBody {
            messages,
            system,
            inference_config,
            tool_config,
            guardrail_config,
            additional_model_request_fields,
            prompt_variables,
            additional_model_response_field_paths,
            request_metadata,
            performance_config,
            service_tier,
            output_config,
            extra,
        } = request;
        ConverseBody {
            messages,
            system,
            inference_config,
            tool_config,
            guardrail_config: guardrail_config.map(Into::into),
            additional_model_request_fields,
            prompt_variables,
            additional_model_response_field_paths,
            request_metadata,
            performance_config,
            service_tier,
            output_config,
            extra,
        }
    }
}
