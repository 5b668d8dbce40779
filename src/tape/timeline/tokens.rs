//! What the service counted.

use std::time::Duration;

use crate::model::{InvocationMetrics, TokenUsage};

/// The tokens that the service counted, as far as it tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tokens {
    /// Of the input.
    pub input: Option<i64>,
    /// Of the output.
    pub output: Option<i64>,
    /// Read from the cache.
    pub cache_read: Option<i64>,
    /// Written to the cache.
    pub cache_write: Option<i64>,
}

impl From<&TokenUsage> for Tokens {
    fn from(usage: &TokenUsage) -> Self {
        Self {
            input: Some(usage.input_tokens),
            output: Some(usage.output_tokens),
            cache_read: usage.cache_read_input_tokens,
            cache_write: usage.cache_write_input_tokens,
        }
    }
}

impl From<&InvocationMetrics> for Tokens {
    fn from(metrics: &InvocationMetrics) -> Self {
        Self {
            input: metrics.input_token_count,
            output: metrics.output_token_count,
            cache_read: metrics.cache_read_input_token_count,
            cache_write: metrics.cache_write_input_token_count,
        }
    }
}

/// A time of the service's; what is below zero is none.
pub(super) fn millis(millis: i64) -> Option<Duration> {
    u64::try_from(millis).ok().map(Duration::from_millis)
}
