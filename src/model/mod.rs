//! Bedrock's shapes under Bedrock's names.
//!
//! Each shape has public fields, `new` with what is required, and a setter for
//! each optional member. All are `serde` types; unknown members, values and
//! union members are kept and written out again ([`Extra`], `Unknown`).
//!
//! AWS: [Amazon Bedrock Runtime, data types](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Types_Amazon_Bedrock_Runtime.html).

mod apply_guardrail;
mod async_invoke;
mod automated_reasoning;
mod citation;
mod content;
mod converse;
mod count_tokens;
mod foundation_model;
mod guardrail;
mod guardrail_checks;
mod guardrail_trace;
mod inference;
mod inference_profile;
mod invoke_model;
mod media;
mod message;
mod request;
mod shape;
mod shorthand;
mod stream;
mod tool;

pub use apply_guardrail::*;
pub use async_invoke::*;
pub use automated_reasoning::*;
pub use citation::*;
pub use content::*;
pub use converse::*;
pub use count_tokens::*;
pub use foundation_model::*;
pub use guardrail::*;
pub use guardrail_checks::*;
pub use guardrail_trace::*;
pub use inference::*;
pub use inference_profile::*;
pub use invoke_model::*;
pub use media::*;
pub use message::*;
pub use request::*;
pub use shape::{Blob, DecodeError, Document, Extra, Text, Timestamp, from_bytes};
#[cfg(feature = "replay")]
pub(crate) use shape::{Canonical, NotComparable, in_member, reason_of};
pub(crate) use shape::{Shape, string, to_writer};
pub use stream::*;
pub use tool::*;
