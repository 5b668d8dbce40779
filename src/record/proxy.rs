//! A proxy that records for any program.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use http::{HeaderName, Request, Response, StatusCode, header};

use super::error::RecordError;
use super::pass::passed_on;
use super::recorder::{Recorder, Shared};
use super::report::Report;
use super::transport::RecordingTransport;
use crate::auth::verify::{AccessKey, Verifier};
use crate::client::{
    self, Client, ClientBuilder, ResponseBody, TransportError, TransportErrorKind,
};
use crate::endpoint::Endpoint;
use crate::operation::{self, BuildError, Operation};
use crate::replay::{ACCESS_KEY_ID, API_KEY, SECRET_ACCESS_KEY};
use crate::serve::{Answer, Answering, Call, Handler, LiveBody, Reply, Server};

/// A server on loopback that asks Bedrock in its callers' place and records, or
/// answers from tapes, as its [`Recorder`] has it.
///
/// Callers ask it as they would ask Bedrock, over HTTP/1.1 or HTTP/2, with
/// credentials that are good here alone. Each request is sent on with its method,
/// path, query and body to the byte, signed anew with the real credentials, to
/// the service that its operation belongs to. What comes back goes out piece by
/// piece as it comes.
///
/// **Headers** are passed on but for those that are of the way here:
///
/// - of a connection: `connection` and what it names, `content-length`,
///   `expect`, `host`, `keep-alive`, `proxy-*`, `te`, `trailer`,
///   `transfer-encoding`, `upgrade`;
/// - of who asks: `authorization`, `cookie`, `x-amz-content-sha256`,
///   `x-amz-date`, `x-amz-security-token`;
/// - of clients: `accept-encoding`, `amz-sdk-*`, `cache-control`, `from`,
///   `max-forwards`, `pragma`, `referer`, `user-agent`, `x-amz-user-agent`;
/// - of the way and of traces: `b3`, `baggage`, `forwarded`, `grpc-trace-bin`,
///   `sentry-trace`, `traceparent`, `tracestate`, `uber-trace-id`, `via`,
///   `x-amzn-trace-id`, `x-b3-*`, `x-cloud-trace-context`, `x-datadog-*`,
///   `x-envoy-*`, `x-forwarded-*`, `x-ot-span-context`, `x-real-ip`.
///
/// Answers come with all headers but those of a connection, and with the
/// proxy's `date` in place of the upstream's `date` and `age`: it checks
/// signatures by its own clock. If the upstream refuses the proxy's signature
/// for the clock, the request is signed by the upstream's and sent once more.
///
/// **Who can ask** can spend the money of whose credentials the proxy has: the
/// default keys are AWS's published examples, which every user of the machine
/// knows, and loopback is open to all of them. Where there are others, set keys
/// of your own by [`verifier`](ProxyBuilder::verifier). It has no control plane.
///
/// **What fails**: a caller that goes away ends the request upstream; an answer
/// that breaks upstream breaks here. Where there is no answer to pass on the
/// caller gets 502 in the service's shape, as `UpstreamUnreachableException`,
/// `UpstreamBrokenException`, `UpstreamCredentialsException` or
/// `UpstreamConfigurationException`, with a message that says what failed.
///
/// It stops when dropped, as [`Server`] does.
#[derive(Debug)]
pub struct Proxy {
    // Dropped first: what it cuts is recorded.
    server: Server,
    recorder: Recorder,
}

/// Makes a [`Proxy`].
#[must_use = "a builder does nothing until `start` is called"]
pub struct ProxyBuilder {
    recorder: Recorder,
    client: ClientBuilder,
    verifier: Verifier,
    addr: SocketAddr,
    tls: bool,
}

impl ProxyBuilder {
    /// The client to ask the upstream with: its credentials, region, endpoints
    /// and transport. By default [`Client::builder`], all of it from the
    /// environment. Where the recorder asks no network it is not made.
    pub fn client(self, client: ClientBuilder) -> Self {
        Self { client, ..self }
    }

    /// Who may ask. By default AWS's example `AKIDEXAMPLE` with
    /// `wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY`, in any region, and the API
    /// key `bedrock-api-key-example`.
    pub fn verifier(self, verifier: Verifier) -> Self {
        Self { verifier, ..self }
    }

    /// Where to listen: a loopback address. By default a free port on 127.0.0.1.
    pub fn listen(self, addr: SocketAddr) -> Self {
        Self { addr, ..self }
    }

    /// Whether to speak TLS, with a certificate made at start. By default not.
    pub fn tls(self, tls: bool) -> Self {
        Self { tls, ..self }
    }

    /// Listens. Must be called within a tokio runtime, which then runs the
    /// proxy.
    ///
    /// # Errors
    /// Where the client cannot be made, the server does not start, or the
    /// upstream would be the proxy itself.
    pub async fn start(self) -> Result<Proxy, RecordError> {
        let shared = Arc::clone(self.recorder.shared());
        let client = if self.recorder.records() {
            let recording = Arc::clone(&shared);
            let wrap = move |inner| {
                let shared = Arc::clone(&recording);
                Arc::new(RecordingTransport::recording(inner, shared)) as Arc<dyn client::Transport>
            };
            Some(self.client.wrap_transport(wrap).build()?)
        } else {
            None
        };
        let relay = Relay { client: client.clone(), shared };
        let server = Server::builder(self.verifier).listen(self.addr).tls(self.tls);
        // Nobody may read or change here what another asks.
        let server = server.control(false).start(relay).await?;
        if client.is_some_and(|client| asks(&client, server.addr())) {
            return Err(RecordError::Itself(server.addr()));
        }
        Ok(Proxy { server, recorder: self.recorder })
    }
}

impl fmt::Debug for ProxyBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyBuilder")
            .field("recorder", &self.recorder)
            .field("client", &self.client)
            .field("addr", &self.addr)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

impl Proxy {
    /// A proxy that records with this.
    pub fn builder(recorder: Recorder) -> ProxyBuilder {
        let key = AccessKey::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY);
        ProxyBuilder {
            recorder,
            client: Client::builder(),
            verifier: Verifier::new().access_key(key).bearer_key(API_KEY),
            addr: (Ipv4Addr::LOCALHOST, 0).into(),
            tls: false,
        }
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// Scheme and authority, such as `http://127.0.0.1:41234`: the endpoint URL
    /// for callers.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The certificate that callers must trust, in PEM; none without TLS.
    pub fn certificate_pem(&self) -> Option<&str> {
        self.server.certificate_pem()
    }

    /// What was recorded so far. Of what has just ended not all may be written.
    pub fn report(&self) -> Report {
        self.recorder.report()
    }

    /// Waits until the tape of every answer that has ended is written, and says
    /// what was recorded.
    pub async fn flush(&self) -> Report {
        self.recorder.flush().await
    }

    /// Ends all connections, waits until what they cut is recorded too, and
    /// says what was.
    pub async fn stop(self) -> Report {
        self.server.stop().await;
        self.recorder.finish().await
    }
}

/// Whether a client's requests would come to this address.
fn asks(client: &Client, addr: SocketAddr) -> bool {
    let is_it = |endpoint: Endpoint| {
        endpoint.is_loopback() && endpoint.authority().port_u16() == Some(addr.port())
    };
    let planes = [Operation::Converse, Operation::ListFoundationModels];
    planes.into_iter().any(|plane| client.endpoint_for(plane, "").is_ok_and(is_it))
}

/// Clients set their clock by these, and it is ours that signatures are checked
/// by here: the server tells that in their place.
const OF_ANOTHER_CLOCK: [HeaderName; 2] = [header::DATE, header::AGE];

/// Passes calls on.
struct Relay {
    /// `None` where the recorder asks no network.
    client: Option<Client>,
    shared: Arc<Shared>,
}

impl Handler for Relay {
    fn answer(&self, call: Call) -> Answering<'_> {
        Box::pin(async move {
            match self.ask(call).await {
                Ok(response) => Answer::Live(response.map(LiveBody::new)),
                Err(error) => refusal(&error).into(),
            }
        })
    }
}

impl Relay {
    async fn ask(&self, call: Call) -> Result<Response<ResponseBody>, client::Error> {
        let headers = passed_on(&call.headers);
        let operation = call.target.operation();
        let mut asked = Request::new(operation::Body::from(call.body.clone()));
        *asked.method_mut() = operation.method();
        // Tapes are found by the path alone; a host belongs to it all the same.
        *asked.uri_mut() =
            format!("http://localhost{}", call.path).parse().map_err(not_to_be_sent)?;
        *asked.headers_mut() = headers.clone();
        if let Some(answer) = self.shared.play(&asked).await? {
            return Ok(answer);
        }
        let Some(client) = &self.client else {
            return Err(not_to_be_sent("the recorder's mode asks no network").into());
        };
        let endpoint = client.endpoint_for(operation, call.target.resource())?;
        let (method, path) = (operation.method(), &*call.path);
        let request = operation::Request::from_parts(&endpoint, method, path, headers, call.body)?;
        // To send again is the caller's affair, and a stream's head is passed on
        // before its first event.
        let mut response = client.pass_on(request).await?;
        for name in OF_ANOTHER_CLOCK {
            response.headers_mut().remove(name);
        }
        Ok(response)
    }
}

fn not_to_be_sent(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TransportError {
    TransportError::new(TransportErrorKind::Request, why)
}

/// What a caller is told that has no answer, in the service's shape.
fn refusal(error: &client::Error) -> Reply {
    let (status, name) = name_of(error);
    let said = match status {
        StatusCode::BAD_GATEWAY => format!("the proxy has no answer from the upstream: {error}"),
        _ => error.to_string(),
    };
    Reply::told(status, name, &said)
}

fn name_of(error: &client::Error) -> (StatusCode, &'static str) {
    use TransportErrorKind as Kind;
    let upstream = |name| (StatusCode::BAD_GATEWAY, name);
    match error {
        client::Error::Transport(error) => upstream(match error.kind {
            Kind::Connect | Kind::ConnectTimeout | Kind::Tls => "UpstreamUnreachableException",
            Kind::Timeout | Kind::Broken | Kind::TooLarge => "UpstreamBrokenException",
            Kind::Request => "UpstreamConfigurationException",
        }),
        // The path is the caller's.
        client::Error::Build(BuildError::Endpoint(_)) => {
            (StatusCode::BAD_REQUEST, "MalformedHttpRequestException")
        }
        client::Error::Config(_) if error.kind() == client::ErrorKind::Auth => {
            upstream("UpstreamCredentialsException")
        }
        client::Error::Config(_) | client::Error::Build(_) => {
            upstream("UpstreamConfigurationException")
        }
        #[cfg(feature = "sigv4")]
        client::Error::Credentials(_) | client::Error::Signing(_) => {
            upstream("UpstreamCredentialsException")
        }
        client::Error::ApiKey(_) | client::Error::AuthTimeout(_) => {
            upstream("UpstreamCredentialsException")
        }
        // Answers are passed on unread.
        client::Error::Body(_)
        | client::Error::Answer(_)
        | client::Error::Stream(_)
        | client::Error::Incomplete(_) => upstream("UpstreamBrokenException"),
    }
}
