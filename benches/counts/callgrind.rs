//! This program under callgrind, and what it wrote.

use std::process::{Command, Stdio};

/// Instructions of one run of the work `name`, in which this program does the
/// work that `variable` names.
pub(crate) fn instructions(variable: &str, name: &str) -> u64 {
    let out = std::env::temp_dir().join(format!("bedrock-wire-counts-{}", std::process::id()));
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--toggle-collect=counts::work::counted*"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe().unwrap())
        .env(variable, name)
        .stdout(Stdio::null())
        .status();
    let status = status.unwrap_or_else(|error| {
        panic!("valgrind cannot be run: {error}; install it, or count with `-- --allocations`")
    });
    assert!(status.success(), "valgrind ended with {status} over {name:?}");
    let profile = std::fs::read_to_string(&out).unwrap();
    std::fs::remove_file(&out).unwrap();
    let total = counted(&profile);
    assert!(total > 0, "callgrind saw nothing of {name:?}: is the program stripped?");
    total
}

/// The instructions in a profile, but for those that depend on the CPU.
///
/// The format is a list of lines: `ob=` and `fn=` say where the costs behind
/// them belong, each name in full once and then by its number; a cost is a
/// position and a count; and the one behind `calls=` is that of the callee,
/// which stands where that is.
fn counted(profile: &str) -> u64 {
    let (mut objects, mut functions) = (Names::default(), Names::default());
    let (mut total, mut of_callee) = (0, false);
    for line in profile.lines() {
        if let Some(object) = line.strip_prefix("ob=") {
            objects.enter(object);
        } else if let Some(function) = line.strip_prefix("fn=") {
            functions.enter(function);
        } else if let Some(object) = line.strip_prefix("cob=") {
            objects.learn(object);
        } else if let Some(function) = line.strip_prefix("cfn=") {
            functions.learn(function);
        } else if line.starts_with("calls=") {
            of_callee = true;
        } else if line.starts_with(|c: char| c.is_ascii_digit() || "+-*".contains(c)) {
            let cost: u64 = line.split(' ').nth(1).and_then(|cost| cost.parse().ok()).unwrap_or(0);
            if !of_callee && !depends_on_the_cpu(objects.current(), functions.current()) {
                total += cost;
            }
            of_callee = false;
        }
    }
    total
}

fn depends_on_the_cpu(object: &str, function: &str) -> bool {
    let file = object.rsplit('/').next().unwrap_or_default();
    let library = file.starts_with("libc.") || file.starts_with("libc-") || file.starts_with("ld-");
    library || function.contains("crc32fast::") || function.contains("memchr::")
}

/// Names that stand once as `(3) name` and then as `(3)`.
#[derive(Default)]
struct Names {
    known: std::collections::HashMap<String, String>,
    current: String,
}

impl Names {
    fn enter(&mut self, reference: &str) {
        self.current = self.learn(reference);
    }

    fn learn(&mut self, reference: &str) -> String {
        let (id, name) = reference.split_once(' ').unwrap_or((reference, ""));
        if !name.is_empty() {
            self.known.insert(id.to_owned(), name.to_owned());
        }
        self.known.get(id).cloned().unwrap_or_default()
    }

    fn current(&self) -> &str {
        &self.current
    }
}
