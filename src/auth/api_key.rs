//! Short-term Amazon Bedrock API keys, made from AWS credentials.
//!
//! Such a key is a request presigned with Signature Version 4, `POST
//! https://bedrock.amazonaws.com/?Action=CallWithBearerToken`, in base64 behind
//! a prefix. Nobody is asked to make one: whoever has it may do what the
//! credentials may, until it or they expire. Source: AWS, "Amazon Bedrock API
//! keys", and AWS's own `aws-bedrock-token-generator`, byte for byte.

mod error;
mod parse;
mod presign;
mod provider;

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;

pub use self::error::ApiKeyError;
pub use self::provider::ShortTermKeys;

use super::bearer::BearerKey;
use super::sigv4::{check_credentials, check_scope_part, check_time};

const PREFIX: &str = "bedrock-api-key-";

/// What is presigned; a key leaves the scheme out.
const SCHEME: &str = "https://";
const HOST_AND_PATH: &str = "bedrock.amazonaws.com/";
const ACTION: (&str, &str) = ("Action", "CallWithBearerToken");

/// The longest lifetime that the service grants: 12 h.
const MAX_LIFETIME: Duration = Duration::from_hours(12);

/// A short-term Amazon Bedrock API key and what it says of itself.
///
/// It is good for its own region only, and not for bidirectional streams.
/// `Debug` does not show the key, and its memory is zeroed on drop.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use bedrock_wire::auth::{Credentials, ShortTermKey};
///
/// let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// let credentials = Credentials::new("AKIDEXAMPLE", secret, None, None, "example");
/// let hour = Duration::from_hours(1);
/// let key = ShortTermKey::generate(&credentials, "us-east-1", hour, SystemTime::now())?;
/// assert!(key.key().expose().starts_with("bedrock-api-key-"));
/// # Ok::<(), bedrock_wire::auth::ApiKeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ShortTermKey {
    key: BearerKey,
    region: String,
    access_key_id: String,
    expires: SystemTime,
}

impl ShortTermKey {
    /// The longest lifetime of a key: 43,200 s, which is 12 h.
    pub const MAX_LIFETIME: Duration = MAX_LIFETIME;

    /// Makes a key that is valid from `now` on, for `lifetime`: whole seconds,
    /// from 1 to 43,200.
    ///
    /// A key dies with the session it was made from, so it
    /// [expires](Self::expires) when the credentials do if that is sooner.
    /// Fractions of a second in `now` are cut off, as the key cannot write them.
    ///
    /// # Errors
    /// [`ApiKeyError`] if the lifetime is out of bounds, the credentials have
    /// expired, or they, the region or the time cannot be signed with.
    pub fn generate(
        credentials: &Credentials,
        region: &str,
        lifetime: Duration,
        now: SystemTime,
    ) -> Result<Self, ApiKeyError> {
        check_lifetime(lifetime)?;
        check_scope_part("region", region)?;
        check_credentials(credentials)?;
        check_time(now)?;
        let session_end = credentials.expiry();
        if session_end.is_some_and(|end| end <= now) {
            return Err(ApiKeyError::Expired);
        }
        let own_end = whole_seconds(now) + lifetime;
        Ok(Self {
            key: presign::key(credentials, region, lifetime, now)?,
            region: region.to_owned(),
            access_key_id: credentials.access_key_id().to_owned(),
            expires: session_end.map_or(own_end, |end| end.min(own_end)),
        })
    }

    /// Reads what a short-term key says of itself; `None` for any other key,
    /// such as a long-term one, and for one whose lifetime the service would
    /// not grant.
    ///
    /// Nothing is verified: the signature is not looked at. When the session
    /// ends that the key was made from does not stand in it.
    pub fn parse(key: &BearerKey) -> Option<Self> {
        parse::parse(key)
    }

    /// The key, to send.
    pub fn key(&self) -> &BearerKey {
        &self.key
    }

    /// The key alone.
    pub fn into_key(self) -> BearerKey {
        self.key
    }

    /// The one region that it is good for.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The id of the access key that it was made with, which is no secret.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// From when on it is no longer good.
    pub fn expires(&self) -> SystemTime {
        self.expires
    }
}

fn check_lifetime(asked: Duration) -> Result<(), ApiKeyError> {
    let in_bounds = (Duration::from_secs(1)..=MAX_LIFETIME).contains(&asked);
    if in_bounds && asked.subsec_nanos() == 0 {
        return Ok(());
    }
    Err(ApiKeyError::Lifetime { asked })
}

/// The time as `X-Amz-Date` writes it.
fn whole_seconds(time: SystemTime) -> SystemTime {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

#[cfg(test)]
mod tests;
