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
            fn blank() -> Self {
                $Name::Unknown($crate::model::shape::Document::default())
            }

            fn slot(&mut self) -> $crate::model::shape::Slot<'_> {
                $crate::model::shape::Slot::Union(self)
            }

            fn view(&self) -> $crate::model::shape::View<'_> {
                $crate::model::shape::View::Union(self)
            }
        }

        const _: () = {
            enum Index {
                $($Member,)+
            }

            impl $crate::model::shape::Union for $Name {
                fn schema(&self) -> &'static $crate::model::shape::Schema {
                    // `__type` is Smithy's, and no member.
                    const { &$crate::model::shape::Schema::new(stringify!($Name), &[$($wire),+], 0, &["__type"]) }
                }

                fn begin(&mut self, index: usize) -> Option<$crate::model::shape::Slot<'_>> {
                    $(if index == Index::$Member as usize {
                        *self = $Name::$Member($crate::model::shape::Shape::blank());
                        return Some(self.current());
                    })+
                    None
                }

                fn set_unknown(&mut self, object: $crate::model::shape::Document) {
                    *self = $Name::Unknown(object);
                }

                fn current(&mut self) -> $crate::model::shape::Slot<'_> {
                    match self {
                        $($Name::$Member(value) => $crate::model::shape::Shape::slot(value),)+
                        $Name::Unknown(object) => $crate::model::shape::Shape::slot(object),
                    }
                }

                fn current_view(&self) -> (Option<&'static str>, $crate::model::shape::View<'_>) {
                    match self {
                        $($Name::$Member(value) => {
                            (Some($wire), $crate::model::shape::Shape::view(value))
                        })+
                        $Name::Unknown(object) => (None, $crate::model::shape::Shape::view(object)),
                    }
                }
            }
        };

        $crate::model::shape::serde_by_shape!($Name);
    };
}

pub(crate) use union;

use serde_json::Value;

use super::Document;
use super::slot::{Union, View};

/// The members of an object that is no known member of its union.
#[derive(Default)]
pub(super) struct Members(Vec<(String, Document)>);

impl Members {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, name: &str, value: Document) {
        self.0.push((name.to_owned(), value));
    }

    /// All members as one object, what was already read as known at its front.
    pub(super) fn into_object<E: serde::de::Error>(
        self,
        known: Option<&dyn Union>,
    ) -> Result<Document, E> {
        let mut members = Vec::with_capacity(self.0.len() + 1);
        if let Some(known) = known {
            let object = serde_json::to_string(&View::Union(known)).map_err(E::custom)?;
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
