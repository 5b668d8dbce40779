//! One request as the journal shows it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use http::{Method, Version};
use serde::Serialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use crate::auth::verify::Caller;

/// A request of a server's, what was answered, and how that ended.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// Which request it was, counted from 1.
    pub number: u64,
    /// When its head arrived, by the server's clock, as RFC 3339 has it.
    pub at: String,
    /// Its method.
    pub method: String,
    /// Its path as received, with its query. Of members that no tape keeps the
    /// value is hidden, and the whole of those without one.
    pub path: String,
    /// The version of HTTP it came in, such as `1.1` or `2`.
    pub http: &'static str,
    /// Which operation it asks for; `None` where it was turned away before that
    /// was known.
    pub operation: Option<&'static str>,
    /// The id or ARN of the model, or what else the path names.
    pub model: Option<String>,
    /// Its headers as received: several of one name with `, ` between them. Values
    /// of headers that are not known to be harmless are `(hidden)`.
    pub headers: BTreeMap<String, String>,
    /// Its body, if that is JSON of at most 64 KiB; `requestMetadata` in it is
    /// `(hidden)`.
    pub body: Option<Arc<RawValue>>,
    /// How many bytes its body had; 0 where it was turned away unread.
    pub body_bytes: u64,
    /// Who asked; `None` where that was not proved.
    pub verified: Option<VerifiedBy>,
    /// The name of the error it was turned away with for its head, form,
    /// signature or size.
    pub rejected: Option<String>,
    /// The tape that answered.
    pub tape: Option<String>,
    /// Why no tape did.
    pub why: Option<String>,
    /// The kinds of the faults that were applied, in order.
    pub faults: Vec<&'static str>,
    /// The status of the answer, once there is one.
    pub status: Option<u16>,
    /// How many bytes of its body were handed to the connection.
    pub bytes_sent: u64,
    /// How it ended.
    pub ended: Ended,
    /// From its head to its end.
    pub milliseconds: Option<u64>,
}

/// Who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "lowercase")]
#[non_exhaustive]
pub enum VerifiedBy {
    /// Who signed with AWS credentials.
    SigV4 {
        /// The access key id.
        access_key_id: String,
        /// The region of the signature.
        region: String,
    },
    /// Who sent an API key.
    Bearer,
}

impl VerifiedBy {
    /// `None` where nobody looked.
    pub(super) fn of(caller: &Caller) -> Option<Self> {
        match caller {
            Caller::AccessKey { id, region } => {
                let (access_key_id, region) = (id.clone(), region.clone());
                Some(VerifiedBy::SigV4 { access_key_id, region })
            }
            Caller::BearerKey => Some(VerifiedBy::Bearer),
            Caller::Unverified => None,
        }
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ended {
    /// It has not.
    Open,
    /// All of the answer was handed to the connection.
    Complete,
    /// A fault broke the answer off.
    CutByFault,
    /// The answer broke off as its tape, or the handler, says.
    CutByTape,
    /// The client went away.
    ClosedByClient,
    /// The server was stopped.
    Stopped,
}

pub(super) fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_11 => "1.1",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        // The type has no list of its values.
        _ => "unknown",
    }
}

pub(super) fn method(method: &Method) -> String {
    method.as_str().to_owned()
}

/// In milliseconds, as RFC 3339 has it.
pub(super) fn rfc3339(at: SystemTime) -> String {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    // Beyond what can be written it is the last year that can.
    let at = OffsetDateTime::from_unix_timestamp(seconds)
        .unwrap_or(time::Date::MAX.midnight().assume_utc());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        since.subsec_millis()
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_is_written_as_rfc_3339_has_it() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_675_102_123);
        assert_eq!(rfc3339(at), "2026-11-26T06:38:22.123Z");
        assert_eq!(rfc3339(SystemTime::UNIX_EPOCH - Duration::from_secs(1)).len(), 24);
        let far = SystemTime::UNIX_EPOCH + Duration::from_hours(24 * 365 * 20_000);
        assert!(rfc3339(far).starts_with("9999-12-31T"), "{}", rfc3339(far));
    }

    #[test]
    fn who_asked_is_told_as_documented() {
        let (id, region) = ("AKIDEXAMPLE".to_owned(), "us-east-1".to_owned());
        let signed = VerifiedBy::of(&Caller::AccessKey { id, region });
        let json = serde_json::json!(
            { "by": "sigv4", "access_key_id": "AKIDEXAMPLE", "region": "us-east-1" }
        );
        assert_eq!(serde_json::to_value(signed).unwrap(), json);
        let bearer = serde_json::to_value(VerifiedBy::of(&Caller::BearerKey)).unwrap();
        assert_eq!(bearer, serde_json::json!({ "by": "bearer" }));
    }
}
