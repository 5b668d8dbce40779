//! Credentials that are fetched anew before they expire.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};

use super::super::cache::{Cache, Clock, Ends, Make};

/// Keeps what another provider gives until shortly before it expires, so that
/// a thousand requests ask that provider once.
///
/// Credentials are replaced 5 minutes before their end, or halfway to it where
/// that is less than 10 minutes away. One caller asks the provider, and the
/// others go on with the old credentials, or wait for the same answer if there
/// are none. If that caller is dropped, those who wait with it carry on, and if
/// nobody does a later caller begins anew. While the old credentials are valid
/// the provider is asked every 30 s at most, whether it fails or hangs; without
/// credentials that are valid, all who waited get the error, and the next call
/// asks anew. It needs no runtime and starts no task.
///
/// Credentials that name no end ([`Credentials::expiry`]) are given to all who
/// wait for them, and not kept: the next call asks anew.
///
/// Clones share what is kept. A client puts one of these around every provider
/// it is given.
///
/// ```
/// use std::time::SystemTime;
///
/// use bedrock_wire::auth::{CachedCredentials, ProvideCredentials};
///
/// fn cached(provider: impl ProvideCredentials + 'static) -> CachedCredentials {
///     CachedCredentials::new(provider, SystemTime::now)
/// }
/// ```
#[derive(Clone)]
pub struct CachedCredentials(Cache<Fetch>);

struct Fetch(SharedCredentialsProvider);

impl CachedCredentials {
    /// Keeps what `provider` gives. Nothing is asked yet.
    ///
    /// `now` tells the time, [`SystemTime::now`] as a rule; it must not ask
    /// for credentials in its turn.
    pub fn new(
        provider: impl ProvideCredentials + 'static,
        now: impl Fn() -> SystemTime + Send + Sync + 'static,
    ) -> Self {
        Self(Cache::new(Fetch(SharedCredentialsProvider::new(provider)), now))
    }
}

impl ProvideCredentials for CachedCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async { self.0.get().await.map_err(own) })
    }

    /// What is kept, if it is valid still.
    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.0.kept()
    }
}

impl fmt::Debug for CachedCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedCredentials")
            .field("provider", &self.0.maker().0)
            .finish_non_exhaustive()
    }
}

impl Make for Fetch {
    type Item = Credentials;
    type Error = Arc<CredentialsError>;

    const IS_DATED: bool = false;

    fn panicked() -> Arc<CredentialsError> {
        Arc::new(CredentialsError::unhandled("the credentials provider panicked"))
    }

    async fn make(&self, _: &Clock) -> Result<Credentials, Arc<CredentialsError>> {
        let given: provider::Result = self.0.provide_credentials().await;
        given.map_err(Arc::new)
    }
}

impl Ends for Credentials {
    fn ends(&self) -> Option<SystemTime> {
        self.expiry()
    }
}

/// The error for one of those who waited: the provider's own for the last of
/// them, and for the others one of the same kind with the same causes.
fn own(shared: Arc<CredentialsError>) -> CredentialsError {
    let shared = match Arc::try_unwrap(shared) {
        Ok(error) => return error,
        Err(shared) => shared,
    };
    match &*shared {
        CredentialsError::CredentialsNotLoaded(_) if shared.source().is_none() => {
            CredentialsError::not_loaded_no_source()
        }
        CredentialsError::CredentialsNotLoaded(_) => CredentialsError::not_loaded(Cause(shared)),
        CredentialsError::ProviderTimedOut(after) => {
            CredentialsError::provider_timed_out(after.timeout_duration())
        }
        CredentialsError::InvalidConfiguration(_) => {
            CredentialsError::invalid_configuration(Cause(shared))
        }
        CredentialsError::ProviderError(_) => CredentialsError::provider_error(Cause(shared)),
        _ => CredentialsError::unhandled(Cause(shared)),
    }
}

/// The cause of a shared error: its text and its own cause.
struct Cause(Arc<CredentialsError>);

impl Cause {
    fn get(&self) -> &(dyn Error + 'static) {
        self.0.source().unwrap_or(&*self.0)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.get(), f)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.get(), f)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.get().source()
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use super::*;

    fn shown(error: &CredentialsError) -> Vec<String> {
        let mut next: Option<&(dyn Error + 'static)> = Some(error);
        let mut all = Vec::new();
        while let Some(error) = next {
            all.push(error.to_string());
            next = error.source();
        }
        all
    }

    #[test]
    fn those_who_waited_get_errors_of_one_kind_with_the_same_causes() {
        let cause = || io::Error::other(io::Error::other("the vault is shut"));
        for error in [
            CredentialsError::not_loaded(cause()),
            CredentialsError::not_loaded_no_source(),
            CredentialsError::provider_timed_out(Duration::from_secs(7)),
            CredentialsError::invalid_configuration(cause()),
            CredentialsError::provider_error(cause()),
            CredentialsError::unhandled(cause()),
        ] {
            let expected = (std::mem::discriminant(&error), shown(&error));
            let shared = Arc::new(error);
            for one in [own(Arc::clone(&shared)), own(shared)] {
                assert_eq!((std::mem::discriminant(&one), shown(&one)), expected);
            }
        }
    }

    #[test]
    fn the_last_of_those_who_waited_gets_the_providers_own_error() {
        let error = own(Arc::new(CredentialsError::provider_error(io::Error::other("shut"))));
        assert!(error.source().is_some_and(<dyn Error>::is::<io::Error>), "{error:?}");
    }
}
