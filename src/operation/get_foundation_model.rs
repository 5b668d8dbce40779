//! GetFoundationModel: what a model is.
//!
//! AWS: [`GetFoundationModel`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetFoundationModel.html).

use bytes::Bytes;
use http::response::Parts;

use super::{Answer, AnswerError, BuildError, Operation, Request, answer};
use crate::endpoint::Endpoint;
use crate::model::GetFoundationModelResponse;

/// Builds the request; it is not signed yet. `endpoint` is the control plane's,
/// `model` an id or ARN.
///
/// # Errors
/// Where the label cannot stand in the path.
pub fn build(endpoint: &Endpoint, model: &str) -> Result<Request, BuildError> {
    Request::new(endpoint, Operation::GetFoundationModel, &[model])
}

/// Reads the answer.
///
/// # Errors
/// Where the service answered with an error, or the body is not what it should
/// be.
pub fn parse(head: Parts, body: Bytes) -> Result<Answer<GetFoundationModelResponse>, AnswerError> {
    answer::parse(head, body)
}
