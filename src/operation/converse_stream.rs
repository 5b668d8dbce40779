//! ConverseStream: a conversation in, a message out as it is written.
//!
//! AWS: [`ConverseStream`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html).

use http::response::Parts;
use http::{StatusCode, header};

use super::{BuildError, ModelId, Operation, Request};
use crate::endpoint::Endpoint;
use crate::model::ConverseStreamRequest;

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

/// Whether the answer's body is an event stream, for
/// [`EventDecoder`](crate::stream::EventDecoder) to read. If not it is an
/// error, for [`parse_error`](super::parse_error) once the whole body is there.
///
/// The content type is looked at, too: a proxy's JSON read as frames would
/// look like a failed checksum.
pub fn is_event_stream(head: &Parts) -> bool {
    let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).map(str::trim);
    head.status == StatusCode::OK
        && essence
            .is_some_and(|kind| kind.eq_ignore_ascii_case("application/vnd.amazon.eventstream"))
}
