//! What was played and what was asked for in vain.

use std::fmt;

use crate::operation::{ModelId, Operation};

/// What a server has done so far.
///
/// `Display` lists the tapes not played and the requests without a tape.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// Every tape in the order given, played or not.
    pub tapes: Vec<TapeUse>,
    /// The requests that no tape answered, in order.
    pub unmatched: Vec<Unmatched>,
}

/// How often a tape was played.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TapeUse {
    /// The tape's name, as in the header `x-bedrock-wire-tape`.
    pub name: String,
    /// How many answers it gave.
    pub played: u64,
}

/// A request that no tape answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unmatched {
    /// What was asked for.
    pub operation: Operation,
    /// Of which model.
    pub model: ModelId,
    /// Why there was no tape: the message it was answered with.
    pub message: String,
}

impl Report {
    /// The names of the tapes that were not played.
    pub fn unplayed(&self) -> impl Iterator<Item = &str> {
        self.tapes.iter().filter(|tape| tape.played == 0).map(|tape| tape.name.as_str())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unplayed: Vec<_> = self.unplayed().collect();
        let played = self.tapes.len() - unplayed.len();
        write!(f, "{played} of {} tapes played", self.tapes.len())?;
        write!(f, ", {} requests without a tape", self.unmatched.len())?;
        for name in unplayed {
            write!(f, "\nnot played: {name}")?;
        }
        for Unmatched { message, .. } in &self.unmatched {
            write!(f, "\nwithout a tape: {message}")?;
        }
        Ok(())
    }
}
