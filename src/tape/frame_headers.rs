//! The headers of a frame as JSON, in their order.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use serde_json::value::RawValue;

use crate::eventstream::{HeaderValue, Headers};
use crate::model::Blob;

/// A frame's headers in the order of the wire, as serde types.
///
/// In JSON a string is a string; a value of another type is an object with
/// `type` and `value`, as in a tape.
#[derive(Clone, Debug)]
pub struct FrameHeaders(Vec<(String, Value)>);

/// A [`HeaderValue`] that owns its text or bytes.
#[derive(Clone, Debug)]
enum Value {
    Text(String),
    Bytes(Blob),
    /// Any of the types that borrow nothing.
    Fixed(HeaderValue<'static>),
}

impl FrameHeaders {
    /// A copy.
    pub fn of(headers: Headers<'_>) -> Self {
        Self(headers.iter().map(|(name, value)| (name.to_owned(), Value::of(value))).collect())
    }

    /// Name and value of each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, HeaderValue<'_>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.borrow()))
    }
}

impl Value {
    fn of(value: HeaderValue<'_>) -> Self {
        match value {
            HeaderValue::String(text) => Value::Text(text.to_owned()),
            HeaderValue::Bytes(bytes) => Value::Bytes(bytes.into()),
            HeaderValue::Bool(value) => Value::Fixed(HeaderValue::Bool(value)),
            HeaderValue::Byte(value) => Value::Fixed(HeaderValue::Byte(value)),
            HeaderValue::Int16(value) => Value::Fixed(HeaderValue::Int16(value)),
            HeaderValue::Int32(value) => Value::Fixed(HeaderValue::Int32(value)),
            HeaderValue::Int64(value) => Value::Fixed(HeaderValue::Int64(value)),
            HeaderValue::Timestamp(value) => Value::Fixed(HeaderValue::Timestamp(value)),
            HeaderValue::Uuid(value) => Value::Fixed(HeaderValue::Uuid(value)),
        }
    }

    fn borrow(&self) -> HeaderValue<'_> {
        match self {
            Value::Text(text) => HeaderValue::String(text),
            Value::Bytes(bytes) => HeaderValue::Bytes(bytes),
            Value::Fixed(value) => *value,
        }
    }

    /// A value that is not a string, from its `type` and `value`.
    fn typed(kind: &str, json: &str) -> Result<Self, String> {
        let value = match kind {
            "bool" => HeaderValue::Bool(read(kind, json)?),
            "byte" => HeaderValue::Byte(read(kind, json)?),
            "int16" => HeaderValue::Int16(read(kind, json)?),
            "int32" => HeaderValue::Int32(read(kind, json)?),
            "int64" => HeaderValue::Int64(read(kind, json)?),
            "timestamp" => HeaderValue::Timestamp(read(kind, json)?),
            "uuid" => HeaderValue::Uuid(uuid(&read::<String>(kind, json)?)?),
            "bytes" => return read(kind, json).map(Value::Bytes),
            other => {
                return Err(format!(
                    "no header has the type {other:?}; it is bool, byte, int16, int32, int64, \
                     bytes, timestamp or uuid, and a string is written as it is"
                ));
            }
        };
        Ok(Value::Fixed(value))
    }
}

fn read<T: DeserializeOwned>(kind: &str, json: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|_| format!("{json} is no value of the type {kind:?}"))
}

fn uuid(hex: &str) -> Result<[u8; 16], String> {
    let digits = hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = digits.then(|| u128::from_str_radix(hex, 16).ok()).flatten();
    number.map(u128::to_be_bytes).ok_or_else(|| format!("{hex:?} is not 32 hex digits"))
}

/// A value that is not a string, as JSON.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed<V> {
    r#type: String,
    value: V,
}

fn write<S: Serializer>(s: S, name: &str, value: impl Serialize) -> Result<S::Ok, S::Error> {
    Typed { r#type: name.to_owned(), value }.serialize(s)
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self.borrow() {
            HeaderValue::String(text) => s.serialize_str(text),
            HeaderValue::Bytes(bytes) => write(s, "bytes", Blob::from(bytes)),
            HeaderValue::Bool(value) => write(s, "bool", value),
            HeaderValue::Byte(value) => write(s, "byte", value),
            HeaderValue::Int16(value) => write(s, "int16", value),
            HeaderValue::Int32(value) => write(s, "int32", value),
            HeaderValue::Int64(value) => write(s, "int64", value),
            HeaderValue::Timestamp(value) => write(s, "timestamp", value),
            HeaderValue::Uuid(value) => {
                write(s, "uuid", format!("{:032x}", u128::from_be_bytes(value)))
            }
        }
    }
}

impl Serialize for FrameHeaders {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or a type and a value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        let typed = Typed::<&RawValue>::deserialize(MapAccessDeserializer::new(map))?;
        Value::typed(&typed.r#type, typed.value.get()).map_err(A::Error::custom)
    }
}

impl<'de> Deserialize<'de> for FrameHeaders {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_map(HeadersVisitor)
    }
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = FrameHeaders;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of headers")
    }

    /// Keeps the order, and a name that is there twice: the encoder tells.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FrameHeaders, A::Error> {
        let mut headers = Vec::new();
        while let Some(header) = map.next_entry()? {
            headers.push(header);
        }
        Ok(FrameHeaders(headers))
    }
}
