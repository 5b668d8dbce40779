//! The headers of HTTP that may be on a tape.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

/// What the service answers to, apart from the body.
const OF_REQUEST: &[&str] = &["accept", "content-type"];

/// What a client acts on. Lengths, encodings of the transfer and the state of
/// the connection are not among them: a server that replays has its own.
const OF_RESPONSE: &[&str] = &[
    "age", // where there is none, `date` tells the service's clock
    "content-encoding",
    "content-type",
    "date",
    "retry-after",
    "x-amz-retry-after",
    "x-amzn-errortype",
    "x-amzn-requestid",
];

/// Settings of a request and counts of a response.
const PREFIX: &str = "x-amzn-bedrock-";

/// What is not listed for all its prefix: the service model marks it sensitive,
/// for it holds what the caller chose to say of who asks. The service answers
/// the same without it.
const SENSITIVE: &str = "x-amzn-bedrock-request-metadata";

/// The headers of a request or response that are on a tape.
///
/// They pass a list of those that may be there (see [the format](super)), so
/// that credentials do not. A value that is marked sensitive or is not visible
/// ASCII does not pass either.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedHeaders(Vec<(HeaderName, HeaderValue)>);

impl RecordedHeaders {
    pub(super) fn of_request(headers: &HeaderMap) -> Self {
        Self::pass(headers, OF_REQUEST)
    }

    pub(super) fn of_response(headers: &HeaderMap) -> Self {
        Self::pass(headers, OF_RESPONSE)
    }

    fn pass(headers: &HeaderMap, list: &[&str]) -> Self {
        let may_be_kept = |name: &HeaderName, value: &HeaderValue| {
            is_listed(name, list) && !value.is_sensitive() && value.to_str().is_ok()
        };
        let kept = headers.iter().filter(|(name, value)| may_be_kept(name, value));
        Self(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// Name and value of each header, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&HeaderName, &HeaderValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The first value of the header `name`, in small letters.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.iter().find(|(known, _)| known.as_str() == name);
        found.and_then(|(_, value)| value.to_str().ok())
    }

    /// The headers as the HTTP libraries have them.
    pub fn to_map(&self) -> HeaderMap {
        let mut map = HeaderMap::with_capacity(self.0.len());
        for (name, value) in self.iter() {
            map.append(name, value.clone());
        }
        map
    }
}

fn is_listed(name: &HeaderName, list: &[&str]) -> bool {
    let name = name.as_str();
    list.contains(&name) || (name.starts_with(PREFIX) && name != SENSITIVE)
}

impl Serialize for RecordedHeaders {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Values that are not visible ASCII did not pass.
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        serializer.collect_seq(self.iter().map(|(name, value)| (name.as_str(), text(value))))
    }
}

pub(super) fn read_request<'de, D: Deserializer<'de>>(d: D) -> Result<RecordedHeaders, D::Error> {
    read(d, OF_REQUEST)
}

pub(super) fn read_response<'de, D: Deserializer<'de>>(d: D) -> Result<RecordedHeaders, D::Error> {
    read(d, OF_RESPONSE)
}

fn read<'de, D: Deserializer<'de>>(d: D, list: &[&str]) -> Result<RecordedHeaders, D::Error> {
    let pairs = Vec::<(String, String)>::deserialize(d)?;
    let headers = pairs.iter().map(|(name, value)| parse(name, value, list));
    headers.collect::<Result<_, _>>().map(RecordedHeaders).map_err(D::Error::custom)
}

fn parse(name: &str, value: &str, list: &[&str]) -> Result<(HeaderName, HeaderValue), String> {
    let parsed = name.parse().ok().filter(|parsed| is_listed(parsed, list));
    let Some(parsed) = parsed else {
        let list = list.join(", ");
        return Err(format!(
            "header {name:?} may not be on a tape: take it out (those that may are {list} and \
             {PREFIX}* but for {SENSITIVE})"
        ));
    };
    let value = HeaderValue::from_str(value).ok().filter(|value| value.to_str().is_ok());
    let value = value.ok_or_else(|| format!("the value of header {name:?} is not visible ASCII"));
    value.map(|value| (parsed, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        pairs.collect()
    }

    fn names(kept: &RecordedHeaders) -> Vec<&str> {
        kept.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn only_what_is_listed_passes() {
        let sent = headers(&[
            ("authorization", "Bearer bedrock-api-key-x"),
            ("x-amz-security-token", "x"),
            ("cookie", "x"),
            ("user-agent", "x"),
            ("x-amz-date", "x"),
            ("content-type", "application/json"),
            ("x-amzn-bedrock-trace", "ENABLED"),
            ("x-amzn-bedrock-request-metadata", "{}"),
            ("x-amzn-requestid", "x"),
            ("set-cookie", "x"),
        ]);
        let request = RecordedHeaders::of_request(&sent);
        assert_eq!(names(&request), ["content-type", "x-amzn-bedrock-trace"]);
        let response = RecordedHeaders::of_response(&sent);
        assert_eq!(names(&response), ["content-type", "x-amzn-bedrock-trace", "x-amzn-requestid"]);
        assert_eq!(response.get("x-amzn-requestid"), Some("x"));
        assert_eq!(response.to_map().len(), 3);
    }

    #[test]
    fn a_value_marked_sensitive_never_passes() {
        let mut sent = headers(&[("x-amzn-bedrock-trace", "secret")]);
        sent.values_mut().for_each(|value| value.set_sensitive(true));
        assert_eq!(RecordedHeaders::of_request(&sent), RecordedHeaders::default());
    }
}
