//! Variables, and where they are looked up.

use std::ffi::OsString;

use super::error::ConfigError;

/// The environment, or nothing for a client that was told not to look.
pub(super) type Environment = fn(&str) -> Option<OsString>;

/// Where variables are looked up.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The value of a variable; an empty one counts as not set.
pub(super) fn variable(name: &str, lookup: Lookup<'_>) -> Result<Option<String>, ConfigError> {
    let value = lookup(name).map(OsString::into_string).transpose();
    let value = value.map_err(|_| ConfigError::new(name, "it is not Unicode"))?;
    Ok(value.filter(|value| !value.is_empty()))
}

/// The first of these variables that is set.
pub(super) fn first(
    names: &[&'static str],
    lookup: Lookup<'_>,
) -> Result<Option<(&'static str, String)>, ConfigError> {
    for name in names {
        if let Some(value) = variable(name, lookup)? {
            return Ok(Some((name, value)));
        }
    }
    Ok(None)
}
