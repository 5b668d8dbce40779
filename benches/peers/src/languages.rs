//! Frames again, beside the decoders that AWS's clients for Python and
//! JavaScript have.
//!
//! Each runs in a process of its own and times itself; it has its turn in every
//! round as the others have.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::files;
use crate::frames;
use crate::mix::{self, Found};
use crate::table::Table;

/// Until what compiles as it goes has compiled.
const WARM_UP: usize = 30;

pub fn run(rounds: usize) -> Vec<Table> {
    let mix = mix::real();
    let pieces = mix.by_frame();
    let stream = files::folder("decoders").join("frames.bin");
    fs::write(&stream, &mix.bytes).unwrap_or_else(|error| panic!("{}: {error}", stream.display()));
    let mut found = Found::default();
    frames::decode(&pieces, |message| frames::note(&mut found, &message));
    let expected = found.finish();

    let mut comparison =
        frames::in_pieces(&mix, "a frame a piece, beside other languages", &pieces);
    for mut decoder in [python(&stream), javascript(&stream)] {
        let (name, frames) = (decoder.ask("name"), mix.frames() as f64);
        assert_eq!(decoder.ask("check"), expected, "{name}: the same frames");
        let mut round = move || decoder.ask("round").parse::<f64>().expect("nanoseconds") / frames;
        for _ in 0..WARM_UP {
            round();
        }
        comparison = comparison.timed_there(name, round);
    }
    vec![comparison.run(rounds)]
}

/// A process that decodes when it is told to.
struct Decoder {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Decoder {
    fn start(command: &mut Command) -> Self {
        let process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = process.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let orders = process.stdin.take().expect("it is piped");
        let answers = BufReader::new(process.stdout.take().expect("it is piped"));
        Decoder { process, orders, answers }
    }

    fn ask(&mut self, what: &str) -> String {
        writeln!(self.orders, "{what}").expect("it reads what it is to do");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("text");
        assert!(!line.is_empty(), "a decoder ended: what it said of that stands above");
        line.trim_end().to_owned()
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn python(stream: &Path) -> Decoder {
    let home = files::folder("decoders/python");
    let python = home.join("bin/python");
    let requirements = files::source("decoders/requirements.txt");
    files::once(&home, &requirements, || {
        files::succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home));
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
        files::succeed(Command::new(&python).args(install).arg(&requirements));
    });
    let script = files::source("decoders/botocore_decode.py");
    Decoder::start(Command::new(python).arg(script).arg(stream))
}

fn javascript(stream: &Path) -> Decoder {
    let home = files::folder("decoders/javascript");
    let lock = files::source("decoders/package-lock.json");
    files::once(&home, &lock, || {
        for name in ["package.json", "package-lock.json", ".npmrc"] {
            files::copy(&files::source("decoders").join(name), &home.join(name));
        }
        let install = ["ci", "--no-audit", "--no-fund", "--loglevel", "error"];
        files::succeed(Command::new("npm").args(install).current_dir(&home));
    });
    // Modules are looked for from where the script is.
    let script = home.join("smithy_decode.mjs");
    files::copy(&files::source("decoders/smithy_decode.mjs"), &script);
    Decoder::start(Command::new("node").arg("--no-warnings").arg(script).arg(stream))
}
