//! The seam: a call that was let in, and the answer to it.

use std::error::Error as StdError;
use std::fmt;
use std::future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, Version, header};
use http_body::Body;
use serde_json::json;

use super::pieces::SharedPieces;
use crate::auth::verify::Caller;
use crate::operation::Target;

/// The way to an answer: a future in a box, so that [`Handler`] can be a trait
/// object.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// Answers calls that were let in.
///
/// It is polled on the server's own tasks and should not block for long; what
/// takes time on purpose belongs into the [`Reply`]. Functions and closures
/// `Fn(&Call) -> Reply` are handlers.
///
/// A call whose client is gone is dropped, and the future with it.
pub trait Handler: Send + Sync + 'static {
    /// The answer to one call.
    fn answer(&self, call: Call) -> Answering<'_>;

    /// Forgets the calls so far: the next one is answered as the first.
    ///
    /// By default nothing, for a handler that remembers nothing.
    fn reset(&self) {}
}

impl<F> Handler for F
where
    F: Fn(&Call) -> Reply + Send + Sync + 'static,
{
    fn answer(&self, call: Call) -> Answering<'_> {
        Box::pin(future::ready(self(&call).into()))
    }
}

/// A request whose sender was verified, read in full.
///
/// `Debug` shows of the body its length alone, for a prompt may be in it, and
/// of the query the names, for a signature may be in it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Call {
    /// What is asked for, and of what.
    pub target: Target,
    /// The path as received, with its query.
    pub path: String,
    /// All headers as received; those that are not known to be harmless are marked
    /// sensitive.
    pub headers: HeaderMap,
    /// The body as received.
    pub body: Bytes,
    /// Who asks.
    pub caller: Caller,
    /// The version of HTTP it came in.
    pub version: Version,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("target", &self.target)
            .field("path", &without_values(&self.path))
            .field("headers", &self.headers)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("caller", &self.caller)
            .field("version", &self.version)
            .finish()
    }
}

/// A path with the names in its query.
fn without_values(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    format!("{path}?{}", names.collect::<Vec<_>>().join("&"))
}

/// The answer to a call.
#[derive(Debug)]
#[non_exhaustive]
pub enum Answer {
    /// One that is known from its head to its end.
    Reply(Reply),
    /// One that comes from elsewhere and is passed on as it comes.
    Live(Response<LiveBody>),
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Answer::Reply(reply)
    }
}

/// A body that comes from elsewhere. Each piece goes out as soon as it is
/// there; an error of its breaks the connection behind what came, as
/// [`Reply::cut`] does; dropped with the connection, it tells where it comes
/// from that nobody reads on.
pub struct LiveBody(pub(super) Pin<Box<dyn Body<Data = Bytes, Error = LiveError> + Send>>);

/// Why a [`LiveBody`] has no more.
pub type LiveError = Box<dyn StdError + Send + Sync>;

impl LiveBody {
    /// Takes a body of any HTTP library's.
    pub fn new<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<LiveError>,
    {
        use http_body_util::BodyExt;
        LiveBody(Box::pin(body.map_err(Into::into)))
    }
}

impl fmt::Debug for LiveBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LiveBody")
    }
}

/// An answer that is known from its head to its end.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply {
    /// The status, 200 or above.
    pub status: StatusCode,
    /// The headers. Those that belong to one connection (`connection`,
    /// `transfer-encoding`, `content-length` and their kin) are the server's
    /// own and dropped here; `date` and `x-amzn-requestid` are added where
    /// they are missing.
    pub headers: HeaderMap,
    /// The body.
    pub body: ReplyBody,
    /// How long to wait before the head is sent, at
    /// [`Speed::Recorded`](super::Speed::Recorded).
    pub head_delay: Duration,
    /// Whether the connection breaks behind the body, which then has no end:
    /// HTTP/1.1 is closed before the last chunk, an HTTP/2 stream reset. That
    /// waits until all of the body is sent, for as long as its reader takes.
    pub cut: bool,
    /// Where it comes from, such as the name of a tape: for the journal, and for
    /// the faults that are for it.
    pub source: Option<Arc<str>>,
    /// Why it comes from nowhere: for the journal. Faults leave it alone then.
    pub why: Option<String>,
}

/// The body of an answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ReplyBody {
    /// Sent at once and with its length.
    Whole(Bytes),
    /// Pieces as in [`Timed`](Self::Timed), of a body that goes out with its
    /// length: over HTTP/1.1 they are no chunks.
    TimedWhole(Vec<(Duration, Bytes)>),
    /// Pieces, each sent by itself, in this order and at its time since the
    /// head. Over HTTP/1.1 each is a chunk. Empty ones are left out.
    Timed(Vec<(Duration, Bytes)>),
    /// Pieces as in [`Timed`](Self::Timed), which other answers have, too.
    Shared(SharedPieces),
}

impl Reply {
    /// A reply with a body that is sent at once.
    pub fn whole(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::new(status, ReplyBody::Whole(body.into()))
    }

    /// A reply with a body of timed pieces.
    pub fn timed(status: StatusCode, pieces: Vec<(Duration, Bytes)>) -> Self {
        Self::new(status, ReplyBody::Timed(pieces))
    }

    pub(crate) fn new(status: StatusCode, body: ReplyBody) -> Self {
        Reply {
            status,
            headers: HeaderMap::new(),
            body,
            head_delay: Duration::ZERO,
            cut: false,
            source: None,
            why: None,
        }
    }

    /// An error that says why, in the member that clients look for it in.
    pub(crate) fn told(status: StatusCode, name: &'static str, why: &str) -> Self {
        Self::error(status, name, json!({ "message": why }).to_string())
    }

    /// An error as the service writes them: JSON, with the exception's name in
    /// `x-amzn-errortype`. The name must be an identifier.
    pub(crate) fn error(status: StatusCode, name: &'static str, json: String) -> Self {
        let mut reply = Self::whole(status, json);
        let json = HeaderValue::from_static("application/json");
        reply.headers.insert(header::CONTENT_TYPE, json);
        reply.headers.insert("x-amzn-errortype", HeaderValue::from_static(name));
        reply
    }
}
