//! Whether a tape is sound, and holds nothing that should not be seen.

mod finding;
mod secret;
mod stream;
mod text;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

pub use self::finding::{Finding, Issue, Severity};
pub use self::secret::SecretKind;
use super::body::{Frame, RecordedBody};
use super::error::{TapeError, TapeProblem};
use super::exchange::Tape;
use super::piece::End;
use crate::eventstream::{ErrorKind, Message};

/// Checks a tape; `origin` is what findings call it, most often its file.
///
/// Found is, each with its line:
///
/// - what the reader refuses;
/// - a frame or a rest that does not decode, such as for its CRC, but for the
///   start of a frame where `end` is `"cut"`;
/// - a tape that is written anew as other bytes (a warning);
/// - secrets: access key ids, secret keys and session tokens of AWS's, Bedrock
///   API keys, bearer values, signatures and private keys: plain, in base64 at
///   any shift, percent-encoded or escaped, and in what the deltas of a stream
///   add up to. AWS's documented examples are none;
/// - account ids of ARNs other than `123456789012`, and bodies that are
///   compressed, which are not looked into (warnings).
///
/// No finding shows the secret that it is about.
///
/// # Errors
/// [`TapeError::Io`] where it cannot be read at all.
///
/// ```
/// use bedrock_wire::tape::{Issue, SecretKind, verify};
///
/// let lines = r#"{"tape":1,"operation":"x","model":"Bearer 0123456789abcdef"}"#;
/// let found = verify(lines.as_bytes(), "x.tape.jsonl")?;
/// let secret = Issue::Secret(SecretKind::Bearer);
/// let found = found.iter().find(|finding| finding.issue == secret).expect("it is there");
/// assert!(found.to_string().starts_with("x.tape.jsonl:1: error: model: a bearer value"));
/// # Ok::<(), bedrock_wire::tape::TapeError>(())
/// ```
pub fn verify(mut input: impl Read, origin: &str) -> Result<Vec<Finding>, TapeError> {
    let mut bytes = Vec::new();
    let read = input.read_to_end(&mut bytes);
    read.map_err(|error| TapeError::Io { origin: origin.to_owned(), error })?;
    let lines = Lines::new(&bytes);
    let mut found = Found { origin, findings: Vec::new() };
    match Tape::read(&*bytes, origin) {
        Ok(tape) => of_tape(&tape, &bytes, &lines, &mut found),
        Err(TapeError::Line { line, problem, .. }) => {
            found.add(line, "", Issue::Unreadable(shown(problem)));
        }
        Err(error) => return Err(error),
    }
    // A tape that is not read may hold secrets all the same.
    for (line, text) in &lines.0 {
        text::search(text, &mut |member, issue| found.add(*line, member, issue));
    }
    stream::search(&lines.0, &mut |line, member, issue| found.add(line, member, issue));
    found.findings.sort_by_key(|finding| finding.line);
    Ok(found.findings)
}

/// Checks the tape in a file.
///
/// # Errors
/// As [`verify`].
pub fn verify_file(path: impl AsRef<Path>) -> Result<Vec<Finding>, TapeError> {
    let origin = path.as_ref().display().to_string();
    match File::open(path) {
        Ok(file) => verify(file, &origin),
        Err(error) => Err(TapeError::Io { origin, error }),
    }
}

/// What is found so far.
struct Found<'a> {
    origin: &'a str,
    findings: Vec<Finding>,
}

impl Found<'_> {
    /// The same once: what is in base64 is in more than one of its shifts.
    fn add(&mut self, line: usize, member: &str, issue: Issue) {
        let known = |known: &Finding| known.line == line && known.issue == issue;
        if !self.findings.iter().any(known) {
            let (origin, member) = (self.origin.to_owned(), member.to_owned());
            self.findings.push(Finding { origin, line, member, issue });
        }
    }
}

/// The lines that are not blank, each with its number, counted from 1.
struct Lines<'a>(Vec<(usize, &'a [u8])>);

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let lines = (1..).zip(bytes.split(|byte| *byte == b'\n'));
        Self(lines.filter(|(_, line)| !line.trim_ascii().is_empty()).collect())
    }

    /// The number of the line at `index`; of the last one behind that.
    fn number(&self, index: usize) -> usize {
        self.0.get(index).or(self.0.last()).map_or(1, |(number, _)| *number)
    }
}

/// Head, request and response come before the body.
const BEFORE_BODY: usize = 3;

fn of_tape(tape: &Tape, bytes: &[u8], lines: &Lines<'_>, found: &mut Found<'_>) {
    if let RecordedBody::Stream { frames, rest } = tape.response.body() {
        for (index, Frame { bytes, .. }) in frames.iter().enumerate() {
            if let Err(error) = Message::decode(bytes.clone()) {
                let reason = error.kind().to_string();
                found.add(lines.number(BEFORE_BODY + index), "frame", Issue::Damaged { reason });
            }
        }
        let cut = |kind: &ErrorKind| {
            matches!(kind, ErrorKind::Incomplete { .. }) && tape.response.end() == Some(End::Cut)
        };
        if !rest.is_empty()
            && let Err(error) = Message::decode(rest.clone())
            && !cut(error.kind())
        {
            let (line, reason) = (BEFORE_BODY + frames.len(), error.kind().to_string());
            found.add(lines.number(line), "rest", Issue::Damaged { reason });
        }
    }
    if let Some(encoding) = tape.response.headers().get("content-encoding") {
        let encoding = encoding.to_owned();
        found.add(lines.number(2), "response.headers", Issue::Compressed { encoding });
    }
    if let Some(line) = first_difference(tape, bytes) {
        found.add(line, "", Issue::WrittenOtherwise);
    }
}

/// What the reader says, unless it quotes a secret.
fn shown(problem: TapeProblem) -> TapeProblem {
    let mut quotes = false;
    text::in_text(problem.to_string().as_bytes(), "", 0, &mut |_, issue| {
        quotes |= matches!(issue, Issue::Secret(_));
    });
    let reason = "it is not as the format has it, and what is told of it has a secret in it";
    if quotes {
        return TapeProblem::Json { member: String::new(), reason: reason.to_owned(), column: 1 };
    }
    problem
}

/// The first line that is written anew as another one.
fn first_difference(tape: &Tape, bytes: &[u8]) -> Option<usize> {
    let mut again = Vec::with_capacity(bytes.len());
    // Memory takes all.
    let _ = tape.write(&mut again);
    if again == bytes {
        return None;
    }
    let lines = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let (old, new): (Vec<_>, Vec<_>) = (lines(bytes), lines(&again));
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    Some(same + 1)
}

/// The JSON of a line, where it is some.
fn json(line: &[u8]) -> Option<Value> {
    serde_json::from_slice(line).ok()
}
