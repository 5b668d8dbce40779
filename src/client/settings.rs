//! Region and endpoint from code and environment.

use std::ffi::OsString;

use super::error::ConfigError;
use super::identity::no_region;
use crate::endpoint::{Endpoint, Options, Region, Service};

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
fn first(
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

/// The region set in code, `AWS_REGION` or `AWS_DEFAULT_REGION`.
pub(super) fn region(
    in_code: Option<&str>,
    lookup: Lookup<'_>,
) -> Result<Option<Region>, ConfigError> {
    let found = match in_code {
        Some(region) => Some(("region", region.to_owned())),
        None => first(&["AWS_REGION", "AWS_DEFAULT_REGION"], lookup)?,
    };
    found
        .map(|(what, region)| Region::new(region).map_err(|error| ConfigError::new(what, error)))
        .transpose()
}

/// The endpoint set in code, in the environment, or the region's own.
pub(super) fn endpoint(
    in_code: Option<&str>,
    region: Option<&Region>,
    lookup: Lookup<'_>,
) -> Result<Endpoint, ConfigError> {
    let options = Options::default()
        .fips(flag("AWS_USE_FIPS_ENDPOINT", lookup)?)
        .dual_stack(flag("AWS_USE_DUALSTACK_ENDPOINT", lookup)?);
    let Some((what, url)) = custom(in_code, lookup)? else {
        let region = region.ok_or_else(no_region)?;
        return Ok(Endpoint::for_region(region, Service::Runtime, options));
    };
    options.check_custom().map_err(|error| ConfigError::new(what, error))?;
    Endpoint::custom(&url).map_err(|error| ConfigError::new(what, error))
}

fn custom(
    in_code: Option<&str>,
    lookup: Lookup<'_>,
) -> Result<Option<(&'static str, String)>, ConfigError> {
    if let Some(url) = in_code {
        return Ok(Some(("endpoint_url", url.to_owned())));
    }
    if flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", lookup)? {
        return Ok(None);
    }
    first(&["AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"], lookup)
}

fn flag(name: &str, lookup: Lookup<'_>) -> Result<bool, ConfigError> {
    match variable(name, lookup)?.as_deref() {
        None => Ok(false),
        Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
        Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
        Some(value) => {
            Err(ConfigError::new(name, format!("`{value}` is neither `true` nor `false`")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(in_code: Option<&str>, environment: &[(&str, &str)]) -> Result<String, String> {
        let lookup = |name: &str| {
            let found = environment.iter().find(|(known, _)| *known == name)?;
            Some(OsString::from(found.1))
        };
        let region = region(None, &lookup).map_err(|error| error.to_string())?;
        let endpoint =
            endpoint(in_code, region.as_ref(), &lookup).map_err(|error| error.to_string())?;
        Ok(endpoint.to_string())
    }

    const REGION: (&str, &str) = ("AWS_REGION", "eu-west-1");
    const SERVICE_URL: (&str, &str) = ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:1");
    const GLOBAL_URL: (&str, &str) = ("AWS_ENDPOINT_URL", "http://127.0.0.1:2");

    #[test]
    fn code_goes_before_the_environment_and_the_environment_before_the_region() {
        assert_eq!(
            resolve(None, &[REGION]).unwrap(),
            "https://bedrock-runtime.eu-west-1.amazonaws.com"
        );
        assert_eq!(resolve(None, &[REGION, GLOBAL_URL]).unwrap(), "http://127.0.0.1:2");
        assert_eq!(resolve(None, &[GLOBAL_URL, SERVICE_URL]).unwrap(), "http://127.0.0.1:1");
        assert_eq!(
            resolve(Some("http://[::1]:3"), &[GLOBAL_URL, SERVICE_URL]).unwrap(),
            "http://[::1]:3"
        );
    }

    #[test]
    fn configured_urls_can_be_ignored_but_not_the_one_in_code() {
        let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
        let region = resolve(None, &[REGION, GLOBAL_URL, SERVICE_URL, ignore]).unwrap();
        assert_eq!(region, "https://bedrock-runtime.eu-west-1.amazonaws.com");
        assert_eq!(resolve(Some("http://[::1]:3"), &[ignore]).unwrap(), "http://[::1]:3");
    }

    #[test]
    fn what_cannot_go_together_is_an_error_that_names_it() {
        let error = resolve(None, &[]).unwrap_err();
        assert!(error.contains("AWS_REGION"), "{error}");
        let error =
            resolve(None, &[REGION, GLOBAL_URL, ("AWS_USE_FIPS_ENDPOINT", "true")]).unwrap_err();
        assert!(error.starts_with("AWS_ENDPOINT_URL: "), "{error}");
        let error = resolve(None, &[REGION, ("AWS_USE_FIPS_ENDPOINT", "yes")]).unwrap_err();
        assert!(error.contains("`yes`"), "{error}");
        let error = resolve(None, &[("AWS_REGION", "us-east-1.evil.com/")]).unwrap_err();
        assert!(error.starts_with("AWS_REGION: "), "{error}");
    }
}
