//! The thread that writes tapes.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::error::RecordError;
use super::exchange::{Begun, Head, Rest};
use super::held::Held;
use super::name::{Names, stem_of};
use super::publish::{Unpublished, is_complete};
use super::report::Log;
use crate::tape::{End, Scrub, Tape};

/// What the writer is to do, in this order.
pub(super) enum Job {
    /// An answer has begun: its tape takes its place among those of the same
    /// request.
    Begin(u64, Box<Head>),
    /// It has ended.
    End(u64, Rest, Held),
    /// It cannot be recorded: why.
    Abandon(u64, &'static str, Held),
    /// No more is recorded on purpose: what is stale goes.
    Finish,
    /// Tell that all before is done.
    Flush(Box<dyn FnOnce() + Send>),
}

/// Why a tape that is there is not replaced.
const CUT: &str = "the answer was cut, and the tape that is there is whole: it stays as it was";

/// Where tapes go and what they lose on the way.
pub(super) struct Writer {
    pub(super) dir: PathBuf,
    pub(super) scrub: Scrub,
    pub(super) names: Names,
    /// Whether a tape takes the place of the one that has its name.
    pub(super) replaces: bool,
    /// What the names of the tapes that did so begin with.
    pub(super) rewritten: HashSet<String>,
    pub(super) log: Arc<Log>,
}

/// A tape that is begun, and the file it is to be in.
struct Open {
    name: String,
    begun: Begun,
}

impl Writer {
    /// Starts the thread, which ends with the last sender.
    pub(super) fn start(self) -> Result<Sender<Job>, RecordError> {
        let (sender, jobs) = channel();
        let thread = thread::Builder::new().name("bedrock-wire tapes".to_owned());
        thread.spawn(move || self.run(&jobs)).map_err(RecordError::Thread)?;
        Ok(sender)
    }

    fn run(mut self, jobs: &Receiver<Job>) {
        let mut open = HashMap::new();
        while let Ok(job) = jobs.recv() {
            let what = job.shown(&open);
            self.guarded(what, |writer| writer.perform(job, &mut open));
        }
    }

    /// Goes on with the next tape if one makes us panic.
    fn guarded(&mut self, what: String, job: impl FnOnce(&mut Self)) {
        // A name may have been given in vain, and a place left empty.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| job(self))) {
            let said = panic.downcast_ref::<&str>().map(|said| (*said).to_owned());
            let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
            let said = said.unwrap_or_default();
            self.log.failed(what, format!("writing it panicked, please report this: {said}"));
        }
    }

    fn perform(&mut self, job: Job, open: &mut HashMap<u64, Open>) {
        match job {
            Job::Begin(number, head) => {
                if let Some(begun) = self.begin(*head) {
                    open.insert(number, begun);
                }
            }
            Job::End(number, rest, _held) => {
                if let Some(begun) = open.remove(&number) {
                    self.end(begun, rest);
                }
            }
            Job::Abandon(number, why, _held) => {
                if let Some(Open { name, .. }) = open.remove(&number) {
                    self.log.failed(name, why);
                }
            }
            Job::Flush(done) => done(),
            Job::Finish => self.remove_stale(),
        }
    }

    fn begin(&mut self, head: Head) -> Option<Open> {
        let shown = head.asked.shown();
        match Begun::new(head, &self.scrub) {
            Ok(begun) => Some(Open { name: self.names.next(begun.tape()), begun }),
            Err(why) => {
                self.log.failed(shown, why);
                None
            }
        }
    }

    fn end(&mut self, Open { name, begun }: Open, rest: Rest) {
        let cut = rest.end == End::Cut;
        let tape = match begun.ended(rest) {
            Ok(tape) => tape,
            Err(error) => return self.log.failed(name, error),
        };
        match self.publish(&name, &tape) {
            Ok(Some(path)) => self.log.wrote(path, cut),
            Ok(None) => self.log.failed(name, CUT),
            Err(error) => self.log.failed(self.dir.join(name).display().to_string(), error),
        }
    }

    /// Where it is now; `None` where what is there is better.
    fn publish(&mut self, name: &str, tape: &Tape) -> io::Result<Option<PathBuf>> {
        let unpublished = Unpublished::write(&self.dir, tape)?;
        let mut path = self.dir.join(name);
        if self.replaces {
            if tape.response.end() == Some(End::Cut) && is_complete(&path) {
                return Ok(None);
            }
            unpublished.replace(&path)?;
            self.rewritten.extend(stem_of(name).map(str::to_owned));
            return Ok(Some(path));
        }
        let mut name = name.to_owned();
        while !unpublished.appear(&path)? {
            name = self.names.after(&name);
            path = self.dir.join(&name);
        }
        Ok(Some(path))
    }

    /// Removes what an earlier recorder has written behind the tapes of a request
    /// that took the place of the first ones.
    fn remove_stale(&mut self) {
        if self.rewritten.is_empty() {
            return;
        }
        if let Err(error) = self.try_remove_stale() {
            let what = self.dir.display().to_string();
            self.log.failed(what, format!("old tapes in it could not be removed: {error}"));
        }
        self.rewritten.clear();
    }

    fn try_remove_stale(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let is_rewritten = stem_of(name).is_some_and(|stem| self.rewritten.contains(stem));
            if is_rewritten && self.names.is_behind(name) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

impl Job {
    /// What it is about, for people.
    fn shown(&self, open: &HashMap<u64, Open>) -> String {
        match self {
            Job::Begin(_, head) => head.asked.shown(),
            Job::End(number, ..) | Job::Abandon(number, ..) => {
                open.get(number).map(|open| open.name.clone()).unwrap_or_default()
            }
            Job::Flush(_) | Job::Finish => "the tapes".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_over_one_tape_is_told_by_its_name_and_the_next_is_written() {
        let log = Arc::<Log>::default();
        let mut writer = Writer {
            dir: std::env::temp_dir(),
            scrub: Scrub::new(),
            names: Names::default(),
            replaces: false,
            rewritten: HashSet::new(),
            log: Arc::clone(&log),
        };
        writer.guarded("one.tape.jsonl".to_owned(), |_| panic!("no such frame"));
        let failed = log.report().failed;
        assert_eq!((failed.len(), &*failed[0].what), (1, "one.tape.jsonl"));
        assert!(failed[0].why.contains("no such frame"), "{}", failed[0].why);
        let (done, told) = std::sync::mpsc::channel();
        let jobs = writer.start().unwrap();
        jobs.send(Job::Flush(Box::new(|| panic!("again")))).unwrap();
        jobs.send(Job::Flush(Box::new(move || done.send(()).unwrap()))).unwrap();
        told.recv().unwrap();
        assert_eq!(log.report().failures(), 2);
    }
}
