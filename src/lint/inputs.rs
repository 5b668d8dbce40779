//! The JSON that goes into tools: inputs of calls, and their schemas.

use std::collections::HashMap;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::finding::{Edit, Finding};
use super::path::Path;
use super::rule::Rule;
use super::view::View;
use crate::model::{ContentBlock, Document, Tool, ToolInputSchema};

/// Whether `json` is an object.
pub(super) fn is_object(json: &Document) -> bool {
    json.as_json().trim_start().starts_with('{')
}

pub(super) fn call_input(view: View<'_>) -> Vec<Finding> {
    let inputs = view.blocks().filter_map(|(m, b, block)| match block {
        ContentBlock::ToolUse(call) if !is_object(&call.input) => Some((m, b, &call.input)),
        _ => None,
    });
    inputs
        .map(|(m, b, input)| {
            let path = Path::block(m, b).member("toolUse").member("input");
            let finding = Finding::new(Rule::ToolInput, path.clone(), "the input is no object");
            match object(input) {
                Some(object) => finding.fix([Edit::set(path, object)]),
                None => finding,
            }
        })
        .collect()
}

/// An object that holds what `input` does.
fn object(input: &Document) -> Option<Document> {
    if input.as_json().trim() == "null" {
        return Some(Document::default());
    }
    if let Ok(text) = input.to::<String>() {
        if text.trim().is_empty() {
            return Some(Document::default());
        }
        if let Some(object) = Document::from_json(text).ok().filter(is_object) {
            return Some(object);
        }
    }
    Document::from_json(format!("{{\"input\":{input}}}")).ok()
}

pub(super) fn schema(view: View<'_>) -> Vec<Finding> {
    let schemas = view.tools().iter().enumerate().filter_map(|(i, tool)| match tool {
        Tool::ToolSpec(spec) => match &spec.input_schema {
            ToolInputSchema::Json(schema) => Some((i, schema)),
            ToolInputSchema::Unknown(_) => None,
        },
        _ => None,
    });
    schemas.filter_map(|(i, schema)| wrong_schema(i, schema)).collect()
}

fn wrong_schema(tool: usize, schema: &Document) -> Option<Finding> {
    let path = Path::tool(tool).member("toolSpec").member("inputSchema").member("json");
    if !is_object(schema) {
        return Some(Finding::new(Rule::ToolInputSchema, path, "the schema is no object"));
    }
    match schema_type(schema) {
        Some(kind) if kind == json!("object") => None,
        Some(kind) => {
            let message = format!("the type of the schema is {kind} and must be \"object\"");
            Some(Finding::new(Rule::ToolInputSchema, path.member("type"), message))
        }
        None => {
            let message = "the schema has no type and must have \"object\"";
            let finding = Finding::new(Rule::ToolInputSchema, path.clone(), message);
            Some(match typed(schema) {
                Some(typed) => finding.fix([Edit::set(path, typed)]),
                None => finding,
            })
        }
    }
}

/// `type` at the schema's root; of a schema with numbers beyond a double too.
fn schema_type(schema: &Document) -> Option<Value> {
    let members: HashMap<String, Box<RawValue>> = schema.to().ok()?;
    serde_json::from_str(members.get("type")?.get()).ok()
}

/// The schema's own text with the type put in front.
fn typed(schema: &Document) -> Option<Document> {
    let members = schema.as_json().trim_start().strip_prefix('{')?;
    let comma = if members.trim_start().starts_with('}') { "" } else { "," };
    Document::from_json(format!("{{\"type\":\"object\"{comma}{members}")).ok()
}
