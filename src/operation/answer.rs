//! What came back, typed, with all that it was read from.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, header};

use super::request::JSON;
use crate::fault::{self, ServiceError, Start};
use crate::model::{DecodeError, Shape, from_bytes};

/// The output of an operation, with the response it was read from.
///
/// Members of the output can be reached directly. `Debug` shows the length and
/// the start of `raw` only.
#[derive(Clone)]
#[non_exhaustive]
pub struct Answer<T> {
    /// The output.
    pub value: T,
    /// The response's headers.
    pub headers: HeaderMap,
    /// The response's body as received.
    pub raw: Bytes,
}

impl<T> Answer<T> {
    /// `x-amzn-RequestId` of the response.
    pub fn request_id(&self) -> Option<String> {
        fault::request_id(&self.headers)
    }

    /// The output alone.
    pub fn into_value(self) -> T {
        self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("value", &self.value)
            .field("headers", &self.headers)
            .field("raw", &Start(&self.raw))
            .finish()
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Why an answer has no output. `Debug` shows the length and the start of
/// bodies only.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The service answered with an error.
    #[error(transparent)]
    Service(Box<ServiceError>),
    /// The body is not the output that the service model describes.
    #[error("the response's body cannot be read: {error}")]
    Decode {
        /// What is wrong, and where in the body.
        error: DecodeError,
        /// The body as received.
        raw: Bytes,
        /// `x-amzn-RequestId` of the response.
        request_id: Option<String>,
    },
    /// The answer has the status of success, but is not of the content type
    /// that the operation's answers have, nor an error of AWS's: it is most
    /// often a proxy's, or a login page.
    #[error(transparent)]
    ContentType(Box<ContentTypeError>),
    /// A page of a list names one as the next that was there already: to go on
    /// would never end.
    #[error(
        "the last page names one as the next that was there already (`nextToken`): the list has no end"
    )]
    RepeatedPage {
        /// `x-amzn-RequestId` of the response.
        request_id: Option<String>,
    },
}

impl fmt::Debug for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AnswerError::Service(error) => f.debug_tuple("Service").field(error).finish(),
            AnswerError::Decode { error, raw, request_id } => f
                .debug_struct("Decode")
                .field("error", error)
                .field("raw", &Start(raw))
                .field("request_id", request_id)
                .finish(),
            AnswerError::ContentType(error) => f.debug_tuple("ContentType").field(error).finish(),
            AnswerError::RepeatedPage { request_id } => {
                f.debug_struct("RepeatedPage").field("request_id", request_id).finish()
            }
        }
    }
}

/// An answer of another content type than the operation's answers have.
#[derive(Clone, thiserror::Error)]
#[error(
    "the answer (HTTP {status}{}) is {} in place of {expected}: it is not from Bedrock; check the \
     endpoint's URL and the proxies on the way ({:?})",
    self.request_id.as_deref().map(|id| format!(", request {id}")).unwrap_or_default(),
    self.received.as_deref().unwrap_or("of no content type"),
    Start(&self.raw)
)]
#[non_exhaustive]
pub struct ContentTypeError {
    /// The content type that the operation's answers have.
    pub expected: &'static str,
    /// `Content-Type` of the response, if it has one.
    pub received: Option<String>,
    /// The status of the response.
    pub status: u16,
    /// `x-amzn-RequestId` of the response.
    pub request_id: Option<String>,
    /// The headers of the response.
    pub headers: HeaderMap,
    /// The body as received; where it was not received in full, its start.
    pub raw: Bytes,
}

impl ContentTypeError {
    pub(super) fn new(expected: &'static str, head: &Parts, raw: Bytes) -> Self {
        let received = head.headers.get(header::CONTENT_TYPE);
        ContentTypeError {
            expected,
            received: received.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            status: head.status.as_u16(),
            request_id: fault::request_id(&head.headers),
            headers: head.headers.clone(),
            raw,
        }
    }
}

impl fmt::Debug for ContentTypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentTypeError")
            .field("expected", &self.expected)
            .field("received", &self.received)
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("headers", &self.headers)
            .field("raw", &Start(&self.raw))
            .finish()
    }
}

/// Whether the response's content type is this one, whatever its parameters.
pub(super) fn has_content_type(head: &Parts, expected: &str) -> bool {
    let received = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = received.and_then(|value| value.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case(expected))
}

/// Whether an answer's head says already that it is an error, whatever its
/// body: an unknown operation is answered with 200 and told by a header.
pub fn is_error(head: &Parts) -> bool {
    !head.status.is_success() || head.headers.contains_key("x-amzn-errortype")
}

/// Reads an answer of JSON; its texts are slices of `body` where they have no
/// escapes.
pub(super) fn parse<T: Shape>(head: Parts, body: Bytes) -> Result<Answer<T>, AnswerError> {
    let raw = json_body(&head, body)?;
    match from_bytes(&raw) {
        Ok(value) => Ok(Answer { value, headers: head.headers, raw }),
        Err(error) => Err(unreadable(&head, raw, error)),
    }
}

/// The body, if it may be an output in JSON.
fn json_body(head: &Parts, body: Bytes) -> Result<Bytes, AnswerError> {
    if is_error(head) {
        return Err(AnswerError::Service(Box::new(parse_error(head, body))));
    }
    let body = output(head, body)?;
    if !has_content_type(head, JSON) && head.headers.contains_key(header::CONTENT_TYPE) {
        named(head, &body)?;
        let error = ContentTypeError::new(JSON, head, body);
        return Err(AnswerError::ContentType(Box::new(error)));
    }
    Ok(body)
}

/// Why an output could not be read: it may be an error that only its body names.
#[cold]
fn unreadable(head: &Parts, raw: Bytes, error: DecodeError) -> AnswerError {
    match named(head, &raw) {
        Ok(()) => AnswerError::Decode { error, raw, request_id: fault::request_id(&head.headers) },
        Err(named) => named,
    }
}

/// The body of an output. An unknown operation can be told by the body alone,
/// with the status of success: outputs without a required member would take it
/// for one of theirs.
pub(super) fn output(head: &Parts, body: Bytes) -> Result<Bytes, AnswerError> {
    let start = body.trim_ascii_start().strip_prefix(b"{").unwrap_or_default();
    let first = |name: &&[u8]| start.trim_ascii_start().starts_with(name);
    if [&b"\"Output\""[..], b"\"__type\""].iter().any(first) {
        named(head, &body)?;
    }
    Ok(body)
}

/// The error that the body names, if it names one.
fn named(head: &Parts, body: &Bytes) -> Result<(), AnswerError> {
    let service = parse_error(head, body.clone());
    if service.name.is_none() { Ok(()) } else { Err(AnswerError::Service(Box::new(service))) }
}

/// The error in an answer that is none of output or stream.
pub fn parse_error(head: &Parts, body: Bytes) -> ServiceError {
    ServiceError::from_response(head.status.as_u16(), &head.headers, body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{converse, converse_stream};

    fn head(status: u16, headers: &[(&str, &str)]) -> Parts {
        let mut response = http::Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        response.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_page_in_place_of_an_answer_is_told_by_its_content_type_and_its_start() {
        let head = head(200, &[("content-type", "text/html"), ("x-amzn-requestid", "id-1")]);
        let page = Bytes::from_static(b"<html>Log in to the hotel's network</html>");
        let stream = converse_stream::parse_error(&head, page.clone());
        let whole = converse::parse(head, page).unwrap_err();
        for (error, expected) in
            [(stream, "application/vnd.amazon.eventstream"), (whole, "application/json")]
        {
            let text = error.to_string();
            for part in ["HTTP 200", "id-1", "text/html", expected, "<html>Log in", "proxies"] {
                assert!(text.contains(part), "{part}: {text}");
            }
            let AnswerError::ContentType(error) = error else { panic!("{error:?}") };
            assert_eq!((error.expected, error.received.as_deref()), (expected, Some("text/html")));
        }
    }

    #[test]
    fn an_error_that_the_service_names_wins_over_its_content_type() {
        let unknown = r#"{"Output":{"__type":"a#UnknownOperationException"},"Version":"1.0"}"#;
        let in_body = converse_stream::parse_error(&head(200, &[]), unknown.into());
        let named = head(200, &[("x-amzn-errortype", "UnknownOperationException")]);
        let in_header = converse_stream::parse_error(&named, Bytes::new());
        for error in [in_body, in_header] {
            let AnswerError::Service(error) = error else { panic!("{error:?}") };
            assert_eq!(error.name.as_deref(), Some("UnknownOperationException"));
        }
    }

    #[test]
    fn debug_shows_the_length_and_the_start_of_bodies() {
        let large = Bytes::from(format!("{{\"{}", "x".repeat(1 << 20)));
        let answer = Answer { value: 1, headers: HeaderMap::new(), raw: large.clone() };
        let json = head(200, &[("content-type", "application/json")]);
        let decode = converse::parse(json.clone(), large.clone()).unwrap_err();
        let content_type = converse_stream::parse_error(&json, large);
        for shown in [format!("{answer:?}"), format!("{decode:?}"), format!("{content_type:?}")] {
            assert!(shown.contains("1048578 bytes") && shown.len() < 800, "{shown}");
        }
    }
}
