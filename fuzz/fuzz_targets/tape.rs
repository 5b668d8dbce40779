//! [`bedrock_wire_fuzz::tape::check`] under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bedrock_wire_fuzz::tape::check(data));
