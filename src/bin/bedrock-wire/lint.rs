//! `lint`: what the service will reject in a request.

use std::io::{self, Write};

use bedrock_wire::lint::{self, Severity};
use bedrock_wire::model::{ConverseStreamRequest, from_bytes};

use crate::args::Lint;
use crate::exit::Failure;
use crate::input;
use crate::print::{counted, visible};

/// Prints what is found, or with `--fix` the mended request; fails where
/// something is left that the service rejects.
pub fn run(args: &Lint) -> Result<(), Failure> {
    let instead = "give the JSON of a request, such as the `body` in its line `request`";
    let json = input::read_no_tape(&args.file, instead)?;
    // Its guardrail has all that the other's has.
    let mut request: ConverseStreamRequest = from_bytes(&json)
        .map_err(|error| Failure::usage(format!("{}: {error}", args.file.display())))?;
    if args.fix {
        for change in lint::mend_rejected(&mut request) {
            writeln!(io::stderr(), "{}", visible(&change.to_string()))?;
        }
        let mended = serde_json::to_string_pretty(&request).map_err(Failure::usage)?;
        writeln!(io::stdout(), "{mended}")?;
    }
    let found = lint::check(&request);
    let rejected = found.iter().filter(|finding| finding.severity == Severity::Rejected).count();
    for finding in &found {
        // The mended request has stdout to itself.
        let line = visible(&finding.to_string()).into_owned();
        if args.fix { writeln!(io::stderr(), "{line}")? } else { writeln!(io::stdout(), "{line}")? }
    }
    match rejected {
        0 => Ok(()),
        count => {
            let reasons = counted(count, "reason");
            Err(Failure::usage(format!("the service rejects this request for {reasons}")))
        }
    }
}
