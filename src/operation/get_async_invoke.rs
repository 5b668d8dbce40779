//! GetAsyncInvoke: how far an invocation is.
//!
//! AWS: [`GetAsyncInvoke`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GetAsyncInvoke.html).

use bytes::Bytes;
use http::response::Parts;

use super::{Answer, AnswerError, BuildError, Operation, Request, answer};
use crate::endpoint::Endpoint;
use crate::model::GetAsyncInvokeResponse;

/// Builds the request; it is not signed yet.
///
/// # Errors
/// Where the label cannot stand in the path.
pub fn build(endpoint: &Endpoint, invocation_arn: &str) -> Result<Request, BuildError> {
    Request::new(endpoint, Operation::GetAsyncInvoke, &[invocation_arn])
}

/// Reads the answer.
///
/// # Errors
/// Where the service answered with an error, or the body is not what it should
/// be.
pub fn parse(head: Parts, body: Bytes) -> Result<Answer<GetAsyncInvokeResponse>, AnswerError> {
    answer::parse(head, body)
}
