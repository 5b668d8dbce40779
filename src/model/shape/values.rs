//! The simple shapes: booleans, numbers, lists and maps.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::{Member, Read, Shape, Source, Write};

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl Shape for $type {
            fn read<'de, D: Deserializer<'de>>(d: D, _: Source<'_>) -> Result<Self, D::Error> {
                Self::deserialize(d)
            }

            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.serialize(serializer)
            }

            fn unshare(&mut self) {}
        }
    )*};
}

plain!(bool, i32, i64);

/// What is large beside the others of its union, and rare.
impl<T: Shape> Shape for Box<T> {
    fn read<'de, D: Deserializer<'de>>(d: D, source: Source<'_>) -> Result<Self, D::Error> {
        T::read(d, source).map(Box::new)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).write(serializer)
    }

    fn unshare(&mut self) {
        (**self).unshare();
    }
}

/// Smithy's Float and Double; JSON has no numbers that are not finite, so
/// those are strings.
impl Shape for f64 {
    fn read<'de, D: Deserializer<'de>>(d: D, _: Source<'_>) -> Result<Self, D::Error> {
        d.deserialize_any(FloatVisitor)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_nan() {
            serializer.serialize_str("NaN")
        } else if self.is_infinite() {
            serializer.serialize_str(if *self > 0.0 { "Infinity" } else { "-Infinity" })
        } else {
            serializer.serialize_f64(*self)
        }
    }

    fn unshare(&mut self) {}
}

struct FloatVisitor;

impl Visitor<'_> for FloatVisitor {
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

impl<T: Shape> Shape for Vec<T> {
    fn read<'de, D: Deserializer<'de>>(d: D, source: Source<'_>) -> Result<Self, D::Error> {
        d.deserialize_seq(ListVisitor(source, PhantomData))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Write))
    }

    fn unshare(&mut self) {
        self.iter_mut().for_each(Shape::unshare);
    }
}

struct ListVisitor<'a, T>(Source<'a>, PhantomData<T>);

impl<'de, T: Shape> Visitor<'de> for ListVisitor<'_, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut items = Vec::new();
        loop {
            match list.next_element_seed(Read::from(self.0, Member::At(items.len())))? {
                Some(item) => items.push(item),
                None => return Ok(items),
            }
        }
    }
}

impl<T: Shape> Shape for BTreeMap<String, T> {
    fn read<'de, D: Deserializer<'de>>(d: D, source: Source<'_>) -> Result<Self, D::Error> {
        d.deserialize_map(MapVisitor(source, PhantomData))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(key, value)| (key, Write(value))))
    }

    fn unshare(&mut self) {
        self.values_mut().for_each(Shape::unshare);
    }
}

struct MapVisitor<'a, T>(Source<'a>, PhantomData<T>);

impl<'de, T: Shape> Visitor<'de> for MapVisitor<'_, T> {
    type Value = BTreeMap<String, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Read::from(self.0, Member::Named(&key)))?;
            if entries.contains_key(&key) {
                return Err(de::Error::custom(format_args!("the key `{key}` stands twice")));
            }
            entries.insert(key, value);
        }
        Ok(entries)
    }
}
