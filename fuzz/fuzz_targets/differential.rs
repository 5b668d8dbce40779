//! [`bedrock_wire_fuzz::differential::check`] under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bedrock_wire_fuzz::differential::check(data));
