//! Which headers are signed, and with which host.

use http::header::{HOST, HeaderName};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, Uri};
use percent_encoding::percent_decode_str;

use super::SigningError;

/// Headers that HTTP clients and proxies add, change or remove on the way.
const UNSIGNED: [&str; 34] = [
    // Between two hops only (RFC 9110 §7.6.1), or set by the client for its connection.
    "connection",
    "expect",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    // Clients set it, or not, by how they send the body; the body's hash covers it.
    "content-length",
    // Clients add them by default, and proxies rewrite them.
    "accept-encoding",
    "cache-control",
    "cookie",
    "from",
    "max-forwards",
    "pragma",
    "referer",
    "user-agent",
    // The way a request took.
    "forwarded",
    "via",
    "x-correlation-id",
    "x-real-ip",
    "x-request-id",
    // Traces, begun or continued at any hop.
    "b3",
    "baggage",
    "grpc-trace-bin",
    "sentry-trace",
    "traceparent",
    "tracestate",
    "uber-trace-id",
    "x-amzn-trace-id",
    "x-cloud-trace-context",
    "x-ot-span-context",
    // The signer writes these itself.
    "authorization",
    "x-amz-date",
    "x-amz-security-token",
];

const UNSIGNED_PREFIXES: [&str; 5] = ["proxy-", "x-b3-", "x-datadog-", "x-envoy-", "x-forwarded-"];

/// Whether a header that is set before [`sign`](super::sign) becomes part of
/// the signature.
///
/// All are, but the three that signing writes itself and those that HTTP
/// clients and proxies add, change or remove, for a signed header that changes
/// on the way makes the service turn the request away:
/// - of a connection: `connection`, `expect`, `keep-alive`, `te`, `trailer`,
///   `transfer-encoding`, `upgrade`, `proxy-*`;
/// - of how the body is sent: `content-length` (the body's hash is signed);
/// - of clients and caches: `accept-encoding`, `cache-control`, `cookie`,
///   `from`, `max-forwards`, `pragma`, `referer`, `user-agent`;
/// - of the way taken: `forwarded`, `via`, `x-correlation-id`, `x-envoy-*`,
///   `x-forwarded-*`, `x-real-ip`, `x-request-id`;
/// - of traces: `b3`, `baggage`, `grpc-trace-bin`, `sentry-trace`,
///   `traceparent`, `tracestate`, `uber-trace-id`, `x-amzn-trace-id`,
///   `x-b3-*`, `x-cloud-trace-context`, `x-datadog-*`, `x-ot-span-context`.
pub fn is_signed(name: &HeaderName) -> bool {
    let name = name.as_str();
    !UNSIGNED.contains(&name) && !UNSIGNED_PREFIXES.iter().any(|p| name.starts_with(p))
}

/// The value of `host`: the URI's authority, without a default port. Checks on
/// the way that the URI can be signed.
pub(super) fn host(uri: &Uri, headers: &HeaderMap) -> Result<String, SigningError> {
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
        return Err(SigningError::NotAbsolute);
    };
    if authority.as_str().contains('@') {
        return Err(SigningError::UserInformation);
    }
    let path = uri.path_and_query().map_or("", |p| p.as_str());
    if let Some(offset) = path.bytes().position(|b| !b.is_ascii()) {
        return Err(SigningError::NotAscii { offset });
    }
    if percent_decode_str(uri.query().unwrap_or_default()).decode_utf8().is_err() {
        return Err(SigningError::QueryNotUtf8);
    }
    let host = without_default_port(scheme, authority);
    for value in headers.get_all(HOST) {
        let given = Authority::try_from(value.as_bytes()).ok();
        if given.map(|g| without_default_port(scheme, &g)).as_ref() != Some(&host) {
            return Err(SigningError::Host { authority: host });
        }
    }
    Ok(host)
}

/// In lower case, as URL libraries make it before they send it.
fn without_default_port(scheme: &Scheme, authority: &Authority) -> String {
    let is_default = |port: u16| match port {
        443 => scheme.as_str().eq_ignore_ascii_case("https"),
        80 => scheme.as_str().eq_ignore_ascii_case("http"),
        _ => false,
    };
    let host = authority.host().to_ascii_lowercase();
    match authority.port_u16() {
        Some(port) if !is_default(port) => format!("{host}:{port}"),
        Some(_) | None => host,
    }
}

/// Names and values to sign, without the white space that the wire drops
/// (RFC 9110 §5.5; `aws-sigv4` trims spaces, but not tabs).
pub(super) fn to_sign<'a>(
    headers: &'a HeaderMap,
    host: &'a str,
) -> Result<Vec<(&'a str, &'a str)>, SigningError> {
    let mut signed = vec![(HOST.as_str(), host)];
    for (name, value) in headers {
        if *name == HOST || !is_signed(name) {
            continue;
        }
        let value = value.to_str().map_err(|_| SigningError::Header { name: name.to_string() })?;
        signed.push((name.as_str(), value.trim_matches([' ', '\t'])));
    }
    Ok(signed)
}

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;

    use super::super::{DATE, SECURITY_TOKEN};
    use super::*;

    #[test]
    fn what_signing_writes_is_never_taken_from_the_head() {
        for name in [AUTHORIZATION, DATE, SECURITY_TOKEN] {
            assert!(!is_signed(&name), "{name}");
        }
    }

    #[test]
    fn what_the_service_reads_is_signed() {
        for name in
            ["accept", "content-type", "host", "x-amz-content-sha256", "x-amzn-bedrock-trace"]
        {
            assert!(is_signed(&HeaderName::from_static(name)), "{name}");
        }
    }
}
