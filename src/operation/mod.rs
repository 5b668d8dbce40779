//! One file an operation: input to [`Request`], answer to output or
//! [`ServiceError`](crate::fault::ServiceError).
//!
//! Nothing here sends anything. [`converse::build`] and
//! [`converse_stream::build`] make the request, [`Request`] signs it, any HTTP
//! client sends it, and [`converse::parse`] reads what comes back, or
//! [`EventDecoder`](crate::stream::EventDecoder) does.

use http::Method;

use crate::endpoint::Endpoint;

mod answer;
pub mod converse;
pub mod converse_stream;
pub mod count_tokens;
mod model_id;
mod request;

pub use answer::{Answer, AnswerError, ContentTypeError, is_error, parse_error};
pub use model_id::{ModelId, ModelIdError};
pub use request::{Body, BuildError, Request};

/// The operations by the last segment of their path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `POST /model/{modelId}/converse`
    Converse,
    /// `POST /model/{modelId}/converse-stream`
    ConverseStream,
    /// `POST /model/{modelId}/invoke`
    InvokeModel,
    /// `POST /model/{modelId}/invoke-with-response-stream`
    InvokeModelWithResponseStream,
    /// `POST /model/{modelId}/count-tokens`
    CountTokens,
}

impl Operation {
    /// All of them.
    pub const ALL: &'static [Operation] = &[
        Operation::Converse,
        Operation::ConverseStream,
        Operation::InvokeModel,
        Operation::InvokeModelWithResponseStream,
        Operation::CountTokens,
    ];

    /// The operation's name in the service model.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Converse => "Converse",
            Operation::ConverseStream => "ConverseStream",
            Operation::InvokeModel => "InvokeModel",
            Operation::InvokeModelWithResponseStream => "InvokeModelWithResponseStream",
            Operation::CountTokens => "CountTokens",
        }
    }

    /// The last segment of the path.
    pub fn path_suffix(self) -> &'static str {
        match self {
            Operation::Converse => "converse",
            Operation::ConverseStream => "converse-stream",
            Operation::InvokeModel => "invoke",
            Operation::InvokeModelWithResponseStream => "invoke-with-response-stream",
            Operation::CountTokens => "count-tokens",
        }
    }

    /// The operation of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name)
    }

    /// The operation whose path ends so.
    pub fn from_path_suffix(suffix: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.path_suffix() == suffix)
    }

    /// Whether the answer is an event stream.
    pub fn is_stream(self) -> bool {
        match self {
            Operation::ConverseStream | Operation::InvokeModelWithResponseStream => true,
            Operation::Converse | Operation::InvokeModel | Operation::CountTokens => false,
        }
    }
}

impl Request {
    /// A request to an operation of a model's.
    fn of_model(
        endpoint: &Endpoint,
        operation: Operation,
        model: &ModelId,
    ) -> Result<Self, BuildError> {
        let path = format!("/model/{}/{}", model.path_segment(), operation.path_suffix());
        let accept = if operation.is_stream() {
            "application/vnd.amazon.eventstream"
        } else {
            request::JSON
        };
        Request::new(endpoint, Method::POST, &path, accept)
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
