//! Bedrock's shapes under Bedrock's names.
//!
//! Each shape has public fields, `new` with what is required, and a setter for
//! each optional member. All are `serde` types; unknown members, values and
//! union members are kept and written out again ([`Extra`], `Unknown`).
//!
//! AWS: [Amazon Bedrock Runtime, data types](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Types_Amazon_Bedrock_Runtime.html).

mod automated_reasoning;
mod citation;
mod content;
mod converse;
mod guardrail;
mod guardrail_trace;
mod inference;
mod media;
mod message;
mod request;
mod shape;
mod stream;
mod tool;

pub use automated_reasoning::*;
pub use citation::*;
pub use content::*;
pub use converse::*;
pub use guardrail::*;
pub use guardrail_trace::*;
pub use inference::*;
pub use media::*;
pub use message::*;
pub use request::*;
pub(crate) use shape::Shape;
#[cfg(feature = "replay")]
pub(crate) use shape::canonical_json;
pub use shape::{Blob, DecodeError, Document, Extra, Text, from_bytes};
pub use stream::*;
pub use tool::*;
