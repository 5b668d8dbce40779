//! Amazon Bedrock API keys, sent as bearer tokens.

mod provide;

use std::ffi::OsString;
use std::fmt;

use http::HeaderValue;
use zeroize::Zeroizing;

pub use self::provide::{BearerKeyFuture, ProvideBearerKey, ProvideBearerKeyError};

const VARIABLE: &str = "AWS_BEARER_TOKEN_BEDROCK";
const SCHEME: &str = "Bearer ";

/// An Amazon Bedrock API key, short-term or long-term.
///
/// Sent as `Authorization: Bearer <key>` (RFC 6750 §2.1). It is visible ASCII
/// without spaces; `Debug` does not show it, and its memory is zeroed on drop.
/// Source: AWS, "Amazon Bedrock API keys".
///
/// ```
/// use bedrock_wire::auth::BearerKey;
///
/// let key = BearerKey::new("bedrock-api-key-EXAMPLE")?;
/// assert!(key.header_value().is_sensitive());
/// assert_eq!(format!("{key:?}"), "BearerKey(** redacted **)");
/// # Ok::<(), bedrock_wire::auth::BearerKeyError>(())
/// ```
#[derive(Clone)]
pub struct BearerKey(Zeroizing<String>);

impl BearerKey {
    /// Checks and takes a key.
    ///
    /// # Errors
    /// [`BearerKeyError`] says what is wrong and at which byte, never the key.
    pub fn new(key: impl Into<String>) -> Result<Self, BearerKeyError> {
        Self::checked(key.into(), "the bearer key")
    }

    /// The key in `AWS_BEARER_TOKEN_BEDROCK`, or `None` if it is not set.
    ///
    /// `lookup` gives a variable's value, for example
    /// `|name| std::env::var_os(name)`.
    ///
    /// # Errors
    /// [`BearerKeyError`], as [`new`](Self::new) has it and naming the
    /// variable, also if it is set but empty.
    pub fn from_env(
        lookup: impl FnOnce(&str) -> Option<OsString>,
    ) -> Result<Option<Self>, BearerKeyError> {
        let Some(value) = lookup(VARIABLE) else {
            return Ok(None);
        };
        let value = value.into_string().map_err(|value| {
            // The bytes may be most of a key: zeroed like one.
            drop(Zeroizing::new(value.into_encoded_bytes()));
            BearerKeyError { origin: VARIABLE, problem: BearerKeyProblem::NotUnicode }
        })?;
        Self::checked(value, VARIABLE).map(Some)
    }

    fn checked(key: String, origin: &'static str) -> Result<Self, BearerKeyError> {
        let key = Zeroizing::new(key);
        check(&key).map_err(|problem| BearerKeyError { origin, problem })?;
        Ok(Self(key))
    }

    /// The key itself, a secret: to hand it on, never to show it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The value of `Authorization`, marked sensitive.
    #[expect(clippy::missing_panics_doc, reason = "unreachable: the key was checked")]
    pub fn header_value(&self) -> HeaderValue {
        // Reserved in full, so that no shorter copy of the key is left behind.
        let mut text = String::with_capacity(SCHEME.len() + self.0.len());
        text.push_str(SCHEME);
        text.push_str(&self.0);
        let mut value = HeaderValue::try_from(text).expect("visible ASCII and a space");
        value.set_sensitive(true);
        value
    }
}

impl fmt::Debug for BearerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerKey(** redacted **)")
    }
}

/// Why a key was not taken, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{origin} {problem}")]
#[non_exhaustive]
pub struct BearerKeyError {
    /// `the bearer key`, or the name of the variable.
    pub origin: &'static str,
    /// What is wrong with it.
    pub problem: BearerKeyProblem,
}

/// What is wrong with a bearer key. Positions are byte offsets from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BearerKeyProblem {
    /// There is nothing in it.
    #[error("is empty; set a Bedrock API key")]
    Empty,
    /// White space before or after the key.
    #[error("begins or ends with white space (at byte {position}); remove it")]
    Whitespace {
        /// Where it stands.
        position: usize,
    },
    /// A control character, such as a line break.
    #[error("has a control character at byte {position}; copy the key again, on one line")]
    Control {
        /// Where it stands.
        position: usize,
    },
    /// A character that is not visible ASCII, a space inside included.
    #[error("has a character at byte {position} that is not visible ASCII; copy the key again")]
    NotVisibleAscii {
        /// Where it stands.
        position: usize,
    },
    /// A variable that is not Unicode, so not a key.
    #[error("is not Unicode; copy the key again")]
    NotUnicode,
}

fn check(key: &str) -> Result<(), BearerKeyProblem> {
    if key.is_empty() {
        return Err(BearerKeyProblem::Empty);
    }
    let trailing = key.trim_end().len();
    if trailing < key.len() || key.starts_with(char::is_whitespace) {
        let position = if key.starts_with(char::is_whitespace) { 0 } else { trailing };
        return Err(BearerKeyProblem::Whitespace { position });
    }
    match key.char_indices().find(|(_, c)| !c.is_ascii_graphic()) {
        None => Ok(()),
        Some((position, c)) if c.is_control() => Err(BearerKeyProblem::Control { position }),
        Some((position, _)) => Err(BearerKeyProblem::NotVisibleAscii { position }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_value_is_the_scheme_and_the_key_and_is_sensitive() {
        let value = BearerKey::new("bedrock-api-key-EXAMPLE==").unwrap().header_value();
        assert_eq!(value.as_bytes(), b"Bearer bedrock-api-key-EXAMPLE==");
        assert!(value.is_sensitive());
    }

    #[test]
    fn debug_never_shows_the_key() {
        let key = BearerKey::new("bedrock-api-key-EXAMPLE").unwrap();
        for shown in [format!("{key:?}"), format!("{key:#?}"), format!("{:?}", key.header_value())]
        {
            assert!(!shown.contains("EXAMPLE"), "{shown}");
        }
    }

    #[test]
    fn a_bad_key_is_refused_with_what_and_where_and_never_repeated() {
        use BearerKeyProblem as P;
        for (key, problem) in [
            ("", P::Empty),
            (" EXAMPLE", P::Whitespace { position: 0 }),
            ("\nEXAMPLE", P::Whitespace { position: 0 }),
            ("EXAMPLE\n", P::Whitespace { position: 7 }),
            ("EXAMPLE \t", P::Whitespace { position: 7 }),
            ("EXAMPLE\u{a0}", P::Whitespace { position: 7 }),
            ("   ", P::Whitespace { position: 0 }),
            ("EXAM\r\nPLE", P::Control { position: 4 }),
            ("EXAM\0PLE", P::Control { position: 4 }),
            ("EXAM\u{7f}PLE", P::Control { position: 4 }),
            ("EXAM PLE", P::NotVisibleAscii { position: 4 }),
            ("EXAMPLÉ", P::NotVisibleAscii { position: 6 }),
        ] {
            let error = BearerKey::new(key).unwrap_err();
            assert_eq!(error.problem, problem, "{key:?}");
            assert!(!format!("{error} {error:?}").contains("EXAM"), "{error:?}");
        }
    }

    #[test]
    fn the_environment_is_asked_for_one_variable_and_errors_name_it() {
        let set = |value: &'static str| {
            move |name: &str| (name == "AWS_BEARER_TOKEN_BEDROCK").then(|| value.into())
        };
        assert!(BearerKey::from_env(|_| None).unwrap().is_none());
        let key = BearerKey::from_env(set("EXAMPLE")).unwrap().unwrap();
        assert_eq!(key.header_value(), "Bearer EXAMPLE");
        for (value, says) in [("", "is empty"), ("EXAMPLE\n", "byte 7")] {
            let error = BearerKey::from_env(set(value)).unwrap_err().to_string();
            assert!(error.starts_with("AWS_BEARER_TOKEN_BEDROCK "), "{error}");
            assert!(error.contains(says), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_unicode_is_an_error() {
        use std::os::unix::ffi::OsStringExt;
        let error =
            BearerKey::from_env(|_| Some(OsString::from_vec(vec![b'a', 0xff]))).unwrap_err();
        assert_eq!(error.problem, BearerKeyProblem::NotUnicode);
    }
}
