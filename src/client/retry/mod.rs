//! Sending again, and the one place that decides it: no layer below retries.
//!
//! ```text
//! attempt -> Reason (may it help?) -> Backoff (how long?) -> Bucket (is it good for all?) -> attempt
//! ```
//!
//! Of a stream, an attempt goes on to its first event: until that is there
//! nothing was handed out, so an exception that comes first or a connection
//! that is cut before it can be mended. Behind it nothing is sent again.

mod attempt;
mod backoff;
mod bucket;
mod policy;
mod reason;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use self::attempt::Attempt;
use self::backoff::{Asked, computed, honoured};
use self::bucket::{Bucket, COST, GAIN, THROTTLED_COST};
pub use self::policy::RetryPolicy;
use self::reason::Reason;
use super::error::Error;
use crate::fault::Repeat;
use crate::unique;

/// What sees each attempt.
pub(super) type AttemptHook = Arc<dyn Fn(&Attempt<'_>) + Send + Sync>;

/// How a client sends again. Clones share the bucket.
#[derive(Clone, Default)]
pub(super) struct Retries {
    pub(super) policy: RetryPolicy,
    bucket: Bucket,
    pub(super) hooks: Vec<AttemptHook>,
}

impl Retries {
    pub(super) fn new(policy: RetryPolicy, hooks: Vec<AttemptHook>) -> Self {
        Retries { policy, bucket: Bucket::default(), hooks }
    }

    pub(super) fn max_attempts(&self) -> u32 {
        self.policy.max_attempts
    }

    /// The retries of one call.
    pub(super) fn begin(&self) -> Course<'_> {
        Course { retries: self, made: 0, paid: None }
    }
}

impl fmt::Debug for Retries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retries").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// What is known of an attempt that failed.
pub(super) struct Failure<'a> {
    pub(super) error: &'a Error,
    /// How long the attempt took.
    pub(super) took: Duration,
    /// Whether it was given up for a deadline that the next one has not.
    pub(super) was_hurried: bool,
    /// What the call may still take; none is for ever.
    pub(super) left: Option<Duration>,
    /// The service's time.
    pub(super) now: SystemTime,
}

/// The retries of one call.
pub(super) struct Course<'r> {
    retries: &'r Retries,
    made: u32,
    /// What the last retry cost.
    paid: Option<u32>,
}

impl Course<'_> {
    /// How long to wait before the next attempt; none if there is none.
    pub(super) fn next(&mut self, failure: &Failure<'_>) -> Option<Duration> {
        self.next_by(failure, unique::fraction())
    }

    fn next_by(&mut self, failure: &Failure<'_>, fraction: f64) -> Option<Duration> {
        let Retries { policy, bucket, hooks: _ } = self.retries;
        if self.made + 1 >= policy.max_attempts {
            return None;
        }
        let reason = Reason::of(failure.error)?;
        let costs_again = failure.error.repeat() == Repeat::CostsAgain;
        if costs_again && failure.took > policy.patience && !failure.was_hurried {
            return None;
        }
        let (base, cost) = match reason {
            Reason::Throttled => (policy.throttled_base, THROTTLED_COST),
            Reason::Transient => (policy.base, COST),
        };
        let headers = failure.error.service_error().map(|error| &error.headers);
        let asked = headers.and_then(|headers| Asked::of(headers, failure.now));
        let computed = computed(base, self.made, policy.longest, fraction);
        let wait = honoured(computed, asked, policy.longest)?;
        // Better the error that came than a deadline that passes while waiting.
        if failure.left.is_some_and(|left| wait >= left) || !bucket.take(cost) {
            return None;
        }
        self.made += 1;
        self.paid = Some(cost);
        Some(wait)
    }

    /// Takes note that an attempt succeeded.
    pub(super) fn succeeded(&self) {
        self.retries.bucket.give(self.paid.unwrap_or(GAIN));
    }
}

#[cfg(test)]
mod tests;
