//! The service's clock, as its answers show it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

/// AWS takes signatures from clocks that are up to five minutes away. A sample
/// that is nearer than this says nothing: the header has whole seconds, and the
/// answer may have been dated at any time of its way.
const TOLERANCE: Duration = Duration::from_mins(4);

/// How far the service's clock is from the client's. Zero until an answer shows
/// that they are minutes apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClockSkew {
    /// The service's time less the client's.
    milliseconds: i64,
}

impl ClockSkew {
    /// How far the service's clock is ahead; `None` if it is not.
    pub fn ahead(self) -> Option<Duration> {
        (self.milliseconds > 0).then(|| self.distance())
    }

    /// How far the service's clock is behind; `None` if it is not.
    pub fn behind(self) -> Option<Duration> {
        (self.milliseconds < 0).then(|| self.distance())
    }

    /// The service's time when the client's is `now`.
    pub fn apply(self, now: SystemTime) -> SystemTime {
        let moved = if self.milliseconds < 0 {
            now.checked_sub(self.distance())
        } else {
            now.checked_add(self.distance())
        };
        moved.unwrap_or(now)
    }

    /// Whether a signature by the one is no good by the other.
    pub(super) fn is_far_from(self, other: Self) -> bool {
        let apart = self.milliseconds.abs_diff(other.milliseconds);
        Duration::from_millis(apart) > TOLERANCE
    }

    fn distance(self) -> Duration {
        Duration::from_millis(self.milliseconds.unsigned_abs())
    }

    /// From the client's time to the service's.
    fn between(ours: SystemTime, theirs: SystemTime) -> Self {
        let milliseconds = |d: Duration| i64::try_from(d.as_millis()).unwrap_or(i64::MAX);
        let milliseconds = match theirs.duration_since(ours) {
            Ok(ahead) => milliseconds(ahead),
            Err(behind) => -milliseconds(behind.duration()),
        };
        ClockSkew { milliseconds }
    }
}

/// What is known of the service's clock, shared by the clones of a client.
#[derive(Clone, Debug, Default)]
pub(super) struct Skew(Arc<AtomicI64>);

impl Skew {
    pub(super) fn get(&self) -> ClockSkew {
        ClockSkew { milliseconds: self.0.load(Ordering::Relaxed) }
    }

    /// Takes note of an answer's `Date`; says whether the skew is another now.
    ///
    /// The service dated the answer at some time between `sent` and `received`,
    /// most often at its end: a call that took ten minutes must not move the
    /// clock. So the date counts against the midpoint, and only if it is
    /// further away than half the time that the call took and the tolerance
    /// explain. A cached answer (`Age`) has a date of long ago.
    pub(super) fn sample(
        &self,
        headers: &HeaderMap,
        sent: SystemTime,
        received: SystemTime,
    ) -> bool {
        let Some(date) = date(headers) else { return false };
        let half = received.duration_since(sent).unwrap_or_default() / 2;
        let Some(midpoint) = sent.checked_add(half) else { return false };
        let off = ClockSkew::between(self.get().apply(midpoint), date).distance();
        if off <= half.saturating_add(TOLERANCE) {
            return false;
        }
        let ClockSkew { milliseconds } = ClockSkew::between(midpoint, date);
        self.0.store(milliseconds, Ordering::Relaxed);
        true
    }
}

fn date(headers: &HeaderMap) -> Option<SystemTime> {
    if headers.contains_key(header::AGE) {
        return None;
    }
    httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const START: Duration = Duration::from_secs(1_767_323_045);

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + START + Duration::from_secs(seconds)
    }

    fn dated(time: SystemTime) -> HeaderMap {
        let date = HeaderValue::try_from(httpdate::fmt_http_date(time)).unwrap();
        HeaderMap::from_iter([(header::DATE, date)])
    }

    #[test]
    fn a_clock_that_is_minutes_away_is_adopted_and_given_up_again() {
        let skew = Skew::default();
        assert!(skew.sample(&dated(at(1600)), at(1000), at(1000)));
        assert_eq!(skew.get().ahead(), Some(Duration::from_mins(10)));
        assert!(!skew.sample(&dated(at(1700)), at(1100), at(1100)), "as adopted");
        assert!(skew.sample(&dated(at(600)), at(1200), at(1200)));
        assert_eq!(skew.get().behind(), Some(Duration::from_mins(10)));
        assert_eq!(skew.get().apply(at(1200)), at(600));
        assert!(skew.sample(&dated(at(1300)), at(1300), at(1300)));
        assert_eq!(skew.get(), ClockSkew::default());
    }

    #[test]
    fn a_long_call_does_not_move_the_clock_whenever_it_was_dated() {
        for minutes in [0, 4, 10, 15, 59] {
            let (sent, received) = (at(0), at(minutes * 60));
            for dated_at in [sent, received, at(minutes * 30)] {
                assert!(!Skew::default().sample(&dated(dated_at), sent, received), "{minutes}");
            }
        }
    }

    #[test]
    fn a_cached_answer_and_one_without_a_date_say_nothing() {
        let mut cached = dated(at(9000));
        cached.insert(header::AGE, HeaderValue::from_static("7"));
        let nonsense = HeaderMap::from_iter([(header::DATE, HeaderValue::from_static("today"))]);
        for headers in [cached, nonsense, HeaderMap::new()] {
            assert!(!Skew::default().sample(&headers, at(0), at(0)));
        }
    }

    #[test]
    fn no_time_overflows() {
        let skew = Skew::default();
        let far = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
        assert!(skew.sample(&dated(far), SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH));
        skew.get().apply(far);
        assert!(skew.sample(&dated(SystemTime::UNIX_EPOCH), far, far));
        skew.get().apply(SystemTime::UNIX_EPOCH);
    }
}
