//! Which host a request is for, said once and clearly.

use http::request::Parts;
use http::{HeaderValue, Version, header};

/// Refuses a request that names no host or two, as RFC 9112 §3.2 and RFC 9113
/// §8.3.1 have it: what is signed and what is meant could differ.
pub(super) fn check(head: &Parts) -> Result<(), String> {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let (host, more) = (hosts.next(), hosts.next());
    let authority = head.uri.authority().map(http::uri::Authority::as_str);
    match (host, authority) {
        _ if more.is_some() => Err("the header 'host' is given more than once".to_owned()),
        (Some(host), Some(authority)) if !is_same(host, authority) => {
            Err("the header 'host' names another host than the target or ':authority'".to_owned())
        }
        (None, None) if head.version == Version::HTTP_2 => {
            Err("neither ':authority' nor the header 'host' is there".to_owned())
        }
        (None, _) if head.version == Version::HTTP_11 => {
            Err("the header 'host' is missing".to_owned())
        }
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

fn is_same(host: &HeaderValue, authority: &str) -> bool {
    host.as_bytes().eq_ignore_ascii_case(authority.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_good(version: Version, target: &str, hosts: &[&str]) -> bool {
        let mut request = http::Request::post(target).version(version);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        check(&request.body(()).unwrap().into_parts().0).is_ok()
    }

    #[test]
    fn a_request_names_one_host() {
        let (one, two) = (Version::HTTP_11, Version::HTTP_2);
        for (version, target, hosts) in [
            (one, "/a", &["h:1"][..]),
            (one, "http://h:1/a", &["H:1"]),
            (two, "http://h:1/a", &[]),
            (two, "http://h:1/a", &["h:1"]),
            (two, "/a", &["h:1"]),
            (Version::HTTP_10, "/a", &[]),
        ] {
            assert!(is_good(version, target, hosts), "{version:?} {target} {hosts:?}");
        }
        for (version, target, hosts) in [
            (one, "/a", &[][..]),
            (one, "/a", &["h:1", "h:1"]),
            (one, "http://h:1/a", &["h:2"]),
            (one, "http://h:1/a", &["h:1", "h:1"]),
            (one, "http://h:1/a", &[]),
            (two, "http://h:1/a", &["h:2"]),
            (two, "/a", &[]),
        ] {
            assert!(!is_good(version, target, hosts), "{version:?} {target} {hosts:?}");
        }
    }
}
