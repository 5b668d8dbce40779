//! CountTokens: what a request would cost in input.

use super::content::SystemContentBlock;
use super::message::Message;
use super::shape::{Blob, Document, structure, union};
use super::tool::ToolConfiguration;

structure! {
    /// The body of a CountTokens request. The model's id stands beside it, in the
    /// path.
    ///
    /// AWS: [`CountTokens`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html).
    CountTokensRequest {
        required {
            /// The request whose tokens are counted.
            input: CountTokensInput = "input",
        }
    }
}

union! {
    /// The request whose tokens are counted.
    ///
    /// AWS: [`CountTokensInput`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokensInput.html).
    CountTokensInput {
        /// An InvokeModel request to count.
        InvokeModel(InvokeModelTokensRequest) = "invokeModel",
        /// A Converse request to count.
        Converse(ConverseTokensRequest) = "converse",
    }
}

structure! {
    /// An InvokeModel request to count.
    ///
    /// AWS: [`InvokeModelTokensRequest`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelTokensRequest.html).
    InvokeModelTokensRequest {
        required {
            /// The `body` of AWS's model.
            ///
            /// Constraints: at most 25000000 bytes.
            body: Blob = "body",
        }
    }
}

structure! {
    /// A Converse request to count.
    ///
    /// AWS: [`ConverseTokensRequest`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseTokensRequest.html).
    ConverseTokensRequest {
        optional {
            /// The `messages` of AWS's model.
            messages: Vec<Message> = "messages",
            /// The `system` of AWS's model.
            system: Vec<SystemContentBlock> = "system",
            /// The `toolConfig` of AWS's model.
            tool_config: ToolConfiguration = "toolConfig",
            /// The `additionalModelRequestFields` of AWS's model.
            additional_model_request_fields: Document = "additionalModelRequestFields",
        }
    }
}

structure! {
    /// How many tokens the input has.
    ///
    /// AWS: [`CountTokens`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html).
    CountTokensResponse {
        required {
            /// Tokens of the input.
            input_tokens: i32 = "inputTokens",
        }
    }
}
