//! What was played and what was asked for in vain.

use std::fmt;

use crate::operation::Target;

/// How many requests without a tape `Display` shows.
const SHOWN: usize = 20;

/// What a server has done so far.
///
/// `Display` is one line, and behind it one for each of the first 20 requests
/// without a tape. Which tapes were not played says [`unplayed`](Self::unplayed).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// Every tape in the order given, played or not.
    pub tapes: Vec<TapeUse>,
    /// How many answers were streams that are made, for want of a tape.
    pub made: u64,
    /// The requests that nothing answered, in order: the first 1,000.
    pub unmatched: Vec<Unmatched>,
    /// How many more there were of them.
    pub more_unmatched: u64,
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
    /// What was asked for, and of what.
    pub target: Target,
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
        let (all, unplayed) = (self.tapes.len(), self.unplayed().count());
        let unmatched = self.unmatched.len() as u64 + self.more_unmatched;
        write!(f, "{} of {all} tapes played, {unmatched} requests without a tape", all - unplayed)?;
        if self.made > 0 {
            write!(f, ", {} made streams", self.made)?;
        }
        for Unmatched { message, .. } in self.unmatched.iter().take(SHOWN) {
            write!(f, "\nwithout a tape: {message}")?;
        }
        match unmatched.saturating_sub(SHOWN as u64) {
            0 => Ok(()),
            more => write!(f, "\nwithout a tape: {more} more"),
        }
    }
}
