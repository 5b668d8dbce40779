//! Where cache points may stand, and how many.

use super::finding::{Edit, Finding};
use super::path::Path;
use super::rule::Rule;
use super::text::{is_cache_point, placeholder};
use super::view::View;
use crate::model::ContentBlock;

/// The most cache points of a request.
const MOST: usize = 4;

pub(super) fn after_reasoning(view: View<'_>) -> Vec<Finding> {
    let points = view.blocks().filter(|(_, _, block)| is_cache_point(block));
    points
        .filter_map(|(m, b, _)| {
            let content = &view.messages[m].content;
            let before = content[..b].iter().rev().find(|block| !is_cache_point(block))?;
            if !is_reasoning(before) {
                return None;
            }
            let message = "the cache point follows reasoning";
            let path = Path::block(m, b);
            let edit = before_reasoning(content, m, b);
            Some(Finding::new(Rule::CachePointAfterReasoning, path, message).fix([edit]))
        })
        .collect()
}

/// Moves the cache point `b` before the reasoning that it follows; removes it
/// where none is of use there.
fn before_reasoning(content: &[ContentBlock], m: usize, b: usize) -> Edit {
    let run =
        content[..b].iter().rev().take_while(|block| is_reasoning(block) || is_cache_point(block));
    let start = b - run.count();
    if start == 0 || is_cache_point(&content[start]) {
        return Edit::remove(Path::block(m, b));
    }
    Edit::Move { from: Path::block(m, b), to: Path::block(m, start) }
}

fn is_reasoning(block: &ContentBlock) -> bool {
    matches!(block, ContentBlock::ReasoningContent(_))
}

pub(super) fn first(view: View<'_>) -> Vec<Finding> {
    let first = view
        .blocks()
        .filter(|(m, b, _)| view.messages[*m].content[..=*b].iter().all(is_cache_point));
    first
        .map(|(m, b, _)| {
            let path = Path::block(m, b);
            let is_alone = view.messages[m].content.iter().all(is_cache_point);
            let edit = if is_alone && b == 0 {
                Edit::insert(path.clone(), placeholder())
            } else {
                Edit::remove(path.clone())
            };
            let message = "nothing stands before the cache point in its message";
            Finding::new(Rule::CachePointFirst, path, message).fix([edit])
        })
        .collect()
}

pub(super) fn too_many(view: View<'_>) -> Vec<Finding> {
    let points: Vec<Path> = view.cache_points().map(|(path, _)| path).collect();
    let surplus = points.len().saturating_sub(MOST);
    let message = format!("the request has {} cache points and may have {MOST}", points.len());
    let lists = ["messages", "system", "toolConfig"].map(Path::root);
    let order = lists.iter().flat_map(|list| points.iter().filter(|path| list.holds(path)));
    order
        .take(surplus)
        .map(|path| {
            let edit = Edit::remove(path.clone());
            Finding::new(Rule::TooManyCachePoints, path.clone(), message.as_str()).fix([edit])
        })
        .collect()
}
