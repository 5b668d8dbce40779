//! A profile of AWS's shared configuration, without the credential chain.
//!
//! Read are `~/.aws/config` and `~/.aws/credentials`, or the files that
//! `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name: region, endpoint
//! and fixed keys. What takes more than the files, such as a role or single
//! sign-on, is found and named, and not done. Source: AWS SDKs and Tools
//! Reference Guide, "Shared config and credentials files" and "Settings
//! reference".

mod files;
#[cfg(feature = "sigv4")]
mod keys;
mod parse;
#[cfg(test)]
mod tests;

use std::fmt;

use self::files::File;
use self::parse::{Kind, Sections, Setting, Settings};
use super::environment::{Lookup, variable};
use super::error::ConfigError;

/// One profile, put together from both files.
#[derive(Debug)]
pub(super) struct Profile {
    name: String,
    /// The files it was looked for in.
    files: String,
    pub(super) region: Option<Value>,
    pub(super) use_fips_endpoint: Option<Value>,
    pub(super) use_dualstack_endpoint: Option<Value>,
    pub(super) ignore_configured_endpoint_urls: Option<Value>,
    pub(super) auth_scheme_preference: Option<Value>,
    pub(super) max_attempts: Option<Value>,
    pub(super) retry_mode: Option<Value>,
    endpoint_url: Option<Value>,
    services: Option<Services>,
    #[cfg(feature = "sigv4")]
    in_code: bool,
    /// Told once it is needed: others may ask in the profile's region.
    #[cfg(feature = "sigv4")]
    claim: Result<Option<keys::Claim>, ConfigError>,
}

/// A setting's value.
pub(super) struct Value {
    pub(super) text: String,
    /// Which setting, of which profile, in which file and line.
    pub(super) what: String,
}

impl Value {
    /// What to call it, and what it is.
    pub(super) fn named(&self) -> (&str, String) {
        (&self.what, self.text.clone())
    }
}

/// Shows where it stands alone: an endpoint's URL may hold a password.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({})", self.what)
    }
}

/// The section that the profile's `services` names.
#[derive(Debug)]
struct Services {
    named: Value,
    /// The endpoints in it by service; none if there is no such section.
    endpoints: Option<Vec<(&'static str, Value)>>,
}

/// The services of ours, as a `services` section names them: the service id in
/// lower case, with underscores.
const SERVICES: [&str; 2] = ["bedrock_runtime", "bedrock"];

impl Profile {
    /// The profile that code names, or the environment, or `default`.
    ///
    /// # Errors
    /// [`ConfigError`] for a profile that was named and does not exist, as
    /// botocore has it also where the name is `default`; for a file or a
    /// section of it that cannot be read, with its line.
    pub(super) fn load(
        in_code: Option<&str>,
        lookup: Lookup<'_>,
    ) -> Result<Option<Self>, ConfigError> {
        let named = match in_code {
            Some(name) => Some(("profile", name.to_owned())),
            None => in_environment(lookup)?,
        };
        let files = [File::read(Kind::Credentials, lookup)?, File::read(Kind::Config, lookup)?];
        let sections = [files[0].sections()?, files[1].sections()?];
        let name = named.as_ref().map_or("default", |(_, name)| name.as_str());
        let found = Found::new(name, &files, &sections)?;
        match named {
            Some((what, _)) if found.is_none() => Err(missing(what, name, &files)),
            _ => found.map(|found| found.profile(in_code.is_some())).transpose(),
        }
    }

    /// The endpoint for a service of [`SERVICES`]: its own, then the one for
    /// all services.
    ///
    /// # Errors
    /// [`ConfigError`] if the profile names a list of services that does not
    /// exist, as in botocore.
    pub(super) fn endpoint_url(&self, service: &str) -> Result<Option<&Value>, ConfigError> {
        let Some(services) = &self.services else { return Ok(self.endpoint_url.as_ref()) };
        let Some(endpoints) = &services.endpoints else {
            let why = format!("there is no section `[services {}]`", services.named.text);
            return Err(ConfigError::new(&services.named.what, why));
        };
        let own = endpoints.iter().find(|(name, _)| *name == service).map(|(_, value)| value);
        Ok(own.or(self.endpoint_url.as_ref()))
    }
}

/// The profile by its name, and where it was looked for.
impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "profile `{}` of {}", self.name, self.files)
    }
}

/// The variable that names a profile, and the profile.
///
/// botocore reads `AWS_DEFAULT_PROFILE` and then `AWS_PROFILE`, AWS's SDK for
/// Go has it the other way round, and the SDK for Rust reads `AWS_PROFILE`
/// alone. So either will do, and two that differ will not.
pub(super) fn in_environment(
    lookup: Lookup<'_>,
) -> Result<Option<(&'static str, String)>, ConfigError> {
    const NAMES: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];
    let [profile, default] = [variable(NAMES[0], lookup)?, variable(NAMES[1], lookup)?];
    match (profile, default) {
        (Some(profile), Some(default)) if profile != default => {
            let why = format!(
                "it names `{default}` and AWS_PROFILE `{profile}`, and AWS's SDKs differ in which \
                 of them holds: unset one"
            );
            Err(ConfigError::new(NAMES[1], why))
        }
        (Some(profile), _) => Ok(Some((NAMES[0], profile))),
        (None, default) => Ok(default.map(|name| (NAMES[1], name))),
    }
}

fn missing(what: &str, name: &str, [credentials, config]: &[File; 2]) -> ConfigError {
    let section = if name == "default" { name.to_owned() } else { format!("profile {name}") };
    let why = format!("there is no `[{section}]` in {config} and no `[{name}]` in {credentials}");
    ConfigError::new(what, why)
}

/// A profile where it stands: credentials first, for what stands there holds.
struct Found<'f> {
    name: &'f str,
    files: &'f [File; 2],
    settings: [Option<Settings<'f, 'f>>; 2],
    /// Of the config file, which alone has lists of services.
    config: &'f Sections<'f>,
}

impl<'f> Found<'f> {
    /// The profile, unless neither file has it.
    fn new(
        name: &'f str,
        files: &'f [File; 2],
        sections: &'f [Sections<'f>; 2],
    ) -> Result<Option<Self>, ConfigError> {
        let of =
            |file: usize| sections[file].profile(name).map_err(|error| files[file].syntax(&error));
        let settings = [of(0)?, of(1)?];
        let is_there = settings.iter().any(Option::is_some);
        Ok(is_there.then_some(Self { name, files, settings, config: &sections[1] }))
    }

    fn profile(&self, in_code: bool) -> Result<Profile, ConfigError> {
        #[cfg(not(feature = "sigv4"))]
        let _ = in_code;
        Ok(Profile {
            name: self.name.to_owned(),
            files: format!("{} and {}", self.files[1], self.files[0]),
            region: self.value("region")?,
            use_fips_endpoint: self.value("use_fips_endpoint")?,
            use_dualstack_endpoint: self.value("use_dualstack_endpoint")?,
            ignore_configured_endpoint_urls: self.value("ignore_configured_endpoint_urls")?,
            auth_scheme_preference: self.value("auth_scheme_preference")?,
            max_attempts: self.value("max_attempts")?,
            retry_mode: self.value("retry_mode")?,
            endpoint_url: self.value("endpoint_url")?,
            services: self.services()?,
            #[cfg(feature = "sigv4")]
            in_code,
            #[cfg(feature = "sigv4")]
            claim: self.claim(),
        })
    }

    /// The setting of the first file that has it.
    fn setting(&self, name: &str) -> Option<(&File, &Setting<'f>)> {
        self.files.iter().zip(&self.settings).find_map(|(file, settings)| {
            let setting = settings.as_ref()?.get(name)?;
            Some((file, setting))
        })
    }

    fn value(&self, name: &str) -> Result<Option<Value>, ConfigError> {
        let Some((file, setting)) = self.setting(name) else { return Ok(None) };
        let value = setting.value().map_err(|error| file.syntax(&error))?;
        Ok(value.map(|(text, line)| self.at(name, text, file, line)))
    }

    fn at(&self, name: &str, text: &str, file: &File, line: u32) -> Value {
        let what = format!("`{name}` of profile `{}` ({})", self.name, file.at(line));
        Value { text: text.to_owned(), what }
    }

    fn services(&self) -> Result<Option<Services>, ConfigError> {
        let Some(named) = self.value("services")? else { return Ok(None) };
        let section = self.config.services(&named.text);
        let section = section.map_err(|error| self.files[1].syntax(&error))?;
        let endpoints = section.map(|section| {
            SERVICES
                .iter()
                .filter_map(|&service| {
                    let url = section.nested(service, "endpoint_url")?;
                    let (file, list) = (&self.files[1], &named.text);
                    let at = file.at(url.line);
                    let what = format!("`endpoint_url` of `{service}` of services `{list}` ({at})");
                    let value = Value { text: url.value.to_owned(), what };
                    (!url.value.is_empty()).then_some((service, value))
                })
                .collect()
        });
        Ok(Some(Services { named, endpoints }))
    }
}
