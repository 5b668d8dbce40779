//! Writes the seeds to `corpus/`, one directory for each target.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs, io};

use bedrock_wire_fuzz::{TARGETS, seeds};

fn main() -> io::Result<()> {
    if env::var_os("BEDROCK_WIRE_CORPUS").is_none() {
        eprintln!("BEDROCK_WIRE_CORPUS is not set: the seeds are made from the fixtures alone");
    }
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (target, _) in TARGETS {
        fs::create_dir_all(corpus.join(target))?;
    }
    let mut counts = BTreeMap::new();
    for (target, seed) in seeds::all() {
        let number = counts.entry(target).or_insert(0);
        fs::write(corpus.join(target).join(format!("seed-{number:04}")), seed)?;
        *number += 1;
    }
    println!("seeds: {counts:?}");
    Ok(())
}
