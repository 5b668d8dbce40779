//! From a tape to the reply that plays it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::serve::{Reply, ReplyBody, SharedPieces};
use crate::tape::{End, Frame, Micros, Piece, RecordedBody, RecordedResponse, Tape};

/// Names the tape that an answer comes from, percent-encoded where it is not
/// visible ASCII.
const TAPE: HeaderName = HeaderName::from_static("x-bedrock-wire-tape");

/// What a header's value cannot have, and what the encoding itself needs.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'%');

/// The reply that plays a tape; to be made once and cloned.
///
/// With times that are made, a stream goes by its frames whatever its pieces.
pub(super) fn reply(name: &str, tape: &Tape, has_made_times: bool) -> Result<Reply, String> {
    let response = &tape.response;
    if response.status().is_informational() {
        return Err(format!("its status {} is no final one", response.status().as_u16()));
    }
    let body = if has_made_times { untimed(response) } else { body(response) };
    let mut reply = Reply::new(response.status(), body);
    reply.headers = response.headers().to_map();
    // A clock of the day of the recording would make signatures expire.
    reply.headers.remove(header::DATE);
    reply.headers.remove(header::AGE);
    let source = Arc::from(name);
    let name = utf8_percent_encode(name, ENCODED).to_string();
    reply.headers.insert(TAPE, HeaderValue::try_from(name).map_err(|error| error.to_string())?);
    reply.head_delay = response.at().map_or(Duration::ZERO, Duration::from);
    reply.cut = response.end() == Some(End::Cut);
    reply.source = Some(source);
    Ok(reply)
}

/// A body by its pieces if they are known, else a stream by its frames.
///
/// Only a stream shows its pieces to the client; any other body has them if
/// they have times, and its length all the same.
fn body(response: &RecordedResponse) -> ReplyBody {
    let is_timed = |pieces: &&[Piece]| pieces.iter().any(|piece| piece.at.is_some());
    let in_time = |pieces| in_time(pieces, response.at());
    match (response.body(), response.pieces()) {
        (RecordedBody::Whole(bytes), pieces) => match pieces.filter(is_timed) {
            Some(pieces) => ReplyBody::TimedWhole(in_time(cut(bytes.clone(), pieces))),
            None => ReplyBody::Whole(bytes.clone()),
        },
        (stream @ RecordedBody::Stream { .. }, Some(pieces)) => {
            shared(in_time(cut(stream.bytes(), pieces)))
        }
        (RecordedBody::Stream { frames, rest }, None) => shared(in_time(by_frame(frames, rest))),
    }
}

fn untimed(response: &RecordedResponse) -> ReplyBody {
    match response.body() {
        RecordedBody::Whole(bytes) => ReplyBody::Whole(bytes.clone()),
        RecordedBody::Stream { frames, rest } => shared(in_time(by_frame(frames, rest), None)),
    }
}

fn shared(pieces: Vec<(Duration, Bytes)>) -> ReplyBody {
    ReplyBody::Shared(SharedPieces::new(pieces))
}

fn in_time(pieces: Vec<(Option<Micros>, Bytes)>, head: Option<Micros>) -> Vec<(Duration, Bytes)> {
    let mut clock = Clock::new(head);
    pieces.into_iter().map(|(at, piece)| (clock.since_head(at), piece)).collect()
}

fn cut(mut body: Bytes, pieces: &[Piece]) -> Vec<(Option<Micros>, Bytes)> {
    let mut cut = Vec::with_capacity(pieces.len() + 1);
    for piece in pieces {
        let length = usize::try_from(piece.length).unwrap_or(usize::MAX);
        cut.push((piece.at, body.split_to(length.min(body.len()))));
    }
    cut.push((None, body));
    cut
}

fn by_frame(frames: &[Frame], rest: &Bytes) -> Vec<(Option<Micros>, Bytes)> {
    let frames = frames.iter().map(|frame| (frame.at, frame.bytes.clone()));
    frames.chain([(None, rest.clone())]).collect()
}

/// From times since the request to times since the head.
struct Clock {
    head: Duration,
    last: Duration,
}

impl Clock {
    fn new(head: Option<Micros>) -> Self {
        Clock { head: head.map_or(Duration::ZERO, Duration::from), last: Duration::ZERO }
    }

    /// What has no time comes with what came before it.
    fn since_head(&mut self, at: Option<Micros>) -> Duration {
        if let Some(at) = at {
            self.last = Duration::from(at).saturating_sub(self.head);
        }
        self.last
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;

    const MS: u64 = 1000;

    fn stream(response: &RecordedResponse) -> Vec<(u128, Bytes)> {
        match body(response) {
            ReplyBody::Shared(pieces) => {
                let in_ms = |(at, piece): (Duration, Bytes)| (at.as_millis(), piece);
                pieces.to_vec().into_iter().map(in_ms).collect()
            }
            other => panic!("no stream: {other:?}"),
        }
    }

    fn headers() -> HeaderMap {
        let kind = HeaderValue::from_static("application/vnd.amazon.eventstream");
        HeaderMap::from_iter([(header::CONTENT_TYPE, kind)])
    }

    #[test]
    fn pieces_come_at_their_times_since_the_head_and_none_is_lost() {
        let pieces = [("ab", Some(Micros(30 * MS))), ("c", None), ("def", Some(Micros(75 * MS)))];
        let pieces = pieces.map(|(piece, at)| (Bytes::from(piece), at));
        let response = RecordedResponse::from_pieces(StatusCode::OK, &headers(), pieces);
        let since_request = [(30, "ab".into()), (30, "c".into()), (75, "def".into())];
        assert_eq!(stream(&response), since_request);
        let since_head = [(10, "ab".into()), (10, "c".into()), (55, "def".into())];
        assert_eq!(stream(&response.with_at(Micros(20 * MS))), since_head);
    }

    #[test]
    fn a_body_that_is_no_stream_has_its_times_and_its_length() {
        let pieces = [("{", Some(Micros(30 * MS))), ("}", Some(Micros(75 * MS)))];
        let pieces = pieces.map(|(piece, at)| (Bytes::from(piece), at));
        let response =
            RecordedResponse::from_pieces(StatusCode::OK, &HeaderMap::new(), pieces.clone());
        let ReplyBody::TimedWhole(timed) = body(&response.with_at(Micros(20 * MS))) else {
            panic!("no times");
        };
        let in_ms: Vec<_> = timed.iter().map(|(at, piece)| (at.as_millis(), &**piece)).collect();
        assert_eq!(in_ms, [(10, &b"{"[..]), (55, b"}"), (55, b"")]);
        let untimed = pieces.map(|(piece, _)| (piece, None));
        let response = RecordedResponse::from_pieces(StatusCode::OK, &HeaderMap::new(), untimed);
        assert!(matches!(body(&response), ReplyBody::Whole(bytes) if bytes == "{}"));
    }

    #[test]
    fn a_stream_without_pieces_or_times_goes_frame_by_frame_at_once() {
        let frame = |payload: &[u8]| {
            let header = (":event-type", crate::eventstream::HeaderValue::String("x"));
            let message = crate::eventstream::Message::encode([header], payload).unwrap();
            message.frame().clone()
        };
        let (one, two) = (frame(b"1"), frame(b"22"));
        let whole = Bytes::from([&one[..], &two, b"end"].concat());
        let response = RecordedResponse::new(StatusCode::OK, &headers(), &whole);
        assert_eq!(stream(&response), [(0, one), (0, two), (0, "end".into())]);
    }

    #[test]
    fn a_recorded_date_is_not_played_and_any_name_fits_the_header() {
        let date = HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT");
        let headers = HeaderMap::from_iter([(header::DATE, date)]);
        let response = RecordedResponse::new(StatusCode::OK, &headers, &Bytes::new());
        let reply = reply("é 1%.jsonl", &Tape::new("Converse", "m", response), false).unwrap();
        assert_eq!(reply.headers.len(), 1);
        assert_eq!(reply.headers[TAPE], "%C3%A9%201%25.jsonl");
    }
}
