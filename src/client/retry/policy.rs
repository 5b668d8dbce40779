//! Whether and how often a client sends again.

use std::time::Duration;

use crate::client::environment::{Lookup, variable};
use crate::client::error::ConfigError;
use crate::client::profile::{Profile, Value};

/// When a request is sent again by the client, and when not.
///
/// By default it is AWS's standard mode, as its SDKs have had it since November
/// 2026: three attempts in all; before each retry a random wait of up to 50 ms,
/// or 1 s after throttling, doubled with each retry up to 20 s; and for a
/// client and its clones together 500 tokens, of which a retry costs 14, or 5
/// after throttling, and a success gives back what the last retry cost, or one
/// token. A call that is dropped while it waits has paid for its retry. Where
/// the service asks for a wait (`x-amz-retry-after`), that counts within 5 s
/// above the computed one; a `Retry-After` is waited for in full, or where it
/// is longer than the longest wait, the request is not sent again.
///
/// Sent again is what was throttled, an internal error, an unavailable service,
/// a model that is not ready, a connection that was not made or broke, a stream
/// that ended too soon or came damaged, and a deadline that passed: all of that
/// only before the first event of a stream, or the head of an answer that is
/// none. Nothing was handed out until then, but the tokens of a stream that had
/// begun are spent: such a failure is final
/// [after a while](Self::give_up_after). Never sent again is what would fail
/// again: a request that is not valid, a permission that is missing, a quota of
/// tokens per day.
///
/// Source: AWS SDKs and Tools Reference Guide, ["Retry
/// behavior"](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a policy does nothing until a client has it"]
pub struct RetryPolicy {
    pub(in crate::client) max_attempts: u32,
    pub(super) base: Duration,
    pub(super) throttled_base: Duration,
    pub(super) longest: Duration,
    pub(super) patience: Duration,
}

impl RetryPolicy {
    /// AWS's standard mode.
    pub fn standard() -> Self {
        RetryPolicy {
            max_attempts: 3,
            base: Duration::from_millis(50),
            throttled_base: Duration::from_secs(1),
            longest: Duration::from_secs(20),
            patience: Duration::from_mins(1),
        }
    }

    /// Nothing is sent again.
    pub fn none() -> Self {
        Self::standard().max_attempts(1)
    }

    /// How often a request is sent in all, the first time included; 0 counts as
    /// one. That a request is signed and sent once more where the clock was wrong
    /// is none of these.
    pub fn max_attempts(self, attempts: u32) -> Self {
        Self { max_attempts: attempts.max(1), ..self }
    }

    /// The longest first wait, but after throttling; doubled with each retry.
    pub fn base_delay(self, delay: Duration) -> Self {
        Self { base: delay, ..self }
    }

    /// The longest first wait after throttling; doubled with each retry.
    pub fn throttling_base_delay(self, delay: Duration) -> Self {
        Self { throttled_base: delay, ..self }
    }

    /// The longest wait.
    pub fn max_delay(self, delay: Duration) -> Self {
        Self { longest: delay, ..self }
    }

    /// After how long the network's failure is final, by default one minute. A
    /// model may have worked for as long as the attempt took, and that was paid
    /// for and would be paid for again
    /// ([`Repeat::CostsAgain`](crate::fault::Repeat::CostsAgain)). AWS's SDKs
    /// have no such limit. A deadline for the
    /// [first attempt only](crate::client::Deadlines::first_attempt_only) is
    /// free of it.
    pub fn give_up_after(self, duration: Duration) -> Self {
        Self { patience: duration, ..self }
    }

    /// What environment and profile say: `AWS_MAX_ATTEMPTS` and
    /// `AWS_RETRY_MODE`, then `max_attempts` and `retry_mode`.
    pub(in crate::client) fn from_settings(
        lookup: Lookup<'_>,
        profile: Option<&Profile>,
    ) -> Result<Self, ConfigError> {
        let in_profile = |value: fn(&Profile) -> &Option<Value>| value(profile?).as_ref();
        let mode = in_profile(|profile| &profile.retry_mode);
        if let Some((what, mode)) = setting("AWS_RETRY_MODE", lookup, mode)? {
            check_mode(&what, &mode)?;
        }
        let attempts = in_profile(|profile| &profile.max_attempts);
        match setting("AWS_MAX_ATTEMPTS", lookup, attempts)? {
            Some((what, attempts)) => Ok(Self::standard().max_attempts(number(&what, &attempts)?)),
            None => Ok(Self::standard()),
        }
    }
}

impl Default for RetryPolicy {
    /// [`standard`](Self::standard).
    fn default() -> Self {
        Self::standard()
    }
}

/// A setting's name and value: the variable's, or else the profile's.
fn setting(
    name: &str,
    lookup: Lookup<'_>,
    in_profile: Option<&Value>,
) -> Result<Option<(String, String)>, ConfigError> {
    let variable = variable(name, lookup)?.map(|value| (name.to_owned(), value));
    Ok(variable.or_else(|| {
        let (what, value) = in_profile?.named();
        Some((what.to_owned(), value))
    }))
}

/// Every mode of AWS's is taken and means the standard one. `legacy` is what
/// each SDK did before, and there is no before here. `adaptive` is the standard
/// mode with a limit on the rate of first attempts besides, which AWS calls
/// experimental; a client that turned such an environment away would not be
/// usable in it.
fn check_mode(what: &str, mode: &str) -> Result<(), ConfigError> {
    match mode.trim().to_ascii_lowercase().as_str() {
        "standard" | "adaptive" | "legacy" => Ok(()),
        _ => {
            let why = format!("`{mode}` is none of `standard`, `adaptive` and `legacy`");
            Err(ConfigError::new(what, why))
        }
    }
}

fn number(what: &str, attempts: &str) -> Result<u32, ConfigError> {
    match attempts.trim().parse() {
        Ok(0) => {
            let why = "0 would send nothing: it counts the first attempt too, and 1 is no retry";
            Err(ConfigError::new(what, why))
        }
        Ok(number) => Ok(number),
        Err(error) => Err(ConfigError::new(what, format!("`{attempts}`: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn from(environment: &[(&str, &str)]) -> Result<RetryPolicy, String> {
        let lookup = |name: &str| {
            let found = environment.iter().find(|(known, _)| *known == name)?;
            Some(OsString::from(found.1))
        };
        RetryPolicy::from_settings(&lookup, None).map_err(|error| error.to_string())
    }

    #[test]
    fn the_standard_has_the_numbers_of_aws() {
        let policy = RetryPolicy::standard();
        assert_eq!(policy.max_attempts, 3);
        assert_eq!((policy.base.as_millis(), policy.throttled_base.as_millis()), (50, 1000));
        assert_eq!(policy.longest.as_secs(), 20);
        assert_eq!(RetryPolicy::default(), policy);
        assert_eq!(RetryPolicy::none().max_attempts, 1);
        assert_eq!(policy.max_attempts(0).max_attempts, 1);
    }

    #[test]
    fn the_environment_says_how_often_and_any_mode_of_aws_is_the_standard() {
        assert_eq!(from(&[]).unwrap(), RetryPolicy::standard());
        for mode in ["standard", "Adaptive", " legacy ", ""] {
            let policy = from(&[("AWS_RETRY_MODE", mode), ("AWS_MAX_ATTEMPTS", "5")]).unwrap();
            assert_eq!(policy, RetryPolicy::standard().max_attempts(5), "{mode}");
        }
    }

    #[test]
    fn what_cannot_be_read_names_the_variable() {
        for (name, value, part) in [
            ("AWS_RETRY_MODE", "fast", "`standard`, `adaptive` and `legacy`"),
            ("AWS_MAX_ATTEMPTS", "0", "1 is no retry"),
            ("AWS_MAX_ATTEMPTS", "-1", "`-1`: "),
            ("AWS_MAX_ATTEMPTS", "many", "`many`: "),
            ("AWS_MAX_ATTEMPTS", "5000000000", "`5000000000`: "),
        ] {
            let error = from(&[(name, value)]).unwrap_err();
            assert!(error.starts_with(&format!("{name}: ")) && error.contains(part), "{error}");
        }
    }
}
