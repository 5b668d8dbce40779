//! What was recorded and what was not.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many paths a report has in full.
const PATHS: usize = 10_000;

/// How many failures a report has in full.
const FAILURES: usize = 1000;

/// How many failures `Display` shows.
const SHOWN: usize = 20;

/// What a recorder has done so far.
///
/// `Display` is one line, and behind it one for each of the first 20 exchanges
/// that are on no tape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The tapes written, in the order of their ends: the first 10,000.
    pub written: Vec<PathBuf>,
    /// How many more there were.
    pub more_written: u64,
    /// How many of all these are of answers that were cut.
    pub cut: u64,
    /// The exchanges that should be on a tape and are not: the first 1,000.
    pub failed: Vec<Failed>,
    /// How many more there were.
    pub more_failed: u64,
    /// How many requests got no head of an answer: the network failed, or
    /// their sender did not wait. These have no tape.
    pub unanswered: u64,
    /// How many answers refused the proof of who asks, which are not recorded.
    pub refused: u64,
    /// How many requests were answered from tapes.
    pub played: u64,
    /// How many requests were not sent, for no tape answers them and the mode
    /// allows nothing else.
    pub missed: u64,
    /// How many answers are still on their way; each gets its tape when it has
    /// ended.
    pub open: u64,
}

/// An exchange that should be on a tape and is not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failed {
    /// The file that it was to be in, or the method and path that were asked
    /// for.
    pub what: String,
    /// Why it is not there.
    pub why: String,
}

impl Report {
    /// How many tapes were written.
    pub fn tapes(&self) -> u64 {
        self.written.len() as u64 + self.more_written
    }

    /// How many exchanges should be on a tape and are not.
    pub fn failures(&self) -> u64 {
        self.failed.len() as u64 + self.more_failed
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tapes = self.tapes();
        write!(f, "{tapes} tape{} written", if tapes == 1 { "" } else { "s" })?;
        for (count, what) in [
            (self.cut, "of answers that were cut"),
            (self.played, "answered from tapes"),
            (self.missed, "without a tape"),
            (self.unanswered, "without an answer"),
            (self.refused, "refused for who asked"),
            (self.open, "still open"),
            (self.failures(), "not recorded"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        for Failed { what, why } in self.failed.iter().take(SHOWN) {
            write!(f, "\nnot recorded: {what}: {why}")?;
        }
        match self.failures().saturating_sub(SHOWN as u64) {
            0 => Ok(()),
            more => write!(f, "\nnot recorded: {more} more"),
        }
    }
}

/// The report in the making.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Report>);

impl Log {
    pub(super) fn note(&self, change: impl FnOnce(&mut Report)) {
        change(&mut self.lock());
    }

    pub(super) fn wrote(&self, path: PathBuf, cut: bool) {
        let mut report = self.lock();
        report.cut += u64::from(cut);
        if report.written.len() < PATHS {
            report.written.push(path);
        } else {
            report.more_written += 1;
        }
    }

    pub(super) fn failed(&self, what: impl Into<String>, why: impl fmt::Display) {
        let failed = Failed { what: what.into(), why: why.to_string() };
        let mut report = self.lock();
        if report.failed.len() < FAILURES {
            report.failed.push(failed);
        } else {
            report.more_failed += 1;
        }
    }

    pub(super) fn report(&self) -> Report {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Report> {
        // Counters and lists, that a panic elsewhere leaves whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_tells_what_there_was_and_shows_the_first_failures() {
        let log = Log::default();
        assert_eq!(log.report().to_string(), "0 tapes written");
        log.wrote("a".into(), false);
        log.wrote("b".into(), true);
        log.note(|report| report.played += 3);
        for number in 0..FAILURES + 2 {
            log.failed(format!("t{number}"), "no space");
        }
        let report = log.report();
        assert_eq!((report.tapes(), report.failures(), report.failed.len()), (2, 1002, 1000));
        let text = report.to_string();
        let head = "2 tapes written, 1 of answers that were cut, 3 answered from tapes, \
                    1002 not recorded\nnot recorded: t0: no space\n";
        assert!(text.starts_with(head), "{text}");
        assert!(text.ends_with("t19: no space\nnot recorded: 982 more"), "{text}");
    }
}
