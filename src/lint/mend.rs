//! Makes proposed changes until there is nothing left to propose.

use super::finding::{Change, Edit, Finding, Fix};
use super::path::{Path, Step};
use super::rule::Rule;
use super::view::Parts;

/// How often all findings are looked for again. A mended rule is quiet after a
/// few rounds; the cap is there so that mending ends whatever happens.
const MOST_ROUNDS: usize = 10_000;

/// Mends one rule.
pub(super) fn mend_rule(parts: &mut Parts<'_>, rule: Rule) -> Vec<Change> {
    let mut changes = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let made = round(parts, rule.find(parts.view()));
        if made.is_empty() {
            break;
        }
        changes.extend(made);
    }
    changes
}

/// Mends `rules` until none of them finds anything more to mend: what mends
/// one may break another.
pub(super) fn mend_rules(parts: &mut Parts<'_>, rules: &[Rule]) -> Vec<Change> {
    let mut changes = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let before = changes.len();
        for rule in rules {
            changes.extend(mend_rule(parts, *rule));
        }
        if changes.len() == before {
            break;
        }
    }
    changes
}

/// Makes the fixes, from the last to the first: what comes before an edit
/// keeps its index. A fix that reaches past that waits for the next round,
/// which looks anew.
fn round(parts: &mut Parts<'_>, findings: Vec<Finding>) -> Vec<Change> {
    let mut shifted: Option<Path> = None;
    let mut changes = Vec::new();
    for finding in findings.into_iter().rev() {
        let Some(fix) = finding.fix else { continue };
        if !stands_before(&fix, shifted.as_ref()) || !make(parts, &fix) {
            continue;
        }
        let moved = fix.edits.iter().filter(|edit| edit.shifts()).flat_map(Edit::paths);
        shifted = moved.cloned().chain(shifted).min();
        changes.push(Change {
            rule: finding.rule,
            path: finding.path,
            message: finding.message,
            fix,
        });
    }
    changes
}

fn stands_before(fix: &Fix, shifted: Option<&Path>) -> bool {
    let Some(shifted) = shifted else { return true };
    // Blocks that go to one place may all go there: the last goes first, so
    // they keep their order.
    if let [Edit::Insert { path, .. }] = fix.edits.as_slice()
        && path == shifted
        && matches!(path.steps(), [_, _, Step::Member("content"), Step::Index(_)])
    {
        return true;
    }
    let mut paths = fix.edits.iter().flat_map(Edit::paths);
    paths.all(|path| path < shifted && !path.holds(shifted))
}

/// Makes every edit. A rule proposes only edits that fit the request it looked
/// at, so none fails; if one did, the fix would not count as made.
fn make(parts: &mut Parts<'_>, fix: &Fix) -> bool {
    fix.edits.iter().all(|edit| parts.apply(edit).is_some())
}
