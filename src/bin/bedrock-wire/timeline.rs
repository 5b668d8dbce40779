//! `timeline`: when the answers on tapes came, and what came when.

mod json;
mod strip;
mod svg;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use bedrock_wire::tape::{self, Tape, TapeError};

use crate::exit::{Exit, Failure};
use crate::print::visible;
use crate::progress::Progress;
use crate::tapes;

#[derive(clap::Args)]
#[command(after_long_help = NOTES)]
pub struct Timeline {
    /// Tapes, or directories with tapes at any depth
    #[arg(required = true, value_name = "TAPE")]
    pub tapes: Vec<PathBuf>,
    /// Print a JSON object on a line for each tape
    #[arg(long)]
    pub json: bool,
    /// Also draw the tapes above one another into a picture that stands alone
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

const NOTES: &str = "\
Prints a table and, for each tape, a strip of its arrivals over one time axis, in milliseconds since
the request was sent. An event is a message of the stream, an arrival what the HTTP library handed
out at one time; a gap is the time between two arrivals, its percentiles linear between the nearest
two (Hyndman and Fan's definition 7, as numpy's). A stall is a gap longer than ten times the median
and than a second. Events and bytes a second are those behind the first arrival. What a tape does
not tell is a dash, and why is said on stderr.

Members of the JSON objects, null where a tape does not tell; times are whole microseconds since the
request was sent, as on the tape:
  tape, operation, model, status
  head, firstEvent, firstText, duration   when they came; duration: when the last byte came
  events, arrivals, bytes, blocks, toolCalls
  gaps                                    count, p50, p95, p99, max
  eventsPerSecond, bytesPerSecond
  serverLatencyMs, serverFirstByteMs      what the service says that it took
  usage                                   inputTokens, outputTokens, cacheReadInputTokens,
                                          cacheWriteInputTokens
  marks                                   in order, each with `at` and `mark`: firstEvent, firstText,
                                          blockStart (index, kind), toolCall (index, name),
                                          messageStop, stall (length)
  end                                     `how`: complete (stopReason), refused (name), exception
                                          (name), damaged (why), cut, noMessageStop, unknown
  unknown                                 sentences on what the tape does not tell";

/// A tape's figures under its name.
struct Named {
    name: String,
    operation: String,
    model: String,
    timeline: tape::Timeline,
}

/// Goes on after a tape that cannot be read, and fails at the end.
pub fn run(args: &Timeline) -> Result<(), Failure> {
    let (named, failure) = load(&tapes::find(&args.tapes)?)?;
    // First, and told last: who reads the table may go away before its end.
    let drawn = match &args.svg {
        Some(path) => fs::write(path, svg::draw(&named)).map_err(Failure::io(path.display())),
        None => Ok(()),
    };
    let mut out = BufWriter::new(anstream::stdout());
    if args.json {
        named.iter().try_for_each(|named| writeln!(out, "{}", json::line(named)))?;
    } else {
        table::print(&named, &mut out)?;
        strip::print(&named, strip::Canvas::of_stdout(), &mut out)?;
    }
    out.flush()?;
    if !args.json {
        tell_unknown(&named)?;
    }
    drawn?;
    failure.map_or(Ok(()), Err)
}

/// The figures of all tapes that can be read, and what is to be said of the
/// others.
fn load(tapes: &[PathBuf]) -> io::Result<(Vec<Named>, Option<Failure>)> {
    let progress = Progress::of(tapes.len(), "reading");
    let (mut named, mut failure) = (Vec::new(), None);
    for path in tapes {
        match Tape::load(path) {
            Ok(tape) => {
                let (name, timeline) = (path.display().to_string(), tape::Timeline::of(&tape));
                let Tape { operation, model, .. } = tape;
                named.push(Named { name, operation, model, timeline });
            }
            Err(error) => {
                let told = error.to_string();
                progress.aside(|| writeln!(io::stderr(), "{}", visible(&told)))?;
                failure = Some(Failure::new(exit_of(&error), "not all tapes could be read"));
            }
        }
        progress.done();
    }
    Ok((named, failure))
}

fn exit_of(error: &TapeError) -> Exit {
    if matches!(error, TapeError::Io { .. }) { Exit::Io } else { Exit::Usage }
}

/// Why there are dashes, on stderr: a line for each reason.
fn tell_unknown(named: &[Named]) -> io::Result<()> {
    let mut reasons = BTreeMap::<_, Vec<_>>::new();
    for Named { name, timeline, .. } in named {
        for unknown in &timeline.unknown {
            reasons.entry(unknown.to_string()).or_default().push(name);
        }
    }
    for (reason, names) in reasons {
        match names[..] {
            [name] => writeln!(io::stderr(), "{}: {reason}", visible(name))?,
            _ => writeln!(io::stderr(), "{} tapes: {reason}", names.len())?,
        }
    }
    Ok(())
}
