//! AWS credentials, and where they come from.
//!
//! The seam is AWS's own [`ProvideCredentials`], so every provider written for
//! the AWS SDK for Rust fits. [`Credentials`] is a provider of itself: fixed
//! keys need no more than [`Credentials::new`].

mod cached;

use std::ffi::OsString;
use std::fmt;

use aws_credential_types::provider::{self, error::CredentialsError, future};
use zeroize::Zeroizing;

pub use self::cached::CachedCredentials;
pub use aws_credential_types::Credentials;
pub use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

/// What the credentials say about where they come from.
const PROVIDER_NAME: &str = "EnvironmentVariable";

/// Zeroed also where a later variable is an error.
type Secret = Zeroizing<String>;

type Lookup = dyn Fn(&str) -> Option<OsString> + Send + Sync;

/// Credentials in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and
/// `AWS_SESSION_TOKEN`.
///
/// Read anew each time they are asked for. An empty id counts as not set and an
/// empty session token as none, as in the AWS SDKs. Source: AWS SDKs and Tools Reference Guide,
/// "AWS access keys".
pub struct EnvironmentCredentials {
    lookup: Box<Lookup>,
}

impl EnvironmentCredentials {
    /// Reads the variables of this process.
    pub fn new() -> Self {
        Self::with_lookup(|name| std::env::var_os(name))
    }

    /// Reads variables through `lookup` instead.
    pub fn with_lookup(lookup: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static) -> Self {
        Self { lookup: Box::new(lookup) }
    }

    /// The credentials, without the detour over a future.
    ///
    /// # Errors
    /// [`EnvironmentError`] names the variable that is missing or unusable.
    pub fn load(&self) -> Result<Credentials, EnvironmentError> {
        let id = self.required(ACCESS_KEY_ID).map_err(|error| match error {
            EnvironmentError::Empty { variable } => EnvironmentError::Missing { variable },
            other => other,
        })?;
        let secret = self.required(SECRET_ACCESS_KEY)?;
        let token = self.get(SESSION_TOKEN)?.filter(|token| !token.is_empty());
        Ok(Credentials::new(take(id), take(secret), token.map(take), None, PROVIDER_NAME))
    }

    fn required(&self, variable: &'static str) -> Result<Secret, EnvironmentError> {
        match self.get(variable)? {
            None => Err(EnvironmentError::Missing { variable }),
            Some(value) if value.trim().is_empty() => Err(EnvironmentError::Empty { variable }),
            Some(value) => Ok(value),
        }
    }

    fn get(&self, variable: &'static str) -> Result<Option<Secret>, EnvironmentError> {
        let Some(value) = (self.lookup)(variable) else {
            return Ok(None);
        };
        let text = value.into_string().map_err(|value| {
            // The bytes may be most of a secret: zeroed like one.
            drop(Zeroizing::new(value.into_encoded_bytes()));
            EnvironmentError::NotUnicode { variable }
        })?;
        Ok(Some(Zeroizing::new(text)))
    }
}

/// Moves the text out without a copy; `Credentials` zeroes it from here on.
fn take(mut secret: Secret) -> String {
    std::mem::take(&mut secret)
}

impl Default for EnvironmentCredentials {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for EnvironmentCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnvironmentCredentials")
    }
}

impl ProvideCredentials for EnvironmentCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let result: provider::Result = self.load().map_err(CredentialsError::from);
        future::ProvideCredentials::ready(result)
    }
}

/// Why the environment gave no credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvironmentError {
    /// The variable is not set. An empty id is as good as none: whoever wants to
    /// be rid of a variable may not be able to unset it.
    #[error("{variable} is not set")]
    Missing {
        /// Its name.
        variable: &'static str,
    },
    /// The secret is set, to nothing or to white space.
    #[error("{variable} is set but empty; give it a value or unset it")]
    Empty {
        /// Its name.
        variable: &'static str,
    },
    /// The variable is not Unicode, so not what AWS issued.
    #[error("{variable} is not Unicode; copy the value again")]
    NotUnicode {
        /// Its name.
        variable: &'static str,
    },
}

impl From<EnvironmentError> for CredentialsError {
    /// A missing variable lets a chain go on to its next provider; an unusable one stops it.
    fn from(error: EnvironmentError) -> Self {
        match error {
            EnvironmentError::Missing { .. } => Self::not_loaded(error),
            EnvironmentError::Empty { .. } | EnvironmentError::NotUnicode { .. } => {
                Self::invalid_configuration(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::error::Error;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    const ID: &str = "AKIDEXAMPLE";
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE";

    fn environment(set: &[(&str, &str)]) -> EnvironmentCredentials {
        let set: HashMap<String, OsString> =
            set.iter().map(|&(k, v)| (k.to_owned(), v.into())).collect();
        EnvironmentCredentials::with_lookup(move |name| set.get(name).cloned())
    }

    fn provide(provider: &dyn ProvideCredentials) -> provider::Result {
        let mut future = pin!(provider.provide_credentials());
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => panic!("a provider without IO is ready at once"),
        }
    }

    #[test]
    fn keys_and_token_come_from_the_three_variables() {
        let provider = environment(&[
            ("AWS_ACCESS_KEY_ID", ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_SESSION_TOKEN", TOKEN),
        ]);
        let found = provide(&provider).unwrap();
        assert_eq!(found.access_key_id(), ID);
        assert_eq!(found.secret_access_key(), SECRET);
        assert_eq!(found.session_token(), Some(TOKEN));
    }

    #[test]
    fn an_empty_session_token_is_none() {
        let provider = environment(&[
            ("AWS_ACCESS_KEY_ID", ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_SESSION_TOKEN", ""),
        ]);
        assert_eq!(provider.load().unwrap().session_token(), None);
    }

    #[test]
    fn errors_name_the_variable() {
        let missing = |variable| EnvironmentError::Missing { variable };
        let empty = |variable| EnvironmentError::Empty { variable };
        for (set, expected) in [
            (&[][..], missing("AWS_ACCESS_KEY_ID")),
            (&[("AWS_ACCESS_KEY_ID", ID)], missing("AWS_SECRET_ACCESS_KEY")),
            (&[("AWS_ACCESS_KEY_ID", "")], missing("AWS_ACCESS_KEY_ID")),
            (
                &[("AWS_ACCESS_KEY_ID", " "), ("AWS_SECRET_ACCESS_KEY", "")],
                missing("AWS_ACCESS_KEY_ID"),
            ),
            (
                &[("AWS_ACCESS_KEY_ID", ID), ("AWS_SECRET_ACCESS_KEY", " \n")],
                empty("AWS_SECRET_ACCESS_KEY"),
            ),
        ] {
            let error = provide(&environment(set)).unwrap_err();
            let source = error.source().expect("the reason");
            assert_eq!(source.downcast_ref(), Some(&expected), "{error:?}");
        }
    }

    #[test]
    fn a_missing_variable_is_not_loaded_and_an_empty_one_is_bad_configuration() {
        let missing = provide(&environment(&[])).unwrap_err();
        assert!(matches!(missing, CredentialsError::CredentialsNotLoaded(_)), "{missing:?}");
        let blank = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", SECRET)];
        let blank = provide(&environment(&blank)).unwrap_err();
        assert!(matches!(blank, CredentialsError::CredentialsNotLoaded(_)), "{blank:?}");
        let half = [("AWS_ACCESS_KEY_ID", ID), ("AWS_SECRET_ACCESS_KEY", "")];
        let empty = provide(&environment(&half)).unwrap_err();
        assert!(matches!(empty, CredentialsError::InvalidConfiguration(_)), "{empty:?}");
    }

    #[test]
    fn debug_shows_neither_secret_nor_session_token() {
        let fixed = Credentials::new(ID, SECRET, Some(TOKEN.to_owned()), None, "test");
        let shared = SharedCredentialsProvider::new(fixed.clone());
        let read = environment(&[("AWS_ACCESS_KEY_ID", ID), ("AWS_SECRET_ACCESS_KEY", SECRET)]);
        for shown in [
            format!("{fixed:?} {fixed:#?}"),
            format!("{shared:?} {shared:#?}"),
            format!("{read:?} {read:#?}"),
        ] {
            assert!(!shown.contains("wJalrX") && !shown.contains("IQoJb3"), "{shown}");
        }
    }

    #[test]
    fn fixed_credentials_provide_themselves() {
        let fixed = Credentials::new(ID, SECRET, None, None, "test");
        assert_eq!(provide(&fixed).unwrap(), fixed);
    }
}
