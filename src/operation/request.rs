//! A request that is built and not yet sent.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};

use super::{Body, LabelError, ModelIdError, Operation, Target};
use crate::auth::BearerKey;
use crate::endpoint::{Endpoint, EndpointError, Region};
use crate::model::{Document, Shape};

/// The content type of bodies and of answers that are no stream.
pub(super) const JSON: &str = "application/json";

/// The content type of answers that are a stream.
pub(super) const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";

/// Headers whose value the service model marks sensitive.
const SENSITIVE: [&str; 1] = ["x-amzn-bedrock-request-metadata"];

/// An HTTP request, head and body, to be looked at, changed, signed and sent. A
/// clone shares the body's bytes, and can be signed anew to be sent again.
#[derive(Clone, Debug)]
pub struct Request {
    operation: Operation,
    resource_region: Option<Region>,
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
    /// Something else that the path names cannot stand in it.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// A member that goes into a header cannot stand in one.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// A hook of the caller's turned the request away.
    #[error("turned away before it was signed: {0}")]
    Hook(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The path cannot go behind the endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The path of a request that was written elsewhere is of no operation.
    #[error("{method} {path} is no operation that is known")]
    UnknownOperation {
        /// The method.
        method: Method,
        /// The path, without its query.
        path: String,
    },
    /// The input has no form in JSON.
    #[error("the request has no form in JSON: {0}")]
    Json(serde_json::Error),
}

impl From<serde_json::Error> for BuildError {
    fn from(error: serde_json::Error) -> Self {
        BuildError::Json(error)
    }
}

/// A value that cannot stand in a header. It is not told, for it may be a
/// secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the header {name} cannot hold {character:?}, at byte {offset} of its value: it holds visible \
     ASCII characters and spaces (JSON can write any other as \\u escapes)"
)]
#[non_exhaustive]
pub struct HeaderError {
    /// The header.
    pub name: HeaderName,
    /// The first character that cannot stand in it.
    pub character: char,
    /// Where, in bytes from the value's start.
    pub offset: usize,
}

impl Request {
    /// A request of an operation, with the labels of its path, to the
    /// operation's service.
    pub(super) fn new(
        endpoint: &Endpoint,
        operation: Operation,
        labels: &[&str],
    ) -> Result<Self, BuildError> {
        Self::with_query(endpoint, operation, labels, "")
    }

    /// A request with a query, percent-encoded as it goes out, or empty.
    pub(super) fn with_query(
        endpoint: &Endpoint,
        operation: Operation,
        labels: &[&str],
        query: &str,
    ) -> Result<Self, BuildError> {
        let mut path = operation.path(labels)?;
        if !query.is_empty() {
            path.push('?');
            path.push_str(query);
        }
        let mut request = http::Request::new(());
        *request.method_mut() = operation.method();
        *request.uri_mut() = endpoint.url_for(&path)?;
        let accept = if operation.is_stream() { EVENT_STREAM } else { JSON };
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(accept));
        let resource_region = labels.iter().find_map(|label| Region::of_arn(label));
        let head = request.into_parts().0;
        Ok(Request { operation, resource_region, head, body: Body::default() })
    }

    /// A request that was written elsewhere, to be signed and sent: the
    /// operation is the one that method and path are of. `path` is
    /// percent-encoded, with its query, and goes out to the byte; so do headers
    /// and body.
    ///
    /// # Errors
    /// Where method and path are of no operation, or the path cannot go behind
    /// the endpoint.
    pub fn from_parts(
        endpoint: &Endpoint,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: impl Into<Body>,
    ) -> Result<Self, BuildError> {
        let route = path.split('?').next().unwrap_or_default();
        let Some(target) = Target::of_request(&method, route) else {
            return Err(BuildError::UnknownOperation { method, path: route.to_owned() });
        };
        let mut request = http::Request::new(());
        *request.method_mut() = method;
        *request.uri_mut() = endpoint.url_for(path)?;
        *request.headers_mut() = headers;
        Ok(Request {
            operation: target.operation(),
            resource_region: Region::of_arn(target.resource()),
            head: request.into_parts().0,
            body: body.into(),
        })
    }

    /// With a body of JSON.
    pub(super) fn with_json(self, input: &impl Shape) -> Result<Self, BuildError> {
        Ok(self.with_json_body(Body::of_json(input)?))
    }

    /// With a body that is JSON.
    pub(super) fn with_json_body(mut self, body: Body) -> Self {
        self.body = body;
        self.head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
        self
    }

    /// With a header, if there is a value for it; marked sensitive where the
    /// service model says so, so that `Debug` hides it.
    pub(super) fn with_header(
        mut self,
        name: HeaderName,
        value: Option<&str>,
    ) -> Result<Self, BuildError> {
        let Some(value) = value else { return Ok(self) };
        let is_good = |c: char| c == '\t' || c == ' ' || c.is_ascii_graphic();
        let bad = value.char_indices().find(|(_, c)| !is_good(*c));
        match (bad, HeaderValue::from_str(value)) {
            (None, Ok(mut value)) => {
                value.set_sensitive(SENSITIVE.contains(&name.as_str()));
                self.head.headers.insert(name, value);
                Ok(self)
            }
            (bad, _) => {
                let (offset, character) = bad.unwrap_or_default();
                Err(HeaderError { name, character, offset }.into())
            }
        }
    }

    /// Merges members into a body of JSON, deep: objects are merged member by
    /// member, everything else is replaced, and `null` takes a member out (RFC
    /// 7396, JSON Merge Patch). What is not named stays as it was written.
    ///
    /// For what this crate does not model at a place that it does; unknown
    /// members of a single shape go into its `extra`.
    ///
    /// ```
    /// use bedrock_wire::endpoint::Endpoint;
    /// use bedrock_wire::model::{ConverseRequest, Document, Message};
    /// use bedrock_wire::operation::{ModelId, converse};
    /// use serde_json::json;
    ///
    /// let endpoint = Endpoint::custom("https://bedrock.example")?;
    /// let input = ConverseRequest::new().message(Message::user("hi")).max_tokens(9);
    /// let mut request = converse::build(&endpoint, &ModelId::new("a.b-v1:0")?, &input)?;
    /// request.merge(&Document::from(json!({"inferenceConfig": {"seed": 7, "maxTokens": null}})))?;
    /// assert_eq!(
    ///     request.body().to_bytes(),
    ///     r#"{"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"seed":7}}"#
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Where the body or `members` is no JSON object.
    pub fn merge(&mut self, members: &Document) -> Result<(), BuildError> {
        let body: Document = serde_json::from_slice(&self.body.to_bytes())?;
        self.set_body(Bytes::from(body.merged(members)?.as_json().to_owned()));
        Ok(())
    }

    /// The operation that is asked for.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The region that an ARN in the path names.
    pub fn resource_region(&self) -> Option<&Region> {
        self.resource_region.as_ref()
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

    /// Sets the body. Its content type is the caller's to set.
    pub fn set_body(&mut self, body: impl Into<Body>) {
        self.body = body.into();
    }

    /// The request for an HTTP client.
    pub fn into_http(self) -> http::Request<Body> {
        http::Request::from_parts(self.head, self.body)
    }

    /// Proves who asks with an API key: sets `Authorization: Bearer`.
    ///
    /// AWS: [Use an Amazon Bedrock API key](https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-use.html).
    pub fn authorize(&mut self, key: &BearerKey) {
        self.head.headers.insert(header::AUTHORIZATION, key.header_value());
    }

    /// Hashes the body, so that clones which are signed need not.
    #[cfg(all(feature = "client", feature = "sigv4"))]
    pub(crate) fn hash_body(&mut self) {
        self.body.sha256();
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

#[cfg(test)]
mod tests {
    use std::error::Error;

    use serde::ser::Error as _;

    use super::*;
    use crate::model::Text;

    #[test]
    fn debug_shows_how_long_a_body_is_and_nothing_of_it() {
        let endpoint = Endpoint::custom("https://bedrock.example").unwrap();
        // With its two quotes a mebibyte of JSON.
        let prompt = Text::from("x".repeat((1 << 20) - 2));
        let request = Request::new(&endpoint, Operation::Converse, &["m"]).unwrap();
        let request = request.with_json(&prompt).unwrap();
        let shown = format!("{request:?}");
        assert!(shown.contains("length: 1048576") && !shown.contains("120, 120"), "{shown}");
        assert!(shown.len() < 600 && !shown.contains("xx"), "{shown}");
    }

    #[test]
    fn what_the_service_model_calls_sensitive_is_not_shown() {
        let endpoint = Endpoint::custom("https://bedrock.example").unwrap();
        let mut request = Request::new(&endpoint, Operation::InvokeModel, &["m"]).unwrap();
        for name in ["x-amzn-bedrock-request-metadata", "x-amzn-bedrock-trace"] {
            let name = HeaderName::from_static(name);
            request = request.with_header(name.clone(), Some(name.as_str())).unwrap();
            assert_eq!(request.headers()[&name], name.as_str());
        }
        let shown = format!("{request:?}");
        assert!(shown.contains(r#""x-amzn-bedrock-trace": "x-amzn-bedrock-trace""#), "{shown}");
        assert!(shown.contains(r#""x-amzn-bedrock-request-metadata": Sensitive"#), "{shown}");
    }

    #[test]
    fn what_was_written_elsewhere_goes_out_to_the_byte_behind_the_endpoint() {
        let endpoint = Endpoint::custom("https://gateway.example/v1").unwrap();
        let of = |method, path| {
            Request::from_parts(&endpoint, method, path, HeaderMap::new(), Bytes::from(" {}"))
        };
        let arn = "arn%3aaws:bedrock:eu-west-1:123456789012:x%2Fy";
        let path = format!("/model/{arn}/converse?a=%41");
        let request = of(Method::POST, &path).unwrap();
        assert_eq!(request.uri().to_string(), format!("https://gateway.example/v1{path}"));
        assert_eq!(request.operation(), Operation::Converse);
        assert_eq!(request.resource_region().map(Region::as_str), Some("eu-west-1"));
        assert_eq!(request.body().to_bytes(), " {}");
        let unknown = of(Method::GET, "/model/m/converse?a=secret").unwrap_err().to_string();
        assert_eq!(unknown, "GET /model/m/converse is no operation that is known");
        let wrong = of(Method::POST, "/model/m/converse?a=\"").unwrap_err();
        assert!(matches!(wrong, BuildError::Endpoint(_)), "{wrong}");
    }

    #[test]
    fn an_error_tells_its_cause_once() {
        let error = BuildError::from(serde_json::Error::custom("no such number"));
        assert!(error.to_string().ends_with(": no such number"), "{error}");
        assert!(error.source().is_none());
    }
}
