//! Faults done to a reply.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::flat::Flat;
use super::frames::{self, Damage};
use super::part::{Change, How, Instead, Part, Where};
use super::{ErrorAnswer, Fault, FaultKind, Place, names};
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
    let instead = match kind.part() {
        Part::Answer(instead) => instead,
        Part::Clock(_) | Part::Head(_) | Part::End(..) | Part::Body(_) => return None,
    };
    Some(match instead {
        Instead::Stall => Made::Stall,
        Instead::Reset => Made::Reset,
        Instead::Error(answer) => Made::Reply(error(answer).into()),
        Instead::JsonBody(body) => Made::Reply(json_body(body).into()),
        Instead::Redirect(location, status) => Made::Reply(redirect(location, status).into()),
    })
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

fn redirect(location: &str, status: StatusCode) -> Reply {
    let mut reply = Reply::whole(status, Bytes::new());
    insert(&mut reply.headers, header::LOCATION, location);
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
    /// Where each fault of the body has its place, if it has one.
    places: Vec<(Arc<Fault>, Option<usize>)>,
    /// Where it will end, if not at its end.
    end: Option<usize>,
}

/// Looks at a reply, whose body has the times that it will be played at, for
/// these faults: all that takes time and memory is done here.
pub(in crate::serve) fn body_faults(reply: &Reply, faults: Vec<Arc<Fault>>) -> BodyFaults {
    let flat = Flat::new(&reply.body);
    let is_stream = reply.headers.get(header::CONTENT_TYPE) == Some(&EVENT_STREAM);
    let frames = is_stream.then(|| frames::ranges(&flat.bytes));
    let mut body = BodyFaults { flat, frames, places: Vec::new(), end: None };
    let places: Vec<_> = faults
        .into_iter()
        .map(|fault| {
            let place = body.place(&fault.kind);
            (fault, place)
        })
        .collect();
    body.places = places;
    body
}

/// Whether what a fault does depends on the body.
pub(in crate::serve) fn is_of_body(kind: &FaultKind) -> bool {
    match kind.part() {
        Part::End(..) | Part::Body(_) => true,
        Part::Clock(_) | Part::Head(_) | Part::Answer(_) => false,
    }
}

/// What is done to a reply by all its faults together.
pub(in crate::serve) struct Done {
    pub(in crate::serve) body: ReplyBody,
    pub(in crate::serve) finish: Finish,
    /// The length that the head says, where more bytes were to come.
    pub(in crate::serve) announced: Option<u64>,
    /// The size of the pieces that the body goes out in, where a fault says it.
    pub(in crate::serve) piece: Option<usize>,
}

impl BodyFaults {
    /// Whether the body has the place of a fault of the body that it was made
    /// for; of any other not. To be asked of the one that ends it first: behind
    /// that end nothing fits.
    pub(in crate::serve) fn fits(&mut self, fault: &Arc<Fault>) -> bool {
        let known = self.places.iter().find(|(known, _)| Arc::ptr_eq(known, fault));
        let Some(place) = known.and_then(|(_, place)| *place) else { return false };
        match fault.kind.part() {
            Part::End(..) => self.end = Some(place),
            Part::Body(_) => return place < self.end.unwrap_or(self.flat.bytes.len()),
            Part::Clock(_) | Part::Head(_) | Part::Answer(_) => return false,
        }
        true
    }

    /// Where a fault of the body ends it, or the first byte that it changes.
    fn place(&self, kind: &FaultKind) -> Option<usize> {
        match kind.part() {
            Part::Clock(_) | Part::Head(_) | Part::Answer(_) => None,
            Part::End(place, how) => {
                let is_frame = matches!(how, How::Exception(..) | How::ErrorMessage(..));
                let has_place = self.frames.is_some() || !is_frame;
                if has_place { self.position(&place) } else { None }
            }
            Part::Body(Change::DelayFirst(_) | Change::Pieces(_)) => Some(0),
            Part::Body(Change::DelayFrames(_)) => self.later_frames().next(),
            Part::Body(Change::Damage(frame, damage)) => {
                let range = self.frame(frame)?;
                let start = range.start;
                frames::damage(&mut self.flat.bytes[range].to_vec(), damage).map(|()| start)
            }
        }
    }

    /// Does faults that all fit, whatever their order: damage first, and the end
    /// last.
    pub(in crate::serve) fn apply<'f>(
        mut self,
        kinds: impl Iterator<Item = &'f FaultKind>,
        cut: bool,
    ) -> Done {
        let whole = self.flat.bytes.len();
        let (mut finish, mut piece) = (if cut { Finish::Cut } else { Finish::Clean }, None);
        let parts: Vec<_> = kinds.map(FaultKind::part).collect();
        for part in &parts {
            match part {
                Part::Clock(_) | Part::Head(_) | Part::Answer(_) | Part::End(..) => {}
                Part::Body(Change::Pieces(bytes)) => piece = Some(*bytes),
                Part::Body(Change::Damage(frame, damage)) => self.damage(*frame, *damage),
                Part::Body(Change::DelayFirst(by)) => self.flat.delay([0].into_iter(), *by),
                Part::Body(Change::DelayFrames(by)) => {
                    let starts: Vec<_> = self.later_frames().collect();
                    self.flat.delay(starts.into_iter(), *by);
                }
            }
        }
        for part in &parts {
            if let (Part::End(_, how), Some(end)) = (part, self.end) {
                finish = self.finish(how, end);
            }
        }
        let is_short = self.flat.has_length && self.flat.bytes.len() < whole;
        let announced = match finish {
            Finish::Break | Finish::Reset | Finish::Stall => is_short.then_some(whole as u64),
            Finish::Clean | Finish::Cut => None,
        };
        Done { body: self.flat.into_body(), finish, announced, piece }
    }

    fn damage(&mut self, frame: u64, damage: Damage) {
        if let Some(range) = self.frame(frame) {
            // That it can be done was found out before.
            let _ = frames::damage(&mut self.flat.bytes[range], damage);
        }
    }

    fn finish(&mut self, how: &How<'_>, end: usize) -> Finish {
        let at = self.flat.at(end);
        self.flat.truncate(end);
        let frame = match *how {
            How::Clean => return Finish::Clean,
            How::Break => return Finish::Break,
            How::Reset => return Finish::Reset,
            How::Stall => return Finish::Stall,
            How::Exception(name, message) => frames::exception(&names::member_form(name), message),
            How::ErrorMessage(code, message) => frames::error_message(code, message),
        };
        // The check of the fault encoded it once.
        if let Ok(message) = frame {
            self.flat.push(at, message.frame());
        }
        Finish::Clean
    }

    fn position(&self, place: &Where<'_>) -> Option<usize> {
        let length = self.flat.bytes.len();
        match place {
            Where::First => Some(0),
            Where::Stop => Some(self.before("messageStop").unwrap_or_else(|| self.before_last())),
            Where::At(Place::Frame { index, offset }) => {
                let range = self.frame(*index)?;
                let offset = usize::try_from(*offset).ok()?;
                (offset < range.len()).then_some(range.start + offset)
            }
            Where::At(Place::Byte(byte)) => {
                usize::try_from(*byte).ok().filter(|byte| *byte <= length)
            }
            Where::At(Place::Before(event_type)) => self.before(event_type),
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

    /// Where all its frames but the first start.
    fn later_frames(&self) -> impl Iterator<Item = usize> {
        self.frames.iter().flatten().skip(1).map(|range| range.start)
    }
}

/// By how many seconds the clock is off.
pub(in crate::serve) fn clock<'f>(kinds: impl Iterator<Item = &'f FaultKind>) -> i64 {
    let seconds = |kind: &'f FaultKind| match kind.part() {
        Part::Clock(seconds) => seconds,
        Part::Head(_) | Part::Answer(_) | Part::End(..) | Part::Body(_) => 0,
    };
    kinds.map(seconds).fold(0, i64::saturating_add)
}

/// How much later the head comes.
pub(in crate::serve) fn head_delay<'f>(kinds: impl Iterator<Item = &'f FaultKind>) -> Duration {
    let delay = |kind: &'f FaultKind| match kind.part() {
        Part::Head(by) => by,
        Part::Clock(_) | Part::Answer(_) | Part::End(..) | Part::Body(_) => Duration::ZERO,
    };
    kinds.map(delay).fold(Duration::ZERO, Duration::saturating_add)
}
