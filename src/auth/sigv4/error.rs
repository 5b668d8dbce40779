//! What cannot be signed.

use std::error::Error;

use aws_credential_types::Credentials;

/// Why a request was not signed. No message repeats a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The URI is a path alone.
    #[error("the request's URI has no scheme and host to sign; make it absolute")]
    NotAbsolute,
    /// The URI has a user name or password in its authority.
    #[error("the request's URI carries user information before its host; remove it")]
    UserInformation,
    /// The URI has a character that is not ASCII, which clients would encode after signing.
    #[error(
        "the request's URI has a byte that is not ASCII, at byte {offset} of its path; percent-encode it"
    )]
    NotAscii {
        /// Byte offset in path and query.
        offset: usize,
    },
    /// The query, percent-decoded, is not UTF-8. `aws-sigv4` would sign the replacement character
    /// in its place, and the service turn the signature away.
    #[error("the query of the request's URI is not UTF-8 when it is percent-decoded; encode text")]
    QueryNotUtf8,
    /// The head has a `Host` that is not the URI's.
    #[error(
        "the Host header is not the URI's authority {authority}; remove the header, or change the URI"
    )]
    Host {
        /// What would be signed.
        authority: String,
    },
    /// A header to be signed is not visible ASCII, spaces and tabs.
    #[error("the header {name} has bytes that are not visible ASCII; it cannot be signed")]
    Header {
        /// Its name.
        name: String,
    },
    /// The region or a member of the credentials cannot stand in a signature.
    #[error("the {what} {problem}")]
    Value {
        /// `region`, `access key id`, `secret access key` or `session token`.
        what: &'static str,
        /// What is wrong with it.
        problem: ValueProblem,
    },
    /// The time cannot be written in `x-amz-date`.
    #[error("the time is before 1970 or after 9999; check the clock")]
    Time,
    /// `aws-sigv4` refused.
    #[error("the signer refused the request")]
    Signer(#[source] Box<dyn Error + Send + Sync>),
}

impl SigningError {
    pub(in crate::auth) fn signer(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Signer(Box::new(error))
    }
}

/// What is wrong with a value that goes into a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueProblem {
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// A character it cannot have: anything but visible ASCII and, in the
    /// access key id and the region, `/` and `,`, which separate them.
    #[error("has a character at byte {position} that it cannot have; copy it again")]
    Character {
        /// Byte offset, counted from 0.
        position: usize,
    },
}

/// Checks what becomes a part of `Credential=<id>/<date>/<region>/...,`.
pub(in crate::auth) fn check_scope_part(
    what: &'static str,
    value: &str,
) -> Result<(), SigningError> {
    check(what, value, |c| c.is_ascii_graphic() && !matches!(c, '/' | ','))
}

pub(in crate::auth) fn check_credentials(credentials: &Credentials) -> Result<(), SigningError> {
    let is_visible = |c: char| c.is_ascii_graphic();
    check_scope_part("access key id", credentials.access_key_id())?;
    check("secret access key", credentials.secret_access_key(), is_visible)?;
    match credentials.session_token() {
        Some(token) => check("session token", token, is_visible),
        None => Ok(()),
    }
}

fn check(what: &'static str, value: &str, good: fn(char) -> bool) -> Result<(), SigningError> {
    let problem = if value.is_empty() {
        ValueProblem::Empty
    } else if let Some(position) = value.find(|c| !good(c)) {
        ValueProblem::Character { position }
    } else {
        return Ok(());
    };
    Err(SigningError::Value { what, problem })
}
