//! `import`: recordings and cassettes to tapes.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use bedrock_wire::import::{self, ImportError, interaction_path, tape_path};
use bedrock_wire::tape::{Scrub, Tape};

use crate::args::Import;
use crate::exit::{Exit, Failure};
use crate::print::counted;
use crate::progress::Progress;
use crate::tapes;

/// Goes on after what cannot be imported, and fails at the end if a tape could
/// not be written or nothing was imported.
pub fn run(args: &Import) -> Result<(), Failure> {
    let mut into = Into {
        out: &args.out,
        scrub: scrub(args)?,
        progress: Progress::counting("importing"),
        imported: 0,
        refused: 0,
        unwritten: 0,
        others: 0,
        unknown: 0,
    };
    for path in &args.paths {
        match (&args.operation, &args.model) {
            (Some(operation), Some(model)) => {
                let tape = import::raw_body(path, operation, model);
                into.add(path, &tape_path(&name(path)), tape)?;
            }
            _ if path.is_dir() => into.add_directory(path)?,
            _ if tapes::is_named_so(path) => into.add_tape(path, &name(path))?,
            _ => into.add_cassette(path, &name(path), import::cassette(path))?,
        }
    }
    into.finish(args)
}

/// What takes the account out of each tape, if it is asked for.
fn scrub(args: &Import) -> Result<Option<Scrub>, Failure> {
    if !args.scrub {
        return Ok(None);
    }
    with_patterns(Scrub::new(), &args.replace).map(Some)
}

/// With the patterns of `--replace`, each followed by its replacement.
pub fn with_patterns(scrub: Scrub, replace: &[String]) -> Result<Scrub, Failure> {
    let mut pairs = replace.chunks_exact(2);
    let scrub = pairs.try_fold(scrub, |scrub, pair| scrub.pattern(&pair[0], &*pair[1]));
    scrub.map_err(Failure::usage)
}

fn name(path: &Path) -> PathBuf {
    path.file_name().unwrap_or_default().into()
}

/// Where tapes are written to, and how it went.
struct Into<'a> {
    out: &'a Path,
    scrub: Option<Scrub>,
    progress: Progress,
    imported: u32,
    refused: u32,
    unwritten: u32,
    others: u32,
    /// Files that are no cassette.
    unknown: u32,
}

impl Into<'_> {
    fn add_directory(&mut self, dir: &Path) -> Result<(), Failure> {
        for (recording, tape) in import::recordings(dir) {
            self.add(&recording, &tape_path(&recording), tape)?;
        }
        // A directory that cannot be read is told of already.
        let is_told = |tapes: &Result<_, ImportError>| matches!(tapes, Err(ImportError::Io { path, .. }) if !path.is_file());
        let mut cassettes = import::cassettes(dir).filter(|(_, tapes)| !is_told(tapes));
        cassettes.try_for_each(|(file, tapes)| self.add_cassette(&file, &file, tapes))?;
        if self.scrub.is_none() {
            return Ok(());
        }
        // What was written here is not to be read again.
        let tapes = tapes::below(dir).map_err(Failure::io(dir.display()))?;
        let out = self.out;
        let mut tapes = tapes.into_iter().filter(|tape| !tape.starts_with(out));
        tapes.try_for_each(|tape| self.add_tape(&tape, tape.strip_prefix(dir).unwrap_or(&tape)))
    }

    /// A tape, of which only scrubbing makes another.
    fn add_tape(&mut self, path: &Path, name: &Path) -> Result<(), Failure> {
        if self.scrub.is_none() {
            return self
                .refuse(path, &"a tape already; `--scrub` takes account and ids out of one");
        }
        match fs::File::open(path) {
            Ok(file) => self.add(path, name, Tape::read(file, &path.display().to_string())),
            Err(error) => self.refuse(path, &error),
        }
    }

    fn add_cassette(
        &mut self,
        path: &Path,
        name: &Path,
        tapes: Result<Vec<Result<Tape, ImportError>>, ImportError>,
    ) -> Result<(), Failure> {
        let tapes = match tapes {
            Ok(tapes) => tapes,
            Err(error) => {
                self.unknown += u32::from(matches!(error, ImportError::Malformed { .. }));
                return self.refuse(path, &error);
            }
        };
        for (number, tape) in tapes.into_iter().enumerate() {
            if matches!(tape, Err(ImportError::OtherService { .. })) {
                self.others += 1;
            } else {
                self.add(path, &interaction_path(name, number), tape)?;
            }
        }
        Ok(())
    }

    /// Writes a tape to `name` below the directory of tapes.
    fn add(
        &mut self,
        path: &Path,
        name: &Path,
        tape: Result<Tape, impl ToString>,
    ) -> Result<(), Failure> {
        let tape = match (tape, &self.scrub) {
            (Ok(tape), None) => tape,
            (Ok(tape), Some(scrub)) => match scrub.apply(&tape) {
                Ok(tape) => tape,
                Err(error) => return self.refuse(path, &error),
            },
            (Err(error), _) => return self.refuse(path, &error),
        };
        match write(&tape, &self.out.join(name)) {
            Ok(()) => {
                self.imported += 1;
                self.progress.done();
                Ok(())
            }
            Err(why) => {
                self.unwritten += 1;
                self.refuse(path, &why)
            }
        }
    }

    fn refuse(&mut self, path: &Path, why: &impl ToString) -> Result<(), Failure> {
        self.refused += 1;
        let (path, why) = (path.display().to_string(), why.to_string());
        // Most errors begin with it.
        let why = why.strip_prefix(&path).and_then(|why| why.strip_prefix(": ")).unwrap_or(&why);
        self.progress.done();
        let told = || writeln!(io::stderr(), "not imported: {path}: {why}");
        Ok(self.progress.aside(told)?)
    }

    fn finish(self, args: &Import) -> Result<(), Failure> {
        let Into { imported, refused, unwritten, others, unknown, progress, .. } = self;
        drop(progress);
        if others > 0 {
            writeln!(io::stderr(), "{others} interactions with other services passed over")?;
        }
        writeln!(
            io::stderr(),
            "{} written to {}, {refused} not imported",
            counted(imported, "tape"),
            args.out.display()
        )?;
        if unwritten > 0 {
            let unwritten = counted(unwritten, "tape");
            return Err(Failure::new(Exit::Io, format!("{unwritten} could not be written")));
        }
        match (imported, refused) {
            (0, 0) => {
                let paths: Vec<_> =
                    args.paths.iter().map(|path| path.display().to_string()).collect();
                Err(Failure::usage(format!("{} holds no recordings", paths.join(", "))))
            }
            (0, _) if args.operation.is_none() && unknown > 0 => Err(Failure::new(
                Exit::Io,
                "nothing was imported; of the raw bytes of a response say with --operation and \
                 --model what they are",
            )),
            (0, _) => Err(Failure::new(Exit::Io, "nothing was imported")),
            _ => Ok(()),
        }
    }
}

fn write(tape: &Tape, path: &Path) -> Result<(), String> {
    let at_fault = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            format!("{} is there already: take it away, or name another --out", path.display())
        }
        _ => format!("{}: {error}", path.display()),
    };
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).map_err(at_fault)?;
    }
    // What is there stays: it may be another recording's tape.
    let file = fs::File::create_new(path).map_err(at_fault)?;
    let mut out = BufWriter::new(file);
    let written = tape.write(&mut out).and_then(|()| out.flush());
    if written.is_err() {
        // Half a tape would stand in the way of the next try.
        let _ = fs::remove_file(path);
    }
    written.map_err(at_fault)
}
