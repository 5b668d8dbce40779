//! From what was set, environment and profile to a client.

use std::sync::Arc;

use super::{ClientBuilder, Wrap};
use crate::client::call::{Client, Clock, Inner};
use crate::client::deadline::Deadlines;
#[cfg(feature = "reqwest")]
use crate::client::environment::variable;
use crate::client::environment::{Environment, Lookup};
use crate::client::error::{ConfigError, Error};
use crate::client::identity::{self, Identity};
use crate::client::plane::{Plane, Planes, Site};
use crate::client::profile::{self, Profile};
#[cfg(feature = "reqwest")]
use crate::client::reqwest::ReqwestTransport;
use crate::client::retry::{Retries, RetryPolicy};
use crate::client::settings;
use crate::client::skew::Skew;
use crate::client::transport::Transport;
use crate::endpoint::Service;

impl ClientBuilder {
    /// The client.
    ///
    /// Without a [`transport`](Self::transport) it is reqwest that sends. It
    /// trusts the certificates in the file that `AWS_CA_BUNDLE` names beside
    /// the system's; a build without TLS reaches `http` on loopback only, and
    /// does not look at that variable.
    ///
    /// # Errors
    /// [`ConfigError`] that names the setting at fault; for an `https`
    /// endpoint in a build without TLS, the features that have it.
    pub fn build(mut self) -> Result<Client, Error> {
        let lookup: Environment =
            if self.environment { |name| std::env::var_os(name) } else { |_| None };
        let (profile, unread) = match self.load_profile(&lookup) {
            Ok(profile) => (profile, None),
            Err(error) if self.needs_no_profile(lookup)? => (None, Some(error)),
            Err(error) => return Err(error.into()),
        };
        let from = profile.as_ref();
        let in_code = (self.region.as_deref(), self.default_region.as_deref());
        let region = settings::region(in_code, &lookup, from)?;
        let site = |url: &Option<String>, service| {
            settings::site(url.as_deref(), region.as_ref(), service, &lookup, from)
        };
        let runtime = site(&self.endpoint_url, Service::Runtime)?;
        let control = match site(&self.control_plane_url, Service::ControlPlane) {
            Err(error) if self.control_plane_url.is_some() => return Err(error.into()),
            Ok(site) if site.url().is_none() => unread.map_or(Ok(site), Err),
            control => control,
        };
        let policy = self.retry_policy(&lookup, from)?;
        let named = self.identity.take().transpose()?;
        let (skew, looks) = (Skew::default(), self.environment);
        let (now, at) = (&service_clock(&self.clock, &skew), region.as_ref());
        let scheme = match self.auth_scheme {
            // What code names goes before what anything else prefers.
            None if named.is_none() && self.profile.is_none() => {
                settings::auth_scheme(&lookup, from)?
            }
            in_code => in_code,
        };
        let (identity, source) = Identity::resolve(named, scheme, lookup, profile, at, looks, now)?;
        let inner = Inner {
            identity,
            source,
            region,
            region_in_code: self.region.is_some(),
            clock: Arc::clone(&self.clock),
            limits: self.limits,
            hooks: std::mem::take(&mut self.hooks),
            skew,
            retries: Retries::new(policy, std::mem::take(&mut self.attempt_hooks)),
            deadlines: self.deadlines.unwrap_or_default(),
            waits: self.waits.clone(),
            planes: self.planes(runtime, control, lookup)?,
        };
        Ok(Client { inner: Arc::new(inner) })
    }

    /// Checks, too, that what code asks for can be had.
    fn retry_policy(
        &self,
        lookup: Lookup<'_>,
        profile: Option<&Profile>,
    ) -> Result<RetryPolicy, ConfigError> {
        let retries = self.retry.as_ref().is_some_and(|policy| policy.max_attempts > 1);
        let deadlines = self.deadlines.is_some_and(Deadlines::take_a_timer);
        if !self.waits.is_there() && (retries || deadlines) {
            let why = "deadlines and retries are set, and there is nothing to wait with: call \
                       `timer`, or build with the feature `reqwest`";
            return Err(ConfigError::new("timer", why));
        }
        match &self.retry {
            Some(policy) => Ok(policy.clone()),
            None => RetryPolicy::from_settings(lookup, profile),
        }
    }

    /// What is wrong with the control plane is told where it is asked: most
    /// clients never ask it.
    fn planes(
        mut self,
        runtime: Site,
        control: Result<Site, ConfigError>,
        lookup: Environment,
    ) -> Result<Planes, ConfigError> {
        let wraps = std::mem::take(&mut self.wraps);
        let bare = self.transports(lookup);
        let transports = |site: &Site| {
            let wrapped = |inner, wrap: &Wrap| wrap(inner);
            bare(site).map(|transport| wraps.iter().fold(transport, wrapped))
        };
        let runtime = Plane { transport: transports(&runtime)?, site: runtime };
        let control = control.and_then(|site| {
            // What a transport may do depends on where its requests go.
            let transport = if site.is_loopback() == runtime.site.is_loopback() {
                Arc::clone(&runtime.transport)
            } else {
                transports(&site)?
            };
            Ok(Plane { site, transport })
        });
        Ok(Planes { runtime, control })
    }

    /// Whether nobody names a profile, and code and environment say all that
    /// the runtime takes.
    fn needs_no_profile(&self, lookup: Environment) -> Result<bool, ConfigError> {
        let is_named = self.profile.is_some() || profile::in_environment(&lookup)?.is_some();
        Ok(!is_named
            && settings::has_region(self.region.as_deref(), &lookup)?
            && settings::has_url(self.endpoint_url.as_deref(), Service::Runtime, &lookup)?
            && (self.identity.is_some() || identity::is_in_environment(lookup)))
    }

    fn load_profile(&self, lookup: Lookup<'_>) -> Result<Option<Profile>, ConfigError> {
        match (&self.profile, self.environment) {
            (name, true) => Profile::load(name.as_deref(), lookup),
            (None, false) => Ok(None),
            (Some(_), false) => {
                let why = "`ignore_environment` reads no file: leave out one of the two";
                Err(ConfigError::new("profile", why))
            }
        }
    }

    #[cfg(feature = "reqwest")]
    fn transports(self, lookup: Environment) -> MakeTransport {
        let (transport, http1_only) = (self.transport, self.http1_only);
        let connect = self.deadlines.unwrap_or_default().connect;
        let configure = self.configure.unwrap_or_else(|| Arc::new(|builder| builder));
        Box::new(move |site| {
            if let Some(transport) = &transport {
                return Ok(Arc::clone(transport));
            }
            let bundle = variable("AWS_CA_BUNDLE", &lookup)?;
            let configure = |builder| configure(builder);
            let reqwest = ReqwestTransport::new(
                site.url(),
                http1_only,
                bundle.as_deref(),
                connect,
                configure,
            )?;
            Ok(Arc::new(reqwest))
        })
    }

    #[cfg(not(feature = "reqwest"))]
    fn transports(self, lookup: Environment) -> MakeTransport {
        let why = "none is set: call `transport`, or build with the feature `reqwest`";
        let _ = lookup;
        Box::new(move |_| self.transport.clone().ok_or_else(|| ConfigError::new("transport", why)))
    }
}

/// The service's time, as far as it is known: credentials expire by it.
fn service_clock(clock: &Clock, skew: &Skew) -> Clock {
    let (clock, skew) = (Arc::clone(clock), skew.clone());
    Arc::new(move || skew.get().apply(clock()))
}

/// Makes what requests to a service go by.
type MakeTransport = Box<dyn Fn(&Site) -> Result<Arc<dyn Transport>, ConfigError>>;
