//! A tape without what says whose account it was recorded in.

mod error;
mod pieces;
mod text;

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use regex_lite::Regex;
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

pub use self::error::ScrubError;
use self::text::Text;
use super::body::{Frame, RecordedBody};
use super::exchange::{RecordedRequest, RecordedResponse, Tape};
use super::headers::RecordedHeaders;
use crate::eventstream::{HeaderValue as FrameValue, Message};

/// The account that AWS's documentation uses for examples.
pub(super) const EXAMPLE_ACCOUNT: &str = "123456789012";

/// The id that takes the place of a request's, unless another is set.
const REQUEST_ID: &str = "00000000-0000-4000-8000-000000000000";

/// What takes the place of a secret.
const HIDDEN: &str = "hidden";

/// A shorter text is a word that may stand anywhere, and no secret.
#[cfg(any(test, feature = "record"))]
const MIN_SECRET_LENGTH: usize = 8;

/// The header with the request's id.
const REQUEST_ID_HEADER: &str = "x-amzn-requestid";

/// All but the unreserved characters, as operations write their paths.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Takes out of tapes what says whose they are.
///
/// In the source, the model, the path, the values of headers, the bodies and
/// the payloads of frames, also inside base64 such as the `bytes` of a chunk:
///
/// - the account id of an ARN becomes `123456789012`;
/// - the id in the answer's `x-amzn-requestid`, wherever it stands, becomes
///   `00000000-0000-4000-8000-000000000000` or [another](Self::request_id);
/// - what a [pattern](Self::pattern) finds becomes what it says.
///
/// What has nothing of that stays as it is to the byte. A frame that changed
/// is encoded anew, with the right lengths and CRCs. Pieces change with what
/// they carry: a boundary between two keeps its distance from the start of the
/// frame that it is in, as far as the frame still goes, and no frame comes to
/// end in another piece, so that the pieces add up to the body and every time
/// stays true.
///
/// **Not found** is what is cut in two: an ARN that a model writes in several
/// deltas, one in a compressed body, or one that JSON escapes (`\u003a`) cut
/// up. [`verify`](super::verify) looks at a tape once more.
///
/// ```
/// use bedrock_wire::tape::{Scrub, Tape};
///
/// let scrub = Scrub::new().pattern(r"guardrail/[a-z0-9]+", "guardrail/abc")?;
/// let tape = Tape::load("fixtures/text.tape.jsonl")?;
/// assert_eq!(scrub.apply(&tape)?.body_bytes(), tape.body_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Scrub {
    /// What the ids of requests become; `None` if these and account ids stay.
    request_id: Option<String>,
    patterns: Vec<(Regex, String)>,
    secrets: Vec<Zeroizing<Vec<u8>>>,
}

/// Of the secrets their number alone.
impl fmt::Debug for Scrub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrub")
            .field("request_id", &self.request_id)
            .field("patterns", &self.patterns)
            .field("secrets", &format_args!("{} hidden", self.secrets.len()))
            .finish()
    }
}

impl Default for Scrub {
    fn default() -> Self {
        Self::new()
    }
}

impl Scrub {
    /// Takes out account ids and request ids.
    pub fn new() -> Self {
        Self { request_id: Some(REQUEST_ID.to_owned()), ..Self::nothing() }
    }

    /// Takes out nothing yet, neither accounts nor ids.
    pub(crate) fn nothing() -> Self {
        Self { request_id: None, patterns: Vec::new(), secrets: Vec::new() }
    }

    /// Hides this text wherever it stands, also where JSON escapes its slashes
    /// or a URL its signs. Texts under 8 bytes are left alone.
    #[cfg(any(test, feature = "record"))]
    pub(crate) fn secret(mut self, text: &str) -> Self {
        if text.len() >= MIN_SECRET_LENGTH {
            let escaped = text.replace('/', "\\/");
            let encoded = utf8_percent_encode(text, RESERVED).to_string();
            for form in [text.to_owned(), escaped, encoded] {
                let form = Zeroizing::new(form.into_bytes());
                if !self.secrets.contains(&form) {
                    self.secrets.push(form);
                }
            }
        }
        self
    }

    /// Sets the id that takes the place of a request's, such as one with the
    /// number of the tape in it.
    #[must_use]
    pub fn request_id(self, id: impl Into<String>) -> Self {
        Self { request_id: Some(id.into()), ..self }
    }

    /// Replaces all that `regex` finds, in the syntax of the crate
    /// `regex-lite`; `$1` and `$name` in `replacement` are groups of it.
    ///
    /// It is tried on each text as it stands there: on the JSON of a body with
    /// its escapes, on a path's segments decoded, on base64 decoded, and on
    /// the value of every header but `content-type` and `content-encoding`.
    /// Of bytes that are no UTF-8 each is taken for one character.
    ///
    /// # Errors
    /// [`ScrubError::Pattern`] where `regex` is none.
    pub fn pattern(
        mut self,
        regex: &str,
        replacement: impl Into<String>,
    ) -> Result<Self, ScrubError> {
        let parsed = Regex::new(regex).map_err(|error| ScrubError::pattern(regex, &error))?;
        self.patterns.push((parsed, replacement.into()));
        Ok(self)
    }

    /// The tape without them.
    ///
    /// # Errors
    /// Where a replacement makes something of it that no tape can hold: a
    /// value that is no header, a body that was JSON and no longer is, a frame
    /// that is too long.
    pub fn apply(&self, tape: &Tape) -> Result<Tape, ScrubError> {
        let id = tape.response.headers().get(REQUEST_ID_HEADER).unwrap_or_default();
        let text = Text::new(self, id);
        let request = tape.request.as_ref().map(|sent| request(&text, sent)).transpose()?;
        let source = tape.source.as_ref().map(|source| text.string(source));
        let mut scrubbed =
            Tape::new(&*tape.operation, text.string(&tape.model), response(&text, &tape.response)?);
        scrubbed.request = request;
        scrubbed.source = source;
        Ok(scrubbed)
    }
}

impl Scrub {
    /// Path and body of a request as they would be on a tape without them.
    pub(crate) fn sent(&self, path: &str, body: &Bytes) -> Result<(String, Bytes), ScrubError> {
        let text = Text::new(self, "");
        Ok((self::path(&text, path), self::body(&text, body, "request.body")?))
    }
}

fn request(text: &Text<'_>, sent: &RecordedRequest) -> Result<RecordedRequest, ScrubError> {
    let body = body(text, sent.body(), "request.body")?;
    let headers = headers(text, sent.headers(), RecordedHeaders::of_request)?;
    Ok(RecordedRequest::kept(sent.method().clone(), path(text, sent.path()), headers, body))
}

/// Each segment and each value of the query is read decoded, as the model of
/// the head is, so that both stay the same.
fn path(text: &Text<'_>, path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let segments: Vec<_> = path.split('/').map(|segment| part(text, segment)).collect();
    let path = segments.join("/");
    if query.is_empty() {
        return path;
    }
    let member = |pair: &str| match pair.split_once('=') {
        Some((name, value)) => format!("{name}={}", part(text, value)),
        None => pair.to_owned(),
    };
    let query: Vec<_> = query.split('&').map(member).collect();
    format!("{path}?{}", query.join("&"))
}

fn part(text: &Text<'_>, encoded: &str) -> String {
    let decoded = percent_decode_str(encoded).decode_utf8_lossy();
    let scrubbed = text.string(&decoded);
    if scrubbed == decoded {
        return encoded.to_owned();
    }
    utf8_percent_encode(&scrubbed, RESERVED).to_string()
}

fn response(text: &Text<'_>, got: &RecordedResponse) -> Result<RecordedResponse, ScrubError> {
    let mut lengths = pieces::Lengths::default();
    let scrubbed = match &got.body {
        RecordedBody::Whole(bytes) => {
            let scrubbed = body(text, bytes, "body")?;
            lengths.push(bytes, &scrubbed);
            RecordedBody::Whole(scrubbed)
        }
        RecordedBody::Stream { frames, rest } => stream(text, frames, rest, &mut lengths)?,
    };
    Ok(RecordedResponse {
        status: got.status,
        headers: headers(text, &got.headers, RecordedHeaders::of_response)?,
        at: got.at,
        body: scrubbed,
        pieces: got.pieces.as_ref().map(|pieces| lengths.pieces(pieces)),
        end: got.end,
    })
}

fn stream(
    text: &Text<'_>,
    frames: &[Frame],
    rest: &Bytes,
    lengths: &mut pieces::Lengths,
) -> Result<RecordedBody, ScrubError> {
    let mut scrubbed = Vec::with_capacity(frames.len());
    for (frame, number) in frames.iter().zip(1..) {
        let bytes = self::frame(text, &frame.bytes, number)?;
        lengths.push(&frame.bytes, &bytes);
        scrubbed.push(Frame::new(bytes, frame.at));
    }
    // It has no frame to encode anew: the bytes are all there is.
    let cut = text.shared(rest);
    lengths.push(rest, &cut);
    Ok(RecordedBody::Stream { frames: scrubbed, rest: cut })
}

/// A frame encoded anew; one that is damaged stays so, bytes replaced.
fn frame(text: &Text<'_>, bytes: &Bytes, number: usize) -> Result<Bytes, ScrubError> {
    let Ok(message) = Message::decode(bytes.clone()) else {
        return Ok(text.shared(bytes));
    };
    let payload = Bytes::copy_from_slice(message.payload());
    let payload = body(text, &payload, &format!("frame {number} (counted from 1)"))?;
    let scrubbed_headers: Vec<_> = message
        .headers()
        .iter()
        .map(|(name, value)| (name, value, value.as_str().map(|value| text.string(value))))
        .collect();
    let headers = scrubbed_headers.iter().map(|(name, value, text)| match text {
        Some(text) => (*name, FrameValue::String(text)),
        None => (*name, *value),
    });
    let same_headers = scrubbed_headers
        .iter()
        .all(|(_, value, text)| text.as_deref().is_none_or(|text| value.as_str() == Some(text)));
    if same_headers && payload == message.payload() {
        return Ok(bytes.clone());
    }
    let encoded = Message::encode(headers, &payload);
    encoded
        .map(|message| message.frame().clone())
        .map_err(|error| ScrubError::Frame { number, error })
}

/// A body or a payload, which is JSON if it was.
fn body(text: &Text<'_>, bytes: &Bytes, member: &str) -> Result<Bytes, ScrubError> {
    let scrubbed = text.shared(bytes);
    if scrubbed != bytes && is_json(bytes) && !is_json(&scrubbed) {
        return Err(ScrubError::Json { member: member.to_owned() });
    }
    Ok(scrubbed)
}

fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

/// All values but those that say how the body is to be read.
fn headers(
    text: &Text<'_>,
    recorded: &RecordedHeaders,
    pass: fn(&HeaderMap) -> RecordedHeaders,
) -> Result<RecordedHeaders, ScrubError> {
    let (mut map, mut changed) = (HeaderMap::new(), false);
    for (name, value) in recorded.iter() {
        let value_text = value.to_str().unwrap_or_default();
        let scrubbed = match name {
            &header::CONTENT_TYPE | &header::CONTENT_ENCODING => value_text.to_owned(),
            name if name == REQUEST_ID_HEADER => text.request_id(value_text),
            _ => text.string(value_text),
        };
        changed |= scrubbed != value_text;
        let parsed = HeaderValue::from_str(&scrubbed).ok().filter(|value| value.to_str().is_ok());
        map.append(name, parsed.ok_or_else(|| ScrubError::Header { name: name.to_string() })?);
    }
    Ok(if changed { pass(&map) } else { recorded.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", Scrub::nothing().secret("very-secret/token"));
        assert!(shown.contains("3 hidden") && !shown.contains("118, 101"), "{shown}");
    }

    #[test]
    fn a_path_keeps_its_encoding_where_nothing_changes() {
        let scrub = Scrub::new().pattern("secret", "x/y").unwrap();
        let text = Text::new(&scrub, "");
        for (sent, expected) in [
            ("/model/a.b-v1%3A0/converse", "/model/a.b-v1%3A0/converse"),
            ("/model/a.b-v1:0/converse", "/model/a.b-v1:0/converse"),
            (
                "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A210987654321%3Ax%2fy/invoke",
                "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ax%2Fy/invoke",
            ),
            ("/model/secret/invoke", "/model/x%2Fy/invoke"),
            ("/async-invoke?nextToken=a%2fb&type", "/async-invoke?nextToken=a%2fb&type"),
            ("/async-invoke?nextToken=secret", "/async-invoke?nextToken=x%2Fy"),
        ] {
            assert_eq!(path(&text, sent), expected);
        }
    }
}
