//! From messages to events, and from events to a response.
//!
//! [`EventDecoder`] takes the bytes of an answer to ConverseStream and gives
//! [`StreamEvent`]s; [`Accumulator`] adds them up to what Converse would have
//! answered. Neither does any IO. An answer to InvokeModelWithResponseStream is
//! decoded the same way, to the model's own JSON.
//!
//! A stream is complete when it ends between two messages and a `messageStop`
//! came. Everything else is an error that says how it ended.

mod accumulator;
mod block;
mod converse;
mod decoder;
mod error;
mod event;
mod invoke;
mod json_string;
#[cfg(test)]
mod tests;
mod usual;

pub use accumulator::{Accumulated, Accumulator, Leftover};
pub use converse::ConverseStreamOutput;
pub use decoder::EventDecoder;
pub use error::{StreamError, StreamErrorKind};
pub use event::{EventError, EventErrorKind, EventUnion, StreamEvent};
pub use invoke::ResponseStream;
