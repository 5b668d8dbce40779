//! CountTokens: what a request would cost in input.

use super::content::SystemContentBlock;
use super::message::Message;
use super::request::ConverseBody;
use super::shape::{Blob, Document, Extra, structure, union};
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

impl<G> From<ConverseBody<G>> for ConverseTokensRequest {
    /// What of a request counts: messages, system prompt, tools and the
    /// model's own parameters.
    fn from(request: ConverseBody<G>) -> Self {
        Self {
            messages: request.messages,
            system: request.system,
            tool_config: request.tool_config,
            additional_model_request_fields: request.additional_model_request_fields,
            extra: Extra::new(),
        }
    }
}

impl<G> From<ConverseBody<G>> for CountTokensRequest {
    /// Counts the input tokens of a Converse request.
    ///
    /// ```
    /// use bedrock_wire::model::{ConverseRequest, CountTokensRequest, Message};
    ///
    /// let request = ConverseRequest::new().message(Message::user("hi")).max_tokens(9);
    /// assert_eq!(
    ///     serde_json::to_string(&CountTokensRequest::from(request))?,
    ///     r#"{"input":{"converse":{"messages":[{"role":"user","content":[{"text":"hi"}]}]}}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    fn from(request: ConverseBody<G>) -> Self {
        CountTokensRequest::new(CountTokensInput::Converse(request.into()))
    }
}
