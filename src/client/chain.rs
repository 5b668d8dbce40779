//! The credential chain: whatever AWS's own SDK finds, by its crate
//! `aws-config`.
//!
//! Environment and shared files, assumed roles, web identity (EKS), single
//! sign-on, login sessions, processes, containers (ECS, EKS pod identity) and
//! instances (`IMDSv2`). Nothing is looked up before a request is to be signed.
//! Source: AWS SDKs and Tools Reference Guide, "Standardized credential
//! providers".

mod http;

use std::error::Error;
use std::fmt;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::{ProviderAttempt, ProviderChainError};
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region as AwsRegion, SdkConfig};
use aws_credential_types::provider::{self, error::CredentialsError, future};
use tracing::instrument::WithSubscriber;

use self::http::Http;
use super::transport::chain;
use crate::auth::{Credentials, ProvideCredentials, SharedCredentialsProvider};
use crate::endpoint::Region;

/// Where the chain begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// At the environment: the whole chain, with this profile if there is one.
    /// AWS's Rust SDK does not know each variable that may have named it.
    Environment(Option<String>),
    /// At this profile, and there it ends: who names a profile in code means
    /// nobody else.
    Profile(String),
    /// At the container, then the instance: for a profile named in code that
    /// says nothing of who asks, as in botocore.
    Container,
}

/// Credentials from the chain, which asks STS and its like in `region`. It is
/// gone through each time it is asked, but for credentials that name no end:
/// those are long-term, and are looked up once (AWS SDKs and Tools Reference
/// Guide, "Process credential provider").
pub(super) fn provider(start: Start, region: Option<&Region>) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Chain {
        start,
        region: region.map(|region| AwsRegion::new(region.as_str().to_owned())),
        made: Mutex::new(None),
        lasting: OnceLock::new(),
    })
}

struct Chain {
    start: Start,
    region: Option<AwsRegion>,
    made: Mutex<Option<SharedCredentialsProvider>>,
    lasting: OnceLock<Credentials>,
}

impl Chain {
    async fn credentials(&self) -> provider::Result {
        if let Some(lasting) = self.lasting.get() {
            return Ok(lasting.clone());
        }
        // At trace level AWS's crates log answers in full, and commands: with
        // the secrets in them.
        let quiet = tracing::Dispatch::none();
        let given = async { self.provider().await?.provide_credentials().await };
        let given = given.with_subscriber(quiet).await;
        match &given {
            Ok(credentials) if credentials.expiry().is_none() => {
                // Whoever was first has the same.
                let _ = self.lasting.set(credentials.clone());
            }
            Ok(_) => {}
            // Made anew next time: some of AWS's providers keep what they
            // could not read for good, and a file may be mended.
            Err(_) => *self.made() = None,
        }
        given.map_err(|error| Nowhere::explain(error, &self.start))
    }

    async fn provider(&self) -> Result<SharedCredentialsProvider, CredentialsError> {
        if let Some(made) = &*self.made() {
            return Ok(made.clone());
        }
        let made = self.make().await.ok_or_else(CredentialsError::not_loaded_no_source)?;
        *self.made() = Some(made.clone());
        Ok(made)
    }

    async fn make(&self) -> Option<SharedCredentialsProvider> {
        let http = Http::default();
        let loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http.clone())
            .region(self.region.clone());
        match &self.start {
            Start::Environment(Some(name)) => {
                loader.profile_name(name).load().await.credentials_provider()
            }
            Start::Environment(None) => loader.load().await.credentials_provider(),
            Start::Profile(name) => {
                let loader = loader.profile_name(name).no_credentials();
                let settings = configuration(&loader.load().await, http);
                let profile = ProfileFileCredentialsProvider::builder().configure(&settings);
                Some(SharedCredentialsProvider::new(profile.profile_name(name).build()))
            }
            Start::Container => {
                let settings = configuration(&loader.no_credentials().load().await, http);
                Some(SharedCredentialsProvider::new(container(&settings)))
            }
        }
    }

    /// Nothing in it can be half done.
    fn made(&self) -> MutexGuard<'_, Option<SharedCredentialsProvider>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What AWS's settings say, for a provider that is made alone.
fn configuration(settings: &SdkConfig, http: Http) -> ProviderConfig {
    let config = ProviderConfig::without_region()
        .with_http_client(http)
        .with_region(settings.region().cloned())
        .with_use_fips(settings.use_fips())
        .with_use_dual_stack(settings.use_dual_stack());
    match settings.retry_config() {
        Some(retry) => config.with_retry_config(retry.clone()),
        None => config,
    }
}

fn container(config: &ProviderConfig) -> CredentialsProviderChain {
    let container = EcsCredentialsProvider::builder().configure(config).build();
    let instance = ImdsCredentialsProvider::builder().configure(config).build();
    CredentialsProviderChain::first_try("EcsContainer", container)
        .or_else("Ec2InstanceMetadata", instance)
}

impl ProvideCredentials for Chain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain")
            .field("start", &self.start)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// That nobody had any, and why not, in one line.
#[derive(Debug)]
struct Nowhere(CredentialsError);

impl Nowhere {
    fn explain(error: CredentialsError, start: &Start) -> CredentialsError {
        match (&error, start) {
            (_, Start::Profile(_)) => error,
            (CredentialsError::CredentialsNotLoaded(_), _) => {
                CredentialsError::not_loaded(Nowhere(error))
            }
            _ => error,
        }
    }

    fn attempts(&self) -> &[ProviderAttempt<CredentialsError>] {
        let chain = self.0.source().and_then(|source| source.downcast_ref());
        chain.map_or(&[], ProviderChainError::attempts)
    }
}

impl fmt::Display for Nowhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("none found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE")?;
        for attempt in self.attempts() {
            write!(f, "; {}", attempt.name())?;
            match attempt.error().source() {
                Some(why) => write!(f, ": {}", chain(why))?,
                None => f.write_str(" has none")?,
            }
        }
        Ok(())
    }
}

impl Error for Nowhere {}
