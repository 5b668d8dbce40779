//! From a request on the wire to the handler's reply, or to the service's
//! rejection.

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::json;

use super::answer::{self, Served};
use super::handler::{Answer, Call, Handler, LiveError, Reply};
use super::host;
use super::pace::Speed;
use super::tasks::Tasks;
use super::wire::{Sent, Wire};
use crate::auth::verify::{self, Caller, Rejection, Verifier};
use crate::operation::Target;

/// What signatures are checked by.
pub(super) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// At least so many bytes of a refused body are read.
const DISCARDED: usize = 256 * 1024 * 1024;

/// Headers with credentials, or that the service model marks sensitive.
const SECRET: [&str; 5] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-amz-security-token",
    "x-amzn-bedrock-request-metadata",
];

/// The body of a request, from whichever HTTP library.
pub(super) trait Received:
    Body<Data = Bytes, Error: Into<LiveError>> + Send + Unpin + 'static
{
}

impl<B> Received for B where B: Body<Data = Bytes, Error: Into<LiveError>> + Send + Unpin + 'static {}

/// What all requests of a server go through.
pub(super) struct Gate {
    pub(super) verifier: Verifier,
    pub(super) clock: Clock,
    pub(super) speed: Speed,
    pub(super) body_limit: usize,
    pub(super) handler: Box<dyn Handler>,
}

impl Gate {
    /// Answers one request.
    ///
    /// # Errors
    /// Where the request breaks off: there is nobody left to answer.
    pub(super) async fn serve<B: Received>(
        &self,
        request: Request<B>,
        wire: Arc<Wire>,
        tasks: &Tasks,
    ) -> io::Result<Response<Served>> {
        let (head, body) = request.into_parts();
        let flush = head.version != Version::HTTP_2;
        let answer = match self.admit(&head, &body) {
            Ok(target) => self.read(target, head, body, tasks).await?,
            Err(reply) => {
                // Who waits for leave to send a body (RFC 9110 §10.1.1) has none.
                if !head.headers.contains_key(header::EXPECT) {
                    discard(body, self.discarded(), tasks);
                }
                Answer::Reply(*reply)
            }
        };
        if let Answer::Reply(reply) = &answer {
            let delay = self.speed.scale(reply.head_delay);
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
        }
        Ok(answer::response(answer, self.speed, (self.clock)(), || Sent::new(wire, flush)))
    }

    /// What is refused for its head alone, before a byte of its body is kept.
    ///
    /// Routes before it verifies, as the service seems to: callers without
    /// any AWS signature were answered with `UnknownOperationException`. So a
    /// wrong path is told as such, and not as the signature it also broke.
    fn admit(&self, head: &Parts, body: &impl Body) -> Result<Target, Box<Reply>> {
        if head.method == Method::CONNECT {
            return Err(no_tunnel().into());
        }
        host::check(head).map_err(|why| malformed(&why))?;
        let unknown = || answer::rejection(&Rejection::UnknownOperation);
        let target = Target::of_request(&head.method, head.uri.path()).ok_or_else(unknown)?;
        self.verifier.check_form(&signed(head)).map_err(|why| answer::rejection(&why))?;
        if body.size_hint().lower() > self.body_limit as u64 {
            return Err(too_large(self.body_limit).into());
        }
        Ok(target)
    }

    async fn read<B: Received>(
        &self,
        target: Target,
        head: Parts,
        mut body: B,
        tasks: &Tasks,
    ) -> io::Result<Answer> {
        match Limited::new(&mut body, self.body_limit).collect().await {
            Ok(whole) => Ok(self.answer(target, head, whole.to_bytes()).await),
            Err(error) if error.is::<LengthLimitError>() => {
                discard(body, self.discarded(), tasks);
                Ok(too_large(self.body_limit).into())
            }
            Err(error) => Err(io::Error::other(error)),
        }
    }

    async fn answer(&self, target: Target, head: Parts, body: Bytes) -> Answer {
        match self.verifier.verify(&signed(&head).body(&body), (self.clock)()) {
            Ok(caller) => self.handler.answer(call(target, head, body, caller)).await,
            Err(rejection) => answer::rejection(&rejection).into(),
        }
    }

    /// How many bytes of a refused body are read and thrown away.
    fn discarded(&self) -> usize {
        self.body_limit.saturating_mul(8).max(DISCARDED)
    }
}

/// Reads on what nobody wants, so that its sender comes to read the answer: a
/// body that is dropped resets the stream, or the connection, under it.
fn discard(body: impl Received, limit: usize, tasks: &Tasks) {
    tasks.spawn(async move {
        let mut body = Limited::new(body, limit);
        while let Some(Ok(_)) = body.frame().await {}
    });
}

fn signed(head: &Parts) -> verify::Received<'_> {
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let received = verify::Received::new(&head.method, target, &head.headers);
    match head.uri.authority() {
        Some(authority) if head.version == Version::HTTP_2 => {
            received.authority(authority.as_str())
        }
        Some(_) | None => received,
    }
}

fn call(target: Target, head: Parts, body: Bytes, caller: Caller) -> Call {
    let Parts { version, mut headers, uri, .. } = head;
    hide_secrets(&mut headers);
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    Call { target, path, headers, body, caller, version }
}

fn hide_secrets(headers: &mut HeaderMap) {
    for name in SECRET {
        if let header::Entry::Occupied(mut values) = headers.entry(name) {
            values.iter_mut().for_each(|value| value.set_sensitive(true));
        }
    }
}

fn too_large(limit: usize) -> Reply {
    let message = format!("the request's body has over {limit} bytes");
    let json = json!({ "message": message }).to_string();
    Reply::error(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException", json)
}

fn malformed(why: &str) -> Reply {
    let json = json!({ "message": why }).to_string();
    Reply::error(StatusCode::BAD_REQUEST, "MalformedHttpRequestException", json)
}

/// A good answer to CONNECT would open a tunnel (RFC 9110 §9.3.6).
fn no_tunnel() -> Reply {
    let json = json!({ "message": "this is no proxy: ask it for a path" }).to_string();
    let name = "MalformedHttpRequestException";
    let mut reply = Reply::error(StatusCode::METHOD_NOT_ALLOWED, name, json);
    reply.headers.insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
    reply
}
