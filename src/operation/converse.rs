//! Converse: a conversation in, a message out.
//!
//! AWS: [`Converse`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).

use bytes::Bytes;
use http::response::Parts;

use super::{Answer, AnswerError, BuildError, ConverseInput, ModelId, Operation, Request, answer};
use crate::endpoint::Endpoint;
use crate::model::{ConverseResponse, GuardrailConfiguration};

/// Builds the request from a [`ConverseRequest`](crate::model::ConverseRequest) or a
/// [`Conversation`](super::Conversation); it is not signed yet.
///
/// # Errors
/// Where the input has no form in JSON.
pub fn build(
    endpoint: &Endpoint,
    model: &ModelId,
    input: &impl ConverseInput<GuardrailConfiguration>,
) -> Result<Request, BuildError> {
    let request = Request::new(endpoint, Operation::Converse, &[model.as_str()])?;
    Ok(request.with_json_body(input.to_body()?))
}

/// Reads the answer.
///
/// The output's texts are slices of `body` where they have no escapes.
///
/// # Errors
/// Where the service answered with an error, with status 200 too, or the body
/// is not what it should be.
pub fn parse(head: Parts, body: Bytes) -> Result<Answer<ConverseResponse>, AnswerError> {
    answer::parse(head, body)
}
