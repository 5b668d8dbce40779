//! Times as signatures write them: ISO 8601 basic format, `20260102T030405Z`.

use std::time::{Duration, SystemTime};

use time::{Date, Month, OffsetDateTime, Time};

/// Length of `YYYYMMDD`.
pub(super) const DAY_LEN: usize = 8;

/// 9999-12-31T23:59:59Z, the last second the format can write.
const LAST_SECOND: u64 = 253_402_300_799;

/// Whole seconds since 1970; what lies before counts as 1970.
pub(super) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// The time in basic format, or `None` if the text is anything else.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let is_basic = text.len() == 16
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 => b == b'T',
            15 => b == b'Z',
            _ => b.is_ascii_digit(),
        });
    if !is_basic {
        return None;
    }
    let two = |at: usize| text[at..at + 2].parse::<u8>().ok();
    let month = Month::try_from(two(4)?).ok()?;
    let date = Date::from_calendar_date(text[..4].parse().ok()?, month, two(6)?).ok()?;
    let time = Time::from_hms(two(9)?, two(11)?, two(13)?).ok()?;
    let seconds = OffsetDateTime::new_utc(date, time).unix_timestamp();
    let since = Duration::from_secs(u64::try_from(seconds).ok()?);
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// The time in basic format, within the years 1970 to 9999.
pub(super) fn format(seconds: u64) -> String {
    let seconds = i64::try_from(seconds.min(LAST_SECOND)).unwrap_or_default();
    let time = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, clock) = (time.date(), time.time());
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_format_is_read_and_written() {
        for (text, at) in [
            ("19700101T000000Z", 0),
            ("20000229T235959Z", 951_868_799),
            ("20260102T030405Z", 1_767_323_045),
            ("99991231T235959Z", LAST_SECOND),
        ] {
            assert_eq!(parse(text).map(seconds), Some(at), "{text}");
            assert_eq!(format(at), text);
        }
        assert_eq!(format(u64::MAX), "99991231T235959Z");
    }

    #[test]
    fn anything_else_is_not_a_time() {
        for text in [
            "",
            "20260102",
            "2026-01-02T03:04:05Z",
            "20260102T030405",
            "20260102t030405Z",
            "20260230T030405Z",
            "20261302T030405Z",
            "20260102T240405Z",
            "20260102T030460Z",
            "+2026102T030405Z",
            "20260102T0304+5Z",
            "19691231T235959Z",
            "20260102T03040éZ",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
