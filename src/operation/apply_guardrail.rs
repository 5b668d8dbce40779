//! ApplyGuardrail: a guardrail over content, without a model.
//!
//! AWS: [`ApplyGuardrail`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ApplyGuardrail.html).

use bytes::Bytes;
use http::response::Parts;

use super::{Answer, AnswerError, BuildError, Operation, Request, answer};
use crate::endpoint::Endpoint;
use crate::model::{ApplyGuardrailRequest, ApplyGuardrailResponse};

/// Builds the request; it is not signed yet. `guardrail` is an id or ARN,
/// `version` a number or `DRAFT`.
///
/// # Errors
/// Where the input has no form in JSON, or a label cannot stand in the path.
pub fn build(
    endpoint: &Endpoint,
    guardrail: &str,
    version: &str,
    input: &ApplyGuardrailRequest,
) -> Result<Request, BuildError> {
    Request::new(endpoint, Operation::ApplyGuardrail, &[guardrail, version])?.with_json(input)
}

/// Reads the answer.
///
/// # Errors
/// Where the service answered with an error, or the body is not what it should
/// be.
pub fn parse(head: Parts, body: Bytes) -> Result<Answer<ApplyGuardrailResponse>, AnswerError> {
    answer::parse(head, body)
}
