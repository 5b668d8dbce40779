//! Strings with known values.

/// serde's traits for a shape, which by themselves do not know the source.
macro_rules! serde_by_shape {
    ($Name:ident $(<$G:ident>)?) => {
        impl<'de $(, $G: $crate::model::shape::Shape)?> serde::Deserialize<'de> for $Name $(<$G>)? {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut value = <Self as $crate::model::shape::Shape>::blank();
                let slot = $crate::model::shape::Shape::slot(&mut value);
                slot.read(deserializer, $crate::model::shape::Source::UNKNOWN).map(|()| value)
            }
        }

        impl $(<$G: $crate::model::shape::Shape>)? serde::Serialize for $Name $(<$G>)? {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::model::shape::Shape::view(self).serialize(serializer)
            }
        }
    };
}

pub(crate) use serde_by_shape;

/// An enumeration that stays open: a value the model does not list is kept as
/// `Unknown`.
macro_rules! enumeration {
    (
        $(#[$doc:meta])*
        $Name:ident {
            $($(#[$value_doc:meta])* $Value:ident = $wire:literal,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $Name {
            $($(#[$value_doc])* #[doc = concat!("`", $wire, "` on the wire.")] $Value,)+
            /// A value that this version of the crate does not know, as sent.
            /// Made with `from`, which never makes one of a known value.
            Unknown($crate::model::shape::Text),
        }

        impl $Name {
            /// The values that the service model lists.
            pub const VALUES: &[&str] = &[$($wire),+];

            /// The value as it is on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $($Name::$Value => $wire,)+
                    $Name::Unknown(value) => value,
                }
            }

            fn known(value: &str) -> Option<Self> {
                match value {
                    $($wire => Some($Name::$Value),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl From<$crate::model::shape::Text> for $Name {
            fn from(value: $crate::model::shape::Text) -> Self {
                match Self::known(&value) {
                    Some(known) => known,
                    None => $Name::Unknown(value),
                }
            }
        }

        impl From<&str> for $Name {
            fn from(value: &str) -> Self {
                match Self::known(value) {
                    Some(known) => known,
                    None => $Name::Unknown(value.into()),
                }
            }
        }

        impl From<String> for $Name {
            fn from(value: String) -> Self {
                $crate::model::shape::Text::from(value).into()
            }
        }

        impl $crate::model::shape::Shape for $Name {
            fn blank() -> Self {
                $Name::Unknown($crate::model::shape::Text::default())
            }

            fn slot(&mut self) -> $crate::model::shape::Slot<'_> {
                $crate::model::shape::Slot::Enumeration(self)
            }

            fn view(&self) -> $crate::model::shape::View<'_> {
                $crate::model::shape::View::Text(self.as_str())
            }
        }

        impl $crate::model::shape::Enumeration for $Name {
            fn set(&mut self, value: $crate::model::shape::Text) {
                *self = value.into();
            }

            fn unshare_value(&mut self) {
                if let $Name::Unknown(value) = self {
                    *value = value.detach();
                }
            }
        }

        $crate::model::shape::serde_by_shape!($Name);
    };
}

pub(crate) use enumeration;
