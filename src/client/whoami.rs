//! Who a client asks as, for those who want to see it.

use super::call::Client;
use super::error::Error;
use super::identity::{Identity, KeyProvider};
use crate::auth::{BearerKey, ProvideBearerKey};
#[cfg(feature = "sigv4")]
use crate::auth::{Credentials, ProvideCredentials};
use crate::endpoint::Region;

/// How a request proves who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthScheme {
    /// A signature made with AWS credentials: AWS Signature Version 4.
    SigV4,
    /// A Bedrock API key, sent as a bearer token (RFC 6750).
    Bearer,
}

/// Who a client asks as, without any secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdentityInfo {
    /// What says who asks: `code`, `AWS_BEARER_TOKEN_BEDROCK`, `environment`
    /// for `AWS_ACCESS_KEY_ID` and its secret, a profile by its name, or
    /// `credential chain`.
    pub source: String,
    /// How it is proved.
    pub scheme: AuthScheme,
}

impl Client {
    /// Who the client asks as, and how it came to that.
    pub fn identity(&self) -> IdentityInfo {
        IdentityInfo { source: self.source.clone(), scheme: self.identity.scheme() }
    }

    /// The region to ask and to sign for, if one is set: in code, in the
    /// environment or in the profile. A request whose ARN names one goes there
    /// ([`endpoint_for`](Self::endpoint_for)).
    pub fn region(&self) -> Option<&Region> {
        self.region.as_ref()
    }

    /// The credentials that a request made now would be signed with; `None`
    /// where requests carry an API key.
    ///
    /// # Errors
    /// [`Error::Credentials`] if their provider has none.
    #[cfg(feature = "sigv4")]
    pub async fn credentials(&self) -> Result<Option<Credentials>, Error> {
        match &self.identity {
            Identity::Credentials(provider) => Ok(Some(provider.provide_credentials().await?)),
            Identity::Key(_) | Identity::KeyProvider(_) => Ok(None),
        }
    }

    /// The API key that a request made now would carry; `None` where requests
    /// are signed.
    ///
    /// # Errors
    /// [`Error::ApiKey`] if their provider has none.
    pub async fn api_key(&self) -> Result<Option<BearerKey>, Error> {
        match &self.identity {
            Identity::Key(key) => Ok(Some(key.clone())),
            Identity::KeyProvider(KeyProvider(keys)) => Ok(Some(keys.provide_bearer_key().await?)),
            #[cfg(feature = "sigv4")]
            Identity::Credentials(_) => Ok(None),
        }
    }
}
