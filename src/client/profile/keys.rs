//! Who asks, as far as a profile says.

use super::Found;
use super::Profile;
use super::Value;
use super::files::File;
use super::parse::Settings;
use crate::auth::Credentials;
use crate::client::error::ConfigError;

/// What only the credential chain can do and goes before fixed keys, in
/// botocore's order (`create_credential_resolver`).
pub(super) const BEFORE_KEYS: [&str; 4] =
    ["role_arn", "web_identity_token_file", "sso_account_id", "sso_role_name"];

/// What goes behind the keys in credentials and before those in config.
pub(super) const BETWEEN_KEYS: [&str; 2] = ["login_session", "credential_process"];

/// What a profile says of who asks.
#[derive(Debug)]
pub(in super::super) enum Claim {
    Keys(Credentials),
    /// The setting that asks for the chain.
    Chain(Value),
}

impl Profile {
    /// Whether it says who asks, be it in part or by the chain.
    pub(in super::super) fn claims(&self) -> bool {
        !matches!(self.claim, Ok(None))
    }

    /// Whether code named it, and not the environment or nobody.
    pub(in super::super) fn is_named_in_code(&self) -> bool {
        self.in_code
    }

    /// Whether it takes the credential chain to have what it asks for.
    #[cfg(feature = "credential-chain")]
    pub(in super::super) fn takes_chain(&self) -> bool {
        matches!(self.claim, Ok(Some(Claim::Chain(_))))
    }

    #[cfg(feature = "credential-chain")]
    pub(in super::super) fn name(&self) -> &str {
        &self.name
    }

    /// What to call it where it gave credentials.
    pub(in super::super) fn source(&self) -> String {
        format!("profile `{}`", self.name)
    }

    /// The profile's fixed keys; none if it says nothing of who asks.
    ///
    /// # Errors
    /// [`ConfigError`] about one half of a pair of keys, and about what takes
    /// the credential chain.
    pub(in super::super) fn into_credentials(self) -> Result<Option<Credentials>, ConfigError> {
        match self.claim? {
            Some(Claim::Chain(value)) => Err(ConfigError::no_credentials(needs_chain(&value))),
            Some(Claim::Keys(keys)) => Ok(Some(keys)),
            None => Ok(None),
        }
    }
}

fn needs_chain(value: &Value) -> String {
    format!(
        "{} takes the credential chain, which this build does not have: build with the feature \
         `credential-chain`, give the profile `aws_access_key_id` and `aws_secret_access_key` \
         instead, or set credentials in code",
        value.what
    )
}

impl Found<'_> {
    /// The first that botocore would take. AWS's Rust SDK lets each setting
    /// that asks for the chain go before fixed keys; here, as there, a role
    /// with a web identity is no role to assume.
    pub(super) fn claim(&self) -> Result<Option<Claim>, ConfigError> {
        let [credentials, config] = [0, 1].map(|file| (&self.files[file], &self.settings[file]));
        if let Some(value) = self.chain(&BEFORE_KEYS) {
            return Ok(Some(Claim::Chain(value)));
        }
        if let Some(keys) = self.keys(credentials)? {
            return Ok(Some(Claim::Keys(keys)));
        }
        if let Some(value) = self.chain(&BETWEEN_KEYS) {
            return Ok(Some(Claim::Chain(value)));
        }
        Ok(self.keys(config)?.map(Claim::Keys))
    }

    /// The first of these settings that is there, whatever its value, which may
    /// be a command with secrets in it.
    fn chain(&self, names: &[&str]) -> Option<Value> {
        names.iter().find_map(|name| {
            let (file, setting) = self.setting(name)?;
            (!setting.is_empty()).then(|| self.at(name, "", file, setting.line()))
        })
    }

    /// The keys in one file: a secret and a session token of two files belong
    /// to two users. So has it botocore.
    fn keys(
        &self,
        (file, settings): (&File, &Option<Settings<'_, '_>>),
    ) -> Result<Option<Credentials>, ConfigError> {
        let Some(settings) = settings else { return Ok(None) };
        let get = |name| match settings.get(name) {
            None => Ok(None),
            Some(setting) => setting.value().map_err(|error| file.syntax(&error)),
        };
        let (id, secret) = (get("aws_access_key_id")?, get("aws_secret_access_key")?);
        let token = match get("aws_session_token")? {
            None => get("aws_security_token")?,
            token => token,
        };
        match (id, secret) {
            (None, None) => Ok(None),
            (Some((id, _)), Some((secret, _))) => {
                let token = token.map(|(token, _)| token.to_owned());
                Ok(Some(Credentials::new(id, secret, token, None, "Profile")))
            }
            (Some((_, line)), None) => Err(self.half(file, line, "aws_secret_access_key")),
            (None, Some((_, line))) => Err(self.half(file, line, "aws_access_key_id")),
        }
    }

    fn half(&self, file: &File, line: u32, missing: &str) -> ConfigError {
        ConfigError::no_credentials(format!(
            "{} has one half of the keys of profile `{}`: give it `{missing}` in the same file too",
            file.at(line),
            self.name
        ))
    }
}
