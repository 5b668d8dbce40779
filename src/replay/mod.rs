//! Recorded exchanges, served as Bedrock answered them.
//!
//! A [`ReplayServer`] listens on loopback, checks who asks as the service does,
//! and answers with the [tape](crate::tape) of the request: same operation,
//! same model, same query, same JSON in the body. Status, headers and body are as recorded,
//! the body in the recorded pieces and at the recorded times, or faster.
//!
//! - A tape without a recorded request answers every query and body of its
//!   operation and model, where no other tape has them.
//! - Of the query all members count but a presigned URL's `X-Amz-*`. Tapes keep
//!   those that are known alone, so that a request with another one is answered
//!   by no tape that has a request.
//! - Several tapes of one request are played in order, and then the last one
//!   again, or none ([`once`](ReplayBuilder::once)).
//! - Each answer names its tape in the header `x-bedrock-wire-tape`.
//! - What must be the same of a body can be less: parts of it
//!   ([`match_paths`](ReplayBuilder::match_paths)) or nothing
//!   ([`any_body`](ReplayBuilder::any_body)). It can be more: the order of all
//!   requests ([`in_order`](ReplayBuilder::in_order)).
//! - A request without a tape is answered with 404 `TapeNotFoundException` and
//!   a message that says what differs from the closest tape, or with a stream
//!   that is made for it ([`made`](ReplayBuilder::made)).
//! - Times can be made, too ([`timing`](ReplayBuilder::timing)).
//! - `date` is the server's, for clients set their clocks by it, and what is a
//!   connection's own (`content-length`, `transfer-encoding`) is made anew.
//!
//! With the feature `client` the same is a transport for a client in the
//! process, `ReplayTransport`, which opens no socket.
//!
//! ```no_run
//! use bedrock_wire::replay::{ReplayServer, Speed};
//!
//! # async fn example() -> Result<(), bedrock_wire::replay::ReplayError> {
//! let server = ReplayServer::builder().path("tests/tapes").speed(Speed::Max).start().await?;
//! // Point a client at server.url(), with the key `bedrock-api-key-example`.
//! println!("{}", server.url());
//! println!("{}", server.stop().await);
//! # Ok(())
//! # }
//! ```

mod builder;
mod difference;
mod error;
mod load;
mod made;
mod matching;
mod path;
mod play;
mod report;
mod server;
mod timing;
#[cfg(feature = "client")]
mod transport;

pub use crate::serve::Speed;
pub use builder::ReplayBuilder;
pub use error::ReplayError;
pub use made::MadeStream;
pub use report::{Report, TapeUse, Unmatched};
pub use server::ReplayServer;
pub use timing::MadeTiming;
#[cfg(feature = "client")]
pub use transport::ReplayTransport;
