//! What was found on a tape.

use std::fmt;

use super::secret::SecretKind;
use crate::tape::TapeProblem;

/// Something that was found on a tape.
///
/// `Display` is one line of file, line, member, what it is and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The name that the tape was read under.
    pub origin: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The path to the member, such as `frame.payload.delta.text`; empty for
    /// the whole line.
    pub member: String,
    /// What it is.
    pub issue: Issue,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Issue {
    /// The line is not as the format has it.
    #[error("{0}")]
    Unreadable(TapeProblem),
    /// A frame, or what follows the frames, does not decode.
    #[error(
        "it does not decode: {reason}; record the exchange anew, unless the tape is of a damaged \
         stream on purpose"
    )]
    Damaged {
        /// Why not.
        reason: String,
    },
    /// Written anew, the tape is other bytes.
    #[error(
        "written anew, the tape differs from here on: it was edited by hand; read and write it \
         with `Tape`, so that changes can be compared line by line"
    )]
    WrittenOtherwise,
    /// Something that proves who asks.
    #[error("{0}: revoke it where it was issued, then take it out or record the exchange anew")]
    Secret(SecretKind),
    /// An account id in an ARN.
    #[error("account id {id}: `import --scrub` and `Scrub` put 123456789012 in its place")]
    Account {
        /// Its twelve digits.
        id: String,
    },
    /// The body is compressed.
    #[error(
        "the body is compressed ({encoding}) and was not looked into: record the exchange without \
         `accept-encoding`"
    )]
    Compressed {
        /// The value of `content-encoding`.
        encoding: String,
    },
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// To be looked at.
    Warning,
    /// To be mended.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

impl Issue {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self {
            Issue::Unreadable(_) | Issue::Damaged { .. } | Issue::Secret(_) => Severity::Error,
            Issue::WrittenOtherwise | Issue::Account { .. } | Issue::Compressed { .. } => {
                Severity::Warning
            }
        }
    }

    /// A short name of it that stays the same, such as `secret`.
    pub fn name(&self) -> &'static str {
        match self {
            Issue::Unreadable(_) => "unreadable",
            Issue::Damaged { .. } => "damaged",
            Issue::WrittenOtherwise => "written-otherwise",
            Issue::Secret(_) => "secret",
            Issue::Account { .. } => "account",
            Issue::Compressed { .. } => "compressed",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, line, member, issue } = self;
        write!(f, "{origin}:{line}: {}: ", issue.severity())?;
        if !member.is_empty() {
            write!(f, "{member}: ")?;
        }
        write!(f, "{issue}")
    }
}
