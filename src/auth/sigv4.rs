//! Signing requests with AWS Signature Version 4.
//!
//! `aws-sigv4` computes; this file decides what goes in: which headers, which
//! host, a body known only by its hash. Source: AWS IAM User Guide, "AWS
//! Signature Version 4 for API requests".

mod body;
mod error;
mod headers;

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningInstructions, SigningSettings, UriPathNormalizationMode,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use http::header::{AUTHORIZATION, HOST, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use tracing::dispatcher::{Dispatch, with_default};

pub use self::body::{BodyHash, BodyHasher};
pub use self::error::{SigningError, ValueProblem};
pub use self::headers::is_signed;

pub(super) use self::error::{check_credentials, check_scope_part};

/// The service name in the scope, for the runtime and the control plane alike.
pub(super) const SERVICE: &str = "bedrock";

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// The last second that `x-amz-date` can write: 9999-12-31T23:59:59Z.
const LAST_SECOND: u64 = 253_402_300_799;

/// What signing produced besides headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    signature: String,
}

impl Signed {
    /// The signature: 64 lower-case hexadecimal digits. Also the seed from
    /// which signed event-stream messages go on.
    pub fn signature(&self) -> &str {
        &self.signature
    }
}

/// Signs a request for Bedrock at the time `now`.
///
/// Adds `x-amz-date`, `authorization` (marked sensitive) and, if the
/// credentials have a session token, `x-amz-security-token` (marked
/// sensitive). What the head has under these names is replaced, so a request
/// can be signed anew for another attempt. On an error the head is unchanged.
///
/// Signed are `host`, `x-amz-date`, `x-amz-security-token` and every header in
/// the head but those that [`is_signed`] excludes. Set all others before.
///
/// `host` is the URI's authority in lower case and without a default port,
/// which is what HTTP clients send, as `Host` or as `:authority`. A `Host` header in the head is
/// removed, since over HTTP/2 it would stand beside `:authority`; one that
/// says something else than the authority is an error.
///
/// The path is signed as it stands, each segment encoded once more, and is not
/// normalised.
///
/// # Errors
/// [`SigningError`] names the part that cannot be signed, without secrets.
pub fn sign(
    head: &mut Parts,
    body: BodyHash,
    credentials: &Credentials,
    region: &str,
    now: SystemTime,
) -> Result<Signed, SigningError> {
    check_scope_part("region", region)?;
    check_credentials(credentials)?;
    check_time(now)?;
    let (instructions, signature) = compute(head, body, credentials, region, now)?;
    let added = added(&instructions)?;
    for name in [DATE, SECURITY_TOKEN, AUTHORIZATION, HOST] {
        head.headers.remove(name);
    }
    head.headers.extend(added);
    Ok(Signed { signature })
}

pub(super) fn check_time(now: SystemTime) -> Result<(), SigningError> {
    match now.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) if since < Duration::from_secs(LAST_SECOND + 1) => Ok(()),
        Ok(_) | Err(_) => Err(SigningError::Time),
    }
}

fn compute(
    head: &Parts,
    body: BodyHash,
    credentials: &Credentials,
    region: &str,
    now: SystemTime,
) -> Result<(SigningInstructions, String), SigningError> {
    let host = headers::host(&head.uri, &head.headers)?;
    let signed = headers::to_sign(&head.headers, &host)?;
    let request = SignableRequest::new(
        head.method.as_str(),
        head.uri.to_string(),
        signed.into_iter(),
        SignableBody::Precomputed(body.to_hex()),
    )
    .map_err(SigningError::signer)?;
    instructions(request, credentials, region, now, settings())
}

/// What the signer says to add to a request, and the signature. What goes in is
/// checked.
///
/// Without a word in the logs: at trace level the signer writes what it signs
/// there, which for a presigned URL has the session token in its query.
pub(super) fn instructions(
    request: SignableRequest<'_>,
    credentials: &Credentials,
    region: &str,
    now: SystemTime,
    settings: SigningSettings,
) -> Result<(SigningInstructions, String), SigningError> {
    let identity = Identity::from(credentials.clone());
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(now)
        .settings(settings)
        .build()
        .map_err(SigningError::signer)?;
    let params = params.into();
    let sign = || aws_sigv4::http_request::sign(request, &params);
    with_default(&Dispatch::none(), sign)
        .map(aws_sigv4::SigningOutput::into_parts)
        .map_err(SigningError::signer)
}

/// AWS's defaults (the path encoded twice, the session token signed, no header
/// for the body's hash), but the path as it is and no exclusions of its own.
fn settings() -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.excluded_headers = None;
    settings
}

fn added(instructions: &SigningInstructions) -> Result<HeaderMap, SigningError> {
    let mut headers = HeaderMap::with_capacity(3);
    for (name, value) in instructions.headers() {
        let name = HeaderName::try_from(name).map_err(SigningError::signer)?;
        let mut value = HeaderValue::try_from(value).map_err(SigningError::signer)?;
        value.set_sensitive(name != DATE);
        headers.insert(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE";

    fn credentials(token: Option<&str>) -> Credentials {
        Credentials::new("AKIDEXAMPLE", SECRET, token.map(str::to_owned), None, "test")
    }

    /// 2026-01-02T03:04:05Z.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045)
    }

    fn head(url: &str, headers: &[(&str, &str)]) -> Parts {
        let mut builder = Request::post(url);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(()).unwrap().into_parts().0
    }

    const URL: &str = "https://bedrock-runtime.us-east-1.amazonaws.com/model/a.b-v1%3A0/converse";

    fn signed_headers(head: &Parts) -> String {
        let value = head.headers[AUTHORIZATION].to_str().unwrap();
        let rest = value.split_once("SignedHeaders=").unwrap().1;
        rest.split_once(',').unwrap().0.to_owned()
    }

    fn try_sign(head: &mut Parts, token: Option<&str>) -> Result<Signed, SigningError> {
        sign(head, BodyHash::of(b"{}"), &credentials(token), "us-east-1", now())
    }

    #[test]
    fn secrets_in_the_head_are_marked_sensitive() {
        let mut head = head(URL, &[]);
        try_sign(&mut head, Some(TOKEN)).unwrap();
        assert!(head.headers[AUTHORIZATION].is_sensitive());
        assert!(head.headers[SECURITY_TOKEN].is_sensitive());
        assert_eq!(head.headers[DATE], "20260102T030405Z");
        assert!(!format!("{:?}", head.headers).contains(TOKEN));
    }

    #[test]
    fn signing_anew_replaces_what_was_there_and_gives_the_same() {
        let mut once = head(URL, &[("content-type", "application/json")]);
        let first = try_sign(&mut once, None).unwrap();
        let stale = [
            ("content-type", "application/json"),
            ("x-amz-date", "20200101T000000Z"),
            ("x-amz-date", "20210101T000000Z"),
            ("x-amz-security-token", "old"),
            ("authorization", "Bearer old"),
        ];
        let mut again = head(URL, &stale);
        assert_eq!(try_sign(&mut again, None).unwrap(), first);
        assert_eq!(again.headers, once.headers);
        assert_eq!(first.signature().len(), 64);
    }

    #[test]
    fn headers_that_clients_and_proxies_touch_are_not_signed() {
        let names = [
            "accept-encoding",
            "baggage",
            "b3",
            "cache-control",
            "connection",
            "content-length",
            "cookie",
            "expect",
            "forwarded",
            "keep-alive",
            "pragma",
            "proxy-authorization",
            "te",
            "traceparent",
            "tracestate",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "user-agent",
            "via",
            "x-amzn-trace-id",
            "x-b3-traceid",
            "x-cloud-trace-context",
            "x-datadog-trace-id",
            "x-forwarded-for",
            "x-request-id",
        ];
        let headers: Vec<_> = names.iter().map(|name| (*name, "1")).collect();
        let mut head = head(URL, &headers);
        try_sign(&mut head, None).unwrap();
        assert_eq!(signed_headers(&head), "host;x-amz-date");
        assert!(names.iter().all(|name| head.headers.contains_key(*name)), "none is dropped");
    }

    #[test]
    fn every_other_header_is_signed() {
        let mut head =
            head(URL, &[("Accept", "*/*"), ("x-amzn-bedrock-trace", "ENABLED"), ("x", "")]);
        try_sign(&mut head, Some(TOKEN)).unwrap();
        let expected = "accept;host;x;x-amz-date;x-amz-security-token;x-amzn-bedrock-trace";
        assert_eq!(signed_headers(&head), expected);
    }

    #[test]
    fn white_space_that_the_wire_drops_does_not_change_the_signature() {
        let mut plain = head(URL, &[("x-custom", "a b")]);
        let mut padded = head(URL, &[("x-custom", "\t a   b \t")]);
        let expected = try_sign(&mut plain, None).unwrap();
        assert_eq!(try_sign(&mut padded, None).unwrap(), expected);
    }

    #[test]
    fn a_host_header_that_says_the_same_is_removed_and_any_other_is_an_error() {
        for host in ["proxy.example", "Proxy.Example", "proxy.example:443"] {
            let mut head = head("https://proxy.example:443/x", &[("host", host)]);
            try_sign(&mut head, None).unwrap();
            assert!(!head.headers.contains_key(HOST), "{host}");
        }
        for host in ["other.example", "proxy.example:8443", ""] {
            let mut head = head("https://proxy.example/x", &[("host", host)]);
            let before = head.headers.clone();
            let error = try_sign(&mut head, None).unwrap_err();
            assert!(matches!(error, SigningError::Host { .. }), "{error}");
            assert_eq!(head.headers, before, "the head is unchanged");
        }
    }

    #[test]
    fn a_uri_that_cannot_be_signed_is_an_error() {
        let error = |url: &str| try_sign(&mut head(url, &[]), None).unwrap_err().to_string();
        assert!(error("/model/x/converse").contains("scheme and host"));
        let shown = error("https://user:hunter2@proxy.example/x");
        assert!(shown.contains("user information") && !shown.contains("hunter2"), "{shown}");
        assert!(
            error("https://proxy.example/\u{e4}").contains("byte 1"),
            "{}",
            error("https://proxy.example/\u{e4}")
        );
        for query in ["a=%fe", "%C3=%A4", "a=b&c=%F0%9F"] {
            let shown = error(&format!("https://proxy.example/x?{query}"));
            assert!(shown.contains("query"), "{shown}");
        }
        assert!(try_sign(&mut head("https://proxy.example/x?a=%C3%A4&%zz=%", &[]), None).is_ok());
    }

    #[test]
    fn a_header_that_is_not_text_is_an_error_that_names_it() {
        let mut head = head(URL, &[]);
        head.headers.insert("x-bytes", HeaderValue::from_bytes(b"\xff").unwrap());
        let error = try_sign(&mut head, None).unwrap_err();
        assert!(error.to_string().contains("x-bytes"), "{error}");
    }

    #[test]
    fn bad_credentials_are_named_by_member_and_place_and_not_repeated() {
        for (id, secret, token, says) in [
            ("", SECRET, None, "access key id is empty"),
            ("AKID\n", SECRET, None, "access key id has"),
            ("AKID/EXAMPLE", SECRET, None, "byte 4"),
            ("AKIDEXAMPLE", "", None, "secret access key is empty"),
            ("AKIDEXAMPLE", "EXAMPLEKEY\n", None, "byte 10"),
            ("AKIDEXAMPLE", SECRET, Some(""), "session token is empty"),
            ("AKIDEXAMPLE", SECRET, Some("EXAMPLE TOKEN"), "session token has"),
        ] {
            let bad = Credentials::new(id, secret, token.map(str::to_owned), None, "test");
            let mut head = head(URL, &[]);
            let error = sign(&mut head, BodyHash::of(b""), &bad, "us-east-1", now()).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(says), "{shown}");
            assert!(!shown.contains("EXAMPLE"), "{shown}");
        }
    }

    #[test]
    fn a_region_that_breaks_the_scope_is_an_error() {
        for region in ["", "us/east", "us east", "us-east-1\n", "us,east"] {
            let mut head = head(URL, &[]);
            let result = sign(&mut head, BodyHash::of(b""), &credentials(None), region, now());
            assert!(matches!(result, Err(SigningError::Value { .. })), "{region:?}: {result:?}");
        }
    }

    #[test]
    fn a_time_that_cannot_be_written_is_an_error() {
        let second = Duration::from_secs(1);
        let last = SystemTime::UNIX_EPOCH + Duration::from_secs(LAST_SECOND);
        for (time, good) in [
            (SystemTime::UNIX_EPOCH, true),
            (last, true),
            (last + second, false),
            (SystemTime::UNIX_EPOCH - second, false),
        ] {
            let mut head = head(URL, &[]);
            let result = sign(&mut head, BodyHash::of(b""), &credentials(None), "us-east-1", time);
            assert_eq!(result.is_ok(), good, "{time:?}: {result:?}");
        }
    }
}
