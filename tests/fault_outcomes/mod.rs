//! What our client makes of each fault: one row for each, and no rule that
//! holds for those that are not named.
#![allow(unreachable_pub, reason = "for the test beside it")]

use std::fmt;
use std::time::Duration;

use bedrock_wire::client::{
    Deadline, Ending, Error, ErrorKind, Interruption, TransportError, TransportErrorKind,
};
use bedrock_wire::eventstream;
use bedrock_wire::fault::Repeat;
use bedrock_wire::stream::{StreamError, StreamErrorKind};

/// What is expected under a fault, over every version of HTTP.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its name in `tests/clients/faults.json`.
    pub fault: &'static str,
    /// How a call ends without retries.
    pub off: Ends<'static>,
    /// How a call ends with default retries and a fault that comes but once.
    /// (Where it is there for ever it ends with them as it does without.)
    pub once: Ends<'static>,
    /// How many requests the server has in each of the modes: without retries,
    /// with them, with them and the fault once.
    pub tries: [usize; 3],
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends<'e> {
    /// With all events and no error.
    Whole,
    /// With no error and all events but the last, which is behind
    /// `messageStop`: the answer is complete, what it cost was not told.
    WithoutMetadata,
    /// With an error.
    Fails(Failure<'e>),
}

/// An error, by all that a caller can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure<'e> {
    pub kind: ErrorKind,
    pub how: How<'e>,
    pub repeat: Repeat,
    /// How many events were given before it.
    pub events: usize,
}

/// What an error is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How<'e> {
    /// The connection broke before there was a head.
    NoAnswer,
    /// This deadline passed.
    Late(Deadline),
    /// The connection broke in the stream.
    Broken,
    /// The stream ended in order, but within a frame.
    CutInFrame,
    /// The stream ended in order, but before `messageStop`.
    NoMessageStop,
    /// A checksum, a length or a header is wrong.
    Corrupt(Damage),
    /// An exception or an error in the stream, by its name.
    Exception(&'e str),
    /// An error in place of the stream: its status, and its name if it has one.
    Answer(u16, Option<&'e str>),
}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    PreludeCrc,
    MessageCrc,
    TooLong,
    TooShort,
    HeaderType,
}

/// As the text of the fixture has it: 29 frames, of which the last two are
/// `messageStop` and `metadata`.
pub const EVENTS: usize = 29;
const STOP: usize = EVENTS - 2;
const METADATA: usize = EVENTS - 1;

const AT_ONCE: Repeat = Repeat::After(Duration::ZERO);

const fn whole(fault: &'static str) -> Row {
    Row { fault, off: Ends::Whole, once: Ends::Whole, tries: [1; 3] }
}

/// Something that is not sent again.
const fn fails(
    fault: &'static str,
    kind: ErrorKind,
    how: How<'static>,
    repeat: Repeat,
    events: usize,
) -> Row {
    let ends = Ends::Fails(Failure { kind, how, repeat, events });
    Row { fault, off: ends, once: ends, tries: [1; 3] }
}

/// Something that may go well the next time, and of which nothing was given
/// out.
const fn retried(fault: &'static str, kind: ErrorKind, how: How<'static>, repeat: Repeat) -> Row {
    let off = Ends::Fails(Failure { kind, how, repeat, events: 0 });
    Row { fault, off, once: Ends::Whole, tries: [1, 3, 2] }
}

/// A connection that breaks in the stream, behind this many events.
const fn broken(fault: &'static str, events: usize) -> Row {
    fails(fault, ErrorKind::Incomplete, How::Broken, Repeat::CostsAgain, events)
}

/// The same before the first event.
const fn broken_first(fault: &'static str) -> Row {
    retried(fault, ErrorKind::Incomplete, How::Broken, Repeat::CostsAgain)
}

/// A stream that ends in order, but too soon.
const fn cut(fault: &'static str, how: How<'static>, events: usize) -> Row {
    fails(fault, ErrorKind::Incomplete, how, Repeat::CostsAgain, events)
}

/// The same before the first event.
const fn cut_first(fault: &'static str, how: How<'static>) -> Row {
    retried(fault, ErrorKind::Incomplete, how, Repeat::CostsAgain)
}

const fn corrupt(fault: &'static str, damage: Damage, repeat: Repeat, events: usize) -> Row {
    fails(fault, ErrorKind::Corrupt, How::Corrupt(damage), repeat, events)
}

/// An answer that is an error and stays one.
const fn refused(fault: &'static str, kind: ErrorKind, status: u16, name: &'static str) -> Row {
    fails(fault, kind, How::Answer(status, Some(name)), Repeat::No, 0)
}

/// An answer that is an error and may be none the next time.
const fn refused_now(fault: &'static str, kind: ErrorKind, status: u16, name: &'static str) -> Row {
    retried(fault, kind, How::Answer(status, Some(name)), AT_ONCE)
}

/// A clock of the service's that is off. The client goes by it and signs anew,
/// whatever its retries; where that clock is right again by then the signature
/// is not taken a second time.
const fn clock(fault: &'static str, kind: ErrorKind) -> Row {
    let how = How::Answer(403, Some("InvalidSignatureException"));
    let once = Ends::Fails(Failure { kind, how, repeat: Repeat::No, events: 0 });
    Row { fault, off: Ends::Whole, once, tries: [2; 3] }
}

use Damage::{HeaderType, MessageCrc, PreludeCrc, TooLong, TooShort};
use ErrorKind::{
    Auth, ClockSkew, ModelNotReady, ModelTimeout, Network, Service, SignatureExpired, Throttled,
    Timeout, Validation,
};
use How::{Answer, CutInFrame, Exception, Late, NoAnswer, NoMessageStop};
use Repeat::{CostsAgain, No};

/// One row for each fault, in the order of `faults.json`.
pub static TABLE: [Row; 65] = [
    whole("no fault"),
    whole("delay: head"),
    whole("delay: first frame"),
    whole("delay: between frames"),
    whole("pieces of 1 byte"),
    whole("pieces of 13 bytes"),
    retried("stall: head", Timeout, Late(Deadline::Head), CostsAgain),
    retried("stall: before the first frame", Timeout, Late(Deadline::FirstEvent), CostsAgain),
    fails("stall: inside frame 3", Timeout, Late(Deadline::BetweenEvents), CostsAgain, 3),
    fails("stall: before messageStop", Timeout, Late(Deadline::BetweenEvents), CostsAgain, STOP),
    cut_first("cut, clean: before the first byte", NoMessageStop),
    cut_first("cut, clean: after 3 bytes", CutInFrame),
    cut_first("cut, clean: after 12 bytes", CutInFrame),
    cut("cut, clean: after 12 bytes of frame 3", CutInFrame, 3),
    cut("cut, clean: inside frame 3", CutInFrame, 3),
    cut("cut, clean: between frames 2 and 3", NoMessageStop, 3),
    cut("cut, clean: before messageStop", NoMessageStop, STOP),
    Row {
        fault: "cut, clean: before metadata",
        off: Ends::WithoutMetadata,
        once: Ends::WithoutMetadata,
        tries: [1; 3],
    },
    broken_first("cut, breaking: before the first byte"),
    broken_first("cut, breaking: after 3 bytes"),
    broken_first("cut, breaking: after 12 bytes"),
    broken("cut, breaking: after 12 bytes of frame 3", 3),
    broken("cut, breaking: inside frame 3", 3),
    broken("cut, breaking: between frames 2 and 3", 3),
    broken("cut, breaking: before messageStop", STOP),
    broken("cut, breaking: before metadata", METADATA),
    retried("reset: head", Network, NoAnswer, CostsAgain),
    broken_first("reset: before the first frame"),
    broken("reset: inside frame 3", 3),
    broken("reset: before messageStop", STOP),
    // Without a sound message before it, it speaks no event stream.
    corrupt("prelude CRC of frame 0", PreludeCrc, No, 0),
    corrupt("prelude CRC of frame 3", PreludeCrc, CostsAgain, 3),
    retried("message CRC of frame 0", ErrorKind::Corrupt, How::Corrupt(MessageCrc), CostsAgain),
    corrupt("message CRC of frame 3", MessageCrc, CostsAgain, 3),
    // What passes its checksums was sent so, and would be the next time.
    corrupt("length of frame 3: 4 GiB", TooLong, No, 3),
    corrupt("length of frame 3: 15", TooShort, No, 3),
    // As long as this a frame may be: all that is behind it is part of it.
    cut("length of frame 3: 100,000", CutInFrame, 3),
    corrupt("header type above 9 in frame 0", HeaderType, No, 0),
    corrupt("header type above 9 in frame 3", HeaderType, No, 3),
    corrupt("JSON under the event stream's type", PreludeCrc, No, 0),
    fails("error message: first", Service, Exception("InternalError"), No, 0),
    fails("error message: before messageStop", Service, Exception("InternalError"), No, STOP),
    retried(
        "exception first: internalServer",
        Service,
        Exception("internalServerException"),
        AT_ONCE,
    ),
    fails(
        "exception first: modelStreamError",
        Service,
        Exception("modelStreamErrorException"),
        No,
        0,
    ),
    retried(
        "exception first: serviceUnavailable",
        Service,
        Exception("serviceUnavailableException"),
        AT_ONCE,
    ),
    retried("exception first: throttling", Throttled, Exception("throttlingException"), AT_ONCE),
    fails("exception first: validation", Validation, Exception("validationException"), No, 0),
    fails(
        "exception late: internalServer",
        Service,
        Exception("internalServerException"),
        CostsAgain,
        STOP,
    ),
    fails(
        "exception late: modelStreamError",
        Service,
        Exception("modelStreamErrorException"),
        No,
        STOP,
    ),
    fails(
        "exception late: serviceUnavailable",
        Service,
        Exception("serviceUnavailableException"),
        CostsAgain,
        STOP,
    ),
    fails(
        "exception late: throttling",
        Throttled,
        Exception("throttlingException"),
        CostsAgain,
        STOP,
    ),
    fails("exception late: validation", Validation, Exception("validationException"), No, STOP),
    refused("400 ValidationException", Validation, 400, "ValidationException"),
    refused("403 AccessDeniedException", Auth, 403, "AccessDeniedException"),
    refused("404 ResourceNotFoundException", Service, 404, "ResourceNotFoundException"),
    refused("408 ModelTimeoutException", ModelTimeout, 408, "ModelTimeoutException"),
    refused("424 ModelErrorException", Service, 424, "ModelErrorException"),
    refused_now("429 ModelNotReadyException", ModelNotReady, 429, "ModelNotReadyException"),
    refused_now("429 ThrottlingException", Throttled, 429, "ThrottlingException"),
    refused_now("500 InternalServerException", Service, 500, "InternalServerException"),
    refused_now("503 ServiceUnavailableException", Service, 503, "ServiceUnavailableException"),
    // Its name is in a header alone; of what is no name of the service's the
    // status tells the kind.
    refused_now("502 in HTML, no name", Service, 502, "BadGateway"),
    fails("redirect (307)", Service, Answer(307, None), No, 0),
    clock("clock 10 minutes fast", ClockSkew),
    clock("clock 10 minutes slow", SignatureExpired),
];

impl<'e> How<'e> {
    /// Of an error that the client gave.
    pub fn of(error: &'e Error) -> Self {
        if let Some(passed) = error.deadline() {
            return How::Late(passed.which);
        }
        if let Some(service) = error.service_error() {
            let name = service.name.as_deref();
            return match (error.interruption(), name) {
                (Some(_), Some(name)) => How::Exception(name),
                (None, name) => How::Answer(service.status, name),
                (Some(_), None) => panic!("an exception without a name: {error}"),
            };
        }
        match error {
            Error::Transport(TransportError { kind: TransportErrorKind::Broken, .. }) => {
                How::NoAnswer
            }
            Error::Stream(how) => match how.as_ref() {
                Interruption::Stream(error) => Self::of_stream(error),
                Interruption::Transport { error, .. }
                    if error.kind == TransportErrorKind::Broken =>
                {
                    How::Broken
                }
                other => panic!("no fault does this: {other:?}"),
            },
            other => panic!("no fault does this: {other:?}"),
        }
    }

    fn of_stream(error: &StreamError) -> Self {
        match &error.kind {
            StreamErrorKind::Cut { .. } => How::CutInFrame,
            StreamErrorKind::NoMessageStop => How::NoMessageStop,
            StreamErrorKind::Corrupt(error) => How::Corrupt(match error.kind() {
                eventstream::ErrorKind::PreludeCrcMismatch { .. } => Damage::PreludeCrc,
                eventstream::ErrorKind::MessageCrcMismatch { .. } => Damage::MessageCrc,
                eventstream::ErrorKind::TooLong { .. } => Damage::TooLong,
                eventstream::ErrorKind::LengthTooSmall { .. } => Damage::TooShort,
                eventstream::ErrorKind::UnknownHeaderType { .. } => Damage::HeaderType,
                other => panic!("no fault does this: {other:?}"),
            }),
            other => panic!("no fault does this: {other:?}"),
        }
    }

    /// Which way a stream ended; none where there was no stream.
    pub fn ending(self) -> Option<Ending> {
        match self {
            How::NoAnswer | How::Answer(..) | How::Late(Deadline::Head) => None,
            How::Late(_) => Some(Ending::Stalled),
            How::Broken | How::CutInFrame | How::NoMessageStop => Some(Ending::Cut),
            How::Corrupt(_) => Some(Ending::Corrupt),
            How::Exception(_) => Some(Ending::Exception),
        }
    }
}

/// The kind, and what more there is to say.
impl fmt::Display for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.how {
            How::NoAnswer | How::Broken => write!(f, "{:?}", self.kind),
            How::Late(deadline) => write!(f, "{:?}: {deadline:?}", self.kind),
            How::CutInFrame | How::NoMessageStop => {
                write!(f, "{:?}: {:?}", self.kind, self.how)
            }
            How::Corrupt(damage) => write!(f, "{:?}: {damage:?}", self.kind),
            How::Exception(name) | How::Answer(_, Some(name)) => {
                write!(f, "{:?}: {name}", self.kind)
            }
            How::Answer(status, None) => write!(f, "{:?}: HTTP {status}", self.kind),
        }
    }
}
