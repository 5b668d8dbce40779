//! Records what a client, or any program that asks Bedrock through a
//! [`Proxy`], sends and gets, and answers from what was recorded.
//!
//! ```text
//! Client ----------------> RecordingTransport -> the client's own transport -> Bedrock
//! any program -> Proxy -> Client -> the same
//!                              |
//!                              +-> pieces and times -> a thread -> scrubbed tapes in a directory
//! ```
//!
//! ```no_run
//! use bedrock_wire::client::Client;
//! use bedrock_wire::record::Recorder;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let recorder = Recorder::builder("tests/tapes").start()?;
//! let client = Client::builder().wrap_transport(recorder.wrap()).build()?;
//! // What the client asks now is recorded, and the next time played.
//! # drop(client);
//! println!("{}", recorder.finish().await);
//! # Ok(())
//! # }
//! ```

mod error;
mod exchange;
mod held;
mod mode;
mod name;
mod pass;
mod proxy;
mod publish;
mod recorder;
mod report;
mod tap;
mod transport;
mod writer;

pub use error::RecordError;
pub use mode::{Mode, UnknownMode};
pub use proxy::{Proxy, ProxyBuilder};
pub use recorder::{Recorder, RecorderBuilder};
pub use report::{Failed, Report};
pub use transport::RecordingTransport;
