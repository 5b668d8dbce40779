//! What a clean release build of a program that streams an answer takes, and
//! how large the program is.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use rustix::param::clock_ticks_per_second;

use crate::files;
use crate::hello::{self, Hello, OURS, OURS_ON_RING, SDK, SDK_TRIMMED};
use crate::table::{Goal, Row, Table};

const WITHOUT_US: &str = "the same dependencies, nothing in our place";

/// Builds each once, whatever the rounds: it takes minutes.
pub fn run(_rounds: usize) -> Vec<Table> {
    hello::fetch();
    let programs = [OURS, OURS_ON_RING, SDK_TRIMMED, SDK];
    let mut times = vec![of(OURS), of_nothing()];
    times.extend(programs[1..].iter().copied().map(of));
    let sizes = programs.map(|hello| {
        let program = fs::metadata(hello.program()).expect("it is built");
        Row::new(hello.name, vec![program.len() as f64 / 1024.0])
    });
    let goal = Goal::at_most_above("bedrock-wire", 25.0, WITHOUT_US);
    vec![
        Table::new("A clean release build of a streaming hello-world", "s of CPU", times)
            .goals([goal]),
        Table::new("That program, stripped", "KiB", sizes.into()),
    ]
}

fn of(hello: Hello) -> Row {
    timed(hello.name, &hello.target(), &mut hello.build())
}

fn of_nothing() -> Row {
    let folder = files::folder("hello/nothing");
    let manifest = hello::without_us(&folder);
    files::succeed(hello::cargo("fetch", &manifest).arg("--offline"));
    let mut command = hello::cargo("build", &manifest);
    let target = folder.join("target");
    command.args(["--locked", "--offline", "--profile", "hello", "--target-dir"]).arg(&target);
    timed(WITHOUT_US, &target, &mut command)
}

/// Runs a build from nothing, and says what it took, compilers and build
/// scripts included.
fn timed(name: &str, target: &Path, command: &mut Command) -> Row {
    if target.exists() {
        fs::remove_dir_all(target).expect("a folder of ours");
    }
    eprintln!("building from nothing: {name}");
    let (start, before) = (Instant::now(), cpu_of_children());
    let output = command.stdin(Stdio::null()).output().expect("cargo starts");
    let (elapsed, cpu) = (start.elapsed(), cpu_of_children() - before);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}: {told}", output.status);
    let crates = told.lines().filter(|line| line.trim_start().starts_with("Compiling")).count();
    Row::new(name, vec![cpu]).with("s", elapsed.as_secs_f64()).with("crates", crates as f64)
}

/// User and system time of all processes that this one has waited for, and
/// those that they have: proc(5), `cutime` and `cstime`.
fn cpu_of_children() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux has it");
    // The name before it may have spaces; what follows begins with the third field.
    let fields = stat.rsplit_once(") ").expect("a name").1;
    let ticks =
        fields.split(' ').skip(13).take(2).map(|ticks| ticks.parse::<f64>().expect("ticks"));
    ticks.sum::<f64>() / clock_ticks_per_second() as f64
}
