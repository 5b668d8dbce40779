//! A server that stands in for Bedrock on this machine.
//!
//! ```text
//! listen -> (TLS) -> HTTP/1.1 or HTTP/2 -> route -> body -> verify -> Handler -> faults -> pace
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
//! What was asked is kept in a [`Journal`]; what is to go wrong on purpose says a
//! [`Fault`]. Programs in any language have both from the control plane, which is
//! JSON over the server's own address and asks for no proof:
//!
//! | | |
//! | --- | --- |
//! | `GET /_bedrock-wire/journal` | `{"requests":[...],"dropped":N}`: each [`Entry`], and how many older ones are not kept |
//! | `POST /_bedrock-wire/reset` | journal, faults and handler as at the start |
//! | `GET /_bedrock-wire/faults` | `{"faults":[...]}`: each [`Fault`], and to how many requests it was `applied` |
//! | `POST /_bedrock-wire/faults` | `{"faults":[...]}` in place of all there are |
//! | `GET /_bedrock-wire/schema` | the JSON Schemas of `journal` and `faults` |
//!
//! What keeps it to this machine is the loopback address; web pages, which a
//! browser would let ask it, are refused by their `origin` or their host.
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
mod control;
mod disturb;
mod error;
mod fault;
mod gate;
mod handler;
mod host;
mod journal;
mod listen;
mod live;
mod local;
mod pace;
mod pieces;
mod tasks;
mod tls;
mod wire;

pub use error::ServeError;
pub use fault::{
    AppliedFault, At, ErrorAnswer, Fault, FaultError, FaultKind, Place, Rate, read_faults,
};
pub use handler::{Answer, Answering, Call, Handler, LiveBody, LiveError, Reply, ReplyBody};
pub use journal::{Ended, Entry, Journal, VerifiedBy};
pub use listen::{Server, ServerBuilder};
pub use local::{Local, LocalBody};
pub use pace::Speed;
pub use pieces::SharedPieces;
pub(crate) use pieces::{Gaps, Jitter, seed_of};
