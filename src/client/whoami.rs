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
        IdentityInfo { source: self.inner.source.clone(), scheme: self.inner.identity.scheme() }
    }

    /// The region to ask and to sign for, if one is set: in code, in the
    /// environment or in the profile. A request whose ARN names one goes there
    /// ([`endpoint_for`](Self::endpoint_for)).
    pub fn region(&self) -> Option<&Region> {
        self.inner.region.as_ref()
    }

    /// The credentials that a request made now would be signed with; `None`
    /// where requests carry an API key.
    ///
    /// # Errors
    /// [`Error::Credentials`] if their provider has none.
    #[cfg(feature = "sigv4")]
    pub async fn credentials(&self) -> Result<Option<Credentials>, Error> {
        match &self.inner.identity {
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
        match &self.inner.identity {
            Identity::Key(key) => Ok(Some(key.clone())),
            Identity::KeyProvider(KeyProvider(keys)) => Ok(Some(keys.provide_bearer_key().await?)),
            #[cfg(feature = "sigv4")]
            Identity::Credentials(_) => Ok(None),
        }
    }
}

#[cfg(all(test, feature = "sigv4"))]
mod tests {
    use super::*;
    use crate::client::ClientBuilder;

    fn builder() -> ClientBuilder {
        Client::builder().ignore_environment().region("us-east-1")
    }

    fn credentials() -> Credentials {
        Credentials::new("AKIDEXAMPLE", "wJalr", None, None, "test")
    }

    fn error(builder: ClientBuilder) -> String {
        builder.build().expect_err("what is missing or too much").to_string()
    }

    #[test]
    fn what_code_gives_and_the_scheme_that_it_asks_for_go_together() {
        let key = builder().api_key("EXAMPLE");
        let error_of_key = error(key.auth_scheme(AuthScheme::SigV4));
        assert!(
            error_of_key.starts_with("auth_scheme: requests are to be signed"),
            "{error_of_key}"
        );
        let signed = builder().credentials(credentials());
        let error_of_keys = error(signed.auth_scheme(AuthScheme::Bearer));
        assert!(error_of_keys.starts_with("auth_scheme: requests are to carry"), "{error_of_keys}");
        let nobody = error(builder().auth_scheme(AuthScheme::Bearer));
        assert!(nobody.starts_with("AWS_BEARER_TOKEN_BEDROCK: not set"), "{nobody}");
    }

    #[cfg(feature = "rustls")]
    #[test]
    fn a_client_says_who_it_asks_as() {
        let key =
            builder().api_key("EXAMPLE").auth_scheme(AuthScheme::Bearer).build().expect("a client");
        let expected = |scheme| IdentityInfo { source: "code".to_owned(), scheme };
        assert_eq!(key.identity(), expected(AuthScheme::Bearer));
        assert_eq!(key.region().map(Region::as_str), Some("us-east-1"));
        let signed = builder().credentials(credentials()).build().expect("a client");
        assert_eq!(signed.identity(), expected(AuthScheme::SigV4));
    }
}
