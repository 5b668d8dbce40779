//! One of several members.

/// A union that stays open: what the model does not list is kept whole as
/// `Unknown`.
macro_rules! union {
    (
        $(#[$doc:meta])*
        $Name:ident {
            $($(#[$member_doc:meta])* $Member:ident($Type:ty) = $wire:literal,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum $Name {
            $($(#[$member_doc])* $Member($Type),)+
            /// What this version of the crate does not know, or what has
            /// several members: the JSON object, but for members that are
            /// `null`.
            Unknown($crate::model::shape::Document),
        }

        impl $Name {
            /// The member's name on the wire; of an unknown one a name in its
            /// object, or nothing if that is empty.
            pub fn member(&self) -> std::borrow::Cow<'_, str> {
                match self {
                    $($Name::$Member(_) => $wire.into(),)+
                    $Name::Unknown(object) => $crate::model::shape::a_name(object).into(),
                }
            }
        }

        impl $crate::model::shape::Shape for $Name {
            fn read<'de, D: serde::Deserializer<'de>>(
                deserializer: D,
                source: $crate::model::shape::Source<'_>,
            ) -> Result<Self, D::Error> {
                struct UnionVisitor<'a>($crate::model::shape::Source<'a>);

                impl<'de> serde::de::Visitor<'de> for UnionVisitor<'_> {
                    type Value = $Name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("an object with one member, the union ", stringify!($Name)))
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$Name, A::Error> {
                        let mut known: Option<$Name> = None;
                        let mut rest = $crate::model::shape::Members::default();
                        while let Some(name) = map.next_key_seed($crate::model::shape::Name)? {
                            let member = $crate::model::shape::Member::Named(&name);
                            match &*name {
                                $($wire if known.is_none() && rest.is_empty() => {
                                    known = map
                                        .next_value_seed($crate::model::shape::Optional::from(self.0, member))?
                                        .map($Name::$Member);
                                })+
                                // Of Smithy's, and no member.
                                "__type" => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                }
                                unknown => rest.push(
                                    unknown,
                                    map.next_value_seed($crate::model::shape::Optional::from(self.0, member))?,
                                ),
                            }
                        }
                        match known {
                            Some(known) if rest.is_empty() => Ok(known),
                            known => Ok($Name::Unknown(rest.into_object(known.as_ref())?)),
                        }
                    }
                }

                deserializer.deserialize_map(UnionVisitor(source))
            }

            fn write<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                match self {
                    $($Name::$Member(value) => {
                        let mut map = serializer.serialize_map(Some(1))?;
                        map.serialize_entry($wire, &$crate::model::shape::Write(value))?;
                        map.end()
                    })+
                    $Name::Unknown(object) => object.write(serializer),
                }
            }

            fn unshare(&mut self) {
                match self {
                    $($Name::$Member(value) => $crate::model::shape::Shape::unshare(value),)+
                    $Name::Unknown(object) => *object = object.detach(),
                }
            }
        }

        $crate::model::shape::serde_by_shape!($Name);
    };
}

pub(crate) use union;

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Visitor};
use serde_json::Value;

use super::{Document, Shape, Write};

/// Reads a member's name, borrowed where it has no escapes.
pub(crate) struct Name;

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

/// The members of an object that is no known member of its union.
#[derive(Default)]
pub(crate) struct Members(Vec<(String, Document)>);

impl Members {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `null` is an absent member.
    pub(crate) fn push(&mut self, name: &str, value: Option<Document>) {
        if let Some(value) = value {
            self.0.push((name.to_owned(), value));
        }
    }

    /// All members as one object, what was already read as known at its front.
    pub(crate) fn into_object<E: serde::de::Error>(
        self,
        known: Option<&impl Shape>,
    ) -> Result<Document, E> {
        let mut members = Vec::with_capacity(self.0.len() + 1);
        if let Some(known) = known {
            let object = serde_json::to_string(&Write(known)).map_err(E::custom)?;
            members.push(object[1..object.len() - 1].to_owned());
        }
        for (name, value) in self.0 {
            members.push(format!("{}:{value}", Value::from(name)));
        }
        Document::from_json(format!("{{{}}}", members.join(","))).map_err(E::custom)
    }
}

/// A name in an object, for telling what it is.
pub(crate) fn a_name(object: &Document) -> String {
    object
        .to_value()
        .ok()
        .and_then(|value| value.as_object()?.keys().next().cloned())
        .unwrap_or_default()
}

#[cfg(test)]
#[allow(unreachable_pub, reason = "the macro makes public types")]
mod tests {
    use bytes::Bytes;

    use crate::model::shape::{Text, from_bytes};

    union! {
        /// A union for these tests.
        Sample {
            /// Text.
            Text(Text) = "text",
            /// A number.
            Number(i32) = "number",
        }
    }

    fn read(json: &'static str) -> Sample {
        from_bytes(&Bytes::from_static(json.as_bytes())).unwrap()
    }

    #[test]
    fn a_known_member_is_typed() {
        assert_eq!(read(r#"{"text":"a"}"#), Sample::Text("a".into()));
        assert_eq!(read(r#"{"text":null,"number":1}"#), Sample::Number(1));
        assert_eq!(read(r#"{"__type":"aws#Sample","number":1}"#), Sample::Number(1));
    }

    #[test]
    fn an_unknown_member_is_kept_whole() {
        let unknown = read(r#"{"video":{"a":[1.50]}}"#);
        assert_eq!(unknown.member(), "video");
        assert_eq!(serde_json::to_string(&unknown).unwrap(), r#"{"video":{"a":[1.50]}}"#);
    }

    #[test]
    fn an_object_with_several_members_loses_none() {
        for json in [
            r#"{"text":"a","new":1}"#,
            r#"{"new":1,"text":"a"}"#,
            r#"{"text":"a","number":2}"#,
            "{}",
        ] {
            let sample = read(json);
            assert!(matches!(sample, Sample::Unknown(_)), "{json}");
            assert_eq!(serde_json::to_string(&sample).unwrap(), json);
        }
    }
}
