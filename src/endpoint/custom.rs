//! A caller's URL, taken apart.
//!
//! Stricter than URL libraries are: what they would mend in silence (a number
//! for an address, a name in another script) is an error, since the `Host`
//! that is signed must be the one that is sent.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::uri::{Authority, Scheme};

use super::{Endpoint, EndpointError, path};

/// Longest host name (RFC 1035 §2.3.4), and its longest label.
const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

pub(super) fn parse(url: &str) -> Result<Endpoint, EndpointError> {
    let (scheme, start) = scheme(url)?;
    let rest = &url[start..];
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, base) = rest.split_at(end);
    refuse_parts(authority, base, start)?;
    let (host, port) = host_and_port(authority, start)?;
    if scheme == Scheme::HTTP && !host.loopback {
        return Err(EndpointError::PlainHttp { host: host.text });
    }
    if !base.is_empty() {
        path::check_base(base, start + end)?;
    }
    Ok(Endpoint {
        authority: join(&scheme, &host.text, port)?,
        scheme,
        base: base.strip_suffix('/').unwrap_or(base).to_owned(),
        loopback: host.loopback,
    })
}

/// The scheme, and where the rest of the URL begins.
fn scheme(url: &str) -> Result<(Scheme, usize), EndpointError> {
    let (name, _) = url.split_once("://").ok_or(EndpointError::Scheme)?;
    let start = name.len() + "://".len();
    if name.eq_ignore_ascii_case("https") {
        Ok((Scheme::HTTPS, start))
    } else if name.eq_ignore_ascii_case("http") {
        Ok((Scheme::HTTP, start))
    } else {
        Err(EndpointError::Scheme)
    }
}

/// Finds what an endpoint must not have, before anything is said about the rest.
fn refuse_parts(authority: &str, base: &str, start: usize) -> Result<(), EndpointError> {
    if authority.contains('@') {
        return Err(EndpointError::Part { part: "user information", offset: start });
    }
    let Some(at) = base.find(['?', '#']) else {
        return Ok(());
    };
    let part = if base[at..].starts_with('?') { "a query" } else { "a fragment" };
    Err(EndpointError::Part { part, offset: start + authority.len() + at })
}

struct Host {
    text: String,
    loopback: bool,
}

/// `start` is the byte offset of the authority in the URL.
fn host_and_port(authority: &str, start: usize) -> Result<(Host, Option<u16>), EndpointError> {
    let end = match authority.find(']') {
        Some(bracket) if authority.starts_with('[') => bracket + 1,
        Some(_) | None => authority.find(':').unwrap_or(authority.len()),
    };
    let (text, rest) = authority.split_at(end);
    Ok((host(text, start)?, port(rest, start + end)?))
}

fn port(rest: &str, offset: usize) -> Result<Option<u16>, EndpointError> {
    if rest.is_empty() {
        return Ok(None);
    }
    let digits = rest.strip_prefix(':').filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
    match digits.map(str::parse::<u16>) {
        Some(Ok(port)) if port > 0 => Ok(Some(port)),
        Some(Ok(_) | Err(_)) | None => Err(EndpointError::Port { offset }),
    }
}

fn host(text: &str, offset: usize) -> Result<Host, EndpointError> {
    if let Some(inner) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        let problem = "in brackets is not an IPv6 address";
        let address: Ipv6Addr =
            inner.parse().map_err(|_| EndpointError::Host { problem, offset })?;
        return Ok(Host { text: format!("[{address}]"), loopback: address.is_loopback() });
    }
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Ok(Host { text: text.to_owned(), loopback: address.is_loopback() });
    }
    let text = text.to_ascii_lowercase();
    name(&text).map_err(|(problem, at)| EndpointError::Host { problem, offset: offset + at })?;
    let loopback = text == "localhost";
    Ok(Host { text, loopback })
}

/// Checks a host name; the error carries its byte offset in the name.
fn name(text: &str) -> Result<(), (&'static str, usize)> {
    if text.is_empty() {
        return Err(("is missing", 0));
    }
    if text.len() > MAX_NAME {
        return Err(("has more than 253 bytes", 0));
    }
    let mut at = 0;
    for part in text.split('.') {
        label(part).map_err(|(problem, within)| (problem, at + within))?;
        at += part.len() + 1;
    }
    // URL libraries read a name that ends in a number as an IPv4 address.
    let last = text.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
    if is_number {
        return Err(("ends in a number but is not an IPv4 address a.b.c.d", 0));
    }
    Ok(())
}

fn label(part: &str) -> Result<(), (&'static str, usize)> {
    if part.is_empty() {
        return Err(("has an empty label", 0));
    }
    if part.len() > MAX_LABEL {
        return Err(("has a label of more than 63 bytes", 0));
    }
    // The underscore is in no host name of RFC 1123, but in those of containers.
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match part.find(|c| !is_allowed(c)) {
        Some(at) if !part[at..].starts_with(|c: char| c.is_ascii()) => {
            Err(("is not ASCII (write its xn-- form)", at))
        }
        Some(at) => Err(("has a character that host names do not have", at)),
        None => Ok(()),
    }
}

fn join(scheme: &Scheme, host: &str, port: Option<u16>) -> Result<Authority, EndpointError> {
    let default = if *scheme == Scheme::HTTPS { 443 } else { 80 };
    let text = match port.filter(|&p| p != default) {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    Authority::try_from(text).map_err(|e| EndpointError::Uri(e.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(url: &str) -> EndpointError {
        match parse(url) {
            Ok(endpoint) => panic!("{url} became {endpoint}"),
            Err(error) => error,
        }
    }

    #[test]
    fn plain_http_goes_to_literal_loopback_or_localhost() {
        for url in [
            "http://127.0.0.1:8080",
            "http://127.255.3.4",
            "http://[::1]:8080",
            "http://localhost:8080",
            "http://LOCALHOST",
        ] {
            assert!(parse(url).unwrap_or_else(|e| panic!("{url}: {e}")).is_loopback(), "{url}");
        }
        assert!(parse("https://127.0.0.1").unwrap().is_loopback());
        assert!(!parse("https://10.0.0.1").unwrap().is_loopback());
    }

    #[test]
    fn plain_http_to_anything_else_says_why_and_how_to_mend_it() {
        for url in [
            "http://bedrock-runtime.us-east-1.amazonaws.com",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://128.0.0.1",
            "http://[::]",
            "http://[::ffff:127.0.0.1]",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "http://foo.localhost",
        ] {
            let error = error(url);
            assert!(matches!(error, EndpointError::PlainHttp { .. }), "{url}: {error}");
            assert!(error.to_string().contains("use https"), "{error}");
        }
    }

    #[test]
    fn a_default_port_is_dropped_and_any_other_kept() {
        for (url, authority) in [
            ("https://h.example:443", "h.example"),
            ("https://h.example:80", "h.example:80"),
            ("https://h.example:08443", "h.example:8443"),
            ("http://localhost:80", "localhost"),
            ("http://localhost:443", "localhost:443"),
            ("https://[2001:DB8:0::1]:443", "[2001:db8::1]"),
            ("https://[2001:db8::1]:9", "[2001:db8::1]:9"),
        ] {
            assert_eq!(parse(url).unwrap().authority(), authority, "{url}");
        }
    }

    #[test]
    fn user_information_query_and_fragment_are_refused_and_not_repeated() {
        for (url, at, part) in [
            ("https://user:hunter2@h.example/", 8, "user information"),
            ("https://h.example?key=hunter2", 17, "a query"),
            ("https://h.example/x?key=hunter2", 19, "a query"),
            ("https://h.example/x#hunter2", 19, "a fragment"),
            ("http://user:hunter2@h.example/", 7, "user information"),
        ] {
            let error = error(url);
            let found = match &error {
                EndpointError::Part { part, offset } => (*part, *offset),
                other => panic!("{url}: {other:?}"),
            };
            assert_eq!(found, (part, at), "{url}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }

    #[test]
    fn a_host_that_is_none_is_refused_with_its_place() {
        for (url, at) in [
            ("https://", 8),
            ("https:///x", 8),
            ("https://:443", 8),
            ("https://a..b", 10),
            ("https://a.example.", 18),
            ("https://a b", 9),
            ("https://bücher.example", 9),
            ("https://127.1", 8),
            ("https://2130706433", 8),
            ("https://x.0x7f", 8),
            ("https://[::1", 8),
            ("https://[fe80::1%25eth0]", 8),
            ("https://a\\b", 9),
        ] {
            match error(url) {
                EndpointError::Host { offset, .. } => assert_eq!(offset, at, "{url}"),
                other => panic!("{url}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_port_that_is_none_is_refused() {
        for url in [
            "https://h:",
            "https://h:0",
            "https://h:65536",
            "https://h:+80",
            "https://h:8 0",
            "https://[::1]x",
        ] {
            assert!(matches!(error(url), EndpointError::Port { .. }), "{url}");
        }
    }

    #[test]
    fn a_url_without_a_scheme_of_http_is_refused() {
        for url in ["", "h.example", "ftp://h.example", "https:/h.example", "//h.example", "://h"] {
            assert!(matches!(error(url), EndpointError::Scheme), "{url}");
        }
    }

    #[test]
    fn dot_segments_and_doubled_slashes_in_the_path_are_refused_with_their_place_in_the_url() {
        for (url, at) in [
            ("https://h.example/a/../b", 20),
            ("https://h.example/%2e", 18),
            ("https://h.example//", 18),
            ("https://h.example/a//", 20),
            ("https://h.example/a b", 19),
        ] {
            match error(url) {
                EndpointError::Path { input, offset, .. } => {
                    assert_eq!((input, offset), ("endpoint URL", at), "{url}");
                }
                other => panic!("{url}: {other:?}"),
            }
        }
    }
}
