//! A recorded exchange with Bedrock: one request, one answer, and when each
//! byte of the answer came.
//!
//! A tape is a file of JSON lines, so that it can be read, searched and
//! compared line by line. Each frame of an event stream is a line of its own.
//! From a tape the body of the answer is had back byte for byte
//! ([`Tape::body_bytes`]).
//!
//! # The format, version 1
//!
//! UTF-8, one JSON object a line, in this order:
//!
//! | line | members | |
//! | --- | --- | --- |
//! | head | `tape`, `operation`, `model`, `source` | `tape` is the version of the format, `operation` AWS's name of it, `source` a sentence on where the tape comes from |
//! | request | `request` | `method`, `path`, `headers` and a body; or `null` |
//! | response | `response` | `status`, `headers`, and `at`: when the head came |
//! | body | a body | of an answer that is no event stream; in its place: |
//! | frames | `frame`, `at` | one line for each frame: `headers` and `payload`; `at` is when its last byte came |
//! | rest | `rest` | bytes behind the last whole frame, if there are any |
//! | pieces | `pieces`, `end` | size in bytes and time of each piece of the body, and how the body ended |
//!
//! A stream that was cut:
//!
//! ```
//! use bedrock_wire::tape::{End, Tape};
//!
//! let lines = r#"
//! {"tape":1,"operation":"ConverseStream","model":"amazon.nova-lite-v1:0","source":"made by hand"}
//! {"request":{"method":"POST","path":"/model/amazon.nova-lite-v1%3A0/converse-stream","headers":[["content-type","application/json"]],"body":{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}}}
//! {"response":{"status":200,"headers":[["content-type","application/vnd.amazon.eventstream"]],"at":301200}}
//! {"frame":{"headers":{":event-type":"messageStart",":content-type":"application/json",":message-type":"event"},"payload":{"p":"abcd","role":"assistant"}},"at":301950}
//! {"frame":{"headers":{":event-type":"contentBlockDelta",":content-type":"application/json",":message-type":"event"},"payload":{"contentBlockIndex":0,"delta":{"text":"Hello"},"p":"abcdef"}},"at":340018}
//! {"rest":{"base64":"AAAAng==","why":"the input ends inside a message: 4 bytes arrived, fewer than the 12 of a prelude"}}
//! {"pieces":[[129,301950],[164,340018],[4,340020]],"end":"cut"}
//! "#;
//! let tape = Tape::read(lines.as_bytes(), "hello.tape.jsonl")?;
//! assert_eq!(tape.body_bytes().len(), 297);
//! assert_eq!(tape.response.end(), Some(End::Cut));
//!
//! let mut again = Vec::new();
//! tape.write(&mut again)?;
//! assert_eq!(again, lines.trim_start().as_bytes());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Time** is in whole microseconds since the request was sent ([`Micros`]).
//! Times never run backwards, and a frame has that of the piece with its last
//! byte, where both are known.
//!
//! **`model`** is what the path names: the id or ARN of the model, the
//! invocation or the inference profile; for ApplyGuardrail the guardrail and
//! its version with a colon between them; empty where the path names nothing.
//!
//! **What is not known is `null`** and never made up: the request, any time,
//! the pieces, the end, the source (`at`, `end` and `source` may also be left
//! out). `end` is `"complete"` or `"cut"`. Pieces that are known add up to the
//! body. A path that names a model and an operation names those of the head;
//! a gateway's prefix may be before it. Only an event stream may have no frame
//! and no body: then it is empty.
//!
//! **A body** has one of three forms. `"body"` is JSON, kept to the byte:
//! order, white space and numbers as sent. `"body_text"` is text that is not
//! JSON, or not on one line. `"body_base64"` is anything else, with a `"why"`.
//!
//! **A frame** has one of two. `{"headers":{...},"payload":...}` has the
//! headers in their order and the payload as JSON, to the byte (no member
//! `payload` where it is empty, as in messages of type `error`); a header that
//! is no string is `{"type":"int32","value":5}`, with `bool`, `byte`, `int16`,
//! `int32`, `int64`, `timestamp` (ms since 1970) as numbers or true and false,
//! `bytes` as base64 and `uuid` as 32 hex digits. `{"base64":...,"why":...}`
//! is a frame that would not come back from that as the same bytes. Which form
//! it is to be is found out by writing the frame, reading it and comparing.
//! A `why` is for people: it is not read, and is written anew.
//!
//! **Headers of HTTP** are `[name, value]`, names in small letters. Only these
//! are kept, so that no secret reaches a tape: of a request `accept`,
//! `content-type` and `x-amzn-bedrock-*`, which are what the service answers
//! to; of a response `age`, `content-encoding`, `content-type`, `date`,
//! `retry-after`, `x-amz-retry-after`, `x-amzn-errortype`, `x-amzn-requestid`
//! and `x-amzn-bedrock-*`, which are what a client acts on. A tape with any
//! other header is refused, so that who keeps it learns of the secret in it;
//! such is `x-amzn-bedrock-request-metadata`, which the service model marks
//! sensitive: taken out of the tape it changes nothing, for no tape is found by
//! its headers. Of the query of a URL the members that operations
//! have there are kept, such as `nextToken`: a presigned URL has its signature
//! beside them, and what is not known may be as secret. Bodies are kept whole:
//! what a prompt or an answer says stays in the tape, and a model's ARN has the
//! number of its account. [`Scrub`] takes that out, and [`verify`] finds what
//! should not be in a tape that others will see.
//!
//! **Members that are not named here are refused**, so that a slip of the pen
//! in a tape written by hand is noticed. Whatever is added to the format
//! raises its version, and a tape of another version is refused by that
//! number alone. Blank lines are skipped, and a tape without its last line
//! was cut off and is refused.

mod arn;
mod base64_run;
mod body;
mod check;
mod error;
mod exchange;
mod form;
mod frame;
mod frame_headers;
mod headers;
mod line;
mod piece;
mod query;
mod read;
mod scrub;
mod timeline;
mod verify;
mod write;

pub use body::{Frame, RecordedBody};
pub use error::{TapeError, TapeProblem};
pub use exchange::{RecordedRequest, RecordedResponse, Tape};
pub use frame_headers::FrameHeaders;
pub use headers::RecordedHeaders;
pub use piece::{End, Micros, Piece};
pub(crate) use query::{
    keeps as keeps_query_member, left_out as left_out_of_query, members as query_members,
};
pub use scrub::{Scrub, ScrubError};
pub use timeline::{Arrival, Ending, Gaps, Mark, MarkKind, Timeline, Tokens, Unknown};
pub use verify::{Finding, Issue, SecretKind, Severity, verify, verify_file};

/// The version of the format that this build reads and writes.
pub const VERSION: u64 = 1;
