//! Short ways to write common requests. Each says what it puts on the wire;
//! nothing else is sent.

mod content;
mod request;
#[cfg(feature = "schemars")]
mod schema;
mod tool;
