//! reqwest as a transport.

mod tls;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use reqwest::redirect::Policy;

use super::body::ResponseBody;
use super::error::ConfigError;
use super::transport::{BoxFuture, Transport, TransportError, TransportErrorKind, chain};
use crate::endpoint::Endpoint;
use crate::operation::Body;

/// NAT gateways drop a connection that is silent for 350 s, and a model may
/// think for longer.
const KEEPALIVE: Duration = Duration::from_mins(1);

/// Whether https can be spoken.
#[cfg(feature = "credential-chain")]
pub(super) const HAS_TLS: bool = tls::BUILT_IN;

/// Why https cannot be spoken.
pub(super) const NO_TLS: &str = "https needs TLS: build with the feature `rustls` or `rustls-ring`";

/// The built-in transport: a reqwest client that is safe for signed requests.
///
/// It gives up connecting when the deadline for it passes
/// ([`Deadlines::connect`](super::Deadlines::connect)) and has no other
/// deadline: those are the client's. TCP keepalive probes each connection after
/// a minute of silence.
///
/// With the feature `rustls-ring` and without `rustls`, making one installs
/// ring as the process's default `rustls::crypto::CryptoProvider` if there is
/// none yet: reqwest takes its provider from nowhere else. A program that wants
/// another one installs it first.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: reqwest::Client,
}

impl ReqwestTransport {
    /// A client for the endpoint that was set, or else for the regions' own,
    /// which are https: the caller's settings first, ours last.
    pub(super) fn new(
        endpoint: Option<&Endpoint>,
        http1_only: bool,
        ca_bundle: Option<&str>,
        connect: Option<Duration>,
        configure: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<Self, ConfigError> {
        let is_plain = endpoint.is_some_and(|endpoint| *endpoint.scheme() == Scheme::HTTP);
        if !tls::BUILT_IN && !is_plain {
            let of = endpoint.map(|endpoint| format!("{endpoint}: ")).unwrap_or_default();
            return Err(ConfigError::new("reqwest", format!("{of}{NO_TLS}, or set a `transport`")));
        }
        let is_loopback = endpoint.is_some_and(Endpoint::is_loopback);
        let reach = if is_loopback { Reach::InClear } else { Reach::Tls };
        let client = client(reach, ca_bundle, |builder| {
            let builder = match connect {
                Some(limit) => builder.connect_timeout(limit),
                None => builder,
            };
            let builder = configure(builder);
            if http1_only { builder.http1_only() } else { builder }
        })?;
        Ok(ReqwestTransport { client })
    }
}

/// Where a client's requests may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reach {
    /// Anywhere, by `https` alone.
    Tls,
    /// In clear too, and through no proxy; `localhost` is this machine. The
    /// address is for the caller to check.
    InClear,
}

/// A client that is safe for secrets: the caller's settings first, ours last.
pub(super) fn client(
    reach: Reach,
    ca_bundle: Option<&str>,
    configure: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
) -> Result<reqwest::Client, ConfigError> {
    tls::prepare();
    let ours = reqwest::Client::builder()
        .user_agent(concat!("bedrock-wire/", env!("CARGO_PKG_VERSION")))
        .tcp_keepalive(KEEPALIVE);
    let ours = tls::trust(ours, ca_bundle)?;
    let builder = configure(ours)
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate();
    let builder = match reach {
        Reach::InClear => builder.no_proxy().resolve_to_addrs("localhost", &LOOPBACK),
        Reach::Tls => builder.https_only(true),
    };
    builder.build().map_err(|error| ConfigError::new("reqwest", chain(&error)))
}

/// `localhost` is this machine, whatever a resolver says. The port is the
/// URL's.
const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin(async move {
            let request = to_reqwest(request)?;
            let response = self.client.execute(request).await.map_err(to_error)?;
            let response = http::Response::<reqwest::Body>::from(response);
            Ok(response.map(|body| ResponseBody::new(body.map_err(to_error))))
        })
    }
}

fn to_reqwest(request: http::Request<Body>) -> Result<reqwest::Request, TransportError> {
    if !tls::BUILT_IN && request.uri().scheme() == Some(&Scheme::HTTPS) {
        return Err(TransportError::new(TransportErrorKind::Request, NO_TLS));
    }
    let signed_path = request.uri().path().to_owned();
    let request = request.map(|body| match body.pieces() {
        [one] => reqwest::Body::from(one.clone()),
        _ => reqwest::Body::wrap(Pieces::from(body)),
    });
    let request = reqwest::Request::try_from(request)
        .map_err(|error| TransportError::new(TransportErrorKind::Request, error))?;
    // A URL library may rewrite a path; then the signature would not hold.
    if request.url().path() != signed_path {
        let why = format!("the path {signed_path} would be sent as {}", request.url().path());
        return Err(TransportError::new(TransportErrorKind::Request, why));
    }
    Ok(request)
}

pub(super) fn to_error(error: reqwest::Error) -> TransportError {
    let kind = if error.is_connect() {
        kind_of_no_connection(&error)
    } else if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_builder() {
        TransportErrorKind::Request
    } else {
        TransportErrorKind::Broken
    };
    TransportError::new(kind, error)
}

fn kind_of_no_connection(error: &reqwest::Error) -> TransportErrorKind {
    if error.is_timeout() {
        TransportErrorKind::ConnectTimeout
    } else if tls::is_refusal(error) {
        TransportErrorKind::Tls
    } else {
        TransportErrorKind::Connect
    }
}

/// A body handed to hyper piece by piece.
struct Pieces {
    pieces: std::vec::IntoIter<Bytes>,
    left: u64,
}

impl From<Body> for Pieces {
    fn from(body: Body) -> Self {
        Pieces { left: body.len(), pieces: body.into_pieces().into_iter() }
    }
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let piece = self.pieces.next();
        self.left -= piece.as_ref().map_or(0, |piece| piece.len() as u64);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(all(test, not(any(feature = "rustls", feature = "rustls-ring"))))]
mod tests_without_tls {
    use crate::client::{Client, ClientBuilder, ErrorKind};
    use crate::operation::{ModelId, converse};

    fn client() -> ClientBuilder {
        Client::builder().ignore_environment().region("us-east-1").api_key("EXAMPLE")
    }

    #[test]
    fn an_endpoint_that_needs_tls_is_refused_with_the_features_that_have_it() {
        for builder in [client(), client().endpoint_url("https://127.0.0.1:1")] {
            let error = builder.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Usage);
            let text = error.to_string();
            assert!(text.contains("`rustls` or `rustls-ring`"), "{text}");
        }
        client().endpoint_url("http://127.0.0.1:1").build().unwrap();
    }

    #[test]
    fn a_request_that_needs_tls_is_not_sent_and_not_to_be_sent_again() {
        use std::pin::pin;
        use std::task::{Context, Poll, Waker};

        let client = client().endpoint_url("http://127.0.0.1:1").build().unwrap();
        let elsewhere = crate::endpoint::Endpoint::custom("https://127.0.0.1:1").unwrap();
        let model = ModelId::new("m").unwrap();
        let request =
            converse::build(&elsewhere, &model, &crate::model::ConverseRequest::new()).unwrap();
        let mut sent = pin!(client.send(request));
        let Poll::Ready(Err(error)) = sent.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        else {
            panic!("it is refused at once")
        };
        assert_eq!(
            (error.kind(), error.repeat()),
            (ErrorKind::Usage, crate::fault::Repeat::No),
            "{error}"
        );
    }
}
