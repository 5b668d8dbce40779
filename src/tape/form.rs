//! The forms that a body has on a tape.

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::model::Blob;

/// The members of a body; just one of the first three is there.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BodyMembers<'a> {
    #[serde(borrow, default, deserialize_with = "any", skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body_base64: Option<Blob>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
}

impl<'a> BodyMembers<'a> {
    /// The most readable form that comes back as the same bytes.
    pub(super) fn of(bytes: &'a Bytes) -> Self {
        if let Ok(json) = one_line_json(bytes) {
            return Self { body: Some(json), ..Self::default() };
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { body_text: Some(text.to_owned()), ..Self::default() },
            Err(error) => Self {
                body_base64: Some(bytes.clone().into()),
                why: Some(format!("not UTF-8: {error}")),
                ..Self::default()
            },
        }
    }

    pub(super) fn into_bytes(self) -> Result<Bytes, &'static str> {
        match (self.body, self.body_text, self.body_base64) {
            (Some(json), None, None) => Ok(Bytes::copy_from_slice(json.get().as_bytes())),
            (None, Some(text), None) => Ok(text.into()),
            (None, None, Some(Blob(bytes))) => Ok(bytes),
            _ => Err("just one of `body`, `body_text` and `body_base64` is to be here"),
        }
    }
}

/// `bytes` as JSON that a line can have in it to the byte, or why not.
pub(super) fn one_line_json(bytes: &[u8]) -> Result<&RawValue, String> {
    let json: &RawValue = serde_json::from_slice(bytes).map_err(|e| format!("not JSON: {e}"))?;
    let line = json.get().as_bytes();
    if line != bytes || line.contains(&b'\n') || line.contains(&b'\r') {
        return Err("JSON with line breaks in it or white space around it".to_owned());
    }
    Ok(json)
}

/// Reads any JSON, `null` too, which without this would be an absent member.
pub(super) fn any<'de, D: Deserializer<'de>>(d: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(d).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_body_comes_back_to_the_byte_in_its_most_readable_form() {
        let bodies: [(&[u8], &str); 12] = [
            (br#"{"b": 1.0,"a":[1e2, -0.0]}"#, r#"{"body":{"b": 1.0,"a":[1e2, -0.0]}}"#),
            (br#"{"a":1,"a":2}"#, r#"{"body":{"a":1,"a":2}}"#),
            (b"1e999", r#"{"body":1e999}"#),
            (b"null", r#"{"body":null}"#),
            (br#""\u00e9""#, r#"{"body":"\u00e9"}"#),
            (b"{\n}", r#"{"body_text":"{\n}"}"#),
            (b"{\r}", r#"{"body_text":"{\r}"}"#),
            (b" {}", r#"{"body_text":" {}"}"#),
            (b"{}{}", r#"{"body_text":"{}{}"}"#),
            (b"", r#"{"body_text":""}"#),
            (b"<p>\"caf\xc3\xa9\"\0", r#"{"body_text":"<p>\"café\"\u0000"}"#),
            (
                b"a\xff",
                r#"{"body_base64":"Yf8=","why":"not UTF-8: invalid utf-8 sequence of 1 bytes from index 1"}"#,
            ),
        ];
        for (body, line) in bodies {
            let body = Bytes::from_static(body);
            let written = serde_json::to_string(&BodyMembers::of(&body)).unwrap();
            assert_eq!(written, line);
            let read: BodyMembers<'_> = serde_json::from_str(&written).unwrap();
            assert_eq!(read.into_bytes().unwrap(), body);
        }
    }
}
