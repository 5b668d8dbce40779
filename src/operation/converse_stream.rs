//! ConverseStream: a conversation in, a message out as it is written.
//!
//! AWS: [`ConverseStream`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html).

use http::response::Parts;
use http::{HeaderMap, StatusCode, header};

use super::{BuildError, ModelId, Operation, Request};
use crate::endpoint::Endpoint;
use crate::fault;
use crate::model::ConverseStreamRequest;
use crate::stream::EventDecoder;

/// Builds the request; it is not signed yet.
///
/// # Errors
/// Where the input has no form in JSON.
pub fn build(
    endpoint: &Endpoint,
    model: &ModelId,
    input: &ConverseStreamRequest,
) -> Result<Request, BuildError> {
    let json = serde_json::to_vec(input)?;
    Request::post(endpoint, Operation::ConverseStream, model, json.into())
}

/// A decoder for the answer's body, or `None` where the body is no event
/// stream: then it is an error, for [`parse_error`](super::parse_error) to
/// read once the whole body is there.
///
/// The content type is looked at, too: a proxy's JSON read as frames would
/// look like a failed checksum.
pub fn open(head: &Parts) -> Option<EventDecoder> {
    let stream = head.status == StatusCode::OK && is_event_stream(&head.headers);
    stream.then(|| EventDecoder::new(fault::request_id(&head.headers)))
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next());
    essence
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/vnd.amazon.eventstream"))
}
