//! When bytes came, and in what sizes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Whole microseconds since the request was sent: what a tape keeps of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub u64);

impl From<Duration> for Micros {
    /// Cuts off what is below a microsecond.
    fn from(duration: Duration) -> Self {
        Self(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
    }
}

impl From<Micros> for Duration {
    fn from(Micros(micros): Micros) -> Self {
        Duration::from_micros(micros)
    }
}

/// One piece of a body, as the HTTP library handed it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Piece {
    /// How many bytes it had.
    pub length: u64,
    /// When it came, if known.
    pub at: Option<Micros>,
}

impl Piece {
    /// A piece of so many bytes.
    pub fn new(length: u64, at: Option<Micros>) -> Self {
        Self { length, at }
    }
}

/// How a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum End {
    /// As HTTP has it: all of its length, or its last chunk, came.
    Complete,
    /// The connection ended before that.
    Cut,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_kept_in_whole_microseconds() {
        assert_eq!(Micros::from(Duration::from_nanos(1_999)), Micros(1));
        assert_eq!(Micros::from(Duration::MAX), Micros(u64::MAX));
        assert_eq!(Duration::from(Micros(1_500)), Duration::from_micros(1_500));
    }
}
