//! A server that stands in for Bedrock on this machine.
//!
//! ```text
//! listen -> (TLS) -> HTTP/1.1 or HTTP/2 -> route -> body -> verify -> Handler -> pace
//! ```
//!
//! It binds loopback addresses only, checks who asks as the service does
//! ([`Verifier`](crate::auth::verify::Verifier)), turns away whom the service
//! would turn away in the service's words, and leaves the answer to a
//! [`Handler`]. What has no route or no proof is turned away before its body is
//! kept. Requests that are no HTTP at all the HTTP library answers with 400 and
//! without `x-amzn-requestid`. Where the answer comes from is the handler's affair; a body can
//! be given in pieces with a time each, and goes out so.
//!
//! Without a socket the same is [`Local`], for calls from within the process.
//!
//! ```no_run
//! use bedrock_wire::auth::verify::Verifier;
//! use bedrock_wire::serve::{Call, Reply, Server};
//! use http::StatusCode;
//!
//! # async fn example() -> Result<(), bedrock_wire::serve::ServeError> {
//! let verifier = Verifier::new().bearer_key("bedrock-api-key-EXAMPLE");
//! let server = Server::builder(verifier)
//!     .start(|call: &Call| Reply::whole(StatusCode::OK, call.body.clone()))
//!     .await?;
//! println!("{}", server.url());
//! # Ok(())
//! # }
//! ```

mod answer;
mod error;
mod gate;
mod handler;
mod host;
mod listen;
mod live;
mod local;
mod pace;
mod tasks;
mod tls;
mod wire;

pub use error::ServeError;
pub use handler::{Answer, Answering, Call, Handler, LiveBody, LiveError, Reply, ReplyBody};
pub use listen::{Server, ServerBuilder};
pub use local::{Local, LocalBody};
pub use pace::Speed;
