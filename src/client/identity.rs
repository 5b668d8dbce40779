//! Who asks: an API key or AWS credentials.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use super::call::Clock;
#[cfg(feature = "credential-chain")]
use super::chain::{self, Start};
#[cfg(feature = "sigv4")]
use super::error::NO_CREDENTIALS;
use super::error::{ConfigError, Error};
use super::profile::Profile;
use super::settings::Environment;
use crate::auth::{BearerKey, ProvideBearerKey};
#[cfg(feature = "sigv4")]
use crate::auth::{
    CachedCredentials, Credentials, EnvironmentCredentials, EnvironmentError, ProvideCredentials,
    SharedCredentialsProvider,
};
use crate::endpoint::Region;
use crate::operation::Request;

/// Who asks.
#[derive(Clone, Debug)]
pub(super) enum Identity {
    Key(BearerKey),
    KeyProvider(KeyProvider),
    #[cfg(feature = "sigv4")]
    Credentials(SharedCredentialsProvider),
}

impl Identity {
    /// The first of what the caller named, what the environment has, where a
    /// key goes before credentials, and what the profile has; then what the
    /// credential chain finds, in a build that has it, if code lets us look.
    pub(super) fn resolve(
        named: Option<Named>,
        environment: Environment,
        profile: Option<Profile>,
        region: Option<&Region>,
        may_look: bool,
        clock: Clock,
    ) -> Result<Self, ConfigError> {
        #[cfg(not(feature = "credential-chain"))]
        let _ = (region, may_look);
        let named = match named {
            Some(named) => Some(named),
            None => BearerKey::from_env(environment)
                .map_err(|error| ConfigError::new("AWS_BEARER_TOKEN_BEDROCK", error))?
                .map(Named::Key),
        };
        match named {
            Some(Named::Key(key)) => Ok(Identity::Key(key)),
            Some(Named::KeyProvider(keys)) => Ok(Identity::KeyProvider(keys)),
            #[cfg(feature = "sigv4")]
            Some(Named::Credentials(provider)) => Ok(Self::cached(provider, clock)),
            #[cfg(feature = "sigv4")]
            None => {
                #[cfg(feature = "credential-chain")]
                if may_look && let Some(start) = chained(environment, profile.as_ref()) {
                    return Ok(Self::cached(chain::provider(start, region), clock));
                }
                // Looked at now, so that what is missing is told now; kept, so
                // that environment and files are read at one time only.
                let credentials = fixed(environment, profile)?;
                Ok(Identity::Credentials(SharedCredentialsProvider::new(credentials)))
            }
            #[cfg(not(feature = "sigv4"))]
            None => {
                let _ = (profile, clock);
                Err(ConfigError::new(
                    "AWS_BEARER_TOKEN_BEDROCK",
                    "not set: give an API key, or build with the feature `sigv4` to sign with credentials",
                ))
            }
        }
    }

    /// A provider may take its time, and what it gives may expire.
    #[cfg(feature = "sigv4")]
    fn cached(provider: SharedCredentialsProvider, clock: Clock) -> Self {
        let cached = CachedCredentials::new(provider, move || clock());
        Identity::Credentials(SharedCredentialsProvider::new(cached))
    }

    /// Whether requests are signed, and so depend on the clock.
    pub(super) fn signs(&self) -> bool {
        match self {
            Identity::Key(_) | Identity::KeyProvider(_) => false,
            #[cfg(feature = "sigv4")]
            Identity::Credentials(_) => true,
        }
    }

    /// Proves in the request who asks, as of the `clock`'s time when it is
    /// signed: credentials may take a while. A signature is for the region.
    pub(super) async fn prove(
        &self,
        request: &mut Request,
        region: Option<&Region>,
        clock: &(dyn Fn() -> SystemTime + Send + Sync),
    ) -> Result<(), Error> {
        let _ = (region, clock);
        match self {
            Identity::Key(key) => request.authorize(key),
            Identity::KeyProvider(KeyProvider(keys)) => {
                request.authorize(&keys.provide_bearer_key().await?);
            }
            #[cfg(feature = "sigv4")]
            Identity::Credentials(provider) => {
                let region = region.ok_or_else(no_region)?;
                let credentials = provider.provide_credentials().await?;
                request.sign(&credentials, region, clock())?;
            }
        }
        Ok(())
    }
}

/// Where the chain begins, unless fixed keys are at hand, whole or in part.
#[cfg(feature = "credential-chain")]
fn chained(environment: Environment, profile: Option<&Profile>) -> Option<Start> {
    let in_code = profile.is_some_and(Profile::is_named_in_code);
    let nobody = EnvironmentError::Missing { variable: "AWS_ACCESS_KEY_ID" };
    if !in_code && EnvironmentCredentials::with_lookup(environment).load() != Err(nobody) {
        return None;
    }
    let chain = profile.and_then(Profile::takes_chain);
    if chain.is_none() && profile.is_some_and(Profile::has_keys) {
        return None;
    }
    Some(match (in_code, chain) {
        (false, _) => Start::Environment,
        (true, Some(name)) => Start::Profile(name.to_owned()),
        (true, None) => Start::Container,
    })
}

/// The keys of the environment or else of the profile; of the profile alone if
/// code names it. So has it botocore (`create_credential_resolver`); AWS's Rust
/// SDK asks the environment first in any case.
#[cfg(feature = "sigv4")]
fn fixed(environment: Environment, profile: Option<Profile>) -> Result<Credentials, ConfigError> {
    let none = |why: String| ConfigError::new(NO_CREDENTIALS, why);
    let not_here = if profile.as_ref().is_some_and(Profile::is_named_in_code) {
        "the environment's are not looked at where code names a profile".to_owned()
    } else {
        match EnvironmentCredentials::with_lookup(environment).load() {
            Ok(credentials) => return Ok(credentials),
            // A secret without an id is nobody's, as in botocore.
            Err(error @ EnvironmentError::Missing { variable: "AWS_ACCESS_KEY_ID" }) => {
                error.to_string()
            }
            Err(error) => return Err(none(error.to_string())),
        }
    };
    let Some(profile) = profile else {
        let why = format!("none are set in code, {not_here}, and there is no profile `default`");
        return Err(none(why));
    };
    let of = profile.to_string();
    let why = || format!("none are set in code, {not_here}, and {of} has no `aws_access_key_id`");
    profile.into_credentials()?.ok_or_else(|| none(why()))
}

pub(super) fn no_region() -> ConfigError {
    ConfigError::new(
        "region",
        "none is set: name one (`region`, on the command line --region), set AWS_REGION, give the \
         profile a `region`, or name the model by an ARN that has one",
    )
}

/// Who asks, as the caller named it.
#[derive(Debug)]
pub(super) enum Named {
    Key(BearerKey),
    KeyProvider(KeyProvider),
    #[cfg(feature = "sigv4")]
    Credentials(SharedCredentialsProvider),
}

/// Gives an API key for each request.
#[derive(Clone)]
pub(super) struct KeyProvider(pub(super) Arc<dyn ProvideBearerKey>);

impl fmt::Debug for KeyProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyProvider")
    }
}
