//! What the service says went wrong, and whether to send again.

mod kind;
mod names;
mod patterns;
mod shown;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

pub use self::kind::ServiceErrorKind;
pub(crate) use self::shown::Start;

/// An error that the service answered with: as a response of its own, or as an
/// exception in the middle of a stream.
///
/// To a signature that does not match, AWS may answer with the canonical
/// request, which holds a session token. `Display` and `Debug` leave it out;
/// [`message`](Self::message) and [`raw`](Self::raw) have it as sent. `Debug`
/// shows the length and the start of `raw` only.
///
/// AWS: [Amazon Bedrock Runtime, common errors](https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html).
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", self.name.as_deref().unwrap_or("unnamed error"), describe(self))]
#[non_exhaustive]
pub struct ServiceError {
    /// The error's name, such as `ThrottlingException`; `None` where neither
    /// header nor body gives one. In a stream it starts with a small letter.
    pub name: Option<String>,
    /// What the service says about it, if anything.
    pub message: Option<String>,
    /// The status of the HTTP response: 200 for an exception in a stream.
    pub status: u16,
    /// `x-amzn-RequestId` of the response.
    pub request_id: Option<String>,
    /// How long the service asks to wait: `x-amz-retry-after` in milliseconds,
    /// or `Retry-After` in seconds. A `Retry-After` that is a date (RFC 9110
    /// §10.2.3) is left in [`headers`](Self::headers): without a clock it is no
    /// time to wait.
    pub retry_after: Option<Duration>,
    /// The headers of the response. Empty for an exception in a stream that
    /// was not read by the client.
    pub headers: HeaderMap,
    /// The status that the model's own endpoint gave (`originalStatusCode`).
    pub original_status: Option<u16>,
    /// What the model's own endpoint said (`originalMessage`).
    pub original_message: Option<String>,
    /// The body of the response, or the payload of the exception, as received.
    pub raw: Bytes,
    /// How long the answer took, from the request's sending to the answer's
    /// head; `None` where it was not read by the client.
    pub took: Option<Duration>,
    /// Why `raw` is but the start of the body, where it is: the connection
    /// broke, or there was more than is kept of an error's body. What the body
    /// tells may then be missing.
    pub truncated: Option<String>,
}

fn describe(error: &ServiceError) -> String {
    let mut text = format!(" (HTTP {}", error.status);
    if let Some(id) = &error.request_id {
        text.push_str(", request ");
        text.push_str(id);
    }
    text.push(')');
    if let Some(message) = &error.message {
        text.push_str(": ");
        text.push_str(&shown::without_quoted_request(message));
    }
    if let (ServiceErrorKind::SignatureExpired, Some(took)) = (error.kind(), error.took) {
        text.push_str(" [the answer took ");
        text.push_str(&took.as_secs().to_string());
        text.push_str(" s]");
    }
    if let Some(why) = &error.truncated {
        text.push_str(" [only the start of its body came: ");
        text.push_str(why);
        text.push(']');
    }
    text
}

impl fmt::Debug for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message.as_deref().map(shown::without_quoted_request);
        f.debug_struct("ServiceError")
            .field("name", &self.name)
            .field("message", &message)
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("retry_after", &self.retry_after)
            .field("headers", &self.headers)
            .field("original_status", &self.original_status)
            .field("original_message", &self.original_message)
            .field("raw", &Start(&self.raw))
            .field("took", &self.took)
            .field("truncated", &self.truncated)
            .finish()
    }
}

/// Whether the same request may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repeat {
    /// The same request will fail again.
    No,
    /// Yes, after this long at least.
    After(Duration),
    /// Yes, but what came so far was paid for and will be paid for again.
    CostsAgain,
}

impl ServiceError {
    /// Reads the error out of a response.
    ///
    /// The name is looked for in `x-amzn-errortype`, then in the body's `code`
    /// or `Code`, then in its `__type` (Smithy, "AWS restJson1 protocol",
    /// operation error serialization).
    pub fn from_response(status: u16, headers: &HeaderMap, body: Bytes) -> Self {
        let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
        let name = header("x-amzn-errortype").and_then(names::bare);
        let mut error = Self::from_body(name, status, body);
        error.request_id = request_id(headers);
        error.complete(headers);
        error
    }

    /// Adds what the headers of the response tell beside name and id, also of an
    /// exception in a stream.
    pub(crate) fn complete(&mut self, headers: &HeaderMap) {
        let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
        self.retry_after = retry_after(&header);
        self.headers = headers.clone();
    }

    /// Reads the error out of an exception in a stream: `name` is its
    /// `:exception-type`. The request's id is for the caller to add.
    pub fn from_exception(name: &str, payload: Bytes) -> Self {
        Self::from_body(names::bare(name), 200, payload)
    }

    /// An error message of the event stream itself: `code` is its
    /// `:error-code`, `message` its `:error-message`, which may be missing.
    pub fn from_error_message(code: &str, message: Option<&str>, payload: Bytes) -> Self {
        let mut error = Self::from_exception(code, payload);
        error.message = message.map(str::to_owned).or(error.message);
        error
    }

    fn from_body(name: Option<String>, status: u16, raw: Bytes) -> Self {
        let body: Value = serde_json::from_slice(&raw).unwrap_or_default();
        let text = |names: &[&str]| {
            let found = names.iter().find_map(|name| body.pointer(name)?.as_str());
            found.map(str::to_owned)
        };
        // The last is where an unknown operation's HTTP 200 has it.
        let names = ["/code", "/Code", "/__type", "/Output/__type"];
        let found = |path: &&str| body.pointer(path)?.as_str().and_then(names::bare);
        let name = name.or_else(|| names.iter().find_map(found));
        let original_status = body["originalStatusCode"].as_u64();
        ServiceError {
            name,
            message: text(&["/message", "/Message", "/errorMessage"]),
            status,
            request_id: None,
            retry_after: None,
            headers: HeaderMap::new(),
            original_status: original_status.and_then(|status| status.try_into().ok()),
            original_message: text(&["/originalMessage"]),
            raw,
            took: None,
            truncated: None,
        }
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ServiceErrorKind {
        let by_name = self.name.as_deref().and_then(names::kind);
        let kind = by_name.unwrap_or_else(|| ServiceErrorKind::of_status(self.status));
        let by_message = self.message.as_deref().and_then(|text| patterns::kind(kind, text));
        by_message.unwrap_or(kind)
    }

    /// Whether it is the proof of who asks that is not taken, so that it says
    /// nothing of the request: another proof, or another clock, gets another
    /// answer. Who may not do what is asked is not meant.
    pub fn refuses_proof(&self) -> bool {
        let name = self.name.as_deref().unwrap_or_default();
        names::OF_OTHER_PROOFS.contains(&name)
            || self.may_be_of_the_clock()
            || self.refuses_api_key()
    }

    /// Whether it refuses a signature for what may be the signer's clock.
    pub(crate) fn may_be_of_the_clock(&self) -> bool {
        self.name.as_deref().is_some_and(|name| names::OF_THE_CLOCK.contains(&name))
    }

    /// An API key that is not taken has the name of a permission that is missing,
    /// so that the message tells; where it is cut off, it is not known to be one.
    fn refuses_api_key(&self) -> bool {
        let is_denied = self.name.as_deref() == Some("AccessDeniedException");
        let said = self.message.as_deref();
        (is_denied || (self.name.is_none() && matches!(self.status, 401 | 403)))
            && said.is_some_and(patterns::refuses_api_key)
    }

    /// Whether the same request may be sent again.
    pub fn repeat(&self) -> Repeat {
        match self.kind() {
            ServiceErrorKind::Throttled
            | ServiceErrorKind::ModelNotReady
            | ServiceErrorKind::Internal
            | ServiceErrorKind::Unavailable => Repeat::After(self.retry_after.unwrap_or_default()),
            ServiceErrorKind::QuotaExceeded
            | ServiceErrorKind::AccessDenied
            | ServiceErrorKind::SignatureExpired
            | ServiceErrorKind::ClockSkew
            | ServiceErrorKind::Validation
            | ServiceErrorKind::ContextTooLong
            | ServiceErrorKind::ContentFiltered
            | ServiceErrorKind::NotFound
            | ServiceErrorKind::Conflict
            | ServiceErrorKind::UnknownOperation
            | ServiceErrorKind::ModelTimeout
            | ServiceErrorKind::Model
            | ServiceErrorKind::Other => Repeat::No,
        }
    }
}

/// `x-amzn-RequestId` of a response.
pub fn request_id(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("x-amzn-requestid")?;
    value.to_str().ok().map(str::to_owned)
}

fn retry_after<'h>(header: &impl Fn(&str) -> Option<&'h str>) -> Option<Duration> {
    let milliseconds = header("x-amz-retry-after").and_then(|v| v.trim().parse().ok());
    let seconds = || header("retry-after").and_then(|v| v.trim().parse().ok());
    milliseconds.map(Duration::from_millis).or_else(|| seconds().map(Duration::from_secs))
}

#[cfg(test)]
mod tests;
