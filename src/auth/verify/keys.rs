//! The keys a verifier accepts.

use std::fmt;
use std::time::SystemTime;

use http::HeaderMap;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

const SECURITY_TOKEN: &str = "x-amz-security-token";

/// An access key that is accepted: id and secret, and for temporary
/// credentials the session token and when it expires.
///
/// Secrets are zeroed on drop, and `Debug` does not show them.
#[derive(Clone)]
pub struct AccessKey {
    id: String,
    secret: Zeroizing<String>,
    session_token: Option<Zeroizing<String>>,
    expires: Option<SystemTime>,
}

impl AccessKey {
    /// A key without a session token: a request that brings one is turned away.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: Zeroizing::new(secret.into()),
            session_token: None,
            expires: None,
        }
    }

    /// Sets the session token that requests must bring.
    #[must_use]
    pub fn session_token(mut self, token: impl Into<String>) -> Self {
        self.session_token = Some(Zeroizing::new(token.into()));
        self
    }

    /// Sets the time from which on the key counts as expired.
    #[must_use]
    pub fn expires(mut self, at: SystemTime) -> Self {
        self.expires = Some(at);
        self
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    pub(super) fn is_expired(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|at| at <= now)
    }

    fn has_token(&self, given: Option<&[u8]>) -> bool {
        match (&self.session_token, given) {
            (None, None) => true,
            (Some(token), Some(given)) => token.as_bytes().ct_eq(given).into(),
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey")
            .field("id", &self.id)
            .field(
                "session_token",
                &self.session_token.as_ref().map(|_| "** redacted **"),
            )
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// The key with this id whose session token, or lack of one, is the request's.
pub(super) fn find<'k>(
    keys: &'k [AccessKey],
    id: &str,
    headers: &HeaderMap,
) -> Option<&'k AccessKey> {
    let mut tokens = headers
        .get_all(SECURITY_TOKEN)
        .iter()
        .map(http::HeaderValue::as_bytes);
    let token = tokens.next();
    if tokens.next().is_some() {
        return None;
    }
    keys.iter().find(|key| key.id == id && key.has_token(token))
}

/// The bearer keys that are accepted.
#[derive(Clone, Default)]
pub(super) struct BearerKeys(Vec<Zeroizing<String>>);

impl BearerKeys {
    pub(super) fn push(&mut self, key: String) {
        self.0.push(Zeroizing::new(key));
    }

    /// Compares with every key, so that the time taken does not tell which was near.
    pub(super) fn hold(&self, given: &str) -> bool {
        let is_any = self.0.iter().fold(Choice::from(0), |found, key| {
            found | key.as_bytes().ct_eq(given.as_bytes())
        });
        !given.is_empty() && bool::from(is_any)
    }
}

impl fmt::Debug for BearerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} redacted]", self.0.len())
    }
}
