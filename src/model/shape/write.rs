//! The way from a shape to any of serde's formats.

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Error, Serialize, SerializeMap, SerializeSeq, Serializer};

use super::slot::{List, Map, Schema, Structure, Union, View};

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            View::Boolean(value) => serializer.serialize_bool(*value),
            View::Integer(value) => serializer.serialize_i32(*value),
            View::Long(value) => serializer.serialize_i64(*value),
            View::Double(value) => double(*value, serializer),
            View::Text(text) => serializer.serialize_str(text),
            View::Blob(bytes) => serializer.collect_str(&Base64Display::new(&bytes.0, &STANDARD)),
            View::Document(document) => document.write(serializer),
            View::Structure(of) => structure(*of, serializer),
            View::Union(of) => union(*of, serializer),
            View::List(of) => list(*of, serializer),
            View::Map(of) => map(*of, serializer),
        }
    }
}

fn double<S: Serializer>(value: f64, serializer: S) -> Result<S::Ok, S::Error> {
    match not_finite(value) {
        Some(name) => serializer.serialize_str(name),
        None => serializer.serialize_f64(value),
    }
}

/// JSON has no numbers that are not finite: these are strings.
pub(super) fn not_finite(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value.is_infinite() {
        Some(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        None
    }
}

fn structure<S: Serializer>(of: &dyn Structure, serializer: S) -> Result<S::Ok, S::Error> {
    let schema = of.schema();
    let mut map = serializer.serialize_map(None)?;
    for (index, name) in schema.members.iter().enumerate() {
        if let Some(member) = of.member_view(index) {
            map.serialize_entry(name, &member)?;
        }
    }
    for (name, value) in of.unknown().iter() {
        if let Some(why) = misplaced(schema, name) {
            return Err(Error::custom(why));
        }
        map.serialize_entry(name, &View::Document(value))?;
    }
    map.end()
}

/// Why a member cannot be an unknown one.
pub(super) fn misplaced(schema: &Schema, name: &str) -> Option<String> {
    let is_known = schema.members.contains(&name) || schema.ignored.contains(&name);
    is_known.then(|| {
        let Schema { name: shape, .. } = schema;
        format!("`extra` of {shape} holds `{name}`, which is a field of its own: set it there")
    })
}

fn union<S: Serializer>(of: &dyn Union, serializer: S) -> Result<S::Ok, S::Error> {
    let (name, value) = of.current_view();
    let Some(name) = name else { return value.serialize(serializer) };
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(name, &value)?;
    map.end()
}

fn list<S: Serializer>(of: &dyn List, serializer: S) -> Result<S::Ok, S::Error> {
    let mut sequence = serializer.serialize_seq(Some(of.length()))?;
    for item in (0..).map_while(|index| of.item(index)) {
        sequence.serialize_element(&item)?;
    }
    sequence.end()
}

fn map<S: Serializer>(of: &dyn Map, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(of.length()))?;
    for (key, value) in of.entries() {
        map.serialize_entry(key, &value)?;
    }
    map.end()
}
