//! Resolve, sign, send, and hand the answer out.
//!
//! [`Client`] is the whole way from a request to its answer. The network lies
//! behind [`Transport`]: reqwest with the feature of that name, or whatever
//! the caller has.

mod body;
mod broken;
mod builder;
mod call;
mod calls;
#[cfg(feature = "credential-chain")]
mod chain;
mod deadline;
mod environment;
mod error;
mod events;
mod identity;
mod limits;
mod outcome;
mod pages;
mod plane;
mod profile;
#[cfg(feature = "reqwest")]
mod reqwest;
mod retry;
mod send;
mod settings;
mod skew;
mod stream;
mod telemetry;
mod timer;
mod transport;
mod whoami;

pub use body::ResponseBody;
pub use broken::{BodyError, Ending, Incomplete, Interruption};
pub use builder::ClientBuilder;
pub use call::Client;
pub use deadline::{Deadline, DeadlinePassed, Deadlines};
pub use error::{ConfigError, Error, ErrorKind};
pub use pages::Pages;
#[cfg(feature = "reqwest")]
pub use reqwest::ReqwestTransport;
pub use retry::{Attempt, RetryPolicy};
pub use skew::ClockSkew;
pub use stream::{ConverseStream, EventStream, InvokeModelStream};
pub use timer::Timer;
pub use transport::{BoxFuture, Transport, TransportError, TransportErrorKind};
pub use whoami::{AuthScheme, IdentityInfo};
