//! The straight way from a shape to the text of JSON: to the byte what
//! `serde_json` makes of it. Texts, most of what is sent, are escaped in wide
//! steps, and documents are not read again to be written.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::ser::Error as _;
use serde_json::Error;

use super::slot::{List, Map, Shape, Structure, Union, View};
use super::string;
use super::write::{misplaced, not_finite};

/// Writes a value as JSON.
///
/// # Errors
/// Where it has no form in JSON, or `out` does not take it.
pub(crate) fn to_writer(value: &impl Shape, out: &mut impl Write) -> Result<(), Error> {
    write(&value.view(), out)
}

fn write<W: Write>(value: &View<'_>, out: &mut W) -> Result<(), Error> {
    match value {
        View::Boolean(value) => raw(if *value { "true" } else { "false" }, out),
        View::Integer(value) => serde_json::to_writer(out, value),
        View::Long(value) => serde_json::to_writer(out, value),
        View::Double(value) => match not_finite(*value) {
            Some(name) => string::write(name, out).map_err(Error::io),
            None => serde_json::to_writer(out, value),
        },
        View::Text(text) => string::write(text, out).map_err(Error::io),
        View::Blob(bytes) => base64(bytes, out),
        View::Document(document) => raw(document.as_json(), out),
        View::Structure(of) => structure(*of, out),
        View::Union(of) => union(*of, out),
        View::List(of) => list(*of, out),
        View::Map(of) => map(*of, out),
    }
}

fn raw(json: &str, out: &mut impl Write) -> Result<(), Error> {
    out.write_all(json.as_bytes()).map_err(Error::io)
}

fn base64(bytes: &[u8], out: &mut impl Write) -> Result<(), Error> {
    /// A whole number of groups, so that only the last part is padded.
    const PART: usize = 3 * 256;
    let mut room = [0; PART / 3 * 4];
    raw("\"", out)?;
    for part in bytes.chunks(PART) {
        let length = STANDARD.encode_slice(part, &mut room).map_err(Error::custom)?;
        out.write_all(&room[..length]).map_err(Error::io)?;
    }
    raw("\"", out)
}

fn structure<W: Write>(of: &dyn Structure, out: &mut W) -> Result<(), Error> {
    let schema = of.schema();
    let mut members = Members::begin(out)?;
    for (index, name) in schema.members.iter().enumerate() {
        if let Some(value) = of.member_view(index) {
            members.write_known(name, &value)?;
        }
    }
    for (name, value) in of.unknown().iter() {
        if let Some(why) = misplaced(schema, name) {
            return Err(Error::custom(why));
        }
        members.write(name, &View::Document(value))?;
    }
    members.end()
}

fn union<W: Write>(of: &dyn Union, out: &mut W) -> Result<(), Error> {
    let (name, value) = of.current_view();
    let Some(name) = name else { return write(&value, out) };
    let mut members = Members::begin(out)?;
    members.write_known(name, &value)?;
    members.end()
}

fn list<W: Write>(of: &dyn List, out: &mut W) -> Result<(), Error> {
    let mut before = "[";
    for item in (0..).map_while(|index| of.item(index)) {
        raw(before, out)?;
        write(&item, out)?;
        before = ",";
    }
    raw(if before == "[" { "[]" } else { "]" }, out)
}

fn map<W: Write>(of: &dyn Map, out: &mut W) -> Result<(), Error> {
    let mut members = Members::begin(out)?;
    for (key, value) in of.entries() {
        members.write(key, &value)?;
    }
    members.end()
}

/// An object, member by member.
struct Members<'w, W> {
    out: &'w mut W,
    is_first: bool,
}

impl<'w, W: Write> Members<'w, W> {
    fn begin(out: &'w mut W) -> Result<Self, Error> {
        raw("{", out)?;
        Ok(Members { out, is_first: true })
    }

    /// A member of any name.
    fn write(&mut self, name: &str, value: &View<'_>) -> Result<(), Error> {
        self.part()?;
        string::write(name, self.out).map_err(Error::io)?;
        raw(":", self.out)?;
        write(value, self.out)
    }

    /// A member of the service model's, whose names have nothing to escape.
    fn write_known(&mut self, name: &'static str, value: &View<'_>) -> Result<(), Error> {
        self.part()?;
        raw("\"", self.out)?;
        raw(name, self.out)?;
        raw("\":", self.out)?;
        write(value, self.out)
    }

    /// What is between two members.
    fn part(&mut self) -> Result<(), Error> {
        if std::mem::take(&mut self.is_first) { Ok(()) } else { raw(",", self.out) }
    }

    fn end(self) -> Result<(), Error> {
        raw("}", self.out)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::{Text, from_bytes};
    use super::*;
    use crate::model::{ConverseRequest, InferenceConfiguration};

    fn assert_as_serde_json(value: &(impl Shape + serde::Serialize)) {
        let mut written = Vec::new();
        to_writer(value, &mut written).unwrap();
        assert_eq!(str::from_utf8(&written).unwrap(), serde_json::to_string(value).unwrap());
    }

    #[test]
    fn a_request_of_all_kinds_of_members_is_written_as_by_serde_json() {
        let json = r#"{
            "messages": [
                {"role": "user", "content": [
                    {"text": "a \"quote\",\na \u0001 and \u00e9"},
                    {"image": {"format": "png", "source": {"bytes": "AAECAwQFBg=="}}},
                    {"newBlock": {"a" : 1.50}},
                    {"cachePoint": {"type": "default", "ttl": "1h"}}
                ]},
                {"role": "assistant", "content": []}
            ],
            "system": [],
            "inferenceConfig": {"maxTokens": 12, "temperature": 0.1, "topP": 1.0, "topK": 1e400},
            "toolConfig": {"tools": [{"toolSpec": {
                "name": "t", "inputSchema": {"json": {"type" : "object", "n": 1.0e2}}, "strict": true
            }}], "toolChoice": {"auto": {}}},
            "promptVariables": {"na\"me": {"text": "x"}, "b": {"text": ""}},
            "requestMetadata": {},
            "additionalModelResponseFieldPaths": ["/a", "/b"],
            "new\nmember": [null, {"k":  "v"}]
        }"#;
        let request: ConverseRequest = from_bytes(&Bytes::from_static(json.as_bytes())).unwrap();
        assert_as_serde_json(&request);
    }

    #[test]
    fn numbers_and_blobs_of_any_size_are_written_as_by_serde_json() {
        for number in [0.0, -0.0, 1.0, 0.1, 1e21, 5e-324, f64::MAX, -1.5e-7] {
            assert_as_serde_json(&number);
        }
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_as_serde_json(&InferenceConfiguration::new().temperature(number));
        }
        assert_as_serde_json(&vec![i64::MIN, -1, 0, i64::MAX]);
        assert_as_serde_json(&vec![true, false]);
        for length in (0..10).chain([766, 767, 768, 769, 770, 1536, 10_000]) {
            let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
            assert_as_serde_json(&super::super::Blob::from(bytes));
        }
    }

    #[test]
    fn a_member_in_the_wrong_place_is_the_same_error() {
        let mut request = ConverseRequest::new();
        request.extra.insert("messages", super::super::Document::string("x"));
        let error = to_writer(&request, &mut Vec::new()).unwrap_err().to_string();
        assert_eq!(error, serde_json::to_string(&request).unwrap_err().to_string());
        assert!(error.contains("`extra` of ConverseBody holds `messages`"), "{error}");
    }

    #[test]
    fn a_writer_that_takes_no_more_is_an_error() {
        let error = to_writer(&Text::from("x\ny"), &mut &mut [0; 3][..]).unwrap_err();
        assert!(error.is_io(), "{error}");
    }
}
