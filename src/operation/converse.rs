//! Converse: a conversation in, a message out.
//!
//! AWS: [`Converse`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).

use bytes::Bytes;
use http::StatusCode;
use http::response::Parts;

use super::answer::has_content_type;
use super::{
    Answer, AnswerError, BuildError, ContentTypeError, ModelId, Operation, Request, parse_error,
};
use crate::endpoint::Endpoint;
use crate::fault;
use crate::model::{ConverseRequest, ConverseResponse, from_bytes};

const JSON: &str = "application/json";

/// Builds the request; it is not signed yet.
///
/// # Errors
/// Where the input has no form in JSON.
pub fn build(
    endpoint: &Endpoint,
    model: &ModelId,
    input: &ConverseRequest,
) -> Result<Request, BuildError> {
    let json = serde_json::to_vec(input)?;
    Request::post(endpoint, Operation::Converse, model, json.into())
}

/// Whether the answer's head says already that it is an error, whatever its
/// body: an unknown operation is answered with 200 and told by a header.
pub fn is_error(head: &Parts) -> bool {
    head.status != StatusCode::OK || head.headers.contains_key("x-amzn-errortype")
}

/// Reads the answer.
///
/// The output's texts are slices of `body` where they have no escapes.
///
/// # Errors
/// Where the service answered with an error, with status 200 too, or the body
/// is not what it should be.
pub fn parse(head: Parts, body: Bytes) -> Result<Answer<ConverseResponse>, AnswerError> {
    if is_error(&head) {
        return Err(AnswerError::Service(Box::new(parse_error(&head, body))));
    }
    match from_bytes(&body) {
        Ok(value) => Ok(Answer { value, headers: head.headers, raw: body }),
        Err(error) => {
            let service = parse_error(&head, body.clone());
            if service.name.is_some() {
                return Err(AnswerError::Service(Box::new(service)));
            }
            if !has_content_type(&head, JSON) {
                let error = ContentTypeError::new(JSON, &head, body);
                return Err(AnswerError::ContentType(Box::new(error)));
            }
            Err(AnswerError::Decode {
                error,
                raw: body,
                request_id: fault::request_id(&head.headers),
            })
        }
    }
}
