//! ListInferenceProfiles: inference profiles, page by page.
//!
//! AWS: [`ListInferenceProfiles`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html).

use bytes::Bytes;
use http::response::Parts;

use super::query::query;
use super::{Answer, AnswerError, BuildError, Operation, Request, answer};
use crate::endpoint::Endpoint;
use crate::model::{ListInferenceProfilesRequest, ListInferenceProfilesResponse};

/// Builds the request; it is not signed yet. `endpoint` is the control plane's.
///
/// # Errors
/// Where a member has no form in a query.
pub fn build(
    endpoint: &Endpoint,
    input: &ListInferenceProfilesRequest,
) -> Result<Request, BuildError> {
    Request::with_query(endpoint, Operation::ListInferenceProfiles, &[], &query(input)?)
}

/// Reads the answer.
///
/// # Errors
/// Where the service answered with an error, or the body is not what it should
/// be.
pub fn parse(
    head: Parts,
    body: Bytes,
) -> Result<Answer<ListInferenceProfilesResponse>, AnswerError> {
    answer::parse(head, body)
}
