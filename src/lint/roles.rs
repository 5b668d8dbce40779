//! Who speaks when.

use super::finding::{Edit, Finding};
use super::path::Path;
use super::rule::Rule;
use super::view::View;
use crate::model::{ConversationRole, Message};

pub(super) fn none(view: View<'_>) -> Vec<Finding> {
    if !view.messages.is_empty() {
        return Vec::new();
    }
    let message = "there are no messages, which only a prompt of Prompt management allows";
    vec![Finding::new(Rule::NoMessages, Path::root("messages"), message)]
}

pub(super) fn first_not_user(view: View<'_>) -> Vec<Finding> {
    let message = "the conversation starts with the model's turn";
    assistant_at(view, 0, Rule::FirstMessageNotUser, message)
}

pub(super) fn last_not_user(view: View<'_>) -> Vec<Finding> {
    let last = view.messages.len().saturating_sub(1);
    let message = "the conversation ends with the model's turn";
    assistant_at(view, last, Rule::LastMessageNotUser, message)
}

fn assistant_at(view: View<'_>, m: usize, rule: Rule, wrong: &str) -> Vec<Finding> {
    let message = view.messages.get(m);
    if message.is_none_or(|message| message.role != ConversationRole::Assistant) {
        return Vec::new();
    }
    vec![Finding::new(rule, Path::message(m).member("role"), wrong)]
}

pub(super) fn do_not_alternate(view: View<'_>) -> Vec<Finding> {
    let pairs = view.messages.windows(2).enumerate();
    let same = pairs.filter(|(_, pair)| {
        pair[0].role == pair[1].role && pair[0].role != ConversationRole::System
    });
    same.map(|(first, pair)| {
        let path = Path::message(first + 1).member("role");
        let message = format!("two messages in a row are of the role {}", pair[0].role);
        let finding = Finding::new(Rule::RolesDoNotAlternate, path, message);
        if pair[1].extra.is_empty() { finding.fix(merge(first, pair)) } else { finding }
    })
    .collect()
}

/// Moves the content of the second message to the end of the first.
fn merge(first: usize, pair: &[Message]) -> Vec<Edit> {
    let at = pair[0].content.len();
    let moves = (0..pair[1].content.len())
        .map(|i| Edit::Move { from: Path::block(first + 1, 0), to: Path::block(first, at + i) });
    moves.chain([Edit::remove(Path::message(first + 1))]).collect()
}
