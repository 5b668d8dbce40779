//! How the service turns a caller away.

use std::time::SystemTime;

use http::StatusCode;
use serde_json::json;

use super::{MAX_SKEW, TERMINATOR, clock};

/// Why a request is turned away, and the answer the service gives.
///
/// The answer is a JSON body ([`body`](Self::body)) under
/// [`status`](Self::status), with [`name`](Self::name) in the header
/// `x-amzn-errortype`. Source of the names: AWS, "Common error types" and IAM
/// User Guide, "Troubleshoot signed requests for AWS APIs".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.name(), self.message())]
#[non_exhaustive]
pub enum Rejection {
    /// There is no `Authorization`, or nothing in it.
    MissingAuthentication,
    /// `Authorization` or `x-amz-date` lacks something.
    IncompleteSignature {
        /// What is missing or malformed, at least one.
        problems: Vec<IncompleteSignature>,
    },
    /// The access key id is unknown, or the session token is not its own.
    UnrecognizedClient,
    /// The session token has expired.
    ExpiredToken,
    /// The signature's scope is another's.
    Scope(ScopeMismatch),
    /// The signature is more than five minutes old.
    SignatureExpired {
        /// When the request was signed.
        signed: SystemTime,
        /// When it was checked.
        now: SystemTime,
    },
    /// The signature is more than five minutes ahead.
    SignatureNotYetCurrent {
        /// When the request was signed.
        signed: SystemTime,
        /// When it was checked.
        now: SystemTime,
    },
    /// A header that must be signed is not.
    HeaderNotSigned {
        /// Its name, in lower case.
        name: String,
    },
    /// The signature is not the one that belongs to the request.
    SignatureDiffers,
    /// The bearer key is empty or unknown.
    BearerKey,
    /// No operation has this path: a model id of several segments, for example.
    ///
    /// A verifier knows no operations and never gives this; it stands here for
    /// a server's router, so that all answers are in one place.
    UnknownOperation,
}

impl Rejection {
    /// The status of the answer. [`UnknownOperation`](Self::UnknownOperation) is a 200, as the service has it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::IncompleteSignature { .. } => StatusCode::BAD_REQUEST,
            Self::UnknownOperation => StatusCode::OK,
            Self::MissingAuthentication
            | Self::UnrecognizedClient
            | Self::ExpiredToken
            | Self::Scope(_)
            | Self::SignatureExpired { .. }
            | Self::SignatureNotYetCurrent { .. }
            | Self::HeaderNotSigned { .. }
            | Self::SignatureDiffers
            | Self::BearerKey => StatusCode::FORBIDDEN,
        }
    }

    /// AWS's name of the exception.
    pub fn name(&self) -> &'static str {
        match self {
            Self::MissingAuthentication => "MissingAuthenticationTokenException",
            Self::IncompleteSignature { .. } => "IncompleteSignatureException",
            Self::UnrecognizedClient => "UnrecognizedClientException",
            Self::ExpiredToken => "ExpiredTokenException",
            Self::Scope(_)
            | Self::SignatureExpired { .. }
            | Self::SignatureNotYetCurrent { .. }
            | Self::HeaderNotSigned { .. }
            | Self::SignatureDiffers => "InvalidSignatureException",
            Self::BearerKey => "AccessDeniedException",
            Self::UnknownOperation => "UnknownOperationException",
        }
    }

    /// The message. Empty for [`UnknownOperation`](Self::UnknownOperation), which has none.
    ///
    /// Bedrock's own, as recorded or reported: those of an unknown key, an old
    /// signature and a bearer key. AWS documents the one of an expired token.
    /// The others are assumed to be as other AWS services have them, and ours
    /// where those are not known: what is repeated, not ASCII or not supported,
    /// an unknown parameter, a wrong algorithm.
    pub fn message(&self) -> String {
        match self {
            Self::MissingAuthentication => "Missing Authentication Token".to_owned(),
            Self::IncompleteSignature { problems } => {
                let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
                texts.join(" ")
            }
            Self::UnrecognizedClient => {
                "The security token included in the request is invalid.".to_owned()
            }
            Self::ExpiredToken => {
                "The security token included in the request is expired".to_owned()
            }
            Self::Scope(mismatch) => mismatch.to_string(),
            Self::SignatureExpired { signed, now } => expired(*signed, *now),
            Self::SignatureNotYetCurrent { signed, now } => not_yet_current(*signed, *now),
            Self::HeaderNotSigned { name } if name == "host" => {
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
                    .to_owned()
            }
            Self::HeaderNotSigned { name } => {
                format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.")
            }
            Self::SignatureDiffers => DIFFERS.to_owned(),
            Self::BearerKey => {
                "Authentication failed: Please make sure your API Key is valid.".to_owned()
            }
            Self::UnknownOperation => String::new(),
        }
    }

    /// The body of the answer, JSON. The member is `message`, but `Message` for a bearer key.
    pub fn body(&self) -> String {
        let body = match self {
            Self::BearerKey => json!({ "Message": self.message() }),
            Self::UnknownOperation => json!({
                "Output": { "__type": "com.amazon.coral.service#UnknownOperationException" },
                "Version": "1.0",
            }),
            Self::MissingAuthentication
            | Self::IncompleteSignature { .. }
            | Self::UnrecognizedClient
            | Self::ExpiredToken
            | Self::Scope(_)
            | Self::SignatureExpired { .. }
            | Self::SignatureNotYetCurrent { .. }
            | Self::HeaderNotSigned { .. }
            | Self::SignatureDiffers => json!({ "message": self.message() }),
        };
        body.to_string()
    }
}

const DIFFERS: &str = "The request signature we calculated does not match the signature you \
    provided. Check your AWS Secret Access Key and signing method. Consult the service \
    documentation for details.";

fn expired(signed: SystemTime, now: SystemTime) -> String {
    let (signed, now) = (clock::seconds(signed), clock::seconds(now));
    let limit = clock::format(now.saturating_sub(MAX_SKEW.as_secs()));
    let (signed, now) = (clock::format(signed), clock::format(now));
    format!("Signature expired: {signed} is now earlier than {limit} ({now} - 5 min.)")
}

fn not_yet_current(signed: SystemTime, now: SystemTime) -> String {
    let (signed, now) = (clock::seconds(signed), clock::seconds(now));
    let limit = clock::format(now.saturating_add(MAX_SKEW.as_secs()));
    let (signed, now) = (clock::format(signed), clock::format(now));
    format!("Signature not yet current: {signed} is still later than {limit} ({now} + 5 min.)")
}

/// What a signature lacks. The messages repeat nothing of the header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IncompleteSignature {
    /// `Authorization` begins with neither the algorithm nor `Bearer`.
    #[error(
        "Authorization header requires the algorithm 'AWS4-HMAC-SHA256' or the scheme 'Bearer'."
    )]
    Algorithm,
    /// A parameter of `Authorization` is missing or empty.
    #[error("Authorization header requires '{name}' parameter.")]
    Parameter {
        /// `Credential`, `Signature` or `SignedHeaders`.
        name: &'static str,
    },
    /// A part of `Authorization` is no parameter: it has no `=`.
    #[error(
        "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with \
         SHA-256 and encoded with Base64): '{hash}'."
    )]
    NoEqualSign {
        /// The header's hash, for it must not be repeated.
        hash: String,
    },
    /// `Authorization` has a parameter that a signature has not.
    #[error(
        "Authorization header has parameters other than 'Credential', 'SignedHeaders' and \
         'Signature'."
    )]
    UnknownParameter,
    /// The query has parameters of a presigned URL.
    #[error(
        "Authentication in the query is not supported: take X-Amz-* out of it and sign in the \
         Authorization header."
    )]
    Query,
    /// A parameter or header that must come once came again.
    #[error("'{what}' must be given only once.")]
    Repeated {
        /// Its name.
        what: &'static str,
    },
    /// A header is not ASCII text.
    #[error("The header '{header}' must be ASCII text.")]
    NotText {
        /// Its name.
        header: &'static str,
    },
    /// `Credential` is not id and scope.
    #[error(
        "Credential must have exactly 5 slash-delimited elements, e.g. \
         keyid/date/region/service/term."
    )]
    Credential,
    /// There is no `x-amz-date`.
    #[error("Authorization header requires existence of a 'X-Amz-Date' header.")]
    Date,
    /// `x-amz-date` is not `YYYYMMDDThhmmssZ`.
    #[error("Date must be in ISO-8601 'basic format'.")]
    DateFormat,
}

/// Which part of a signature's scope does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScopeMismatch {
    /// The day is not that of `x-amz-date`.
    #[error(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
         HTTP: '{scope}' != '{}', from '{header}'.",
        header.get(..clock::DAY_LEN).unwrap_or(header)
    )]
    Date {
        /// What the scope says.
        scope: String,
        /// What `x-amz-date` says.
        header: String,
    },
    /// The region is not the one the server stands for.
    #[error("Credential should be scoped to a valid Region, not '{scope}'.")]
    Region {
        /// What the scope says.
        scope: String,
    },
    /// The service is not the one the server stands for.
    #[error("Credential should be scoped to correct service: '{expected}'.")]
    Service {
        /// What the scope should say.
        expected: String,
    },
    /// The scope does not end in `aws4_request`.
    #[error("Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{scope}'.")]
    Terminator {
        /// What the scope says.
        scope: String,
    },
}
