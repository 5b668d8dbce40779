//! Why a server does not start.

use std::error::Error as StdError;
use std::io;
use std::net::SocketAddr;

use super::fault::FaultError;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address can be reached from other machines.
    #[error("{0} is not a loopback address: listen on 127.0.0.1 or [::1]")]
    NotLoopback(SocketAddr),
    /// It was to listen and to take anybody.
    #[error(
        "a server that listens checks who asks: leave out `unverified`, or take it for calls \
         within the process alone"
    )]
    Unverified,
    /// The address cannot be bound.
    #[error("cannot listen on {addr}: {error}")]
    Bind {
        /// What was to be bound.
        addr: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The certificate cannot be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(Box<dyn StdError + Send + Sync>),
    /// A fault cannot be done.
    #[error("a fault cannot be done: {0}")]
    Fault(#[from] FaultError),
    /// The factor of [`Speed::Times`](super::Speed::Times) is not one.
    #[error("cannot play at {0} times the speed: give a number above 0, such as 2 or 0.5")]
    Speed(f64),
}
