//! Makes an edit in a typed request.

use serde::de::DeserializeOwned;

use super::finding::Edit;
use super::path::Path;
use super::path::Step::{self, Index, Member};
use super::view::Parts;
use crate::model::{
    ContentBlock, Document, Message, SystemContentBlock, Tool, ToolChoice, ToolInputSchema,
    ToolResultContentBlock,
};

/// The lists that edits reach, and one item of such a list.
macro_rules! lists {
    ($($Name:ident($Item:ty),)+) => {
        enum List<'a> {
            $($Name(&'a mut Vec<$Item>),)+
        }

        enum Item {
            $($Name(Box<$Item>),)+
        }

        impl List<'_> {
            /// `value` as an item of this list.
            fn read(&self, value: &Document) -> Option<Item> {
                match self {
                    $(List::$Name(_) => Some(Item::$Name(value.to().ok()?)),)+
                }
            }

            fn remove(self, index: usize) -> Option<Item> {
                match self {
                    $(List::$Name(list) => {
                        (index < list.len()).then(|| Item::$Name(list.remove(index).into()))
                    })+
                }
            }

            /// Whether `item` could be put at `index`.
            fn takes(&self, index: usize, item: &Item) -> bool {
                match (self, item) {
                    $((List::$Name(list), Item::$Name(_)) => index <= list.len(),)+
                    _ => false,
                }
            }

            fn insert(self, index: usize, item: Item) -> Option<()> {
                match (self, item) {
                    $((List::$Name(list), Item::$Name(item)) if index <= list.len() => {
                        list.insert(index, *item);
                        Some(())
                    })+
                    _ => None,
                }
            }
        }
    };
}

lists! {
    Messages(Message),
    Content(ContentBlock),
    Results(ToolResultContentBlock),
    System(SystemContentBlock),
    Tools(Tool),
}

impl Parts<'_> {
    /// Makes the edit; `None`, and nothing changed, where its place is not
    /// there or its value is of another shape.
    pub(super) fn apply(&mut self, edit: &Edit) -> Option<()> {
        match edit {
            Edit::Remove { path } => self.remove(path),
            Edit::Set { path, value } => self.set(path, value),
            Edit::Insert { path, value } => {
                let (list, index) = self.list(path)?;
                let item = list.read(value)?;
                list.insert(index, item)
            }
            Edit::Move { from, to } => self.shift(from, to),
        }
    }

    fn remove(&mut self, path: &Path) -> Option<()> {
        match path.steps() {
            [Member("toolConfig")] => self.tool_config.take().map(drop),
            [
                Member("toolConfig"),
                Member("tools"),
                Index(i),
                Member("toolSpec"),
                Member("description"),
            ] => match self.tool(*i)? {
                Tool::ToolSpec(spec) => spec.description.take().map(drop),
                _ => None,
            },
            _ => {
                let (list, index) = self.list(path)?;
                list.remove(index).map(drop)
            }
        }
    }

    fn shift(&mut self, from: &Path, to: &Path) -> Option<()> {
        let (source, index) = self.list(from)?;
        let item = source.remove(index)?;
        let fits = self.list(to).is_some_and(|(list, index)| list.takes(index, &item));
        // Where it does not fit, it goes back to where it was.
        let (list, index) = self.list(if fits { to } else { from })?;
        list.insert(index, item)?;
        fits.then_some(())
    }

    fn set(&mut self, path: &Path, value: &Document) -> Option<()> {
        match path.steps() {
            [Member("toolConfig")] => {
                *self.tool_config = Some(value.to().ok()?);
                Some(())
            }
            [Member("toolConfig"), Member("toolChoice"), Member("tool"), Member("name")] => {
                match self.tool_config.as_mut()?.tool_choice.as_mut()? {
                    ToolChoice::Tool(choice) => put(&mut choice.name, value),
                    _ => None,
                }
            }
            [Member("toolConfig"), Member("tools"), Index(i), rest @ ..] => {
                set_in_tool(self.tool(*i)?, rest, value)
            }
            [Member("system"), Index(i), Member("cachePoint"), Member("ttl")] => {
                match self.system.as_mut()?.get_mut(*i)? {
                    SystemContentBlock::CachePoint(point) => put_some(&mut point.ttl, value),
                    _ => None,
                }
            }
            [Member("messages"), Index(m), Member("content"), Index(b), rest @ ..] => {
                set_in_block(self.block(*m, *b)?, rest, value)
            }
            _ => None,
        }
    }

    /// The list that `path` names an item of, and the item's index.
    fn list(&mut self, path: &Path) -> Option<(List<'_>, usize)> {
        let (Index(index), parent) = path.steps().split_last()? else { return None };
        let list = match parent {
            [Member("messages")] => List::Messages(self.messages.as_mut()?),
            [Member("messages"), Index(m), Member("content")] => {
                List::Content(&mut self.messages.as_mut()?.get_mut(*m)?.content)
            }
            [
                Member("messages"),
                Index(m),
                Member("content"),
                Index(b),
                Member("toolResult"),
                Member("content"),
            ] => match self.block(*m, *b)? {
                ContentBlock::ToolResult(result) => List::Results(&mut result.content),
                _ => return None,
            },
            [Member("system")] => List::System(self.system.as_mut()?),
            [Member("toolConfig"), Member("tools")] => {
                List::Tools(&mut self.tool_config.as_mut()?.tools)
            }
            _ => return None,
        };
        Some((list, *index))
    }

    fn block(&mut self, m: usize, b: usize) -> Option<&mut ContentBlock> {
        self.messages.as_mut()?.get_mut(m)?.content.get_mut(b)
    }

    fn tool(&mut self, i: usize) -> Option<&mut Tool> {
        self.tool_config.as_mut()?.tools.get_mut(i)
    }
}

fn set_in_tool(tool: &mut Tool, path: &[Step], value: &Document) -> Option<()> {
    match (tool, path) {
        (Tool::ToolSpec(spec), [Member("toolSpec"), Member("name")]) => put(&mut spec.name, value),
        (Tool::ToolSpec(spec), [Member("toolSpec"), Member("inputSchema"), Member("json")]) => {
            match &mut spec.input_schema {
                ToolInputSchema::Json(schema) => put(schema, value),
                ToolInputSchema::Unknown(_) => None,
            }
        }
        (Tool::SystemTool(tool), [Member("systemTool"), Member("name")]) => {
            put(&mut tool.name, value)
        }
        (Tool::CachePoint(point), [Member("cachePoint"), Member("ttl")]) => {
            put_some(&mut point.ttl, value)
        }
        _ => None,
    }
}

fn set_in_block(block: &mut ContentBlock, path: &[Step], value: &Document) -> Option<()> {
    match (block, path) {
        (ContentBlock::Text(text), [Member("text")]) => put(text, value),
        (ContentBlock::ToolUse(call), [Member("toolUse"), Member(member)]) => match *member {
            "toolUseId" => put(&mut call.tool_use_id, value),
            "name" => put(&mut call.name, value),
            "input" => put(&mut call.input, value),
            _ => None,
        },
        (ContentBlock::ToolResult(result), [Member("toolResult"), Member("toolUseId")]) => {
            put(&mut result.tool_use_id, value)
        }
        (
            ContentBlock::ToolResult(result),
            [Member("toolResult"), Member("content"), Index(p), rest @ ..],
        ) => set_in_part(result.content.get_mut(*p)?, rest, value),
        (ContentBlock::Image(image), [Member("image"), Member("format")]) => {
            put(&mut image.format, value)
        }
        (ContentBlock::Document(document), [Member("document"), Member("name")]) => {
            put(&mut document.name, value)
        }
        (ContentBlock::CachePoint(point), [Member("cachePoint"), Member("ttl")]) => {
            put_some(&mut point.ttl, value)
        }
        (
            ContentBlock::ToolAddition(change),
            [Member("toolAddition"), Member("tool"), Member("name")],
        ) => put_some(&mut change.tool.name, value),
        (
            ContentBlock::ToolRemoval(change),
            [Member("toolRemoval"), Member("tool"), Member("name")],
        ) => put_some(&mut change.tool.name, value),
        _ => None,
    }
}

fn set_in_part(part: &mut ToolResultContentBlock, path: &[Step], value: &Document) -> Option<()> {
    match (part, path) {
        (ToolResultContentBlock::Image(image), [Member("image"), Member("format")]) => {
            put(&mut image.format, value)
        }
        (ToolResultContentBlock::Document(document), [Member("document"), Member("name")]) => {
            put(&mut document.name, value)
        }
        _ => None,
    }
}

fn put<T: DeserializeOwned>(slot: &mut T, value: &Document) -> Option<()> {
    *slot = value.to().ok()?;
    Some(())
}

fn put_some<T: DeserializeOwned>(slot: &mut Option<T>, value: &Document) -> Option<()> {
    *slot = Some(value.to().ok()?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ConverseRequest;
    use serde_json::json;

    #[test]
    fn an_edit_that_does_not_fit_changes_nothing() {
        let request = json!({
            "messages": [{"role": "user", "content": [{"text": "Hello"}]}],
            "system": [{"text": "Be kind."}],
        });
        let text = |path: Path| path.member("text");
        for edit in [
            Edit::remove(Path::block(0, 1)),
            Edit::remove(Path::tool(0)),
            Edit::set_text(text(Path::block(1, 0)), "a"),
            Edit::set(text(Path::block(0, 0)), json!(1)),
            Edit::set_text(Path::block(0, 0).member("toolUse").member("name"), "a"),
            Edit::insert(Path::block(0, 2), json!({"text": "a"})),
            Edit::insert(Path::message(0), json!({"text": "a"})),
            Edit::Move { from: Path::block(0, 0), to: Path::block(0, 1) },
            Edit::Move { from: Path::block(0, 0), to: Path::system(0) },
            Edit::Move { from: Path::block(0, 0), to: Path::block(1, 0) },
        ] {
            let mut typed: ConverseRequest = serde_json::from_value(request.clone()).unwrap();
            assert_eq!(Parts::of(&mut typed).apply(&edit), None, "{edit}");
            assert_eq!(serde_json::to_value(&typed).unwrap(), request, "{edit}");
        }
    }
}
