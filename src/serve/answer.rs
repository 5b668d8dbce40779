//! From an answer to a response on the wire.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use http_body::{Body, Frame, SizeHint};

use super::handler::{Answer, Reply};
use super::live::Passed;
use super::pace::{Paced, Speed};
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

/// The response, whose body begins to count its time now. One that breaks does
/// so when `sent` says that its bytes are out.
pub(super) fn response(
    answer: Answer,
    speed: Speed,
    now: SystemTime,
    sent: impl FnOnce() -> Arc<Sent>,
) -> Response<Served> {
    let (status, headers, body) = match answer {
        Answer::Reply(Reply { status, headers, body, head_delay: _, cut }) => {
            (status, headers, Served::Paced(Paced::new(body, cut.then(sent), speed)))
        }
        Answer::Live(live) => {
            let (head, body) = live.into_parts();
            (head.status, head.headers, Served::Passed(Passed::new(body, sent())))
        }
    };
    let mut response = Response::new(body);
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

/// The body of a response.
pub(super) enum Served {
    Paced(Paced),
    Passed(Passed),
}

impl Body for Served {
    type Data = Chunk;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, io::Error>>> {
        match self.get_mut() {
            Served::Paced(body) => Pin::new(body).poll_frame(cx),
            Served::Passed(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Served::Paced(body) => body.is_end_stream(),
            Served::Passed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Served::Paced(body) => body.size_hint(),
            Served::Passed(body) => body.size_hint(),
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
        response(reply.into(), Speed::Max, now, || unreachable!("it is not cut"))
            .into_parts()
            .0
            .headers
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
