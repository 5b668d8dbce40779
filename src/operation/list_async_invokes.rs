//! ListAsyncInvokes: invocations, page by page.
//!
//! AWS: [`ListAsyncInvokes`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ListAsyncInvokes.html).

use bytes::Bytes;
use http::response::Parts;

use super::query::query;
use super::{Answer, AnswerError, BuildError, Operation, Request, answer};
use crate::endpoint::Endpoint;
use crate::model::{ListAsyncInvokesRequest, ListAsyncInvokesResponse};

/// Builds the request; it is not signed yet.
///
/// # Errors
/// Where a member has no form in a query.
pub fn build(endpoint: &Endpoint, input: &ListAsyncInvokesRequest) -> Result<Request, BuildError> {
    Request::with_query(endpoint, Operation::ListAsyncInvokes, &[], &query(input)?)
}

/// Reads the answer.
///
/// # Errors
/// Where the service answered with an error, or the body is not what it should
/// be.
pub fn parse(head: Parts, body: Bytes) -> Result<Answer<ListAsyncInvokesResponse>, AnswerError> {
    answer::parse(head, body)
}
