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
            fn blank() -> Self {
                Self {
                    $($($req: $crate::model::shape::Shape::blank(),)+)?
                    $($($opt: None,)+)?
                    extra: $crate::model::shape::Extra::new(),
                }
            }

            fn slot(&mut self) -> $crate::model::shape::Slot<'_> {
                $crate::model::shape::Slot::Structure(self)
            }

            fn view(&self) -> $crate::model::shape::View<'_> {
                $crate::model::shape::View::Structure(self)
            }
        }

        const _: () = {
            #[allow(dead_code, non_camel_case_types, reason = "named as the members are; there may be none")]
            enum Index {
                $($($req,)+)?
                $($($opt,)+)?
            }

            impl $(<$G: $crate::model::shape::Shape>)? $crate::model::shape::Structure
                for $Name $(<$G>)?
            {
                fn schema(&self) -> &'static $crate::model::shape::Schema {
                    const {
                        &$crate::model::shape::Schema::new(
                            stringify!($Name),
                            Self::MEMBERS,
                            [$($($req_wire,)+)? ""].len() - 1,
                            &[$($($ignored),+)?],
                        )
                    }
                }

                #[allow(unused_variables, reason = "there may be no members")]
                fn begin(&mut self, index: usize) -> Option<$crate::model::shape::Slot<'_>> {
                    $($(if index == Index::$req as usize {
                        return Some($crate::model::shape::Shape::slot(&mut self.$req));
                    })+)?
                    $($(if index == Index::$opt as usize {
                        let member = match &mut self.$opt {
                            Some(member) => member,
                            none => none.insert($crate::model::shape::Shape::blank()),
                        };
                        return Some($crate::model::shape::Shape::slot(member));
                    })+)?
                    None
                }

                #[allow(unused_variables, reason = "there may be no members")]
                fn member_view(&self, index: usize) -> Option<$crate::model::shape::View<'_>> {
                    $($(if index == Index::$req as usize {
                        return Some($crate::model::shape::Shape::view(&self.$req));
                    })+)?
                    $($(if index == Index::$opt as usize {
                        return self.$opt.as_ref().map($crate::model::shape::Shape::view);
                    })+)?
                    None
                }

                fn unknown(&self) -> &$crate::model::shape::Extra {
                    &self.extra
                }

                fn unknown_mut(&mut self) -> &mut $crate::model::shape::Extra {
                    &mut self.extra
                }
            }
        };

        $crate::model::shape::serde_by_shape!($Name $(<$G>)?);
    };
}

pub(crate) use structure;

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
