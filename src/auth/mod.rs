//! Who asks, and how it is proved.
//!
//! A request to Bedrock carries one of two proofs: a bearer key
//! ([`BearerKey`]), or a signature made with AWS credentials (`sign`, under
//! the feature `sigv4`). From credentials a bearer key can be made that lives
//! for some hours (`ShortTermKey`, `ShortTermKeys`). Credentials that expire are
//! replaced in time (`CachedCredentials`). The `verify` module (feature
//! `replay`) checks both as the service would; it shares no code with the
//! signer, so that each can test the other.
//!
//! Nothing here reads the clock: the time is always a parameter. The
//! environment is read only through a function the caller gives, or by
//! `EnvironmentCredentials` when it is asked.

#[cfg(feature = "sigv4")]
mod api_key;
mod bearer;
#[cfg(feature = "sigv4")]
mod cache;
#[cfg(feature = "sigv4")]
mod credentials;
#[cfg(feature = "sigv4")]
mod sigv4;
#[cfg(feature = "replay")]
pub mod verify;

#[cfg(feature = "sigv4")]
pub use self::api_key::{ApiKeyError, ShortTermKey, ShortTermKeys};
pub use self::bearer::{
    BearerKey, BearerKeyError, BearerKeyFuture, BearerKeyProblem, ProvideBearerKey,
    ProvideBearerKeyError,
};
#[cfg(feature = "sigv4")]
pub use self::credentials::{
    CachedCredentials, Credentials, EnvironmentCredentials, EnvironmentError, ProvideCredentials,
    SharedCredentialsProvider,
};
#[cfg(feature = "sigv4")]
pub use self::sigv4::{BodyHash, BodyHasher, Signed, SigningError, ValueProblem, is_signed, sign};
