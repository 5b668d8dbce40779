//! The definitions of tools.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::finding::{Edit, Finding};
use super::names::TOOL_NAME;
use super::path::Path;
use super::rule::Rule;
use super::view::View;
use crate::model::{ContentBlock, Tool};

pub(super) fn config_missing(view: View<'_>) -> Vec<Finding> {
    let first = view.blocks().find(|(_, _, block)| is_of_tools(block));
    let (Some((m, b, block)), None) = (first, view.tool_config) else { return Vec::new() };
    let path = Path::root("toolConfig");
    let message =
        format!("it is missing, and {} is of the kind {}", Path::block(m, b), block.member());
    let edit = Edit::set(path.clone(), json!({"tools": [placeholder()]}));
    vec![Finding::new(Rule::ToolConfigMissing, path, message).fix([edit])]
}

/// A tool that is there so that there is one.
fn placeholder() -> Value {
    json!({"toolSpec": {
        "name": "placeholder",
        "description": "Not a tool. It stands in for tools that were used earlier; never call it.",
        "inputSchema": {"json": {"type": "object", "properties": {}}},
    }})
}

fn is_of_tools(block: &ContentBlock) -> bool {
    matches!(block, ContentBlock::ToolUse(_) | ContentBlock::ToolResult(_))
}

pub(super) fn empty(view: View<'_>) -> Vec<Finding> {
    let Some(config) = view.tool_config.filter(|config| config.tools.is_empty()) else {
        return Vec::new();
    };
    let path = Path::root("toolConfig");
    let finding =
        Finding::new(Rule::EmptyTools, path.clone().member("tools"), "the list of tools is empty");
    let can_go = config.extra.is_empty();
    vec![if can_go { finding.fix([Edit::remove(path)]) } else { finding }]
}

pub(super) fn empty_description(view: View<'_>) -> Vec<Finding> {
    let tools = view.tools().iter().enumerate();
    let empty = tools.filter(
        |(_, tool)| matches!(tool, Tool::ToolSpec(spec) if spec.description.as_deref() == Some("")),
    );
    empty
        .map(|(i, _)| {
            let path = Path::tool(i).member("toolSpec").member("description");
            let edit = Edit::remove(path.clone());
            Finding::new(Rule::EmptyToolDescription, path, "the description is empty").fix([edit])
        })
        .collect()
}

pub(super) fn duplicate_name(view: View<'_>) -> Vec<Finding> {
    let names = view.tools().iter().filter_map(|tool| named(tool).map(|(_, name)| name));
    let mut taken: HashSet<String> = names.map(str::to_owned).collect();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut found = Vec::new();
    for (i, tool) in view.tools().iter().enumerate() {
        let Some((kind, name)) = named(tool) else { continue };
        let first = *seen.entry(name).or_insert(i);
        if first == i {
            continue;
        }
        let path = Path::tool(i).member(kind).member("name");
        let edit = if *tool == view.tools()[first] {
            Edit::remove(Path::tool(i))
        } else {
            Edit::set_text(path.clone(), &TOOL_NAME.unique(name, &mut taken))
        };
        let message = format!("the tool `{name}` is already defined at {}", Path::tool(first));
        found.push(Finding::new(Rule::DuplicateToolName, path, message).fix([edit]));
    }
    found
}

/// The member that a tool's name is in, and the name.
pub(super) fn named(tool: &Tool) -> Option<(&'static str, &str)> {
    match tool {
        Tool::ToolSpec(spec) => Some(("toolSpec", &spec.name)),
        Tool::SystemTool(tool) => Some(("systemTool", &tool.name)),
        Tool::CachePoint(_) | Tool::Unknown(_) => None,
    }
}
