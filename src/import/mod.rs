//! Recordings of others made into tapes.
//!
//! [`recordings`] takes directories that hold one exchange each:
//!
//! | file | |
//! | --- | --- |
//! | `response.bin` | the body of the response, to the byte |
//! | `response.meta.json` | `status`, `headers`, `operation`, `model`; where known `body_exactness`, `source_repo`, `source_path`, `source_commit`, `licence`, `notes`, `read_sizes` |
//! | `request.json` | the body of the request, where it was recorded |
//! | `request.meta.json` | `method`, `url`, `headers`, `body_exactness` |
//!
//! Headers are lists of `[name, value]`; those that may be on a tape pass.
//! `read_sizes` become the pieces of the tape, at times unknown. A tape says
//! in its [`source`](crate::tape::Tape::source) where it comes from, and what
//! is told of the exactness of its body: one that was only recorded as parsed
//! JSON and written anew is not what the service sent byte by byte. It names
//! there, too, what of a query it left out.

mod error;
mod meta;
mod recording;
mod walk;

pub use error::ImportError;
pub use walk::{recordings, tape_path};
