//! Why no key was made.

use std::time::Duration;

use super::super::sigv4::SigningError;
use super::MAX_LIFETIME;

/// Why a short-term key was not made. No message repeats a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiKeyError {
    /// The lifetime is out of bounds, or not in whole seconds.
    #[error(
        "a short-term API key cannot be valid for {asked:?}; give whole seconds, at least 1 s and \
         at most {} s (12 h)",
        MAX_LIFETIME.as_secs()
    )]
    Lifetime {
        /// What was asked for.
        asked: Duration,
    },
    /// The credentials are dead, and so would be any key made from them.
    #[error("the credentials have expired; get new ones, then make the key")]
    Expired,
    /// The region or the credentials cannot stand in a signature, or the time
    /// cannot be written.
    #[error(transparent)]
    Signing(#[from] SigningError),
}
