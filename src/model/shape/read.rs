//! The one way from bytes to a shape.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use bytestring::ByteString;
use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::slot::{List, Map, Shape, Slot, Structure, Union};
use super::source::{DecodeError, Member, Origin, Source};
use super::union::Members;
use super::{Blob, Document, Text};

impl Slot<'_> {
    /// Reads the value; `source` is what `deserializer` reads from, if known.
    pub(crate) fn read<'de, D: Deserializer<'de>>(
        self,
        deserializer: D,
        source: Source<'_>,
    ) -> Result<(), D::Error> {
        match self {
            Slot::Boolean(value) => *value = bool::deserialize(deserializer)?,
            Slot::Integer(value) => *value = i32::deserialize(deserializer)?,
            Slot::Long(value) => *value = i64::deserialize(deserializer)?,
            Slot::Double(value) => *value = deserializer.deserialize_any(DoubleVisitor)?,
            Slot::Text(text) => *text = Text::read(deserializer, source)?,
            Slot::Blob(blob) => *blob = Blob::read(deserializer)?,
            Slot::Document(document) => *document = Document::read(deserializer, source)?,
            Slot::Enumeration(value) => value.set(Text::read(deserializer, source)?),
            Slot::Structure(structure) => {
                deserializer.deserialize_map(StructureVisitor(structure, source))?;
            }
            Slot::Union(union) => deserializer.deserialize_map(UnionVisitor(union, source))?,
            Slot::List(list) => deserializer.deserialize_seq(ListVisitor(list, source))?,
            Slot::Map(map) => deserializer.deserialize_map(MapVisitor(map, source))?,
        }
        Ok(())
    }
}

/// A member or an item, whose slot is made when there is something to read.
struct Place<'a> {
    of: Of<'a>,
    source: Source<'a>,
    name: Member<'a>,
}

enum Of<'a> {
    Structure(&'a mut dyn Structure, usize),
    Union(&'a mut dyn Union, usize),
    List(&'a mut dyn List),
    Slot(Slot<'a>),
}

impl<'a> Of<'a> {
    fn slot<E: de::Error>(self) -> Result<Slot<'a>, E> {
        let slot = match self {
            Of::Structure(structure, index) => structure.begin(index),
            Of::Union(union, index) => union.begin(index),
            Of::List(list) => {
                list.add();
                list.item_slot(list.length() - 1)
            }
            Of::Slot(slot) => Some(slot),
        };
        // The index is of the schema, and the schema of the shape.
        slot.ok_or_else(|| E::custom("a member that its shape does not have"))
    }
}

/// Not `null`.
impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let (source, name) = (self.source, self.name);
        let read = self.of.slot().and_then(|slot| slot.read(deserializer, source));
        read.inspect_err(|_| source.failed_in(name))
    }
}

/// A member that may be `null`, which is an absent one; gives whether it is there.
struct Optional<'a>(Place<'a>);

impl<'de> DeserializeSeed<'de> for Optional<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        let (source, name) = (self.0.source, self.0.name);
        deserializer.deserialize_option(self).inspect_err(|_| source.failed_in(name))
    }
}

impl<'de> Visitor<'de> for Optional<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        self.0.of.slot()?.read(deserializer, self.0.source).map(|()| true)
    }
}

/// Reads a member's name, borrowed where it has no escapes.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Self::Value, D::Error> {
        d.deserialize_identifier(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(name.into())
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(name.to_owned().into())
    }
}

struct StructureVisitor<'a>(&'a mut dyn Structure, Source<'a>);

impl<'de> Visitor<'de> for StructureVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object, the structure {}", self.0.schema().name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let StructureVisitor(structure, source) = self;
        let (schema, mut seen) = (structure.schema(), 0_u64);
        while let Some(name) = map.next_key_seed(Name)? {
            let member = Member::Named(&name);
            if let Some(index) = schema.index(&name) {
                // A second one is an error, as one would be lost.
                if seen & (1 << index) != 0 {
                    return Err(de::Error::duplicate_field(schema.members[index]));
                }
                let of = Of::Structure(&mut *structure, index);
                let is_there = map.next_value_seed(Optional(Place { of, source, name: member }))?;
                seen |= u64::from(is_there) << index;
            } else if schema.ignored.contains(&&*name) {
                map.next_value::<IgnoredAny>()?;
            } else {
                let mut value = Document::default();
                let of = Of::Slot(Slot::Document(&mut value));
                map.next_value_seed(Place { of, source, name: member })?;
                if structure.unknown().get(&name).is_some() {
                    return Err(de::Error::custom(format_args!("duplicate member `{name}`")));
                }
                structure.unknown_mut().insert(name, value);
            }
        }
        match (0..schema.required).find(|index| seen & (1 << index) == 0) {
            None => Ok(()),
            Some(index) => Err(de::Error::custom(format_args!(
                "{} lacks its required member `{}`",
                schema.name, schema.members[index]
            ))),
        }
    }
}

struct UnionVisitor<'a>(&'a mut dyn Union, Source<'a>);

impl<'de> Visitor<'de> for UnionVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with one member, the union {}", self.0.schema().name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let UnionVisitor(union, source) = self;
        let (schema, mut is_known, mut rest) = (union.schema(), false, Members::default());
        while let Some(name) = map.next_key_seed(Name)? {
            let member = Member::Named(&name);
            let known = schema.index(&name).filter(|_| !is_known && rest.is_empty());
            if let Some(index) = known {
                let of = Of::Union(&mut *union, index);
                is_known = map.next_value_seed(Optional(Place { of, source, name: member }))?;
            } else if schema.ignored.contains(&&*name) {
                map.next_value::<IgnoredAny>()?;
            } else {
                let mut value = Document::default();
                let of = Of::Slot(Slot::Document(&mut value));
                if map.next_value_seed(Optional(Place { of, source, name: member }))? {
                    rest.push(&name, value);
                }
            }
        }
        if !is_known || !rest.is_empty() {
            let object = rest.into_object(is_known.then_some(&*union))?;
            union.set_unknown(object);
        }
        Ok(())
    }
}

struct ListVisitor<'a>(&'a mut dyn List, Source<'a>);

impl<'de> Visitor<'de> for ListVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let ListVisitor(list, source) = self;
        loop {
            let (name, of) = (Member::At(list.length()), Of::List(&mut *list));
            if items.next_element_seed(Place { of, source, name })?.is_none() {
                return Ok(());
            }
        }
    }
}

struct MapVisitor<'a>(&'a mut dyn Map, Source<'a>);

impl<'de> Visitor<'de> for MapVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let MapVisitor(map, source) = self;
        while let Some(key) = items.next_key::<String>()? {
            if map.has(&key) {
                return Err(de::Error::custom(format_args!("the key `{key}` stands twice")));
            }
            let (name, of) = (Member::Named(&key), Of::Slot(map.add(key.clone())));
            items.next_value_seed(Place { of, source, name })?;
        }
        Ok(())
    }
}

struct DoubleVisitor;

impl Visitor<'_> for DoubleVisitor {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_f64<E>(self, value: f64) -> Result<f64, E> {
        Ok(value)
    }

    #[expect(clippy::cast_precision_loss, reason = "a float was asked for")]
    fn visit_i64<E>(self, value: i64) -> Result<f64, E> {
        Ok(value as f64)
    }

    #[expect(clippy::cast_precision_loss, reason = "a float was asked for")]
    fn visit_u64<E>(self, value: u64) -> Result<f64, E> {
        Ok(value as f64)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<f64, E> {
        match value {
            "NaN" => Ok(f64::NAN),
            "Infinity" => Ok(f64::INFINITY),
            "-Infinity" => Ok(f64::NEG_INFINITY),
            other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
        }
    }
}

/// Reads a shape from JSON; its texts and documents are slices of `json`
/// where they have no escapes.
///
/// A slice keeps the whole of `json` in memory for as long as it lives.
///
/// # Errors
/// Says which member could not be read and at which byte.
pub fn from_bytes<T: Shape>(json: &Bytes) -> Result<T, DecodeError> {
    let mut value = T::blank();
    read_whole(json, value.slot()).map(|()| value)
}

fn read_whole(json: &Bytes, slot: Slot<'_>) -> Result<(), DecodeError> {
    // One check of the whole, so that no part is checked again.
    let text = ByteString::try_from(json.clone()).map_err(|error| DecodeError {
        member: String::new(),
        offset: error.valid_up_to(),
        reason: "not UTF-8".to_owned(),
    })?;
    let origin = Origin::new(text);
    let mut deserializer = serde_json::Deserializer::from_str(origin.text());
    slot.read(&mut deserializer, origin.source())
        .and_then(|()| deserializer.end())
        .map_err(|error| DecodeError::of(&origin, &error))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::{ConverseRequest, ConverseResponse};

    /// All that is the same but that one value in it is of another type.
    fn spoiled(value: &Value) -> Vec<Value> {
        let mut all = vec![match value {
            Value::Array(_) => json!(true),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => {
                json!([7])
            }
        }];
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    all.extend(spoiled(member).into_iter().map(|member| {
                        let mut members = members.clone();
                        members.insert(name.clone(), member);
                        Value::Object(members)
                    }));
                }
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    all.extend(spoiled(item).into_iter().map(|item| {
                        let mut items = items.clone();
                        items[at] = item;
                        Value::Array(items)
                    }));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        all
    }

    #[test]
    fn what_stands_twice_is_told_of_the_object_that_has_it() {
        let message = r#"{"role":"user","content":[]}"#;
        let usage = r#"{"inputTokens":1,"outputTokens":2,"totalTokens":3,"n":1}"#;
        let told = |json: String, read: fn(&Bytes) -> DecodeError| {
            let error = read(&Bytes::from(json));
            (error.member, error.reason)
        };
        let of_request = |json| told(json, |json| from_bytes::<ConverseRequest>(json).unwrap_err());
        let of_answer = |json| told(json, |json| from_bytes::<ConverseResponse>(json).unwrap_err());
        let of = |member: &str, reason: &str| (member.to_owned(), reason.to_owned());
        assert_eq!(
            of_request(format!(r#"{{"messages":[{message}],"messages":[{{"content":7}}]}}"#)),
            of("", "duplicate field `messages`")
        );
        assert_eq!(
            of_answer(format!(r#"{{"usage":{usage},"usage":{usage}}}"#)),
            of("", "duplicate field `usage`")
        );
        assert_eq!(
            of_request(r#"{"requestMetadata":{"a":"1"},"requestMetadata":{"a":"1"}}"#.to_owned()),
            of("", "duplicate field `requestMetadata`")
        );
        assert_eq!(
            of_request(r#"{"requestMetadata":{"a":"1","a":2}}"#.to_owned()),
            of("requestMetadata", "the key `a` stands twice")
        );
    }

    #[test]
    fn an_error_names_the_member_that_serde_path_to_error_names() {
        let response = json!({
            "output": {"message": {"role": "assistant", "content": [
                {"text": "a"},
                {"toolUse": {"toolUseId": "t", "name": "n", "input": {"city": ["Paris"]}}},
                {"reasoningContent": {"reasoningText": {"text": "r", "signature": "s"}}},
            ]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3, "new": {"x": [1]}},
            "metrics": {"latencyMs": 4},
            "new": [{"y": 1}],
        });
        let mut named = Vec::new();
        for json in spoiled(&response) {
            let json = json.to_string();
            let mut deserializer = serde_json::Deserializer::from_str(&json);
            let expected =
                serde_path_to_error::deserialize::<_, ConverseResponse>(&mut deserializer);
            let read = from_bytes::<ConverseResponse>(&Bytes::from(json.clone()));
            match (read, expected) {
                (Ok(read), Ok(expected)) => assert_eq!(read, expected),
                (Err(error), Err(expected)) => {
                    let path = expected.path().to_string();
                    assert_eq!(error.member, path.trim_end_matches('.'), "{json}");
                    named.push(error.member);
                }
                (read, expected) => panic!("{read:?}, {expected:?}: {json}"),
            }
        }
        let deep = "output.message.content[2].reasoningContent.reasoningText.signature";
        assert!(named.iter().any(|member| member == deep), "{named:?}");
    }
}
