//! The service's errors, of responses and in streams.

use bedrock_wire::fault::{Repeat, ServiceError, ServiceErrorKind};
use bytes::Bytes;

use crate::head::Head;

/// A status, headers and a body of any bytes: an error comes of it that has
/// them, and says the same each time.
pub fn check(data: &[u8]) {
    let Head { first, headers, body } = Head::parse(data);
    let status = std::str::from_utf8(first).ok().and_then(|text| text.trim().parse().ok());
    let (status, body) = (status.unwrap_or(500), Bytes::copy_from_slice(body));
    let error = ServiceError::from_response(status, &headers, body.clone());
    assert_eq!((error.status, &error.raw, &error.headers), (status, &body, &headers));
    check_error(&error);

    let name = String::from_utf8_lossy(first);
    let exception = ServiceError::from_exception(&name, body.clone());
    assert_eq!((exception.status, &exception.raw), (200, &body));
    check_error(&exception);
    let message = headers.values().next().and_then(|value| value.to_str().ok());
    let error = ServiceError::from_error_message(&name, message, body.clone());
    assert!(message.is_none() || error.message.as_deref() == message);
    check_error(&error);
}

fn check_error(error: &ServiceError) {
    let again = error.clone();
    assert_eq!((error.kind(), error.repeat()), (again.kind(), again.repeat()));
    assert_eq!(*error, again);
    let is_bare = |name: &str| !name.is_empty() && !name.contains([':', '#']);
    assert!(error.name.as_deref().is_none_or(is_bare), "{:?}", error.name);
    let may_help = !matches!(error.repeat(), Repeat::No);
    match error.kind() {
        ServiceErrorKind::Validation
        | ServiceErrorKind::AccessDenied
        | ServiceErrorKind::QuotaExceeded => assert!(!may_help),
        ServiceErrorKind::Throttled => assert!(may_help),
        _ => {}
    }
    assert!(!error.to_string().is_empty());
    let shown = format!("{error:?}").len();
    let header =
        |(name, value): (&http::HeaderName, &http::HeaderValue)| name.as_str().len() + value.len();
    let rest = error.raw.len() + error.headers.iter().map(header).sum::<usize>();
    assert!(shown < 10_000 + 20 * rest, "Debug shows {shown} bytes");
}
