//! From an answer to a response on the wire.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use http_body::{Body, Frame, SizeHint};

use super::fault::Finish;
use super::handler::{Answer, Reply};
use super::journal::{Ended, Watch};
use super::live::Passed;
use super::pace::{End, Paced, Speed};
use super::wire::{Chunk, Sent};
use crate::auth::verify::Rejection;
use crate::unique;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// What belongs to one connection (RFC 9110 §7.6.1) or to how a body is framed.
const SERVERS_OWN: [HeaderName; 8] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// The last second that has a `Date` (RFC 9110 §5.6.7): the year is four digits.
const LAST_SECOND: Duration = Duration::from_secs(253_402_300_799);

/// An answer with all that faults did to it.
pub(super) struct Outgoing {
    pub(super) answer: Answer,
    pub(super) finish: Finish,
    /// The length that the head says, where it is not the body's.
    pub(super) announced: Option<u64>,
    /// The size of the pieces it goes out in, where they are not its own.
    pub(super) piece: Option<usize>,
    /// How fast its body is played.
    pub(super) speed: Speed,
}

impl Outgoing {
    /// An answer as it is.
    pub(super) fn new(answer: Answer, speed: Speed) -> Self {
        let is_cut = matches!(&answer, Answer::Reply(Reply { cut: true, .. }));
        let finish = if is_cut { Finish::Cut } else { Finish::Clean };
        Outgoing { answer, finish, announced: None, piece: None, speed }
    }
}

/// The response, whose body begins to count its time now. One that breaks does
/// so when `sent` says that its bytes are out. `watch` is told how it ends.
pub(super) fn response(
    outgoing: Outgoing,
    now: SystemTime,
    watch: Option<Watch>,
    sent: impl FnOnce() -> Arc<Sent>,
) -> Response<Served> {
    let Outgoing { answer, finish, announced, piece, speed } = outgoing;
    let (status, headers, body) = match answer {
        Answer::Reply(Reply { status, headers, body, .. }) => {
            let end = match finish {
                Finish::Clean => End::Clean,
                Finish::Cut | Finish::Break => End::Break(sent()),
                Finish::Reset => End::Reset(sent()),
                Finish::Stall => End::Stall,
            };
            let paced = Paced::new(body, end, speed).announcing(announced).in_pieces(piece);
            (status, headers, Source::Paced(paced))
        }
        Answer::Live(live) => {
            let (head, body) = live.into_parts();
            (head.status, head.headers, Source::Passed(Passed::new(body, sent())))
        }
    };
    if let Some(watch) = &watch {
        watch.exchange().status(status);
    }
    let broken = match finish {
        Finish::Break | Finish::Reset => Ended::CutByFault,
        Finish::Clean | Finish::Cut | Finish::Stall => Ended::CutByTape,
    };
    let mut response = Response::new(Served { source: body, watch, broken });
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    let headers = response.headers_mut();
    for name in SERVERS_OWN {
        headers.remove(name);
    }
    headers.entry(REQUEST_ID).or_insert_with(request_id);
    add_date(headers, now);
    response
}

/// The body of a response, which tells the journal of itself.
pub(super) struct Served {
    source: Source,
    watch: Option<Watch>,
    /// What it is to break.
    broken: Ended,
}

enum Source {
    Paced(Paced),
    Passed(Passed),
}

impl Served {
    /// Tells before anybody has the last piece: whoever has read it all finds
    /// it so in the journal.
    fn tell(&self, frame: Frame<Chunk>) -> Frame<Chunk> {
        let Some(watch) = &self.watch else { return frame };
        let exchange = watch.exchange();
        let frame = frame.map_data(|chunk| chunk.counted(exchange));
        if self.source.is_end_stream() {
            exchange.ended(Ended::Complete);
        }
        frame
    }

    fn ended(&self, ended: Ended) {
        if let Some(watch) = &self.watch {
            watch.exchange().ended(ended);
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // An empty body is never asked for.
        if self.source.is_end_stream() {
            self.ended(Ended::Complete);
        }
    }
}

impl Body for Served {
    type Data = Chunk;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, io::Error>>> {
        self.source.poll_frame(cx).map(|frame| match frame {
            Some(Ok(frame)) => Some(Ok(self.tell(frame))),
            Some(Err(error)) => {
                self.ended(self.broken);
                Some(Err(error))
            }
            None => {
                self.ended(Ended::Complete);
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.source.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Paced(body) => body.size_hint(),
            Source::Passed(body) => body.size_hint(),
        }
    }
}

impl Source {
    fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, io::Error>>> {
        match self {
            Source::Paced(body) => Pin::new(body).poll_frame(cx),
            Source::Passed(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Source::Paced(body) => body.is_end_stream(),
            Source::Passed(body) => body.is_end_stream(),
        }
    }
}

/// The answer of the service to a caller that is turned away.
pub(super) fn rejection(rejection: &Rejection) -> Reply {
    Reply::error(rejection.status(), rejection.name(), rejection.body())
}

/// The time by which signatures are checked: clients set their clocks by it.
fn add_date(headers: &mut HeaderMap, now: SystemTime) {
    let writable = now.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|at| at <= LAST_SECOND);
    if !writable || headers.contains_key(header::DATE) {
        return;
    }
    if let Ok(date) = HeaderValue::try_from(httpdate::fmt_http_date(now)) {
        headers.insert(header::DATE, date);
    }
}

fn request_id() -> HeaderValue {
    // Hexadecimal digits and hyphens are always a header's value.
    HeaderValue::try_from(unique::uuid()).unwrap_or_else(|_| HeaderValue::from_static("0"))
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn headers_of(reply: Reply, now: SystemTime) -> HeaderMap {
        let outgoing = Outgoing::new(reply.into(), Speed::Max);
        response(outgoing, now, None, || unreachable!("it is not cut")).into_parts().0.headers
    }

    #[test]
    fn what_frames_the_body_is_dropped_and_what_the_handler_set_is_kept() {
        let mut reply = Reply::whole(StatusCode::OK, "abc");
        for (name, value) in [
            ("content-length", "99"),
            ("transfer-encoding", "chunked"),
            ("connection", "close"),
            ("x-amzn-requestid", "its-own"),
            ("x-amzn-bedrock-cache", "hit"),
        ] {
            reply.headers.insert(name, HeaderValue::from_static(value));
        }
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let headers = headers_of(reply, now);
        assert_eq!(headers.len(), 3, "{headers:?}");
        assert_eq!(headers["x-amzn-requestid"], "its-own");
        assert_eq!(headers["x-amzn-bedrock-cache"], "hit");
        // RFC 9110 §5.6.7 has this date as its example.
        assert_eq!(headers["date"], "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn a_clock_beyond_what_a_date_can_say_gives_none() {
        let end = SystemTime::UNIX_EPOCH + LAST_SECOND;
        let reply = || Reply::whole(StatusCode::OK, "");
        assert!(headers_of(reply(), end).contains_key("date"));
        assert!(!headers_of(reply(), end + Duration::from_secs(1)).contains_key("date"));
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert!(!headers_of(reply(), before).contains_key("date"));
    }
}
