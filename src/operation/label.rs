//! What stands in a path as one segment.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

use super::Operation;

/// All but RFC 3986's unreserved characters.
pub(super) const RESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why something cannot stand in an operation's path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {label} {problem}")]
#[non_exhaustive]
pub struct LabelError {
    /// Its name in the service model, such as `guardrailIdentifier`.
    pub label: &'static str,
    /// What is wrong with it.
    pub problem: LabelProblem,
}

/// What is wrong with a label.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LabelProblem {
    /// There is nothing.
    #[error("is empty: give an id or ARN")]
    Empty,
    /// Only dots: URL libraries would take it for a step up or none.
    #[error("`{0}` is made of dots only, which a URL's path does not keep")]
    Dots(String),
    /// The resource ends before it.
    #[error("is not in `{0}`: write it last, with a colon before it, as in `g1:DRAFT`")]
    Missing(String),
    /// The operation's path has no place for it.
    #[error("`{resource}` has no place in the path of {operation}: leave it empty")]
    NoPlace {
        /// The operation.
        operation: Operation,
        /// What was to stand in its path.
        resource: String,
    },
}

impl LabelError {
    pub(super) fn none_in(operation: Operation, resource: String) -> Self {
        LabelError { label: "resource", problem: LabelProblem::NoPlace { operation, resource } }
    }

    pub(super) fn missing_in(label: &'static str, resource: String) -> Self {
        LabelError { label, problem: LabelProblem::Missing(resource) }
    }
}

/// The value of a label, if it can be a segment.
pub(super) fn check<'a>(label: &'static str, value: &'a str) -> Result<&'a str, LabelError> {
    let problem = if value.is_empty() {
        LabelProblem::Empty
    } else if value.bytes().all(|byte| byte == b'.') {
        LabelProblem::Dots(value.to_owned())
    } else {
        return Ok(value);
    };
    Err(LabelError { label, problem })
}
