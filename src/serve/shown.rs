//! What of a request is shown: in the journal, and where a call is printed.
//!
//! What is not known to be harmless is hidden: a list of secrets misses the one
//! that nobody thought of.

use std::collections::BTreeMap;
use std::fmt;

use http::{HeaderMap, HeaderName};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::tape;

/// What stands for what is hidden.
pub(super) const HIDDEN: &str = "(hidden)";

/// Headers that say what is sent, by which program and how, but not who asks.
const HARMLESS: [&str; 12] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "expect",
    "host",
    "transfer-encoding",
    "user-agent",
    "x-amz-date",
    "x-amz-user-agent",
    "x-bedrock-wire-tape",
];

/// Families of such: what a client takes, its attempts, and the settings of an
/// operation.
const HARMLESS_FAMILIES: [&str; 3] = ["accept", "amz-sdk-", "x-amzn-bedrock-"];

/// Of such a family, and yet the service model marks it sensitive: what the
/// caller says of who asks.
const SENSITIVE: &str = "x-amzn-bedrock-request-metadata";

/// The member of a body with the same.
const METADATA: &str = "requestMetadata";

fn is_harmless(name: &HeaderName) -> bool {
    let name = name.as_str();
    let is_listed =
        HARMLESS.contains(&name) || HARMLESS_FAMILIES.iter().any(|family| name.starts_with(family));
    is_listed && name != SENSITIVE
}

/// Marks the values of all headers sensitive that are not known to be harmless.
pub(super) fn mark(headers: &mut HeaderMap) {
    for (name, value) in headers.iter_mut() {
        if !is_harmless(name) {
            value.set_sensitive(true);
        }
    }
}

/// Headers that were [marked](mark), those of one name in a row.
pub(super) fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut shown = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = if value.is_sensitive() {
            HIDDEN.into()
        } else {
            String::from_utf8_lossy(value.as_bytes())
        };
        let text = shown.entry(name.to_string()).or_default();
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&value);
    }
    shown
}

/// A path whose query shows of unknown members the names alone; of one that has
/// no value nobody knows whether it is a name.
pub(super) fn path(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let shown = query.split('&').map(|member| match member.split_once('=') {
        Some((name, _)) if !tape::keeps_query_member(name) => format!("{name}={HIDDEN}"),
        None if !member.is_empty() && !tape::keeps_query_member(member) => HIDDEN.to_owned(),
        Some(_) | None => member.to_owned(),
    });
    format!("{path}?{}", shown.collect::<Vec<_>>().join("&"))
}

/// A body, if it is JSON: to the byte, unless there is something to hide.
pub(super) fn body(body: &[u8]) -> Option<Box<RawValue>> {
    let json: Box<RawValue> = serde_json::from_slice(body).ok()?;
    match serde_json::from_str::<Members<'_>>(json.get()) {
        Ok(members) if members.0.iter().any(|(name, _)| name == METADATA) => {
            to_raw_value(&members).ok()
        }
        Ok(_) | Err(_) => Some(json),
    }
}

/// The members of a JSON object, in order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            if name == METADATA {
                map.serialize_entry(name, HIDDEN)?;
            } else {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn headers_that_are_not_known_to_be_harmless_are_hidden() {
        let names = [
            ("accept-encoding", true),
            ("amz-sdk-invocation-id", true),
            ("content-type", true),
            ("x-amzn-bedrock-trace", true),
            ("authorization", false),
            ("cookie", false),
            ("x-amz-security-token", false),
            ("x-amzn-bedrock-request-metadata", false),
            ("x-api-key", false),
            ("x-whatever-comes-next", false),
        ];
        let value = HeaderValue::from_static("v");
        let mut map: HeaderMap =
            names.iter().map(|(name, _)| (name.parse().unwrap(), value.clone())).collect();
        map.append("accept-encoding", HeaderValue::from_bytes(b"\xff").unwrap());
        map.append("x-api-key", value);
        mark(&mut map);
        let shown = headers(&map);
        assert_eq!(shown["accept-encoding"], "v, \u{fffd}");
        assert_eq!(shown["x-api-key"], "(hidden), (hidden)");
        for (name, is_shown) in names {
            assert_eq!(shown[name] == "(hidden)", !is_shown && name != "x-api-key", "{name}");
        }
    }

    #[test]
    fn of_a_query_only_members_of_operations_have_their_values() {
        for (query, expected) in [
            ("maxResults=3&X-Amz-Security-Token=s", "maxResults=3&X-Amz-Security-Token=(hidden)"),
            ("sk-1234&maxResults&a=b=c", "(hidden)&maxResults&a=(hidden)"),
            ("", ""),
            ("&&", "&&"),
        ] {
            assert_eq!(
                path(&format!("/async-invoke?{query}")),
                format!("/async-invoke?{expected}")
            );
        }
        assert_eq!(path("/a"), "/a");
    }

    #[test]
    fn of_a_body_what_the_caller_says_of_who_asks_is_hidden_and_the_rest_is_as_it_came() {
        let shown = |text: &str| body(text.as_bytes()).map(|json| json.get().to_owned());
        for same in [r#"{"b": 1.50, "a": {"requestMetadata": 1}}"#, "[1, 2]", r#""x""#, "null"] {
            assert_eq!(shown(same).as_deref(), Some(same));
        }
        let text = r#"{"b": 1.50, "request\u004detadata": {"who": "me"}, "a": [1, 2]}"#;
        let expected = r#"{"b":1.50,"requestMetadata":"(hidden)","a":[1, 2]}"#;
        assert_eq!(shown(text).as_deref(), Some(expected));
        assert_eq!(shown("no json"), None);
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        assert_eq!(shown(&deep), Some(deep.clone()));
    }
}
