//! `verify`: whether tapes are sound and hold nothing that should not be seen.

use std::io::{self, Write};

use bedrock_wire::tape::{Finding, Issue, Severity, verify_file};
use serde_json::json;

use crate::args::Verify;
use crate::exit::{Exit, Failure};
use crate::print::{counted, visible};
use crate::progress::Progress;
use crate::tapes;

/// Prints all that is found, and fails where something is to be mended.
pub fn run(args: &Verify) -> Result<(), Failure> {
    let tapes = tapes::find(&args.paths)?;
    let progress = Progress::of(tapes.len(), "verifying");
    let (mut findings, mut unread) = (Vec::new(), 0_usize);
    for tape in &tapes {
        match verify_file(tape) {
            Ok(found) => {
                progress
                    .aside(|| found.iter().try_for_each(|finding| print(finding, args.json)))?;
                findings.extend(found);
            }
            Err(error) => {
                unread += 1;
                let error = error.to_string();
                progress.aside(|| writeln!(io::stderr(), "{}", visible(&error)))?;
            }
        }
        progress.done();
    }
    drop(progress);
    let errors = count(&findings, Severity::Error);
    writeln!(
        io::stderr(),
        "{} verified: {}, {}",
        counted(tapes.len() - unread, "tape"),
        counted(errors, "error"),
        counted(count(&findings, Severity::Warning), "warning")
    )?;
    if unread > 0 {
        let unread = counted(unread, "tape");
        return Err(Failure::new(Exit::Io, format!("{unread} could not be read")));
    }
    match errors {
        0 => Ok(()),
        _ => {
            let errors = counted(errors, "error");
            Err(Failure::new(exit_of(&findings), format!("{errors} in tapes")))
        }
    }
}

/// Damage, if that is all; else the tapes are not as they should be.
fn exit_of(findings: &[Finding]) -> Exit {
    let mut errors = findings.iter().filter(|found| found.issue.severity() == Severity::Error);
    let damage_alone = errors.all(|found| matches!(found.issue, Issue::Damaged { .. }));
    if damage_alone { Exit::Stream } else { Exit::Usage }
}

fn count(findings: &[Finding], severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.issue.severity() == severity).count()
}

fn print(finding: &Finding, as_json: bool) -> io::Result<()> {
    if !as_json {
        return writeln!(io::stdout(), "{}", visible(&finding.to_string()));
    }
    let line = json!({
        "file": finding.origin,
        "line": finding.line,
        "severity": finding.issue.severity().to_string(),
        "issue": finding.issue.name(),
        "member": finding.member,
        "message": finding.issue.to_string(),
    });
    writeln!(io::stdout(), "{line}")
}
