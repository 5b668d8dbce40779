//! Faults: what goes wrong on purpose, for which requests, and where.

mod apply;
mod error;
mod flat;
mod frames;
mod members;
mod names;
mod part;
mod read;
mod select;
mod write;

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::operation::Operation;

pub(super) use apply::{
    BodyFaults, Done, Finish, Made, body_faults, clock, head_delay, is_of_body, make,
};
pub use error::FaultError;
pub use read::read_faults;
pub use select::AppliedFault;
pub(super) use select::{Faults, Stage};

/// Something that goes wrong on purpose.
///
/// It says which requests it is for (operation, model, tape), which of them it
/// takes (skip, times, rate), and what it does to the answer. It is written as a
/// JSON object, or in short as `kind,key=value,...`:
///
/// ```
/// use bedrock_wire::serve::{Fault, FaultKind, Place};
///
/// let short: Fault = "cut,frame=3,times=1".parse()?;
/// let json: Fault = r#"{"fault":"cut","frame":3,"times":1}"#.parse()?;
/// let place = Some(Place::frame(3));
/// let built = Fault::new(FaultKind::Cut { place, clean: false }).times(1);
/// assert_eq!((&short, &json), (&built, &built));
/// # Ok::<(), bedrock_wire::serve::FaultError>(())
/// ```
///
/// - One fault answers a request, or ends its body: the first in the list that
///   answers, or else the first that ends it. Any other waits for the next
///   request, so that `error,times=1` and `cut,frame=3,times=1` are for two.
/// - A fault that answers ([`Error`](FaultKind::Error),
///   [`Redirect`](FaultKind::Redirect), [`JsonBody`](FaultKind::JsonBody), and
///   [`Stall`](FaultKind::Stall) and [`Reset`](FaultKind::Reset) at the head)
///   keeps the handler from being asked, so that no tape is played; unless it is
///   for a tape, which then has been. To its answer only
///   [`DelayHead`](FaultKind::DelayHead) is done.
/// - Requests that are turned away, and those that no tape answers, are left
///   alone: they say what is wrong with the caller, or with the tapes. Only a
///   [`Clock`](FaultKind::Clock) comes before that.
/// - Of a body that comes from elsewhere
///   ([`Answer::Live`](super::Answer::Live)) only the head takes faults, and of
///   them `DelayHead` alone once the handler was asked.
/// - A fault whose place is not in the body is not applied, nor counted as such.
/// - Delays are real time, whatever the [`Speed`](super::Speed) of the answer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fault {
    /// What it does.
    pub kind: FaultKind,
    /// The operation it is for; every one if `None`.
    pub operation: Option<Operation>,
    /// The model it is for, by the id or ARN in the request's path (for other
    /// operations what their path names); every one if `None`.
    pub model: Option<String>,
    /// The tape it is for: its name, in which `*` stands for any characters.
    /// Every answer, of a tape or not, if `None`.
    pub tape: Option<String>,
    /// How many matching requests are left alone first.
    pub skip: u64,
    /// To how many requests it is applied; to all if `None`.
    pub times: Option<u64>,
    /// To which part of the matching requests; to all if `None`.
    pub rate: Option<Rate>,
}

/// A part of the matching requests, chosen at random and yet always the same
/// ones: by the seed and by how many have matched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// How large a part, from 0 to 1.
    pub rate: f64,
    /// Which ones.
    pub seed: u64,
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The head comes this much later.
    DelayHead(Duration),
    /// The body comes this much later behind the head.
    DelayFirstFrame(Duration),
    /// Between every two frames it takes this much longer.
    DelayFrames(Duration),
    /// Nothing more comes, for ever, and the connection stays open.
    Stall(At),
    /// An error in place of the answer.
    Error(ErrorAnswer),
    /// An exception frame, and then the body ends as if whole.
    Exception {
        /// Its `:exception-type`, such as `throttlingException`. Sent with a
        /// small first letter, as the service does.
        name: String,
        /// The message in its payload.
        message: Option<String>,
        /// Where; before `messageStop` if `None`.
        place: Option<Place>,
    },
    /// A frame of the `:message-type` `error`, and then the body ends as if
    /// whole.
    ErrorMessage {
        /// Its `:error-code`.
        code: String,
        /// Its `:error-message`, which may be missing.
        message: Option<String>,
        /// Where; before `messageStop` if `None`.
        place: Option<Place>,
    },
    /// The checksum of a frame's prelude is wrong.
    PreludeCrc {
        /// Which frame, counted from 0.
        frame: u64,
    },
    /// The checksum of a frame is wrong.
    MessageCrc {
        /// Which frame, counted from 0.
        frame: u64,
    },
    /// The total length of a frame is wrong, and its checksums are right.
    Length {
        /// Which frame, counted from 0.
        frame: u64,
        /// The length that it says.
        value: u32,
    },
    /// The first header of a frame has a value type above 9, and its checksums
    /// are right.
    HeaderType {
        /// Which frame, counted from 0.
        frame: u64,
    },
    /// No more bytes come.
    Cut {
        /// Where; before `messageStop` if `None`.
        place: Option<Place>,
        /// Whether the body ends as if whole. Otherwise the connection breaks:
        /// HTTP/1.1 is closed before the last chunk, an HTTP/2 stream reset.
        clean: bool,
    },
    /// The connection is reset: by a TCP RST over HTTP/1.1, by `RST_STREAM`
    /// over HTTP/2. What comes before it was handed to the system; a client's
    /// system may throw away what it has not read by then (Linux keeps it).
    Reset(At),
    /// The body goes out in pieces of this size.
    Pieces {
        /// Bytes, at least 1.
        size: usize,
    },
    /// A JSON body under the content type of event streams, in place of the
    /// answer.
    JsonBody {
        /// The body; an object with a message if `None`.
        body: Option<Value>,
    },
    /// The server's clock is off for the request: in the check of its
    /// signature, and in the `date` of the answer.
    Clock {
        /// By how many seconds; below 0 the clock is late.
        seconds: i64,
    },
    /// A redirect in place of the answer.
    Redirect {
        /// Where to.
        location: String,
        /// The status, from 300 to 399.
        status: StatusCode,
    },
}

/// The error of [`FaultKind::Error`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ErrorAnswer {
    /// Its name, which `x-amzn-errortype` says.
    pub name: String,
    /// Its status; what the service model has for the name if `None`.
    pub status: Option<StatusCode>,
    /// The message in its body.
    pub message: Option<String>,
    /// Headers that go before those that it has by itself.
    pub headers: HeaderMap,
    /// The body, in place of the message: a string is sent as it is, any other
    /// value as JSON.
    pub body: Option<Value>,
}

impl ErrorAnswer {
    /// An error of this name, with the status that the service model has for
    /// it.
    pub fn new(name: impl Into<String>) -> Self {
        let headers = HeaderMap::new();
        ErrorAnswer { name: name.into(), status: None, message: None, headers, body: None }
    }
}

/// Before the head, or in the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// In place of the head.
    Head,
    /// In the body; `None` is before `messageStop` for a stall, and before the
    /// first byte for a reset.
    Body(Option<Place>),
}

/// A place in a body.
///
/// Where none is given and there is no `messageStop`, it is before the last
/// frame, or before the last byte of a body that is no event stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In an event stream before a frame, counted from 0, or inside it.
    Frame {
        /// Which frame.
        index: u64,
        /// How many bytes of it come, fewer than it has.
        offset: u64,
    },
    /// Behind so many bytes of the body.
    Byte(u64),
    /// In an event stream before the first frame of this `:event-type`.
    Before(String),
}

impl Place {
    /// Before a frame, counted from 0.
    pub fn frame(index: u64) -> Self {
        Place::Frame { index, offset: 0 }
    }
}

impl Fault {
    /// A fault for every request.
    pub fn new(kind: FaultKind) -> Self {
        Fault { kind, operation: None, model: None, tape: None, skip: 0, times: None, rate: None }
    }

    /// For this operation alone.
    #[must_use]
    pub fn operation(self, operation: Operation) -> Self {
        Self { operation: Some(operation), ..self }
    }

    /// For this model alone.
    #[must_use]
    pub fn model(self, model: impl Into<String>) -> Self {
        Self { model: Some(model.into()), ..self }
    }

    /// For the tapes of this name alone, in which `*` stands for any characters.
    #[must_use]
    pub fn tape(self, name: impl Into<String>) -> Self {
        Self { tape: Some(name.into()), ..self }
    }

    /// Leaves so many matching requests alone first.
    #[must_use]
    pub fn skip(self, requests: u64) -> Self {
        Self { skip: requests, ..self }
    }

    /// For so many requests alone.
    #[must_use]
    pub fn times(self, requests: u64) -> Self {
        Self { times: Some(requests), ..self }
    }

    /// For a part of the matching requests alone, from 0 to 1, that the seed
    /// chooses.
    #[must_use]
    pub fn rate(self, rate: f64, seed: u64) -> Self {
        Self { rate: Some(Rate { rate, seed }), ..self }
    }

    /// Whether it can be done.
    ///
    /// # Errors
    /// What is wrong with which member, and how to mend it.
    pub fn check(&self) -> Result<(), FaultError> {
        read::check(self)
    }
}

impl FaultKind {
    /// Its name, as in JSON and on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            FaultKind::DelayHead(_) => "delay_head",
            FaultKind::DelayFirstFrame(_) => "delay_first_frame",
            FaultKind::DelayFrames(_) => "delay_frames",
            FaultKind::Stall(_) => "stall",
            FaultKind::Error(_) => "error",
            FaultKind::Exception { .. } => "exception",
            FaultKind::ErrorMessage { .. } => "error_message",
            FaultKind::PreludeCrc { .. } => "prelude_crc",
            FaultKind::MessageCrc { .. } => "message_crc",
            FaultKind::Length { .. } => "length",
            FaultKind::HeaderType { .. } => "header_type",
            FaultKind::Cut { .. } => "cut",
            FaultKind::Reset(_) => "reset",
            FaultKind::Pieces { .. } => "pieces",
            FaultKind::JsonBody { .. } => "json_body",
            FaultKind::Clock { .. } => "clock",
            FaultKind::Redirect { .. } => "redirect",
        }
    }
}
