//! How many retries a client may make while nothing succeeds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Tokens of a client that has not sent anything yet.
const FULL: u32 = 500;

/// What a retry costs after throttling: the service asked for it.
pub(super) const THROTTLED_COST: u32 = 5;

/// What any other retry costs.
pub(super) const COST: u32 = 14;

/// What a success gives that no retry went before.
pub(super) const GAIN: u32 = 1;

/// Tokens that retries cost and successes give back, shared by the clones of a
/// client: where everything fails it runs dry, and calls fail at once in place
/// of making it worse. AWS: SDKs and Tools Reference Guide, "Retry behavior",
/// retry quota.
#[derive(Clone, Debug)]
pub(super) struct Bucket(Arc<AtomicU32>);

impl Default for Bucket {
    fn default() -> Self {
        Bucket(Arc::new(AtomicU32::new(FULL)))
    }
}

impl Bucket {
    /// Takes that many out; takes none if there are fewer.
    pub(super) fn take(&self, cost: u32) -> bool {
        let taken = |tokens: u32| tokens.checked_sub(cost);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).is_ok()
    }

    /// Puts that many in, as far as they go in.
    pub(super) fn give(&self, tokens: u32) {
        let given = |held: u32| Some(held.saturating_add(tokens).min(FULL));
        // It cannot fail: there is always a number to set.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, given);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(bucket: &Bucket) -> u32 {
        bucket.0.load(Ordering::Relaxed)
    }

    #[test]
    fn a_full_bucket_is_good_for_100_retries_after_throttling_or_35_of_others() {
        for (cost, retries) in [(THROTTLED_COST, 100), (COST, 35)] {
            let bucket = Bucket::default();
            let made = (0..1000).filter(|_| bucket.take(cost)).count();
            assert_eq!(made, retries);
            assert!(left(&bucket) < cost);
        }
    }

    #[test]
    fn what_is_given_back_is_there_again_and_never_over_500() {
        let bucket = Bucket::default();
        bucket.give(GAIN);
        assert_eq!(left(&bucket), 500);
        assert!(bucket.take(COST));
        bucket.clone().give(COST);
        assert_eq!(left(&bucket), 500, "clones share it");
    }

    #[test]
    fn a_cost_that_is_not_there_in_full_is_not_taken_in_part() {
        let bucket = Bucket(Arc::new(AtomicU32::new(13)));
        assert!(!bucket.take(COST));
        assert_eq!(left(&bucket), 13);
        bucket.give(GAIN);
        assert!(bucket.take(COST));
        assert_eq!(left(&bucket), 0);
    }
}
