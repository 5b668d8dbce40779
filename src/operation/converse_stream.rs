//! ConverseStream: a conversation in, a message out as it is written.
//!
//! AWS: [`ConverseStream`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html).

use bytes::Bytes;
use http::StatusCode;
use http::response::Parts;

use super::answer::{has_content_type, is_error};
use super::request::EVENT_STREAM;
use super::{
    AnswerError, BuildError, ContentTypeError, ConverseInput, ModelId, Operation, Request,
};
use crate::endpoint::Endpoint;
use crate::model::GuardrailStreamConfiguration;

/// Builds the request from a [`ConverseStreamRequest`](crate::model::ConverseStreamRequest) or a
/// [`Conversation`](super::Conversation); it is not signed yet.
///
/// # Errors
/// Where the input has no form in JSON.
pub fn build(
    endpoint: &Endpoint,
    model: &ModelId,
    input: &impl ConverseInput<GuardrailStreamConfiguration>,
) -> Result<Request, BuildError> {
    let request = Request::new(endpoint, Operation::ConverseStream, &[model.as_str()])?;
    Ok(request.with_json_body(input.to_body()?))
}

/// Whether the answer's body is an event stream, for
/// [`EventDecoder`](crate::stream::EventDecoder) to read. If not it is an
/// error, for [`parse_error`] once the whole body is there.
///
/// The content type is looked at, too: a proxy's JSON read as frames would
/// look like a failed checksum.
pub fn is_event_stream(head: &Parts) -> bool {
    head.status == StatusCode::OK && !is_error(head) && has_content_type(head, EVENT_STREAM)
}

/// The error in an answer that [is no event stream](is_event_stream): the
/// service's, or, with status 200 and no error's name in header or body, that
/// it is not from the service.
pub fn parse_error(head: &Parts, body: Bytes) -> AnswerError {
    let service = super::parse_error(head, body);
    if head.status != StatusCode::OK || service.name.is_some() {
        return AnswerError::Service(Box::new(service));
    }
    AnswerError::ContentType(Box::new(ContentTypeError::new(EVENT_STREAM, head, service.raw)))
}
