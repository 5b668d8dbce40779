//! What is in the results of tools.

use serde_json::json;

use super::finding::{Edit, Finding};
use super::inputs::is_object;
use super::path::Path;
use super::rule::Rule;
use super::text;
use super::view::View;
use crate::model::{ContentBlock, Document, ToolResultContentBlock, ToolResultStatus};

pub(super) fn empty_error(view: View<'_>) -> Vec<Finding> {
    let message = "the result is of status `error` and has no content";
    empty_where(view, Rule::EmptyErrorResult, message, |is_error| is_error)
}

pub(super) fn empty(view: View<'_>) -> Vec<Finding> {
    empty_where(view, Rule::EmptyToolResult, "the result has no content", |is_error| !is_error)
}

fn empty_where(
    view: View<'_>,
    rule: Rule,
    message: &str,
    wanted: impl Fn(bool) -> bool,
) -> Vec<Finding> {
    let empty = view.blocks().filter(|(_, _, block)| match block {
        ContentBlock::ToolResult(result) => {
            let is_error = result.status == Some(ToolResultStatus::Error);
            result.content.is_empty() && wanted(is_error)
        }
        _ => false,
    });
    empty
        .map(|(m, b, _)| {
            let path = Path::block(m, b).member("toolResult").member("content");
            let edit = Edit::insert(Path::result_part(m, b, 0), text::placeholder());
            Finding::new(rule, path, message).fix([edit])
        })
        .collect()
}

pub(super) fn json_not_an_object(view: View<'_>) -> Vec<Finding> {
    let found = view.result_parts().filter_map(|(path, part)| match part {
        ToolResultContentBlock::Json(json) if !is_object(json) => Some((path, json)),
        _ => None,
    });
    found
        .map(|(path, json)| {
            let edits = [
                Edit::remove(path.clone()),
                Edit::insert(path.clone(), json!({"text": plain(json)})),
            ];
            Finding::new(Rule::ToolResultJson, path.member("json"), "the JSON is no object")
                .fix(edits)
        })
        .collect()
}

/// The characters of a JSON string, the JSON of anything else.
fn plain(json: &Document) -> String {
    json.to::<String>().unwrap_or_else(|_| json.as_json().to_owned())
}
