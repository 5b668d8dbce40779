//! Calls of tools and their results, which belong together.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::finding::{Edit, Finding};
use super::names::{TOOL_USE_ID, ids};
use super::path::Path;
use super::rule::Rule;
use super::text;
use super::view::View;
use crate::model::{
    ContentBlock, ConversationRole, Document, Message, ToolResultBlock, ToolResultContentBlock,
    ToolUseType,
};

/// What is told of a call of which no result is there.
const NO_RESULT: &str = "The result of this call is not known.";

/// The calls of the model's message that wait for a result: index and id.
fn calls(message: &Message) -> impl Iterator<Item = (usize, &str)> {
    let is_model = message.role == ConversationRole::Assistant;
    let answered: HashSet<&str> = results(message).map(|(_, id)| id).collect();
    let blocks = message.content.iter().enumerate().filter(move |_| is_model);
    blocks.filter_map(move |(b, block)| match block {
        ContentBlock::ToolUse(call)
            if call.r#type != Some(ToolUseType::ServerToolUse)
                && !answered.contains(call.tool_use_id.as_str()) =>
        {
            Some((b, call.tool_use_id.as_str()))
        }
        _ => None,
    })
}

/// The results in a message: index and id.
fn results(message: &Message) -> impl Iterator<Item = (usize, &str)> {
    message.content.iter().enumerate().filter_map(|(b, block)| match block {
        ContentBlock::ToolResult(result) => Some((b, result.tool_use_id.as_str())),
        _ => None,
    })
}

/// How often each id is there.
fn counts<'a>(ids: impl Iterator<Item = (usize, &'a str)>) -> HashMap<&'a str, usize> {
    ids.fold(HashMap::new(), |mut counts, (_, id)| {
        *counts.entry(id).or_default() += 1;
        counts
    })
}

/// Those of `wanted`, in order, that find no partner of their id in `given`.
fn unmatched<'a>(
    wanted: impl Iterator<Item = (usize, &'a str)>,
    given: &HashMap<&str, usize>,
) -> Vec<(usize, &'a str)> {
    let mut given = given.clone();
    wanted
        .filter(|(_, id)| match given.get_mut(id) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        })
        .collect()
}

/// The message after `m`, if it is the user's and so can hold results.
fn answer(view: View<'_>, m: usize) -> Option<&Message> {
    view.messages.get(m + 1).filter(|message| message.role == ConversationRole::User)
}

/// The results of message `m` that answer nothing.
fn orphans(view: View<'_>, m: usize) -> Vec<(usize, &str)> {
    let message = &view.messages[m];
    if message.role != ConversationRole::User {
        return Vec::new();
    }
    let before = m.checked_sub(1).and_then(|before| view.messages.get(before));
    unmatched(results(message), &before.map(|before| counts(calls(before))).unwrap_or_default())
}

pub(super) fn without_result(view: View<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (m, message) in view.messages.iter().enumerate() {
        let given = answer(view, m).map(|next| counts(results(next))).unwrap_or_default();
        for (b, id) in unmatched(calls(message), &given) {
            let path = Path::block(m, b).member("toolUse");
            let wrong = format!("the next message has no result of the call `{id}`");
            let edits = bring(view, m, id).unwrap_or_else(|| vec![supply(view, m, id)]);
            found.push(Finding::new(Rule::ToolUseWithoutResult, path, wrong).fix(edits));
        }
    }
    found
}

/// A result that says that there is none, after those that are there.
fn supply(view: View<'_>, m: usize, id: &str) -> Edit {
    let result = json!({"toolResult": {
        "toolUseId": id,
        "content": [{"text": NO_RESULT}],
        "status": "error",
    }});
    match answer(view, m) {
        Some(next) => Edit::insert(Path::block(m + 1, leading_results(next)), result),
        None => {
            let message = json!({"role": "user", "content": [result]});
            Edit::insert(Path::message(m + 1), message)
        }
    }
}

/// Brings the result that stands further on, answering nothing there.
fn bring(view: View<'_>, m: usize, id: &str) -> Option<Vec<Edit>> {
    let mut later = m + 2..view.messages.len();
    let (from, block) = later.find_map(|later| {
        orphans(view, later).into_iter().find(|(_, orphan)| *orphan == id).map(|(b, _)| (later, b))
    })?;
    let mut edits = Vec::new();
    let next = answer(view, m);
    if next.is_none() {
        edits.push(Edit::insert(Path::message(m + 1), json!({"role": "user", "content": []})));
    }
    let from_now = from + edits.len();
    let to = Path::block(m + 1, next.map_or(0, leading_results));
    edits.push(Edit::Move { from: Path::block(from_now, block), to });
    let source = &view.messages[from];
    if source.content.len() == 1 && source.extra.is_empty() {
        edits.push(Edit::remove(Path::message(from_now)));
    }
    Some(edits)
}

/// Results come first in a message: so the models want it.
fn leading_results(message: &Message) -> usize {
    message.content.iter().take_while(|block| matches!(block, ContentBlock::ToolResult(_))).count()
}

pub(super) fn without_use(view: View<'_>) -> Vec<Finding> {
    let messages = 0..view.messages.len();
    messages
        .flat_map(|m| orphans(view, m).into_iter().map(move |(b, id)| (m, b, id)))
        .map(|(m, b, id)| {
            let path = Path::block(m, b).member("toolResult");
            let wrong = format!("the message before has no call `{id}` that it answers");
            let finding = Finding::new(Rule::ToolResultWithoutUse, path, wrong);
            match unwrap(&view.messages[m], m, b) {
                Some(edits) => finding.fix(edits),
                None => finding,
            }
        })
        .collect()
}

/// Takes the result apart: what is in it becomes content of the message.
fn unwrap(message: &Message, m: usize, b: usize) -> Option<Vec<Edit>> {
    let ContentBlock::ToolResult(result) = &message.content[b] else { return None };
    let mut blocks = contents(result)?;
    if blocks.is_empty() && message.content.len() == 1 {
        blocks.push(text::placeholder().into());
    }
    // Behind the results that follow, so that these still come first.
    let at = results(message).map(|(b, _)| b).max().unwrap_or(b);
    let inserts = blocks.into_iter().enumerate();
    let inserts = inserts.map(|(i, block)| Edit::insert(Path::block(m, at + i), block));
    Some([Edit::remove(Path::block(m, b))].into_iter().chain(inserts).collect())
}

/// The parts of a result as blocks of a message, in JSON.
fn contents(result: &ToolResultBlock) -> Option<Vec<Document>> {
    let blocks = result.content.iter().map(|part| match part {
        ToolResultContentBlock::Json(json) => Ok(json!({"text": json.as_json()}).into()),
        // The other members have the same names in both unions.
        other => Document::from_serialize(other),
    });
    blocks.collect::<Result<_, _>>().ok()
}

pub(super) fn duplicate_id(view: View<'_>) -> Vec<Finding> {
    let mut taken = ids(view).map(|(_, id)| id.to_owned()).collect();
    let mut found = Vec::new();
    for (m, message) in view.messages.iter().enumerate() {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for (b, id) in calls(message) {
            let before = seen.entry(id).or_default();
            if *before > 0 {
                let path = Path::block(m, b).member("toolUse").member("toolUseId");
                let renamed = TOOL_USE_ID.unique(id, &mut taken);
                let wrong = format!("another call of this message has the id `{id}`");
                let edits = std::iter::once(path.clone())
                    .chain(nth_result(view, m, id, *before))
                    .map(|path| Edit::set_text(path, &renamed));
                found.push(Finding::new(Rule::DuplicateToolUseId, path, wrong).fix(edits));
            }
            *before += 1;
        }
    }
    found
}

/// Where the id of the `n`th result of `id`, from 0, stands after message `m`.
fn nth_result(view: View<'_>, m: usize, id: &str, n: usize) -> Option<Path> {
    let (b, _) = results(answer(view, m)?).filter(|(_, other)| *other == id).nth(n)?;
    Some(Path::block(m + 1, b).member("toolResult").member("toolUseId"))
}
