//! reqwest as a transport.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use reqwest::redirect::Policy;

use super::body::ResponseBody;
use super::error::ConfigError;
use super::transport::{BoxFuture, Transport, TransportError, TransportErrorKind};
use crate::endpoint::Endpoint;
use crate::operation::Body;

/// NAT gateways drop a connection that is silent for 350 s, and a model may
/// think for longer.
const KEEPALIVE: Duration = Duration::from_mins(1);

/// The built-in transport: a reqwest client that is safe for signed requests.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: reqwest::Client,
}

impl ReqwestTransport {
    /// A client for this endpoint: the caller's settings first, ours last.
    pub(super) fn new(
        endpoint: &Endpoint,
        http1_only: bool,
        ca_bundle: Option<&str>,
        configure: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<Self, ConfigError> {
        tls::install_provider();
        let ours = reqwest::Client::builder()
            .user_agent(concat!("bedrock-wire/", env!("CARGO_PKG_VERSION")))
            .tcp_keepalive(KEEPALIVE);
        let ours = tls::trust(ours, ca_bundle)?;
        let mut builder = configure(ours)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate();
        if http1_only {
            builder = builder.http1_only();
        }
        if endpoint.is_loopback() {
            builder = builder.no_proxy().resolve_to_addrs("localhost", &LOOPBACK);
        } else {
            builder = builder.https_only(true);
        }
        let client =
            builder.build().map_err(|error| ConfigError::new("reqwest", describe(&error)))?;
        Ok(ReqwestTransport { client })
    }
}

/// `localhost` is this machine, whatever a resolver says. The port is the
/// URL's.
const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

fn describe(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", describe(cause)),
        None => error.to_string(),
    }
}

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

fn to_error(error: reqwest::Error) -> TransportError {
    let kind = if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_connect() {
        TransportErrorKind::Connect
    } else if error.is_builder() {
        TransportErrorKind::Request
    } else {
        TransportErrorKind::Broken
    };
    TransportError::new(kind, error)
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

/// With TLS built in.
#[cfg(any(feature = "rustls", feature = "rustls-ring"))]
mod tls {
    use super::ConfigError;

    /// reqwest without a provider of its own takes the process's.
    pub(super) fn install_provider() {
        #[cfg(all(feature = "rustls-ring", not(feature = "rustls")))]
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // An error means that another thread was first.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
    }

    /// Trusts the certificates in `AWS_CA_BUNDLE` beside the system's.
    pub(super) fn trust(
        builder: reqwest::ClientBuilder,
        bundle: Option<&str>,
    ) -> Result<reqwest::ClientBuilder, ConfigError> {
        let Some(path) = bundle else { return Ok(builder) };
        let at_fault = |error: &dyn std::fmt::Display| {
            ConfigError::new("AWS_CA_BUNDLE", format!("{path}: {error}"))
        };
        let pem = std::fs::read(path).map_err(|error| at_fault(&error))?;
        let certificates =
            reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| at_fault(&error))?;
        Ok(builder.tls_certs_merge(certificates))
    }
}

/// Without TLS only loopback can be reached.
#[cfg(not(any(feature = "rustls", feature = "rustls-ring")))]
mod tls {
    use super::ConfigError;

    pub(super) fn install_provider() {}

    #[expect(clippy::unnecessary_wraps, reason = "as with TLS")]
    pub(super) fn trust(
        builder: reqwest::ClientBuilder,
        _: Option<&str>,
    ) -> Result<reqwest::ClientBuilder, ConfigError> {
        Ok(builder)
    }
}
