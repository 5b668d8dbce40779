//! The two services that a client asks, and by what.

use std::fmt;
use std::sync::{Arc, LazyLock};

use super::error::{ConfigError, Error};
use super::transport::Transport;
use crate::endpoint::{Endpoint, Service};
use crate::operation::Request;

/// What a request goes through before it is signed. An error turns it away.
pub type Hook =
    Arc<dyn Fn(&mut Request) -> Result<(), Box<dyn std::error::Error + Send + Sync>> + Send + Sync>;

/// Where requests to a service go, and by what.
#[derive(Clone, Debug)]
pub(super) struct Plane {
    pub(super) endpoint: Endpoint,
    pub(super) transport: Arc<dyn Transport>,
}

/// Made when it is first asked for: most clients never ask the control plane,
/// and a transport of its own reads root certificates anew.
pub(super) type Later<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send>>;

/// Where each service is.
#[derive(Clone)]
pub(super) struct Planes {
    pub(super) runtime: Plane,
    pub(super) control: Arc<Later<Result<Plane, ConfigError>>>,
}

impl Planes {
    pub(super) fn of(&self, service: Service) -> Result<&Plane, Error> {
        match service {
            Service::Runtime => Ok(&self.runtime),
            Service::ControlPlane => {
                let plane: &Result<Plane, ConfigError> = &self.control;
                plane.as_ref().map_err(|error| error.clone().into())
            }
        }
    }
}

impl fmt::Debug for Planes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Planes").field("runtime", &self.runtime).finish_non_exhaustive()
    }
}
