//! What is counted and not timed, against a baseline: instructions and
//! allocations of the decode path, and of building a request.
//!
//! `cargo bench --no-default-features --bench counts`; with `-- --update` the
//! baseline is written anew, with `-- --allocations` allocations alone are
//! counted, which needs no valgrind.
//!
//! Counts are the same on every run, however busy the machine is, so a change
//! of a few per cent is a change of the code. Instructions are counted by
//! valgrind's callgrind, only within the work itself, and without those of
//! libc, `crc32fast` and `memchr`: which way these take depends on the CPU, and
//! on which one valgrind pretends to be. What is left depends on the compiler,
//! so with another one, or on another target, instructions are told and not
//! compared.
#![allow(missing_docs, reason = "a program")]
#![allow(clippy::unwrap_used, reason = "a bench fails by panicking")]

mod baseline;
mod callgrind;
#[path = "../work/mod.rs"]
mod work;

use std::alloc::System;
use std::process::ExitCode;

use baseline::{Baseline, Counts};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use work::{Arrival, Work};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Tells the program that it runs under callgrind, and which work to do.
const VARIABLE: &str = "BEDROCK_WIRE_COUNTED_WORK";

/// Every work, over what a plain clone has.
fn works() -> Vec<Work<'static>> {
    let fixtures = work::fixtures().streams;
    let messages = work::all_messages(&fixtures);
    let (unescaped, escaped): (Vec<_>, Vec<_>) =
        work::deltas(&messages).into_iter().partition(|m| !m.payload().contains(&b'\\'));
    let full = work::deltas(&work::all_messages(&work::escapes().streams));
    let events = work::stream_events(&fixtures);
    let arrivals = [
        ("16 KiB", Arrival::Pieces(16 * 1024)),
        ("1,400 bytes", Arrival::Pieces(1400)),
        ("a frame", Arrival::FrameByFrame),
    ];
    let mut works = Vec::new();
    for (name, arrival) in arrivals {
        let pieces = work::pieces(&fixtures, arrival);
        let over = |what, work| {
            let pieces = pieces.clone();
            Work::new(format!("{what}, {name}"), move || pieces.clone(), work)
        };
        works.push(over("decode", work::decode as fn(_) -> _));
        works.push(over("events", work::events));
    }
    works.push(Work::new("payloads without escapes", || (), move |()| work::read(&unescaped)));
    works.push(Work::new("payloads with escapes", || (), move |()| work::read(&escaped)));
    works.push(Work::new("payloads full of escapes", || (), move |()| work::read(&full)));
    works.push(Work::new("accumulate", || (), move |()| work::accumulate(&events)));
    for (name, work) in
        [("write a request", work::write as fn(&_) -> _), ("build a request", work::build)]
    {
        let request = work::request();
        works.push(Work::new(name, || (), move |()| work(&request)));
    }
    works.push(Work::new("encode", || (), move |()| work::encode_all(&messages)));
    works
}

fn main() -> ExitCode {
    let argument = |name: &str| std::env::args().any(|argument| argument == name);
    if let Ok(name) = std::env::var(VARIABLE) {
        let works = works();
        works.iter().find(|work| work.name == name).expect("a work of this name").run();
        return ExitCode::SUCCESS;
    }
    // `cargo test --benches`: that all of it runs, and no more.
    if argument("--test") {
        for work in works() {
            work.run();
        }
        return ExitCode::SUCCESS;
    }
    let with_instructions = !argument("--allocations");
    let mut baseline = Baseline::here();
    for work in works() {
        let counts = count(&work, with_instructions);
        baseline.counts.insert(work.name, counts);
    }
    if argument("--update") { baseline.save() } else { baseline.compare_with_saved() }
}

fn count(work: &Work<'_>, with_instructions: bool) -> Counts {
    // What is made once for the whole program is not counted.
    work.run();
    let ([before, after], items) = work.run_by(|| ALLOCATOR.stats());
    let change = after - before;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let each = |count: u64| count as f64 / items as f64;
    let instructions = with_instructions.then(|| callgrind::instructions(VARIABLE, &work.name));
    Counts {
        instructions: instructions.map(each),
        allocations: each((change.allocations + change.reallocations) as u64),
        allocated_bytes: each(change.bytes_allocated as u64),
    }
}
