//! Amazon Bedrock's Converse API at the wire.
//!
//! This crate builds the requests of Converse and ConverseStream byte by byte,
//! proves who asks, sends them, and decodes the binary event stream that comes
//! back without copying it. Nothing is hidden: every step can be taken alone.
//!
//! # The way of the data
//!
//! ```text
//! out   ConverseRequest -> operation::*::build -> Request::sign -> Transport::send
//! back  Bytes -> Decoder -> Message -> StreamEvent -> Accumulator -> ConverseResponse
//! ```
//!
//! | floor | rooms |
//! | --- | --- |
//! | 0 | [`eventstream`] messages; [`model`] Bedrock's shapes; [`auth`] who asks; [`endpoint`] where; [`fault`] what went wrong |
//! | 1 | [`operation`] input to request, answer to output; [`stream`] message to event, events to response; [`lint`] what the service will reject in a request; `tape` a recorded exchange |
//! | 2 | `client` resolve, sign, send, send again; `serve` listen, verify, route, pace, fail on purpose |
//! | 3 | `replay` tapes behind a server; `import` other people's recordings to tapes |
//! | 4 | `record` tapes of what a client or a proxy sends and gets |
//!
//! Floors 0 and 1 do no IO, read no clock and are all there is with
//! `--no-default-features`.
//!
//! # Decode a stream from any HTTP client
//!
//! ```
//! use bedrock_wire::eventstream::{HeaderValue, Message};
//! use bedrock_wire::stream::{Accumulator, EventDecoder};
//!
//! # let header = |event_type| [(":event-type", HeaderValue::String(event_type)), (":message-type", HeaderValue::String("event"))];
//! # let frame = |event_type, payload: &str| Message::encode(header(event_type), payload.as_bytes()).unwrap().frame().clone();
//! # let pieces_of_the_body = [
//! #     frame("messageStart", r#"{"role":"assistant"}"#),
//! #     frame("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hello"}}"#),
//! #     frame("messageStop", r#"{"stopReason":"end_turn"}"#),
//! # ];
//! let mut decoder = EventDecoder::new(None);
//! let mut answer = Accumulator::new();
//! for piece in pieces_of_the_body {
//!     decoder.push(piece);
//!     while let Some(event) = decoder.next()? {
//!         if let Some(text) = event.text() {
//!             print!("{text}");
//!         }
//!         answer.add(&event);
//!     }
//! }
//! decoder.finish()?;
//! assert_eq!(answer.finish().response.stop_reason.unwrap().as_str(), "end_turn");
//! # Ok::<(), bedrock_wire::stream::StreamError>(())
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod auth;
#[cfg(feature = "client")]
pub mod client;
pub mod endpoint;
pub mod eventstream;
pub mod fault;
#[cfg(feature = "replay")]
pub mod import;
pub mod lint;
pub mod model;
pub mod operation;
#[cfg(feature = "record")]
pub mod record;
#[cfg(feature = "replay")]
pub mod replay;
#[cfg(feature = "replay")]
pub mod serve;
pub mod stream;
#[cfg(feature = "replay")]
pub mod tape;
#[cfg(any(feature = "client", feature = "replay"))]
mod unique;

/// The examples in the README compile.
#[cfg(all(doctest, feature = "reqwest", feature = "sigv4"))]
#[doc = include_str!("../README.md")]
struct Readme;
