//! Lines in, a tape out.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use bytes::Bytes;
use serde::Deserialize;

use super::VERSION;
use super::body::{Frame, RecordedBody, is_event_stream};
use super::check;
use super::error::{TapeError, TapeProblem};
use super::exchange::{RecordedResponse, Tape};
use super::line::{
    BodyLine, FrameLine, HeadLine, Kind, Members, PiecesLine, RequestLine, ResponseLine,
    ResponseMembers, RestLine, VersionLine,
};

impl Tape {
    /// Reads a tape; `origin` is what errors call it, most often its file.
    ///
    /// # Errors
    /// Where it cannot be read, or a line is not as [the format](super) has it.
    pub fn read(mut input: impl Read, origin: &str) -> Result<Self, TapeError> {
        let mut bytes = Vec::new();
        input
            .read_to_end(&mut bytes)
            .map_err(|error| TapeError::Io { origin: origin.to_owned(), error })?;
        let mut lines = Lines::new(&bytes);
        tape(&mut lines).map_err(|problem| TapeError::Line {
            origin: origin.to_owned(),
            line: lines.number,
            problem,
        })
    }

    /// Reads the tape in a file.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn load(path: impl AsRef<Path>) -> Result<Self, TapeError> {
        let origin = path.as_ref().display().to_string();
        match File::open(path) {
            Ok(file) => Self::read(file, &origin),
            Err(error) => Err(TapeError::Io { origin, error }),
        }
    }
}

fn tape(lines: &mut Lines<'_>) -> Result<Tape, TapeProblem> {
    let head = head(lines)?;
    let request: RequestLine = lines.expect(Kind::Request)?;
    if let Some(request) = &request.request {
        check::path(request, &head.operation, &head.model)?;
    }
    let ResponseLine { response } = lines.expect(Kind::Response)?;
    let body = body(lines, &response)?;
    let PiecesLine { pieces, end } = lines.expect(Kind::Pieces)?;
    if let Some(pieces) = &pieces {
        check::pieces(pieces, &body, response.at)?;
    }
    lines.end()?;
    let (status, headers, at) = (response.status, response.headers, response.at);
    let response = RecordedResponse { status, headers, at, body, pieces, end };
    let HeadLine { tape: _, operation, model, source } = head;
    Ok(Tape { operation, model, source, request: request.request, response })
}

/// The head; of another version, nothing but the version is read.
fn head(lines: &mut Lines<'_>) -> Result<HeadLine, TapeProblem> {
    if lines.kind()? == Some(Kind::Head) {
        let VersionLine { tape: found } = lines.peek()?;
        if found != VERSION {
            return Err(TapeProblem::Version { found });
        }
    }
    lines.expect(Kind::Head)
}

fn body(lines: &mut Lines<'_>, response: &ResponseMembers) -> Result<RecordedBody, TapeProblem> {
    let may_be_empty = is_event_stream(&response.headers.to_map());
    match lines.kind()? {
        Some(Kind::Frame | Kind::Rest) => {}
        Some(Kind::Pieces) | None if may_be_empty => {}
        // Without its line, a body would be taken for an empty stream.
        Some(_) | None => {
            let BodyLine(body) = lines.expect(Kind::Body)?;
            return Ok(RecordedBody::Whole(body));
        }
    }
    let (mut frames, mut last) = (Vec::new(), response.at);
    while lines.kind()? == Some(Kind::Frame) {
        let FrameLine { frame, at } = lines.expect(Kind::Frame)?;
        check::order(&mut last, at)?;
        frames.push(Frame::new(frame, at));
    }
    let mut rest = Bytes::new();
    if lines.kind()? == Some(Kind::Rest) {
        rest = lines.expect::<RestLine>(Kind::Rest)?.rest.base64.0;
    }
    Ok(RecordedBody::Stream { frames, rest })
}

/// The lines of a tape that are not blank.
struct Lines<'a> {
    /// Those not read yet, each with its number, counted from 1.
    rest: std::vec::IntoIter<(usize, &'a [u8])>,
    /// Of the line looked at last.
    number: usize,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let lines = (1..).zip(bytes.split(|byte| *byte == b'\n'));
        let lines: Vec<_> = lines.filter(|(_, line)| !line.trim_ascii().is_empty()).collect();
        Self { rest: lines.into_iter(), number: 1 }
    }

    fn first(&mut self) -> Option<&'a [u8]> {
        let (number, line) = *self.rest.as_slice().first()?;
        self.number = number;
        Some(line)
    }

    /// The kind of the next line; `None` behind the last one.
    fn kind(&mut self) -> Result<Option<Kind>, TapeProblem> {
        let Some(line) = self.first() else {
            return Ok(None);
        };
        let members: Members<'_> = parse(line)?;
        let kind = Kind::of(&members).ok_or_else(|| unknown_line(&members))?;
        Ok(Some(kind))
    }

    /// Takes the next line, which is to be of `wanted` kind.
    fn expect<T: Deserialize<'a>>(&mut self, wanted: Kind) -> Result<T, TapeProblem> {
        let expected = wanted.name();
        let found = self.kind()?.ok_or(TapeProblem::Ended { expected })?;
        if found != wanted {
            return Err(TapeProblem::Misplaced { expected, found: found.name() });
        }
        let line = self.peek()?;
        self.rest.next();
        Ok(line)
    }

    /// Reads the next line as a `T`, and leaves it there.
    fn peek<T: Deserialize<'a>>(&mut self) -> Result<T, TapeProblem> {
        parse(self.first().unwrap_or_default())
    }

    fn end(&mut self) -> Result<(), TapeProblem> {
        let found = self.kind()?.map(Kind::name);
        let expected = "the end of the tape";
        found.map_or(Ok(()), |found| Err(TapeProblem::Misplaced { expected, found }))
    }
}

fn unknown_line(members: &Members<'_>) -> TapeProblem {
    let names: Vec<_> = members.keys().map(|name| format!("{name:?}")).collect();
    let members = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    TapeProblem::UnknownLine { members }
}

fn parse<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T, TapeProblem> {
    let mut deserializer = serde_json::Deserializer::from_slice(line);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| TapeProblem::json(&error.path().to_string(), error.inner()))?;
    deserializer.end().map_err(|error| TapeProblem::json("", &error))?;
    Ok(value)
}
