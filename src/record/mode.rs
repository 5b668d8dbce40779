//! When a request goes to the network, and when a tape answers it.

use std::fmt;
use std::str::FromStr;

/// When a request goes to the network, and when a tape answers it: the record
/// modes of vcr, under their names.
///
/// What is known is what the directory held when the [`Recorder`](super::Recorder)
/// was started: what is recorded meanwhile is played by the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// Tapes alone, never the network. What is not known is answered with 404
    /// and `TapeNotFoundException`.
    None,
    /// Records if the directory holds no tape at the start, else as
    /// [`None`](Self::None).
    Once,
    /// Plays what is known and records the rest.
    #[default]
    NewEpisodes,
    /// Always the network. What is recorded takes the place of the tape that
    /// the same request had from a recorder before, and what more there was of
    /// that request goes at the end. But an answer that was cut takes no whole
    /// one's place: that stays, and the cut one is told as not recorded.
    All,
}

impl Mode {
    /// All of them.
    pub const ALL: [Mode; 4] = [Mode::None, Mode::Once, Mode::NewEpisodes, Mode::All];

    /// Its name in vcr, such as `new_episodes`.
    pub fn name(self) -> &'static str {
        match self {
            Mode::None => "none",
            Mode::Once => "once",
            Mode::NewEpisodes => "new_episodes",
            Mode::All => "all",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no mode's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no mode: give none, once, new_episodes or all")]
pub struct UnknownMode(String);

impl FromStr for Mode {
    type Err = UnknownMode;

    /// Hyphens are good for underscores.
    fn from_str(text: &str) -> Result<Self, UnknownMode> {
        let name = text.replace('-', "_");
        let found = Mode::ALL.into_iter().find(|mode| mode.name() == name);
        found.ok_or_else(|| UnknownMode(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_read_by_its_name_in_vcr() {
        for mode in Mode::ALL {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        assert_eq!("new-episodes".parse(), Ok(Mode::NewEpisodes));
        let error = "some".parse::<Mode>().unwrap_err().to_string();
        assert!(error.contains("`some`") && error.contains("new_episodes"), "{error}");
    }
}
