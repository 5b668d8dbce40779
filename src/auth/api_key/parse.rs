//! What a key says of itself.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use time::{Date, Month, OffsetDateTime, Time};
use zeroize::Zeroizing;

use super::super::bearer::BearerKey;
use super::super::sigv4::{SERVICE, check_scope_part};
use super::{ACTION, HOST_AND_PATH, PREFIX, ShortTermKey, check_lifetime};

pub(super) fn parse(key: &BearerKey) -> Option<ShortTermKey> {
    let text = Zeroizing::new(STANDARD.decode(key.expose().strip_prefix(PREFIX)?).ok()?);
    let query = std::str::from_utf8(&text).ok()?.strip_prefix(HOST_AND_PATH)?.strip_prefix('?')?;
    if value(query, ACTION.0)? != ACTION.1 {
        return None;
    }
    let (access_key_id, region) = scope(&value(query, "X-Amz-Credential")?)?;
    let made = time(&value(query, "X-Amz-Date")?)?;
    let lifetime = Duration::from_secs(value(query, "X-Amz-Expires")?.parse().ok()?);
    check_lifetime(lifetime).ok()?;
    let expires = made.checked_add(lifetime)?;
    Some(ShortTermKey { key: key.clone(), region, access_key_id, expires })
}

/// The value of a parameter, where it stands first.
fn value<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(found, _)| *found == name)?;
    percent_decode_str(value).decode_utf8().ok()
}

/// Access key id and region of `<id>/<day>/<region>/bedrock/aws4_request`.
fn scope(credential: &str) -> Option<(String, String)> {
    let parts: Vec<_> = credential.split('/').collect();
    let [id, _, region, SERVICE, "aws4_request"] = parts[..] else {
        return None;
    };
    // They are there to be shown: nothing in them may steer a terminal.
    check_scope_part("access key id", id).ok()?;
    check_scope_part("region", region).ok()?;
    Some((id.to_owned(), region.to_owned()))
}

/// A time such as `20260102T030405Z`.
fn time(text: &str) -> Option<SystemTime> {
    let (day, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let digits =
        |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(day, 8) || !digits(clock, 6) {
        return None;
    }
    let two = |text: &str, at: usize| text[at..at + 2].parse::<u8>().ok();
    let month = Month::try_from(two(day, 4)?).ok()?;
    let date = Date::from_calendar_date(day[..4].parse().ok()?, month, two(day, 6)?).ok()?;
    let clock = Time::from_hms(two(clock, 0)?, two(clock, 2)?, two(clock, 4)?).ok()?;
    let seconds = OffsetDateTime::new_utc(date, clock).unix_timestamp();
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
}
