//! The counts that are kept, and how new ones compare.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use serde::{Deserialize, Serialize};

/// By how much a count may be over that of the baseline.
const TOLERANCE: f64 = 0.03;

/// Allocations an item that are no change: how the counted items fall.
const FEWEST: f64 = 0.001;

/// What was counted, and with what.
#[derive(Serialize, Deserialize)]
pub(crate) struct Baseline {
    /// Release of the compiler, and the target.
    compiler: String,
    /// By the name of the work, for one item: a frame, an event, a payload.
    pub(crate) counts: BTreeMap<String, Counts>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// None where they were not counted.
    pub(crate) instructions: Option<f64>,
    pub(crate) allocations: f64,
    pub(crate) allocated_bytes: f64,
}

impl Baseline {
    /// With no counts yet.
    pub(crate) fn here() -> Self {
        let output = Command::new("rustc").arg("-vV").output().expect("rustc can be run");
        let output = String::from_utf8(output.stdout).expect("rustc writes UTF-8");
        let field = |name: &str| output.lines().find_map(|line| line.strip_prefix(name));
        let (release, host) = (field("release: "), field("host: "));
        let compiler = format!("{} {}", release.unwrap_or("?"), host.unwrap_or("?"));
        Self { compiler, counts: BTreeMap::new() }
    }

    fn path() -> PathBuf {
        [env!("CARGO_MANIFEST_DIR"), "benches", "counts", "baseline.json"].iter().collect()
    }

    pub(crate) fn save(mut self) -> ExitCode {
        let round = |count: f64| (count * 1000.0).round() / 1000.0;
        for counts in self.counts.values_mut() {
            counts.instructions = counts.instructions.map(round);
            counts.allocations = round(counts.allocations);
            counts.allocated_bytes = round(counts.allocated_bytes);
        }
        let json = serde_json::to_string_pretty(&self).expect("plain data") + "\n";
        std::fs::write(Self::path(), json).expect("the baseline can be written");
        println!("wrote {}", Self::path().display());
        ExitCode::SUCCESS
    }

    /// Prints every count beside the saved one. Fails where one is over it.
    pub(crate) fn compare_with_saved(&self) -> ExitCode {
        let saved = std::fs::read(Self::path()).expect("the baseline can be read");
        let saved: Self = serde_json::from_slice(&saved).expect("the baseline is one");
        let same_compiler = saved.compiler == self.compiler;
        let (mut over, mut under) = (Vec::new(), 0);
        println!("{:<28}{:>34}{:>28}{:>30}", "one item", "instructions", "allocations", "bytes");
        for (name, now) in &self.counts {
            let Some(before) = saved.counts.get(name) else {
                over.push(format!("{name}: not in the baseline"));
                continue;
            };
            let kinds = [
                ("instructions", now.instructions, before.instructions, 1.0),
                ("allocations", Some(now.allocations), Some(before.allocations), FEWEST),
                ("bytes allocated", Some(now.allocated_bytes), Some(before.allocated_bytes), 1.0),
            ];
            let mut line = format!("{name:<28}");
            for (kind, now, before, least) in kinds {
                let (Some(now), Some(before)) = (now, before) else { continue };
                let _ = write!(line, "{now:>18.3} ({before:.3} before)");
                if kind == "instructions" && !same_compiler {
                    continue;
                }
                if now > before * (1.0 + TOLERANCE) + least {
                    over.push(format!("{name}: {now:.3} {kind} an item, {before:.3} before"));
                }
                under += usize::from(now < before * (1.0 - TOLERANCE) - least);
            }
            println!("{line}");
        }
        if !same_compiler {
            println!(
                "\ninstructions are not compared: the baseline is of {}, this is {}",
                saved.compiler, self.compiler
            );
        }
        if under > 0 {
            println!("\n{under} counts are over 3% better: keep that with `-- --update`");
        }
        if over.is_empty() {
            return ExitCode::SUCCESS;
        }
        println!("\nover the baseline by more than 3%:");
        println!("  {}", over.join("\n  "));
        println!(
            "If that is meant, write the baseline anew: cargo bench --no-default-features --bench counts -- --update"
        );
        ExitCode::FAILURE
    }
}
