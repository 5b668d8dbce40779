//! What a call tells of itself: a span, with the feature `tracing`.

#[cfg(not(feature = "tracing"))]
mod silent;
#[cfg(feature = "tracing")]
mod spans;

#[cfg(not(feature = "tracing"))]
pub(super) use silent::{CallSpan, UnderWay};
#[cfg(feature = "tracing")]
pub(super) use spans::{CallSpan, UnderWay};
