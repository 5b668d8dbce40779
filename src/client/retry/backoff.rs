//! How long to wait before a retry.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

/// How far above the computed wait `x-amz-retry-after` may ask.
const MARGIN: Duration = Duration::from_secs(5);

/// A wait before the retry with this index, counted from 0: a random
/// `fraction`, from 0 to 1, of the base doubled that often, of `longest` at
/// most. The limit counts before chance, so that retries stay spread.
pub(super) fn computed(base: Duration, index: u32, longest: Duration, fraction: f64) -> Duration {
    let factor = 2_u32.checked_pow(index).unwrap_or(u32::MAX);
    base.saturating_mul(factor).min(longest).mul_f64(fraction.clamp(0.0, 1.0))
}

/// The wait, given what the service asks for; none if that is longer than
/// `longest`: sooner it would be turned away again.
pub(super) fn honoured(
    computed: Duration,
    asked: Option<Asked>,
    longest: Duration,
) -> Option<Duration> {
    match asked {
        None => Some(computed),
        Some(Asked::Amazon(wait)) => Some(wait.clamp(computed, computed.saturating_add(MARGIN))),
        Some(Asked::Http(wait)) if wait > longest => None,
        Some(Asked::Http(wait)) => Some(wait.max(computed)),
    }
}

/// What the service asks to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// By `x-amz-retry-after`, in milliseconds.
    Amazon(Duration),
    /// By `Retry-After` (RFC 9110 §10.2.3), in seconds or as a date: AWS sends
    /// none, and gateways before it do.
    Http(Duration),
}

impl Asked {
    /// What these headers ask for when the service's time is `now`. What cannot
    /// be read asks for nothing.
    pub(super) fn of(headers: &HeaderMap, now: SystemTime) -> Option<Self> {
        let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
        let amazon = text("x-amz-retry-after").and_then(|value| value.parse().ok());
        amazon.map(Duration::from_millis).map(Asked::Amazon).or_else(|| {
            let value = text(header::RETRY_AFTER.as_str())?;
            let seconds = value.parse().ok().map(Duration::from_secs);
            seconds.or_else(|| until(value, now)).map(Asked::Http)
        })
    }
}

/// How long until a date; zero for one that is past.
fn until(date: &str, now: SystemTime) -> Option<Duration> {
    let date = httpdate::parse_http_date(date).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Duration = Duration::from_secs(20);

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn the_wait_doubles_from_its_base_to_20_seconds() {
        let waits = |base| [0, 1, 2, 5, 9, 99].map(|i| computed(base, i, LONGEST, 1.0).as_millis());
        assert_eq!(waits(ms(50)), [50, 100, 200, 1600, 20_000, 20_000]);
        assert_eq!(waits(ms(1000)), [1000, 2000, 4000, 20_000, 20_000, 20_000]);
    }

    #[test]
    fn chance_takes_a_part_of_it_after_the_limit() {
        for (fraction, expected) in [(0.0, 0), (0.25, 5000), (0.5, 10_000), (2.0, 20_000)] {
            assert_eq!(computed(ms(1000), 12, LONGEST, fraction), ms(expected));
        }
    }

    #[test]
    fn what_amazon_asks_counts_between_the_computed_wait_and_5_seconds_above_it() {
        for (asked, expected) in [(10, 50), (3000, 3000), (10_000, 5050)] {
            let asked = Some(Asked::Amazon(ms(asked)));
            assert_eq!(honoured(ms(50), asked, LONGEST), Some(ms(expected)));
        }
    }

    #[test]
    fn what_http_asks_is_waited_for_in_full_or_not_at_all() {
        let asked = |seconds| Some(Asked::Http(Duration::from_secs(seconds)));
        assert_eq!(honoured(ms(50), asked(0), LONGEST), Some(ms(50)));
        assert_eq!(honoured(ms(50), asked(20), LONGEST), Some(LONGEST));
        assert_eq!(honoured(ms(50), asked(21), LONGEST), None);
        assert_eq!(honoured(ms(50), None, LONGEST), Some(ms(50)));
    }

    #[test]
    fn headers_ask_in_milliseconds_seconds_or_by_a_date() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let of = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs.iter().map(|&(name, value)| {
                (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap())
            });
            Asked::of(&headers.collect(), now)
        };
        let amazon = ("x-amz-retry-after", "1500");
        assert_eq!(of(&[amazon, ("retry-after", "9")]), Some(Asked::Amazon(ms(1500))));
        assert_eq!(of(&[("retry-after", " 9 ")]), Some(Asked::Http(ms(9000))));
        let date = |date| of(&[("retry-after", date)]);
        assert_eq!(date("Sun, 06 Nov 1994 08:49:40 GMT"), Some(Asked::Http(ms(3000))));
        assert_eq!(date("Sun, 06 Nov 1994 08:49:30 GMT"), Some(Asked::Http(ms(0))));
        for nonsense in ["", "soon", "-1", "1.5"] {
            assert_eq!(of(&[("x-amz-retry-after", nonsense), ("retry-after", nonsense)]), None);
        }
    }
}
