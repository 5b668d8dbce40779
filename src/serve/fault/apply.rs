//! Faults done to a reply.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::flat::Flat;
use super::frames::{self, Damage};
use super::{At, ErrorAnswer, FaultKind, Part, Place, names};
use crate::serve::handler::{Reply, ReplyBody};

/// What an error says that was given no message.
pub(super) const MESSAGE: &str = "This is a fault that was asked for.";

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("application/vnd.amazon.eventstream");

/// How a body goes on behind its last byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::serve) enum Finish {
    /// It ends.
    Clean,
    /// It breaks, as the reply says and no fault does.
    Cut,
    /// It breaks.
    Break,
    /// The connection is reset.
    Reset,
    /// Nothing comes any more.
    Stall,
}

/// What a fault answers in place of the handler.
#[derive(Debug)]
pub(in crate::serve) enum Made {
    Reply(Box<Reply>),
    /// No head ever comes.
    Stall,
    /// The connection is reset before a head.
    Reset,
}

/// The answer of a fault that answers; `None` of any other.
pub(in crate::serve) fn make(kind: &FaultKind) -> Option<Made> {
    match kind {
        FaultKind::Stall(At::Head) => Some(Made::Stall),
        FaultKind::Reset(At::Head) => Some(Made::Reset),
        FaultKind::Error(answer) => Some(Made::Reply(error(answer).into())),
        FaultKind::JsonBody { body } => Some(Made::Reply(json_body(body.as_ref()).into())),
        FaultKind::Redirect { location, status } => {
            let mut reply = Reply::whole(*status, Bytes::new());
            insert(&mut reply.headers, header::LOCATION, location);
            Some(Made::Reply(reply.into()))
        }
        FaultKind::DelayHead(_)
        | FaultKind::DelayFirstFrame(_)
        | FaultKind::DelayFrames(_)
        | FaultKind::Stall(At::Body(_))
        | FaultKind::Exception { .. }
        | FaultKind::ErrorMessage { .. }
        | FaultKind::PreludeCrc { .. }
        | FaultKind::MessageCrc { .. }
        | FaultKind::Length { .. }
        | FaultKind::HeaderType { .. }
        | FaultKind::Cut { .. }
        | FaultKind::Reset(At::Body(_))
        | FaultKind::Pieces { .. }
        | FaultKind::Clock { .. } => None,
    }
}

fn error(answer: &ErrorAnswer) -> Reply {
    let ErrorAnswer { name, status, message, headers, body } = answer;
    let status = status.or_else(|| names::status(name));
    let message = || json!({ "message": message.as_deref().unwrap_or(MESSAGE) });
    let body = text(&body.clone().unwrap_or_else(message));
    // The check of the fault lets none through without a status.
    let mut reply = Reply::whole(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), body);
    reply.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    insert(&mut reply.headers, header::HeaderName::from_static("x-amzn-errortype"), name);
    for name in headers.keys() {
        reply.headers.remove(name);
    }
    reply.headers.extend(headers.clone());
    reply
}

fn json_body(body: Option<&Value>) -> Reply {
    let message = json!({ "message": MESSAGE });
    let mut reply = Reply::whole(StatusCode::OK, text(body.unwrap_or(&message)));
    reply.headers.insert(header::CONTENT_TYPE, EVENT_STREAM);
    reply
}

/// A string as it is, anything else as JSON.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    // The check of the fault lets none through that is no header's value.
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

/// A reply while faults are chosen for its body and done to it.
pub(in crate::serve) struct BodyFaults {
    flat: Flat,
    /// Where its frames are; `None` of a body that is no event stream.
    frames: Option<Vec<Range<usize>>>,
    /// Where it will end, if not at its end.
    end: Option<usize>,
}

/// Looks at a reply, whose body has the times that it will be played at.
pub(in crate::serve) fn body_faults(reply: &Reply) -> BodyFaults {
    let flat = Flat::new(&reply.body);
    let is_stream = reply.headers.get(header::CONTENT_TYPE) == Some(&EVENT_STREAM);
    let frames = is_stream.then(|| frames::ranges(&flat.bytes));
    BodyFaults { flat, frames, end: None }
}

/// What is done to a reply by all its faults together.
pub(in crate::serve) struct Done {
    pub(in crate::serve) body: ReplyBody,
    pub(in crate::serve) finish: Finish,
    /// The length that the head says, where more bytes were to come.
    pub(in crate::serve) announced: Option<u64>,
}

impl BodyFaults {
    /// Whether the body has the place of a fault. To be asked of the one that
    /// ends it first: behind that end nothing fits.
    pub(in crate::serve) fn fits(&mut self, kind: &FaultKind) -> bool {
        match kind.part() {
            Part::End => {
                self.end = self.end_of(kind);
                self.end.is_some()
            }
            Part::Body => self.fits_before_end(kind),
            Part::Answer | Part::Head | Part::Clock => true,
        }
    }

    fn fits_before_end(&self, kind: &FaultKind) -> bool {
        if let Some((frame, what)) = damage(kind) {
            let Some(range) = self.frame(frame) else { return false };
            let reached = self.end.is_none_or(|end| range.start < end);
            return reached && frames::damage(&mut self.flat.bytes[range].to_vec(), what).is_some();
        }
        let length = self.end.unwrap_or(self.flat.bytes.len());
        match kind {
            FaultKind::DelayFrames(_) => self.starts().any(|start| 0 < start && start < length),
            _ => length > 0,
        }
    }

    /// Does faults that all fit.
    pub(in crate::serve) fn apply<'f>(
        mut self,
        kinds: impl Iterator<Item = &'f FaultKind> + Clone,
        cut: bool,
    ) -> Done {
        let whole = self.flat.bytes.len();
        for kind in kinds.clone() {
            self.damage(kind);
        }
        for kind in kinds.clone() {
            self.delay(kind);
        }
        let finish = kinds.clone().find_map(|kind| self.finish(kind));
        for kind in kinds {
            if let FaultKind::Pieces { size } = kind {
                self.flat.cut_into(*size);
            }
        }
        let finish = finish.unwrap_or(if cut { Finish::Cut } else { Finish::Clean });
        let is_short = self.flat.has_length && self.flat.bytes.len() < whole;
        let announced = match finish {
            Finish::Break | Finish::Reset | Finish::Stall => is_short.then_some(whole as u64),
            Finish::Clean | Finish::Cut => None,
        };
        Done { body: self.flat.into_body(), finish, announced }
    }

    fn damage(&mut self, kind: &FaultKind) {
        if let Some((frame, what)) = damage(kind)
            && let Some(range) = self.frame(frame)
        {
            // That it can be done was found out before.
            let _ = frames::damage(&mut self.flat.bytes[range], what);
        }
    }

    fn delay(&mut self, kind: &FaultKind) {
        match kind {
            FaultKind::DelayFirstFrame(by) => self.flat.delay([0].into_iter(), *by),
            FaultKind::DelayFrames(by) => {
                let starts: Vec<_> = self.starts().skip(1).collect();
                self.flat.delay(starts.into_iter(), *by);
            }
            _ => {}
        }
    }

    fn finish(&mut self, kind: &FaultKind) -> Option<Finish> {
        if kind.part() != Part::End {
            return None;
        }
        let end = self.end?;
        let at = self.flat.at(end);
        self.flat.truncate(end);
        let frame = match kind {
            FaultKind::Exception { name, message, .. } => {
                frames::exception(&names::member_form(name), message.as_deref())
            }
            FaultKind::ErrorMessage { code, message, .. } => {
                frames::error_message(code, message.as_deref())
            }
            FaultKind::Stall(_) => return Some(Finish::Stall),
            FaultKind::Reset(_) => return Some(Finish::Reset),
            FaultKind::Cut { clean: false, .. } => return Some(Finish::Break),
            _ => return Some(Finish::Clean),
        };
        // The check of the fault encoded it once.
        if let Ok(message) = frame {
            self.flat.push(at, message.frame());
        }
        Some(Finish::Clean)
    }

    fn end_of(&self, kind: &FaultKind) -> Option<usize> {
        match kind {
            FaultKind::Exception { place, .. } | FaultKind::ErrorMessage { place, .. } => {
                self.frames.as_ref()?;
                self.position(place.as_ref())
            }
            FaultKind::Reset(At::Body(None)) => Some(0),
            FaultKind::Cut { place, .. }
            | FaultKind::Stall(At::Body(place))
            | FaultKind::Reset(At::Body(place)) => self.position(place.as_ref()),
            _ => None,
        }
    }

    fn position(&self, place: Option<&Place>) -> Option<usize> {
        let length = self.flat.bytes.len();
        match place {
            None => Some(self.before("messageStop").unwrap_or_else(|| self.before_last())),
            Some(Place::Frame { index, offset }) => {
                let range = self.frame(*index)?;
                let offset = usize::try_from(*offset).ok()?;
                (offset < range.len()).then_some(range.start + offset)
            }
            Some(Place::Byte(byte)) => usize::try_from(*byte).ok().filter(|byte| *byte <= length),
            Some(Place::Before(event_type)) => self.before(event_type),
        }
    }

    fn before(&self, event_type: &str) -> Option<usize> {
        let is_it = |range: &&Range<usize>| {
            frames::is_event(&self.flat.bytes[range.start..range.end], event_type)
        };
        self.frames.as_ref()?.iter().find(is_it).map(|range| range.start)
    }

    fn before_last(&self) -> usize {
        let frame = self.frames.as_ref().and_then(|frames| frames.last());
        frame.map_or(self.flat.bytes.len().saturating_sub(1), |range| range.start)
    }

    fn frame(&self, index: u64) -> Option<Range<usize>> {
        self.frames.as_ref()?.get(usize::try_from(index).ok()?).cloned()
    }

    /// Where its frames start.
    fn starts(&self) -> impl Iterator<Item = usize> {
        self.frames.iter().flatten().map(|range| range.start)
    }
}

/// Which frame a fault damages, and how.
fn damage(kind: &FaultKind) -> Option<(u64, Damage)> {
    match kind {
        FaultKind::PreludeCrc { frame } => Some((*frame, Damage::PreludeCrc)),
        FaultKind::MessageCrc { frame } => Some((*frame, Damage::MessageCrc)),
        FaultKind::Length { frame, value } => Some((*frame, Damage::Length(*value))),
        FaultKind::HeaderType { frame } => Some((*frame, Damage::HeaderType)),
        FaultKind::DelayHead(_)
        | FaultKind::DelayFirstFrame(_)
        | FaultKind::DelayFrames(_)
        | FaultKind::Stall(_)
        | FaultKind::Error(_)
        | FaultKind::Exception { .. }
        | FaultKind::ErrorMessage { .. }
        | FaultKind::Cut { .. }
        | FaultKind::Reset(_)
        | FaultKind::Pieces { .. }
        | FaultKind::JsonBody { .. }
        | FaultKind::Clock { .. }
        | FaultKind::Redirect { .. } => None,
    }
}

/// How much later the head comes.
pub(in crate::serve) fn head_delay<'f>(kinds: impl Iterator<Item = &'f FaultKind>) -> Duration {
    let delay = |kind: &FaultKind| match kind {
        FaultKind::DelayHead(by) => *by,
        _ => Duration::ZERO,
    };
    kinds.map(delay).fold(Duration::ZERO, Duration::saturating_add)
}
