//! The two services that a client asks, and by what.

use std::sync::Arc;

use super::error::{ConfigError, Error};
use super::transport::Transport;
use crate::endpoint::{Endpoint, Options, Region, Service};
use crate::operation::Request;

/// What a request goes through before it is signed. An error turns it away.
pub(super) type Hook =
    Arc<dyn Fn(&mut Request) -> Result<(), Box<dyn std::error::Error + Send + Sync>> + Send + Sync>;

/// Where a service is.
#[derive(Clone, Debug)]
pub(super) enum Site {
    /// Where it was said to be.
    Url(Endpoint),
    /// Where each region has it.
    Regional {
        service: Service,
        options: Options,
        /// In the client's region, if it has one.
        endpoint: Option<Endpoint>,
    },
}

impl Site {
    pub(super) fn regional(service: Service, options: Options, region: Option<&Region>) -> Self {
        let endpoint = region.map(|region| Endpoint::for_region(region, service, options));
        Site::Regional { service, options, endpoint }
    }

    /// The endpoint in this region, or else in the client's.
    pub(super) fn endpoint(&self, region: Option<&Region>) -> Option<Endpoint> {
        match (self, region) {
            (Site::Url(endpoint), _) => Some(endpoint.clone()),
            (Site::Regional { service, options, .. }, Some(region)) => {
                Some(Endpoint::for_region(region, *service, *options))
            }
            (Site::Regional { endpoint, .. }, None) => endpoint.clone(),
        }
    }

    /// The URL that was set; `None` for a region's own, which is always https.
    pub(super) fn url(&self) -> Option<&Endpoint> {
        match self {
            Site::Url(endpoint) => Some(endpoint),
            Site::Regional { .. } => None,
        }
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.url().is_some_and(Endpoint::is_loopback)
    }
}

/// Where requests to a service go, and by what.
#[derive(Clone, Debug)]
pub(super) struct Plane {
    pub(super) site: Site,
    pub(super) transport: Arc<dyn Transport>,
}

/// Where each service is.
#[derive(Clone, Debug)]
pub(super) struct Planes {
    pub(super) runtime: Plane,
    pub(super) control: Result<Plane, ConfigError>,
}

impl Planes {
    /// Where a service is, and by what requests go there.
    pub(super) fn of(&self, service: Service) -> Result<&Plane, Error> {
        match service {
            Service::Runtime => Ok(&self.runtime),
            Service::ControlPlane => self.control.as_ref().map_err(|error| error.clone().into()),
        }
    }
}
