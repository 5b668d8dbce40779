//! Calls from within the process, through the same gate and without a socket.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::request::Parts;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, Uri, Version, header};
use http_body::{Body, Frame, SizeHint};
use tokio::runtime::Handle;

use super::answer::Served;
use super::fault::{AppliedFault, Fault, FaultError};
use super::gate::Gate;
use super::handler::LiveError;
use super::journal::Journal;
use super::tasks::Tasks;
use super::wire::Wire;

/// A server without a socket: what it answers is what a [`Server`](super::Server)
/// with the same settings would, in its time too.
///
/// Clones are the same server. Calls need a tokio runtime with its timer.
#[derive(Clone)]
pub struct Local {
    gate: Arc<Gate>,
    tasks: Tasks,
}

impl Local {
    pub(super) fn new(gate: Gate) -> Self {
        Local { gate: Arc::new(gate), tasks: Tasks::new() }
    }

    /// Answers one request, which is taken as an HTTP/1.1 client would send it:
    /// an absolute URI becomes its path and query, and `host` and
    /// `content-length` are added where they are missing. A request of HTTP/2
    /// stays as it is.
    ///
    /// Dropping the future, or the body of the answer, ends the call.
    ///
    /// # Errors
    /// Where there is no tokio runtime, or the request's body breaks off.
    pub async fn call<B>(&self, request: Request<B>) -> io::Result<Response<LocalBody>>
    where
        B: Body<Data = Bytes, Error: Into<LiveError>> + Send + Unpin + 'static,
    {
        Handle::try_current().map_err(io::Error::other)?;
        let (mut head, body) = request.into_parts();
        let version = head.version;
        if version != Version::HTTP_2 {
            as_http1(&mut head, body.size_hint().exact());
        }
        let wire = Arc::<Wire>::default();
        let request = Request::from_parts(head, body);
        let response = self.gate.serve(request, Arc::clone(&wire), &self.tasks).await?;
        let mut response = response.map(|served| LocalBody { served, wire });
        *response.version_mut() = version;
        Ok(response)
    }
}

impl Local {
    /// What was asked, and how it ended.
    pub fn journal(&self) -> Journal {
        self.gate.journal.clone()
    }

    /// The faults there are now, and how often each was applied.
    pub fn faults(&self) -> Vec<AppliedFault> {
        self.gate.faults.list()
    }

    /// Sets other faults in place of all there are; none of them is applied yet.
    ///
    /// # Errors
    /// Where one of them cannot be done. Then nothing changes.
    pub fn set_faults(&self, faults: Vec<Fault>) -> Result<(), FaultError> {
        self.gate.faults.set(faults)
    }

    /// Begins anew, as [`Server::reset`](super::Server::reset) does.
    pub fn reset(&self) {
        self.gate.reset();
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").field("verifier", &self.gate.verifier).finish_non_exhaustive()
    }
}

/// As it would be on the wire (RFC 9112 §3.2).
fn as_http1(head: &mut Parts, length: Option<u64>) {
    if let Some(length) = length.filter(|length| *length > 0) {
        head.headers.entry(header::CONTENT_LENGTH).or_insert_with(|| length.into());
    }
    if let Some(host) = host(&head.uri) {
        head.headers.entry(header::HOST).or_insert(host);
    }
    let target = head.uri.path_and_query().cloned();
    head.uri = target.unwrap_or_else(|| PathAndQuery::from_static("/")).into();
}

/// Host and port, the latter unless it is the scheme's own.
fn host(uri: &Uri) -> Option<HeaderValue> {
    let (host, scheme) = (uri.host()?, uri.scheme());
    let is_default = |port: &u16| match port {
        80 => scheme == Some(&Scheme::HTTP),
        443 => scheme == Some(&Scheme::HTTPS),
        _ => false,
    };
    let text = match uri.port_u16().filter(|port| !is_default(port)) {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    HeaderValue::try_from(text).ok()
}

/// The body of an answer in the process: the server's own pieces, none of them
/// copied. One that is cut ends in an error behind its last piece.
pub struct LocalBody {
    served: Served,
    wire: Arc<Wire>,
}

impl Body for LocalBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        loop {
            let frame = match ready!(Pin::new(&mut self.served).poll_frame(cx)) {
                Some(Ok(frame)) => frame.map_data(super::wire::Chunk::into_bytes),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            };
            // Who has a piece has it for good: nothing is buffered in between.
            self.wire.flushed();
            if frame.data_ref().is_none_or(|piece| !piece.is_empty()) {
                return Poll::Ready(Some(Ok(frame)));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.served.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.served.size_hint()
    }
}

impl fmt::Debug for LocalBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalBody")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(uri: &str, host: Option<&str>) -> (String, String) {
        let mut request = Request::post(uri);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let (mut head, ()) = request.body(()).unwrap().into_parts();
        as_http1(&mut head, None);
        let host = head.headers.get("host").map_or("", |host| host.to_str().unwrap());
        (head.uri.to_string(), host.to_owned())
    }

    #[test]
    fn a_request_is_taken_as_an_http1_client_would_send_it() {
        for (uri, given, target, host) in [
            ("https://h.example/a%3A0?b=c", None, "/a%3A0?b=c", "h.example"),
            ("https://h.example:443/a", None, "/a", "h.example"),
            ("https://h.example:80/a", None, "/a", "h.example:80"),
            ("http://127.0.0.1:80", None, "/", "127.0.0.1"),
            ("http://[::1]:8080/", None, "/", "[::1]:8080"),
            ("http://who:secret@h:1/", None, "/", "h:1"),
            ("https://h.example/a", Some("other"), "/a", "other"),
            ("/a", Some("h:1"), "/a", "h:1"),
            ("/a", None, "/a", ""),
        ] {
            assert_eq!(sent(uri, given), (target.to_owned(), host.to_owned()), "{uri}");
        }
    }
}
