//! From messages to events, and from events to a response.
//!
//! [`EventDecoder`] takes the bytes of an answer to ConverseStream and gives
//! [`StreamEvent`]s; [`Accumulator`] adds them up to what Converse would have
//! answered. Neither does any IO.
//!
//! A stream is complete when it ends between two messages and a `messageStop`
//! came. Everything else is an error that says how it ended.

mod accumulator;
mod block;
mod decoder;
mod error;
mod event;
#[cfg(test)]
mod tests;

pub use accumulator::{Accumulated, Accumulator, Leftover};
pub use decoder::EventDecoder;
pub use error::{StreamError, StreamErrorKind};
pub use event::{ConverseStreamOutput, EventError, EventErrorKind, StreamEvent};
