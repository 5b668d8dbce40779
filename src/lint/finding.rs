//! What was found, and what is proposed.

use std::fmt;

use super::path::Path;
use super::rule::Rule;
use crate::model::Document;

/// How sure it is that the service turns the request away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// Models differ or records disagree: on record are a rejection by one and
    /// an acceptance by another, or the rejection hangs on what the body does
    /// not tell, as the model's id.
    Suspect,
    /// A rejection is on record or in AWS's documentation, and no acceptance.
    Rejected,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Severity::Suspect => "suspect",
            Severity::Rejected => "rejected",
        })
    }
}

/// A place in a request that breaks a rule.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// The rule's severity.
    pub severity: Severity,
    /// Where.
    pub path: Path,
    /// What is wrong there, in a sentence without a full stop.
    pub message: String,
    /// What would mend it; `None` where no change is safe to propose.
    pub fix: Option<Fix>,
}

impl Finding {
    pub(super) fn new(rule: Rule, path: Path, message: impl Into<String>) -> Self {
        Finding { rule, severity: rule.severity(), path, message: message.into(), fix: None }
    }

    pub(super) fn fix(mut self, edits: impl IntoIterator<Item = Edit>) -> Self {
        self.fix = Some(Fix { edits: edits.into_iter().collect() });
        self
    }
}

impl fmt::Display for Finding {
    /// `messages[0].content[1].text: the text is empty (rejected, empty-text)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({}, {})", self.path, self.message, self.severity, self.rule)
    }
}

/// A proposed change: edits to be made in order.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fix {
    /// The edits. The paths of each hold after those before it were made.
    pub edits: Vec<Edit>,
}

impl fmt::Display for Fix {
    /// The edits, with `; ` between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, edit) in self.edits.iter().enumerate() {
            if i > 0 {
                f.write_str("; ")?;
            }
            edit.fmt(f)?;
        }
        Ok(())
    }
}

/// One edit of a request's JSON, in the manner of a JSON patch (RFC 6902).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Edit {
    /// Takes away the item or member.
    Remove {
        /// What is taken away.
        path: Path,
    },
    /// Gives the member this value, whether or not it had one.
    Set {
        /// The member.
        path: Path,
        /// Its new value.
        value: Document,
    },
    /// Puts an item into a list, before what has its index now.
    Insert {
        /// The new item's place.
        path: Path,
        /// The item.
        value: Document,
    },
    /// Takes an item away and puts it into a list.
    Move {
        /// Where it is.
        from: Path,
        /// Where it goes, once it was taken away.
        to: Path,
    },
}

impl Edit {
    pub(super) fn remove(path: Path) -> Self {
        Edit::Remove { path }
    }

    pub(super) fn set(path: Path, value: impl Into<Document>) -> Self {
        Edit::Set { path, value: value.into() }
    }

    pub(super) fn set_text(path: Path, text: &str) -> Self {
        Edit::set(path, Document::string(text))
    }

    pub(super) fn insert(path: Path, value: impl Into<Document>) -> Self {
        Edit::Insert { path, value: value.into() }
    }

    /// The places that the edit names.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        let (first, second) = match self {
            Edit::Remove { path } | Edit::Set { path, .. } | Edit::Insert { path, .. } => {
                (path, None)
            }
            Edit::Move { from, to } => (from, Some(to)),
        };
        std::iter::once(first).chain(second)
    }

    /// Whether what stands after it gets another index.
    pub(super) fn shifts(&self) -> bool {
        !matches!(self, Edit::Set { .. })
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Edit::Remove { path } => write!(f, "remove {path}"),
            Edit::Set { path, value } => write!(f, "set {path} to {value}"),
            Edit::Insert { path, value } => write!(f, "insert {value} at {path}"),
            Edit::Move { from, to } => write!(f, "move {from} to {to}"),
        }
    }
}

/// A finding that was mended.
///
/// The paths hold at the time of the change: changes made in order on the
/// original's JSON give the mended request's.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// The rule that was broken.
    pub rule: Rule,
    /// Where.
    pub path: Path,
    /// What was wrong there.
    pub message: String,
    /// What was done.
    pub fix: Fix,
}

impl fmt::Display for Change {
    /// `messages[0].content[1].text: the text is empty (empty-text): remove …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({}): {}", self.path, self.message, self.rule, self.fix)
    }
}
