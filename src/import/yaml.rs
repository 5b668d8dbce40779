//! YAML as a tree, with the line of each node.
//!
//! Built from a parser's events: what maps YAML to types of serde's does not
//! tell `!!binary` from text where both may stand.

use std::collections::HashMap;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

/// How deep lists and mappings may be in each other.
const MAX_DEPTH: usize = 128;

/// The most JSON that is written: an alias says much in few bytes.
const MAX_JSON: usize = 32 << 20;

/// What is wrong, and on which line, counted from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) line: usize,
    pub(super) reason: String,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) line: usize,
    value: Value,
}

#[derive(Debug)]
enum Value {
    /// Without quotes, so that it may be a number or null.
    Plain(String),
    Text(String),
    /// Of `!!binary`, as it stands there.
    Binary(String),
    List(Vec<Rc<Node>>),
    Mapping(Vec<(String, Rc<Node>)>),
}

impl Node {
    /// The member of a mapping, if it is one and there.
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        let Value::Mapping(members) = &self.value else {
            return None;
        };
        let found = members.iter().find(|(known, _)| known == name);
        found.map(|(_, node)| &**node).filter(|node| !node.is_null())
    }

    /// Name and value of each member; none where it is no mapping.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &Node)> {
        let members = if let Value::Mapping(members) = &self.value { &**members } else { &[] };
        members.iter().map(|(name, node)| (name.as_str(), &**node))
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Option<&[Rc<Node>]> {
        if let Value::List(items) = &self.value { Some(items) } else { None }
    }

    pub(super) fn is_mapping(&self) -> bool {
        matches!(self.value, Value::Mapping(_))
    }

    pub(super) fn is_binary(&self) -> bool {
        matches!(self.value, Value::Binary(_))
    }

    fn is_null(&self) -> bool {
        matches!(&self.value, Value::Plain(text) if is_null(text))
    }

    /// The bytes of a scalar: those of `!!binary` decoded.
    pub(super) fn bytes(&self) -> Result<Bytes, Problem> {
        match &self.value {
            Value::Plain(text) if is_null(text) => Ok(Bytes::new()),
            Value::Plain(text) | Value::Text(text) => Ok(text.clone().into()),
            Value::Binary(base64) => {
                let base64: String = base64.split_ascii_whitespace().collect();
                let decoded = STANDARD.decode(base64);
                decoded
                    .map(Bytes::from)
                    .map_err(|error| self.problem(format!("not base64: {error}")))
            }
            Value::List(_) => Err(self.problem("a list, where text or !!binary is to be")),
            Value::Mapping(_) => Err(self.problem("a mapping, where text or !!binary is to be")),
        }
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Result<String, Problem> {
        let bytes = self.bytes()?;
        String::from_utf8(bytes.into()).map_err(|_| self.problem("!!binary that is no UTF-8"))
    }

    /// The JSON that was parsed and written as YAML, without white space.
    pub(super) fn json(&self) -> Result<String, Problem> {
        let mut json = String::new();
        self.write_json(&mut json)?;
        Ok(json)
    }

    fn write_json(&self, json: &mut String) -> Result<(), Problem> {
        if json.len() > MAX_JSON {
            return Err(self.problem("its aliases make more than 32 MiB of it"));
        }
        match &self.value {
            Value::Plain(text) => json.push_str(&plain_json(text)),
            Value::Text(text) => json.push_str(&quoted(text)),
            Value::Binary(_) => return Err(self.problem("!!binary, which JSON has not")),
            Value::List(items) => {
                json.push('[');
                for (index, item) in items.iter().enumerate() {
                    json.push_str(if index > 0 { "," } else { "" });
                    item.write_json(json)?;
                }
                json.push(']');
            }
            Value::Mapping(members) => {
                json.push('{');
                for (index, (name, member)) in members.iter().enumerate() {
                    json.push_str(if index > 0 { "," } else { "" });
                    json.push_str(&quoted(name));
                    json.push(':');
                    member.write_json(json)?;
                }
                json.push('}');
            }
        }
        Ok(())
    }

    pub(super) fn problem(&self, reason: impl Into<String>) -> Problem {
        Problem { line: self.line, reason: reason.into() }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// A plain scalar by YAML's core schema: null, a boolean, a number or text.
fn plain_json(text: &str) -> String {
    match text {
        text if is_null(text) => "null".to_owned(),
        "true" | "True" | "TRUE" => "true".to_owned(),
        "false" | "False" | "FALSE" => "false".to_owned(),
        // As it stands, where JSON would write it the same way.
        text if serde_json::from_str::<serde_json::Number>(text).is_ok() => text.to_owned(),
        text => number(text).unwrap_or_else(|| quoted(text)),
    }
}

/// A number that JSON writes in another way, such as `+1` or `1.`.
fn number(text: &str) -> Option<String> {
    let is_number = |char: char| char.is_ascii_digit() || "+-.eE".contains(char);
    let digits = text.chars().all(is_number) && text.contains(|char: char| char.is_ascii_digit());
    let number = digits.then(|| text.parse::<f64>().ok()).flatten();
    number.and_then(serde_json::Number::from_f64).map(|number| number.to_string())
}

/// A list or mapping whose end has not come.
struct Open {
    node: Node,
    anchor: usize,
    /// The name of the member whose value comes next.
    name: Option<String>,
}

#[derive(Default)]
struct Tree {
    root: Option<Rc<Node>>,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
}

/// Reads one document.
pub(super) fn read(text: &str) -> Result<Rc<Node>, Problem> {
    let mut tree = Tree::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Problem {
            line: error.marker().line(),
            reason: format!("no YAML: {}", error.info()),
        })?;
        tree.take(event, span.start.line())?;
    }
    tree.root.ok_or(Problem { line: 1, reason: "the document is empty".to_owned() })
}

impl Tree {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(text.into_owned(), style, tag.as_deref());
                self.place(Rc::new(Node { line, value }), anchor)
            }
            Event::Alias(anchor) => {
                let reason = "an alias of what it stands in, or of nothing";
                let problem = Problem { line, reason: reason.to_owned() };
                let node = self.anchors.get(&anchor).cloned().ok_or(problem)?;
                self.place(node, 0)
            }
            Event::SequenceStart(anchor, _) => self.open(line, Value::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => self.open(line, Value::Mapping(Vec::new()), anchor),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open { node, anchor, .. }) => self.place(Rc::new(node), anchor),
                None => Ok(()),
            },
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn open(&mut self, line: usize, value: Value, anchor: usize) -> Result<(), Problem> {
        let node = Node { line, value };
        if self.open.len() == MAX_DEPTH {
            return Err(node.problem(format!("nested over {MAX_DEPTH} deep")));
        }
        self.open.push(Open { node, anchor, name: None });
        Ok(())
    }

    fn place(&mut self, node: Rc<Node>, anchor: usize) -> Result<(), Problem> {
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        let Some(Open { node: parent, name, .. }) = self.open.last_mut() else {
            if self.root.is_some() {
                return Err(node.problem("a second document: a cassette is one"));
            }
            self.root = Some(node);
            return Ok(());
        };
        match (&mut parent.value, name.take()) {
            (Value::Mapping(members), Some(name)) => members.push((name, node)),
            (Value::Mapping(_), None) => *name = Some(node.text()?),
            (Value::List(items), _) => items.push(node),
            // Nothing is opened in a scalar.
            (Value::Plain(_) | Value::Text(_) | Value::Binary(_), _) => {}
        }
        Ok(())
    }
}

fn scalar(text: String, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    match tag {
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "binary" => Value::Binary(text),
        None if style == ScalarStyle::Plain => Value::Plain(text),
        // `!!python/unicode` and its like are text.
        Some(_) | None => Value::Text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_was_written_as_yaml_comes_back() {
        let yaml = "a: 1\nb: [0.0, 1e-05, -7, '1', true, ~, .5, 1.]\nc:\n  d: |-\n    x\n\n    y\n  e: {}\n\
                    f: &x [é]\ng: *x\nh: 2025-01-01\ni: \"\\u0041\"\n";
        assert_eq!(
            read(yaml).unwrap().json().unwrap(),
            r#"{"a":1,"b":[0.0,1e-05,-7,"1",true,null,0.5,1.0],"c":{"d":"x\n\ny","e":{}},"f":["é"],"g":["é"],"h":"2025-01-01","i":"A"}"#
        );
    }

    #[test]
    fn binary_is_bytes_and_not_text() {
        let node =
            read("a: !!binary |\n  aGVs\n  bG8=\nb: aGVsbG8=\nc: !!python/unicode 'x'\n").unwrap();
        assert_eq!(node.get("a").unwrap().bytes().unwrap(), "hello");
        assert_eq!(node.get("b").unwrap().bytes().unwrap(), "aGVsbG8=");
        assert_eq!(node.get("c").unwrap().text().unwrap(), "x");
        assert!(node.get("a").unwrap().is_binary() && !node.get("b").unwrap().is_binary());
    }

    #[test]
    fn what_is_malformed_is_told_by_its_line() {
        let deep = "[".repeat(200);
        for (yaml, line, reason) in [
            ("a: 1\nb: [", 2, "no YAML: "),
            ("a: &x\n  - *x\n", 2, "an alias of what it stands in"),
            ("a: 1\n---\nb: 2\n", 3, "a second document"),
            ("", 1, "the document is empty"),
            ("? [a]\n: b\n", 1, "a list, where text"),
            (&deep, 1, "nested over 128 deep"),
        ] {
            let problem = read(yaml).map(drop).unwrap_err();
            assert!(problem.reason.starts_with(reason), "{yaml}: {problem:?}");
            assert!(problem.line >= line, "{yaml}: {problem:?}");
        }
        let node = read("a: !!binary '*'").unwrap();
        assert_eq!(node.get("a").unwrap().bytes().unwrap_err().line, 1);
    }

    #[test]
    fn aliases_of_aliases_are_not_written_without_end() {
        use std::fmt::Write;
        let mut yaml = format!("- &a0 {}\n", "x".repeat(10_000));
        for n in 1..40 {
            let last = n - 1;
            writeln!(yaml, "- &a{n} [*a{last}, *a{last}]").unwrap();
        }
        let reason = read(&yaml).unwrap().json().unwrap_err().reason;
        assert!(reason.starts_with("its aliases make more than"), "{reason}");
    }
}
