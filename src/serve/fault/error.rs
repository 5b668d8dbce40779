//! Why something is no fault.

use std::fmt;

/// Why something is no fault: which member is wrong, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError {
    member: String,
    why: String,
}

impl FaultError {
    pub(super) fn new(member: impl Into<String>, why: impl Into<String>) -> Self {
        FaultError { member: member.into(), why: why.into() }
    }

    /// The same error, of a member of what is called `outer`.
    pub(super) fn within(self, outer: &str) -> Self {
        let member = match self.member.as_str() {
            "" => outer.to_owned(),
            member => format!("{outer}.{member}"),
        };
        FaultError { member, ..self }
    }

    /// The member that is wrong, such as `faults[0].frame`; empty where it is
    /// the whole.
    pub fn member(&self) -> &str {
        &self.member
    }
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.member.as_str() {
            "" => f.write_str(&self.why),
            member => write!(f, "`{member}`: {}", self.why),
        }
    }
}

impl std::error::Error for FaultError {}
