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

//!
//! With the feature `import`, `cassette` and `cassettes` take the files of two
//! recorders, each interaction to a tape of its own:
//!
//! | files | recorder | bodies |
//! | --- | --- | --- |
//! | `*.yaml`, `*.yml` | vcrpy | text, `!!binary`, `base64_string`, or parsed JSON under `parsed_body` |
//! | `*.json` | ReqLLM | `b64`, `chunks` of a stream, or parsed JSON |
//!
//! and `raw_body` takes the bytes of a response alone. Parsed JSON is written
//! anew without white space, members in their order; the tape says so.

#[cfg(feature = "import")]
mod cassette;
mod error;
#[cfg(feature = "import")]
mod exchange;
mod meta;
mod recording;
#[cfg(feature = "import")]
mod req_llm;
#[cfg(feature = "import")]
mod vcr;
mod walk;
#[cfg(feature = "import")]
mod yaml;

#[cfg(feature = "import")]
pub use cassette::{cassette, cassettes, interaction_path, raw_body};
pub use error::ImportError;
pub use walk::{recordings, tape_path};
