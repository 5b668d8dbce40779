//! The kinds of errors, and the kind that a status alone tells.

/// What kind of error it is: by its name, or by its status where it has no
/// name that is known; and by its message where AWS gives several failures one
/// name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceErrorKind {
    /// Too many requests or tokens in too short a time.
    Throttled,
    /// A quota is used up; waiting a moment does not help.
    QuotaExceeded,
    /// Credentials, key, signature or permission are not accepted.
    AccessDenied,
    /// The signature is older than the service takes: the clock is wrong, or
    /// the answer took longer than a signature holds
    /// ([`took`](super::ServiceError::took)).
    SignatureExpired,
    /// The clock that the request was signed by is too far from the service's.
    ClockSkew,
    /// The request is not valid.
    Validation,
    /// The request has more tokens, or asks for more, than the model can have
    /// in its context.
    ContextTooLong,
    /// A filter of the model's turned away what was asked, or what it answered.
    /// (A guardrail gives no error: it is a stop reason.)
    ContentFiltered,
    /// There is no such model or resource.
    NotFound,
    /// It stands against another request or the state of a resource.
    Conflict,
    /// There is no such operation; also sent for a path that is none.
    UnknownOperation,
    /// The model is being made ready.
    ModelNotReady,
    /// The model took too long.
    ModelTimeout,
    /// The model failed.
    Model,
    /// The service failed.
    Internal,
    /// The service is not available now.
    Unavailable,
    /// None of these.
    Other,
}

impl ServiceErrorKind {
    /// The kind of an error that has no name that is known.
    pub(super) fn of_status(status: u16) -> Self {
        match status {
            400 => ServiceErrorKind::Validation,
            401 | 403 => ServiceErrorKind::AccessDenied,
            404 => ServiceErrorKind::NotFound,
            408 => ServiceErrorKind::ModelTimeout,
            409 => ServiceErrorKind::Conflict,
            424 => ServiceErrorKind::Model,
            429 => ServiceErrorKind::Throttled,
            500 => ServiceErrorKind::Internal,
            502..=504 => ServiceErrorKind::Unavailable,
            _ => ServiceErrorKind::Other,
        }
    }
}
