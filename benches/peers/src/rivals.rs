//! The SDK and bedrock-wire's client, over a connection that is none.

use std::cell::Cell;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use aws_sdk_bedrockruntime::config::{
    BehaviorVersion, Credentials, HttpClient, Region, RuntimeComponents,
};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use bedrock_wire::client::{BoxFuture, Client, ResponseBody, Transport, TransportError};
use bedrock_wire::operation::Body as RequestBody;
use bytes::Bytes;
use http_body::{Body, Frame};

pub const REGION: &str = "us-east-1";
pub const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

thread_local! {
    static HANDED_OVER: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// When this thread's last request came to its connection.
pub fn handed_over() -> Instant {
    HANDED_OVER.get().expect("a request")
}

/// Answers every request with the same.
#[derive(Clone, Debug)]
pub struct Canned {
    content_type: &'static str,
    pieces: Arc<[Bytes]>,
}

impl Canned {
    pub fn stream(pieces: &[Bytes]) -> Self {
        Canned { content_type: "application/vnd.amazon.eventstream", pieces: pieces.into() }
    }

    pub fn json(body: &'static str) -> Self {
        Canned { content_type: "application/json", pieces: [body.into()].into() }
    }

    fn pieces(&self) -> Pieces {
        Pieces { pieces: Arc::clone(&self.pieces), next: 0 }
    }
}

struct Pieces {
    pieces: Arc<[Bytes]>,
    next: usize,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.pieces.get(self.next).cloned();
        self.next += 1;
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HANDED_OVER.set(Some(Instant::now()));
        drop(request);
        let body = SdkBody::from_body_1_x(self.pieces());
        let mut response = HttpResponse::new(200.try_into().expect("a status"), body);
        response.headers_mut().insert("content-type", self.content_type);
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl HttpClient for Canned {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl Transport for Canned {
    fn send(
        &self,
        request: http::Request<RequestBody>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        HANDED_OVER.set(Some(Instant::now()));
        drop(request);
        let mut response = http::Response::new(ResponseBody::new(Never(self.pieces())));
        let value = http::HeaderValue::from_static(self.content_type);
        response.headers_mut().insert(http::header::CONTENT_TYPE, value);
        Box::pin(std::future::ready(Ok(response)))
    }
}

/// Pieces whose error is of the transport's type, and never comes.
struct Never(Pieces);

impl Body for Never {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        Pin::new(&mut self.0).poll_frame(cx).map_err(|never| match never {})
    }
}

/// The SDK's client with its own settings, over a connection or an endpoint.
pub fn sdk(http: Option<Canned>, endpoint: Option<&str>) -> aws_sdk_bedrockruntime::Client {
    let mut config = aws_sdk_bedrockruntime::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", SECRET, None, None, "example"));
    if let Some(http) = http {
        config = config.http_client(http);
    }
    if let Some(endpoint) = endpoint {
        config = config.endpoint_url(endpoint);
    }
    aws_sdk_bedrockruntime::Client::from_conf(config.build())
}

/// What ours signs with.
pub fn credentials() -> bedrock_wire::auth::Credentials {
    bedrock_wire::auth::Credentials::new("AKIDEXAMPLE", SECRET, None, None, "example")
}

/// Our client, likewise.
pub fn ours(transport: Option<Canned>, endpoint: Option<&str>) -> Client {
    let mut builder =
        Client::builder().ignore_environment().region(REGION).credentials(credentials());
    if let Some(transport) = transport {
        builder = builder.transport(transport);
    }
    if let Some(endpoint) = endpoint {
        builder = builder.endpoint_url(endpoint);
    }
    builder.build().expect("a client")
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}
