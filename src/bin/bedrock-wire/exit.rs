//! How a command ends.

use std::fmt;
use std::io;
use std::process::ExitCode;

use bedrock_wire::client::{Error, ErrorKind};
use bedrock_wire::fault::ServiceError;

use crate::print;

/// What the process's exit code tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// A file or the network failed.
    Io = 1,
    /// The command line, the environment or the input is not right.
    Usage = 2,
    /// Credentials, key, signature or permission.
    Auth = 3,
    /// Too many requests or tokens.
    Throttled = 4,
    /// The service or the model failed or refused.
    Service = 5,
    /// A stream is corrupt or incomplete.
    Stream = 6,
    /// The replay server has no tape for the request.
    NoTape = 7,
    /// A deadline passed.
    Deadline = 8,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Why a command failed, and with which code it ends.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    message: String,
}

impl Failure {
    pub fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Failure { exit, message: message.to_string() }
    }

    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// What was being done when it failed.
    pub fn io(what: impl fmt::Display) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::new(Exit::Io, format!("{what}: {error}"))
    }

    /// On stderr; nothing where whoever read our output is gone.
    pub fn tell(&self) {
        if !self.message.is_empty() {
            // Nobody to tell if stderr is closed.
            let _ = print::failure(&self.message);
        }
    }
}

/// The name of the replay server's error for a request that no tape answers.
const NO_TAPE: &str = "TapeNotFoundException";

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = error.service_error().map_or_else(|| of_kind(error.kind()), Exit::from);
        Failure::new(exit, error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::new(Exit::Io, ""),
            _ => Failure::new(Exit::Io, error),
        }
    }
}

impl From<&ServiceError> for Exit {
    fn from(error: &ServiceError) -> Self {
        match error.name.as_deref() {
            Some(NO_TAPE) => Exit::NoTape,
            _ => of_kind(error.kind().into()),
        }
    }
}

fn of_kind(kind: ErrorKind) -> Exit {
    match kind {
        ErrorKind::Usage => Exit::Usage,
        ErrorKind::Auth | ErrorKind::SignatureExpired | ErrorKind::ClockSkew => Exit::Auth,
        ErrorKind::Throttled | ErrorKind::QuotaExceeded => Exit::Throttled,
        ErrorKind::Network => Exit::Io,
        ErrorKind::Timeout => Exit::Deadline,
        ErrorKind::Corrupt | ErrorKind::Incomplete | ErrorKind::Cancelled => Exit::Stream,
        // The kinds of later versions are the service's own, if anything.
        ErrorKind::Validation
        | ErrorKind::ContextTooLong
        | ErrorKind::ContentFiltered
        | ErrorKind::ModelNotReady
        | ErrorKind::ModelTimeout
        | ErrorKind::Service
        | _ => Exit::Service,
    }
}

#[cfg(test)]
mod tests {
    use bedrock_wire::fault::ServiceError;
    use bedrock_wire::operation::AnswerError;

    use super::*;

    fn exit_of(status: u16, name: &'static str) -> Exit {
        let headers = [("x-amzn-errortype", name)];
        let headers =
            headers.into_iter().map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect();
        let error = ServiceError::from_response(status, &headers, "{}".into());
        Failure::from(Error::from(AnswerError::Service(Box::new(error)))).exit
    }

    #[test]
    fn each_answer_of_the_service_has_its_exit_code() {
        assert_eq!(exit_of(403, "AccessDeniedException"), Exit::Auth);
        assert_eq!(exit_of(403, "InvalidSignatureException"), Exit::Auth);
        assert_eq!(exit_of(429, "ThrottlingException"), Exit::Throttled);
        assert_eq!(exit_of(400, "ServiceQuotaExceededException"), Exit::Throttled);
        assert_eq!(exit_of(400, "ValidationException"), Exit::Service);
        assert_eq!(exit_of(424, "ModelErrorException"), Exit::Service);
        assert_eq!(exit_of(404, NO_TAPE), Exit::NoTape);
    }

    #[test]
    fn kinds_that_are_told_apart_end_as_what_they_are_kinds_of() {
        for kind in [ErrorKind::SignatureExpired, ErrorKind::ClockSkew] {
            assert_eq!(of_kind(kind), Exit::Auth);
        }
        for kind in [
            ErrorKind::Validation,
            ErrorKind::ContextTooLong,
            ErrorKind::ContentFiltered,
            ErrorKind::ModelNotReady,
            ErrorKind::ModelTimeout,
        ] {
            assert_eq!(of_kind(kind), Exit::Service);
        }
        for kind in [ErrorKind::Corrupt, ErrorKind::Incomplete, ErrorKind::Cancelled] {
            assert_eq!(of_kind(kind), Exit::Stream);
        }
    }

    #[test]
    fn a_deadline_and_a_reader_that_is_gone_have_their_codes() {
        assert_eq!(of_kind(ErrorKind::Timeout), Exit::Deadline);
        let gone = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((gone.exit, gone.message.as_str()), (Exit::Io, ""));
    }

    #[test]
    fn the_codes_are_the_documented_numbers() {
        let codes = [
            Exit::Io,
            Exit::Usage,
            Exit::Auth,
            Exit::Throttled,
            Exit::Service,
            Exit::Stream,
            Exit::NoTape,
            Exit::Deadline,
        ];
        assert_eq!(codes.map(|code| code as u8), [1, 2, 3, 4, 5, 6, 7, 8]);
    }
}
