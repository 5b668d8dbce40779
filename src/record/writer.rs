//! The thread that writes tapes.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::error::RecordError;
use super::exchange::{Begun, Head, Rest};
use super::held::Held;
use super::name::Names;
use super::report::Log;
use crate::tape::{End, Scrub, Tape};
use crate::unique;

/// What the writer is to do, in this order.
pub(super) enum Job {
    /// An answer has begun: its tape takes its place among those of the same
    /// request.
    Begin(u64, Box<Head>),
    /// It has ended.
    End(u64, Rest, Held),
    /// It cannot be recorded: why.
    Abandon(u64, &'static str, Held),
    /// Tell that all before is done.
    Flush(Box<dyn FnOnce() + Send>),
}

/// Where tapes go and what they lose on the way.
pub(super) struct Writer {
    pub(super) dir: PathBuf,
    pub(super) scrub: Scrub,
    pub(super) names: Names,
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
            }
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

    fn end(&self, Open { name, begun }: Open, rest: Rest) {
        let cut = rest.end == End::Cut;
        match begun.ended(rest) {
            Ok(tape) => match write(&self.dir, &name, &tape) {
                Ok(path) => self.log.wrote(path, cut),
                Err(error) => self.log.failed(self.dir.join(name).display().to_string(), error),
            },
            Err(error) => self.log.failed(name, error),
        }
    }
}

/// Writes beside the file and moves there, so that whoever reads it finds all
/// of the tape, or what was there before.
fn write(dir: &Path, name: &str, tape: &Tape) -> io::Result<PathBuf> {
    let (path, unfinished) =
        (dir.join(name), dir.join(format!(".{name}.{}.unfinished", unique::uuid())));
    let written = File::create_new(&unfinished).and_then(|file| {
        let mut out = BufWriter::new(file);
        tape.write(&mut out)?;
        out.flush()
    });
    if let Err(error) = written.and_then(|()| fs::rename(&unfinished, &path)) {
        // It may not be there, and has no use where it is.
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    Ok(path)
}
