//! InvokeGuardrailChecks: checks over messages, without a guardrail.
//!
//! AWS: [`InvokeGuardrailChecks`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeGuardrailChecks.html).

use bytes::Bytes;
use http::response::Parts;

use super::{Answer, AnswerError, BuildError, Operation, Request, answer};
use crate::endpoint::Endpoint;
use crate::model::{InvokeGuardrailChecksRequest, InvokeGuardrailChecksResponse};

/// Builds the request; it is not signed yet.
///
/// # Errors
/// Where the input has no form in JSON.
pub fn build(
    endpoint: &Endpoint,
    input: &InvokeGuardrailChecksRequest,
) -> Result<Request, BuildError> {
    Request::new(endpoint, Operation::InvokeGuardrailChecks, &[])?.with_json(input)
}

/// Reads the answer.
///
/// # Errors
/// Where the service answered with an error, or the body is not what it should
/// be.
pub fn parse(
    head: Parts,
    body: Bytes,
) -> Result<Answer<InvokeGuardrailChecksResponse>, AnswerError> {
    answer::parse(head, body)
}
