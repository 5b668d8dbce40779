//! What the service calls its errors.

use super::ServiceErrorKind as Kind;

/// `ValidationException:http://internal...` and `namespace#Name` without what
/// surrounds the name; `None` where nothing is left.
pub(super) fn bare(sent: &str) -> Option<String> {
    let before_colon = sent.split(':').next()?;
    let name = before_colon.rsplit('#').next()?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// The kind of an error of this name, if it is one that is known.
pub(super) fn kind(name: &str) -> Option<Kind> {
    Some(match uncapitalised(name).as_str() {
        "throttlingException" | "tooManyRequestsException" => Kind::Throttled,
        "serviceQuotaExceededException" => Kind::QuotaExceeded,
        "accessDeniedException"
        | "authFailure"
        | "expiredToken"
        | "expiredTokenException"
        | "incompleteSignatureException"
        | "invalidClientTokenId"
        | "invalidSignatureException"
        | "missingAuthenticationTokenException"
        | "notAuthorized"
        | "optInRequired"
        | "signatureDoesNotMatch"
        | "unrecognizedClientException" => Kind::AccessDenied,
        "requestExpired" => Kind::SignatureExpired,
        "requestTimeTooSkewed" => Kind::ClockSkew,
        "validationException" | "validationError" | "malformedHttpRequestException" => {
            Kind::Validation
        }
        "resourceNotFoundException" => Kind::NotFound,
        "conflictException" => Kind::Conflict,
        "unknownOperationException" => Kind::UnknownOperation,
        "modelNotReadyException" => Kind::ModelNotReady,
        "modelTimeoutException" => Kind::ModelTimeout,
        "modelErrorException" | "modelStreamErrorException" => Kind::Model,
        "internalServerException" | "internalFailure" => Kind::Internal,
        "serviceUnavailableException" | "serviceUnavailable" => Kind::Unavailable,
        _ => return None,
    })
}

/// A stream names its exceptions as members, so with a small first letter.
fn uncapitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + letters.as_str())
}

/// What the service calls a signature that it does not take, where the reason
/// may be the clock.
pub(super) const OF_THE_CLOCK: [&str; 4] =
    ["InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed"];

/// What it calls the other proofs that it does not take.
pub(super) const OF_OTHER_PROOFS: [&str; 7] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "UnrecognizedClientException",
];
