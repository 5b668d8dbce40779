//! Region and endpoint from code, environment and profile.

use super::environment::{Lookup, first, variable};
use super::error::ConfigError;
use super::plane::Site;
use super::profile::{Profile, Value};
use super::whoami::AuthScheme;
use crate::endpoint::{Endpoint, Options, Region, Service};

/// The region set in code, `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's, or
/// the one that code has for when there is no other.
pub(super) fn region(
    (in_code, default): (Option<&str>, Option<&str>),
    lookup: Lookup<'_>,
    profile: Option<&Profile>,
) -> Result<Option<Region>, ConfigError> {
    let found = match in_code {
        Some(region) => Some(("region", region.to_owned())),
        None => first(&["AWS_REGION", "AWS_DEFAULT_REGION"], lookup)?,
    };
    let found = found
        .or_else(|| Some(profile?.region.as_ref()?.named()))
        .or_else(|| Some(("default_region", default?.to_owned())));
    found
        .map(|(what, region)| Region::new(region).map_err(|error| ConfigError::new(what, error)))
        .transpose()
}

/// Whether code or the environment sets a region.
pub(super) fn has_region(in_code: Option<&str>, lookup: Lookup<'_>) -> Result<bool, ConfigError> {
    Ok(region((in_code, None), lookup, None)?.is_some())
}

/// Whether code or the environment sets a service's endpoint.
pub(super) fn has_url(
    in_code: Option<&str>,
    service: Service,
    lookup: Lookup<'_>,
) -> Result<bool, ConfigError> {
    Ok(custom(in_code, service, lookup, None)?.is_some())
}

/// The scheme that environment or profile ask for, as botocore has it
/// (`resolve_auth_scheme_preference`): the first in the list that the service
/// has. A wish to sign is none: a key in the environment goes before it.
pub(super) fn auth_scheme(
    lookup: Lookup<'_>,
    profile: Option<&Profile>,
) -> Result<Option<AuthScheme>, ConfigError> {
    let in_environment = variable("AWS_AUTH_SCHEME_PREFERENCE", lookup)?;
    let in_profile = || Some(profile?.auth_scheme_preference.as_ref()?.named().1);
    let Some(list) = in_environment.or_else(in_profile) else { return Ok(None) };
    let scheme = |name: &str| match name.replace([' ', '\t'], "").as_str() {
        "httpBearerAuth" => Some(AuthScheme::Bearer),
        "sigv4" => Some(AuthScheme::SigV4),
        _ => None,
    };
    let first = list.split(',').find_map(scheme);
    Ok(first.filter(|first| *first == AuthScheme::Bearer))
}

/// Where a service is: the endpoint set in code, in the environment or in the
/// profile, or else the region's own.
pub(super) fn site(
    in_code: Option<&str>,
    region: Option<&Region>,
    service: Service,
    lookup: Lookup<'_>,
    profile: Option<&Profile>,
) -> Result<Site, ConfigError> {
    let fips = profile.and_then(|profile| profile.use_fips_endpoint.as_ref());
    let dual_stack = profile.and_then(|profile| profile.use_dualstack_endpoint.as_ref());
    let options = Options::default()
        .fips(flag("AWS_USE_FIPS_ENDPOINT", lookup, fips)?)
        .dual_stack(flag("AWS_USE_DUALSTACK_ENDPOINT", lookup, dual_stack)?);
    let Some((what, url)) = custom(in_code, service, lookup, profile)? else {
        return Ok(Site::regional(service, options, region));
    };
    options.check_custom().map_err(|error| ConfigError::new(what, error))?;
    Endpoint::custom(&url).map(Site::Url).map_err(|error| ConfigError::new(what, error))
}

/// What sets a service's endpoint: in code, in the environment, and in the
/// profile's services.
fn names(service: Service) -> (&'static str, &'static str, &'static str) {
    match service {
        Service::Runtime => ("endpoint_url", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "bedrock_runtime"),
        Service::ControlPlane => ("control_plane_url", "AWS_ENDPOINT_URL_BEDROCK", "bedrock"),
    }
}

fn custom<'p>(
    in_code: Option<&str>,
    service: Service,
    lookup: Lookup<'_>,
    profile: Option<&'p Profile>,
) -> Result<Option<(&'p str, String)>, ConfigError> {
    let (name, variable, in_profile) = names(service);
    if let Some(url) = in_code {
        return Ok(Some((name, url.to_owned())));
    }
    let ignore = profile.and_then(|profile| profile.ignore_configured_endpoint_urls.as_ref());
    if flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", lookup, ignore)? {
        return Ok(None);
    }
    match (first(&[variable, "AWS_ENDPOINT_URL"], lookup)?, profile) {
        (Some(found), _) => Ok(Some(found)),
        (None, Some(profile)) => Ok(profile.endpoint_url(in_profile)?.map(Value::named)),
        (None, None) => Ok(None),
    }
}

/// A switch's variable, or else what the profile says.
fn flag(name: &str, lookup: Lookup<'_>, in_profile: Option<&Value>) -> Result<bool, ConfigError> {
    let variable = variable(name, lookup)?.map(|value| (name, value));
    let Some((what, value)) = variable.or_else(|| in_profile.map(Value::named)) else {
        return Ok(false);
    };
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(ConfigError::new(what, format!("`{value}` is neither `true` nor `false`"))),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn resolve(in_code: Option<&str>, environment: &[(&str, &str)]) -> Result<String, String> {
        resolve_for(Service::Runtime, in_code, environment)
    }

    fn resolve_for(
        service: Service,
        in_code: Option<&str>,
        environment: &[(&str, &str)],
    ) -> Result<String, String> {
        let lookup = |name: &str| {
            let found = environment.iter().find(|(known, _)| *known == name)?;
            Some(OsString::from(found.1))
        };
        let region = region((None, None), &lookup, None).map_err(|error| error.to_string())?;
        let site = site(in_code, region.as_ref(), service, &lookup, None);
        let endpoint = site.map_err(|error| error.to_string())?.endpoint(None);
        Ok(endpoint.map(|endpoint| endpoint.to_string()).unwrap_or_default())
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
    fn the_control_plane_has_a_host_and_settings_of_its_own() {
        let service = Service::ControlPlane;
        let own_url = ("AWS_ENDPOINT_URL_BEDROCK", "http://127.0.0.1:4");
        for (in_code, environment, expected) in [
            (None, &[REGION, SERVICE_URL][..], "https://bedrock.eu-west-1.amazonaws.com"),
            (None, &[SERVICE_URL, GLOBAL_URL], "http://127.0.0.1:2"),
            (None, &[own_url, GLOBAL_URL], "http://127.0.0.1:4"),
            (Some("http://[::1]:3"), &[own_url], "http://[::1]:3"),
            (None, &[SERVICE_URL], ""),
        ] {
            assert_eq!(resolve_for(service, in_code, environment).unwrap(), expected);
        }
        assert_eq!(resolve(None, &[REGION, own_url]).unwrap(), resolve(None, &[REGION]).unwrap());
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
        assert_eq!(resolve(None, &[]).unwrap(), "");
        let error =
            resolve(None, &[REGION, GLOBAL_URL, ("AWS_USE_FIPS_ENDPOINT", "true")]).unwrap_err();
        assert!(error.starts_with("AWS_ENDPOINT_URL: "), "{error}");
        let error = resolve(None, &[REGION, ("AWS_USE_FIPS_ENDPOINT", "yes")]).unwrap_err();
        assert!(error.contains("`yes`"), "{error}");
        let error = resolve(None, &[("AWS_REGION", "us-east-1.evil.com/")]).unwrap_err();
        assert!(error.starts_with("AWS_REGION: "), "{error}");
    }
}
