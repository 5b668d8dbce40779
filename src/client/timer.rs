//! How the client waits.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::transport::BoxFuture;

/// Waits, for deadlines and before retries: the timer of an async runtime.
///
/// tokio's is built in with the feature `reqwest`. Another runtime's is set with
/// [`ClientBuilder::timer`](super::ClientBuilder::timer).
pub trait Timer: fmt::Debug + Send + Sync + 'static {
    /// Resolves once this much time has passed.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// The time by which [`sleep`](Self::sleep) counts; by default the
    /// system's.
    fn now(&self) -> Instant {
        Instant::now()
    }
}

/// The timer of a client, if it has one.
#[derive(Clone, Debug)]
pub(super) enum Waits {
    Own(Arc<dyn Timer>),
    #[cfg(feature = "reqwest")]
    Tokio,
    #[cfg(not(feature = "reqwest"))]
    Never,
}

impl Default for Waits {
    #[cfg(feature = "reqwest")]
    fn default() -> Self {
        Waits::Tokio
    }

    #[cfg(not(feature = "reqwest"))]
    fn default() -> Self {
        Waits::Never
    }
}

impl Waits {
    /// Whether there is any timer.
    pub(super) fn is_there(&self) -> bool {
        match self {
            Waits::Own(_) => true,
            #[cfg(feature = "reqwest")]
            Waits::Tokio => true,
            #[cfg(not(feature = "reqwest"))]
            Waits::Never => false,
        }
    }

    /// Whether somebody can wait: there is a timer, and a transport of the
    /// caller's does not run off tokio.
    pub(super) fn works(&self) -> bool {
        match self {
            Waits::Own(_) => true,
            #[cfg(feature = "reqwest")]
            Waits::Tokio => tokio::runtime::Handle::try_current().is_ok(),
            #[cfg(not(feature = "reqwest"))]
            Waits::Never => false,
        }
    }

    /// Resolves once the time has passed; none where nobody can wait.
    pub(super) fn sleep(&self, duration: Duration) -> Option<BoxFuture<'static, ()>> {
        match self {
            Waits::Own(timer) => Some(timer.sleep(duration)),
            #[cfg(feature = "reqwest")]
            Waits::Tokio => self.works().then(|| {
                let sleep: BoxFuture<'static, ()> = Box::pin(tokio::time::sleep(duration));
                sleep
            }),
            #[cfg(not(feature = "reqwest"))]
            Waits::Never => None,
        }
    }

    pub(super) fn now(&self) -> Instant {
        match self {
            Waits::Own(timer) => timer.now(),
            #[cfg(feature = "reqwest")]
            Waits::Tokio => tokio::time::Instant::now().into_std(),
            #[cfg(not(feature = "reqwest"))]
            Waits::Never => Instant::now(),
        }
    }
}
