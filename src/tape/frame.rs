//! A frame as JSON: headers and payload where that brings back its bytes, else
//! base64.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::form::{any, one_line_json};
use super::frame_headers::FrameHeaders;
use crate::eventstream::Message;
use crate::model::Blob;

/// The members of a frame, in either form.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FrameMembers<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<FrameHeaders>,
    #[serde(borrow, default, deserialize_with = "any", skip_serializing_if = "Option::is_none")]
    payload: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<Blob>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl FrameMembers<'_> {
    /// The frame, encoded.
    pub(super) fn into_bytes(self) -> Result<Bytes, String> {
        match (self.headers, self.payload, self.base64) {
            (Some(headers), payload, None) => {
                let payload = payload.map_or("", RawValue::get);
                let message = Message::encode(headers.iter(), payload.as_bytes());
                message.map(|message| message.frame().clone()).map_err(|e| e.to_string())
            }
            (None, None, Some(Blob(bytes))) => Ok(bytes),
            _ => {
                Err("a frame has either `headers`, and `payload` unless that is empty, or `base64`"
                    .to_owned())
            }
        }
    }
}

/// The JSON of a frame, in the readable form if it passes the test of being
/// read back.
pub(super) fn to_json(frame: &Bytes) -> Result<Box<RawValue>, serde_json::Error> {
    match readable(frame) {
        Ok(json) => Ok(json),
        Err(why) => {
            let base64 = Some(frame.clone().into());
            to_raw_value(&FrameMembers { base64, why: Some(why), ..FrameMembers::default() })
        }
    }
}

/// The readable form, or why there is none.
fn readable(frame: &Bytes) -> Result<Box<RawValue>, String> {
    let message = Message::decode(frame.clone()).map_err(|e| e.kind().to_string())?;
    let payload = Some(message.payload()).filter(|payload| !payload.is_empty());
    let payload = payload.map(one_line_json).transpose();
    let payload = payload.map_err(|e| format!("the payload is {e}"))?;
    let headers = Some(FrameHeaders::of(message.headers()));
    let members = FrameMembers { headers, payload, ..FrameMembers::default() };
    let json = to_raw_value(&members).map_err(|e| e.to_string())?;
    let again: FrameMembers<'_> = serde_json::from_str(json.get()).map_err(|e| e.to_string())?;
    if again.into_bytes()? == frame {
        return Ok(json);
    }
    Err("headers and payload encode to other bytes".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eventstream::HeaderValue;

    fn frame(headers: &[(&str, HeaderValue<'_>)], payload: &[u8]) -> Bytes {
        Message::encode(headers.iter().copied(), payload).unwrap().frame().clone()
    }

    fn read(json: &str) -> Result<Bytes, String> {
        let members: FrameMembers<'_> = serde_json::from_str(json).map_err(|e| e.to_string())?;
        members.into_bytes()
    }

    fn written(frame: &Bytes) -> String {
        let json = to_json(frame).unwrap();
        assert_eq!(read(json.get()).unwrap(), *frame);
        json.get().to_owned()
    }

    #[test]
    fn headers_of_every_type_are_readable_and_come_back() {
        let headers = [
            ("z", HeaderValue::String("gr\u{fc}n\n")),
            ("a", HeaderValue::Bool(false)),
            ("b", HeaderValue::Byte(-1)),
            ("c", HeaderValue::Int16(i16::MIN)),
            ("d", HeaderValue::Int32(5)),
            ("e", HeaderValue::Int64(i64::MAX)),
            ("f", HeaderValue::Bytes(b"\xff\0")),
            ("g", HeaderValue::Timestamp(-1)),
            ("h", HeaderValue::Uuid([1; 16])),
        ];
        assert_eq!(
            written(&frame(&headers, b"{\"b\":1.50,\"a\":null}")),
            r#"{"headers":{"z":"grün\n","a":{"type":"bool","value":false},"#.to_owned()
                + r#""b":{"type":"byte","value":-1},"c":{"type":"int16","value":-32768},"#
                + r#""d":{"type":"int32","value":5},"#
                + r#""e":{"type":"int64","value":9223372036854775807},"#
                + r#""f":{"type":"bytes","value":"/wA="},"g":{"type":"timestamp","value":-1},"#
                + r#""h":{"type":"uuid","value":"01010101010101010101010101010101"}},"#
                + r#""payload":{"b":1.50,"a":null}}"#
        );
        assert_eq!(written(&frame(&[], b"null")), r#"{"headers":{},"payload":null}"#);
        assert_eq!(written(&frame(&[], b"")), r#"{"headers":{}}"#);
    }

    #[test]
    fn what_would_not_come_back_is_base64_and_says_why() {
        let why = |frame: &[u8]| {
            let json = written(&Bytes::copy_from_slice(frame));
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert!(value["base64"].is_string(), "{json}");
            value["why"].as_str().unwrap().to_owned()
        };
        assert!(why(&frame(&[], b"{")).starts_with("the payload is not JSON: EOF"));
        assert!(why(&frame(&[], b"{\n}")).starts_with("the payload is JSON with line breaks"));
        let mut damaged = frame(&[], b"{}").to_vec();
        damaged[12] ^= 1;
        assert!(why(&damaged).starts_with("message checksum mismatch"));
        // One header without a name, which decodes but must not be sent.
        let head = [0, 0, 0, 24, 0, 0, 0, 2];
        let mut nameless = [&head[..], &crc32fast::hash(&head).to_be_bytes(), &[0, 0]].concat();
        nameless.extend_from_slice(b"123456");
        let crc = crc32fast::hash(&nameless).to_be_bytes();
        nameless.extend_from_slice(&crc);
        assert_eq!(
            why(&nameless),
            "header 0 (counted from 0) has no name; names are 1 to 255 bytes long"
        );
    }

    #[test]
    fn a_frame_that_cannot_be_encoded_says_why() {
        let refused = [
            (r#"{"headers":{"a":"1","a":"2"},"payload":{}}"#, "header \"a\" is given twice"),
            (r#"{"headers":{"a":{"type":"int16","value":40000}},"payload":{}}"#, "40000 is no"),
            (r#"{"headers":{"a":{"type":"int8","value":4}},"payload":{}}"#, "no header has the"),
            (r#"{"headers":{"a":{"type":"uuid","value":"+1"}},"payload":{}}"#, "\"+1\" is not 32"),
            (r#"{"headers":{"a":5},"payload":{}}"#, "expected a string, or a type and a value"),
            (r#"{"payload":{}}"#, "a frame has either"),
            (r#"{"base64":"AA==","payload":{}}"#, "a frame has either"),
            (r#"{"base64":"A"}"#, "not base64"),
        ];
        for (json, reason) in refused {
            let error = read(json).unwrap_err();
            assert!(error.contains(reason), "{json}: {error}");
        }
    }
}
