//! The names of tools and the ids of calls.

use std::collections::HashSet;

use super::clean::Pattern;
use super::finding::{Edit, Finding};
use super::path::Path;
use super::rule::Rule;
use super::tools::named;
use super::view::View;
use crate::model::{ContentBlock, ToolChoice, ToolReference};

/// `[a-zA-Z0-9_-]{1,64}`
pub(super) const TOOL_NAME: Pattern = Pattern {
    allows: |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'),
    longest: 64,
    stand_in: '_',
    fallback: "tool",
};

/// `[a-zA-Z0-9_.:-]{1,64}`
pub(super) const TOOL_USE_ID: Pattern = Pattern {
    allows: |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-'),
    longest: 64,
    stand_in: '_',
    fallback: "call",
};

pub(super) fn tool_name(view: View<'_>) -> Vec<Finding> {
    let mut places = definitions(view);
    let defined: HashSet<&str> = places.iter().map(|(_, name)| *name).collect();
    places.extend(mentions(view, &defined));
    out_of_pattern(&places, TOOL_NAME, Rule::ToolName, "a tool's name", "`_` and `-`")
}

pub(super) fn tool_use_id(view: View<'_>) -> Vec<Finding> {
    let places: Vec<_> = ids(view).collect();
    out_of_pattern(&places, TOOL_USE_ID, Rule::ToolUseId, "a call's id", "`_`, `.`, `:` and `-`")
}

/// Where the ids of calls stand.
pub(super) fn ids(view: View<'_>) -> impl Iterator<Item = (Path, &str)> {
    view.blocks().filter_map(|(m, b, block)| {
        let (member, id) = match block {
            ContentBlock::ToolUse(call) => ("toolUse", &call.tool_use_id),
            ContentBlock::ToolResult(result) => ("toolResult", &result.tool_use_id),
            _ => return None,
        };
        Some((Path::block(m, b).member(member).member("toolUseId"), id.as_str()))
    })
}

fn definitions(view: View<'_>) -> Vec<(Path, &str)> {
    let tools = view.tools().iter().enumerate();
    let defined = tools.filter_map(|(i, tool)| {
        named(tool).map(|(kind, name)| (Path::tool(i).member(kind).member("name"), name))
    });
    defined.collect()
}

/// Where tools are named but not defined. A name in a tool addition or removal
/// may be longer, so it counts only if it is of a tool defined here.
fn mentions<'a>(view: View<'a>, defined: &HashSet<&str>) -> Vec<(Path, &'a str)> {
    let choice = view.tool_config.and_then(|config| match config.tool_choice.as_ref()? {
        ToolChoice::Tool(tool) => {
            let path = Path::root("toolConfig").member("toolChoice").member("tool");
            Some((path.member("name"), tool.name.as_str()))
        }
        _ => None,
    });
    let reference = |path: Path, tool: &'a ToolReference| {
        let name = tool.name.as_deref().filter(|name| defined.contains(name))?;
        Some((path.member("tool").member("name"), name))
    };
    let blocks = view.blocks().filter_map(|(m, b, block)| {
        let path = Path::block(m, b);
        match block {
            ContentBlock::ToolUse(call) => {
                Some((path.member("toolUse").member("name"), call.name.as_str()))
            }
            ContentBlock::ToolAddition(added) => {
                reference(path.member("toolAddition"), &added.tool)
            }
            ContentBlock::ToolRemoval(removed) => {
                reference(path.member("toolRemoval"), &removed.tool)
            }
            _ => None,
        }
    });
    choice.into_iter().chain(blocks).collect()
}

fn out_of_pattern(
    places: &[(Path, &str)],
    pattern: Pattern,
    rule: Rule,
    what: &str,
    marks: &str,
) -> Vec<Finding> {
    let names = places.iter().map(|(_, name)| *name);
    let renames = pattern.renames(names, |name| pattern.fits(name), |name| pattern.clean(name));
    let bad = places.iter().filter_map(|(path, name)| Some((path, name, renames.get(name)?)));
    bad.map(|(path, name, renamed)| {
        let message = format!(
            "`{name}` is out of pattern: {what} is 1 to {} of letters and digits of ASCII, {marks}",
            pattern.longest
        );
        Finding::new(rule, path.clone(), message).fix([Edit::set_text(path.clone(), renamed)])
    })
    .collect()
}
