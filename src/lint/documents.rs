//! Documents: their names, their number and the text beside them.

use std::collections::HashSet;

use serde_json::json;

use super::clean::Pattern;
use super::finding::{Edit, Finding};
use super::path::Path;
use super::rule::Rule;
use super::view::View;
use crate::model::ContentBlock;

/// The most documents of a request.
const MOST: usize = 5;

const NAME: Pattern = Pattern {
    allows: |c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '(' | ')' | '[' | ']' | '_'),
    longest: 200,
    stand_in: ' ',
    fallback: "document",
};

fn fits(name: &str) -> bool {
    NAME.fits(name) && !name.contains("  ")
}

fn clean(name: &str) -> String {
    let spaced = name.replace(|c| !(NAME.allows)(c), " ");
    let words: Vec<&str> = spaced.split(' ').filter(|word| !word.is_empty()).collect();
    NAME.clean(&words.join(" "))
}

pub(super) fn name(view: View<'_>) -> Vec<Finding> {
    let message = "is out of pattern: a document's name is 1 to 200 of letters and digits of \
                   ASCII, single spaces, `-`, `(`, `)`, `[` and `]`";
    renamed(view, Rule::DocumentName, message, fits, clean)
}

pub(super) fn underscore(view: View<'_>) -> Vec<Finding> {
    let fits = |name: &str| !fits(name) || !name.contains('_');
    let message = "has an underscore, which AWS does not document as allowed";
    renamed(view, Rule::DocumentNameUnderscore, message, fits, |name| name.replace('_', "-"))
}

fn renamed(
    view: View<'_>,
    rule: Rule,
    wrong: &str,
    fits: impl Fn(&str) -> bool,
    clean: impl Fn(&str) -> String,
) -> Vec<Finding> {
    let places: Vec<_> = view.documents().collect();
    let renames = NAME.renames(places.iter().map(|(_, d)| d.name.as_str()), fits, clean);
    let bad = places
        .into_iter()
        .filter_map(|(path, document)| Some((path, &document.name, renames.get(&*document.name)?)));
    bad.map(|(path, name, renamed)| {
        let path = path.member("name");
        let edit = Edit::set_text(path.clone(), renamed);
        Finding::new(rule, path, format!("`{name}` {wrong}")).fix([edit])
    })
    .collect()
}

pub(super) fn duplicate_name(view: View<'_>) -> Vec<Finding> {
    let mut taken: HashSet<String> =
        view.documents().map(|(_, document)| document.name.as_str().to_owned()).collect();
    let mut seen = HashSet::new();
    let again = view.documents().filter(|(_, document)| !seen.insert(document.name.as_str()));
    again
        .map(|(path, document)| {
            let path = path.member("name");
            let message = format!("another document has the name `{}`", document.name);
            let edit = Edit::set_text(path.clone(), &NAME.unique(&document.name, &mut taken));
            Finding::new(Rule::DuplicateDocumentName, path, message).fix([edit])
        })
        .collect()
}

pub(super) fn without_text(view: View<'_>) -> Vec<Finding> {
    let messages = view.messages.iter().enumerate();
    messages
        .filter_map(|(m, message)| {
            let is_text = |block: &ContentBlock| matches!(block, ContentBlock::Text(_));
            let is_document = |block: &ContentBlock| matches!(block, ContentBlock::Document(_));
            let b = message.content.iter().position(is_document)?;
            if message.content.iter().any(is_text) {
                return None;
            }
            let path = Path::block(m, b);
            let edit = Edit::insert(path.clone(), json!({"text": "A document is attached."}));
            let wrong = "the message has a document and no text";
            Some(Finding::new(Rule::DocumentWithoutText, path, wrong).fix([edit]))
        })
        .collect()
}

pub(super) fn too_many(view: View<'_>) -> Vec<Finding> {
    let surplus = view.documents().nth(MOST).map(|(path, _)| path);
    let count = view.documents().count();
    let message = format!("the request has {count} documents and may have {MOST}");
    surplus.map(|path| Finding::new(Rule::TooManyDocuments, path, message)).into_iter().collect()
}
