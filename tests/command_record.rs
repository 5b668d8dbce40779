//! `bedrock-wire record` as its users meet it.
#![cfg(all(unix, feature = "cli"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use bedrock_wire::tape::Tape;

const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const PROMPT: &str = "What is a binary event stream? Three or four sentences, please.";
const SYSTEM: &str = "Be short and friendly.";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A directory that is gone with the test.
struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Self {
        let name = format!("bedrock-wire-command-record-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        Dir(path)
    }

    fn to(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The program with nothing of this machine's.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-wire"));
    command.env_clear().env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

fn signing(command: &mut Command) -> &mut Command {
    command
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
}

/// A server in a process of its own.
struct Running {
    child: Child,
    url: String,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(url) = line.trim_end().strip_prefix("listening on ") else {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("{line:?}: {said}");
        };
        Running { url: url.to_owned(), child }
    }

    fn replay() -> Self {
        let tape = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/text.tape.jsonl");
        Self::start(program().arg("replay").arg(tape).args(["--speed", "max"]))
    }

    /// Tells it to stop, and gives its exit code and what it said.
    fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have been stopped already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ask(url: &str, prompt: &str) -> Output {
    let mut command = program();
    let command = signing(&mut command);
    let command = command.args(["converse", "--model", MODEL, "--endpoint-url", url]);
    command.args(["--system", SYSTEM, "--max-tokens", "300", prompt]).output().unwrap()
}

fn said(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

#[test]
fn what_is_asked_is_recorded_and_played_without_an_upstream() {
    let (dir, upstream) = (Dir::new("there"), Running::replay());
    let mut command = program();
    let command = signing(&mut command).args(["record", "--to", dir.to()]);
    let proxy = Running::start(command.args(["--upstream", &upstream.url]));
    let first = ask(&proxy.url, PROMPT);
    assert!(said(&first).starts_with("A binary event stream is"), "{first:?}");
    assert!(!ask(&proxy.url, "something else").status.success());
    let (code, told) = proxy.stop("-INT");
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(told, format!("{}: 2 tapes written\n", dir.to()));
    drop(upstream);

    let names = dir.names();
    assert_eq!(names.len(), 2, "{names:?}");
    let start = "ConverseStream-anthropic.claude-sonnet-4-5-20250929-v1-0-";
    for name in &names {
        assert!(name.starts_with(start) && name.ends_with("-001.tape.jsonl"), "{name}");
        Tape::load(dir.0.join(name)).unwrap();
        let text = std::fs::read_to_string(dir.0.join(name)).unwrap();
        assert!(!text.contains(SECRET) && !text.contains("AKIDEXAMPLE"), "{text}");
    }

    // With no credentials, no region and no network.
    let mut command = program();
    let player = command.args(["record", "--to", dir.to(), "--mode", "none"]);
    let player = Running::start(player);
    assert_eq!(ask(&player.url, PROMPT).stdout, first.stdout);
    assert_eq!(ask(&player.url, "never asked").status.code(), Some(7));
    let (code, told) = player.stop("-TERM");
    assert_eq!(code, Some(0), "{told}");
    let expected = "0 tapes written, 1 answered from tapes, 1 without a tape\n";
    assert_eq!(told, format!("{}: {expected}", dir.to()));
}

#[test]
fn with_keys_of_ones_own_the_published_examples_are_good_no_more() {
    let (dir, upstream) = (Dir::new("keys"), Running::replay());
    let mut command = program();
    let command = signing(&mut command).args(["record", "--to", dir.to()]);
    let command = command.args(["--upstream", &upstream.url, "--api-key", "my-own-key-example"]);
    let proxy = Running::start(command);
    assert!(!ask(&proxy.url, PROMPT).status.success(), "AKIDEXAMPLE may not ask");
    let with_key = |key: &str| {
        let mut asking = program();
        let asking = asking.env("AWS_REGION", "us-east-1").env("AWS_BEARER_TOKEN_BEDROCK", key);
        let asking = asking.args(["converse", "--model", MODEL, "--endpoint-url", &proxy.url]);
        asking.args(["--system", SYSTEM, "--max-tokens", "300", PROMPT]).output().unwrap()
    };
    assert!(!with_key("bedrock-api-key-example").status.success());
    let answer = with_key("my-own-key-example");
    assert!(said(&answer).starts_with("A binary event stream is"), "{answer:?}");
    let (code, told) = proxy.stop("-TERM");
    assert_eq!((code, told), (Some(0), format!("{}: 1 tape written\n", dir.to())));

    let mut command = program();
    let command = signing(&mut command).args(["record", "--to", dir.to(), "--mode", "none"]);
    let own = ["--access-key-id", "AKIDEXAMPLE", "--secret-access-key", SECRET];
    let proxy = Running::start(command.args(own).args(["--session-token", "my-own-token"]));
    let mut asking = program();
    let asking = signing(&mut asking).env("AWS_SESSION_TOKEN", "my-own-token");
    let asking = asking.args(["converse", "--model", MODEL, "--endpoint-url", &proxy.url]);
    let answer = asking.args(["--system", SYSTEM, "--max-tokens", "300", PROMPT]).output().unwrap();
    assert!(answer.status.success(), "{answer:?}");
    assert!(!ask(&proxy.url, PROMPT).status.success(), "without the token");
}

#[test]
fn patterns_are_replaced_and_over_tls_it_is_the_same() {
    let (dir, upstream) = (Dir::new("tls"), Running::replay());
    let file = dir.0.with_extension("pem");
    let mut command = program();
    let command = signing(&mut command).args(["record", "--to", dir.to(), "--tls", "--tls-cert"]);
    let command = command.arg(&file).args(["--upstream", &upstream.url, "--mode", "all"]);
    let command = command.args(["--replace", "[Bb]inary", "ternary", "--http1-only"]);
    let proxy = Running::start(command);
    assert!(proxy.url.starts_with("https://127.0.0.1:"), "{}", proxy.url);
    let mut asking = program();
    let asking = signing(&mut asking).env("AWS_CA_BUNDLE", &file);
    let asking = asking.args(["converse", "--model", MODEL, "--endpoint-url", &proxy.url]);
    let answer = asking.args(["--system", SYSTEM, "--max-tokens", "300", PROMPT]).output().unwrap();
    std::fs::remove_file(&file).unwrap();
    assert!(said(&answer).starts_with("A binary event stream is"), "{answer:?}");
    let (code, told) = proxy.stop("-TERM");
    assert_eq!(code, Some(0), "{told}");
    let text = std::fs::read_to_string(dir.0.join(&dir.names()[0])).unwrap();
    assert!(text.contains("a ternary event stream") && !text.contains("inary e"), "{text}");
}

#[test]
fn what_is_wrong_has_its_exit_code_and_a_word_on_it() {
    let dir = Dir::new("wrong");
    let run = |arguments: &[&str]| {
        let output = program().args(["record", "--to"]).args(arguments).output().unwrap();
        assert!(output.stdout.is_empty(), "{output:?}");
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, told) = run(&[dir.to(), "--region", "no region"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("region"), "{told}");
    let (code, told) = run(&[dir.to(), "--profile", "not-there"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("not-there"), "{told}");
    let (code, told) = run(&[dir.to(), "--mode", "some"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("new_episodes"), "{told}");
    let none = dir.0.join("none");
    let (code, told) = run(&[none.to_str().unwrap(), "--mode", "none"]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("none"), "{told}");
    let (code, told) = run(&[dir.to(), "--mode", "none"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("no file in it ends in `.jsonl`"), "{told}");
    let (code, told) = run(&[dir.to(), "--mode", "none", "--listen", "0.0.0.0:0"]);
    assert_eq!(code, Some(2), "{told}");
    let (code, told) = run(&[dir.to(), "--replace", "(", "x"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("regular expression"), "{told}");
}

#[test]
fn a_tape_that_cannot_be_written_is_told_at_the_end_with_1() {
    let (dir, upstream) = (Dir::new("gone"), Running::replay());
    let mut command = program();
    let command = signing(&mut command).args(["record", "--to", dir.to()]);
    let proxy = Running::start(command.args(["--upstream", &upstream.url]));
    std::fs::remove_dir_all(&dir.0).unwrap();
    assert!(ask(&proxy.url, PROMPT).status.success(), "the client feels nothing of it");
    let (code, told) = proxy.stop("-INT");
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("0 tapes written, 1 not recorded\nnot recorded: "), "{told}");
    assert!(told.ends_with("1 exchanges are on no tape\n"), "{told}");
}
