//! Keys that are made anew before they expire.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use futures_util::future::{FutureExt, Shared, WeakShared};

use super::super::bearer::{BearerKey, BearerKeyFuture, ProvideBearerKey, ProvideBearerKeyError};
use super::super::sigv4::check_scope_part;
use super::{ApiKeyError, ShortTermKey, check_lifetime};

/// How long before its end a key is replaced: as far as AWS lets two clocks be
/// apart, so that a key is good by the service's clock too.
const MARGIN: Duration = Duration::from_mins(5);

/// How long a good key is used on before a failed refresh is tried again: ten
/// times within the margin, and not at each request.
const PAUSE: Duration = Duration::from_secs(30);

type Outcome = Result<BearerKey, ProvideBearerKeyError>;

/// A refresh under way. It lives for as long as somebody waits for it.
type Refresh = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Makes short-term keys from credentials and gives each out until shortly
/// before it expires: [`ProvideBearerKey`] for the long run.
///
/// A key is replaced 5 minutes before its end, or halfway to it where that is
/// less than 10 minutes away. One caller asks the credentials provider, and the
/// others go on with the old key, or wait for the same answer if there is none.
/// If that caller is dropped, those who wait with it carry on, and if nobody
/// does the next caller begins anew. If the provider fails, the old key is used on until it expires, and the provider is asked
/// again after 30 s; without a key that is valid, all who waited get the error,
/// and the next call asks anew.
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
pub struct ShortTermKeys(Arc<Shop>);

struct Shop {
    credentials: SharedCredentialsProvider,
    region: String,
    lifetime: Duration,
    now: Box<dyn Fn() -> SystemTime + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    refresh: Option<WeakShared<Refresh>>,
}

/// A key and when to replace it.
struct Kept {
    key: ShortTermKey,
    since: SystemTime,
    renew: SystemTime,
}

/// What a caller has to do.
enum Step {
    Take(BearerKey),
    Await(Shared<Refresh>),
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
        Ok(Self(Arc::new(Shop {
            credentials: SharedCredentialsProvider::new(credentials),
            region,
            lifetime,
            now: Box::new(now),
            state: Mutex::default(),
        })))
    }
}

impl ProvideBearerKey for ShortTermKeys {
    fn provide_bearer_key(&self) -> BearerKeyFuture<'_> {
        Box::pin(async move {
            match self.0.step() {
                Step::Take(key) => Ok(key),
                Step::Await(refresh) => {
                    refresh.await.or_else(|error| self.0.still_valid().ok_or(error))
                }
            }
        })
    }
}

impl fmt::Debug for ShortTermKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShortTermKeys")
            .field("credentials", &self.0.credentials)
            .field("region", &self.0.region)
            .field("lifetime", &self.0.lifetime)
            .finish_non_exhaustive()
    }
}

impl Shop {
    fn step(self: &Arc<Self>) -> Step {
        // The time is read under the lock: one read before might lie before
        // the time that another caller has put into the state since.
        let mut state = self.state();
        let now = (self.now)();
        let valid = state.kept.as_ref().filter(|kept| now < kept.key.expires());
        if let Some(kept) = valid.filter(|kept| kept.is_fresh(now)) {
            return Step::Take(kept.key.key().clone());
        }
        match (state.refresh.as_ref().and_then(WeakShared::upgrade), valid) {
            (Some(refresh), Some(kept)) => {
                let key = kept.key.key().clone();
                // Unlocked first: this may be the last to hold the refresh.
                drop(state);
                drop(refresh);
                Step::Take(key)
            }
            (Some(refresh), None) => Step::Await(refresh),
            (None, _) => {
                let refresh: Refresh = Box::pin(Arc::clone(self).refresh());
                let refresh = refresh.shared();
                state.refresh = refresh.downgrade();
                Step::Await(refresh)
            }
        }
    }

    async fn refresh(self: Arc<Self>) -> Outcome {
        let made = self.make().await;
        let mut state = self.state();
        let now = (self.now)();
        state.refresh = None;
        match made {
            Ok(key) => {
                let given = key.key().clone();
                state.kept = Some(Kept::new(key, now));
                Ok(given)
            }
            Err(error) => {
                if let Some(kept) = &mut state.kept {
                    kept.since = now;
                    kept.renew = now.checked_add(PAUSE).unwrap_or(now);
                }
                Err(error)
            }
        }
    }

    async fn make(&self) -> Result<ShortTermKey, ProvideBearerKeyError> {
        let credentials = self.credentials.provide_credentials().await;
        let credentials = credentials.map_err(ProvideBearerKeyError::new)?;
        ShortTermKey::generate(&credentials, &self.region, self.lifetime, (self.now)())
            .map_err(ProvideBearerKeyError::new)
    }

    fn still_valid(&self) -> Option<BearerKey> {
        let state = self.state();
        let now = (self.now)();
        let valid = state.kept.as_ref().filter(|kept| now < kept.key.expires())?;
        Some(valid.key.key().clone())
    }

    /// A panic in the caller's clock leaves nothing half done.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn new(key: ShortTermKey, now: SystemTime) -> Self {
        let left = key.expires().duration_since(now).unwrap_or_default();
        let renew = key.expires() - MARGIN.min(left / 2);
        Self { key, since: now, renew }
    }

    /// Not on a clock that was set back behind the key: one made in a future
    /// that has not come is refused by the service.
    fn is_fresh(&self, now: SystemTime) -> bool {
        self.since <= now && now < self.renew
    }
}
