//! Who asks: an API key or AWS credentials.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use super::call::Clock;
#[cfg(feature = "credential-chain")]
use super::chain::{self, Start};
use super::environment::Environment;
use super::error::{ConfigError, Error};
use super::profile::Profile;
use super::whoami::AuthScheme;
use crate::auth::{BearerKey, ProvideBearerKey};
#[cfg(feature = "sigv4")]
use crate::auth::{
    CachedCredentials, Credentials, EnvironmentCredentials, EnvironmentError, ProvideCredentials,
    SharedCredentialsProvider,
};
use crate::endpoint::Region;
use crate::operation::Request;

const KEY_VARIABLE: &str = "AWS_BEARER_TOKEN_BEDROCK";

/// Who asks.
#[derive(Clone, Debug)]
pub(super) enum Identity {
    Key(BearerKey),
    KeyProvider(KeyProvider),
    #[cfg(feature = "sigv4")]
    Credentials(SharedCredentialsProvider),
}

impl Identity {
    /// Who asks, and what says so: the first of what the caller named, of a
    /// profile that the caller named, of the environment, where a key goes
    /// before credentials, and of any other profile; then what the credential
    /// chain finds, in a build that has it, if code lets us look. Of a `scheme`,
    /// only what is for it.
    pub(super) fn resolve(
        named: Option<Named>,
        scheme: Option<AuthScheme>,
        environment: Environment,
        profile: Option<Profile>,
        region: Option<&Region>,
        may_look: bool,
        clock: &Clock,
    ) -> Result<(Self, String), ConfigError> {
        if let Some(named) = named {
            let identity = Self::named(named, clock);
            return match scheme {
                Some(scheme) if scheme != identity.scheme() => Err(wrong_scheme(scheme)),
                _ => Ok((identity, "code".to_owned())),
            };
        }
        if scheme != Some(AuthScheme::SigV4) && !goes_first(profile.as_ref(), scheme) {
            let key = BearerKey::from_env(environment)
                .map_err(|error| ConfigError::new(KEY_VARIABLE, error))?;
            if let Some(key) = key {
                return Ok((Identity::Key(key), KEY_VARIABLE.to_owned()));
            }
        }
        if scheme == Some(AuthScheme::Bearer) {
            return Err(ConfigError::new(KEY_VARIABLE, "not set: give an API key"));
        }
        #[cfg(feature = "credential-chain")]
        if may_look && let Some((start, source)) = chained(environment, profile.as_ref()) {
            return Ok((Self::cached(chain::provider(start, region), clock), source));
        }
        let _ = region;
        if !may_look {
            let why = "none are set in code, and the environment is not read \
                       (`ignore_environment`): call `credentials`, `api_key` or `api_key_provider`";
            return Err(ConfigError::no_credentials(why));
        }
        Self::fixed(environment, profile)
    }

    fn named(named: Named, clock: &Clock) -> Self {
        let _ = clock;
        match named {
            Named::Key(key) => Identity::Key(key),
            Named::KeyProvider(keys) => Identity::KeyProvider(keys),
            #[cfg(feature = "sigv4")]
            Named::Credentials(provider) => Self::cached(provider, clock),
        }
    }

    /// Looked at now, so that what is missing is told now; kept, so that
    /// environment and files are read at one time only.
    #[cfg(feature = "sigv4")]
    fn fixed(
        environment: Environment,
        profile: Option<Profile>,
    ) -> Result<(Self, String), ConfigError> {
        let (credentials, source) = fixed(environment, profile)?;
        Ok((Identity::Credentials(SharedCredentialsProvider::new(credentials)), source))
    }

    #[cfg(not(feature = "sigv4"))]
    fn fixed(_: Environment, _: Option<Profile>) -> Result<(Self, String), ConfigError> {
        let why = "not set: give an API key, or build with the feature `sigv4` to sign with \
                   credentials";
        Err(ConfigError::new(KEY_VARIABLE, why))
    }

    /// How it is proved.
    pub(super) fn scheme(&self) -> AuthScheme {
        if self.signs() { AuthScheme::SigV4 } else { AuthScheme::Bearer }
    }

    /// A provider may take its time, and what it gives may expire.
    #[cfg(feature = "sigv4")]
    fn cached(provider: SharedCredentialsProvider, clock: &Clock) -> Self {
        let clock = Arc::clone(clock);
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

/// Whether a profile goes before an API key of the environment: code names it,
/// and it says who asks.
#[cfg(feature = "sigv4")]
fn goes_first(profile: Option<&Profile>, scheme: Option<AuthScheme>) -> bool {
    scheme != Some(AuthScheme::Bearer)
        && profile.is_some_and(|profile| profile.is_named_in_code() && profile.claims())
}

#[cfg(not(feature = "sigv4"))]
fn goes_first(_: Option<&Profile>, _: Option<AuthScheme>) -> bool {
    false
}

fn wrong_scheme(scheme: AuthScheme) -> ConfigError {
    let why = match scheme {
        AuthScheme::SigV4 => "requests are to be signed, and code gives an API key",
        AuthScheme::Bearer => "requests are to carry an API key, and code gives credentials",
    };
    ConfigError::new("auth_scheme", format!("{why}: leave out one of the two"))
}

/// Whether the environment says who asks, be it wrongly.
pub(super) fn is_in_environment(environment: Environment) -> bool {
    let is_set = |name| environment(name).is_some_and(|value| !value.is_empty());
    is_set(KEY_VARIABLE) || (cfg!(feature = "sigv4") && is_set("AWS_ACCESS_KEY_ID"))
}

/// Where the chain begins, unless fixed keys are at hand, whole or in part; and
/// what to call it.
#[cfg(feature = "credential-chain")]
fn chained(environment: Environment, profile: Option<&Profile>) -> Option<(Start, String)> {
    let in_code = profile.is_some_and(Profile::is_named_in_code);
    let nobody = EnvironmentError::Missing { variable: "AWS_ACCESS_KEY_ID" };
    if !in_code && EnvironmentCredentials::with_lookup(environment).load() != Err(nobody) {
        return None;
    }
    let takes_chain = profile.is_some_and(Profile::takes_chain);
    if !takes_chain && profile.is_some_and(Profile::claims) {
        return None;
    }
    let name = profile.map(|profile| profile.name().to_owned());
    let source = match profile {
        Some(profile) if takes_chain => format!("{} by the credential chain", profile.source()),
        _ => "credential chain".to_owned(),
    };
    let start = match name {
        Some(name) if in_code && takes_chain => Start::Profile(name),
        Some(_) if in_code => Start::Container,
        name => Start::Environment(name),
    };
    Some((start, source))
}

/// How to mend that nobody is there to ask.
#[cfg(feature = "sigv4")]
const WAYS: &str = if cfg!(feature = "credential-chain") {
    "set AWS_BEARER_TOKEN_BEDROCK to an API key, or give credentials"
} else {
    "set AWS_BEARER_TOKEN_BEDROCK to an API key, or give credentials (those of an instance, a \
     container or single sign-on take the feature `credential-chain`)"
};

/// The keys of the environment or else of the profile, and where they are from;
/// of the profile alone if code names it. So has it botocore
/// (`create_credential_resolver`); AWS's Rust SDK asks the environment first in
/// any case.
#[cfg(feature = "sigv4")]
fn fixed(
    environment: Environment,
    profile: Option<Profile>,
) -> Result<(Credentials, String), ConfigError> {
    let none = |why: String| ConfigError::no_credentials(why);
    let not_here = if profile.as_ref().is_some_and(Profile::is_named_in_code) {
        "the environment's are not looked at where code names a profile".to_owned()
    } else {
        match EnvironmentCredentials::with_lookup(environment).load() {
            Ok(credentials) => return Ok((credentials, "environment".to_owned())),
            // A secret without an id is nobody's, as in botocore.
            Err(error @ EnvironmentError::Missing { variable: "AWS_ACCESS_KEY_ID" }) => {
                error.to_string()
            }
            Err(error) => return Err(none(error.to_string())),
        }
    };
    let Some(profile) = profile else {
        let why = format!("none are set in code, {not_here}, and there is no profile `default`");
        return Err(none(format!("{why}; {WAYS}")));
    };
    let (of, source) = (profile.to_string(), profile.source());
    let why = || format!("none are set in code, {not_here}, and {of} has no `aws_access_key_id`");
    let credentials = profile.into_credentials()?.ok_or_else(|| none(why()))?;
    Ok((credentials, source))
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
