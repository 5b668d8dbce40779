//! An exchange as a cassette tells it, made into a tape.

use std::path::Path;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};

use super::ImportError;
use crate::operation::{Operation, Target};
use crate::tape::{RecordedRequest, RecordedResponse, Tape};

/// Where in a cassette an exchange stands.
pub(super) struct Place<'a> {
    pub(super) path: &'a Path,
    /// `interactions[0].`, or nothing where the file is one exchange.
    pub(super) prefix: String,
}

impl Place<'_> {
    pub(super) fn malformed(&self, member: &str, reason: impl Into<String>) -> ImportError {
        let member = format!("{}{member}", self.prefix);
        ImportError::Malformed { path: self.path.to_owned(), member, reason: reason.into() }
    }
}

/// What is told of an exchange.
pub(super) struct Exchange {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) request_headers: Vec<(String, String)>,
    pub(super) request_body: Bytes,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Body,
    /// What kind of cassette it is from.
    pub(super) source: String,
}

/// The body of a response, and how it was kept.
pub(super) enum Body {
    /// As it was received.
    Exact(Bytes),
    /// As it was received, read by read.
    Pieces(Vec<Bytes>),
    /// Text, which a recorder may have decoded.
    Text(Bytes),
    /// JSON that was parsed, and is written anew here.
    Reserialised(String),
}

impl Body {
    fn exactness(&self) -> &'static str {
        match self {
            Body::Exact(_) | Body::Pieces(_) => "exact",
            Body::Text(_) => "text",
            Body::Reserialised(_) => "reserialised",
        }
    }
}

impl Exchange {
    /// The tape of it.
    pub(super) fn tape(self, place: &Place<'_>) -> Result<Tape, ImportError> {
        let (method, uri, target) = self.target(place)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let sent = header_map(&self.request_headers, "request", place)?;
        let request = RecordedRequest::new(method, path, &sent, self.request_body);
        let headers = header_map(&self.headers, "response", place)?;
        let status =
            StatusCode::from_u16(self.status).ok().filter(|status| !status.is_informational());
        let no_status = || place.malformed("response.status", "no final status of HTTP");
        let status = status.ok_or_else(no_status)?;
        let exactness = self.body.exactness();
        let response = match self.body {
            Body::Exact(bytes) | Body::Text(bytes) => {
                RecordedResponse::new(status, &headers, &bytes)
            }
            Body::Reserialised(json) => RecordedResponse::new(status, &headers, &json.into()),
            Body::Pieces(pieces) => {
                let pieces = pieces.into_iter().map(|piece| (piece, None));
                RecordedResponse::from_pieces(status, &headers, pieces)
            }
        };
        let mut tape = Tape::new(target.operation().name(), target.resource(), response);
        tape.request = Some(request);
        tape.source = Some(format!("{}; body: {exactness}", self.source));
        Ok(tape)
    }

    fn target(&self, place: &Place<'_>) -> Result<(Method, Uri, Target), ImportError> {
        let method = self.method.to_ascii_uppercase();
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|error| place.malformed("request.method", error.to_string()))?;
        let uri = Uri::try_from(&*self.url)
            .map_err(|error| place.malformed("request.uri", error.to_string()))?;
        if let Some(target) = Target::of_request(&method, uri.path()) {
            return Ok((method, uri, target));
        }
        let host = uri.host().unwrap_or_default().to_owned();
        if host.contains("bedrock") {
            let reason = format!("{method} {} is of no operation that is known", uri.path());
            return Err(place.malformed("request.uri", reason));
        }
        let member = format!("{}request.uri", place.prefix);
        Err(ImportError::OtherService { path: place.path.to_owned(), member, host })
    }
}

fn header_map(
    pairs: &[(String, String)],
    of: &str,
    place: &Place<'_>,
) -> Result<HeaderMap, ImportError> {
    let mut map = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        // Errors show the name alone: a value may be what proves who asks.
        let malformed = |reason: &str| place.malformed(&format!("{of}.headers.{name}"), reason);
        let parsed = name.parse::<HeaderName>();
        let parsed = parsed.map_err(|_| malformed("no name of a header"))?;
        let value = HeaderValue::from_str(value).map_err(|_| malformed("no value of a header"))?;
        map.append(parsed, value);
    }
    Ok(map)
}

/// The tape of a body of which no more is known than what answered it.
pub(super) fn of_body(
    operation: &str,
    model: &str,
    body: &Bytes,
    path: &Path,
) -> Result<Tape, ImportError> {
    let place = Place { path, prefix: String::new() };
    let known = Operation::from_name(operation);
    let no_operation = || format!("`{operation}` is no operation that is known");
    let known = known.ok_or_else(|| place.malformed("operation", no_operation()))?;
    Target::new(known, model).map_err(|error| place.malformed("model", error.to_string()))?;
    let stream = "application/vnd.amazon.eventstream";
    let content_type = if known.is_stream() { stream } else { "application/json" };
    let content_type = HeaderValue::from_static(content_type);
    let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, content_type)]);
    let response = RecordedResponse::new(StatusCode::OK, &headers, body);
    let mut tape = Tape::new(operation, model, response);
    let name = path.file_name().unwrap_or_default().display();
    tape.source = Some(format!("{name}; body: exact; status and headers are not known"));
    Ok(tape)
}
