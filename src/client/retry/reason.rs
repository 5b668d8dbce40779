//! Whether sending again may help.

use crate::client::broken::Interruption;
use crate::client::error::Error;
use crate::client::transport::{TransportError, TransportErrorKind};
use crate::fault::{Repeat, ServiceError, ServiceErrorKind};
use crate::operation::AnswerError;
use crate::stream::StreamError;

/// Why sending again may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The service asks for fewer requests.
    Throttled,
    /// It may have been chance.
    Transient,
}

impl Reason {
    /// None where it would fail again, or something was handed out already.
    pub(super) fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Transport(error) => of_transport(error),
            Error::Answer(AnswerError::Service(error)) => of_service(error),
            Error::Stream(how) => match how.as_ref() {
                Interruption::Transport { error, events: 0, .. } => of_transport(error),
                Interruption::Stream(error) if error.events == 0 => of_stream(error),
                Interruption::Transport { .. }
                | Interruption::Stream(_)
                | Interruption::Cancelled { .. } => None,
            },
            #[cfg(feature = "sigv4")]
            Error::Credentials(_) | Error::Signing(_) => None,
            // Head and start of an answer came: a model has answered.
            Error::Body(_)
            | Error::Incomplete(_)
            | Error::Answer(
                AnswerError::Decode { .. }
                | AnswerError::ContentType(_)
                | AnswerError::RepeatedPage { .. },
            )
            | Error::Config(_)
            | Error::Build(_)
            | Error::ApiKey(_)
            | Error::AuthTimeout(_) => None,
        }
    }
}

fn of_transport(error: &TransportError) -> Option<Reason> {
    match error.kind {
        TransportErrorKind::Connect
        | TransportErrorKind::ConnectTimeout
        | TransportErrorKind::Timeout
        | TransportErrorKind::Broken => Some(Reason::Transient),
        TransportErrorKind::Request | TransportErrorKind::Tls | TransportErrorKind::TooLarge => {
            None
        }
    }
}

fn of_service(error: &ServiceError) -> Option<Reason> {
    match (error.repeat(), error.kind()) {
        (Repeat::After(_), ServiceErrorKind::Throttled) => Some(Reason::Throttled),
        (Repeat::After(_), _) => Some(Reason::Transient),
        (Repeat::No | Repeat::CostsAgain, _) => None,
    }
}

/// A stream says itself whether it may go well the next time; nothing of it was
/// handed out yet.
fn of_stream(error: &StreamError) -> Option<Reason> {
    match (error.service_error(), error.repeat()) {
        (Some(error), _) => of_service(error),
        (None, Repeat::After(_) | Repeat::CostsAgain) => Some(Reason::Transient),
        (None, Repeat::No) => None,
    }
}
