//! Times that are ISO 8601 on the wire.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::Text;
use super::slot::{Shape, Slot, View};

/// A point in time: `2026-01-02T03:04:05Z`, also with fractions of a second
/// and an offset (Smithy's `date-time`, RFC 3339), kept as it was written.
///
/// Two timestamps are equal if they are written alike.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Timestamp(Text);

const DAY: u64 = 86_400;

impl Timestamp {
    /// The time as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The time as the system counts it, or `None` where it is not written as
    /// RFC 3339 has it or lies before 1970.
    pub fn to_system_time(&self) -> Option<SystemTime> {
        let (date, time) = self.0.split_at_checked(10)?;
        let days = days_since_1970(date)?;
        let rest = time.strip_prefix(['T', 't', ' '])?;
        let (clock, rest) = rest.split_at_checked(8)?;
        let (nanos, offset) = fraction(rest)?;
        let seconds = days.checked_mul(DAY)?.checked_add(seconds_of_day(clock)?)?;
        let seconds = i64::try_from(seconds).ok()?.checked_sub(offset_seconds(offset)?)?;
        let since = Duration::new(u64::try_from(seconds).ok()?, nanos);
        SystemTime::UNIX_EPOCH.checked_add(since)
    }
}

/// Digits alone: `parse` would take a sign, too.
fn number(digits: &str) -> Option<u64> {
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// Days from 1970-01-01 by the Gregorian calendar.
fn days_since_1970(date: &str) -> Option<u64> {
    let [year, month, day] = fields(date, '-', [4, 2, 2])?;
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = usize::try_from(month).ok()?.checked_sub(1).filter(|m| *m < 12)?;
    if year < 1970 || day == 0 || day > lengths[before] {
        return None;
    }
    let leap_days = |year: u64| year / 4 - year / 100 + year / 400;
    let years = (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969);
    Some(years + lengths[..before].iter().sum::<u64>() + day - 1)
}

fn seconds_of_day(clock: &str) -> Option<u64> {
    let [hour, minute, second] = fields(clock, ':', [2, 2, 2])?;
    // 60 is a leap second.
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second)
}

/// Numbers of these widths, with `between` between them.
fn fields<const N: usize>(text: &str, between: char, widths: [usize; N]) -> Option<[u64; N]> {
    let mut parts = text.split(between);
    let mut numbers = [0; N];
    for (number_of, width) in numbers.iter_mut().zip(widths) {
        *number_of = number(parts.next().filter(|part| part.len() == width)?)?;
    }
    parts.next().is_none().then_some(numbers)
}

/// Nanoseconds of `.123Z`, and what follows the digits.
fn fraction(rest: &str) -> Option<(u32, &str)> {
    let Some(digits) = rest.strip_prefix('.') else { return Some((0, rest)) };
    let end = digits.find(|c: char| !c.is_ascii_digit())?;
    let nine: String = digits[..end].chars().chain("000000000".chars()).take(9).collect();
    Some((nine.parse().ok().filter(|_| end > 0)?, &digits[end..]))
}

fn offset_seconds(offset: &str) -> Option<i64> {
    let sign = match offset.chars().next()? {
        'Z' | 'z' if offset.len() == 1 => return Some(0),
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let seconds = seconds_of_day(&format!("{}:00", &offset[1..]))?;
    Some(sign * i64::try_from(seconds).ok()?)
}

impl From<SystemTime> for Timestamp {
    /// With whole seconds, in UTC; a time before 1970 becomes 1970.
    fn from(time: SystemTime) -> Self {
        let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let (days, second) = (seconds / DAY, seconds % DAY);
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        Timestamp(
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z").into(),
        )
    }
}

/// Year, month and day; years are counted from March, so that leap days come
/// last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + u64::from(month <= 2), month, day)
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Timestamp(text.into())
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Timestamp(text.into())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Shape for Timestamp {
    fn blank() -> Self {
        Timestamp(Text::default())
    }

    fn slot(&mut self) -> Slot<'_> {
        self.0.slot()
    }

    fn view(&self) -> View<'_> {
        self.0.view()
    }
}

super::serde_by_shape!(Timestamp);

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<f64> {
        let time = Timestamp::from(text).to_system_time()?;
        Some(time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64())
    }

    /// Seconds as GNU date gives them.
    const KNOWN: [(&str, u64); 6] = [
        ("1970-01-01T00:00:00Z", 0),
        ("2000-02-29T23:59:59Z", 951_868_799),
        ("2025-11-17T06:38:22Z", 1_763_361_502),
        ("2026-01-02T03:04:05Z", 1_767_323_045),
        ("2100-03-01T00:00:00Z", 4_107_542_400),
        ("9999-12-31T23:59:59Z", 253_402_300_799),
    ];

    #[test]
    fn known_times_are_read_and_written() {
        for (text, known) in KNOWN {
            assert_eq!(
                seconds(text),
                Some(std::time::Duration::from_secs(known).as_secs_f64()),
                "{text}"
            );
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(known);
            assert_eq!(Timestamp::from(time).as_str(), text);
        }
    }

    #[test]
    fn fractions_and_offsets_are_read() {
        assert_eq!(seconds("1970-01-01T00:00:01.25Z"), Some(1.25));
        assert_eq!(seconds("1970-01-01T02:00:00+01:30"), Some(1800.0));
        assert_eq!(seconds("1970-01-01T00:00:00-00:01"), Some(60.0));
    }

    #[test]
    fn what_is_no_time_is_none_and_kept_as_it_is() {
        for text in [
            "",
            "2026-02-30T00:00:00Z",
            "2026-01-01",
            "2026-01-01T24:00:00Z",
            "1969-12-31T23:59:59Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T00:00:00",
            "+026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-1-001T1:2:0003Z",
            "2026-01-01T00:00:00+9999999999999999999:00",
            "yesterday, é",
        ] {
            assert_eq!(seconds(text), None, "{text}");
            assert_eq!(serde_json::to_string(&Timestamp::from(text)).unwrap(), format!("{text:?}"));
        }
    }
}
