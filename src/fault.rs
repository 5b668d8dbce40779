//! What the service says went wrong, and whether to send again.

mod patterns;
mod shown;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

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

/// What the service calls a signature that it does not take, where the reason
/// may be the clock.
const OF_THE_CLOCK: [&str; 4] =
    ["InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed"];

/// What it calls the other proofs that it does not take.
const REFUSALS: [&str; 7] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "UnrecognizedClientException",
];

/// What it says first to an API key that it does not take (as reported:
/// <https://github.com/anomalyco/opencode/issues/47073>).
const API_KEY_NOT_TAKEN: &str = "Authentication failed: ";

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

/// What kind of error it is: by its name, or by its status where it has no
/// name that is known; and by its message where AWS gives several failures one
/// name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceErrorKind {
    /// Too many requests or tokens in too short a time.
    Throttled,
    /// A quota is used up; waiting a moment does not help.
    QuotaExceeded,
    /// Credentials, key, signature or permission are not accepted.
    AccessDenied,
    /// The signature is older than the service takes: the clock is wrong, or
    /// the answer took longer than a signature holds
    /// ([`took`](ServiceError::took)).
    SignatureExpired,
    /// The clock that the request was signed by is too far from the service's.
    ClockSkew,
    /// The request is not valid.
    Validation,
    /// The request has more tokens, or asks for more, than the model can have
    /// in its context.
    ContextTooLong,
    /// A filter of the model's turned away what was asked, or what it answered.
    /// (A guardrail gives no error: it is a stop reason.)
    ContentFiltered,
    /// There is no such model or resource.
    NotFound,
    /// It stands against another request or the state of a resource.
    Conflict,
    /// There is no such operation; also sent for a path that is none.
    UnknownOperation,
    /// The model is being made ready.
    ModelNotReady,
    /// The model took too long.
    ModelTimeout,
    /// The model failed.
    Model,
    /// The service failed.
    Internal,
    /// The service is not available now.
    Unavailable,
    /// None of these.
    Other,
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
        let name = header("x-amzn-errortype").and_then(bare_name);
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
        Self::from_body(bare_name(name), 200, payload)
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
        let found = |path: &&str| body.pointer(path)?.as_str().and_then(bare_name);
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
        let by_name = self.name.as_deref().and_then(kind_of_name);
        let kind = by_name.unwrap_or_else(|| kind_of_status(self.status));
        let by_message = self.message.as_deref().and_then(|text| patterns::kind(kind, text));
        by_message.unwrap_or(kind)
    }

    /// Whether it is the proof of who asks that is not taken, so that it says
    /// nothing of the request: another proof, or another clock, gets another
    /// answer. Who may not do what is asked is not meant.
    pub fn refuses_proof(&self) -> bool {
        let name = self.name.as_deref().unwrap_or_default();
        REFUSALS.contains(&name) || self.may_be_of_the_clock() || self.refuses_api_key()
    }

    /// Whether it refuses a signature for what may be the signer's clock.
    pub(crate) fn may_be_of_the_clock(&self) -> bool {
        self.name.as_deref().is_some_and(|name| OF_THE_CLOCK.contains(&name))
    }

    /// An API key that is not taken has the name of a permission that is missing,
    /// so that the message tells; where it is cut off, it is not known to be one.
    fn refuses_api_key(&self) -> bool {
        let is_denied = self.name.as_deref() == Some("AccessDeniedException");
        let said = self.message.as_deref();
        (is_denied || (self.name.is_none() && matches!(self.status, 401 | 403)))
            && said.is_some_and(|said| said.starts_with(API_KEY_NOT_TAKEN))
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

/// `ValidationException:http://internal...` and `namespace#Name` without what
/// surrounds the name; `None` where nothing is left.
fn bare_name(sent: &str) -> Option<String> {
    let before_colon = sent.split(':').next()?;
    let name = before_colon.rsplit('#').next()?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn retry_after<'h>(header: &impl Fn(&str) -> Option<&'h str>) -> Option<Duration> {
    let milliseconds = header("x-amz-retry-after").and_then(|v| v.trim().parse().ok());
    let seconds = || header("retry-after").and_then(|v| v.trim().parse().ok());
    milliseconds.map(Duration::from_millis).or_else(|| seconds().map(Duration::from_secs))
}

fn kind_of_name(name: &str) -> Option<ServiceErrorKind> {
    use ServiceErrorKind as Kind;
    Some(match uncapitalised(name).as_str() {
        "throttlingException" | "tooManyRequestsException" => Kind::Throttled,
        "serviceQuotaExceededException" => Kind::QuotaExceeded,
        "accessDeniedException"
        | "authFailure"
        | "expiredTokenException"
        | "incompleteSignatureException"
        | "invalidClientTokenId"
        | "invalidSignatureException"
        | "missingAuthenticationTokenException"
        | "notAuthorized"
        | "optInRequired"
        | "signatureDoesNotMatch"
        | "unrecognizedClientException" => Kind::AccessDenied,
        "requestExpired" => Kind::SignatureExpired,
        "requestTimeTooSkewed" => Kind::ClockSkew,
        "validationException" | "validationError" | "malformedHttpRequestException" => {
            Kind::Validation
        }
        "resourceNotFoundException" => Kind::NotFound,
        "conflictException" => Kind::Conflict,
        "unknownOperationException" => Kind::UnknownOperation,
        "modelNotReadyException" => Kind::ModelNotReady,
        "modelTimeoutException" => Kind::ModelTimeout,
        "modelErrorException" | "modelStreamErrorException" => Kind::Model,
        "internalServerException" | "internalFailure" => Kind::Internal,
        "serviceUnavailableException" | "serviceUnavailable" => Kind::Unavailable,
        _ => return None,
    })
}

/// A stream names its exceptions as members, so with a small first letter.
fn uncapitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + letters.as_str())
}

fn kind_of_status(status: u16) -> ServiceErrorKind {
    match status {
        400 => ServiceErrorKind::Validation,
        401 | 403 => ServiceErrorKind::AccessDenied,
        404 => ServiceErrorKind::NotFound,
        408 => ServiceErrorKind::ModelTimeout,
        409 => ServiceErrorKind::Conflict,
        424 => ServiceErrorKind::Model,
        429 => ServiceErrorKind::Throttled,
        500 => ServiceErrorKind::Internal,
        502..=504 => ServiceErrorKind::Unavailable,
        _ => ServiceErrorKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(
        status: u16,
        headers: &[(&'static str, &'static str)],
        body: &'static str,
    ) -> ServiceError {
        let headers =
            headers.iter().map(|&(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect();
        ServiceError::from_response(status, &headers, Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn the_name_in_the_header_wins_and_loses_what_surrounds_it() {
        let error = answered(
            400,
            &[
                (
                    "x-amzn-errortype",
                    "ValidationException:http://internal.amazon.com/coral/com.amazon.bedrock/",
                ),
                ("x-amzn-requestid", "id-1"),
            ],
            r#"{"__type":"other#OtherException","message":"The provided model identifier is invalid."}"#,
        );
        assert_eq!(error.name.as_deref(), Some("ValidationException"));
        assert_eq!(error.kind(), ServiceErrorKind::Validation);
        assert_eq!(
            error.to_string(),
            "ValidationException (HTTP 400, request id-1): The provided model identifier is invalid."
        );
    }

    #[test]
    fn the_name_is_found_in_the_body_where_the_header_has_none() {
        for body in [
            r#"{"code":"aws.bedrock#ThrottlingException:x"}"#,
            r#"{"Code":"ThrottlingException"}"#,
            r#"{"__type":"aws.bedrock#ThrottlingException"}"#,
        ] {
            let error = answered(429, &[], body);
            assert_eq!(error.name.as_deref(), Some("ThrottlingException"), "{body}");
        }
        let unknown = r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#;
        assert_eq!(answered(200, &[], unknown).kind(), ServiceErrorKind::UnknownOperation);
    }

    #[cfg(feature = "client")]
    #[test]
    fn a_refused_proof_is_told_from_a_permission_that_is_missing() {
        let key = r#"{"Message":"Authentication failed: Please make sure your API Key is valid."}"#;
        let denied = [("x-amzn-errortype", "AccessDeniedException:http://internal/")];
        assert!(answered(403, &denied, key).refuses_proof());
        assert!(answered(403, &[], key).refuses_proof());
        for name in OF_THE_CLOCK.into_iter().chain(REFUSALS) {
            let body = format!(r#"{{"__type":"com.amazon.coral.service#{name}"}}"#);
            let body = Bytes::from(body);
            let error = ServiceError::from_response(403, &HeaderMap::new(), body);
            assert!(error.refuses_proof(), "{name}");
            assert_eq!(error.may_be_of_the_clock(), OF_THE_CLOCK.contains(&name), "{name}");
        }
        for (status, body) in [
            (
                403,
                r#"{"message":"You don't have access to the model with the specified model ID."}"#,
            ),
            (403, "{}"),
            (400, r#"{"__type":"ValidationException","message":"Authentication failed: no"}"#),
        ] {
            assert!(!answered(status, &[], body).refuses_proof(), "{body}");
        }
        let no_access = r#"{"message":"You don't have access to the model with the model ID."}"#;
        assert!(!answered(403, &denied, no_access).refuses_proof());
    }

    #[test]
    fn an_empty_name_hides_no_other() {
        let body = r#"{"code":"","__type":"aws.bedrock#ThrottlingException"}"#;
        for header in ["", " ", ":http://internal.amazon.com/", "aws.bedrock#"] {
            let error = answered(400, &[("x-amzn-errortype", header)], body);
            assert_eq!(error.name.as_deref(), Some("ThrottlingException"), "`{header}`");
        }
        assert_eq!(answered(400, &[("x-amzn-errortype", "")], "{}").name, None);
    }

    #[test]
    fn the_headers_are_kept_and_a_date_to_wait_for_among_them() {
        let date = "Wed, 21 Oct 2026 07:28:00 GMT";
        let error = answered(503, &[("retry-after", date), ("date", date)], "{}");
        assert_eq!(error.retry_after, None);
        assert_eq!(error.headers["retry-after"], date);
        assert_eq!(error.headers["date"], date);
    }

    #[test]
    fn neither_display_nor_debug_shows_the_canonical_request_that_aws_quotes() {
        let token = "x-amz-security-token:IQoJb3JpZ2luX2VjEXAMPLE";
        for before in
            ["The request signature we calculated does not match the signature you provided.", ""]
        {
            for marker in [
                "The Canonical String for this request should have been",
                "The canonical request for this request should have been",
            ] {
                let body =
                    format!(r#"{{"message":"{before}\n\n{marker}\n'POST\n/model\n{token}'"}}"#);
                let error = ServiceError::from_response(
                    403,
                    &HeaderMap::new(),
                    Bytes::from(body.into_bytes()),
                );
                let shown = format!("{error} {error:?} {error:#?}");
                assert!(!shown.contains("IQoJb3") && shown.contains(before), "{shown}");
                assert!(error.message.as_ref().unwrap().contains(token));
                assert!(String::from_utf8_lossy(&error.raw).contains(token));
            }
        }
    }

    #[test]
    fn debug_shows_the_length_and_the_start_of_a_body() {
        let error = ServiceError::from_response(502, &HeaderMap::new(), vec![b'x'; 1 << 20].into());
        let shown = format!("{error:?}");
        assert!(shown.contains("1048576 bytes") && shown.len() < 600, "{}", shown.len());
    }

    #[test]
    fn a_body_that_is_no_json_is_kept_and_the_status_tells_the_kind() {
        let error = answered(503, &[], "<html>Service Unavailable</html>");
        assert_eq!((error.name.as_ref(), error.message.as_ref()), (None, None));
        assert_eq!(error.kind(), ServiceErrorKind::Unavailable);
        assert_eq!(&error.raw[..], b"<html>Service Unavailable</html>");
    }

    #[test]
    fn an_unknown_name_falls_back_to_the_status() {
        let error = answered(429, &[("x-amzn-errortype", "BrandNewException")], "{}");
        assert_eq!(error.name.as_deref(), Some("BrandNewException"));
        assert_eq!(error.kind(), ServiceErrorKind::Throttled);
    }

    #[test]
    fn a_daily_quota_is_told_from_throttling_by_its_message() {
        let body = r#"{"message":"Too many tokens per day, please wait before trying again."}"#;
        let error = answered(429, &[("x-amzn-errortype", "ThrottlingException")], body);
        assert_eq!(error.kind(), ServiceErrorKind::QuotaExceeded);
        assert_eq!(error.repeat(), Repeat::No);
    }

    #[test]
    fn the_wait_that_the_service_asks_for_is_kept() {
        let error = answered(429, &[("x-amz-retry-after", "1500"), ("retry-after", "9")], "{}");
        assert_eq!(error.repeat(), Repeat::After(Duration::from_millis(1500)));
        let error = answered(503, &[("retry-after", "9")], "{}");
        assert_eq!(error.repeat(), Repeat::After(Duration::from_secs(9)));
    }

    #[test]
    fn an_exception_in_a_stream_keeps_what_the_model_said() {
        let payload = r#"{"message":"m","originalMessage":"o","originalStatusCode":500}"#;
        let error = ServiceError::from_exception("modelStreamErrorException", payload.into());
        assert_eq!(error.kind(), ServiceErrorKind::Model);
        assert_eq!(
            (error.original_status, error.original_message.as_deref()),
            (Some(500), Some("o"))
        );
    }
}
