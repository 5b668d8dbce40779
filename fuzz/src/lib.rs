//! What holds for any bytes whatever: one function for each fuzz target.
//!
//! A check panics where a promise is broken. It takes its bytes from anywhere:
//! libFuzzer gives them to the targets in `fuzz_targets/`, and
//! `tests/seeds.rs` gives it the seeds.

pub mod accumulator;
pub mod decoder;
pub mod differential;
pub mod encoder;
pub mod error_body;
pub mod event;
pub mod headers;
pub mod seal;
pub mod seeds;
pub mod signature;
pub mod tape;

mod bytes;
mod head;
mod loss;
mod reference;

/// A check of any bytes.
pub type Check = fn(&[u8]);

/// Every target's name and its check.
pub const TARGETS: [(&str, Check); 12] = [
    ("decoder_raw", decoder::raw),
    ("decoder_sealed", decoder::sealed),
    ("decoder_pieces", decoder::pieces),
    ("decoder_warm", decoder::warm),
    ("headers", headers::check),
    ("encoder", encoder::check),
    ("event", event::check),
    ("accumulator", accumulator::check),
    ("tape", tape::check),
    ("error_body", error_body::check),
    ("signature", signature::check),
    ("differential", differential::check),
];
