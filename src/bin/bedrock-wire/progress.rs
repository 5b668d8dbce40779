//! How far long work has come, on stderr where that is a terminal.

use std::env;

use indicatif::{ProgressBar, ProgressStyle};

/// A line that says how far work has come. It is gone when the work is done,
/// and never there where stderr is no terminal, or one that cannot go back in
/// its line.
pub struct Progress(ProgressBar);

impl Progress {
    /// Of work on so many things.
    pub fn of(count: usize, doing: &'static str) -> Self {
        // Of one thing there is nothing to tell.
        let bar = if count > 1 { ProgressBar::new(count as u64) } else { ProgressBar::hidden() };
        Self::styled(bar, "{msg} [{bar:30}] {pos}/{len}", doing)
    }

    /// Of work on who knows how many things.
    pub fn counting(doing: &'static str) -> Self {
        Self::styled(ProgressBar::new_spinner(), "{spinner} {msg} {pos}", doing)
    }

    fn styled(bar: ProgressBar, template: &str, doing: &'static str) -> Self {
        if env::var_os("TERM").is_some_and(|term| term == "dumb") {
            return Progress(ProgressBar::hidden());
        }
        // One that cannot be read leaves the default.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        Progress(bar.with_message(doing))
    }

    /// One more is done.
    pub fn done(&self) {
        self.0.inc(1);
    }

    /// Prints something with the line out of its way.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
