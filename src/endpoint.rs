//! Region and partition to host; custom endpoints and what makes them safe.
//!
//! An [`Endpoint`] is where requests go: scheme, authority and an optional
//! path in front of every operation's. It comes from a [`Region`], or from a
//! URL of the caller's own. Nothing here reads the environment or a file.
//!
//! ```
//! use bedrock_wire::endpoint::{Endpoint, Options, Region, Service};
//!
//! let region = Region::new("eu-central-1")?;
//! let endpoint = Endpoint::for_region(&region, Service::Runtime, Options::default());
//! let url = endpoint.url_for("/model/a.b-v1%3A0/converse")?;
//! assert_eq!(url, "https://bedrock-runtime.eu-central-1.amazonaws.com/model/a.b-v1%3A0/converse");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod custom;
mod path;
mod region;

use std::fmt;

use http::Uri;
use http::uri::{Authority, Scheme};

pub use self::path::PathProblem;
pub use self::region::{Region, RegionError};

/// Where requests go: scheme, authority and an optional base path.
///
/// The scheme is `https`, or `http` on loopback. The authority is in lower
/// case and without a default port, as `Host` carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    authority: Authority,
    /// Empty, or `/` and segments without a slash at the end.
    base: String,
    loopback: bool,
}

impl Endpoint {
    /// The endpoint AWS's rule set gives for a region: `bedrock-runtime` or
    /// `bedrock`, `-fips` if asked for, the region, the partition's suffix.
    ///
    /// A region of no known partition gets the suffix of the partition `aws`.
    /// No list says which regions have Bedrock, FIPS or dual-stack: a host
    /// that does not exist shows when its name is resolved.
    #[expect(clippy::missing_panics_doc, reason = "unreachable: a label and constants")]
    pub fn for_region(region: &Region, service: Service, options: Options) -> Self {
        let fips = if options.fips { "-fips" } else { "" };
        let suffix = region.suffix(options.dual_stack);
        let host = format!("{}{fips}.{region}.{suffix}", service.host_prefix());
        Self {
            scheme: Scheme::HTTPS,
            authority: Authority::try_from(host).expect("host labels joined by dots"),
            base: String::new(),
            loopback: false,
        }
    }

    /// An endpoint of the caller's own: a VPC endpoint, a proxy, a local server.
    ///
    /// The URL is `https`, or `http` where the host is a literal loopback
    /// address (`127.0.0.0/8`, `[::1]`) or `localhost`. A path is kept in
    /// front of every operation's; one slash at its end is dropped, as is a
    /// default port. FIPS and dual-stack do not go with it: see
    /// [`Options::check_custom`].
    ///
    /// # Errors
    /// [`EndpointError`], with the byte offset in the URL. No error repeats
    /// more of the URL than one character or the host of a plain-http URL,
    /// since URLs may hold passwords.
    pub fn custom(url: &str) -> Result<Self, EndpointError> {
        custom::parse(url)
    }

    /// The whole URL of an operation: base path, then `path` exactly as given.
    ///
    /// `path` begins with `/`, is percent-encoded and may carry a query.
    ///
    /// # Errors
    /// [`EndpointError::Path`] for whatever an HTTP library would re-encode,
    /// normalise or cut off, for then the path sent is not the path signed;
    /// [`EndpointError::Uri`] if the URL is longer than `http` allows
    /// (65,534 bytes).
    pub fn url_for(&self, path: &str) -> Result<Uri, EndpointError> {
        path::check(path)?;
        let uri = Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(format!("{}{path}", self.base))
            .build()?;
        Ok(uri)
    }

    /// `https`, or `http` on loopback.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Host and port as `Host` and `:authority` carry them, without a default port.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The host alone, in lower case; an IPv6 address keeps its brackets.
    pub fn host(&self) -> &str {
        self.authority.host()
    }

    /// The path in front of every operation's, without a slash at its end; empty if there is none.
    pub fn base_path(&self) -> &str {
        &self.base
    }

    /// Whether the host is a literal loopback address or `localhost`.
    ///
    /// `localhost` is a name: who connects to it over plain http must pin it
    /// to a loopback address instead of asking a resolver.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.base)
    }
}

/// The two services of Bedrock that have hosts of their own here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Service {
    /// `bedrock-runtime`: Converse, `ConverseStream` and the other inference operations.
    Runtime,
    /// `bedrock`: models, inference profiles and their management.
    ControlPlane,
}

impl Service {
    fn host_prefix(self) -> &'static str {
        match self {
            Self::Runtime => "bedrock-runtime",
            Self::ControlPlane => "bedrock",
        }
    }
}

/// Variants of a region's host. Both are off by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Options {
    /// Use the host whose cryptography is validated under FIPS 140.
    pub fips: bool,
    /// Use the host that answers on IPv4 and IPv6.
    pub dual_stack: bool,
}

impl Options {
    /// Asks for the FIPS host, or not.
    #[must_use]
    pub fn fips(self, fips: bool) -> Self {
        Self { fips, ..self }
    }

    /// Asks for the dual-stack host, or not.
    #[must_use]
    pub fn dual_stack(self, dual_stack: bool) -> Self {
        Self { dual_stack, ..self }
    }

    /// Whether these options can go with a custom endpoint: only if none is set.
    ///
    /// # Errors
    /// [`EndpointError::CustomWith`] names the option, as AWS's rule set has
    /// it: a caller who demands FIPS must not silently be sent elsewhere.
    pub fn check_custom(self) -> Result<(), EndpointError> {
        if self.fips {
            return Err(EndpointError::CustomWith { option: "FIPS" });
        }
        if self.dual_stack {
            return Err(EndpointError::CustomWith { option: "Dualstack" });
        }
        Ok(())
    }
}

/// Why a URL is no endpoint, or a path no part of one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// The URL does not begin with `https://` or `http://`.
    #[error(
        "endpoint URL: it begins with neither https:// nor http://; write it whole, as in https://host"
    )]
    Scheme,
    /// Plain http to a host that is not loopback.
    #[error(
        "endpoint URL: plain http to {host} shows credentials and content to the network; \
         use https (http is for 127.0.0.0/8, [::1] and localhost)"
    )]
    PlainHttp {
        /// The host of the URL.
        host: String,
    },
    /// User information, a query or a fragment.
    #[error("endpoint URL: {part} at byte {offset} has no place in an endpoint; remove it")]
    Part {
        /// What it is.
        part: &'static str,
        /// Byte offset in the URL.
        offset: usize,
    },
    /// The host is neither an address nor a name.
    #[error("endpoint URL: the host {problem}, at byte {offset}")]
    Host {
        /// What is wrong with it.
        problem: &'static str,
        /// Byte offset in the URL.
        offset: usize,
    },
    /// The port is no port.
    #[error("endpoint URL: the port at byte {offset} is not a number from 1 to 65535")]
    Port {
        /// Byte offset in the URL.
        offset: usize,
    },
    /// A path that would not reach the service as it is written.
    #[error("{input}: {problem}, at byte {offset}")]
    Path {
        /// `endpoint URL` or `path`.
        input: &'static str,
        /// What is wrong with it.
        problem: PathProblem,
        /// Byte offset in the input.
        offset: usize,
    },
    /// The URL as a whole is refused by `http`: it is too long.
    #[error("the URL is longer than 65,534 bytes")]
    Uri(#[from] http::Error),
    /// FIPS or dual-stack together with a custom endpoint.
    #[error(
        "Invalid Configuration: {option} and custom endpoint are not supported; \
         name the host you want in the endpoint's URL and switch {option} off"
    )]
    CustomWith {
        /// `FIPS` or `Dualstack`.
        option: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(url: &str) -> Endpoint {
        Endpoint::custom(url).unwrap_or_else(|e| panic!("{url}: {e}"))
    }

    #[test]
    fn a_base_path_comes_before_the_path_and_a_slash_between_them_is_not_doubled() {
        for url in ["https://proxy.example/pre/fix", "https://proxy.example/pre/fix/"] {
            let endpoint = custom(url);
            assert_eq!(endpoint.base_path(), "/pre/fix");
            let uri = endpoint.url_for("/model/a.b-v1%3A0/converse").unwrap();
            assert_eq!(uri, "https://proxy.example/pre/fix/model/a.b-v1%3A0/converse");
        }
        assert_eq!(custom("https://proxy.example/").base_path(), "");
    }

    #[test]
    fn a_path_keeps_its_encoding_and_its_query() {
        let path = "/model/arn%3Aaws%2Fb%20c/converse?a=b%2Fc&d=e+f";
        let uri = custom("https://h.example").url_for(path).unwrap();
        assert_eq!(uri.path_and_query().unwrap().as_str(), path);
    }

    #[test]
    fn a_path_longer_than_http_allows_is_an_error() {
        let path = format!("/{}", "a".repeat(70_000));
        let error = custom("https://h.example").url_for(&path).unwrap_err();
        assert!(matches!(error, EndpointError::Uri(_)), "{error}");
    }

    #[test]
    fn an_endpoint_shows_as_its_url() {
        let endpoint = custom("HTTPS://Proxy.Example:8443/Pre");
        assert_eq!(endpoint.to_string(), "https://proxy.example:8443/Pre");
        assert_eq!(endpoint.host(), "proxy.example");
        assert_eq!(endpoint.authority(), "proxy.example:8443");
        assert_eq!(endpoint.scheme(), "https");
    }
}
