//! StartAsyncInvoke: an invocation whose output goes to S3.
//!
//! AWS: [`StartAsyncInvoke`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_StartAsyncInvoke.html).

use bytes::Bytes;
use http::response::Parts;

use super::{Answer, AnswerError, BuildError, Operation, Request, answer};
use crate::endpoint::Endpoint;
use crate::model::{StartAsyncInvokeRequest, StartAsyncInvokeResponse};

/// Builds the request; it is not signed yet.
///
/// # Errors
/// Where the input has no form in JSON.
pub fn build(endpoint: &Endpoint, input: &StartAsyncInvokeRequest) -> Result<Request, BuildError> {
    Request::new(endpoint, Operation::StartAsyncInvoke, &[])?.with_json(input)
}

/// Reads the answer.
///
/// # Errors
/// Where the service answered with an error, or the body is not what it should
/// be.
pub fn parse(head: Parts, body: Bytes) -> Result<Answer<StartAsyncInvokeResponse>, AnswerError> {
    answer::parse(head, body)
}
