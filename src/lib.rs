//! Amazon Bedrock's Converse API at the wire.

pub mod auth;
pub mod endpoint;
pub mod eventstream;
pub mod fault;
#[cfg(feature = "replay")]
pub mod import;
pub mod model;
pub mod operation;
pub mod stream;
#[cfg(feature = "replay")]
pub mod tape;
