//! The floor plan holds: a file names lower floors and its own room only.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Rooms and their floors. A room may name rooms of lower floors, never
/// another room of its own.
const FLOORS: &[(&str, u8)] = &[
    ("auth", 0),
    ("endpoint", 0),
    ("eventstream", 0),
    ("fault", 0),
    ("unique", 0),
    ("model", 0),
    ("lint", 1),
    ("operation", 1),
    ("stream", 1),
    ("tape", 1),
    ("client", 2),
    ("serve", 2),
    ("import", 3),
    ("replay", 3),
    ("record", 4),
];

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// A path in the source: the module it stands in, its line, its segments.
struct Named {
    line: usize,
    /// From the crate's root.
    target: Vec<String>,
}

/// Every `crate::` and `super::` path in `tokens`, resolved from the root.
fn paths(tokens: TokenStream, module: &[String], found: &mut Vec<Named>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut i = 0;
    while i < tokens.len() {
        match &tokens[i] {
            TokenTree::Ident(word) if *word == "mod" => {
                if let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) =
                    (tokens.get(i + 1), tokens.get(i + 2))
                {
                    let inner: Vec<_> = module.iter().cloned().chain([name.to_string()]).collect();
                    paths(body.stream(), &inner, found);
                    i += 2;
                }
            }
            TokenTree::Ident(word) if *word == "crate" || *word == "super" => {
                let line = word.span().start().line;
                let mut base = if *word == "crate" { Vec::new() } else { parent(module) };
                i = follow(&tokens, i, line, &mut base, found);
            }
            TokenTree::Group(group) => paths(group.stream(), module, found),
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        i += 1;
    }
}

fn parent(module: &[String]) -> Vec<String> {
    module[..module.len().saturating_sub(1)].to_vec()
}

/// Follows `::segment` from the token at `i`; gives the last token of the path.
fn follow(
    tokens: &[TokenTree],
    mut i: usize,
    line: usize,
    base: &mut Vec<String>,
    found: &mut Vec<Named>,
) -> usize {
    let is_colon =
        |t: Option<&TokenTree>| matches!(t, Some(TokenTree::Punct(p)) if p.as_char() == ':');
    while is_colon(tokens.get(i + 1)) && is_colon(tokens.get(i + 2)) {
        match tokens.get(i + 3) {
            Some(TokenTree::Ident(word)) if *word == "super" => *base = parent(base),
            Some(TokenTree::Ident(word)) => base.push(word.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                branches(group.stream(), line, base, found);
                return i + 3;
            }
            _ => break,
        }
        i += 3;
    }
    found.push(Named { line, target: base.clone() });
    i
}

/// The branches of `use path::{a, b::c}`.
fn branches(tokens: TokenStream, line: usize, base: &[String], found: &mut Vec<Named>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut starts = true;
    for (i, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Punct(p) if p.as_char() == ',' => starts = true,
            TokenTree::Ident(word) if starts => {
                starts = false;
                let mut branch = base.to_vec();
                if *word != "self" {
                    branch.push(word.to_string());
                }
                follow(&tokens, i, line, &mut branch, found);
            }
            _ => {}
        }
    }
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// `src/model/shape/mod.rs` is the module `model::shape`.
fn module_of(file: &Path) -> Vec<String> {
    let mut module: Vec<_> =
        file.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if module.last().is_some_and(|last| last == "mod" || last == "lib") {
        module.pop();
    }
    module
}

fn violations(file: &Path, source: &str) -> Vec<String> {
    let module = module_of(file);
    let Some(room) = module.first() else { return Vec::new() };
    let own = floor(room)
        .unwrap_or_else(|| panic!("{}: `{room}` has no floor in the plan", file.display()));
    let mut found = Vec::new();
    paths(source.parse().unwrap(), &module, &mut found);
    found
        .into_iter()
        .filter_map(|named| {
            let target = named.target.first()?;
            let there = floor(target)?;
            let wrong = target != room && there >= own;
            wrong.then(|| {
                format!(
                    "{}:{}: floor {own} names `{target}` on floor {there}",
                    file.display(),
                    named.line
                )
            })
        })
        .collect()
}

#[test]
fn every_file_names_lower_floors_and_its_own_room_only() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let (mut checked, mut wrong) = (0, Vec::new());
    for path in files {
        let file = path.strip_prefix(&src).unwrap();
        // The command line is the top floor, on the library's public face.
        if file.starts_with("bin") {
            continue;
        }
        wrong.extend(violations(file, &fs::read_to_string(&path).unwrap()));
        checked += 1;
    }
    assert!(checked > 40, "only {checked} files were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_check_sees_every_way_to_name_a_room() {
    let file = Path::new("stream/event.rs");
    for wrong in [
        "use crate::operation::Request;",
        "use crate::{fault, operation::Request};",
        "use super::super::operation;",
        "fn f() { crate::client::go() }",
        "mod tests { use super::super::super::tape::Tape; }",
        "macro_rules! m { () => { $crate::serve::x() } }",
    ] {
        assert_eq!(violations(file, wrong).len(), 1, "{wrong}");
    }
    for right in [
        "use crate::eventstream::Message;",
        "use super::error::StreamError;",
        "mod tests { use super::super::decoder; }",
        "// crate::client\nconst S: &str = \"crate::client\";",
    ] {
        assert!(violations(file, right).is_empty(), "{right}");
    }
}
