//! ListFoundationModels: the models of a region, in one answer.
//!
//! AWS: [`ListFoundationModels`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html).

use bytes::Bytes;
use http::response::Parts;

use super::query::query;
use super::{Answer, AnswerError, BuildError, Operation, Request, answer};
use crate::endpoint::Endpoint;
use crate::model::{ListFoundationModelsRequest, ListFoundationModelsResponse};

/// Builds the request; it is not signed yet. `endpoint` is the control plane's.
///
/// # Errors
/// Where a member has no form in a query.
pub fn build(
    endpoint: &Endpoint,
    input: &ListFoundationModelsRequest,
) -> Result<Request, BuildError> {
    Request::with_query(endpoint, Operation::ListFoundationModels, &[], &query(input)?)
}

/// Reads the answer.
///
/// # Errors
/// Where the service answered with an error, or the body is not what it should
/// be.
pub fn parse(
    head: Parts,
    body: Bytes,
) -> Result<Answer<ListFoundationModelsResponse>, AnswerError> {
    answer::parse(head, body)
}
