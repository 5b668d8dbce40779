//! A request that is built and not yet sent.

use std::fmt;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Uri};

use super::ModelIdError;
use crate::auth::BearerKey;
use crate::endpoint::{Endpoint, EndpointError};

/// The content type of bodies and of answers that are no stream.
pub(super) const JSON: &str = "application/json";

/// An HTTP request, head and body, to be looked at, changed, signed and sent. A
/// clone shares the body's bytes, and can be signed anew to be sent again.
#[derive(Clone, Debug)]
pub struct Request {
    head: Parts,
    body: Body,
}

/// Why a request cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The model's id cannot stand in a path.
    #[error(transparent)]
    ModelId(#[from] ModelIdError),
    /// The path cannot go behind the endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The input has no form in JSON.
    #[error("the request has no form in JSON: {0}")]
    Json(serde_json::Error),
}

impl From<serde_json::Error> for BuildError {
    fn from(error: serde_json::Error) -> Self {
        BuildError::Json(error)
    }
}

impl Request {
    /// A request to `path`, percent-encoded as it goes out, that wants `accept`
    /// for an answer.
    pub(super) fn new(
        endpoint: &Endpoint,
        method: Method,
        path: &str,
        accept: &'static str,
    ) -> Result<Self, BuildError> {
        let mut request = http::Request::new(());
        *request.method_mut() = method;
        *request.uri_mut() = endpoint.url_for(path)?;
        request.headers_mut().insert(http::header::ACCEPT, HeaderValue::from_static(accept));
        Ok(Request { head: request.into_parts().0, body: Body::default() })
    }

    /// With a body of JSON.
    pub(super) fn with_json(mut self, input: &impl serde::Serialize) -> Result<Self, BuildError> {
        self.body = Body::from(Bytes::from(serde_json::to_vec(input)?));
        let json = HeaderValue::from_static(JSON);
        self.head.headers.insert(http::header::CONTENT_TYPE, json);
        Ok(self)
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.head.method
    }

    /// The whole URL; its path is percent-encoded as it goes out.
    pub fn uri(&self) -> &Uri {
        &self.head.uri
    }

    /// The headers. `Host` and `Content-Length` are added by the HTTP client.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The headers, to add some before signing.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.head.headers
    }

    /// The body.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The request for an HTTP client.
    pub fn into_http(self) -> http::Request<Body> {
        http::Request::from_parts(self.head, self.body)
    }

    /// Proves who asks with an API key: sets `Authorization: Bearer`.
    ///
    /// AWS: [Use an Amazon Bedrock API key](https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-use.html).
    pub fn authorize(&mut self, key: &BearerKey) {
        self.head.headers.insert(http::header::AUTHORIZATION, key.header_value());
    }

    /// Proves who asks with a SigV4 signature as of `now`.
    ///
    /// A request that is sent again must be signed again.
    ///
    /// # Errors
    /// Where a header or the credentials cannot be signed.
    #[cfg(feature = "sigv4")]
    pub fn sign(
        &mut self,
        credentials: &crate::auth::Credentials,
        region: &crate::endpoint::Region,
        now: std::time::SystemTime,
    ) -> Result<(), crate::auth::SigningError> {
        let hash = self.body.sha256();
        crate::auth::sign(&mut self.head, hash, credentials, region.as_str(), now)?;
        Ok(())
    }
}

/// A request's body: pieces that are sent one after the other and never
/// joined. `Debug` shows its length and nothing of what is asked.
#[derive(Clone, Default)]
pub struct Body {
    pieces: Vec<Bytes>,
    length: u64,
    #[cfg(feature = "sigv4")]
    sha256: Option<crate::auth::BodyHash>,
}

impl Body {
    /// A body of these pieces.
    pub fn from_pieces(pieces: impl IntoIterator<Item = Bytes>) -> Self {
        let pieces: Vec<_> = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        let length = pieces.iter().map(|piece| piece.len() as u64).sum();
        Body {
            pieces,
            length,
            #[cfg(feature = "sigv4")]
            sha256: None,
        }
    }

    /// The pieces in order; none is empty.
    pub fn pieces(&self) -> &[Bytes] {
        &self.pieces
    }

    /// The pieces, taken out.
    pub fn into_pieces(self) -> Vec<Bytes> {
        self.pieces
    }

    /// The exact length in bytes.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// All pieces joined: a copy, for looking at.
    pub fn to_bytes(&self) -> Bytes {
        match self.pieces.as_slice() {
            [one] => one.clone(),
            pieces => pieces.concat().into(),
        }
    }

    /// The SHA-256 of the whole, computed once.
    #[cfg(feature = "sigv4")]
    pub fn sha256(&mut self) -> crate::auth::BodyHash {
        let pieces = &self.pieces;
        *self.sha256.get_or_insert_with(|| crate::auth::BodyHash::of_pieces(pieces))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("length", &self.length).finish_non_exhaustive()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Body::from_pieces([bytes])
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use serde::ser::Error as _;

    use super::*;

    #[test]
    fn debug_shows_how_long_a_body_is_and_nothing_of_it() {
        let endpoint = Endpoint::custom("https://bedrock.example").unwrap();
        // With its two quotes a mebibyte of JSON.
        let prompt = "x".repeat((1 << 20) - 2);
        let request = Request::new(&endpoint, Method::POST, "/model/m/converse", JSON).unwrap();
        let request = request.with_json(&prompt).unwrap();
        let shown = format!("{request:?}");
        assert!(shown.contains("length: 1048576") && !shown.contains("120, 120"), "{shown}");
        assert!(shown.len() < 600 && !shown.contains("xx"), "{shown}");
    }

    #[test]
    fn an_error_tells_its_cause_once() {
        let error = BuildError::from(serde_json::Error::custom("no such number"));
        assert!(error.to_string().ends_with(": no such number"), "{error}");
        assert!(error.source().is_none());
    }
}
