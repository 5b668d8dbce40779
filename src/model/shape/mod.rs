//! How a shape of AWS's service model is written down once and read and
//! written as JSON.
//!
//! [`structure!`], [`union!`] and [`enumeration!`] read like the service model:
//! each member stands once, with its name on the wire. They make the Rust type
//! and say where each of its members is ([`Slot`], [`View`]). `read` is the one
//! way from serde's formats and `write` the one to them; requests go out by
//! `json`, which writes JSON alone. What is not known is kept: unknown members
//! of a structure go to its [`Extra`], unknown members of a union and unknown
//! values of an enumeration to an `Unknown` variant.
//!
//! JSON as in the Smithy spec, "AWS restJson1 protocol": blobs are base64,
//! a `null` member is an absent one, and a float that is not finite is one of
//! the strings `NaN`, `Infinity` and `-Infinity`.

mod any_object;
mod blob;
mod canonical;
mod document;
mod enumeration;
mod extra;
mod json;
mod read;
mod slot;
mod source;
pub(crate) mod string;
mod structure;
mod text;
mod timestamp;
mod union;
mod values;
mod write;

pub use blob::Blob;
pub use document::Document;
pub use extra::Extra;
pub use read::from_bytes;
pub use source::DecodeError;
pub use text::Text;
pub use timestamp::Timestamp;

#[cfg(feature = "replay")]
pub(crate) use canonical::{Canonical, NotComparable};
pub(crate) use enumeration::{enumeration, serde_by_shape};
pub(crate) use json::to_writer;
pub(crate) use slot::{Enumeration, Schema, Shape, Slot, Structure, Union, View};
pub(crate) use source::Source;
#[cfg(feature = "replay")]
pub(crate) use source::{in_member, reason_of};
pub(crate) use structure::structure;
pub(crate) use union::{a_name, union};
