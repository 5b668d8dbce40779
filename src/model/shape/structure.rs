//! Objects with known members.

/// A structure: its members in two groups, required and optional, each once
/// with its name on the wire. `ignored` names members that are dropped.
///
/// Makes a `non_exhaustive` struct with public fields, `new` with the required
/// members, a setter for each optional one, and `extra` for unknown ones.
macro_rules! structure {
    // Without a required member there is a default: nothing is set.
    (
        $(#[$doc:meta])*
        $Name:ident $(<$G:ident>)? {
            $(optional { $($optional:tt)* })?
            $(ignored { $($ignored:tt)* })?
        }
    ) => {
        $crate::model::shape::structure! {
            @make
            $(#[$doc])*
            $Name $(<$G>)? {
                $(optional { $($optional)* })?
                $(ignored { $($ignored)* })?
            }
        }

        impl $(<$G>)? Default for $Name $(<$G>)? {
            fn default() -> Self {
                Self::new()
            }
        }
    };
    (
        $(#[$doc:meta])*
        $Name:ident $(<$G:ident>)? {
            required { $($required:tt)* }
            $($rest:tt)*
        }
    ) => {
        $crate::model::shape::structure! {
            @make
            $(#[$doc])*
            $Name $(<$G>)? {
                required { $($required)* }
                $($rest)*
            }
        }
    };
    (
        @make
        $(#[$doc:meta])*
        $Name:ident $(<$G:ident>)? {
            $(required {
                $($(#[$req_doc:meta])* $req:ident: $Req:ty = $req_wire:literal,)+
            })?
            $(optional {
                $($(#[$opt_doc:meta])* $opt:ident: $Opt:ty = $opt_wire:literal,)+
            })?
            $(ignored { $($ignored:literal),+ })?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct $Name $(<$G>)? {
            $($($(#[$req_doc])* pub $req: $Req,)+)?
            $($($(#[$opt_doc])* pub $opt: Option<$Opt>,)+)?
            /// Members that this version of the crate does not know.
            pub extra: $crate::model::shape::Extra,
        }

        impl $(<$G>)? $Name $(<$G>)? {
            /// The names of the members on the wire.
            pub const MEMBERS: &[&str] = &[$($($req_wire,)+)? $($($opt_wire,)+)?];

            /// With what is required; everything else is left out.
            #[must_use]
            #[allow(clippy::too_many_arguments, reason = "made by a macro")]
            pub fn new($($($req: impl Into<$Req>,)+)?) -> Self {
                Self {
                    $($($req: $req.into(),)+)?
                    $($($opt: None,)+)?
                    extra: $crate::model::shape::Extra::new(),
                }
            }

            $($(
                #[doc = concat!("Sets `", $opt_wire, "`.")]
                #[must_use]
                pub fn $opt(mut self, value: impl Into<$Opt>) -> Self {
                    self.$opt = Some(value.into());
                    self
                }
            )+)?
        }

        impl $(<$G: $crate::model::shape::Shape>)? $crate::model::shape::Shape for $Name $(<$G>)? {
            fn read<'de, D: serde::Deserializer<'de>>(
                deserializer: D,
                source: $crate::model::shape::Source<'_>,
            ) -> Result<Self, D::Error> {
                #[allow(non_camel_case_types, reason = "named as the members are")]
                enum Member {
                    $($($req,)+)?
                    $($($opt,)+)?
                    $(#[doc = concat!($($ignored),+)] Ignored,)?
                    Unknown(String),
                }

                struct MemberVisitor;

                impl<'de> serde::de::DeserializeSeed<'de> for MemberVisitor {
                    type Value = Member;

                    fn deserialize<D: serde::Deserializer<'de>>(self, d: D) -> Result<Member, D::Error> {
                        d.deserialize_identifier(self)
                    }
                }

                impl serde::de::Visitor<'_> for MemberVisitor {
                    type Value = Member;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("the name of a member")
                    }

                    fn visit_str<E>(self, name: &str) -> Result<Member, E> {
                        Ok(match name {
                            $($($req_wire => Member::$req,)+)?
                            $($($opt_wire => Member::$opt,)+)?
                            $($($ignored)|+ => Member::Ignored,)?
                            unknown => Member::Unknown(unknown.to_owned()),
                        })
                    }
                }

                struct StructureVisitor<'a $(, $G)?>(
                    $crate::model::shape::Source<'a>,
                    std::marker::PhantomData<fn() -> $Name $(<$G>)?>,
                );

                impl<'de $(, $G: $crate::model::shape::Shape)?> serde::de::Visitor<'de>
                    for StructureVisitor<'_ $(, $G)?>
                {
                    type Value = $Name $(<$G>)?;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("an object, the structure ", stringify!($Name)))
                    }

                    #[allow(unused_mut, unused_variables, reason = "made by a macro")]
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        $($(let mut $req: Option<$Req> = None;)+)?
                        $($(let mut $opt: Option<$Opt> = None;)+)?
                        let mut extra = $crate::model::shape::Extra::new();
                        while let Some(member) = map.next_key_seed(MemberVisitor)? {
                            match member {
                                $($(Member::$req => {
                                    let member = $crate::model::shape::Member::Named($req_wire);
                                    let value = map.next_value_seed($crate::model::shape::Optional::from(self.0, member))?;
                                    $crate::model::shape::once(&mut $req, value, $req_wire)?;
                                })+)?
                                $($(Member::$opt => {
                                    let member = $crate::model::shape::Member::Named($opt_wire);
                                    let value = map.next_value_seed($crate::model::shape::Optional::from(self.0, member))?;
                                    $crate::model::shape::once(&mut $opt, value, $opt_wire)?;
                                })+)?
                                $(Member::Ignored => {
                                    let _ = [$($ignored),+];
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                })?
                                Member::Unknown(name) => {
                                    let member = $crate::model::shape::Member::Named(&name);
                                    let value = map.next_value_seed($crate::model::shape::Read::from(self.0, member))?;
                                    $crate::model::shape::unknown_once(&mut extra, name, value)?;
                                }
                            }
                        }
                        Ok($Name {
                            $($($req: $crate::model::shape::required($req, stringify!($Name), $req_wire)?,)+)?
                            $($($opt,)+)?
                            extra,
                        })
                    }
                }

                deserializer.deserialize_map(StructureVisitor(source, std::marker::PhantomData))
            }

            fn write<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let mut map = serializer.serialize_map(None)?;
                $($(map.serialize_entry($req_wire, &$crate::model::shape::Write(&self.$req))?;)+)?
                $($(if let Some(value) = &self.$opt {
                    map.serialize_entry($opt_wire, &$crate::model::shape::Write(value))?;
                })+)?
                for (name, value) in self.extra.iter() {
if Self::MEMBERS.contains(&name) $($(|| name == $ignored)+)? {
                        return Err($crate::model::shape::modelled(stringify!($Name), name));
                    }
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }

            fn unshare(&mut self) {
                $($($crate::model::shape::Shape::unshare(&mut self.$req);)+)?
                $($(if let Some(value) = &mut self.$opt {
                    $crate::model::shape::Shape::unshare(value);
                })+)?
                self.extra.unshare();
            }
        }

        $crate::model::shape::serde_by_shape!($Name $(<$G>)?);
    };
}

pub(crate) use structure;

use super::{Document, Extra};

/// Takes a member's value; a second one is an error, as one would be lost.
pub(crate) fn once<T, E: serde::de::Error>(
    slot: &mut Option<T>,
    value: Option<T>,
    member: &'static str,
) -> Result<(), E> {
    if slot.is_some() {
        return Err(E::duplicate_field(member));
    }
    *slot = value;
    Ok(())
}

/// Takes an unknown member's value; a second one is an error.
pub(crate) fn unknown_once<E: serde::de::Error>(
    extra: &mut Extra,
    member: String,
    value: Document,
) -> Result<(), E> {
    if extra.get(&member).is_some() {
        return Err(E::custom(format_args!("duplicate member `{member}`")));
    }
    extra.insert(member, value);
    Ok(())
}

/// The value of a required member, or which structure lacks it.
pub(crate) fn required<T, E: serde::de::Error>(
    value: Option<T>,
    structure: &str,
    member: &str,
) -> Result<T, E> {
    value.ok_or_else(|| E::custom(format_args!("{structure} lacks its required member `{member}`")))
}

/// `extra` of a structure holds a member that has a field of its own.
pub(crate) fn modelled<E: serde::ser::Error>(structure: &str, member: &str) -> E {
    E::custom(format_args!(
        "`extra` of {structure} holds `{member}`, which is a field of its own: set it there"
    ))
}

#[cfg(test)]
#[allow(unreachable_pub, reason = "the macro makes public types")]
mod tests {
    use bytes::Bytes;

    use crate::model::shape::{Document, Text, from_bytes};

    structure! {
        /// A structure for these tests.
        Sample<G> {
            required { name: Text = "name", }
            optional { config: G = "someConfig", count: i32 = "count", }
            ignored { "p" }
        }
    }

    fn read(json: &'static str) -> Result<Sample<Text>, crate::model::shape::DecodeError> {
        from_bytes(&Bytes::from_static(json.as_bytes()))
    }

    #[test]
    fn unknown_members_are_kept_and_written_after_the_known() {
        let sample = read(r#"{"new":{"b":1,"a":2},"name":"n","p":"abc","count":3}"#).unwrap();
        assert_eq!((&*sample.name, sample.count), ("n", Some(3)));
        assert_eq!(
            serde_json::to_string(&sample).unwrap(),
            r#"{"name":"n","count":3,"new":{"b":1,"a":2}}"#
        );
    }

    #[test]
    fn null_reads_as_absent() {
        assert_eq!(read(r#"{"name":"n","count":null}"#).unwrap(), Sample::new("n"));
        let error = read(r#"{"name":null}"#).unwrap_err();
        assert!(error.to_string().contains("Sample lacks its required member `name`"), "{error}");
    }

    #[test]
    fn an_error_names_the_member_and_the_byte() {
        let error = read(r#"{"name":"n","count":"x"}"#).unwrap_err();
        assert_eq!((error.member.as_str(), error.offset), ("count", 22), "{error}");
    }

    #[test]
    fn a_member_that_stands_twice_is_an_error() {
        assert!(read(r#"{"name":"n","name":"m"}"#).is_err());
        assert!(read(r#"{"name":"n","new":1,"new":2}"#).is_err());
    }

    #[test]
    fn a_modelled_member_in_extra_is_an_error_when_written() {
        let mut sample: Sample<Text> = Sample::new("n").count(1).config("c");
        sample.extra.insert("count", Document::from(serde_json::json!(2)));
        let error = serde_json::to_string(&sample).unwrap_err();
        assert!(error.to_string().contains("`count`"), "{error}");
    }
}
