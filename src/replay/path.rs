//! Which parts of a body are compared.

use std::fmt;

use super::error::ReplayError;
use crate::model::Canonical;

/// What stands where nothing was picked, so that what was keeps its place. No
/// JSON reads as it.
const NOTHING: &str = "";

/// A path into JSON: of `JSONPath` (RFC 9535) the names, the indexes from the
/// start, and `*` for all, such as `$.messages[*].content`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// Of an object, written as a JSON string is.
    Member(String),
    /// Of an array.
    Item(usize),
    All,
}

impl Path {
    pub(super) fn parse(text: &str) -> Result<Self, ReplayError> {
        let mut parser = Parser { text, at: 0 };
        let steps = parser.steps().map_err(|mend| ReplayError::MatchPath {
            path: text.to_owned(),
            at: parser.at,
            mend,
        })?;
        Ok(Path { text: text.to_owned(), steps })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

struct Parser<'a> {
    text: &'a str,
    /// In bytes.
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn steps(&mut self) -> Result<Vec<Step>, &'static str> {
        if !self.take("$") {
            return Err("begin with `$`, which is the whole body");
        }
        let mut steps = Vec::new();
        while !self.rest().is_empty() {
            steps.push(self.step()?);
        }
        Ok(steps)
    }

    fn step(&mut self) -> Result<Step, &'static str> {
        if self.rest().starts_with("..") {
            return Err("`..` is not understood here: name each step, or take `*`");
        }
        if self.take(".") {
            return if self.take("*") { Ok(Step::All) } else { self.name() };
        }
        if !self.take("[") {
            return Err("go on with `.name`, `[0]`, `[*]` or `[\"name\"]`");
        }
        let step = match self.rest().chars().next() {
            Some('*') => {
                self.at += 1;
                Step::All
            }
            Some('0'..='9') => self.index()?,
            Some(quote @ ('"' | '\'')) => self.quoted(quote)?,
            Some(_) | None => {
                return Err("in brackets give `*`, an index from 0, or a name in quotes");
            }
        };
        if self.take("]") { Ok(step) } else { Err("close the bracket with `]`") }
    }

    fn name(&mut self) -> Result<Step, &'static str> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let rest = self.rest();
        let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default();
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err("give a name of letters, digits and `_`, or write it as `[\"name\"]`");
        }
        self.at += end;
        member(name)
    }

    fn index(&mut self) -> Result<Step, &'static str> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let index = rest.get(..end).unwrap_or_default().parse();
        let index = index.map_err(|_| "give an index that an array can have")?;
        self.at += end;
        Ok(Step::Item(index))
    }

    fn quoted(&mut self, quote: char) -> Result<Step, &'static str> {
        let inner = self.rest().get(1..).unwrap_or_default();
        let end = inner.find(quote).ok_or("close the quote")?;
        let name = inner.get(..end).unwrap_or_default();
        if name.contains('\\') {
            return Err("escapes are not understood here: write the name as it is");
        }
        self.at += end + 2;
        member(name)
    }
}

fn member(name: &str) -> Result<Step, &'static str> {
    serde_json::to_string(name).map(Step::Member).map_err(|_| "give another name")
}

/// The parts of a value that any of the paths leads to, each in its place.
pub(super) fn picked(value: &Canonical, paths: &[Path]) -> Canonical {
    let paths: Vec<_> = paths.iter().map(|path| path.steps.as_slice()).collect();
    pick(value, &paths).unwrap_or_else(nothing)
}

/// Whether nothing was picked here.
pub(super) fn is_nothing(value: &Canonical) -> bool {
    matches!(value, Canonical::Plain(text) if text == NOTHING)
}

fn nothing() -> Canonical {
    Canonical::Plain(NOTHING.to_owned())
}

fn pick(value: &Canonical, paths: &[&[Step]]) -> Option<Canonical> {
    if paths.is_empty() {
        return None;
    }
    if paths.iter().any(|path| path.is_empty()) {
        return Some(value.clone());
    }
    match value {
        Canonical::Object(members) => {
            let picked = members.iter().filter_map(|(name, value)| {
                let below = below(paths, |step| match step {
                    Step::Member(wanted) => wanted == name,
                    Step::Item(_) => false,
                    Step::All => true,
                });
                Some((name.clone(), pick(value, &below)?))
            });
            let picked: Vec<_> = picked.collect();
            (!picked.is_empty()).then_some(Canonical::Object(picked))
        }
        Canonical::Array(items) => {
            let picked = items.iter().enumerate().map(|(i, value)| {
                let below = below(paths, |step| match step {
                    Step::Member(_) => false,
                    Step::Item(wanted) => *wanted == i,
                    Step::All => true,
                });
                pick(value, &below)
            });
            let mut picked: Vec<_> = picked.collect();
            let used = picked.iter().rposition(Option::is_some)? + 1;
            picked.truncate(used);
            let picked = picked.into_iter().map(|item| item.unwrap_or_else(nothing));
            Some(Canonical::Array(picked.collect()))
        }
        Canonical::Plain(_) | Canonical::String(_) => None,
    }
}

/// What is left of the paths whose first step leads here.
fn below<'p>(paths: &[&'p [Step]], leads: impl Fn(&Step) -> bool) -> Vec<&'p [Step]> {
    let split = paths.iter().filter_map(|path| path.split_first());
    split.filter(|(first, _)| leads(first)).map(|(_, rest)| rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pick_of(json: &str, paths: &[&str]) -> String {
        let paths: Vec<_> = paths.iter().map(|path| Path::parse(path).unwrap()).collect();
        picked(&Canonical::read(json.as_bytes()).unwrap(), &paths).to_string()
    }

    #[test]
    fn what_the_paths_lead_to_is_picked_and_keeps_its_place() {
        let body = r#"{"a":[{"b":1,"c":2},{"c":3},{"b":[4]}],"d e":{"f":null,"é":5},"g":"x"}"#;
        for (paths, expected) in [
            (
                &["$"][..],
                r#"{"a":[{"b":1,"c":2},{"c":3},{"b":[4]}],"d e":{"f":null,"é":5},"g":"x"}"#,
            ),
            (&["$.a[*].b"], r#"{"a":[{"b":1},,{"b":[4]}]}"#),
            (&["$.a[1]"], r#"{"a":[,{"c":3}]}"#),
            (&["$.a[0].c", "$.g"], r#"{"a":[{"c":2}],"g":"x"}"#),
            (&["$['d e'].*", "$.g.h"], r#"{"d e":{"f":null,"é":5}}"#),
            (&["$[\"d e\"].é"], r#"{"d e":{"é":5}}"#),
            (&["$.*[2]"], r#"{"a":[,,{"b":[4]}]}"#),
            (&["$.none", "$[0]", "$.a[9]", "$.a.b"], ""),
        ] {
            assert_eq!(pick_of(body, paths), expected, "{paths:?}");
        }
    }

    #[test]
    fn what_is_no_path_is_told_where_and_how_to_mend_it() {
        for (text, place, mend) in [
            ("", 0, "begin with `$`"),
            ("messages", 0, "begin with `$`"),
            ("$messages", 1, "go on with"),
            ("$..text", 1, "`..` is not understood"),
            ("$.", 2, "give a name"),
            ("$.a-b", 3, "go on with"),
            ("$.1", 2, "give a name"),
            ("$.a[-1]", 4, "in brackets"),
            ("$.a[0:2]", 5, "close the bracket"),
            ("$.a[?@.b]", 4, "in brackets"),
            ("$.a[", 4, "in brackets"),
            ("$.a[99999999999999999999]", 4, "an array can have"),
            ("$['a]", 2, "close the quote"),
            ("$['a\\'b']", 2, "escapes"),
            ("$.a ", 3, "go on with"),
        ] {
            match Path::parse(text).unwrap_err() {
                ReplayError::MatchPath { path, at, mend: told } => {
                    assert_eq!((path.as_str(), at), (text, place));
                    assert!(told.contains(mend), "{text}: {told}");
                }
                other => panic!("{other}"),
            }
        }
    }
}
