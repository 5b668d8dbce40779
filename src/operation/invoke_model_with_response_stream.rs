//! InvokeModelWithResponseStream: a request in the model's own format, an
//! answer in it, piece by piece.
//!
//! AWS: [`InvokeModelWithResponseStream`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html).

use http::HeaderName;

use super::{BuildError, ModelId, Operation, Request};
use crate::endpoint::Endpoint;
use crate::model::InvokeModelRequest;

pub use super::converse_stream::{is_event_stream, parse_error};

/// `Accept` is that of the stream, so the pieces' has a header of its own.
const ACCEPT: HeaderName = HeaderName::from_static("x-amzn-bedrock-accept");

/// Builds the request; it is not signed yet.
///
/// As [`invoke_model::build`](super::invoke_model::build), but `accept` goes
/// into `X-Amzn-Bedrock-Accept`.
///
/// # Errors
/// Where a member cannot stand in its header.
pub fn build(
    endpoint: &Endpoint,
    model: &ModelId,
    input: &InvokeModelRequest,
) -> Result<Request, BuildError> {
    Request::new(endpoint, Operation::InvokeModelWithResponseStream, &[model.as_str()])?
        .with_header(ACCEPT, input.accept.as_deref())?
        .with_invocation(input)
}
