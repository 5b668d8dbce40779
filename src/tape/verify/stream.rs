//! What the deltas of a stream add up to: a secret may be cut in two.

use std::collections::BTreeMap;

use serde_json::Value;

use super::finding::Issue;
use super::text;

/// Where in a delta there is text, and where it stands in the tape.
const TEXTS: [(&str, &str); 5] = [
    ("/frame/payload/delta/text", "frame.payload.delta.text"),
    ("/frame/payload/delta/toolUse/input", "frame.payload.delta.toolUse.input"),
    ("/frame/payload/delta/reasoningContent/text", "frame.payload.delta.reasoningContent.text"),
    (
        "/frame/payload/delta/reasoningContent/signature",
        "frame.payload.delta.reasoningContent.signature",
    ),
    (
        "/frame/payload/delta/reasoningContent/redactedContent",
        "frame.payload.delta.reasoningContent.redactedContent",
    ),
];

/// The text of one kind in one block.
#[derive(Default)]
struct Joined {
    text: String,
    /// The line of its first delta.
    line: usize,
    deltas: usize,
}

/// Searches the texts of all blocks, and tells of the line that each starts
/// on.
pub(super) fn search(lines: &[(usize, &[u8])], tell: &mut dyn FnMut(usize, &str, Issue)) {
    let mut blocks: BTreeMap<(u64, usize), Joined> = BTreeMap::new();
    for (line, bytes) in lines {
        if let Some(json) = super::json(bytes) {
            add(&json, *line, &mut blocks);
        }
    }
    for ((_, kind), Joined { text, line, deltas }) in blocks {
        // A single one was searched by itself.
        if deltas > 1 {
            text::in_text(text.as_bytes(), TEXTS[kind].1, 0, &mut |member, issue| {
                tell(line, member, issue);
            });
        }
    }
}

fn add(json: &Value, line: usize, blocks: &mut BTreeMap<(u64, usize), Joined>) {
    let index = json.pointer("/frame/payload/contentBlockIndex").and_then(Value::as_u64);
    for (kind, (pointer, _)) in TEXTS.iter().enumerate() {
        let Some(text) = json.pointer(pointer).and_then(Value::as_str) else {
            continue;
        };
        let joined = blocks.entry((index.unwrap_or(0), kind)).or_default();
        joined.text.push_str(text);
        joined.deltas += 1;
        if joined.line == 0 {
            joined.line = line;
        }
    }
}
