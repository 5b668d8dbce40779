//! From a request on the wire to the handler's reply, or to the service's
//! rejection.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::answer::{self, Outgoing, Served};
use super::control;
use super::disturb::{Disturber, Next};
use super::fault::Faults;
use super::handler::{Call, Handler, LiveError, Reply};
use super::host;
use super::journal::{Ended, Exchange, Journal};
use super::pace::{NEVER, Speed};
use super::shown;
use super::tasks::Tasks;
use super::wire::{Sent, Wire};
use crate::auth::verify::{self, Caller, Rejection, Verifier};
use crate::operation::Target;

/// What signatures are checked by.
pub(super) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// At least so many bytes of a refused body are read.
const DISCARDED: usize = 256 * 1024 * 1024;

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
    pub(super) journal: Journal,
    pub(super) faults: Faults,
    /// Whether the paths of the control plane are its own.
    pub(super) control: bool,
}

/// What is done about a request, and the time that it is done by.
struct Verdict {
    next: Next,
    now: SystemTime,
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
        let (mut head, body) = request.into_parts();
        shown::mark(&mut head.headers);
        if self.control && control::is_for(&head) {
            return self.control(head, body, tasks).await;
        }
        let watch = self.journal.begin(&head, (self.clock)());
        let flush = head.version != Version::HTTP_2;
        let Verdict { next, now } = match self.admit(&head, &body) {
            Ok(target) => self.read(target, head, body, tasks, watch.exchange()).await?,
            Err(reply) => {
                // Who waits for leave to send a body (RFC 9110 §10.1.1) has none.
                if !head.headers.contains_key(header::EXPECT) {
                    discard(body, self.discarded(), tasks);
                }
                self.turned_away(*reply, watch.exchange())
            }
        };
        match next {
            Next::Send(outgoing, delay) => {
                if !delay.is_zero() {
                    tokio::time::sleep(delay.min(NEVER)).await;
                }
                Ok(answer::response(*outgoing, now, Some(watch), || Sent::new(wire, flush)))
            }
            // It is dropped with its client, or with the server.
            Next::Stall => std::future::pending().await,
            Next::Reset => {
                watch.exchange().ended(Ended::CutByFault);
                Sent::new(wire, flush).reset();
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
    }

    /// Answers a request of the control plane.
    async fn control<B: Received>(
        &self,
        head: Parts,
        mut body: B,
        tasks: &Tasks,
    ) -> io::Result<Response<Served>> {
        let whole = Limited::new(&mut body, self.body_limit).collect().await;
        let reply = match whole {
            Ok(whole) => control::answer(self, &head, &whole.to_bytes()).await,
            Err(error) if error.is::<LengthLimitError>() => {
                discard(body, self.discarded(), tasks);
                too_large(self.body_limit)
            }
            Err(error) => return Err(io::Error::other(error)),
        };
        let outgoing = Outgoing::new(reply.into(), Speed::Max);
        // Such an answer never breaks.
        let sent = || Sent::new(Arc::default(), false);
        Ok(answer::response(outgoing, (self.clock)(), None, sent))
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
        exchange: &Exchange,
    ) -> io::Result<Verdict> {
        exchange.asks_for(&target);
        match Limited::new(&mut body, self.body_limit).collect().await {
            Ok(whole) => {
                let body = whole.to_bytes();
                exchange.read(&body);
                Ok(self.answer(target, head, body, exchange).await)
            }
            Err(error) if error.is::<LengthLimitError>() => {
                discard(body, self.discarded(), tasks);
                Ok(self.turned_away(too_large(self.body_limit), exchange))
            }
            Err(error) => Err(io::Error::other(error)),
        }
    }

    async fn answer(
        &self,
        target: Target,
        head: Parts,
        body: Bytes,
        exchange: &Exchange,
    ) -> Verdict {
        let of = target.clone();
        let disturber =
            Disturber { faults: &self.faults, target: &of, exchange, speed: self.speed };
        let off = disturber.clock();
        let verified = self.verifier.verify(&signed(&head).body(&body), self.now(off));
        let next = match verified {
            Ok(caller) => {
                exchange.verified(&caller);
                match disturber.instead() {
                    Some(next) => next,
                    None => {
                        let call = call(target, head, body, caller);
                        disturber.answered(self.handler.answer(call).await)
                    }
                }
            }
            Err(rejection) => self.turned_away(answer::rejection(&rejection), exchange).next,
        };
        Verdict { next, now: self.now(off) }
    }

    fn turned_away(&self, reply: Reply, exchange: &Exchange) -> Verdict {
        let name = reply.headers.get("x-amzn-errortype").and_then(|name| name.to_str().ok());
        exchange.rejected(name.unwrap_or_default());
        Verdict { next: Next::send(reply, self.speed), now: (self.clock)() }
    }

    /// The clock's time, off by so many seconds.
    fn now(&self, off: i64) -> SystemTime {
        let (now, by) = ((self.clock)(), Duration::from_secs(off.unsigned_abs()));
        let shifted = if off < 0 { now.checked_sub(by) } else { now.checked_add(by) };
        shifted.unwrap_or(now)
    }

    /// All as at the start.
    pub(super) fn reset(&self) {
        self.journal.reset();
        self.faults.reset();
        self.handler.reset();
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
    let Parts { version, headers, uri, .. } = head;
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    Call { target, path, headers, body, caller, version }
}

fn too_large(limit: usize) -> Reply {
    let message = format!("the request's body has over {limit} bytes");
    Reply::told(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException", &message)
}

fn malformed(why: &str) -> Reply {
    Reply::told(StatusCode::BAD_REQUEST, "MalformedHttpRequestException", why)
}

/// A good answer to CONNECT would open a tunnel (RFC 9110 §9.3.6).
fn no_tunnel() -> Reply {
    let (name, why) = ("MalformedHttpRequestException", "this is no proxy: ask it for a path");
    let mut reply = Reply::told(StatusCode::METHOD_NOT_ALLOWED, name, why);
    reply.headers.insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
    reply
}
