//! Amazon Bedrock's Converse API at the wire.

pub mod auth;
#[cfg(feature = "client")]
pub mod client;
pub mod endpoint;
pub mod eventstream;
pub mod fault;
#[cfg(feature = "replay")]
pub mod import;
pub mod model;
pub mod operation;
#[cfg(feature = "replay")]
pub mod replay;
#[cfg(feature = "replay")]
pub mod serve;
pub mod stream;
#[cfg(feature = "replay")]
pub mod tape;
