//! Texts that say nothing, and ends of white space.

use serde_json::{Value, json};

use super::finding::{Edit, Finding};
use super::path::Path;
use super::rule::Rule;
use super::view::View;
use crate::model::{ContentBlock, ConversationRole, SystemContentBlock, ToolResultContentBlock};

/// What stands where something must stand and nothing was said.
const EMPTY: &str = "(empty)";

/// A block that says so.
pub(super) fn placeholder() -> Value {
    json!({"text": EMPTY})
}

pub(super) fn empty_content(view: View<'_>) -> Vec<Finding> {
    let empty = view.messages.iter().enumerate().filter(|(_, message)| message.content.is_empty());
    empty
        .map(|(m, _)| {
            let path = Path::message(m).member("content");
            let edit = if view.is_prefill(m) {
                Edit::remove(Path::message(m))
            } else {
                Edit::insert(Path::block(m, 0), placeholder())
            };
            Finding::new(Rule::EmptyContent, path, "the message has no content").fix([edit])
        })
        .collect()
}

pub(super) fn empty_text(view: View<'_>) -> Vec<Finding> {
    speechless(view, Rule::EmptyText, "the text is empty", str::is_empty)
}

pub(super) fn blank_text(view: View<'_>) -> Vec<Finding> {
    let is_blank = |text: &str| !text.is_empty() && is_white(text);
    let mut found = speechless(view, Rule::BlankText, "the text is white space alone", is_blank);
    found.extend(blank_results(view));
    found
}

pub(super) fn trailing_white_space(view: View<'_>) -> Vec<Finding> {
    let Some((m, message)) = view.messages.iter().enumerate().next_back() else {
        return Vec::new();
    };
    let last = message.content.iter().enumerate().rev().find(|(_, block)| !is_cache_point(block));
    let Some((b, ContentBlock::Text(text))) = last else { return Vec::new() };
    let trimmed = text.trim_end();
    if message.role != ConversationRole::Assistant || trimmed.len() == text.len() {
        return Vec::new();
    }
    let path = Path::block(m, b).member("text");
    let edit = if trimmed.is_empty() {
        without(view, m, b, |block| is_text(block, is_white))
    } else {
        Edit::set_text(path.clone(), trimmed)
    };
    let message = "the last text of the model's turn ends in white space";
    vec![Finding::new(Rule::TrailingWhiteSpace, path, message).fix([edit])]
}

/// Texts of messages and the system prompt that `says_nothing` of.
fn speechless(
    view: View<'_>,
    rule: Rule,
    message: &str,
    says_nothing: fn(&str) -> bool,
) -> Vec<Finding> {
    let system = view.system.iter().enumerate().filter_map(|(i, block)| match block {
        SystemContentBlock::Text(text) if says_nothing(text) => {
            Some((Path::system(i), Edit::remove(Path::system(i))))
        }
        _ => None,
    });
    let messages =
        view.blocks().filter(|(_, _, block)| is_text(block, says_nothing)).map(|(m, b, _)| {
            (Path::block(m, b), without(view, m, b, |block| is_text(block, says_nothing)))
        });
    let finding =
        |(path, edit): (Path, Edit)| Finding::new(rule, path.member("text"), message).fix([edit]);
    system.chain(messages).map(finding).collect()
}

/// Takes block `b` away, which `goes` like others of its message may; the last
/// of a message of which nothing would be left stays as a placeholder.
fn without(view: View<'_>, m: usize, b: usize, goes: impl Fn(&ContentBlock) -> bool) -> Edit {
    let content = &view.messages[m].content;
    let is_left = content.iter().any(|block| !goes(block) && !is_cache_point(block));
    let is_first = !content[..b].iter().any(&goes);
    if is_left || !is_first {
        Edit::remove(Path::block(m, b))
    } else if view.is_prefill(m) {
        Edit::remove(Path::message(m))
    } else {
        Edit::set_text(Path::block(m, b).member("text"), EMPTY)
    }
}

fn blank_results(view: View<'_>) -> impl Iterator<Item = Finding> {
    view.blocks().flat_map(|(m, b, block)| {
        let parts: &[_] = match block {
            ContentBlock::ToolResult(result) => &result.content,
            _ => &[],
        };
        let is_alone = parts.iter().all(is_blank_part);
        let blank = parts.iter().enumerate().filter(|(_, part)| is_blank_part(part));
        blank.map(move |(p, _)| {
            let path = Path::result_part(m, b, p);
            let mut edits = vec![Edit::remove(path.clone())];
            if is_alone && p == 0 {
                edits.push(Edit::insert(path.clone(), placeholder()));
            }
            Finding::new(Rule::BlankText, path.member("text"), "the text says nothing").fix(edits)
        })
    })
}

fn is_blank_part(part: &ToolResultContentBlock) -> bool {
    matches!(part, ToolResultContentBlock::Text(text) if is_white(text))
}

fn is_text(block: &ContentBlock, is: fn(&str) -> bool) -> bool {
    matches!(block, ContentBlock::Text(text) if is(text))
}

/// White space alone, or nothing.
fn is_white(text: &str) -> bool {
    text.trim().is_empty()
}

pub(super) fn is_cache_point(block: &ContentBlock) -> bool {
    matches!(block, ContentBlock::CachePoint(_))
}
