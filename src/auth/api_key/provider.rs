//! Keys that are made anew before they expire.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use super::super::bearer::{BearerKeyFuture, ProvideBearerKey, ProvideBearerKeyError};
use super::super::cache::{Cache, Clock, Ends, Make};
use super::super::sigv4::check_scope_part;
use super::{ApiKeyError, ShortTermKey, check_lifetime};

/// Makes short-term keys from credentials and gives each out until shortly
/// before it expires: [`ProvideBearerKey`] for the long run.
///
/// A key is replaced 5 minutes before its end, or halfway to it where that is
/// less than 10 minutes away. One caller asks the credentials provider, and the
/// others go on with the old key, or wait for the same answer if there is none.
/// If that caller is dropped, those who wait with it carry on, and if nobody
/// does a later caller begins anew. While the old key is valid the provider is
/// asked every 30 s at most, whether it fails or hangs; without a key that is
/// valid, all who waited get the error, and the next call asks anew.
///
/// A key ends with the session of its credentials. Where they have a session
/// token and say nothing of its end, a key is used for 15 minutes at most.
///
/// Clones share the key.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use bedrock_wire::auth::{EnvironmentCredentials, ShortTermKeys};
///
/// let credentials = EnvironmentCredentials::new();
/// let hour = Duration::from_hours(1);
/// let keys = ShortTermKeys::new(credentials, "us-east-1", hour, SystemTime::now)?;
/// # Ok::<(), bedrock_wire::auth::ApiKeyError>(())
/// ```
#[derive(Clone)]
pub struct ShortTermKeys(Cache<Maker>);

struct Maker {
    credentials: SharedCredentialsProvider,
    region: String,
    lifetime: Duration,
}

impl ShortTermKeys {
    /// Keys made with what `credentials` provides, for one region, each valid
    /// for `lifetime`: whole seconds, from 1 to 43,200. Nothing is asked yet.
    ///
    /// `now` tells the time, [`SystemTime::now`] as a rule; it must not ask
    /// for a key in its turn.
    ///
    /// # Errors
    /// [`ApiKeyError`] if the lifetime is out of bounds or the region cannot
    /// stand in a signature.
    pub fn new(
        credentials: impl ProvideCredentials + 'static,
        region: impl Into<String>,
        lifetime: Duration,
        now: impl Fn() -> SystemTime + Send + Sync + 'static,
    ) -> Result<Self, ApiKeyError> {
        let region = region.into();
        check_lifetime(lifetime)?;
        check_scope_part("region", &region)?;
        let credentials = SharedCredentialsProvider::new(credentials);
        Ok(Self(Cache::new(Maker { credentials, region, lifetime }, now)))
    }
}

impl ProvideBearerKey for ShortTermKeys {
    fn provide_bearer_key(&self) -> BearerKeyFuture<'_> {
        Box::pin(async move { self.0.get().await.map(|made| made.key.into_key()) })
    }
}

impl fmt::Debug for ShortTermKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Maker { credentials, region, lifetime } = self.0.maker();
        f.debug_struct("ShortTermKeys")
            .field("credentials", credentials)
            .field("region", region)
            .field("lifetime", lifetime)
            .finish_non_exhaustive()
    }
}

impl Make for Maker {
    type Item = Made;
    type Error = ProvideBearerKeyError;

    const IS_DATED: bool = true;

    fn panicked() -> ProvideBearerKeyError {
        ProvideBearerKeyError::new("the credentials provider panicked")
    }

    async fn make(&self, now: &Clock) -> Result<Made, ProvideBearerKeyError> {
        let credentials = self.credentials.provide_credentials().await;
        let credentials = credentials.map_err(ProvideBearerKeyError::new)?;
        let now = now();
        let key = ShortTermKey::generate(&credentials, &self.region, self.lifetime, now)
            .map_err(ProvideBearerKeyError::new)?;
        let is_unknown = credentials.session_token().is_some() && credentials.expiry().is_none();
        let limit = now.checked_add(UNKNOWN_SESSION).filter(|_| is_unknown);
        let ends = limit.map_or(key.expires(), |limit| key.expires().min(limit));
        Ok(Made { key, ends })
    }
}

/// How long a key is used whose session says nothing of its end: the key ends
/// with it, and a new one costs one signature.
const UNKNOWN_SESSION: Duration = Duration::from_mins(15);

#[derive(Clone)]
struct Made {
    key: ShortTermKey,
    ends: SystemTime,
}

impl Ends for Made {
    fn ends(&self) -> Option<SystemTime> {
        Some(self.ends)
    }
}
