//! The texts in a line of a tape, and what is hidden in them.

use std::fmt::Write;

use percent_encoding::percent_decode;
use serde_json::Value;

use super::finding::Issue;
use super::secret;
use crate::tape::arn;
use crate::tape::base64_run::Alphabet;
use crate::tape::scrub::EXAMPLE_ACCOUNT;

/// How many layers of encodings are taken off.
const MAX_DEPTH: usize = 4;

/// The longest name of a member that is shown, in bytes.
const MAX_NAME: usize = 64;

/// Tells of an issue in a member.
pub(super) type Tell<'a> = dyn FnMut(&str, Issue) + 'a;

/// Searches a line: each of its strings by itself, then the line as it is,
/// in which also what is no JSON, or stands under a name twice, is found.
pub(super) fn search(line: &[u8], tell: &mut Tell<'_>) {
    if let Some(json) = super::json(line) {
        walk(&json, &mut String::new(), 0, tell);
    }
    in_text(line, "", 0, tell);
}

fn walk(json: &Value, path: &mut String, depth: usize, tell: &mut Tell<'_>) {
    let length = path.len();
    match json {
        Value::String(text) => in_text(text.as_bytes(), path, depth, tell),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let _ = write!(path, "[{index}]");
                walk(item, path, depth, tell);
                path.truncate(length);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let dot = if length == 0 { "" } else { "." };
                let _ = write!(path, "{dot}{}", shown(name));
                if let Value::String(text) = member {
                    // Some secrets are known by their names alone.
                    let named = format!("{name}:{text}");
                    secret::kinds(named.as_bytes())
                        .for_each(|kind| tell(path, Issue::Secret(kind)));
                }
                walk(member, path, depth, tell);
                path.truncate(length);
                in_text(name.as_bytes(), path, depth, tell);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A member's name to show: a tool's input may have anything for one.
fn shown(name: &str) -> &str {
    let is_plain = name.len() <= MAX_NAME && secret::kinds(name.as_bytes()).next().is_none();
    if is_plain { name } else { "(hidden)" }
}

/// Searches a text, and what it is the encoding of.
pub(super) fn in_text(text: &[u8], member: &str, depth: usize, tell: &mut Tell<'_>) {
    secret::kinds(text).for_each(|kind| tell(member, Issue::Secret(kind)));
    for account in arn::accounts(text) {
        let id = String::from_utf8_lossy(&text[account]).into_owned();
        if id != EXAMPLE_ACCOUNT {
            tell(member, Issue::Account { id });
        }
    }
    if depth == MAX_DEPTH {
        return;
    }
    if depth > 0 || !member.is_empty() {
        in_json(text, member, depth, tell);
    }
    if text.contains(&b'%') {
        let decoded: Vec<u8> = percent_decode(text).collect();
        if decoded != text {
            in_text(&decoded, member, depth + 1, tell);
        }
    }
    for alphabet in Alphabet::ALL {
        in_base64(text, alphabet, member, depth, tell);
    }
}

/// A body that is no JSON to the tape may be JSON on several lines, and a
/// tool's input is JSON in a string.
fn in_json(text: &[u8], member: &str, depth: usize, tell: &mut Tell<'_>) {
    if matches!(text.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'))
        && let Some(json) = super::json(text)
    {
        walk(&json, &mut member.to_owned(), depth + 1, tell);
    }
}

/// What stands before base64 may be of its alphabet, so that it can start at
/// any of four characters.
fn in_base64(text: &[u8], alphabet: Alphabet, member: &str, depth: usize, tell: &mut Tell<'_>) {
    for run in alphabet.runs(text) {
        let run = &text[run];
        if alphabet.is_told_already(run) {
            continue;
        }
        for start in 0..4 {
            if let Some((decoded, _)) = alphabet.decode(&run[start..]) {
                in_text(&decoded, member, depth + 1, tell);
            }
        }
    }
}
