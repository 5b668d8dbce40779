//! The chain's own requests, to STS and its like, over reqwest.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use reqwest::Url;

use crate::client::deadline;
use crate::client::environment::variable;
use crate::client::reqwest::{NO_TLS, Reach, client, to_error};
use crate::client::transport::{TransportError, TransportErrorKind};

/// The most bytes of an answer. One with credentials in it has a few thousand.
const MAX_ANSWER: usize = 1 << 20;

/// reqwest as AWS's crates take an HTTP client. Clones share connections.
#[derive(Clone, Default)]
pub(super) struct Http(Arc<Mutex<Clients>>);

/// Made when first needed: making one reads root certificates.
type Clients = HashMap<(Reach, Option<Duration>), reqwest::Client>;

/// With one provider's deadlines.
#[derive(Clone, Debug)]
struct Connector {
    http: Http,
    connect: Option<Duration>,
    read: Option<Duration>,
}

impl HttpClient for Http {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            http: self.clone(),
            connect: settings.connect_timeout(),
            read: settings.read_timeout(),
        })
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = self.clone();
        HttpConnectorFuture::new(async move { connector.send(request).await.map_err(to_aws) })
    }
}

impl Connector {
    async fn send(self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let mut request = to_reqwest(request)?;
        // AWS counts reading from where the connection stands.
        *request.timeout_mut() = self.read.map(|read| read + self.connect.unwrap_or_default());
        let client = self.http.client(reach(request.url())?, self.connect)?;
        let answer = client.execute(request).await.map_err(to_error)?;
        let (head, body) = http::Response::<reqwest::Body>::from(answer).into_parts();
        let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(to_body_error)?;
        HttpResponse::try_from(http::Response::from_parts(head, body.to_bytes().into()))
            .map_err(|error| TransportError::new(TransportErrorKind::Broken, error))
    }
}

impl Http {
    fn client(
        &self,
        reach: Reach,
        connect: Option<Duration>,
    ) -> Result<reqwest::Client, TransportError> {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&(reach, connect)) {
            return Ok(client.clone());
        }
        let made = make(reach, connect)
            .map_err(|error| TransportError::new(TransportErrorKind::Request, error))?;
        clients.insert((reach, connect), made.clone());
        Ok(made)
    }
}

fn make(
    reach: Reach,
    connect: Option<Duration>,
) -> Result<reqwest::Client, crate::client::ConfigError> {
    let bundle = match reach {
        Reach::Tls => variable("AWS_CA_BUNDLE", &|name| std::env::var_os(name))?,
        Reach::InClear => None,
    };
    client(reach, bundle.as_deref(), |builder| {
        builder.connect_timeout(connect.unwrap_or(deadline::CONNECT))
    })
}

fn to_reqwest(request: HttpRequest) -> Result<reqwest::Request, TransportError> {
    let refuse = |why: Box<dyn std::error::Error + Send + Sync>| {
        TransportError::new(TransportErrorKind::Request, why)
    };
    let request = request.try_into_http1x().map_err(|error| refuse(error.into()))?;
    let (mut head, body) = request.into_parts();
    for name in PROOFS {
        if let Some(value) = head.headers.get_mut(name) {
            value.set_sensitive(true);
        }
    }
    let bytes = body.bytes().ok_or_else(|| refuse("its body is a stream".into()))?;
    let request = http::Request::from_parts(head, Bytes::copy_from_slice(bytes));
    reqwest::Request::try_from(request).map_err(|error| refuse(error.into()))
}

/// Secrets go and come by `https`, or in clear to where nobody is in between.
fn reach(url: &Url) -> Result<Reach, TransportError> {
    let why = match url.scheme() {
        "https" if crate::client::reqwest::HAS_TLS => return Ok(Reach::Tls),
        "https" => NO_TLS.to_owned(),
        "http" if is_near(url) => return Ok(Reach::InClear),
        scheme => format!(
            "{scheme}://{}: credentials come by https, or by http from loopback and from the \
             link-local addresses of AWS's metadata services alone",
            url.host_str().unwrap_or_default()
        ),
    };
    Err(TransportError::new(TransportErrorKind::Request, why))
}

/// Where containers and instances are told who they are. Other link-local
/// addresses are anybody's.
const METADATA: [IpAddr; 5] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
];

/// What a request has to prove itself by.
const PROOFS: [&str; 5] = [
    "authorization",
    "x-amz-security-token",
    "x-amz-sso_bearer_token",
    "x-aws-ec2-metadata-token",
    "dpop",
];

/// Loopback, and AWS's metadata services.
fn is_near(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    if host == "localhost" {
        return true;
    }
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) => address.is_loopback() || METADATA.contains(&address),
        Err(_) => false,
    }
}

fn to_body_error(error: Box<dyn std::error::Error + Send + Sync>) -> TransportError {
    match error.downcast::<reqwest::Error>() {
        Ok(error) => to_error(*error),
        Err(error) => TransportError::new(TransportErrorKind::TooLarge, error),
    }
}

/// The kind decides whether AWS's crates try again.
fn to_aws(error: TransportError) -> ConnectorError {
    let kind = error.kind;
    let cause = Box::new(error);
    match kind {
        TransportErrorKind::Connect => ConnectorError::io(cause).never_connected(),
        TransportErrorKind::ConnectTimeout => ConnectorError::timeout(cause).never_connected(),
        TransportErrorKind::Timeout => ConnectorError::timeout(cause),
        TransportErrorKind::Broken => ConnectorError::io(cause),
        TransportErrorKind::Request | TransportErrorKind::Tls | TransportErrorKind::TooLarge => {
            ConnectorError::user(cause)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_clear_only_loopback_and_the_metadata_services_are_asked() {
        let reach = |url: &str| reach(&Url::parse(url).unwrap());
        for near in [
            "http://127.0.0.1:1/a",
            "http://localhost/",
            "http://[::1]:80/",
            "http://169.254.169.254/latest/api/token",
            "http://169.254.170.2/v2",
            "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::23]/v1/credentials",
            "http://[fd00:ec2::254]/",
        ] {
            assert_eq!(reach(near).unwrap(), Reach::InClear, "{near}");
        }
        for far in [
            "http://192.0.2.1/",
            "http://sts.amazonaws.com/",
            "http://localhost.example/",
            "http://[fd00::1]/",
            "http://169.254.169.254.example/",
            "ftp://127.0.0.1/",
        ] {
            let error = reach(far).unwrap_err();
            assert_eq!(error.kind, TransportErrorKind::Request, "{far}");
            assert!(error.to_string().contains("come by https"), "{error}");
        }
    }

    #[test]
    fn https_is_asked_anywhere_where_there_is_tls() {
        let reach = reach(&Url::parse("https://sts.eu-west-1.amazonaws.com/").unwrap());
        match reach {
            Ok(reach) => assert_eq!(reach, Reach::Tls),
            Err(error) => assert!(error.to_string().contains(NO_TLS), "{error}"),
        }
    }
}
