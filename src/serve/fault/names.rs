//! The names of the service's errors.

use http::StatusCode;

/// The status that goes with the name of an error: what the service model has,
/// and AWS's documentation of common errors.
pub(super) fn status(name: &str) -> Option<StatusCode> {
    let code = match name {
        "ValidationException"
        | "ServiceQuotaExceededException"
        | "ConflictException"
        | "IncompleteSignatureException" => 400,
        "AccessDeniedException"
        | "ExpiredTokenException"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "UnrecognizedClientException" => 403,
        "ResourceNotFoundException" => 404,
        "ModelTimeoutException" => 408,
        "RequestEntityTooLargeException" => 413,
        "ModelErrorException" | "ModelStreamErrorException" => 424,
        "ThrottlingException" | "ModelNotReadyException" => 429,
        "InternalServerException" => 500,
        "ServiceUnavailableException" => 503,
        _ => return None,
    };
    StatusCode::from_u16(code).ok()
}

/// As an event stream names its exceptions: like members of a shape.
pub(super) fn member_form(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_has_a_small_first_letter_and_a_name_its_status() {
        assert_eq!(member_form("ThrottlingException"), "throttlingException");
        assert_eq!(member_form(""), "");
        assert_eq!(status("ThrottlingException").unwrap(), 429);
        assert_eq!(status("throttlingException"), None);
    }
}
