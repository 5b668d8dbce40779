//! `verify`: whether tapes are sound and hold nothing that should not be seen.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bedrock_wire::tape::{Finding, Issue, Severity, verify_file};
use serde_json::json;

use crate::args::Verify;
use crate::exit::{Exit, Failure};
use crate::print::visible;

/// Prints all that is found, and fails where something is to be mended.
pub fn run(args: &Verify) -> Result<(), Failure> {
    let mut tapes = Vec::new();
    for path in &args.paths {
        collect(path, &mut tapes).map_err(Failure::io(path.display()))?;
    }
    if tapes.is_empty() {
        return Err(Failure::usage("no tapes there: their names end in .jsonl"));
    }
    let (mut findings, mut unread) = (Vec::new(), 0_usize);
    for tape in &tapes {
        match verify_file(tape) {
            Ok(found) => {
                found.iter().try_for_each(|finding| print(finding, args.json))?;
                findings.extend(found);
            }
            Err(error) => {
                unread += 1;
                writeln!(io::stderr(), "{}", visible(&error.to_string()))?;
            }
        }
    }
    let errors = count(&findings, Severity::Error);
    writeln!(
        io::stderr(),
        "{} tapes verified: {errors} errors, {} warnings",
        tapes.len() - unread,
        count(&findings, Severity::Warning)
    )?;
    if unread > 0 {
        return Err(Failure::new(Exit::Io, format!("{unread} tapes could not be read")));
    }
    match errors {
        0 => Ok(()),
        _ => Err(Failure::new(exit_of(&findings), format!("{errors} errors in tapes"))),
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

/// A file as it is; of a directory, all tapes below it by their names, those
/// behind symbolic links left out.
fn collect(path: &Path, tapes: &mut Vec<PathBuf>) -> io::Result<()> {
    if !fs::metadata(path)?.is_dir() {
        tapes.push(path.to_owned());
        return Ok(());
    }
    let mut open = vec![path.to_owned()];
    while let Some(dir) = open.pop() {
        let mut entries = fs::read_dir(&dir)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (kind, path) = (entry.file_type()?, entry.path());
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|end| end == "jsonl") {
                tapes.push(path);
            }
        }
    }
    Ok(())
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
