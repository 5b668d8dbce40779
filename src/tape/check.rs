//! What the lines of a tape must not say against each other.

use percent_encoding::percent_decode_str;

use super::body::{Clock, RecordedBody};
use super::error::TapeProblem;
use super::exchange::RecordedRequest;
use super::piece::{Micros, Piece};

/// AWS's names of the operations on models, by the last segment of their
/// paths. A tape may be of others; the server that replays it checks those.
const OPERATIONS: [(&str, &str); 5] = [
    ("converse", "Converse"),
    ("converse-stream", "ConverseStream"),
    ("invoke", "InvokeModel"),
    ("invoke-with-response-stream", "InvokeModelWithResponseStream"),
    ("count-tokens", "CountTokens"),
];

/// The path of a request names the model and the operation of the head. A
/// gateway may have put a prefix before `/model/`.
pub(super) fn path(
    request: &RecordedRequest,
    operation: &str,
    model: &str,
) -> Result<(), TapeProblem> {
    // A query may hold slashes.
    let path = request.path().split('?').next().unwrap_or_default();
    let Some((_, rest)) = path.rsplit_once("/model/") else {
        return Ok(());
    };
    let Some((segment, suffix)) = rest.split_once('/') else {
        return Ok(());
    };
    let contradicts = |member, named: String, head: &str| {
        let head = head.to_owned();
        Err(TapeProblem::Path { member, named, head })
    };
    let named = percent_decode_str(segment).decode_utf8_lossy();
    if named != model {
        return contradicts("model", named.into_owned(), model);
    }
    match OPERATIONS.iter().find(|(known, _)| *known == suffix) {
        Some((_, named)) if *named != operation => {
            contradicts("operation", (*named).to_owned(), operation)
        }
        Some(_) | None => Ok(()),
    }
}

/// Times never run backwards, from the head on.
pub(super) fn order(last: &mut Option<Micros>, at: Option<Micros>) -> Result<(), TapeProblem> {
    match (*last, at) {
        (Some(last), Some(at)) if at < last => {
            Err(TapeProblem::Backwards { at: at.0, last: last.0 })
        }
        (_, None) => Ok(()),
        (_, Some(_)) => {
            *last = at;
            Ok(())
        }
    }
}

/// The pieces make up the body, come in order, and agree with the frames.
pub(super) fn pieces(
    pieces: &[Piece],
    body: &RecordedBody,
    head: Option<Micros>,
) -> Result<(), TapeProblem> {
    let lengths = pieces.iter().map(|piece| piece.length);
    let (together, length) = (lengths.fold(0, u64::saturating_add), body.len() as u64);
    if together != length {
        return Err(TapeProblem::Pieces { pieces: together, body: length });
    }
    let mut last = head;
    pieces.iter().try_for_each(|piece| order(&mut last, piece.at))?;
    let RecordedBody::Stream { frames, rest: _ } = body else {
        return Ok(());
    };
    let mut clock = Clock::new(pieces);
    for (frame, number) in frames.iter().zip(1..) {
        let piece = clock.after(frame.bytes.len());
        if let (Some(frame), Some(piece)) = (frame.at, piece)
            && frame != piece
        {
            return Err(TapeProblem::FrameTime { number, frame: frame.0, piece: piece.0 });
        }
    }
    Ok(())
}
