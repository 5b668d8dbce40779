//! What came at one time.

use super::super::body::{Frame, RecordedBody};
use super::super::exchange::RecordedResponse;
use super::super::piece::{Micros, Piece};

/// What the HTTP library handed out at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arrival {
    /// When.
    pub at: Micros,
    /// How many bytes.
    pub bytes: u64,
    /// How many events had their last byte in it.
    pub events: u64,
}

/// The arrivals of a body, if all their times are known. `events` is how many
/// of its frames, from the first, are events.
pub(super) fn of(response: &RecordedResponse, events: u64) -> Option<Vec<Arrival>> {
    let frames = match &response.body {
        RecordedBody::Whole(_) => &[][..],
        RecordedBody::Stream { frames, .. } => frames,
    };
    let pieces = response.pieces.as_deref();
    let by_pieces = pieces.and_then(|pieces| by_pieces(pieces, ends(frames, events)));
    by_pieces.or_else(|| by_frames(frames, events))
}

/// Where in the body each event ends.
fn ends(frames: &[Frame], events: u64) -> impl Iterator<Item = u64> {
    let events = usize::try_from(events).unwrap_or(usize::MAX);
    frames.iter().take(events).scan(0, |end, frame| {
        *end += frame.bytes.len() as u64;
        Some(*end)
    })
}

fn by_pieces(pieces: &[Piece], ends: impl Iterator<Item = u64>) -> Option<Vec<Arrival>> {
    let (mut ends, mut came) = (ends.peekable(), 0);
    let with_bytes = pieces.iter().filter(|piece| piece.length > 0);
    let arrivals = with_bytes.map(|piece| {
        came += piece.length;
        let mut events = 0;
        while ends.next_if(|end| *end <= came).is_some() {
            events += 1;
        }
        Some(Arrival { at: piece.at?, bytes: piece.length, events })
    });
    arrivals.collect()
}

/// Frames that follow one another at one time came together.
fn by_frames(frames: &[Frame], events: u64) -> Option<Vec<Arrival>> {
    let mut arrivals: Vec<Arrival> = Vec::new();
    for (number, frame) in (0..).zip(frames) {
        let (at, bytes) = (frame.at?, frame.bytes.len() as u64);
        let event = u64::from(number < events);
        match arrivals.last_mut() {
            Some(last) if last.at == at => {
                last.bytes += bytes;
                last.events += event;
            }
            Some(_) | None => arrivals.push(Arrival { at, bytes, events: event }),
        }
    }
    (!arrivals.is_empty()).then_some(arrivals)
}

/// When the last byte came; unknown where bytes behind the last frame have no
/// time.
pub(super) fn last(response: &RecordedResponse, arrivals: Option<&[Arrival]>) -> Option<Micros> {
    let last = arrivals?.last()?;
    let all: u64 = arrivals?.iter().map(|arrival| arrival.bytes).sum();
    (all == response.body.len() as u64).then_some(last.at)
}
