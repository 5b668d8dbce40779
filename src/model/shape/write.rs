//! The one way from a shape to JSON.

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Error, Serialize, SerializeMap, SerializeSeq, Serializer};

use super::slot::{List, Map, Structure, Union, View};

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

/// JSON has no numbers that are not finite, so those are strings.
fn double<S: Serializer>(value: f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.is_nan() {
        serializer.serialize_str("NaN")
    } else if value.is_infinite() {
        serializer.serialize_str(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        serializer.serialize_f64(value)
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
        if schema.members.contains(&name) || schema.ignored.contains(&name) {
            return Err(Error::custom(format_args!(
                "`extra` of {} holds `{name}`, which is a field of its own: set it there",
                schema.name
            )));
        }
        map.serialize_entry(name, &View::Document(value))?;
    }
    map.end()
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
