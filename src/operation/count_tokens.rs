//! CountTokens: how many tokens a request would have, without asking the model.
//!
//! AWS: [`CountTokens`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html).

use bytes::Bytes;
use http::response::Parts;

use super::{Answer, AnswerError, BuildError, ModelId, Operation, Request, answer};
use crate::endpoint::Endpoint;
use crate::model::{CountTokensRequest, CountTokensResponse};

/// Builds the request; it is not signed yet.
///
/// # Errors
/// Where the input has no form in JSON.
pub fn build(
    endpoint: &Endpoint,
    model: &ModelId,
    input: &CountTokensRequest,
) -> Result<Request, BuildError> {
    Request::new(endpoint, Operation::CountTokens, &[model.as_str()])?.with_json(input)
}

/// Reads the answer.
///
/// # Errors
/// Where the service answered with an error, or the body is not what it should
/// be.
pub fn parse(head: Parts, body: Bytes) -> Result<Answer<CountTokensResponse>, AnswerError> {
    answer::parse(head, body)
}
