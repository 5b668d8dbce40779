//! Where in a request's JSON something stands.

use std::fmt::{self, Write as _};

/// A place in the JSON of a request, such as `messages[2].content[0].text`.
///
/// [`Display`](fmt::Display) writes it that way, [`pointer`](Path::pointer) as
/// a JSON pointer. Paths are ordered step by step: members by name, items by
/// index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Step>);

/// A step of a [`Path`] into a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into the member of this name.
    Member(&'static str),
    /// Into the item of this index, the first being 0.
    Index(usize),
}

impl Path {
    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The same place as a JSON pointer (RFC 6901): `/messages/2/content/0/text`.
    pub fn pointer(&self) -> String {
        let mut out = String::new();
        for step in &self.0 {
            // No member of Bedrock's has a `~` or `/` that would need an escape.
            let _ = match step {
                Step::Member(name) => write!(out, "/{name}"),
                Step::Index(index) => write!(out, "/{index}"),
            };
        }
        out
    }

    /// Whether `self` is `other` or stands around it.
    pub(super) fn holds(&self, other: &Path) -> bool {
        other.0.starts_with(&self.0)
    }

    pub(super) fn member(mut self, name: &'static str) -> Self {
        self.0.push(Step::Member(name));
        self
    }

    pub(super) fn at(mut self, index: usize) -> Self {
        self.0.push(Step::Index(index));
        self
    }

    pub(super) fn root(name: &'static str) -> Self {
        Path(vec![Step::Member(name)])
    }

    /// `messages[message]`
    pub(super) fn message(message: usize) -> Self {
        Path::root("messages").at(message)
    }

    /// `messages[message].content[block]`
    pub(super) fn block(message: usize, block: usize) -> Self {
        Path::message(message).member("content").at(block)
    }

    /// `messages[message].content[block].toolResult.content[part]`
    pub(super) fn result_part(message: usize, block: usize, part: usize) -> Self {
        Path::block(message, block).member("toolResult").member("content").at(part)
    }

    /// `system[block]`
    pub(super) fn system(block: usize) -> Self {
        Path::root("system").at(block)
    }

    /// `toolConfig.tools[tool]`
    pub(super) fn tool(tool: usize) -> Self {
        Path::root("toolConfig").member("tools").at(tool)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) if i == 0 => f.write_str(name)?,
                Step::Member(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_with_brackets_and_as_a_pointer() {
        let path = Path::block(2, 0).member("text");
        assert_eq!(path.to_string(), "messages[2].content[0].text");
        assert_eq!(path.pointer(), "/messages/2/content/0/text");
    }

    #[test]
    fn items_are_ordered_by_index_and_after_what_holds_them() {
        let order = [
            Path::message(2),
            Path::block(2, 0),
            Path::block(2, 9),
            Path::block(2, 10),
            Path::message(10),
        ];
        assert!(order.is_sorted());
        assert!(order[0].holds(&order[3]) && !order[1].holds(&order[3]));
    }
}
