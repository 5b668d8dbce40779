//! A tape in memory.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use super::body::{RecordedBody, is_event_stream};
use super::headers::RecordedHeaders;
use super::piece::{End, Micros, Piece};
use super::query;
use crate::model::Canonical;

/// A recorded exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tape {
    /// AWS's name of the operation, such as `ConverseStream`.
    pub operation: String,
    /// What the path names: the model's id or ARN, not percent-encoded; for
    /// operations of other things see [the format](super).
    pub model: String,
    /// Where the tape comes from, for people; `None` if nobody says.
    pub source: Option<String>,
    /// The request, if it is known.
    pub request: Option<RecordedRequest>,
    /// The response.
    pub response: RecordedResponse,
}

impl Tape {
    /// A tape of a response; nothing is known of its request and source yet.
    pub fn new(
        operation: impl Into<String>,
        model: impl Into<String>,
        response: RecordedResponse,
    ) -> Self {
        let (operation, model) = (operation.into(), model.into());
        Self { operation, model, source: None, request: None, response }
    }

    /// The body of the response, to the byte as it was received.
    pub fn body_bytes(&self) -> Bytes {
        self.response.body.bytes()
    }
}

/// A request as far as a tape keeps it: without credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    method: Method,
    path: String,
    headers: RecordedHeaders,
    body: Bytes,
}

impl RecordedRequest {
    /// What a tape keeps of a request. `path` is as sent, percent-encoded, with
    /// its query; that and the headers pass lists of what may be on a tape.
    pub fn new(method: Method, path: &str, headers: &HeaderMap, body: Bytes) -> Self {
        Self::kept(method, query::kept(path), RecordedHeaders::of_request(headers), body)
    }

    pub(super) fn kept(
        method: Method,
        path: String,
        headers: RecordedHeaders,
        body: Bytes,
    ) -> Self {
        Self { method, path, headers, body }
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path as sent, percent-encoded, and what is kept of its query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The headers that passed.
    pub fn headers(&self) -> &RecordedHeaders {
        &self.headers
    }

    /// The body as sent.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// What is kept of the query, decoded and sorted: the same for all ways to
    /// write it.
    pub fn canonical_query(&self) -> Vec<(String, String)> {
        query::members(&self.path)
    }

    /// The body as the one text that all writings of the same JSON share, to
    /// find the tape of a request by; `None` where it is not JSON, or nested
    /// over 500 deep.
    pub fn canonical_body(&self) -> Option<String> {
        Canonical::read(&self.body).ok().map(|json| json.to_string())
    }
}

/// A response as a tape keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedResponse {
    pub(super) status: StatusCode,
    pub(super) headers: RecordedHeaders,
    pub(super) at: Option<Micros>,
    pub(super) body: RecordedBody,
    /// Their lengths add up to that of the body.
    pub(super) pieces: Option<Vec<Piece>>,
    pub(super) end: Option<End>,
}

impl RecordedResponse {
    /// A response of which no time and no piece is known.
    ///
    /// The body is cut into frames if the headers announce an event stream.
    pub fn new(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Self {
        Self::cut(status, headers, body, &[])
    }

    /// A response with the pieces of its body, in order, and when each came.
    pub fn from_pieces(
        status: StatusCode,
        headers: &HeaderMap,
        pieces: impl IntoIterator<Item = (Bytes, Option<Micros>)>,
    ) -> Self {
        let (mut body, mut kept) = (Vec::new(), Vec::new());
        for (bytes, at) in pieces {
            kept.push(Piece { length: bytes.len() as u64, at });
            body.extend_from_slice(&bytes);
        }
        let response = Self::cut(status, headers, &body.into(), &kept);
        Self { pieces: Some(kept), ..response }
    }

    fn cut(status: StatusCode, headers: &HeaderMap, body: &Bytes, pieces: &[Piece]) -> Self {
        let body = if is_event_stream(headers) {
            RecordedBody::cut(body, pieces)
        } else {
            RecordedBody::Whole(body.clone())
        };
        let headers = RecordedHeaders::of_response(headers);
        Self { status, headers, at: None, body, pieces: None, end: None }
    }

    /// Sets when the head came.
    #[must_use]
    pub fn with_at(self, at: Micros) -> Self {
        Self { at: Some(at), ..self }
    }

    /// Sets how the body ended.
    #[must_use]
    pub fn with_end(self, end: End) -> Self {
        Self { end: Some(end), ..self }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers that passed the list of those that may be on a tape.
    pub fn headers(&self) -> &RecordedHeaders {
        &self.headers
    }

    /// When the head came, if known.
    pub fn at(&self) -> Option<Micros> {
        self.at
    }

    /// The body: whole, or as frames with the times at which they came.
    pub fn body(&self) -> &RecordedBody {
        &self.body
    }

    /// The pieces of the body as the HTTP library handed them out, if known.
    /// Their lengths add up to that of the body.
    pub fn pieces(&self) -> Option<&[Piece]> {
        self.pieces.as_deref()
    }

    /// How the body ended, if known.
    pub fn end(&self) -> Option<End> {
        self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str, body: &'static str) -> RecordedRequest {
        RecordedRequest::new(Method::POST, path, &HeaderMap::new(), body.into())
    }

    #[test]
    fn a_presigned_query_is_not_kept() {
        assert_eq!(
            request("/model/m%3A0/converse?X-Amz-Signature=0", "").path(),
            "/model/m%3A0/converse"
        );
        let list = request("/async-invoke?nextToken=a%2Fb&X-Amz-Signature=0", "");
        assert_eq!(list.path(), "/async-invoke?nextToken=a%2Fb");
        assert_eq!(list.canonical_query(), [("nextToken".to_owned(), "a/b".to_owned())]);
    }

    #[test]
    fn all_writings_of_a_body_have_one_canonical_body() {
        let one = request("/", r#"{"a":1,"b":[2.0]}"#).canonical_body();
        assert_eq!(one.as_deref(), Some(r#"{"a":1,"b":[2]}"#));
        assert_eq!(one, request("/", "{\"b\" : [2],\n\"a\":1.0}").canonical_body());
        assert_eq!(request("/", "no JSON").canonical_body(), None);
    }
}
