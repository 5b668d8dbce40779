//! A tape in, lines out.

use std::io::{self, Write};

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use super::VERSION;
use super::body::{Frame, RecordedBody};
use super::exchange::{RecordedRequest, RecordedResponse, Tape};
use super::form::BodyMembers;
use super::frame;
use super::line::{
    HeadLine, PiecesLine, RequestMembers, ResponseLine, ResponseMembers, RestLine, RestMembers,
};
use super::piece::Micros;
use crate::eventstream::Message;

impl Tape {
    /// Writes the tape; the same tape is always written as the same bytes.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, mut out: impl Write) -> io::Result<()> {
        let head = HeadLine {
            tape: VERSION,
            operation: self.operation.clone(),
            model: self.model.clone(),
            source: self.source.clone(),
        };
        line(&mut out, &head)?;
        let request = self.request.as_ref().map(request);
        line(&mut out, &RequestLine { request })?;
        line(&mut out, &response(&self.response))?;
        body(&mut out, &self.response.body)?;
        let (pieces, end) = (self.response.pieces.clone(), self.response.end);
        line(&mut out, &PiecesLine { pieces, end })
    }
}

#[derive(Serialize)]
struct RequestLine<'a> {
    request: Option<RequestMembers<'a>>,
}

#[derive(Serialize)]
struct FrameLine {
    frame: Box<RawValue>,
    at: Option<Micros>,
}

fn line(out: &mut impl Write, members: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, members)?;
    out.write_all(b"\n")
}

fn request(request: &RecordedRequest) -> RequestMembers<'_> {
    let BodyMembers { body, body_text, body_base64, why } = BodyMembers::of(request.body());
    RequestMembers {
        method: request.method().clone(),
        path: request.path().to_owned(),
        headers: request.headers().clone(),
        body,
        body_text,
        body_base64,
        why,
    }
}

fn response(response: &RecordedResponse) -> ResponseLine {
    let headers = response.headers.clone();
    ResponseLine { response: ResponseMembers { status: response.status, headers, at: response.at } }
}

fn body(out: &mut impl Write, body: &RecordedBody) -> io::Result<()> {
    match body {
        RecordedBody::Whole(bytes) => line(out, &BodyMembers::of(bytes)),
        RecordedBody::Stream { frames, rest } => {
            for Frame { bytes, at } in frames {
                line(out, &FrameLine { frame: frame::to_json(bytes)?, at: *at })?;
            }
            if rest.is_empty() { Ok(()) } else { line(out, &rest_line(rest)) }
        }
    }
}

fn rest_line(rest: &Bytes) -> RestLine {
    // Without offsets: they would be those in the rest, and not in the body.
    let why = match Message::decode(rest.clone()) {
        Ok(_) => "a whole message, put here by hand".to_owned(),
        Err(error) => error.kind().to_string(),
    };
    RestLine { rest: RestMembers { base64: rest.clone().into(), why: Some(why) } }
}
