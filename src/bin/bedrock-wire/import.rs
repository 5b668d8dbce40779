//! `import`: recordings to tapes.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use bedrock_wire::import;
use bedrock_wire::tape::Tape;

use crate::args::Import;
use crate::exit::{Exit, Failure};

/// Goes on after what cannot be imported, and fails at the end if all of it
/// could not.
pub fn run(args: &Import) -> Result<(), Failure> {
    let (mut imported, mut refused) = (0_u32, 0_u32);
    for (recording, result) in import::recordings(&args.dir) {
        let written = match result {
            Ok(tape) => write(&tape, &args.out.join(import::tape_path(&recording))),
            Err(error) => Err(error.to_string()),
        };
        match written {
            Ok(()) => imported += 1,
            Err(why) => {
                refused += 1;
                writeln!(io::stderr(), "not imported: {}: {why}", recording.display())?;
            }
        }
    }
    writeln!(
        io::stderr(),
        "{imported} tapes written to {}, {refused} not imported",
        args.out.display()
    )?;
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
    tape.write(&mut out).and_then(|()| out.flush()).map_err(at_fault)
}
