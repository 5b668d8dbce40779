//! The scripts for shells, as the shells themselves read them.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

fn completions(shell: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bedrock-wire"))
        .env_clear()
        .args(["completions", shell])
        .output()
        .unwrap()
}

/// Whether the shell can read the script; `None` where there is no such shell.
fn is_valid(shell: &str, script: &[u8]) -> Option<bool> {
    let child = Command::new(shell)
        .arg("-n")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.ok()?;
    child.stdin.take().unwrap().write_all(script).unwrap();
    Some(child.wait().unwrap().success())
}

#[test]
fn every_shell_gets_a_script_with_every_command_in_it() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = completions(shell);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let script = std::str::from_utf8(&output.stdout).unwrap();
        for command in ["demo", "inspect", "timeline", "completions", "count-tokens", "any-body"] {
            assert!(script.contains(command), "{shell}: no {command}");
        }
        assert!(output.stderr.is_empty());
    }
}

#[test]
fn the_shells_that_are_here_can_read_their_scripts() {
    for shell in ["bash", "fish", "zsh"] {
        let script = completions(shell).stdout;
        let Some(valid) = is_valid(shell, &script) else {
            let _ = writeln!(std::io::stderr(), "skipped: {shell} is not here");
            continue;
        };
        assert!(valid, "{shell} cannot read it");
        let broken = [&script[..], b"\nif then (\n"].concat();
        assert_eq!(is_valid(shell, &broken), Some(false), "{shell} -n finds nothing");
    }
}

#[test]
fn another_shell_is_a_mistake_of_the_callers() {
    let output = completions("tcsh");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
}
