//! `import`: recordings to tapes.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use bedrock_wire::import;
use bedrock_wire::tape::Tape;

use crate::args::Import;
use crate::exit::{Exit, Failure};

/// Goes on after what cannot be imported, and fails at the end if a tape could
/// not be written or nothing was imported.
pub fn run(args: &Import) -> Result<(), Failure> {
    let (mut imported, mut refused, mut unwritten) = (0_u32, 0_u32, 0_u32);
    for (recording, result) in import::recordings(&args.dir) {
        let why = match result {
            Ok(tape) => match write(&tape, &args.out.join(import::tape_path(&recording))) {
                Ok(()) => {
                    imported += 1;
                    continue;
                }
                Err(why) => {
                    unwritten += 1;
                    why
                }
            },
            Err(error) => error.to_string(),
        };
        refused += 1;
        writeln!(io::stderr(), "not imported: {}: {why}", recording.display())?;
    }
    writeln!(
        io::stderr(),
        "{imported} tapes written to {}, {refused} not imported",
        args.out.display()
    )?;
    if unwritten > 0 {
        return Err(Failure::new(Exit::Io, format!("{unwritten} tapes could not be written")));
    }
    match (imported, refused) {
        (0, 0) => Err(Failure::usage(format!("{} holds no recordings", args.dir.display()))),
        (0, _) => Err(Failure::new(Exit::Io, "nothing was imported")),
        _ => Ok(()),
    }
}

fn write(tape: &Tape, path: &Path) -> Result<(), String> {
    let at_fault = |error: io::Error| format!("{}: {error}", path.display());
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
