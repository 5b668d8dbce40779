//! Which headers of a request the proxy passes on.

use http::{HeaderMap, HeaderName, header};

/// What is not passed on, for it is of the way to the proxy and not of what is
/// asked. Whatever the way to the upstream takes is set anew.
const KEPT_BACK: [&str; 35] = [
    // Between two hops only (RFC 9110 §7.6.1), or of how the body is sent.
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    // Who asks the proxy, which is nobody upstream.
    "authorization",
    "cookie",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    // What a client says of itself; and a compressed answer can be neither read
    // nor scrubbed on its tape.
    "accept-encoding",
    "cache-control",
    "from",
    "max-forwards",
    "pragma",
    "referer",
    "user-agent",
    "x-amz-user-agent",
    // The way taken, and traces.
    "b3",
    "baggage",
    "forwarded",
    "grpc-trace-bin",
    "sentry-trace",
    "traceparent",
    "tracestate",
    "uber-trace-id",
    "via",
    "x-amzn-trace-id",
    "x-cloud-trace-context",
    "x-ot-span-context",
    "x-real-ip",
];

/// SDKs count their attempts in `amz-sdk-*`; the others are proxies' and
/// traces'.
const KEPT_BACK_PREFIXES: [&str; 6] =
    ["amz-sdk-", "proxy-", "x-b3-", "x-datadog-", "x-envoy-", "x-forwarded-"];

/// The headers that are of the request itself, and not named in `Connection`.
pub(super) fn passed_on(received: &HeaderMap) -> HeaderMap {
    let of_hop = received.get_all(header::CONNECTION).iter();
    let of_hop: Vec<_> = of_hop
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let mut passed = HeaderMap::with_capacity(received.len());
    for (name, value) in received {
        if is_passed_on(name) && !of_hop.iter().any(|hop| hop == name.as_str()) {
            passed.append(name, value.clone());
        }
    }
    passed
}

fn is_passed_on(name: &HeaderName) -> bool {
    let name = name.as_str();
    !KEPT_BACK.contains(&name) && !KEPT_BACK_PREFIXES.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_proxys_documentation_names_all_that_is_kept_back_and_nothing_else() {
        let (_, doc) = include_str!("proxy.rs").split_once("/// - of a connection").unwrap();
        let (doc, _) = doc.split_once("/// Answers come with").unwrap();
        let mut told: Vec<_> = doc.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let prefixes = KEPT_BACK_PREFIXES.iter().map(|start| format!("{start}*"));
        let mut kept: Vec<_> = KEPT_BACK.iter().map(|name| (*name).to_owned()).collect();
        kept.extend(prefixes);
        told.sort();
        kept.sort();
        assert_eq!(told, kept);
    }

    #[test]
    fn what_is_asked_is_passed_on_and_the_way_it_came_is_not() {
        let names = [
            "content-type",
            "accept",
            "x-amzn-bedrock-trace",
            "x-amzn-bedrock-request-metadata",
            "x-team",
            "authorization",
            "x-amz-security-token",
            "amz-sdk-invocation-id",
            "x-amzn-trace-id",
            "x-forwarded-for",
            "host",
            "x-hop",
        ];
        let mut received: HeaderMap = names
            .iter()
            .map(|name| (HeaderName::from_static(name), HeaderValue::from_static("1")))
            .collect();
        received.append("x-team", HeaderValue::from_static("2"));
        received.append(header::CONNECTION, HeaderValue::from_static("close, X-Hop"));
        let passed = passed_on(&received);
        let mut left: Vec<_> = passed.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(
            left,
            [
                "accept",
                "content-type",
                "x-amzn-bedrock-request-metadata",
                "x-amzn-bedrock-trace",
                "x-team"
            ]
        );
        assert_eq!(passed.get_all("x-team").iter().count(), 2);
    }
}
